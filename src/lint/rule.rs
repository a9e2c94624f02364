//! What a rule is.

use std::rc::Rc;

use super::forms::Forms;
use super::grants::Grants;
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::edit::Edit;
use crate::kind::Kind;
use crate::parse::Node;
use crate::policy::{Arn, Principal, Statement, is_account_id};
use crate::span::Span;

/// One check: what it is called, what it says about itself, and the function that does it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Kebab-case; names the pattern, so that it reads well after "allow".
    pub name: &'static str,
    /// The group it belongs to, which is also its folder.
    pub group: Group,
    /// The level of its findings, unless one of them is less.
    pub severity: Severity,
    /// The version of polmerge that first had it.
    pub since: &'static str,
    /// The checks of the field that it covers, by their ids in the book's table.
    pub rows: &'static [&'static str],
    /// What other tools call the same check, as `tool:ID`.
    pub peers: &'static [&'static str],
    /// The kinds of policy that it looks at; empty for all.
    pub kinds: &'static [Kind],
    /// What its fixes are like.
    pub fix: FixKind,
    /// Whether it runs only for those who ask for it: advice that many good policies do not follow.
    pub opt_in: bool,
    /// Whether it finds that something is missing: so it is in a template only where it is so in every case.
    pub absence: bool,
    /// Whether it judges statements by others that are there, and so the policies of a principal together.
    pub joins: bool,
    /// Rules that say the same better where they find it at the same place.
    pub gives_way_to: &'static [&'static str],
    /// Its page: a one-line summary, why it matters, examples.
    pub docs: &'static str,
    /// The check.
    pub check: Check,
}

/// How a rule looks at a document.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// It was found while reading; the rule only lifts it.
    Problems,
    /// It looks at the whole document.
    Document(fn(&mut Context<'_>)),
    /// It looks at each statement.
    Statement(fn(&Statement, &mut Context<'_>)),
    /// It is about what is outside of policies: the configuration, comments, statements that are in none.
    Outside,
}

/// What the fixes of a rule do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// They change no access.
    Safe,
    /// They narrow access.
    Unsafe,
    /// There are none.
    None,
}

impl FixKind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            FixKind::Safe => "safe",
            FixKind::Unsafe => "unsafe",
            FixKind::None => "none",
        }
    }
}

macro_rules! groups {
    ($($group:ident $name:literal $doc:literal),* $(,)?) => {
        /// The groups of rules, as `--select` takes them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Group {
            $(#[doc = $doc] $group),*
        }

        impl Group {
            /// Every group.
            pub const ALL: &'static [Group] = &[$(Group::$group),*];

            /// The name on the command line and of the folder.
            pub fn name(self) -> &'static str {
                match self {
                    $(Group::$group => $name),*
                }
            }
        }
    };
}

groups! {
    Syntax "syntax" "The document as JSON.",
    Statement "statement" "The elements of a statement.",
    Action "action" "Actions that do not exist or do not fit.",
    Resource "resource" "ARNs that do not exist or do not fit.",
    Principal "principal" "Principals that are none.",
    Condition "condition" "Conditions that do not do what they say.",
    Type "type" "Values of the wrong type.",
    Variable "variable" "Policy variables.",
    Redundancy "redundancy" "What has no effect.",
    Overbroad "overbroad" "More access than is needed.",
    Escalation "escalation" "Ways to more privileges.",
    Exposure "exposure" "Ways for data and credentials to get out.",
    Public "public" "Access for everyone.",
    ConfusedDeputy "confused-deputy" "Services that act for somebody else.",
    Trust "trust" "Who may assume a role.",
    Organization "organization" "Service and resource control policies.",
    Kind "kind" "One kind of policy.",
    Quota "quota" "Size.",
    Practice "practice" "Habits.",
}

/// What a check sees, and where it puts what it finds.
pub struct Context<'d> {
    /// The document.
    pub document: &'d Document,
    /// What is known of the user's own accounts and wishes.
    pub settings: &'d Settings,
    rule: &'static Rule,
    severity: Severity,
    grants: Rc<Grants<'d>>,
    forms: Rc<Forms>,
    /// The parts of the document, if these are policies of a principal.
    parts: Option<Rc<Parts<'d>>>,
    found: Vec<Found>,
}

/// What policies of a principal grant, each alone: of all statements, the first are those of the first.
pub(super) struct Parts<'d> {
    /// Where the statements of each end.
    pub(super) ends: Vec<usize>,
    pub(super) alone: Vec<Grants<'d>>,
}

/// A finding, and the rules that say the same better where they find it at the same place.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) finding: Diagnostic,
    pub(super) gives_way_to: &'static [&'static str],
}

impl<'d> Context<'d> {
    pub(super) fn new(
        document: &'d Document,
        settings: &'d Settings,
        rule: &'static Rule,
        severity: Severity,
        grants: Rc<Grants<'d>>,
        forms: Rc<Forms>,
    ) -> Self {
        Context { document, settings, rule, severity, grants, forms, parts: None, found: Vec::new() }
    }

    /// The same where the document is what several policies of a principal say together.
    pub(super) fn among(self, parts: &Rc<Parts<'d>>) -> Self {
        Context { parts: Some(Rc::clone(parts)), ..self }
    }

    /// What each of the policies of a principal grants alone; nothing for one policy.
    pub(super) fn alone(&self) -> &[Grants<'d>] {
        self.parts.as_ref().map_or(&[], |parts| &parts.alone)
    }

    /// The policy of a principal that a statement is of: its place in [`alone`](Self::alone).
    pub(super) fn part_of(&self, statement: &Statement) -> usize {
        self.parts.as_ref().map_or(0, |parts| parts.ends.partition_point(|end| *end <= statement.index))
    }

    /// Whether two statements are not already judged together in another document: they are of one policy, or of two
    /// policies of a principal.
    pub(super) fn joins(&self, one: &Statement, other: &Statement) -> bool {
        self.parts.is_none() || self.part_of(one) != self.part_of(other)
    }

    /// What the policy grants, by action; worked out once for all rules.
    pub(super) fn grants(&self) -> Rc<Grants<'d>> {
        Rc::clone(&self.grants)
    }

    /// The forms that the ARNs of the policy can be of; worked out once for all rules.
    pub(super) fn forms(&self) -> Rc<Forms> {
        Rc::clone(&self.forms)
    }

    /// A finding of this rule, to be worded further and given to [`report`](Self::report).
    pub fn finding(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.rule.name, span, message).severity(self.severity)
    }

    /// Adds a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        self.report_after(finding, self.rule.gives_way_to);
    }

    /// Adds a finding that gives way to other rules than its rule does at large.
    pub fn report_after(&mut self, finding: Diagnostic, gives_way_to: &'static [&'static str]) {
        self.found.push(Found { finding, gives_way_to });
    }

    /// The statement in the tree.
    pub fn node(&self, statement: &Statement) -> Option<&'d Node> {
        self.document.tree.get(self.document.text(), "Statement")?.at_span(statement.span)
    }

    /// Whether the statement has one of these members, also one that could not be read.
    pub fn has_member(&self, statement: &Statement, names: &[&str]) -> bool {
        let text = self.document.text();
        self.node(statement)
            .is_some_and(|node| node.members().iter().any(|member| names.contains(&&*member.key.text(text))))
    }

    /// The account that owns what the policy is attached to, as far as ARNs tell: its own, else the one in
    /// the resources that the statements name. A key policy names the key as `*`; its owner is the
    /// account that may change the policy, which only principals of the owner ever can.
    pub fn owner(&self) -> Option<String> {
        let account = |arn: &str| {
            Arn::parse(arn).map(|arn| arn.account.to_owned()).filter(|account| is_account_id(account))
        };
        let document = self.document;
        if let Some(owner) = document.resource.as_deref().and_then(account) {
            return Some(owner);
        }
        let statements = &document.policy.statements;
        let resources = statements.iter().filter_map(|statement| statement.resource.as_ref());
        let named =
            resources.flat_map(|element| &element.values.items).find_map(|value| account(&value.text));
        let manages = |statement: &Statement| {
            let may_change = statement.actions().iter().any(|action| action.matches("kms:PutKeyPolicy"));
            let principals = statement.principal.iter().flat_map(|element| element.principals());
            let mut accounts = principals.filter_map(|(principal, _)| match principal {
                Principal::Account(account) => Some(account),
                _ => None,
            });
            (may_change && statement.allows()).then(|| accounts.next()).flatten()
        };
        match document.kind {
            Kind::Kms => named.or_else(|| statements.iter().find_map(manages)),
            _ => named,
        }
    }

    /// The edit that takes a statement out, with its comma; `None` for the only one, and in a document that
    /// is not read as it looks, where an edit could hit something else.
    pub fn removal(&self, statement: &Statement) -> Option<Edit> {
        let document = self.document;
        let list = document.tree.get(document.text(), "Statement")?.items();
        let index = list.partition_point(|item| item.span.start < statement.span.start);
        let span = match index.checked_sub(1).and_then(|before| list.get(before)) {
            Some(before) => Span { start: before.span.end, end: statement.span.end },
            None => Span { start: statement.span.start, end: list.get(1)?.span.start },
        };
        document.is_sound().then(|| Edit::remove(span))
    }

    /// The bracket that opens a statement: the place of what is missing in it.
    pub fn opening(&self, statement: &Statement) -> Span {
        let start = statement.span.start as usize;
        Span::new(start, start + 1)
    }

    /// The problems that reading the document found for this rule.
    pub(super) fn lift_problems(&mut self) {
        let problems = self.document.problems.iter().filter(|problem| problem.rule == self.rule.name);
        for problem in problems {
            let severity = problem.severity.min(self.severity);
            self.report(problem.clone().severity(severity));
        }
    }

    pub(super) fn into_found(self) -> Vec<Found> {
        self.found
    }
}

/// A rule file's declaration: the doc comment above it is the rule's page.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])*
        name: $name:literal, group: $group:ident, severity: $severity:ident, since: $since:literal,
        rows: [$($row:literal),* $(,)?], peers: [$($peer:literal),* $(,)?],
        $(kinds: [$($kind:ident),* $(,)?],)?
        $(fix: $fix:ident,)?
        $(opt_in: $opt_in:literal,)?
        $(absence: $absence:literal,)?
        $(joins: $joins:literal,)?
        $(gives_way_to: [$($way:literal),* $(,)?],)?
        check: $check:expr $(,)?
    ) => {
        $(#[doc = $doc])*
        pub(crate) const RULE: $crate::lint::Rule = {
            #[allow(unused_mut, reason = "most rules leave the optional parts out")]
            let mut rule = $crate::lint::Rule {
                name: $name,
                group: $crate::lint::Group::$group,
                severity: $crate::diagnostic::Severity::$severity,
                since: $since,
                rows: &[$($row),*],
                peers: &[$($peer),*],
                kinds: &[],
                fix: $crate::lint::FixKind::None,
                opt_in: false,
                absence: false,
                joins: false,
                gives_way_to: &[],
                docs: concat!($($doc, "\n"),*),
                check: $check,
            };
            $(rule.kinds = &[$($crate::kind::Kind::$kind),*];)?
            $(rule.fix = $crate::lint::FixKind::$fix;)?
            $(rule.opt_in = $opt_in;)?
            $(rule.absence = $absence;)?
            $(rule.joins = $joins;)?
            $(rule.gives_way_to = &[$($way),*];)?
            rule
        };
    };
}
pub(crate) use rule;
