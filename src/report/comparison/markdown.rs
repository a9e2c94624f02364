//! A comparison as a review comment: what decides in the open, the report folded away behind it.

use super::{checks, name, text, verdict};
use crate::analyze::checks::Check;
use crate::analyze::compare::Comparison;
use crate::report::changes::Counts;
use crate::report::markdown::{Within, words};
use crate::report::style::Style;

/// For a review comment.
pub fn markdown(comparison: &Comparison<'_>) -> String {
    let plain = Style { unicode: true, ..Style::default() };
    let counts = Counts::of(comparison.old, comparison.new, &comparison.pairs);
    // The line feeds in it are ours.
    let verdict = escaped(&verdict::line(comparison, counts, plain).trim_end().replace('\n', " "));
    let list: String = comparison.checks.iter().map(|check| item(comparison, check)).collect();
    let list = if list.is_empty() { list } else { format!("{list}\n") };
    let report = super::human(comparison, plain).replace("```", "'''");
    format!(
        "**{verdict}**\n\n{list}<details><summary>What changed</summary>\n\n```text\n{report}```\n\n</details>\n"
    )
}

/// A check, and the requests that show that it failed.
fn item(comparison: &Comparison<'_>, check: &Check) -> String {
    let words = escaped(&checks::words(comparison, check));
    let mut out = format!("- **{}** {words}\n", check.outcome.name());
    for reason in &check.reasons {
        out.push_str(&format!("  - {}\n", escaped(reason)));
    }
    for request in &check.requests {
        let who = request.principal.as_ref().map_or_else(String::new, |caller| format!("{} ", name(caller)));
        let with: Vec<String> =
            request.context.iter().map(|(key, value)| format!("{key} {}", text(value))).collect();
        let with = if with.is_empty() { String::new() } else { format!(", with {}", with.join(", ")) };
        let line = format!("{who}{} on {}{with}", request.action, request.shown_resource());
        out.push_str(&format!("  - {}\n", escaped(&line)));
    }
    out
}

fn escaped(text: &str) -> String {
    words(text, Within::Line)
}
