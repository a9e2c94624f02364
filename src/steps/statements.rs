//! New statements, ready to be merged.

use super::fill;
use super::pack::{Pack, Step, StepDocument};
use super::value::{Missing, Values};
use super::{Packs, StepError};
use crate::document::{Document, Hints, open_policy};
use crate::edit;
use crate::parse::{self, Node, Value};
use crate::placeholder::{Unfilled, unfilled};
use crate::policy::{ELEMENTS, Policy, Statement};
use crate::source::Source;

/// The statements that one `--add` asks for.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The step, or the file.
    pub name: String,
    /// One line on what it does.
    pub title: String,
    /// Whether polmerge ships the statements.
    pub shipped: bool,
    /// The statements.
    pub statements: Vec<NewStatement>,
}

/// One statement that is to be there.
#[derive(Clone, Debug)]
pub struct NewStatement {
    /// Its JSON text, values filled in.
    pub text: String,
    /// The tree of that text.
    pub tree: Node,
    /// The statement.
    pub statement: Statement,
}

impl NewStatement {
    /// Reads the text of one statement. With `variables`, `${…}` in it is a policy variable.
    ///
    /// # Errors
    /// What is wrong, in words, if it is no statement.
    pub fn read(text: String, variables: bool) -> Result<Self, String> {
        let parsed = parse::parse(&text);
        if let Some(problem) = parsed.problems.first() {
            return Err(problem.kind.message().to_owned());
        }
        let (mut statement, problems) = Policy::read_statement(&parsed.tree, &text);
        if let Some(problem) = problems.first() {
            return Err(problem.message.clone());
        }
        statement.variables = variables;
        Ok(NewStatement { text, tree: parsed.tree, statement })
    }

    /// The statement as one of a document, whose template may define what it refers to.
    pub fn in_document(&self, document: &Document) -> Self {
        let mut statement = document.read_statement(&self.tree, &self.text);
        statement.variables = self.statement.variables;
        NewStatement { statement, ..self.clone() }
    }

    /// What was meant to be replaced by the reader of the guide that it is from, but not in its Sid.
    pub fn placeholders(&self) -> Vec<Unfilled> {
        let elements = self.tree.members().iter().filter(|member| member.key.text(&self.text) != "Sid");
        let mut found: Vec<Unfilled> = Vec::new();
        for element in elements {
            element.value.each_string(&mut |span| {
                for one in unfilled(&parse::unescape(&self.text, span).text) {
                    if !found.contains(&one) {
                        found.push(one);
                    }
                }
            });
        }
        // Whatever else is read as not known, as the `%s` of a format string or a template function.
        for (label, _) in self.statement.unknowns() {
            let known = found.iter().any(|one| one.text().contains(label) || label.contains(one.text()));
            if !known {
                found.push(Unfilled::Placeholder(label.to_owned()));
            }
        }
        found
    }

    /// The same in a template of CloudFormation: what its functions fill in is not for the reader of a guide.
    pub fn placeholders_beside_functions(&self) -> Vec<Unfilled> {
        let mut found: Vec<Unfilled> = Vec::new();
        for value in self.statement.values().filter(|value| !value.is_function()) {
            let label = value.hole.iter().map(|hole| Unfilled::Placeholder(hole.label.to_string()));
            for one in unfilled(&value.text).into_iter().chain(label) {
                if !found.iter().any(|known| known.text().contains(one.text())) {
                    found.push(one);
                }
            }
        }
        found
    }

    /// Whether it uses a policy variable, so that the policy must have a `Version` that knows them.
    pub fn uses_variables(&self) -> bool {
        let elements = self.statement.resource.iter().flat_map(|element| &element.values.items);
        let values = self.statement.conditions.iter().flat_map(|test| &test.values.items);
        self.statement.variables && elements.chain(values).any(|value| value.text.contains("${"))
    }
}

impl Addition {
    /// The statements of a step's document, with their values. Tokens without a value are given
    /// back in place of it, all of them.
    ///
    /// # Errors
    /// If the step's own text is no statement.
    pub fn of_step<'p>(
        packs: &'p Packs,
        (pack, step): (&Pack, &Step),
        document: &StepDocument,
        variant: Option<&str>,
        values: &Values,
    ) -> Result<Result<Self, Vec<Missing<'p>>>, StepError> {
        let mut statements = Vec::new();
        let mut missing = Vec::new();
        for text in document.texts(variant) {
            match filled(packs, text, true, values, &mut missing) {
                Ok(statement) => statements.push(statement),
                Err(reason) => {
                    let file = format!("{}.json", step.name);
                    return Err(StepError::Malformed { file, what: "step", reason });
                }
            }
        }
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let (name, title, shipped) = (step.name.clone(), step.title.clone(), pack.shipped);
        Ok(Ok(Addition { name, title, shipped, statements }))
    }

    /// The statements of a file: a policy, a list of statements, or one statement.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn of_file<'p>(
        packs: &'p Packs,
        source: &Source,
        values: &Values,
    ) -> Result<Result<Self, Vec<Missing<'p>>>, StepError> {
        let name = source.name().to_owned();
        let malformed = |reason: String| StepError::Malformed {
            file: name.clone(),
            what: "policy, list of statements or statement",
            reason,
        };
        let document = open_policy(Source::new(&name, source.text()), &Hints::default());
        let text = document.text();
        if let Some(problem) = document
            .problems
            .iter()
            .find(|problem| ["json-syntax", "duplicate-member"].contains(&problem.rule))
        {
            let place = document.source().place(document.in_file(problem.span));
            return Err(malformed(format!("{place}: {}", problem.message)));
        }
        let tree = &document.tree;
        let (nodes, variables): (Vec<&Node>, bool) = match (&tree.value, tree.get(text, "Statement")) {
            (Value::Array(items), _) => (items.iter().collect(), true),
            (Value::Object(_), Some(statement)) => (
                match &statement.value {
                    Value::Array(items) => items.iter().collect(),
                    _ => vec![statement],
                },
                document.policy.has_variables(),
            ),
            (Value::Object(_), None) if is_statement(tree, text) => (vec![tree], true),
            _ => {
                let holds = crate::document::open(Source::new(&name, source.text()), &Hints::default())
                    .documents
                    .len();
                return Err(malformed(match holds {
                    0 => format!("it is {} without a `Statement`", tree.type_name()),
                    1 => "its policy is inside another document; write the policy into a file of its own"
                        .to_owned(),
                    several => format!(
                        "it holds {several} policies; write the one that is meant into a file of its own"
                    ),
                }));
            }
        };
        if nodes.is_empty() {
            return Err(malformed("it has no statement".to_owned()));
        }
        let (mut statements, mut missing) = (Vec::new(), Vec::new());
        for node in nodes {
            let statement = filled(packs, node.span.slice(text), variables, values, &mut missing);
            statements.push(statement.map_err(|reason| {
                // At its place in the file, unless it is a value that is wrong.
                let problem = Policy::read_statement(node, text).1.into_iter().next();
                let (span, reason) =
                    problem.map_or((node.span, reason), |problem| (problem.span, problem.message));
                malformed(format!("{}: {reason}", document.source().place(document.in_file(span))))
            })?);
        }
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        Ok(Ok(Addition { title: "statements of your own".to_owned(), name, shipped: false, statements }))
    }
}

/// Whether an object is a statement without a policy around it, be it a whole one or not.
fn is_statement(tree: &Node, text: &str) -> bool {
    ELEMENTS.iter().any(|name| tree.get(text, name).is_some())
}

/// A statement's text with every token replaced; those without a value go to `missing`, once each.
fn filled<'p>(
    packs: &'p Packs,
    text: &str,
    variables: bool,
    values: &Values,
    missing: &mut Vec<Missing<'p>>,
) -> Result<NewStatement, String> {
    let tree = parse::parse(text).tree;
    let edits = fill::edits(&tree, text, |token| values.get(packs, token).map(|used| used.value.clone()));
    let text = edit::apply(text, &edits);
    for (token, _) in fill::leftovers(&parse::parse(&text).tree, &text) {
        note_missing(packs, &token, missing);
    }
    NewStatement::read(text, variables)
}

/// Adds a token without a value to the list, unless it or an alias is there.
pub(super) fn note_missing<'p>(packs: &'p Packs, token: &str, missing: &mut Vec<Missing<'p>>) {
    let canonical = packs.canonical(token);
    if !missing.iter().any(|other| packs.canonical(&other.token) == canonical) {
        let parameter = packs.parameter(token).map(|(_, parameter)| parameter);
        missing.push(Missing { parameter, token: token.to_owned() });
    }
}
