//! Every policy of a change, one after the other, and what all of them come to.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::comparison;
use super::json::Unread;
use super::markdown::{Within, words};
use super::style::{Role, Style, clean};
use super::wrap::{count, hanging};
use crate::analyze::checks::Outcome;
use crate::analyze::compare::Comparison;
use crate::analyze::space::Relation;
use crate::document::Document;
use crate::spelling::capital;

/// What differs between a commit and the working tree, or between two files or folders.
#[derive(Debug)]
pub struct Review {
    /// What is compared, as the verdict says it.
    between: String,
    /// The members of the JSON that say so.
    base: Json,
    /// Files that hold policies.
    pub files: usize,
    /// Files that differ and hold none.
    pub skipped: usize,
    /// Policies in files that differ whose own text does not.
    pub untouched: usize,
    /// The paths of files with policies in which more differs than these.
    pub elsewhere: Vec<String>,
    /// The policies that differ, in the order of their files.
    pub policies: Vec<Reviewed>,
    /// What could not be compared.
    pub errors: Vec<Unread>,
    /// Where there are statements that are in no policy.
    pub unread: Vec<Unread>,
    /// The options that are undecided for what is not compared.
    pub undecided: Vec<Asked>,
}

/// One policy that differs.
#[derive(Debug)]
pub struct Reviewed {
    relation: Relation,
    /// Grants that need fewer or more policies of the caller.
    more_direct: usize,
    less_direct: usize,
    exact: bool,
    /// Whether it is known if something came, and if something went.
    is_known: [bool; 2],
    added: usize,
    removed: usize,
    /// Denies that are gone, in whole or in part, and those that came.
    lifted: usize,
    denied: usize,
    /// The checks that did not pass, as they are typed, and where.
    failed: Vec<Asked>,
    undecided: Vec<Asked>,
    human: String,
    markdown: String,
    data: Json,
}

/// An option that decides the exit status, and of which file it is asked.
#[derive(Debug)]
pub struct Asked {
    /// As it is typed.
    pub option: String,
    /// The path of the file.
    pub of: String,
}

impl Review {
    /// Nothing yet, since a commit that is called `base`.
    pub fn since(base: &str, commit: &str) -> Self {
        Review::new(format!("since {base}"), json!({"name": base, "commit": commit}))
    }

    /// Nothing yet, of two files or folders.
    pub fn between(old: &str, new: &str) -> Self {
        Review::new(format!("from {old} to {new}"), json!({"name": old, "commit": null}))
    }

    fn new(between: String, base: Json) -> Self {
        Review {
            between,
            base,
            files: 0,
            skipped: 0,
            untouched: 0,
            elsewhere: Vec::new(),
            policies: Vec::new(),
            errors: Vec::new(),
            unread: Vec::new(),
            undecided: Vec::new(),
        }
    }

    /// What the options ask in all: one that fails for some policy fails, whatever is not known of others; of several
    /// options, one that is undecided outranks one that failed.
    pub fn outcome(&self) -> Outcome {
        match (self.failed().is_empty(), self.undecided().is_empty()) {
            (true, true) => Outcome::Passed,
            (false, true) => Outcome::Failed,
            (_, false) => Outcome::Undecided,
        }
    }

    fn failed(&self) -> Vec<&Asked> {
        self.policies.iter().flat_map(|policy| &policy.failed).collect()
    }

    fn undecided(&self) -> Vec<&Asked> {
        let failed: HashSet<&str> = self.failed().iter().map(|asked| asked.option.as_str()).collect();
        let all = self.policies.iter().flat_map(|policy| &policy.undecided).chain(&self.undecided);
        all.filter(|asked| !failed.contains(asked.option.as_str())).collect()
    }

    fn number(&self, relation: Relation) -> usize {
        self.policies.iter().filter(|policy| policy.relation == relation).count()
    }
}

impl Reviewed {
    /// A comparison and the paths of the two policies in the repository, as far as they are there.
    pub fn new(
        comparison: &Comparison<'_>,
        old_path: Option<String>,
        new_path: Option<String>,
        style: Style,
    ) -> Self {
        let path = new_path.as_ref().or(old_path.as_ref());
        let of = |outcome: Outcome| -> Vec<Asked> {
            let checks = comparison.checks.iter().filter(|check| check.outcome == outcome);
            let asked =
                |check| Asked { option: comparison::option(check), of: path.cloned().unwrap_or_default() };
            checks.map(asked).collect()
        };
        let side = |path: &Option<String>, document: &Document| {
            path.as_ref().map(|path| json!({"path": path, "document": document.pointer()}))
        };
        let mut data = json!({
            "old": side(&old_path, comparison.old),
            "new": side(&new_path, comparison.new),
            "kind": comparison.new.kind.name(),
        });
        let both = old_path.is_some() && new_path.is_some();
        if let (Json::Object(data), Json::Object(members)) = (&mut data, comparison::json(comparison)) {
            data.extend(members.into_iter().filter(|(name, _)| name != "version"));
            if !both {
                // There is nothing to be patched, or nothing to come of it.
                data.insert("patch".to_owned(), json!([]));
            }
        }
        Reviewed {
            relation: comparison.change.relation,
            more_direct: comparison.change.counted_by_itself(true),
            less_direct: comparison.change.counted_by_itself(false),
            exact: comparison.change.exact,
            is_known: [comparison.change.new_is_more, comparison.change.old_is_more].map(|is| is.is_some()),
            added: comparison.change.added.len(),
            removed: comparison.change.removed.len(),
            lifted: comparison.change.undenied.len(),
            denied: comparison.change.denied.len(),
            failed: of(Outcome::Failed),
            undecided: of(Outcome::Undecided),
            human: comparison::human(comparison, style),
            markdown: comparison::markdown(comparison),
            data,
        }
    }

    /// Whether all that is asked was answered with yes.
    pub fn passed(&self) -> bool {
        self.failed.is_empty() && self.undecided.is_empty()
    }
}

/// Each policy for people, or only those that decide the exit status, and one verdict last.
pub fn human(review: &Review, only_failing: bool, style: Style) -> String {
    let shown = review.policies.iter().filter(|policy| !only_failing || !policy.passed());
    let mut out: String = shown.map(|policy| format!("{}\n", policy.human)).collect();
    out.push_str(&verdict(review, style));
    out
}

/// For a review comment: the verdict, then each policy.
pub fn markdown(review: &Review) -> String {
    let plain = Style { unicode: true, ..Style::default() };
    let verdict = words(&verdict(review, plain).trim_end().replace('\n', " "), Within::Line);
    let mut out = format!("**{verdict}**\n");
    for error in review.errors.iter().chain(&review.unread) {
        out.push_str(&format!("\n- {}\n", words(&error.message, Within::Line)));
    }
    for policy in &review.policies {
        out.push_str(&format!("\n{}", policy.markdown));
    }
    out
}

/// For programs.
pub fn json(review: &Review) -> Json {
    json!({
        "version": 1,
        "base": review.base,
        "policies": review.policies.iter().map(|policy| &policy.data).collect::<Vec<_>>(),
        "errors": review.errors,
        "unread": review.unread,
        "elsewhere": review.elsewhere,
        "summary": {
            "files": review.files,
            "skipped": review.skipped,
            "policies": review.policies.len(),
            "untouched": review.untouched,
            "equivalent": review.number(Relation::Equivalent),
            "broader": review.number(Relation::Broader),
            "narrower": review.number(Relation::Narrower),
            "incomparable": review.number(Relation::Incomparable),
            "unproved": review.number(Relation::Unproved),
        },
    })
}

/// `3 policies since main: 1 broader, 2 the same. 2 grants added, none removed (proved, exact).`
fn verdict(review: &Review, style: Style) -> String {
    let all_read = review.errors.is_empty() && review.unread.is_empty();
    let mut besides = Vec::new();
    if review.skipped > 0 {
        besides.push(format!("{} without a policy", count(review.skipped, "file")));
    }
    if !review.errors.is_empty() {
        besides.push(format!("{} could not be compared", review.errors.len()));
    }
    if !review.unread.is_empty() {
        besides.push(format!("{} not read in full", count(review.unread.len(), "file")));
    }
    match review.elsewhere.as_slice() {
        [] => {}
        [path] => besides.push(format!("what else differs in {} is not compared", clean(path))),
        all => besides.push(format!("what else differs in {} files is not compared", all.len())),
    }
    let besides = if besides.is_empty() { String::new() } else { format!("; {}", besides.join(", ")) };
    if review.policies.is_empty() {
        let role = if all_read { Role::Good } else { Role::StrongBad };
        let line = match review.untouched {
            0 => format!("No policy to compare {}{besides}.", clean(&review.between)),
            number => {
                format!("No difference in {} {}{besides}.", count(number, "policy"), clean(&review.between))
            }
        };
        return hanging("", 0, &line, style, Some(role)) + &checks(review, style);
    }
    let is_less_alike = |policy: &&Reviewed| {
        policy.relation == Relation::Equivalent && policy.more_direct + policy.less_direct > 0
    };
    let less_alike = review.policies.iter().filter(is_less_alike).count();
    let words = [
        (review.number(Relation::Broader), "broader"),
        (review.number(Relation::Incomparable), "neither broader nor narrower"),
        (review.number(Relation::Narrower), "narrower"),
        (review.number(Relation::Equivalent) - less_alike, "the same"),
        (less_alike, "the same but for how directly"),
        (review.number(Relation::Unproved), "not proved"),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let total = |of: fn(&Reviewed) -> usize| review.policies.iter().map(of).sum::<usize>();
    let is_known = |side: usize| all_read && review.policies.iter().all(|policy| policy.is_known[side]);
    let grants = |number: usize, verb: &str, denies: usize, denied: &str, side: usize| match (number, denies)
    {
        (0, 0) if is_known(side) => format!("no grant {verb}"),
        (0, 0) => format!("no grant known to be {verb}"),
        _ => comparison::in_numbers(number, verb, denies, denied),
    };
    let came = grants(total(|policy| policy.added), "added", total(|policy| policy.lifted), "lifted", 0);
    let went = grants(total(|policy| policy.removed), "removed", total(|policy| policy.denied), "added", 1);
    let (more_direct, less_direct) = (total(|policy| policy.more_direct), total(|policy| policy.less_direct));
    let came = came + &comparison::more_direct(more_direct, "more");
    let went = went + &comparison::more_direct(less_direct, "less");
    let sure = review.policies.iter().all(|policy| policy.exact) && all_read;
    let line = format!(
        "{} {}: {}{besides}. {}, {went}{}.",
        count(review.policies.len(), "policy"),
        clean(&review.between),
        parts.join(", "),
        capital(&came),
        if sure { " (proved, exact)" } else { " (not exact)" }
    );
    let more = review.number(Relation::Broader) + review.number(Relation::Incomparable) + more_direct > 0;
    let role = match (sure, more) {
        (false, _) => Role::StrongBad,
        (true, true) => Role::StrongCareful,
        (true, false) => Role::Good,
    };
    hanging("", 0, &line, style, Some(role)) + &checks(review, style)
}

/// The options that failed, and those that are undecided, each once with the files.
fn checks(review: &Review, style: Style) -> String {
    let lines = [("Failed", review.failed()), ("Undecided", review.undecided())].map(|(word, all)| {
        let mut checks: Vec<String> = Vec::new();
        for Asked { option, of } in all {
            let check = format!("{option} ({of})");
            if !checks.contains(&check) {
                checks.push(check);
            }
        }
        match checks.is_empty() {
            true => String::new(),
            false => {
                let line = format!("{word}: {}.", checks.join(", "));
                hanging("", 0, &line, style, Some(Role::StrongBad))
            }
        }
    });
    lines.concat()
}
