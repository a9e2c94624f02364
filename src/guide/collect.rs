//! The script that reads what the accounts hold. It changes nothing.

use super::Setup;
use super::reads::{Read, Where};
use super::shell::quoted;
use crate::steps::guide::Account;

/// The beginning of a script that reads: who is signed in, and how an answer is kept.
const HEAD: &str = r#"set -euo pipefail

account=$(aws sts get-caller-identity --query Account --output text)

# answer NAME ABSENT COMMAND…: writes the output of the command to NAME.json. If the command fails, writes its message to
# NAME.error; the error codes in ABSENT, separated by `|`, mean that the resource does not exist. NAME.about keeps which resource
# the answer is about.
answer() {
  local file="$into/$1" absent=$2
  shift 2
  rm -f "$file.json" "$file.error" "$file.about"
  [ -z "${about-}" ] || printf '%s\n' "$about" >"$file.about"
  if "$@" >"$file.part" 2>"$file.error"; then
    mv "$file.part" "$file.json"
    rm -f "$file.error"
    return
  fi
  rm -f "$file.part"
  if grep -qE "[(]($absent)[)]" "$file.error"; then
    printf 'not there: %s\n' "$file" >&2
  else
    printf 'not read: %s: %s\n' "$file" "$(tail -n 1 "$file.error")" >&2
  fi
}
"#;

/// The script for the reads of `step`, or of all steps; answers go to `folder`.
pub fn script(setup: &Setup<'_>, folder: &str, step: Option<&str>) -> String {
    let comment = "Reads the resources of the set-up in the account of your credentials, and changes nothing. Run it once in each account.";
    let mut out = head(comment, &format!("{}/$account", quoted(folder.trim_end_matches('/'))));
    out.push_str("case $account in\n");
    let wanted = |read: &&Read<'_>| read.is_for(step);
    for account in &setup.guide.accounts {
        let Some(id) = setup.id(account) else { continue };
        let places = [Where::In(&account.name), Where::Every];
        let reads = setup.reads().iter().filter(wanted).filter(|read| places.contains(&read.place));
        out.push_str(&format!("{id}) # {}\n", account.title));
        out.push_str(&commands(setup, Some(account), reads));
        out.push_str("  ;;\n");
    }
    out.push_str("*) # a member account\n");
    let every = setup.reads().iter().filter(wanted).filter(|read| read.place == Where::Every);
    out.push_str(&commands(setup, setup.in_order().first().copied(), every));
    out.push_str("  ;;\nesac\n");
    out.push_str(END);
    out
}

/// The end of a script that reads: when it was, and where the answers are.
pub(super) const END: &str =
    "date -u +%Y-%m-%dT%H:%MZ >\"$into/collected\"\nprintf 'answers are in %s\\n' \"$into\"\n";

/// The beginning of a script that reads, up to the first answer; `into` is the folder for answers, as a word of the shell.
pub(super) fn head(comment: &str, into: &str) -> String {
    format!(
        "#!/usr/bin/env bash\n# {comment}\n{HEAD}\ninto={into}\nmkdir -p \"$into\"\nexport AWS_PAGER=''\n\n"
    )
}

fn commands<'r, 'p: 'r>(
    setup: &Setup<'_>,
    account: Option<&Account>,
    reads: impl Iterator<Item = &'r Read<'p>>,
) -> String {
    let mut out = String::new();
    if let Some(region) = account.and_then(|account| setup.region(account)) {
        out.push_str(&format!("  export AWS_REGION={0} AWS_DEFAULT_REGION={0}\n", quoted(region)));
    }
    for read in reads {
        let name = &read.name;
        let command = |template: &str| setup.command(template, read.parameter);
        let answer = match command(&read.command) {
            Ok(answer) => answer,
            Err(token) => {
                out.push_str(&format!("  # not read: {name}, as there is no value for {token}\n"));
                continue;
            }
        };
        let absent = match read.absent {
            [] => "-".to_owned(),
            codes => quoted(&codes.join("|")),
        };
        let about = setup.subject(read).map_or(String::new(), |about| format!("about={} ", quoted(&about)));
        out.push_str(&format!("  {about}answer {name} {absent} {answer}\n"));
        let Some(each) = read.each else { continue };
        let (Ok(query), Ok(one)) =
            (command(&format!("--query {} --output text", each.query)), command(each.command))
        else {
            continue;
        };
        let version = each.version.and_then(|version| command(version).ok());
        let version =
            version.map_or(String::new(), |version| format!("      version=$({version}) || version=''\n"));
        let but = match each.but {
            [] => String::new(),
            but => format!("      case $each in {}) continue ;; esac\n", but.join(" | ")),
        };
        out.push_str(&format!(
            "  rm -f \"$into\"/{name}-[0-9]*\n  number=0\n  if [ -f \"$into/{name}.json\" ]; then\n    \
             for each in $({answer} {query}); do\n      [ \"$each\" != None ] || continue\n      \
             number=$((number + 1))\n{but}{version}      answer \"{name}-$number\" - {one}\n    done\n  fi\n"
        ));
    }
    out
}
