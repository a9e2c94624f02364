//! A rule's page as plain text: what `explain` prints.

use super::style::{Role, Style, level_role};
use super::wrap::{count, wrap};
use crate::kind::Kind;
use crate::lint::{FixKind, Group, Rule};
use crate::spelling::capital;

/// What a rule finds, in one sentence: the first paragraph of its page.
pub fn summary(docs: &str) -> String {
    let first = docs.lines().map(str::trim).skip_while(|line| line.is_empty());
    first.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The page.
pub fn page(rule: &Rule, style: Style) -> String {
    let when = if rule.opt_in { ", runs on request" } else { "" };
    let mut out = format!(
        "{}: {}, group {}{}{when}\n",
        style.paint(Role::Strong, rule.name),
        rule.severity.name(),
        rule.group.name(),
        fix(rule).map_or_else(String::new, |option| format!(", some mended by {option}"))
    );
    body(rule.docs, &mut out, style);
    let kinds = rule.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let also = rule.peers.join(", ");
    let request = match rule.opt_in {
        true => format!(
            "polmerge lint --select {0}, or a level for it in polmerge.toml: {0} = \"{1}\"",
            rule.name,
            rule.severity.name()
        ),
        false => String::new(),
    };
    let tail = [("Runs with", request), ("Kinds of policy", kinds), ("Elsewhere called", also)];
    for (word, text) in tail.iter().filter(|(_, text)| !text.is_empty()) {
        out.push('\n');
        out.push_str(&style.paint(Role::Strong, word));
        for line in wrap(text, style.width.saturating_sub(2)) {
            out.push_str(&format!("\n  {line}"));
        }
        out.push('\n');
    }
    out.push_str(&format!(
        "\n{}\n  [[suppress]]\n  glob = \"path/to/file.json\"\n  rule = \"{2}\"\n  reason = \"why it is as it should be\"\n\
         \n{}\n  # polmerge: ignore[{2}] why it is as it should be\n",
        style.paint(Role::Strong, "To accept a finding, in polmerge.toml"),
        style.paint(Role::Strong, "Or in YAML, on the line above it or behind it"),
        rule.name
    ));
    out
}

/// The page as Markdown, for the book and for other programs. Headings begin at the second level.
pub fn markdown(rule: &Rule) -> String {
    let mut out = String::new();
    for line in rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        match line.strip_prefix("```").filter(|info| !info.is_empty()) {
            // What an example shows goes in front of it, as fences name a language alone.
            Some(info) => {
                let language = info.split(' ').next().unwrap_or_default();
                out.push_str(&format!("{}\n\n```{language}\n", caption(info)));
            }
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

/// The option that makes the rule's fixes.
pub fn fix(rule: &Rule) -> Option<&'static str> {
    match rule.fix {
        FixKind::Safe => Some("--fix"),
        FixKind::Unsafe => Some("--fix --unsafe"),
        FixKind::None => None,
    }
}

/// All rules by group, with how many it has: name, level, what each finds, and whether it has to be asked for.
pub fn list(rules: &[Rule], groups: &[Group], style: Style) -> String {
    let mut out = String::new();
    let longest = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for group in groups {
        let members: Vec<&Rule> = rules.iter().filter(|rule| rule.group == *group).collect();
        if members.is_empty() {
            continue;
        }
        out.push_str(&format!("{} ({})\n", style.paint(Role::Strong, group.name()), members.len()));
        for rule in members {
            let name = format!("{:longest$}", rule.name);
            let level = style.paint(level_role(rule.severity), &format!("{:7}", rule.severity.name()));
            let left = longest + 13;
            let mut text = summary(rule.docs);
            if let Some(option) = fix(rule) {
                text.push_str(&format!(" [{option}]"));
            }
            if rule.opt_in {
                text.push_str(" On request.");
            }
            let lines = wrap(&text, style.width.saturating_sub(left).max(30));
            let text = lines.join(&format!("\n{}", " ".repeat(left)));
            out.push_str(&format!("  {name}  {level}  {text}\n"));
        }
        out.push('\n');
    }
    out.push_str(&format!("{}. More about one: polmerge explain RULE\n", count(rules.len(), "rule")));
    if rules.iter().any(|rule| rule.opt_in) {
        out.push_str("Those on request run with --select, or with a level in polmerge.toml.\n");
    }
    out
}

/// Paragraphs wrapped, headings bold, examples set in under a line that says what they show.
fn body(docs: &str, out: &mut String, style: Style) {
    // Doc comments begin each line with the space behind `///`.
    let mut lines = docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).peekable();
    let mut indent = "";
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        out.push('\n');
        if let Some(heading) = line.strip_prefix('#') {
            out.push_str(&style.paint(Role::Strong, heading.trim_start_matches('#').trim()));
            out.push('\n');
            indent = "  ";
        } else if let Some(info) = line.strip_prefix("```") {
            out.push_str(&format!("{indent}{}\n", style.paint(Role::Dim, &caption(info))));
            for line in lines.by_ref().take_while(|line| !line.starts_with("```")) {
                out.push_str(format!("{indent}    {line}").trim_end());
                out.push('\n');
            }
        } else {
            let mut paragraph = vec![line.trim()];
            while let Some(next) = lines.next_if(|next| continues(next)) {
                paragraph.push(next.trim());
            }
            for line in wrap(&paragraph.join(" "), style.width.saturating_sub(indent.len())) {
                out.push_str(&format!("{indent}{line}\n"));
            }
        }
    }
}

/// Whether a line goes on with the paragraph before it. An item of a list stands by itself.
fn continues(line: &str) -> bool {
    !line.trim().is_empty() && !["```", "#", "- ", "* "].iter().any(|start| line.starts_with(start))
}

/// What an example shows, from the words behind its fence: `json bad kms`.
fn caption(info: &str) -> String {
    let mut words = info.split_whitespace().skip(1);
    let first = words.next().unwrap_or("for example");
    let mut caption = capital(first);
    for word in words {
        let title = match word.parse::<Kind>() {
            Ok(kind) => kind.title(),
            Err(_) => word,
        };
        caption.push_str(&format!(", {title}"));
    }
    caption + ":"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::wrap::WIDTH;

    #[test]
    fn pages_read_as_text() {
        let rule = crate::lint::rules::get("json-syntax").unwrap();
        assert_eq!(summary(rule.docs), "The text is not JSON as AWS reads it.");
        let page = page(rule, Style { unicode: true, ..Style::default() });
        let start = "json-syntax: error, group syntax\n\nThe text is not JSON as AWS reads it.\n\nWhy\n\n  AWS refuses";
        assert!(page.starts_with(start), "{page}");
        assert!(page.contains("\n  Bad, identity policy:\n      {\n        \"Version\""), "{page}");
        let called = "\n\nElsewhere called\n  access-analyzer:JSON_SYNTAX_ERROR, parliament:MALFORMED_JSON\n";
        assert!(page.contains(called), "{page}");
        let entry = "\n  rule = \"json-syntax\"\n  reason = \"why it is as it should be\"\n";
        let comment = "\n  # polmerge: ignore[json-syntax] why it is as it should be\n";
        assert!(page.contains(entry) && page.ends_with(comment), "{page}");
        let list = list(crate::lint::rules::ALL, Group::ALL, Style { unicode: true, ..Style::default() });
        assert!(list.lines().all(|line| line.chars().count() <= WIDTH), "{list}");
        assert!(list.contains("[--fix]") && list.contains("[--fix --unsafe]"), "{list}");
        assert!(!page.contains("```") && page.lines().all(|line| line.chars().count() <= WIDTH));
    }
}
