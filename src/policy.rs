//! The tree of a policy document as a typed model, in AWS's own words.
//!
//! Every element knows its span and whether it was written as a string or a list. What has the
//! wrong shape is reported and left out; the model holds what could be read. What a policy may say
//! depends on its kind, so those checks are rules of `lint`.

mod action;
mod arn;
mod condition;
mod element;
mod hole;
pub(crate) mod marks;
mod principal;
pub mod quota;
mod resource;
mod statement;
pub mod template;

pub use action::Action;
pub(crate) use arn::is_account_id;
pub use arn::{Arn, PARTITIONS};
pub use condition::{Operator, SetOperator, Test, TestKind};
pub use element::{Element, Value, Values};
pub use hole::{Gives, Hole, HolePlace, Part, TextHole};
pub(crate) use principal::{OIDC_PROVIDER, SAML_PROVIDER, provider_after, provider_has};
pub use principal::{Principal, PrincipalElement, PrincipalEntry, PrincipalType, can_call};
pub use resource::Resource;
pub(crate) use statement::ELEMENTS;
pub use statement::{Effect, Statement};

use element::Place;
pub(crate) use element::is_function_name;
use template::{Choice, Settled, Template};

use crate::diagnostic::Diagnostic;
use crate::parse::{self, Node};
use crate::placeholder::is_filled_in;
use crate::span::Span;

/// The current policy language, in which `${…}` is a policy variable.
pub const VERSION_2012: &str = "2012-10-17";
/// The older one, which also holds where there is no `Version`.
pub const VERSION_2008: &str = "2008-10-17";

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The whole object.
    pub span: Span,
    /// `Version`
    pub version: Option<Value>,
    /// `Id`
    pub id: Option<Value>,
    /// `Statement`, in order.
    pub statements: Vec<Statement>,
    /// Whether `Statement` is a list; one statement alone may stand there as an object.
    pub statement_list: bool,
    /// The value of `Statement`.
    pub statement_span: Option<Span>,
    /// What decides which policy it will be, as far as that was left open in reading it.
    pub choices: Vec<Choice>,
}

impl Policy {
    /// Reads the policy at `tree`. The problems are those of shape, whatever the kind of policy.
    pub fn read(tree: &Node, text: &str) -> (Policy, Vec<Diagnostic>) {
        Policy::read_in(tree, text, &Template::default(), &Settled::default())
    }

    /// Reads a policy of a template, of which some choices are settled. What is left open is a hole, and listed in
    /// [`choices`](Self::choices) if it can be settled.
    pub fn read_in(
        tree: &Node,
        text: &str,
        template: &Template,
        settled: &Settled,
    ) -> (Policy, Vec<Diagnostic>) {
        let mut reader =
            Reader { text, template, settled, problems: Vec::new(), reported: 0, choices: Vec::new() };
        let mut policy = reader.policy(tree);
        policy.choices = reader.choices;
        (policy, reader.problems)
    }

    /// Reads one statement that stands alone, with its problems of shape.
    pub fn read_statement(tree: &Node, text: &str) -> (Statement, Vec<Diagnostic>) {
        Policy::read_statement_in(tree, text, &Template::default())
    }

    /// The same of a statement that is to go into a template: what it refers to is defined there.
    pub fn read_statement_in(tree: &Node, text: &str, template: &Template) -> (Statement, Vec<Diagnostic>) {
        let settled = Settled::default();
        let mut reader = Reader {
            text,
            template,
            settled: &settled,
            problems: Vec::new(),
            reported: 0,
            choices: Vec::new(),
        };
        if !matches!(tree.value, parse::Value::Object(_)) {
            reader.wrong_type("a statement", "an object", tree);
        }
        let statement = reader.statement(tree, 0);
        (statement, reader.problems)
    }

    /// A policy of which nothing is known; `label` names to a person why.
    pub(crate) fn unknown(span: Span, label: &str) -> Policy {
        let name: Box<str> = label.into();
        let hole = Hole { place: HolePlace::Statement, name: name.clone(), label: name.clone(), span };
        let statement = Statement { holes: vec![hole], unread: Some(name), ..Statement::empty(span, 0) };
        Policy { span, statements: vec![statement], ..Policy::default() }
    }

    /// Whether `${…}` is a policy variable here, and not plain text.
    pub fn has_variables(&self) -> bool {
        self.version.as_ref().is_some_and(|version| version.text == VERSION_2012)
    }
}

/// The most problems of shape of one policy that are reported.
const MAX_PROBLEMS: usize = 1_000;

/// Reads nodes and collects what is wrong with them.
struct Reader<'t> {
    text: &'t str,
    template: &'t Template,
    settled: &'t Settled,
    /// The first of them.
    problems: Vec<Diagnostic>,
    /// How many there were.
    reported: usize,
    choices: Vec<Choice>,
}

impl Reader<'_> {
    fn report(&mut self, problem: Diagnostic) {
        self.reported += 1;
        match self.reported {
            0..MAX_PROBLEMS => self.problems.push(problem),
            MAX_PROBLEMS => {
                let message = format!("{}; there are more problems, these are the first", problem.message);
                self.problems.push(Diagnostic { message, ..problem });
            }
            _ => {}
        }
    }

    fn wrong_type(&mut self, what: &str, wanted: &str, node: &Node) {
        // What the parser could not read was reported there.
        if !matches!(node.value, parse::Value::Error) {
            let message = format!("{what} must be {wanted}, not {}", node.type_name());
            self.report(Diagnostic::new("wrong-type", node.span, message));
        }
    }

    fn policy(&mut self, tree: &Node) -> Policy {
        let mut policy = Policy { span: tree.span, ..Policy::default() };
        // A policy that a template chooses whole.
        let Some(tree) = self.settled(tree) else { return policy };
        policy.span = tree.span;
        if element::is_intrinsic(tree, self.text) {
            policy.statements.push(self.unknown_statement(tree, 0));
            return policy;
        }
        if !matches!(tree.value, parse::Value::Object(_)) {
            self.wrong_type("a policy", "an object", tree);
            return policy;
        }
        let bare_statement = self.is_bare_statement(tree);
        let mut unknown = Vec::new();
        for member in tree.members() {
            let name = member.key.text(self.text);
            let Some(value) = self.settled(&member.value) else { continue };
            match &*name {
                "Version" => policy.version = self.version(value),
                "Id" => policy.id = self.string("`Id`", value, Place::Other),
                "Statement" => self.statements(value, &mut policy),
                // A function that brings elements of its own, such as `Fn::Transform`.
                name if is_function_name(name) => unknown.push(&member.value),
                // That there is no policy around it is said once, not at each element.
                name if bare_statement && statement::ELEMENTS.contains(&name) => {}
                _ => {
                    self.unknown_element(&name, member.key.span, &["Version", "Id", "Statement"], "a policy")
                }
            }
        }
        if policy.statement_span.is_none() && unknown.is_empty() {
            self.missing_statement(tree);
        }
        for node in unknown {
            let statement = self.unknown_statement(node, policy.statements.len());
            policy.statements.push(statement);
        }
        // `Version` may stand behind the statements.
        let variables = policy.has_variables();
        if let Some(hole) = policy.version.as_ref().and_then(|version| version.hole.as_ref()) {
            // Whether `${` begins a variable is not known either.
            let depends = |one: &&mut Statement| {
                one.may_have_variable() || !one.is_complete() && one.span.slice(self.text).contains("${")
            };
            for statement in policy.statements.iter_mut().filter(depends) {
                *statement = statement.unknown_by(hole, self.text);
            }
        }
        policy.statements.iter_mut().for_each(|statement| statement.variables = variables);
        policy
    }

    fn missing_statement(&mut self, tree: &Node) {
        let misspelt = tree.members().iter().find(|member| {
            let name = member.key.text(self.text);
            name.eq_ignore_ascii_case("Statement") || name == "Statements"
        });
        let open = Span::new(tree.span.start as usize, tree.span.start as usize + 1);
        let span = misspelt.map_or(open, |member| member.key.span);
        let problem = Diagnostic::new("missing-statement", span, "the policy has no `Statement`");
        self.report(problem.help(match self.is_bare_statement(tree) {
            true => r#"this is one statement: write {"Version": "2012-10-17", "Statement": [ … ]} around it"#,
            false => r#"a policy is {"Version": "2012-10-17", "Statement": [ … ]}"#,
        }));
    }

    /// Whether this is a statement where a policy belongs.
    fn is_bare_statement(&self, tree: &Node) -> bool {
        tree.get(self.text, "Statement").is_none() && tree.get(self.text, "Effect").is_some()
    }

    fn version(&mut self, node: &Node) -> Option<Value> {
        let version = self.string("`Version`", node, Place::Name)?;
        if !version.is_hole() && ![VERSION_2008, VERSION_2012].contains(&version.text.as_str()) {
            let message = format!("`{}` is no version of the policy language", version.text);
            let help =
                format!("write \"{VERSION_2012}\", the current version; it is not a date to be updated");
            self.report(Diagnostic::new("invalid-version", node.span, message).help(help));
        }
        Some(version)
    }

    fn statements(&mut self, node: &Node, policy: &mut Policy) {
        policy.statement_span = Some(node.span);
        policy.statements.clear();
        policy.statement_list = false;
        match &node.value {
            parse::Value::Object(_) => policy.statements.push(self.slot(node, 0)),
            parse::Value::Array(items) => {
                policy.statement_list = true;
                if items.is_empty() {
                    let problem =
                        Diagnostic::new("missing-statement", node.span, "the policy has no statement");
                    self.report(problem.help("AWS refuses an empty `Statement`; delete the policy instead"));
                }
                for (place, item) in items.iter().enumerate() {
                    if let Some(item) = self.settled(item) {
                        let statement = self.slot(item, policy.statements.len());
                        policy.statements.push(Statement { number: place + 1, ..statement });
                    }
                }
            }
            _ => {
                self.wrong_type("`Statement`", "a list of statements", node);
                policy.statements.push(self.unknown_statement(node, 0));
            }
        }
    }

    /// What stands in the place of a statement.
    fn slot(&mut self, node: &Node, index: usize) -> Statement {
        let is_function = |member: &parse::Member| is_function_name(&member.key.text(self.text));
        match node.value {
            parse::Value::Object(_) if !node.members().iter().any(is_function) => self.statement(node, index),
            parse::Value::Object(_) => self.unknown_statement(node, index),
            _ => {
                // Another tool puts statements in place of such a text.
                if !node.text(self.text).is_some_and(|text| is_filled_in(&text)) {
                    self.wrong_type("a statement", "an object", node);
                }
                self.unknown_statement(node, index)
            }
        }
    }

    /// A name that has no meaning in this place; the right spelling if only that is wrong.
    fn unknown_element(&mut self, name: &str, span: Span, known: &[&str], place: &str) {
        let problem = Diagnostic::new("unknown-element", span, format!("`{name}` is no element of {place}"));
        let spelled = known.iter().find(|known| known.eq_ignore_ascii_case(name));
        self.report(match spelled {
            Some(known) => problem.help(format!("names are case-sensitive: write \"{known}\"")),
            None => match nearest(name, known) {
                Some(known) => problem.help(format!("did you mean \"{known}\"?")),
                None => problem.help(format!("the elements are {}", known.join(", "))),
            },
        });
    }
}

/// The known name that is nearest to a misspelt one.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| (crate::spelling::distance(&known.to_lowercase(), &name.to_lowercase()), *known))
        .filter(|&(distance, known)| distance <= 2 && distance < known.len() / 2)
        .min()
        .map(|(_, known)| known)
}
