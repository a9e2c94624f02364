//! A policy as commands, editor and library all hold it: its text, tree and model, and where it
//! stands in its file.

mod attachment;
mod body;
mod defaults;
mod edits;
mod elsewhere;
mod kind;
mod makers;
mod plan;
mod principals;
mod reading;
mod size;
mod surroundings;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kind::{Inline, Kind};
use crate::locate::{self, Form, Found};
use crate::parse::{self, Comment, Escaped, Member, Members, Node, Parsed, Problem, Value, Yaml};
use crate::policy::template::{self, Around, Case, Choice, Settled, Surrounding, Template};
use crate::policy::{self, Policy, Statement};
use crate::source::Source;
use crate::span::Span;

use attachment::Attachment;
use body::{Body, Writing};
pub use edits::Uneditable;
pub use kind::Because;
use kind::decide;
pub use makers::{Gives, Maker};
pub use principals::details::{Counting, Details, other_owner};
pub use principals::{Boundary, Held, Principal};
use reading::Reading;
pub use size::Used;
use surroundings::{Surroundings, is_tags};

/// What is known of a policy besides its text.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The kind, from the command line: it decides.
    pub kind: Option<Kind>,
    /// The kind for this file, from the configuration: it counts if the file itself does not tell.
    pub configured: Option<Kind>,
    /// The ARN of what the policy is attached to.
    pub resource: Option<String>,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Document {
    source: Arc<Source>,
    /// Its pointer is that from the file's root.
    found: Found,
    /// Whether the file holds other policies.
    one_of_several: bool,
    /// How long the inline policies of the same identity are that come before it in the file.
    inline_before: usize,
    /// The part of the file that it is in, if that is read by itself.
    body: Option<Arc<Body>>,
    /// The tree of the file or part, if it is YAML.
    yaml: Option<Arc<Yaml>>,
    /// The policy's own text where that is written as a string in the file or in a part of it, or in YAML.
    decoded: Option<Escaped>,
    /// The tree of the policy.
    pub tree: Node,
    /// The policy.
    pub policy: Policy,
    /// Its kind.
    pub kind: Kind,
    /// How the kind is known.
    pub because: Because,
    /// The ARN of what the policy is attached to, if it is known.
    pub resource: Option<String>,
    /// What is wrong with its syntax and shape.
    pub problems: Vec<Diagnostic>,
    /// Whether its syntax is such that the rest of the text is likely to be misread.
    pub is_garbled: bool,
    /// What the file defines of the names that functions in the policy use.
    template: Arc<Template>,
    /// What decides whether the policy is there, and what may rewrite it.
    around: Vec<Around>,
    /// What tells the rest of its file from others, where names in the policy may be defined there in a way that is not
    /// read.
    elsewhere: Option<(u64, u64)>,
    /// What it is attached to, as far as its file says.
    attachments: Option<Vec<Attachment>>,
    /// What the resource is called that it is written in.
    holder: Vec<Attachment>,
    /// What is beside it in a file that is no template.
    surroundings: Surroundings,
    /// Whether it is one of several that nothing tells apart, of which some came or went.
    is_one_of_alike: bool,
    /// Whether the other version of the file has not even the resource that the policy limits.
    is_alone: bool,
    /// The resource that it is written in.
    owner_resource: Option<attachment::Owner>,
    /// Whether its statements are no longer those of its text.
    replaced: bool,
    /// What is settled of its template.
    settled: Settled,
    /// The resource that it is written in, and what keeps that in the account once its template no longer has it.
    retained: Option<(String, String)>,
    /// What keeps it in the account although it is no longer in the newer version of its file.
    kept: Option<String>,
}

/// A statement that hardly a rule can judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnalyzed {
    /// How to name to a person what is not known: `Ref Who`.
    pub label: String,
    /// Where that is.
    pub span: Span,
    /// Whether nothing of the statement is known.
    pub is_whole: bool,
}

/// What a policy will be in one case.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The policy, with the choices settled.
    pub document: Document,
    /// What is settled.
    pub case: Case,
    /// Whether the template leaves the policy in: if not, the document is what holds where there is none.
    pub is_there: bool,
}

/// When a template creates a policy, if not always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In some cases: "if `IsProd` is true".
    Sometimes(String),
    /// In none, and why.
    Never(String),
}

impl std::fmt::Display for Presence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Presence::Sometimes(clause) => write!(f, "the template creates this policy only {clause}"),
            Presence::Never(why) => write!(f, "the template never creates this policy: {why}"),
        }
    }
}

/// The rule by which statements that are in no policy are reported.
const UNREAD: &str = "unread-statements";

/// What a file holds.
#[derive(Clone, Debug)]
pub struct File {
    /// The file.
    pub source: Arc<Source>,
    /// What is wrong with the syntax of the file itself. Also in the problems of its policies, if those
    /// are written in the file as they are.
    pub problems: Vec<Problem>,
    /// What is wrong with templates that stand in strings of it, and cannot be read. The rest of the file can.
    pub inner_problems: Vec<Problem>,
    /// Its policies.
    pub documents: Vec<Document>,
    /// Where there are statements that are in none of its policies, so that nothing else is said of them.
    pub unread: Vec<Span>,
    /// What may add policies, and rewrites none of those that were found.
    pub makers: Vec<Maker>,
    /// What gives access by the names of policies, which are not read.
    pub named: Vec<Maker>,
    /// Names in YAML that stand twice and are in none of its policies.
    pub duplicates: Vec<Problem>,
}

impl File {
    /// Keeps the policy of that index, and nothing else that there is to say of the file.
    pub fn keep_only(&mut self, index: usize) {
        self.documents.truncate(index + 1);
        self.documents.drain(..index.min(self.documents.len()));
        self.unread.clear();
        self.makers.clear();
        self.duplicates.clear();
    }

    /// The text around the policies, with what there is to say of it: statements in none of them, what may add policies,
    /// names that stand twice.
    pub fn around(&self) -> Document {
        let is_terraform =
            reading::is_terraform(&self.source) || reading::is_terraform_language(&self.source);
        let problem = |span: &Span| {
            let message = "these statements are in no policy that is read, and are not checked";
            Diagnostic::new(UNREAD, *span, message).help(
                match is_terraform {
                    true => "check a plan, `terraform show -json`",
                    false => "check the policy that is made of them, or write {\"Version\": \"2012-10-17\", \"Statement\": [ … ]} around them",
                }
            )
        };
        let other = open_other(Source::new(self.source.name(), self.source.text()));
        let made = |maker: &Maker| {
            let message = format!("{} may add policies, which are not checked", maker.label);
            Diagnostic::new(UNREAD, maker.span, message)
                .help("check the whole: the template with its macros carried out, or all pages of the answer")
        };
        let problems = self.unread.iter().map(problem).chain(self.makers.iter().map(made));
        Document { problems: problems.chain(self.duplicates.iter().map(diagnostic)).collect(), ..other }
    }

    /// Whether it is a template of CloudFormation, or of what Terraform reads or makes, with policies or without.
    pub fn is_template(&self) -> bool {
        let readings = Reading::all(&self.source);
        readings.iter().any(|reading| {
            let (tree, text) = (&reading.parsed.tree, reading.text(&self.source));
            locate::is_template(tree, text) || tree.get(text, "resource").is_some()
        })
    }

    /// Whether it has no policy, and may define what policies of other files say.
    pub fn only_defines(&self) -> bool {
        self.documents.is_empty() && reading::is_of_module(&self.source)
    }

    /// Whether it holds policies, and is YAML itself.
    pub fn is_yaml(&self) -> bool {
        self.documents.iter().any(|document| document.yaml.is_some() && document.body.is_none())
    }
}

/// Reads a file and the policies in it.
pub fn open(source: Source, hints: &Hints) -> File {
    let source = Arc::new(source);
    let readings = Reading::all(&source);
    let mut documents: Vec<Document> =
        readings.iter().flat_map(|reading| reading.documents(&source, hints)).collect();
    if documents.len() > 1 {
        documents.iter_mut().for_each(|document| document.one_of_several = true);
    }
    elsewhere::note(&mut documents, source.text());
    let unread = unread::statements(&readings, &documents, &source);
    let mut makers = makers::idle(&readings, &documents, &source);
    makers.extend(makers::cut_off(&readings, &source));
    let named = makers::named(&readings, &source);
    let is_outside = |problem: &Problem| {
        let mut policies = documents.iter();
        !policies.any(|document| document.in_file(document.tree.span).contains(problem.span))
    };
    let duplicates = readings.iter().flat_map(Reading::duplicates).filter(is_outside).collect();
    let (inner, own): (Vec<Reading>, Vec<Reading>) = readings.into_iter().partition(Reading::is_inner);
    let problems = |readings: Vec<Reading>| readings.into_iter().flat_map(Reading::problems).collect();
    let (problems, inner_problems) = (problems(own), problems(inner));
    File { source, problems, inner_problems, documents, unread, makers, named, duplicates }
}

/// Reads a text as a policy, whatever it holds.
pub fn open_policy(source: Source, hints: &Hints) -> Document {
    let reading = Reading::new(None, parse::parse(source.text()));
    whole(&Arc::new(source), &reading, hints)
}

impl File {
    /// The file as one policy, whatever it holds.
    pub fn whole(&self, hints: &Hints) -> Document {
        whole(&self.source, &Reading::whole(&self.source), hints)
    }
}

fn whole(source: &Arc<Source>, reading: &Reading, hints: &Hints) -> Document {
    let found = Found::somewhere(String::new(), Form::Plain(reading.parsed.tree.span));
    Document::new(source, reading, found, hints, &reading.template(source))
}

/// A text that is no policy, so that something can be said about it.
pub fn open_other(source: Source) -> Document {
    let found = Found::somewhere(String::new(), Form::Absent { object: Span::at(0), name: "" });
    let nothing = Node { span: Span::at(0), value: Value::Object(Members::default()) };
    let reading = Reading::new(None, Parsed { tree: nothing, problems: Vec::new() });
    Document::new(&Arc::new(source), &reading, found, &Hints::default(), &Arc::default())
}

impl Document {
    /// A policy that is not there.
    pub fn nothing() -> Document {
        open_other(Source::new("", ""))
    }

    /// A policy that was found in a reading; the pointer is that from the root of the reading.
    fn new(
        source: &Arc<Source>,
        reading: &Reading,
        mut found: Found,
        hints: &Hints,
        template: &Arc<Template>,
    ) -> Document {
        let file = reading.text(source);
        let string = locate::decode(&found.form, file);
        let is_string = string.is_some();
        let mut decoded = match (string, &reading.yaml) {
            (Some(decoded), Some((_, json))) => Some(decoded.through(&json.map)),
            (None, Some((yaml, _))) => yaml.json_at(reading.raw(source), &found.pointer),
            (decoded, None) => decoded,
        };
        if let Some(body) = &reading.body {
            if let (None, Form::Plain(span)) = (&decoded, &found.form) {
                decoded = Some(Escaped::part(file, *span));
            }
            decoded = decoded.map(|decoded| decoded.through(&body.text.map));
        }
        let (tree, syntax) = match (&decoded, &found.form) {
            // As if an empty policy stood there.
            (None, Form::Absent { object, .. }) => {
                let at = Span::at(object.end as usize);
                (Node { span: at, value: Value::Object(Members::default()) }, Vec::new())
            }
            (Some(decoded), _) => {
                let parsed = parse::parse(&decoded.text);
                (parsed.tree, parsed.problems)
            }
            (None, _) => {
                let root = &reading.parsed.tree;
                let node = match &found.form {
                    Form::Plain(span) | Form::Unknown { span, .. } => root.at_span(*span),
                    _ => root.at(file, &found.pointer),
                };
                let tree = node.unwrap_or(root).clone();
                (tree, reading.parsed.problems.clone())
            }
        };
        let text = decoded.as_ref().map_or(source.text(), |decoded| &decoded.text);
        let doubtful = decoded.as_ref().map_or(&[][..], |decoded| &decoded.doubtful);
        let template = filling_in(template, &found.pointer, &reading.parsed.tree, file);
        let around = template.around(&found.pointer, &reading.parsed.tree, file);
        let (tree_of_file, references) = (&reading.parsed.tree, reading.references(file));
        let mut attachments =
            attachment::attachments(&found.pointer, tree_of_file, file, template.as_ref(), references);
        let mut holder = attachment::holder(&found.pointer, tree_of_file, file, template.as_ref());
        let of_plan = reading.plan(file).of(&found.pointer);
        if !of_plan.is_empty() {
            attachment::add_planned(
                &found.pointer,
                tree_of_file,
                file,
                of_plan,
                attachments.as_mut(),
                &mut holder,
            );
        }
        let retained = attachment::retained(&found.pointer, &reading.parsed.tree, file);
        let owner_resource = attachment::owner(&found.pointer, &reading.parsed.tree, file);
        let template = &template.for_text(doubtful, !is_string);
        let (policy, shape) = match &found.form {
            Form::Unknown { label, .. } => (Policy::unknown(tree.span, label), Vec::new()),
            _ => Policy::read_in(&tree, text, template, &Settled::default()),
        };
        let (kind, because) = decide(&mut found, hints, &policy);
        let mut problems: Vec<Diagnostic> = syntax.iter().map(diagnostic).collect();
        problems.extend(shape);
        let named = || {
            let policy = tree.span.slice(text);
            attachment::named(&found.pointer, kind, policy, &reading.parsed.tree, file)
        };
        let resource = hints.resource.clone().or_else(|| found.resource.clone()).or_else(named);
        if let Some(body) = &reading.body {
            found.pointer.insert_str(0, &body.pointer);
            found.place.insert_str(0, &body.place);
        }
        // That a policy is not there is nothing wrong with it.
        if matches!(found.form, Form::Absent { .. }) {
            problems.clear();
        }
        let replaced = matches!(found.form, Form::Unknown { .. });
        Document {
            around,
            source: Arc::clone(source),
            found,
            one_of_several: false,
            inline_before: 0,
            body: reading.body.clone(),
            yaml: reading.yaml.as_ref().map(|(yaml, _)| Arc::clone(yaml)),
            decoded,
            tree,
            policy,
            kind,
            because,
            resource,
            problems,
            is_garbled: syntax.iter().any(|problem| problem.kind.garbles()),
            template: Arc::clone(template),
            elsewhere: None,
            attachments,
            holder,
            surroundings: Surroundings::default(),
            is_one_of_alike: false,
            is_alone: false,
            owner_resource,
            replaced,
            settled: Settled::default(),
            retained,
            kept: None,
        }
    }

    /// What the policy will be in each case that the conditions and parameters of its template make; itself alone where
    /// nothing is to be chosen.
    pub fn alternatives(&self) -> Vec<Alternative> {
        let of_case = |case: Case| {
            let (document, is_there) = self.in_case(case.settled.first());
            Alternative { document, case, is_there }
        };
        Document::cases_of(&[self]).into_iter().map(of_case).collect()
    }

    /// What the policy will be in the cases of some choices alone, if there are few enough; whether it is there is among
    /// them.
    pub fn alternatives_by(&self, choices: &[Choice], most: usize) -> Option<Vec<Alternative>> {
        let of_case = |case: Case| {
            let (document, is_there) = self.in_case(case.settled.first());
            Alternative { document, case, is_there }
        };
        Some(self.cases_of_choices(choices, most)?.into_iter().map(of_case).collect())
    }

    /// The cases that some choices make, with those that decide whether the policy is there; `None` for more than `most`.
    pub fn cases_of_choices(&self, choices: &[Choice], most: usize) -> Option<Vec<Case>> {
        let around = self.choices_around();
        let all: Vec<Choice> =
            around.iter().chain(choices.iter().filter(|one| !around.contains(one))).cloned().collect();
        let found = template::cases_up_to(most, &[(&self.template, &all)]);
        found.open.is_empty().then_some(found.cases)
    }

    /// When the template creates the policy, if that is known and not always.
    pub fn presence(&self) -> Option<Presence> {
        let cases = self.cases_of_choices(&[], template::MOST_CASES)?;
        let leaves_out = |case: &Case, around: &[Around]| {
            case.settled.first().is_some_and(|settled| settled.leaves_out(around))
        };
        let is_there = |at: &usize| !leaves_out(&cases[*at], &self.around);
        let there: BTreeSet<usize> = (0..cases.len()).filter(is_there).collect();
        if !there.is_empty() {
            return template::clause(&cases, &there).map(Presence::Sometimes);
        }
        let never = self.around.iter().find_map(|around| match &around.what {
            Surrounding::Condition { name, holds, .. } => cases
                .iter()
                .all(|case| leaves_out(case, std::slice::from_ref(around)))
                .then(|| format!("`{name}` is always {}", !holds)),
            Surrounding::Macro | Surrounding::Never => None,
        });
        Some(Presence::Never(never.unwrap_or_else(|| "its conditions are never met together".to_owned())))
    }

    /// Whether conditions and parameters of the template decide what the policy is, or whether it is there.
    pub fn has_cases(&self) -> bool {
        !self.choices().is_empty()
    }

    /// What is to be chosen in the template: whether the policy is there, then what it is.
    fn choices(&self) -> Vec<Choice> {
        let mut choices = self.choices_around();
        for choice in &self.policy.choices {
            if !choices.contains(choice) {
                choices.push(choice.clone());
            }
        }
        choices
    }

    /// What is to be chosen before it is known whether the policy is there.
    fn choices_around(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for around in &self.around {
            if let Surrounding::Condition { name, .. } = &around.what {
                let choice = Choice::Condition(name.clone());
                if !choices.contains(&choice) {
                    choices.push(choice);
                }
            }
        }
        choices
    }

    /// The policy in a case, and whether it is there; else what holds where there is none.
    pub(crate) fn in_case(&self, settled: Option<&Settled>) -> (Document, bool) {
        let leaves_out = |of: fn(&Settled, &[Around]) -> bool| settled.is_some_and(|it| of(it, &self.around));
        match leaves_out(Settled::leaves_out) {
            true if self.limits_a_resource() && leaves_out(Settled::leaves_out_resource) => {
                (Document::nothing_of(self.source.name(), self.kind), false)
            }
            true => (Document::left_out(self.source.name(), self.kind), false),
            false => (self.settled(settled), true),
        }
    }

    /// What holds where there is no policy of a kind: nothing is granted, or, by policies that only limit, all is left
    /// open.
    pub fn left_out(name: &str, kind: Kind) -> Document {
        let text = match (kind.grants(), kind.names_principal()) {
            (true, _) => return Document::nothing_of(name, kind),
            (false, false) => {
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
            }
            (false, true) => {
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#
            }
        };
        open_policy(Source::new(name, text), &Hints { kind: Some(kind), ..Hints::default() })
    }

    /// What holds where there is neither a policy of a kind nor what would have it: nothing is let through.
    pub fn nothing_of(name: &str, kind: Kind) -> Document {
        let text = r#"{"Version":"2012-10-17","Statement":[]}"#;
        open_policy(Source::new(name, text), &Hints { kind: Some(kind), ..Hints::default() })
    }

    /// The policy as one of a stack of its own: a parameter or condition of another one is not the same.
    pub fn in_stack(self, name: &str) -> Document {
        Document { template: Arc::new(self.template.in_stack(name)), ..self }
    }

    /// The cases of several policies: a condition that their templates define alike is the same in all, but in different
    /// stacks.
    pub fn cases_of(documents: &[&Document]) -> Vec<Case> {
        Document::cases_by(documents, |_| true)
    }

    /// The same by some of the choices alone, and by those that decide whether a policy is there.
    pub fn cases_by(documents: &[&Document], is_chosen: impl Fn(&Choice) -> bool) -> Vec<Case> {
        let of = |document: &&Document| {
            let around = document.choices_around();
            let mut choices = document.choices();
            choices.retain(|choice| around.contains(choice) || is_chosen(choice));
            (Arc::clone(&document.template), choices)
        };
        let owned: Vec<_> = documents.iter().map(of).collect();
        let borrowed: Vec<_> = owned.iter().map(|(template, choices)| (&**template, &**choices)).collect();
        template::cases(&borrowed).cases
    }

    /// What two policies will be in each case in which one of them is there. A condition that both of their templates
    /// define alike is the same in both. Then the other cases, in which neither is there.
    pub fn alternatives_of(old: &Document, new: &Document) -> (Vec<(Document, Document, Case)>, Vec<Case>) {
        let of_case = |case: Case| {
            let case = Case { of_versions: true, ..case };
            let in_force = |one: &Document, settled: Option<&Settled>| {
                one.default_without(settled).map_or_else(|| one.in_case(settled), |default| (default, true))
            };
            let (old, new) = (in_force(old, case.settled.first()), in_force(new, case.settled.get(1)));
            (old.1 || new.1, (old.0, new.0, case))
        };
        let (there, nowhere): (Vec<_>, Vec<_>) =
            Document::cases_of(&[old, new]).into_iter().map(of_case).partition(|(is_there, _)| *is_there);
        let (kept, others) = if there.is_empty() { (nowhere, there) } else { (there, nowhere) };
        let case = |(_, (.., case)): (bool, (Document, Document, Case))| case;
        (kept.into_iter().map(|(_, pair)| pair).collect(), others.into_iter().map(case).collect())
    }

    /// The statements that hardly a rule can judge, in some case at least: what is in the place of each, or what of it is
    /// not known, and where that is. See [`Statement::not_analyzed`]. A macro may make others of all.
    pub fn not_analyzed(&self) -> Vec<NotAnalyzed> {
        let mut all: BTreeMap<Span, NotAnalyzed> = BTreeMap::new();
        if let Some(label) = self.rewritten_by() {
            let rewritten = |statement: &Statement| {
                let found = NotAnalyzed { label: label.to_owned(), span: statement.span, is_whole: false };
                (statement.span, found)
            };
            all.extend(self.policy.statements.iter().map(rewritten));
        }
        for alternative in self.alternatives().iter().filter(|alternative| alternative.is_there) {
            for statement in &alternative.document.policy.statements {
                if let Some((label, span)) = statement.not_analyzed() {
                    let found = NotAnalyzed { label: label.to_owned(), span, is_whole: statement.is_hole() };
                    all.entry(statement.span).or_insert(found);
                }
            }
        }
        all.into_values().collect()
    }

    /// Reads a statement as one of this policy: what it refers to is defined in the policy's template.
    pub fn read_statement(&self, tree: &Node, text: &str) -> Statement {
        Policy::read_statement_in(tree, text, &self.template.for_text(&[], false)).0
    }

    /// A policy variable in a value that `Fn::Sub` would take for a name of the template, or Terraform for an expression.
    pub fn variable_taken_for_name<'v>(&self, value: &'v policy::Value) -> Option<&'v str> {
        // One that is escaped is known.
        let hole = value.hole.as_ref()?;
        let text = &*value.text;
        if self.template.is_interpolated() && self.template.fills_in(text) {
            return Some(&hole.label);
        }
        let is_variable =
            |name: &&str| name.contains(':') && !name.starts_with("AWS::") && !name.starts_with('!');
        template::names_in(text).find(is_variable).filter(|_| self.template.fills_in(text))
    }

    /// Whether the file is of the Serverless Framework, which fills in every `${…}` by itself.
    pub fn is_serverless(&self) -> bool {
        self.template.is_serverless()
    }

    /// Whether the file is of Terraform's JSON syntax, in which each text is a template.
    pub fn is_terraform(&self) -> bool {
        self.template.is_interpolated()
    }

    /// Whether the policy is in a template of CloudFormation, where nothing but functions fills in names: not a macro,
    /// not a loop.
    pub fn is_filled_in_by_functions(&self) -> bool {
        self.template.is_only_cloudformation()
            && self.rewritten_by().is_none()
            && !self.found.pointer.contains("/Fn::ForEach::")
    }

    /// What decides whether the policy is there at all, and what may rewrite it, as far as its template says.
    pub fn around(&self) -> &[Around] {
        &self.around
    }

    /// The macro that may rewrite the policy: how to name it to a person.
    pub fn rewritten_by(&self) -> Option<&str> {
        let mut macros = self.around.iter().filter(|around| around.what == Surrounding::Macro);
        macros.next().map(|around| &*around.label)
    }

    /// Why the policy may be another one, or none at all, than its text says.
    pub fn doubt(&self) -> Option<String> {
        let name = self.source.name();
        let around = |around: &Around| match around.what {
            Surrounding::Macro => format!("{} may rewrite the policy in `{name}`", around.label),
            Surrounding::Condition { .. } => {
                format!("{} decides whether the policy in `{name}` is there", around.label)
            }
            Surrounding::Never => format!("{} leaves out the policy in `{name}`", around.label),
        };
        let in_loop = self.found.pointer.contains("/Fn::ForEach::");
        let in_loop = in_loop.then(|| format!("a loop decides whether the policy in `{name}` is there"));
        self.around.iter().map(around).next().or(in_loop)
    }

    /// What tells the rest of its file from others, where names in the policy may be defined there in a way that is not
    /// read: equal policies are the same only if this is, too.
    pub fn elsewhere(&self) -> Option<(u64, u64)> {
        self.elsewhere
    }

    /// The members of the two files that attach the one policy to something else than the other, as `Roles`.
    pub fn attached_otherwise<'a>(&'a self, other: &'a Document) -> Vec<&'a str> {
        // What is not there is attached to nothing.
        let is_never =
            |document: &Document| document.around.iter().any(|around| around.what == Surrounding::Never);
        let mut names = match (&self.attachments, &other.attachments) {
            _ if is_never(self) || is_never(other) => return Vec::new(),
            (Some(own), Some(others)) => attachment::differing(own, others),
            _ => attachment::differing(&self.holder, &other.holder),
        };
        if !is_never(self) && !is_never(other) {
            let differing = self.surroundings.differing(&other.surroundings);
            let tests_tags = |document: &Document| {
                document.tree.span.slice(document.text()).to_ascii_lowercase().contains("tag/")
            };
            let counts = |name: &&str| !is_tags(name) || tests_tags(self) || tests_tags(other);
            names.extend(differing.into_iter().filter(counts));
        }
        // An answer may have the ARN of what its policy is attached to.
        let is_arn = |name: &&str| name.to_ascii_lowercase().ends_with("arn");
        if let (Some(own), Some(others)) = (&self.found.resource, &other.found.resource)
            && own != others
            && (self.attachments.is_none() || other.attachments.is_none())
            && !names.iter().any(is_arn)
        {
            names.push("ARN");
        }
        names
    }

    /// Whether it is in the place of another policy in another version of the file, by names or by all that is beside both.
    pub fn is_in_place_of(&self, other: &Document) -> bool {
        self.place() == other.place()
            || self.surroundings.are_known() && self.fingerprint() == other.fingerprint()
    }

    /// What tells the place of the policy and all that is beside it from others, where the file is no template.
    pub fn fingerprint(&self) -> Option<u64> {
        self.surroundings.are_known().then(|| self.surroundings.fingerprint())
    }

    /// The same with what does not count, as dates and versions.
    pub fn whole_surroundings(&self) -> u64 {
        self.surroundings.whole()
    }

    /// Where the policy is, without the numbers that the items of lists have.
    pub fn shape(&self) -> &str {
        &self.surroundings.shape
    }

    /// The address of the resource of Terraform that it is an attribute of, and that.
    pub fn address(&self) -> Option<(&str, &str)> {
        let address = self.owner_resource.as_ref()?.address.as_deref()?;
        Some((address, self.pointer().rsplit('/').next()?))
    }

    /// How many members beside the policy have the same value beside another one.
    pub fn in_common(&self, other: &Document) -> usize {
        self.surroundings.in_common(&other.surroundings)
    }

    /// Takes up whether the other version of the file has the resource that the policy limits.
    pub fn compare_with_nothing_in(&mut self, other: Option<&File>) {
        self.is_alone = self.is_without_its_resource_in(other);
    }

    /// What holds in the other version of the file, which has nothing in place of the policy.
    pub fn counterpart(&self, name: &str) -> Document {
        match self.is_alone {
            true => Document::nothing_of(name, self.kind),
            false => Document::left_out(name, self.kind),
        }
    }

    /// Takes up that nothing tells the policy from others, of which some came or went.
    pub fn is_one_of_those_alike(&mut self) {
        self.is_one_of_alike = true;
    }

    /// Whether nothing tells the policy from others, of which some came or went.
    pub fn is_one_of_alike(&self) -> bool {
        self.is_one_of_alike
    }

    /// What keeps the policy in the account although it is no longer in the newer version of its file.
    pub fn kept(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    /// What keeps the policy in the account in a case in which the newer version of its resource is not there, by the
    /// condition of that.
    pub fn kept_in<'a>(&'a self, newer: &'a Document, case: &Case) -> Option<&'a str> {
        let [own, others] = [case.settled.first()?, case.settled.get(1)?];
        let is_kept = !own.leaves_out(&self.around) && others.leaves_out_resource(&newer.around);
        let label = |document: &'a Document| document.retained.as_ref().map(|(_, label)| label.as_str());
        label(self).or_else(|| label(newer)).filter(|_| is_kept)
    }

    /// Takes up the newer version of the file, which has no policy in this one's place.
    pub fn is_gone_from(&mut self, newer: Option<&File>) {
        let mut steps = self.found.pointer.split('/').skip(1);
        let address = match (steps.next(), steps.next(), steps.next()) {
            (Some("resource"), Some(kind), Some(name)) => Some(format!("{kind}.{name}")),
            _ => None,
        };
        // Neither is so of what is in no template.
        if self.retained.is_none() && address.is_none() {
            return;
        }
        let readings = newer.map(|file| (Reading::all(&file.source), &file.source));
        let any = |holds: &dyn Fn(&Node, &str) -> bool| {
            let mut all = readings.iter().flat_map(|(all, source)| all.iter().map(move |one| (one, source)));
            all.any(|(reading, source)| holds(&reading.parsed.tree, reading.text(source)))
        };
        let retained = self.retained.as_ref();
        let retained = retained.filter(|(owner, _)| !any(&|tree, text| tree.at(text, owner).is_some()));
        let forgotten = address
            .filter(|address| any(&|tree, text| attachment::is_forgotten(address, tree, text)))
            .map(|address| format!("`removed` of {address}"));
        self.kept = retained.map(|(_, label)| label.clone()).or(forgotten);
    }

    /// The ARN of the resource that both policies are attached to, as far as their files tell.
    pub fn shared_resource<'a>(&'a self, other: &'a Document) -> Option<&'a str> {
        let both_tell = self.attachments.is_some() && other.attachments.is_some();
        match (self.resource.as_deref(), other.resource.as_deref()) {
            (Some(own), Some(others)) => Some(own).filter(|own| *own == others),
            (own, others) => own.or(others).filter(|_| !both_tell),
        }
    }

    /// The policy as one of which nothing is known, as where a macro may rewrite it.
    pub fn unknown(&self) -> Document {
        let label = self.rewritten_by().unwrap_or("the policy");
        Document { policy: Policy::unknown(self.policy.span, label), replaced: true, ..self.clone() }
    }

    /// A policy that no text was given of, so that nothing is known of it.
    pub fn unknown_of(name: &str, kind: Kind, label: &str) -> Document {
        let document = Document::left_out(name, kind);
        let policy = Policy::unknown(document.policy.span, label);
        Document { policy, problems: Vec::new(), replaced: true, ..document }
    }

    /// The policy without its statements, as where its template leaves it out.
    pub fn emptied(&self) -> Document {
        let mut document = self.clone();
        document.policy.statements.clear();
        document.policy.choices.clear();
        document.policy.statement_list = true;
        document.replaced = true;
        document
    }

    /// What is settled, and all conditions of the template that follow from it.
    pub fn following(&self, settled: &Settled) -> Settled {
        self.template.following(settled)
    }

    /// Why what is settled cannot be so, by what the template defines.
    pub fn contradiction(&self, settled: &Settled) -> Option<String> {
        self.template.contradiction(settled)
    }

    /// Whether a name is that of a parameter of the template.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.template.has_parameter(name)
    }

    /// Whether a name is that of a condition of the template.
    pub fn has_condition(&self, name: &str) -> bool {
        self.template.has_condition(name)
    }

    /// The policy with choices settled; as it is without.
    pub fn settled(&self, settled: Option<&Settled>) -> Document {
        let mut document = self.clone();
        let Some(settled) = settled.filter(|settled| !self.replaced && **settled != Settled::default())
        else {
            return document;
        };
        let (policy, shape) = Policy::read_in(&self.tree, self.text(), &self.template, settled);
        document.policy = policy;
        document.settled = settled.clone();
        document.around.retain(|around| !settled.decides(around));
        document.problems.retain(|problem| SYNTAX.contains(&problem.rule));
        document.problems.extend(shape);
        // A policy that is chosen whole stands in a branch.
        document.tree = self.tree.at_span(document.policy.span).unwrap_or(&self.tree).clone();
        document
    }

    /// Its kind, for what holds of no other kind: where only its statements show that, any resource's.
    pub fn sure_kind(&self) -> Kind {
        match self.because {
            Because::Content(_) | Because::Default if self.kind.names_principal() => Kind::Resource,
            _ => self.kind,
        }
    }

    /// Whether what the policy says is in its own text alone: it has no functions, names or conditions of a template.
    pub fn stands_alone(&self) -> bool {
        let policy = &self.policy;
        self.around.is_empty()
            && self.elsewhere.is_none()
            && policy.choices.is_empty()
            && policy.version.as_ref().is_none_or(|version| !version.is_hole())
            && policy.statements.iter().all(|statement| statement.unknowns().is_empty())
    }

    /// Whether the policy is one of which nothing is known until a plan of Terraform was carried out, or a
    /// template was filled in.
    pub fn is_unknown(&self) -> bool {
        matches!(self.found.form, Form::Unknown { .. })
    }

    /// Whether the whole policy is what a function of its template makes, and not known without that.
    pub fn is_function(&self) -> bool {
        self.policy.statements.iter().any(|statement| statement.is_hole() && statement.span == self.tree.span)
    }

    /// The file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text to which all spans of the policy belong: the file's, or what the string in it says.
    pub fn text(&self) -> &str {
        self.decoded.as_ref().map_or(self.source.text(), |decoded| &decoded.text)
    }

    /// Where a span of the policy's text stands in the file.
    pub fn in_file(&self, span: Span) -> Span {
        match &self.decoded {
            Some(decoded) => decoded.map.span(span),
            None => span,
        }
    }

    /// RFC 6901 pointer from the file's root to the policy. Of several YAML documents in a file, it starts with the
    /// place of the policy's, from 0; in a template that is a string, it goes on as if the string were what it says.
    pub fn pointer(&self) -> &str {
        &self.found.pointer
    }

    /// Where the policy stands by the names of things around it, which tells what it is in another version of the file.
    pub fn place(&self) -> &str {
        &self.found.place
    }

    /// What the policy belongs to, in words, where something around it in the file has a name: role `Auditor`.
    pub fn owner(&self) -> Option<&str> {
        self.found.owner.as_deref()
    }

    /// The same from the root of the part of the file that is read by itself.
    fn inner_pointer(&self) -> &str {
        let outer = self.body.as_ref().map_or(0, |body| body.pointer.len());
        self.found.pointer.get(outer..).unwrap_or_default()
    }

    /// The ARN of what the policy is attached to, with stars for what its file does not tell: it may name that by an id.
    pub fn resource_by_id(&self) -> Option<&str> {
        self.found.id.as_deref()
    }

    /// The command whose answer the file is, unless the policy is bare.
    pub fn envelope(&self) -> Option<&'static str> {
        self.found.envelope
    }

    /// Whether the file around the policy is one that other tools fill in or made: no bare policy and no answer of the
    /// AWS CLI.
    pub fn is_template(&self) -> bool {
        match self.envelope() {
            Some(envelope) => {
                !["the answer of ", "the input of "].iter().any(|start| envelope.starts_with(start))
            }
            None => !self.pointer().is_empty(),
        }
    }

    /// Whether Terraform made the file, from a configuration that is elsewhere.
    pub fn is_made_by_terraform(&self) -> bool {
        self.envelope().is_some_and(|envelope| ["a Terraform plan", "a Terraform state"].contains(&envelope))
    }

    /// Whether the file holds other policies as well, or other documents.
    pub fn is_one_of_several(&self) -> bool {
        self.one_of_several || self.body.is_some()
    }

    /// Whose inline policy it is, where the file tells, and how many characters besides white space those of the same
    /// identity have that come before it: the limit is on all of them together.
    pub fn inline(&self) -> Option<(Inline, usize)> {
        self.found.inline.as_ref().map(|inline| (inline.of, self.inline_before))
    }

    /// Whether the policy is a part of the file's own text, and not a string in it.
    pub fn is_plain(&self) -> bool {
        let in_text = self.body.as_ref().is_none_or(|body| body.writing == Writing::Plain);
        in_text && matches!(self.found.form, Form::Plain(_))
    }

    /// The policy as JSON; null where that cannot be read.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(self.tree.span.slice(self.text())).unwrap_or_default()
    }

    /// Whether the file is YAML. The policy's own text is JSON all the same.
    pub fn is_yaml(&self) -> bool {
        self.yaml.is_some()
    }

    /// The comments of the file, or of the part of it that the policy is in, if that is YAML: what each says, and where
    /// it and what it is about stand in the file.
    pub fn comments(&self) -> impl Iterator<Item = (&str, Comment)> {
        let raw = self.body.as_ref().map_or(self.source.text(), |body| &body.text.text);
        let comments = self.yaml.as_ref().map_or(&[][..], |yaml| yaml.comments(raw));
        let in_file = |span| self.body.as_ref().map_or(span, |body| body.text.map.span(span));
        comments.iter().map(move |comment| {
            let place = Comment { span: in_file(comment.span), about: comment.about.map(in_file) };
            (comment.span.slice(raw), place)
        })
    }

    /// Of each statement, whether a comment for polmerge is about it or a part of it, and not about all of them.
    pub fn statements_with_orders(&self) -> Vec<bool> {
        let orders: Vec<Span> = self
            .comments()
            .filter_map(|(written, comment)| comment.about.filter(|_| Comment::order(written).is_some()))
            .collect();
        let spans: Vec<Span> =
            self.policy.statements.iter().map(|statement| self.in_file(statement.span)).collect();
        let meets = |order: &Span, span: &Span| order.start < span.end && span.start < order.end;
        let is_own = |order: &&Span| !spans.iter().all(|span| order.contains(*span));
        let own: Vec<&Span> = orders.iter().filter(is_own).collect();
        spans.iter().map(|span| own.iter().any(|order| meets(order, span))).collect()
    }

    /// Whether the file has no policy yet in the place where it would be.
    pub fn is_absent(&self) -> bool {
        matches!(self.found.form, Form::Absent { .. }) || (self.decoded.is_some() && self.text().is_empty())
    }

    /// Whether it is a whole file without anything like a statement, which nothing but somebody's word makes a policy.
    pub fn is_file_without_statements(&self) -> bool {
        let named = |member: &Member| ["Version", "Id"].contains(&&*member.key.text(self.text()));
        self.pointer().is_empty()
            && matches!(&self.tree.value, Value::Object(members) if members.iter().all(named))
    }

    /// Whether it is clear which statements the policy has: its text is JSON that no parser reads
    /// otherwise, and `Statement` is a list of objects, one object, or yet to come.
    pub fn is_sound(&self) -> bool {
        if self.problems.iter().any(|problem| SYNTAX.contains(&problem.rule)) {
            return false;
        }
        let is_object = |node: &Node| matches!(node.value, Value::Object(_));
        match self.tree.get(self.text(), "Statement").map(|node| &node.value) {
            Some(Value::Array(items)) => items.iter().all(is_object),
            Some(Value::Object(_)) => true,
            Some(_) => false,
            None => {
                let known = |name: &str| ["Version", "Id"].contains(&name);
                is_object(&self.tree)
                    && self.tree.members().iter().all(|member| known(&member.key.text(self.text())))
            }
        }
    }

    /// RFC 6901 pointer, inside the policy, to what stands at `span`.
    pub fn pointer_to(&self, span: Span) -> String {
        let pointer = self.tree.pointer_to(self.text(), span);
        match self.found.form {
            Form::Statements { .. } => pointer.strip_prefix("/Statement").unwrap_or_default().to_owned(),
            _ => pointer,
        }
    }

    /// The statement that holds `span`.
    pub fn statement_at(&self, span: Span) -> Option<&Statement> {
        let statements = &self.policy.statements;
        // They stand in order, unless YAML names one again.
        let near = statements.get(statements.partition_point(|statement| statement.span.end < span.end));
        let is_there = |statement: &&Statement| statement.span.contains(span);
        near.filter(is_there).or_else(|| statements.iter().find(is_there))
    }

    /// The policy alone, as text: what a put command takes. S3 and IAM refuse white space in front of it.
    pub fn bare(&self) -> String {
        let text = match (&self.decoded, self.found.pointer.is_empty()) {
            (None, true) => self.source.text().to_owned(),
            (None, false) => dedent(self.source.text(), self.tree.span),
            (Some(decoded), _) => match (&self.body, &self.yaml, &self.found.form) {
                (Some(_), None, Form::Plain(_)) => dedent(&decoded.text, self.tree.span),
                _ => decoded.text.clone(),
            },
        };
        match text.trim_start() {
            trimmed if trimmed.len() < text.len() => trimmed.to_owned(),
            _ => text,
        }
    }
}

/// The template's definitions as they count for a policy at `pointer`, which may be a text that `Fn::Sub` fills in.
fn filling_in(template: &Arc<Template>, pointer: &str, tree: &Node, text: &str) -> Arc<Template> {
    let names = match pointer.strip_suffix("/0") {
        Some(list) if list.ends_with("/Fn::Sub") => tree.at(text, &format!("{list}/1")),
        _ if pointer.ends_with("/Fn::Sub") => None,
        _ => return Arc::clone(template),
    };
    Arc::new(template.filling_in(names, text))
}

/// The rules of what is wrong with the syntax of a text.
const SYNTAX: [&str; 2] = ["json-syntax", "duplicate-member"];

/// A syntax problem as a finding of its rule.
fn diagnostic(problem: &Problem) -> Diagnostic {
    let rule = if problem.kind.is_duplicate() { "duplicate-member" } else { "json-syntax" };
    let mut diagnostic = Diagnostic::new(rule, problem.span, problem.kind.message());
    if let parse::ProblemKind::DuplicateMember { first } = problem.kind {
        diagnostic = diagnostic.label("again here").also_at(first, "first here");
    }
    match problem.kind.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The text at `span` with the indentation of its last line taken off all its lines but the first.
pub(crate) fn dedent(text: &str, span: Span) -> String {
    let inner = span.slice(text);
    let last = inner.rsplit('\n').next().unwrap_or("");
    let indent = &last[..last.len() - last.trim_start().len()];
    if !inner.contains('\n') || indent.is_empty() {
        return inner.to_owned();
    }
    inner.replace(&format!("\n{indent}"), "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{self, Edit};

    fn file(text: &str) -> File {
        open(Source::new("test.json", text), &Hints::default())
    }

    #[test]
    fn edits_reach_into_strings() {
        let text = "{\n  \"Policy\": \"{\\\"Statement\\\": []}\",\n  \"PolicyName\": \"default\"\n}\n";
        let file = file(text);
        let document = &file.documents[0];
        assert_eq!((document.kind, document.pointer()), (Kind::Kms, "/Policy"));
        assert_eq!(document.bare(), "{\"Statement\": []}");
        let list = document.policy.statement_span.unwrap();
        assert_eq!(document.in_file(list).slice(text), "[]");
        let edited = document.edited(&[Edit::replace(list, "[\"\u{e9}\\\"\n\"]")]).unwrap();
        assert_eq!(edited, text.replace("[]", "[\\\"\u{e9}\\\\\\\"\\n\\\"]"));
    }

    #[test]
    fn escapes_in_yaml_stay_where_no_edit_touches_them() {
        for (before, after) in [
            (r#""{\u0022Statement\u0022:\x20[]}""#, r#""{\u0022Statement\u0022:\x20[\"b\"]}""#),
            (r#""{\"Statement\":\u0020[]}" # why"#, r#""{\"Statement\":\u0020[\"b\"]}" # why"#),
            (r#"'{"Statement": []}'"#, r#"'{"Statement": ["b"]}'"#),
        ] {
            let text = |value: &str| {
                let head = "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: ";
                format!("{head}{value}\n      Enabled: true\n")
            };
            let file = open(Source::new("t.yaml", text(before)), &Hints::default());
            let list = |document: &Document| document.policy.statement_span.unwrap();
            let document = &file.documents[0];
            let written = document.edited(&[Edit::replace(list(document), r#"["b"]"#)]).unwrap();
            assert_eq!(written, text(after));
            let document = document.reopened(written);
            assert_eq!(document.edited(&[Edit::replace(list(&document), "[]")]).unwrap(), text(before));
        }
    }

    #[test]
    fn objects_in_answers_are_dedented() {
        let text =
            "{\n    \"PolicyDocument\": {\n        \"Statement\": [\n            1\n        ]\n    }\n}";
        let file = file(text);
        assert_eq!(file.documents[0].bare(), "{\n    \"Statement\": [\n        1\n    ]\n}");
        assert_eq!(file.documents[0].kind, Kind::Identity);
    }

    #[test]
    fn a_queue_without_a_policy_has_a_place_for_one() {
        let text = r#"{"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:222222222222:q"}}"#;
        let file = file(text);
        let document = &file.documents[0];
        assert!(document.is_absent());
        let filled = edit::apply(text, &document.fill_absent("{\"a\":1}").unwrap());
        let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(value["Attributes"]["Policy"], "{\"a\":1}");
    }
}
