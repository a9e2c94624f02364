//! How far the onboarding is, as a table and as JSON.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::diff;
use super::style::{Role, Style, clean};
use super::wrap::{count, wrap};
use crate::guide::discover::DEFAULT_FOLDER;
use crate::guide::plan::Plan;
use crate::guide::{Accounts, Answer, Check, Form, Row, State, values_file};
use crate::steps::Pack;
use crate::steps::guide::{Account, Guide};

/// How old answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// In whole days.
    pub days: i64,
}

/// What the report needs besides the outcome.
pub struct Facts<'a> {
    /// How old the oldest answers are, if that is known.
    pub age: Option<Age>,
    /// The options to repeat in the commands that are proposed.
    pub options: &'a str,
    /// Whether to show what would change.
    pub verbose: bool,
}

fn role(state: State) -> Option<Role> {
    match state {
        State::Done => Some(Role::Good),
        State::Wider | State::Different => Some(Role::Careful),
        State::Missing => Some(Role::Bad),
        State::CannotTell | State::ByHand => None,
    }
}

/// The report for a person.
pub fn human(check: &Check, facts: &Facts<'_>, style: Style) -> String {
    let mut out = head(check, facts, style);
    out.push('\n');
    for (index, row) in check.rows.iter().enumerate().filter(|(_, row)| row.uncollected.is_empty()) {
        out.push_str(&table_row(index + 1, row, style));
        if facts.verbose {
            for change in &row.diffs {
                let diff = diff::unified(&change.old, &change.new, &change.name, style);
                diff.lines().for_each(|line| out.push_str(&format!("      {line}\n")));
            }
        }
    }
    out.push_str(&uncollected(check, style));
    if !check.works.is_empty() {
        let judged = "Would it work? Judged by the collected policies, without SCPs and RCPs.";
        out.push_str(&line("\n", "", 0, None, judged, style));
    }
    for works in check.works.iter().filter(|works| works.answer != Answer::CannotTell) {
        let role = match works.answer {
            Answer::Yes => Some(Role::Good),
            Answer::NotYet => Some(Role::Careful),
            Answer::No => Some(Role::Bad),
            Answer::CannotTell => None,
        };
        out.push_str(&line("  ", works.answer.words(), 14, role, &works.text(), style));
    }
    out.push_str(&unknown_works(check, style));
    if let Some(Form { number, fields }) = &check.form {
        out.push_str(&format!("\nFor step {number}, when everything else is done:\n"));
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 3;
        for (name, value) in fields {
            out.push_str(&format!("  {name:width$}{}\n", clean(value.as_deref().unwrap_or("not yet known"))));
        }
    }
    for warning in &check.warnings {
        out.push_str(&line("\n", "warning:", 9, Some(Role::Careful), warning, style));
    }
    out.push_str(&next(check, facts, style));
    out.push('\n');
    for line in wrap(&closing(check), style.width) {
        out.push_str(&format!("{}\n", style.paint(Role::Strong, &line)));
    }
    out
}

fn head(check: &Check, facts: &Facts<'_>, style: Style) -> String {
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
    let choice = check.choice.as_ref().map(|choice| format!("option {}, {}", choice.value, choice.title));
    let accounts = check.accounts.iter().map(|(_, title, id)| format!("{title} {}", known(id)));
    let first: Vec<String> = std::iter::once(check.title.clone()).chain(choice).chain(accounts).collect();
    let from = match &check.from {
        Some((folder, Some(when))) => {
            format!("account data: {folder}, collected {}", when.replace('T', " ").replace('Z', " UTC"))
        }
        Some((folder, None)) => format!("account data: {folder} (collection date unknown)"),
        None => "no account data collected yet".to_owned(),
    };
    let second = vec![known(&check.region), from];
    let mut out: String =
        [first, second].iter().flat_map(|parts| parted(parts, style.width)).map(|line| line + "\n").collect();
    if let Some(age) = facts.age.filter(|age| age.days >= 1) {
        let days = if age.days == 1 { "a day".to_owned() } else { format!("{} days", age.days) };
        out.push_str(
            &style
                .paint(Role::Careful, &format!("collected {days} ago; the accounts may have changed since")),
        );
        out.push('\n');
    }
    out
}

/// Parts in lines of at most `width` characters, each part whole where it fits.
fn parted(parts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= width => {
                line.push_str(&format!(" · {}", clean(part)));
            }
            _ => lines.extend(wrap(part, width)),
        }
    }
    lines
}

fn table_row(number: usize, row: &Row, style: Style) -> String {
    let lead = format!(" {number:2}  {:22}", row.title);
    line(&lead, row.state.words(), 14, role(row.state), &row.detail, style)
}

/// The steps of which nothing is known because their account was not collected: a line for each account.
fn uncollected(check: &Check, style: Style) -> String {
    let mut out = String::new();
    let mut accounts: Vec<&String> = check.rows.iter().flat_map(|row| &row.uncollected).collect();
    accounts.sort();
    accounts.dedup();
    for account in accounts {
        let rows = check.rows.iter().enumerate();
        let rows = rows.filter(|(_, row)| row.uncollected.contains(account)).map(|(index, _)| index + 1);
        let text = format!("not collected in {}", self::account(account, check.title_of(account)));
        let lead = format!(" {:<26}", ranges(rows));
        out.push_str(&line(&lead, State::CannotTell.words(), 14, None, &text, style));
    }
    out
}

/// What is not known, a line for each reason.
fn unknown_works(check: &Check, style: Style) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let not_collected = check.rows.iter().any(|row| !row.uncollected.is_empty());
    for works in check.works.iter().filter(|works| works.answer == Answer::CannotTell) {
        let why = match &works.why {
            Some(_) if not_collected => "needs what was not collected",
            Some(why) => why,
            None => "",
        };
        match reasons.iter_mut().find(|(own, _)| *own == why) {
            Some((_, questions)) => questions.push(&works.question),
            None => reasons.push((why, vec![&works.question])),
        }
    }
    let mut out = String::new();
    for (why, questions) in reasons {
        let text = match questions.as_slice() {
            [one] => format!("{one}: {why}"),
            several if not_collected => format!("{} questions: {why}", several.len()),
            several => format!("{}: {why}", several.join("; ")),
        };
        out.push_str(&line("  ", Answer::CannotTell.words(), 14, None, &text, style));
    }
    out
}

/// `1, 3-9`
fn ranges(numbers: impl Iterator<Item = usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run = |(first, last): &(usize, usize)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    };
    format!("{:>2}", runs.iter().map(run).collect::<Vec<_>>().join(", "))
}

/// A word in a column, and a text behind it, wrapped below itself.
fn line(lead: &str, word: &str, width: usize, role: Option<Role>, text: &str, style: Style) -> String {
    let painted = role.map_or_else(|| word.to_owned(), |role| style.paint(role, word));
    let gap = " ".repeat(width.saturating_sub(word.len()));
    let indent = lead.trim_start_matches('\n').chars().count() + width;
    let lines = wrap(text, style.width.saturating_sub(indent));
    let text = lines.join(&format!("\n{}", " ".repeat(indent)));
    format!("{}\n", format!("{lead}{painted}{gap}{text}").trim_end())
}

fn next(check: &Check, facts: &Facts<'_>, style: Style) -> String {
    let numbers = |wanted: &dyn Fn(&Row) -> bool| -> Vec<String> {
        let rows = check.rows.iter().enumerate().filter(|(_, row)| wanted(row));
        rows.map(|(index, _)| (index + 1).to_string()).collect()
    };
    let unknown = numbers(&|row| {
        row.state == State::CannotTell || !row.unknown_in.is_empty() || !row.to_collect.is_empty()
    });
    let is_planned = |row: &Row| check.planned.contains(&row.step);
    let waits = |row: &Row| {
        !row.to_collect.is_empty() || check.created.iter().any(|created| created.waiting.contains(&row.step))
    };
    let is_open = |row: &Row| matches!(row.state, State::Different | State::Missing);
    // Half of a step may be in a plan.
    let has_rest = |row: &Row| check.left.iter().any(|left| left.steps.contains(&row.step)) && !waits(row);
    let in_part = numbers(&|row| is_planned(row) && has_rest(row));
    let mut open = numbers(&is_planned);
    open.iter_mut()
        .filter(|number| in_part.contains(number))
        .for_each(|number| number.push_str(" (in part)"));
    let left = numbers(&|row| is_open(row) && !waits(row) && (!is_planned(row) || has_rest(row)));
    let mut out = String::new();
    let options = clean(facts.options);
    let folder = check.from.as_ref().map(|(folder, _)| folder.as_str());
    for created in &check.created {
        let (parameter, arn) = (&created.parameter, clean(&created.arn));
        out.push_str(&format!("  add to the values file: {parameter} = \"{arn}\"\n"));
        let why = format!(
            "the key {} exists; a script that `guide collect` printed before does not read its policy",
            created.alias
        );
        out.push_str(&line("      ", "", 0, None, &why, style));
    }
    if !unknown.is_empty() || !check.created.is_empty() {
        let only = match unknown.as_slice() {
            [only] if check.created.is_empty() => Some(only.as_str()),
            _ => None,
        };
        out.push_str(&format!("  {}\n", collect_command(&options, folder, only)));
        let mut accounts: Vec<&String> =
            check.rows.iter().flat_map(|row| row.unknown_in.iter().chain(&row.to_collect)).collect();
        accounts.extend(check.created.iter().map(|created| &created.account));
        accounts.sort();
        accounts.dedup();
        let named: Vec<String> = accounts.into_iter().map(|id| account(id, check.title_of(id))).collect();
        let named = if named.is_empty() { "each account".to_owned() } else { named.join(", then to ") };
        let text = format!("run it signed in to {named}; it only reads");
        out.push_str(&line("      ", "", 0, None, &text, style));
    }
    if !open.is_empty() {
        let command = command("plan", &options, option_unless_default("--from", folder), "-o plan/");
        let step = if open.len() == 1 { "step" } else { "steps" };
        let what = format!("writes the commands for {step} {}, and the way back", open.join(", "));
        out.push_str(&format!("  {command}\n{}", line("      ", "", 0, None, &what, style)));
    }
    if !left.is_empty() {
        let (step, what) =
            if left.len() == 1 { ("step", "its row reports") } else { ("steps", "their rows report") };
        let this = if in_part.is_empty() { "this" } else { "all of this" };
        let text = format!(
            "{step} {}: a plan cannot do {this}; change what {what}, then collect again",
            left.join(", ")
        );
        out.push_str(&line("  ", "", 0, None, &text, style));
    }
    for left in check.left.iter().filter(|left| !left.commands.is_empty()) {
        left.commands.iter().for_each(|command| out.push_str(&format!("  {}\n", clean(command))));
        let place = account(&left.account, check.title_of(&left.account));
        let is_of_aws = left.commands.iter().any(|command| command.starts_with("aws "));
        let signed_in = if is_of_aws { format!("; run it signed in to {place}") } else { String::new() };
        let text = format!("for {}, if that is what you want{signed_in}", left.what);
        out.push_str(&line("      ", "", 0, None, &text, style));
    }
    if out.is_empty() && !is_done(check) {
        let text = "no plan changes what does not work, or is unknown: change what its line names, then collect again";
        out.push_str(&line("  ", "", 0, None, text, style));
    }
    if out.is_empty() { out } else { format!("\nNext\n{out}") }
}

fn closing(check: &Check) -> String {
    let count = |wanted: State| check.rows.iter().filter(|row| row.state == wanted).count();
    let (done, wider) = (count(State::Done), count(State::Wider));
    let mut parts = Vec::new();
    let wider_words = if wider > 0 { format!(" ({wider} wider than the step)") } else { String::new() };
    parts.push(format!("{} of {} done{wider_words}", done + wider, check.rows.len()));
    for (state, words) in [
        (State::Different, "different"),
        (State::Missing, "missing"),
        (State::CannotTell, "unknown"),
        (State::ByHand, "by hand"),
    ] {
        if count(state) > 0 {
            parts.push(format!("{} {words}", count(state)));
        }
    }
    let no = check.works.iter().filter(|works| works.answer == Answer::No).count();
    if no > 0 {
        parts.push(format!("{no} would not work"));
    }
    format!("{}.", parts.join(", "))
}

/// The report for programs, version 1.
pub fn json(check: &Check, facts: &Facts<'_>) -> Json {
    let plain = Style::default();
    let steps: Vec<Json> = check
        .rows
        .iter()
        .map(|row| {
            let diffs: Vec<String> = row
                .diffs
                .iter()
                .map(|change| diff::unified(&change.old, &change.new, &change.name, plain))
                .collect();
            let looked_at: Vec<Json> = row
                .looked_at
                .iter()
                .map(
                    |file| json!({ "account": file.account, "file": file.file, "collected": file.collected }),
                )
                .collect();
            json!({
                "step": row.step,
                "title": row.title,
                "state": row.state.name(),
                "detail": row.detail,
                "looked_at": looked_at,
                "diffs": diffs,
            })
        })
        .collect();
    let works: Vec<Json> = check
        .works
        .iter()
        .map(|works| json!({ "answer": works.answer.name(), "text": works.text() }))
        .collect();
    let form = check.form.iter().flat_map(|form| &form.fields);
    json!({
        "version": 1,
        "option": check.choice.as_ref().map(|choice| option(&choice.value)),
        "accounts": check.accounts.iter().map(|(name, _, id)| (name.clone(), Json::from(id.clone()))).collect::<serde_json::Map<_, _>>(),
        "region": check.region,
        "from": check.from.as_ref().map(|(folder, _)| folder),
        "collected": check.from.as_ref().and_then(|(_, when)| when.as_ref()),
        "age_days": facts.age.map(|age| age.days),
        "done": is_done(check),
        "steps": steps,
        "works": works,
        "form": form.map(|(name, value)| (name.clone(), Json::from(value.clone()))).collect::<serde_json::Map<_, _>>(),
        "warnings": check.warnings,
    })
}

/// The value of an option, as a number where it is one.
fn option(value: &str) -> Json {
    value.parse::<u64>().map_or_else(|_| value.into(), Json::from)
}

/// Whether nothing is left to do or to find out, but what is done by hand.
pub fn is_done(check: &Check) -> bool {
    let settled = |state: State| matches!(state, State::Done | State::Wider | State::ByHand);
    check.rows.iter().all(|row| settled(row.state))
        && check.works.iter().all(|works| works.answer == Answer::Yes)
}

/// `222222222222 (Log Archive)`
pub fn account(id: &str, title: &str) -> String {
    if title.is_empty() { id.to_owned() } else { format!("{id} ({title})") }
}

/// The command that collects what an account holds into a folder.
pub fn collect_command(options: &str, folder: Option<&str>, step: Option<&str>) -> String {
    let step = step.map_or(String::new(), |step| format!("--step {step} "));
    command("collect", options, option_unless_default("--into", folder), &format!("{step}| bash"))
}

/// A command to run next, and as whom.
pub struct NextCommand {
    /// The command.
    pub command: String,
    /// Where to sign in before, if it matters.
    pub signed_in: Option<String>,
}

impl NextCommand {
    /// The lines for a person.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let signed_in =
            self.signed_in.iter().map(|place| format!("run it signed in to {place}; it only reads"));
        let signed_in = signed_in.flat_map(|text| wrap(&text, width.saturating_sub(6)));
        let signed_in = signed_in.map(|line| format!("      {line}"));
        std::iter::once(format!("  {}", self.command)).chain(signed_in).collect()
    }
}

/// The commands that look for the values in each of `places`, in order, and the one that fills them in.
pub fn discover_commands(
    places: &[&Account],
    (pack, guide): (&Pack, &Guide),
    options: &str,
    folder: &str,
) -> Vec<NextCommand> {
    let into = (folder != DEFAULT_FOLDER).then(|| format!("--into {}", clean(folder)));
    let looks = places.iter().map(|place| {
        let what = pack.parameters.get(&place.id).map(|id| &id.description);
        let what = what.map_or_else(|| format!("the {} account", place.title), String::clone);
        NextCommand {
            command: command("discover", &place.name, into.clone(), &join(options, "| bash")),
            signed_in: Some(what),
        }
    });
    let init = NextCommand { command: init_command((pack, guide), options, Some(folder)), signed_in: None };
    looks.chain([init]).collect()
}

/// The command that writes the file of values, from the answers in a folder.
pub fn init_command((pack, guide): (&Pack, &Guide), options: &str, folder: Option<&str>) -> String {
    let from = folder.map(|folder| format!("--from {}", clean(folder)));
    command("init", options, from, &format!("-o {}", values_file(pack, guide)))
}

fn join(one: &str, other: &str) -> String {
    [one, other].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn command(name: &str, options: &str, folder: Option<String>, more: &str) -> String {
    let parts = ["polmerge guide", name, options, folder.as_deref().unwrap_or_default(), more];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An option with the folder of answers, unless that folder is used without it.
fn option_unless_default(option: &str, folder: Option<&str>) -> Option<String> {
    let named = folder.filter(|folder| Path::new(folder) != Path::new(Accounts::DEFAULT_FOLDER))?;
    Some(format!("{option} {}", clean(named)))
}

/// What was planned, and where it is; `collect` is the command for accounts that were not collected.
pub fn planned(plan: &Plan, folder: Option<&str>, collect: &str, style: Style) -> String {
    let mut out = String::new();
    for warning in &plan.warnings {
        out.push_str(&line("", "warning:", 9, Some(Role::Careful), warning, style));
    }
    for (script, titles) in &plan.scripts {
        let folder = folder.unwrap_or_default();
        out.push_str(&format!("{}\n", style.paint(Role::Place, &format!("{folder}/{script}"))));
        titles.iter().for_each(|title| out.push_str(&format!("  {}\n", clean(title))));
    }
    if !plan.left.is_empty() || !plan.uncollected.is_empty() {
        out.push_str("\nNot planned\n");
        for (id, title) in &plan.uncollected {
            let text = format!("{} was not collected; signed in there, run", account(id, title));
            out.push_str(&line("  ", "-", 2, None, &text, style));
            out.push_str(&format!("    {}\n", clean(collect)));
        }
        for left in &plan.left {
            out.push_str(&line("  ", "-", 2, None, &left.to_string(), style));
            left.commands.iter().for_each(|command| out.push_str(&format!("    {}\n", clean(command))));
        }
    }
    let tasks: usize = plan.scripts.iter().map(|(_, titles)| titles.len()).sum();
    let closing = match folder {
        Some(folder) => {
            format!(
                "{} in {folder}: run each run.sh in its account, in order, then collect and check again.",
                count(tasks, "change")
            )
        }
        None if plan.left.is_empty() && plan.uncollected.is_empty() => {
            "Nothing to do. Nothing was written.".to_owned()
        }
        None => "Nothing can be planned. Nothing was written.".to_owned(),
    };
    out.push('\n');
    for line in wrap(&closing, style.width) {
        out.push_str(&format!("{}\n", style.paint(Role::Strong, &line)));
    }
    out
}
