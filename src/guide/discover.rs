//! What the accounts show of the values: the script that looks, and what its answers come to.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::accounts::Accounts;
use super::key_state::KeyState;
use super::problems::account_in_name;
use super::things::ThingKind;
use super::{Setup, collect, shell};
use crate::invisible::is_unsafe;
use crate::policy::Arn;
use crate::steps::guide::{Account, Guide};
use crate::steps::{Given, Origin, Pack, Packs, Parameter, Purpose, Source, ValueType, Values};

/// The folder that the answers go to where no other one is named.
pub const DEFAULT_FOLDER: &str = "discovered";

/// Who is signed in, and in which Region the script looks: files beside those of the sources.
const CALLER: &str = "account";
const REGION: &str = "region";
/// The end of the name of a file: with which value of another parameter the candidates in the answer of that name belong.
const WITH: &str = ".with.json";
/// The end of the name of a file, before a number: the state of a key in the answer of that name.
const STATE: &str = "-state-";

/// What is found of all values.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// What is found, by parameter.
    pub found: BTreeMap<String, Finding>,
    /// The accounts of which there are no answers.
    pub without: Vec<Account>,
    /// The folder with the answers.
    folder: String,
}

/// What is found of one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The values that it may be. A single one is the value.
    pub candidates: Vec<Candidate>,
    /// Values that it may be, too, and which nothing speaks for.
    pub others: Vec<Candidate>,
    /// What a step creates where there is no candidate.
    pub new: Option<Candidate>,
    /// What could not be read, and the like.
    pub notes: Vec<String>,
    /// The commands that were not answered.
    unanswered: Vec<Unanswered>,
    /// The account whose answer has none of the candidates, though it has to.
    without: Option<String>,
}

/// A command that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unanswered {
    command: String,
    /// The account.
    site: String,
    why: String,
}

/// A value that is found, or proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The value.
    pub value: String,
    /// What it is, and in which account it was found.
    pub origin: String,
    /// The values of other parameters with which it belongs.
    with: Vec<(String, String)>,
    /// Whether it is a key that cannot be used, as its origin says.
    is_unusable: bool,
}

/// An account as it answered.
struct Site {
    id: String,
    partition: String,
    region: String,
    /// Its id with its name.
    name: String,
}

impl Finding {
    /// Leaves all candidates for a person to look at.
    fn leave_open(&mut self) {
        let none = std::mem::take(&mut self.candidates);
        self.others.splice(0..0, none);
        self.new = None;
    }

    /// The value, where there is no other choice.
    pub fn value(&self) -> Option<&Candidate> {
        match self.candidates.as_slice() {
            [] => self.new.as_ref(),
            [one] => Some(one),
            _ => None,
        }
    }
}

impl Discovery {
    /// The values that were found.
    pub fn given(&self, pack: &Pack) -> Vec<Given> {
        let is_used = |parameter: &Parameter| !parameter.optional && parameter.derive.is_empty();
        let used = self.found.iter().filter(|(name, _)| pack.parameters.get(*name).is_some_and(is_used));
        let given = used.filter_map(|(name, finding)| {
            let value = finding.value()?.value.clone();
            Some(Given { name: name.clone(), value, origin: Origin::Discovered(self.folder.clone()) })
        });
        given.collect()
    }

    /// The commands that were not answered, each with the values that are left open for it, or are to be checked.
    pub fn unanswered(&self) -> Vec<String> {
        let mut all: Vec<(&Unanswered, Vec<&str>, Vec<&str>)> = Vec::new();
        for (name, finding) in &self.found {
            for one in &finding.unanswered {
                let index = all.iter().position(|(own, ..)| *own == one).unwrap_or_else(|| {
                    all.push((one, Vec::new(), Vec::new()));
                    all.len() - 1
                });
                let (_, open, filled) = &mut all[index];
                if finding.value().is_none() { open } else { filled }.push(name);
            }
        }
        let parts = |names: &[&str], what: &str| match names {
            [] => String::new(),
            names => format!("; {what} {}", names.join(", ")),
        };
        let line = |(one, open, filled): (&Unanswered, Vec<&str>, Vec<&str>)| {
            let (open, filled) = (parts(&open, "left open:"), parts(&filled, "to be checked:"));
            let Unanswered { command, site, why } = one;
            format!("`{command}` was not answered in {site}: {why}{open}{filled}")
        };
        all.into_iter().map(line).collect()
    }
}

/// The sources of the values in an account: the file for its answer, the parameter, and the source.
fn sources(pack: &Pack) -> impl Iterator<Item = (String, &str, &Source)> {
    pack.parameters.iter().flat_map(|(name, parameter)| {
        let sources = parameter.discover.iter().flat_map(|discover| &discover.sources).enumerate();
        sources.map(move |(index, source)| {
            let stem = name.trim_start_matches("YOUR_").to_ascii_lowercase().replace('_', "-");
            (format!("{stem}-{}", index + 1), name.as_str(), source)
        })
    })
}

/// The accounts in which something is looked for, in order.
pub fn accounts<'p>(pack: &'p Pack, guide: &'p Guide) -> Vec<&'p Account> {
    let has_source = |account: &&Account| sources(pack).any(|(_, _, source)| source.account == account.name);
    guide.accounts.iter().filter(has_source).collect()
}

/// The script that looks in an account, knowing what was found before; answers go to a folder in `folder`, and the lines of
/// `next` say what to do after it.
pub fn script(
    setup: &Setup<'_>,
    discovery: &Discovery,
    place: &Account,
    folder: &str,
    next: &[String],
) -> String {
    let comment = format!(
        "Finds values of the set-up in the {} account, and changes nothing. Run it with credentials for that account.",
        place.title
    );
    let folder = shell::quoted(folder.trim_end_matches('/'));
    let mut out = collect::head(&comment, &format!("{folder}/{}", place.name));
    if let Some(partition) = setup.pack.partition() {
        let why =
            "'a role in the partition `%s` cannot trust the principal of %s, which is in `%s`: ask %s\\n'";
        let (vendor, partition) = (shell::quoted(&setup.guide.vendor), shell::quoted(partition));
        out.push_str(&format!(
            "arn=$(aws sts get-caller-identity --query Arn --output text)\nIFS=: read -r _ own _ <<<\"$arn\"\nif [ \
             \"$own\" != {partition} ]; then\n  printf {why} \"$own\" {vendor} {partition} {vendor} >&2\n  exit 1\nfi\n"
        ));
    }
    match setup.region(place) {
        Some(region) => out.push_str(&format!("region={}\n", shell::quoted(region))),
        None => out.push_str(
            "region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}\n\
             if [ -z \"$region\" ]; then\n  printf 'no Region is set: run this with AWS_REGION=…, the Region of the logs\\n' >&2\n  \
             exit 1\nfi\n",
        ),
    }
    out.push_str("export AWS_REGION=$region AWS_DEFAULT_REGION=$region\n\n");
    out.push_str(&format!("printf '\"%s\"\\n' \"$region\" >\"$into/{REGION}.json\"\n"));
    out.push_str(&format!("answer {CALLER} - aws sts get-caller-identity --output json\n"));
    let mut asked: Vec<Asked<'_>> = Vec::new();
    let mut waiting: Vec<(String, &str, &Source, String)> = Vec::new();
    for (file, name, source) in sources(setup.pack).filter(|(_, _, source)| source.account == place.name) {
        let mut answer = |file: &str, command: String| {
            let text = answer(setup, (file, name, source), &command);
            asked.push(Asked { name, source, command });
            text
        };
        let token = match setup.command(&source.command, "") {
            Ok(command) => {
                out.push_str(&answer(&file, command));
                continue;
            }
            Err(token) => token,
        };
        // Where several values are candidates, it is asked with each of them.
        let mut read = false;
        for (index, choice) in choices(setup.pack, discovery, &token).iter().enumerate() {
            let value = |name: &str| match name == token {
                true => Some(choice.value.clone()),
                false => setup.value(name).map(str::to_owned),
            };
            let Ok(command) = shell::command(&source.command, value) else { continue };
            let (file, with) =
                (format!("{file}-{}", index + 1), json!({ choice.parameter: choice.candidate }));
            out.push_str(&format!(
                "printf '%s\\n' {} >\"$into/{file}{WITH}\"\n",
                shell::quoted(&with.to_string())
            ));
            out.push_str(&answer(&file, command));
            read = true;
        }
        if !read && is_found_here(setup.pack, place, &token) {
            waiting.push((file, name, source, token));
        } else if !read {
            out.push_str(&format!("# not read: {file}, as there is no value for {token}\n"));
        }
    }
    for (file, name, source, token) in waiting {
        out.push_str(&of_each(setup, (&file, name, source), &token, &asked));
    }
    out.push('\n');
    out.push_str(collect::END);
    let next: Vec<String> = next.iter().map(|line| shell::quoted(line)).collect();
    out.push_str(&format!("printf '%s\\n' {}\n", next.join(" ")));
    out
}

/// A command that the script runs for a source.
struct Asked<'a> {
    name: &'a str,
    source: &'a Source,
    command: String,
}

/// The part of the script that keeps the answer to a source of a value in a file.
fn answer(setup: &Setup<'_>, (file, name, source): (&str, &str, &Source), command: &str) -> String {
    let query = shell::quoted(&source.query);
    let states = match setup.kind_of(name) {
        Some(ThingKind::Key) => key_states(file, command, &source.query),
        _ => String::new(),
    };
    format!("answer {file} - {command} --query {query} --output json\n{states}")
}

/// Whether candidates for a value come from the account itself.
fn is_found_here(pack: &Pack, place: &Account, token: &str) -> bool {
    sources(pack).any(|(_, name, source)| name == token && source.account == place.name && may_fill(source))
}

fn may_fill(source: &Source) -> bool {
    matches!(source.purpose, Purpose::Fill | Purpose::Decide)
}

/// The part of the script that asks once for each candidate that the script itself finds for `token`.
fn of_each(
    setup: &Setup<'_>,
    (file, name, source): (&str, &str, &Source),
    token: &str,
    asked: &[Asked<'_>],
) -> String {
    let own = asked.iter().filter(|asked| asked.name == token && may_fill(asked.source));
    let lists: Vec<String> = own
        .map(|Asked { source, command, .. }| {
            let query = shell::quoted(&format!("({})[].[value || @]", source.query));
            format!("$({command} --query {query} --output text 2>/dev/null)")
        })
        .collect();
    let each = source.command.split(' ').map(|word| if word == token { "$EACH" } else { word });
    let command = match setup.command(&each.collect::<Vec<_>>().join(" "), "") {
        Ok(command) if !lists.is_empty() => command,
        _ => return format!("# not read: {file}, as there is no value for {token}\n"),
    };
    let answer = answer(setup, (&format!("{file}-$at"), name, source), &command);
    format!(
        "rm -f \"$into\"/{file}-[0-9]*\nat=0\nfor each in {}; do\n[ \"$each\" != None ] || continue\nat=$((at + 1))\nprintf \
         '{{\"{token}\":\"%s\"}}\\n' \"$each\" >\"$into/{file}-$at{WITH}\"\n{answer}done\n",
        lists.join(" ")
    )
}

/// The part of the script that looks at each key in the answer to a source.
fn key_states(file: &str, command: &str, query: &str) -> String {
    let query = shell::quoted(&format!("({query})[].[value || @]"));
    let each = format!("$({command} --query {query} --output text)");
    // A key is shown in its own Region alone, which its ARN names.
    format!(
        "rm -f \"$into\"/{file}{STATE}*\nnumber=0\nif [ -f \"$into/{file}.json\" ]; then\n  for key in {each}; do\n    \
         number=$((number + 1))\n    IFS=: read -r _ _ _ own _ <<<\"$key::::\"\n    answer \"{file}{STATE}$number\" - aws kms \
         describe-key --key-id \"$key\" --region \"${{own:-$region}}\" --query KeyMetadata --output json\n  done\nfi\n"
    )
}

/// The parameters without which the script for an account cannot look for everything.
pub fn lacking(setup: &Setup<'_>, discovery: &Discovery, place: &Account) -> Vec<String> {
    let own = sources(setup.pack).filter(|(_, _, source)| source.account == place.name);
    let lacking = own.filter_map(|(_, _, source)| setup.command(&source.command, "").err());
    let mut lacking: Vec<String> =
        lacking.filter(|token| choices(setup.pack, discovery, token).is_empty()).collect();
    lacking.retain(|token| !is_found_here(setup.pack, place, token));
    lacking.dedup();
    lacking
}

/// A value that a parameter may have.
struct Choice<'a> {
    value: String,
    /// The parameter that it follows from, and the candidate for that.
    parameter: &'a str,
    candidate: &'a str,
}

/// The values that a parameter may have: its candidates, or what follows from those of another one.
fn choices<'a>(pack: &'a Pack, discovery: &'a Discovery, token: &'a str) -> Vec<Choice<'a>> {
    let of = |name: &str| discovery.found.get(name).into_iter().flat_map(|finding| &finding.candidates);
    let own = of(token).map(|own| (token, own, Some(own.value.clone())));
    let derivations = pack.parameters.get(token).into_iter().flat_map(|parameter| &parameter.derive);
    let derived =
        derivations.flat_map(|from| of(from.from()).map(|own| (from.from(), own, from.of(&own.value))));
    let all = own.chain(derived);
    all.filter_map(|(parameter, own, value)| Some(Choice { value: value?, parameter, candidate: &own.value }))
        .collect()
}

/// What the answers come to; values that are `known` are not looked for.
///
/// # Errors
/// One line for each way in which the answers cannot be those of the accounts.
pub fn find(
    packs: &Packs,
    (pack, guide): (&Pack, &Guide),
    known: &Values,
    answers: &Accounts,
) -> Result<Discovery, Vec<String>> {
    let sites: BTreeMap<&str, Site> = accounts(pack, guide)
        .into_iter()
        .filter_map(|place| Some((place.name.as_str(), site(answers, place)?)))
        .collect();
    let all: Vec<Answered<'_>> = sources(pack)
        .filter_map(|(file, name, source)| {
            let site = sites.get(source.account.as_str())?;
            let kind = pack.parameters.get(name)?.kind;
            let each = (1..).map(|number| format!("{file}-{number}"));
            let each = each.map_while(|file| {
                let with = answers.text(&source.account, &format!("{file}{WITH}"))?;
                Some((file, with_which(&serde_json::from_str(with).ok()?, pack, site)))
            });
            let files: Vec<_> = std::iter::once((file.clone(), Vec::new())).chain(each).collect();
            let found = files.into_iter().filter_map(move |(file, with)| {
                let mut unread = Vec::new();
                let found = candidates(answers, pack, &file, source, kind, site, &mut unread)?;
                let known = |token: &str| known.get(packs, token).map(|used| used.value.clone());
                let command = asked_with(source, &with, pack, known);
                Some(Answered { name, source, site, with, command, found, unread })
            });
            Some(found.collect::<Vec<_>>())
        })
        .flatten()
        .collect();
    let without = accounts(pack, guide).into_iter().filter(|place| !sites.contains_key(place.name.as_str()));
    let mut discovery = Discovery {
        found: BTreeMap::new(),
        without: without.cloned().collect(),
        folder: answers.name.clone(),
    };
    // A candidate may belong with a value that is itself found.
    for _ in 0..=pack.parameters.len() {
        let found = pack.parameters.iter().filter_map(|(name, parameter)| {
            let discover = parameter.discover.as_ref().filter(|_| known.get(packs, name).is_none())?;
            let belongs = |with: &[(String, String)]| {
                with.iter().all(|(other, text)| {
                    let value = known.get(packs, other).map(|used| used.value.as_str());
                    let value =
                        value.or_else(|| Some(&discovery.found.get(packs.canonical(other))?.value()?.value));
                    value.is_none_or(|value| value == text)
                })
            };
            let own = all.iter().filter(|answered| answered.name == name && belongs(&answered.with));
            let own: Vec<&Answered<'_>> = own.collect();
            let site = discover.sources.first().and_then(|source| sites.get(source.account.as_str()));
            let new = discover.new.as_ref().zip(site).and_then(|(new, site)| {
                let origin = format!("a proposed name for a new one, in {}", site.name);
                let value = whole(parameter.kind, new, site)?;
                Some(Candidate { value, origin, with: Vec::new(), is_unusable: false })
            });
            Some((name.clone(), finding(&own, belongs, new)))
        });
        let found = found.collect();
        if discovery.found == found {
            break;
        }
        discovery.found = found;
    }
    let errors = wrong_accounts(guide, &sites, &discovery);
    if errors.is_empty() { Ok(discovery) } else { Err(errors) }
}

/// A source with one of its answers.
struct Answered<'a> {
    name: &'a str,
    source: &'a Source,
    site: &'a Site,
    /// The values of other parameters with which it was asked.
    with: Vec<(String, String)>,
    /// The command, with these values.
    command: String,
    found: Result<Vec<Candidate>, String>,
    /// What has no value that can be read: what it is, and the values of other parameters with which it belongs.
    unread: Vec<(String, Vec<(String, String)>)>,
}

/// What the sources of one value come to.
fn finding(
    all: &[&Answered<'_>],
    belongs: impl Fn(&[(String, String)]) -> bool,
    new: Option<Candidate>,
) -> Finding {
    let mut finding = Finding { new, ..Finding::default() };
    let of = |purpose: Purpose| all.iter().filter(move |answered| answered.source.purpose == purpose);
    for purpose in [Purpose::Decide, Purpose::Fill, Purpose::List] {
        let is_decided = purpose != Purpose::Decide && !finding.candidates.is_empty();
        let fills = purpose == Purpose::Decide || (purpose == Purpose::Fill && !is_decided);
        let found = of(purpose).filter_map(|answered| answered.found.as_ref().ok()).flatten();
        for candidate in found.filter(|candidate| belongs(&candidate.with)) {
            let list = match fills && !candidate.is_unusable {
                true => &mut finding.candidates,
                false => &mut finding.others,
            };
            match list.iter_mut().find(|own: &&mut Candidate| own.value == candidate.value) {
                Some(own) if own.origin != candidate.origin => {
                    own.origin = format!("{}; {}", own.origin, candidate.origin);
                }
                Some(_) => {}
                None => list.push(candidate.clone()),
            }
        }
    }
    for answered in of(Purpose::Fill) {
        for (what, _) in answered.unread.iter().filter(|(_, with)| belongs(with)) {
            finding.notes.push(format!("none that can be read: {what}"));
            // It may be this one.
            finding.leave_open();
        }
    }
    for answered in all {
        match &answered.found {
            Err(why) => {
                let (command, site) = (answered.command.clone(), answered.site.name.clone());
                let note = format!("not read in {site}: {why} (`{command}`)");
                if !finding.notes.contains(&note) {
                    finding.notes.push(note);
                    finding.unanswered.push(Unanswered { command, site, why: why.clone() });
                }
                if matches!(answered.source.purpose, Purpose::Decide | Purpose::Fill) {
                    // What would have been in the answer may be the value.
                    finding.leave_open();
                }
            }
            Ok(limit) if answered.source.purpose == Purpose::Limit => {
                let is_in = |candidate: &Candidate| limit.iter().any(|own| own.value == candidate.value);
                match finding.candidates.iter().any(is_in) {
                    true => finding.candidates.retain(is_in),
                    false if finding.candidates.is_empty() => {}
                    false => {
                        // Not one that can be the value: the account is another one.
                        finding.without = Some(answered.source.account.clone());
                    }
                }
            }
            Ok(_) => {}
        }
    }
    let Finding { candidates, others, .. } = &mut finding;
    others.retain(|other| !candidates.iter().any(|own| own.value == other.value));
    finding
}

fn site(answers: &Accounts, place: &Account) -> Option<Site> {
    let json =
        |file: &str| serde_json::from_str::<Json>(answers.text(&place.name, &format!("{file}.json"))?).ok();
    let caller = json(CALLER)?;
    let id = caller.get("Account")?.as_str().filter(|id| crate::policy::is_account_id(id))?;
    let partition = Arn::parse(caller.get("Arn")?.as_str()?)?.partition.to_owned();
    let region = json(REGION).and_then(|region| region.as_str().map(str::to_owned)).unwrap_or_default();
    Some(Site { id: id.to_owned(), partition, region, name: format!("{id} ({})", place.title) })
}

/// The candidates in an answer to a source; what is not of the type cannot be one. `None` where it was not asked.
fn candidates(
    answers: &Accounts,
    pack: &Pack,
    file: &str,
    source: &Source,
    kind: ValueType,
    site: &Site,
    unread: &mut Vec<(String, Vec<(String, String)>)>,
) -> Option<Result<Vec<Candidate>, String>> {
    if let Some(error) = answers.text(&source.account, &format!("{file}.error")) {
        return Some(Err(clean(error.trim().lines().last().unwrap_or("it failed"))));
    }
    let text = answers.text(&source.account, &format!("{file}.json"))?;
    if text.trim().is_empty() {
        return Some(Ok(Vec::new()));
    }
    let path = answers.path(&source.account, &format!("{file}.json"));
    let answer: Json = match serde_json::from_str(text) {
        Ok(answer) => answer,
        Err(error) => return Some(Err(format!("{path} is not JSON: {error}"))),
    };
    let states = (1..).map(|number| format!("{file}{STATE}{number}"));
    let states = states.map_while(|state| {
        let failed = answers.text(&source.account, &format!("{state}.error")).map(|_| Json::Null);
        let answer = answers.text(&source.account, &format!("{state}.json"));
        answer.map(|text| serde_json::from_str::<Json>(text).unwrap_or_default()).or(failed)
    });
    let states: Vec<Json> = states.collect();
    let faults: BTreeMap<&str, &str> = states
        .iter()
        .filter_map(|metadata| match KeyState::of(metadata)? {
            KeyState::Unusable(fault) => Some((metadata.get("Arn")?.as_str()?, fault.is)),
            KeyState::Usable | KeyState::Unknown(_) => None,
        })
        .collect();
    let mut found = Vec::new();
    for (index, item) in answer.as_array().into_iter().flatten().enumerate() {
        let named =
            item.get("of").and_then(Json::as_str).map_or(String::new(), |of| format!(" {}", clean(of)));
        let with = with_which(item, pack, site);
        let values = match item.get("value").unwrap_or(item) {
            Json::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        let values = values.into_iter().filter_map(Json::as_str);
        // A key may be named by an alias; its state has its own ARN.
        let key = || states.get(index)?.get("Arn")?.as_str().map(str::to_owned);
        let mut values: Vec<String> = values
            .filter_map(|text| {
                whole(kind, text, site).or_else(|| key().filter(|key| kind.check(key).is_ok()))
            })
            .collect();
        values.dedup();
        if values.is_empty() && item.get("value").is_some_and(Json::is_array) {
            unread.push((format!("{}{named}, in {}", source.origin, site.name), with.clone()));
        }
        found.extend(values.into_iter().map(|value| {
            let fault = faults.get(value.as_str());
            let fault_text = fault.map_or(String::new(), |fault| format!(", which is {fault}"));
            let origin = format!("{}{named}, in {}{fault_text}", source.origin, site.name);
            Candidate { value, origin, with: with.clone(), is_unusable: fault.is_some() }
        }));
    }
    Some(Ok(found))
}

/// The members of an object that are values of parameters.
fn with_which(object: &Json, pack: &Pack, site: &Site) -> Vec<(String, String)> {
    let members = object.as_object().into_iter().flatten();
    let values = members.filter_map(|(name, value)| {
        Some((name.clone(), whole(pack.parameters.get(name)?.kind, value.as_str()?, site)?))
    });
    values.collect()
}

/// The command of a source as it was run with some values.
fn asked_with(
    source: &Source,
    with: &[(String, String)],
    pack: &Pack,
    known: impl Fn(&str) -> Option<String>,
) -> String {
    let value = |token: &str| {
        let of = |name: &str| with.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let derived = || {
            let mut derivations = pack.parameters.get(token)?.derive.iter();
            derivations.find_map(|from| from.of(of(from.from())?))
        };
        of(token).map(str::to_owned).or_else(derived).or_else(|| known(token))
    };
    shell::command(&source.command, value).unwrap_or_else(|_| source.command.clone())
}

/// The value that a parameter takes: where a thing is called by its name, id or URL, its ARN. `None` where it is of another type.
fn whole(kind: ValueType, text: &str, site: &Site) -> Option<String> {
    let Site { id, partition, region, .. } = site;
    let value = match ThingKind::of(kind) {
        Some(_) if text.starts_with("arn:") => text.to_owned(),
        Some(ThingKind::Bucket) => format!("arn:{partition}:s3:::{text}"),
        Some(ThingKind::Role) => format!("arn:{partition}:iam::{id}:role/{text}"),
        Some(ThingKind::Key) => format!("arn:{partition}:kms:{region}:{id}:key/{text}"),
        Some(ThingKind::Topic) => format!("arn:{partition}:sns:{region}:{id}:{text}"),
        // A queue that is listed has a URL that ends with its name.
        Some(ThingKind::Queue) => {
            format!("arn:{partition}:sqs:{region}:{id}:{}", text.rsplit('/').next().unwrap_or(text))
        }
        None => text.to_owned(),
    };
    kind.check(&value).is_ok().then_some(value)
}

/// Answers that are of one account under two names, or of another account than a value found there says.
fn wrong_accounts(guide: &Guide, sites: &BTreeMap<&str, Site>, discovery: &Discovery) -> Vec<String> {
    let mut errors = Vec::new();
    for (index, place) in guide.accounts.iter().enumerate() {
        let Some(site) = sites.get(place.name.as_str()) else { continue };
        let folder = discovery.folder.trim_end_matches('/');
        let again = format!("sign in to the {} account and discover it again", place.title);
        let value = discovery.found.get(&place.id).and_then(|finding| finding.value());
        if let Some(value) = value.filter(|value| value.value != site.id) {
            errors.push(format!(
                "`{folder}/{}` is of account {}, but {} is {} ({}): {again}",
                place.name, site.id, place.id, value.value, value.origin
            ));
        }
        let lacking = discovery.found.iter().find(|(_, own)| own.without.as_ref() == Some(&place.name));
        if let Some((name, finding)) = lacking {
            let own: Vec<String> =
                finding.candidates.iter().map(|own| format!("`{}` ({})", own.value, own.origin)).collect();
            let named = finding.candidates.iter().find_map(|own| account_in_name(&own.value));
            let named = named.map_or(String::new(), |id| format!(", which is {id} by the bucket's name,"));
            errors.push(format!(
                "`{folder}/{}` is of account {}, which has nothing of what {name} may be: {}; sign in to the {} account{named} and \
                 discover it again, or give {name} with --set",
                place.name, site.id, own.join(", "), place.title
            ));
        }
        let before = guide.accounts.iter().take(index);
        let twin = before
            .into_iter()
            .find(|other| sites.get(other.name.as_str()).is_some_and(|other| other.id == site.id));
        if let Some(twin) = twin {
            errors.push(format!(
                "`{folder}/{}` and `{folder}/{}` are both of account {}: {again}",
                twin.name, place.name, site.id
            ));
        }
    }
    errors
}

/// A text of an answer for a line of a file.
fn clean(text: &str) -> String {
    text.chars()
        .map(|character| if is_unsafe(character) || character == '\n' { '?' } else { character })
        .collect()
}
