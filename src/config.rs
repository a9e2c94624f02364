//! `polmerge.toml`: what a repository says once, for every command.
//!
//! Taken as text: the commands read the file. An unknown name is a mistake, not a wish for later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use toml::Spanned;

use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::suppress::{Date, Suppression, rule_named};
use crate::lint::{Level, Selector, Settings};
use crate::pattern::glob_problem;
use crate::source::Source;
use crate::span::Span;

/// What a configuration says. An empty one says nothing.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The user's own accounts.
    pub accounts: BTreeSet<String>,
    /// The user's own organizations.
    pub organizations: BTreeSet<String>,
    /// Values for placeholders.
    pub values: BTreeMap<String, String>,
    /// Folders with more steps.
    pub packs: Vec<PathBuf>,
    /// Levels of rules and groups.
    pub levels: BTreeMap<Selector, Level>,
    /// From which part of a limit on size on a policy is near it, in percent.
    pub near_quota: Option<u8>,
    /// Findings that are not to be shown.
    pub suppressions: Vec<Suppressed>,
    folder: PathBuf,
    files: Vec<(GlobSet, Kind)>,
}

/// A finding that is not to be shown in some files.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The files, as they were written.
    pub glob: String,
    /// What is suppressed in them.
    pub suppression: Suppression,
    matcher: GlobSet,
}

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// The file as TOML. Values keep their place until they have been checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    accounts: Vec<Spanned<String>>,
    #[serde(default)]
    organizations: Vec<Spanned<String>>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    packs: Vec<PathBuf>,
    #[serde(default, rename = "near-quota")]
    near_quota: Option<Spanned<u8>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    files: Vec<RawFiles>,
    #[serde(default)]
    suppress: Vec<Spanned<RawSuppress>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFiles {
    glob: Spanned<String>,
    kind: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuppress {
    glob: Spanned<String>,
    rule: Spanned<String>,
    #[serde(default)]
    sid: Option<String>,
    reason: Spanned<String>,
    #[serde(default)]
    expires: Option<Spanned<toml::Value>>,
}

impl Config {
    /// Reads a configuration that lies in `folder`, to which its paths and globs are relative.
    ///
    /// # Errors
    /// If it is no TOML, or says something that means nothing.
    pub fn parse(text: &str, folder: &Path) -> Result<Config, ConfigError> {
        let error = |span: std::ops::Range<usize>, message: String| {
            let at = Source::new("", text).position(Span::new(span.start, span.end).start as usize);
            ConfigError { line: at.line, column: at.column, message }
        };
        let raw: Raw = toml::from_str(text)
            .map_err(|problem| error(problem.span().unwrap_or(0..0), one_line(problem.message())))?;
        let checked = |values: Vec<Spanned<String>>, check: fn(&str) -> bool, what: &str| {
            let checked = values.into_iter().map(|value| match check(value.get_ref()) {
                true => Ok(value.into_inner()),
                false => Err(error(value.span(), format!("`{}` is no {what}", value.get_ref()))),
            });
            checked.collect::<Result<BTreeSet<_>, _>>()
        };
        let accounts = checked(raw.accounts, is_account, "account: one has twelve digits")?;
        let organizations =
            checked(raw.organizations, is_organization, "organization: one is written like o-a1b2c3d4e5")?;
        let mut levels = BTreeMap::new();
        for (name, level) in raw.rules {
            let selector = Selector::from_str(name.get_ref())
                .map_err(|unknown| error(name.span(), unknown.to_string()))?;
            let level_of = level_named(level.get_ref()).map_err(|message| error(level.span(), message))?;
            levels.insert(selector, level_of);
        }
        let near_quota = match raw.near_quota {
            Some(percent) if !(1..=100).contains(percent.get_ref()) => {
                let message = format!("`{}` is no part of a limit in percent: 1 to 100", percent.get_ref());
                return Err(error(percent.span(), message));
            }
            percent => percent.map(Spanned::into_inner),
        };
        let mut files = Vec::new();
        for entry in raw.files {
            let glob = glob(entry.glob.get_ref()).map_err(|message| error(entry.glob.span(), message))?;
            let kind = Kind::from_str(entry.kind.get_ref())
                .map_err(|unknown| error(entry.kind.span(), unknown.to_string()))?;
            files.push((glob, kind));
        }
        let mut suppressions = Vec::new();
        for entry in raw.suppress {
            suppressions.push(suppressed(entry, text, &error)?);
        }
        let packs = raw.packs.iter().map(|pack| folder.join(pack)).collect();
        Ok(Config {
            accounts,
            organizations,
            values: raw.values,
            packs,
            levels,
            near_quota,
            suppressions,
            folder: folder.to_owned(),
            files,
        })
    }

    /// The kind of the policies in a file: what the last entry that matches it says. `path` is
    /// absolute, or relative to the configuration's folder.
    pub fn kind_for(&self, path: &Path) -> Option<Kind> {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        self.files.iter().rev().find(|(glob, _)| glob.is_match(path)).map(|&(_, kind)| kind)
    }

    /// Whether any file is given a kind, so that paths matter.
    pub fn has_kinds(&self) -> bool {
        !self.files.is_empty()
    }

    /// The places in [`suppressions`](Self::suppressions) of those for a file.
    pub fn suppressions_for(&self, path: &Path) -> Vec<usize> {
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        let all = self.suppressions.iter().enumerate();
        all.filter(|(_, entry)| entry.matcher.is_match(path)).map(|(at, _)| at).collect()
    }

    /// Whether a look at these files and folders sees every file that an entry is for.
    pub fn is_within(&self, entry: &Suppressed, paths: &[PathBuf]) -> bool {
        let is_one = !entry.glob.contains(['*', '?', '[', '{']) && entry.glob.contains('/');
        paths.iter().any(|path| {
            self.folder.starts_with(path) || (is_one && self.folder.join(&entry.glob).starts_with(path))
        })
    }

    /// The settings of `lint` that it holds.
    pub fn settings(&self) -> Settings {
        Settings {
            levels: self.levels.clone(),
            accounts: self.accounts.clone(),
            organizations: self.organizations.clone(),
            near_quota: self.near_quota,
            ..Settings::default()
        }
    }
}

fn suppressed(
    entry: Spanned<RawSuppress>,
    text: &str,
    error: &dyn Fn(std::ops::Range<usize>, String) -> ConfigError,
) -> Result<Suppressed, ConfigError> {
    let whole = entry.span();
    let RawSuppress { glob: files, rule, sid, reason, expires } = entry.into_inner();
    let matcher = glob(files.get_ref()).map_err(|message| error(files.span(), message))?;
    let name = rule_named(rule.get_ref()).map_err(|message| error(rule.span(), message))?;
    if reason.get_ref().trim().is_empty() {
        return Err(error(reason.span(), "a suppression needs a reason".to_owned()));
    }
    let expires = expires.map(|day| {
        let text = match day.get_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.parse::<Date>().map_err(|message| error(day.span(), message))
    });
    // The line that opens the entry.
    let start = whole.start.min(text.len());
    let end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(whole.end, |at| start + at);
    let suppression = Suppression {
        rule: name,
        sid,
        within: None,
        reason: reason.into_inner(),
        expires: expires.transpose()?,
        span: Span::new(start, end),
    };
    Ok(Suppressed { glob: files.into_inner(), suppression, matcher })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

fn level_named(name: &str) -> Result<Level, String> {
    match name {
        "off" => Ok(Level::Off),
        "note" => Ok(Level::At(Severity::Note)),
        "warning" => Ok(Level::At(Severity::Warning)),
        "error" => Ok(Level::At(Severity::Error)),
        _ => Err(format!("`{name}` is no level; the levels are off, note, warning, error")),
    }
}

/// As in `.gitignore`: `*` stays within a folder, and a glob without `/` is for files in any folder.
fn glob(pattern: &str) -> Result<GlobSet, String> {
    if let Some(problem) = glob_problem(pattern) {
        return Err(problem);
    }
    let anywhere = match pattern.contains('/') {
        true => pattern.to_owned(),
        false => format!("**/{pattern}"),
    };
    // A set, though of one: it says what cannot be compiled, where a matcher would panic.
    let set = GlobBuilder::new(&anywhere).literal_separator(true).build();
    let set = set.and_then(|glob| GlobSetBuilder::new().add(glob).build());
    set.map_err(|error| format!("`{pattern}` is no glob: {}", error.kind()))
}

/// Messages of the TOML reader, in one line and without capital.
pub fn one_line(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\n', ", ");
    let mut letters = message.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
accounts = ["111111111111", "222222222222"]
organizations = ["o-a1b2c3d4e5"]
packs = ["policies/ours"]
near-quota = 80

[values]
YOUR_TOPIC_ARN = "arn:aws:sns:us-east-1:222222222222:expel-topic"

[rules]
json-syntax = "warning"
practice = "off"

[[files]]
glob = "keys/**"
kind = "kms"

[[files]]
glob = "*.scp.json"
kind = "scp"

[[suppress]]
glob = "legacy/**"
rule = "confused-deputy"
reason = "one way to write a day"
expires = 2027-01-31

[[suppress]]
glob = "keys/a.json"
rule = "principal-any"
sid = "Everyone"
reason = "the other way"
expires = "2027-01-31"
"#;

    fn error(text: &str) -> String {
        Config::parse(text, Path::new("")).unwrap_err().to_string()
    }

    #[test]
    fn everything_it_can_say() {
        let config = Config::parse(WHOLE, Path::new("/repo")).unwrap();
        assert_eq!(config.accounts.len(), 2);
        assert_eq!(config.packs, [PathBuf::from("/repo/policies/ours")]);
        assert_eq!(config.values["YOUR_TOPIC_ARN"], "arn:aws:sns:us-east-1:222222222222:expel-topic");
        let settings = config.settings();
        assert_eq!(settings.near_quota, Some(80));
        assert_eq!(settings.levels[&Selector::Rule("json-syntax")], Level::At(Severity::Warning));
        let kind = |path: &str| config.kind_for(Path::new(path));
        assert_eq!(kind("/repo/keys/a/b.json"), Some(Kind::Kms));
        assert_eq!(kind("keys/b.scp.json"), Some(Kind::Scp), "the last one decides");
        assert_eq!(kind("/repo/x/b.scp.json"), Some(Kind::Scp));
        assert_eq!(kind("/repo/x/b.json"), None);
        assert!(Config::parse("", Path::new("")).is_ok());

        assert_eq!(config.suppressions_for(Path::new("/repo/legacy/x/y.json")), [0]);
        assert_eq!(config.suppressions_for(Path::new("keys/a.json")), [1]);
        let [first, second] = config.suppressions.as_slice() else { panic!("{:?}", config.suppressions) };
        assert_eq!(first.suppression.expires, second.suppression.expires);
        assert_eq!(first.suppression.expires.map(|day| day.to_string()).as_deref(), Some("2027-01-31"));
        assert_eq!(first.suppression.span.slice(WHOLE), "[[suppress]]");
        assert_eq!(
            (first.suppression.rule, second.suppression.sid.as_deref()),
            ("confused-deputy", Some("Everyone"))
        );
        // Only a run that sees all files that an entry is for can tell that it has no use.
        let sees = |entry, path: &str| config.is_within(entry, &[PathBuf::from(path)]);
        assert!(sees(first, "/repo") && sees(first, "/") && !sees(first, "/repo/legacy"));
        assert!(
            sees(second, "/repo/keys/a.json") && sees(second, "/repo/keys") && !sees(second, "/repo/b.json")
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        assert_eq!(error("a = "), "1:5: string values must be quoted, expected literal string");
        assert!(
            error("\nsuppressions = []\n").starts_with("2:1: unknown field `suppressions`, expected one of")
        );
        let entry = |more: &str| error(&format!("[[suppress]]\nglob = \"x\"\n{more}"));
        assert_eq!(entry("rule = \"json-syntax\""), "1:1: missing field `reason`");
        assert_eq!(entry("rule = \"json-syntax\"\nreason = \" \""), "4:10: a suppression needs a reason");
        assert_eq!(
            entry("rule = \"syntax\"\nreason = \"r\""),
            "3:8: `syntax` is a group of rules; a suppression is for one rule"
        );
        assert_eq!(
            entry("rule = \"json-sintax\"\nreason = \"r\""),
            "3:8: `json-sintax` is no rule and no group of rules; did you mean `json-syntax`?"
        );
        assert_eq!(
            entry("rule = \"json-syntax\"\nreason = \"r\"\nexpires = \"2026-02-30\""),
            "5:11: `2026-02-30` is no day: one is written like 2027-01-31"
        );
        assert_eq!(
            error("[rules]\njson-syntax = \"warn\"\n"),
            "2:15: `warn` is no level; the levels are off, note, warning, error"
        );
        assert_eq!(
            error("[rules]\njson-sintax = \"off\"\n"),
            "2:1: `json-sintax` is no rule and no group of rules; did you mean `json-syntax`?"
        );
        assert_eq!(
            error("accounts = [\"111111111111\", \"1\"]"),
            "1:29: `1` is no account: one has twelve digits"
        );
        assert_eq!(error("near-quota = 0"), "1:14: `0` is no part of a limit in percent: 1 to 100");
        assert!(error("accounts = 1").starts_with("1:12: invalid type: integer `1`, expected a sequence"));
        assert!(
            error("[[files]]\nglob = \"x\"\nkind = \"y\"\n").starts_with("3:8: `y` is no kind of policy")
        );
        assert!(error("[[files]]\nglob = \"x{\"\nkind = \"kms\"\n").starts_with("2:8: `x{` is no glob"));
        assert_eq!(error("[[files]]\nglob = \"x\"\n"), "1:1: missing field `kind`");
        let of = |glob: &str| error(&format!("[[files]]\nglob = \"{glob}\"\nkind = \"kms\"\n"));
        for part in ["{a,", "{[}]", "{\\\\}"] {
            assert!(of(&part.repeat(200)).contains("at most 32 groups in braces"), "{part}");
        }
        assert!(of(&format!("{}{}", "{".repeat(100_000), "}".repeat(100_000))).contains("at most 1024"));
        assert!(of(&"[!a]".repeat(5_000)).contains("at most 1024"));
        // What is within the limits is compiled, whatever it is, or said to be no glob.
        for part in ["[!a]", "?", "*", "**/", "{a,b}", "{{a,b},c}", "[a-z0-9]", "\\\\a"] {
            let glob = part.repeat(1_024 / part.len());
            let _ = Config::parse(&format!("[[files]]\nglob = \"{glob}\"\nkind = \"kms\"\n"), Path::new(""));
        }
    }
}
