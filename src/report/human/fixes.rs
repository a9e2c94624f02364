//! What `--fix` could do, and what it did.

use crate::diagnostic::{Diagnostic, FixProof};
use crate::lint::fix::Told;
use crate::report::style::{Role, Style, clean};
use crate::report::wrap::{count, wrap};

/// What a finding says of its fix, once somebody asked whether it can be made.
pub(super) fn offer(finding: &Diagnostic) -> Option<String> {
    let fix = finding.fix.as_ref()?;
    let what = if finding.help.is_some() { "that" } else { &fix.title };
    match (&fix.proof, fix.safe) {
        (FixProof::Unasked, _) => None,
        (FixProof::Proved, true) => Some(format!("`--fix` writes {what}; access stays as it is (proved)")),
        (FixProof::Proved, false) => {
            Some(format!("`--fix --unsafe` writes {what}; it removes access (proved: nothing is added)"))
        }
        (FixProof::NotProved(why), _) => Some(format!("none is made: {why}")),
    }
}

/// What became of the fixes of a file called `name`, a line each; `written`, unless it was only tried.
pub fn fixed(name: &str, told: &[Told], written: bool, style: Style) -> String {
    told.iter().map(|told| line(name, told, written, style)).collect()
}

/// `fixed[rule] name:3:7: what was done`
fn line(name: &str, told: &Told, written: bool, style: Style) -> String {
    let (word, role) = match (&told.refused, written) {
        (None, true) => ("fixed", Role::Good),
        (None, false) => ("to fix", Role::Good),
        (Some(_), _) => ("not fixed", Role::Careful),
    };
    let head = format!("{word}[{}]", told.rule);
    let place = format!("{}:{}", clean(name), told.place);
    let what = match &told.refused {
        None => told.title.clone(),
        Some(why) => format!("not proved: {why}"),
    };
    // Wrapped behind the width of head and place, which are painted.
    let lead = head.len() + place.chars().count() + 3;
    let filled = format!("{}{}", "x".repeat(lead), clean(&what));
    let lines = wrap(&filled, style.width);
    let mut out = format!("{} {}: ", style.paint(role, &head), style.paint(Role::Place, &place));
    for (index, line) in lines.iter().enumerate() {
        match index {
            0 => out.push_str(line.get(lead..).unwrap_or("")),
            _ => out.push_str(&format!("\n    {line}")),
        }
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// `2 fixes made (proved: access stays as it is)`; `None` if none was.
pub fn made<'t>(told: impl IntoIterator<Item = &'t Told>, written: bool) -> Option<String> {
    let made: Vec<&Told> = told.into_iter().filter(|told| told.refused.is_none()).collect();
    let proof = match made.iter().all(|told| told.safe) {
        true => "access stays as it is",
        false => "nothing is added",
    };
    let verb = if written { "made" } else { "to be made" };
    (!made.is_empty()).then(|| format!("{} {verb} (proved: {proof})", count(made.len(), "fix")))
}
