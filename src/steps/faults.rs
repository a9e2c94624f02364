//! What is wrong with the files of a pack together: names that the guide writes into paths and scripts, where they must be no more
//! than names, and names of what the pack does not have.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::pack::{PackFile, Step};
use super::parameter::ValueType;
use super::shape::{Shape, texts};
use crate::placeholder::tokens;

/// What a name may be made of, in words.
const NAME: &str = "use letters, digits and `-`";

/// Whether a text is made of letters, digits and these.
pub(super) fn named(text: &str, more: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
}

/// What is wrong with the name of a step, which is part of a path.
pub(super) fn step_name(index: usize, name: &str) -> Option<String> {
    (!named(name, b"-")).then(|| invalid(&format!("/steps/{index}"), "the name of a step", name, NAME))
}

/// The name of a file without its folder.
pub(super) fn base(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

fn invalid(at: &str, what: &str, text: &str, form: &str) -> String {
    format!("{at}: `{}` is not valid as {what}: {form}", text.escape_debug())
}

/// The files of a pack: the name of each for a person, and what is in it.
pub(super) struct Files<'a> {
    pub(super) pack: (&'a str, &'a PackFile, &'a Json),
    pub(super) steps: &'a [(String, Step, Json)],
}

/// All that is wrong, as `FILE: /path/in/the/file: what`.
pub(super) fn find(files: &Files<'_>) -> Vec<String> {
    let (file, pack, json) = files.pack;
    let mut all = Vec::new();
    names(pack, &mut all);
    references(pack, files, &mut all);
    created(pack, files, &mut all);
    let mut found: Vec<String> = all.into_iter().map(|fault| format!("{file}: {fault}")).collect();
    let known = known(pack);
    let schema = include_str!("../../policies/pack.schema.json");
    found
        .extend(unknown_parameters(schema, json, &known).into_iter().map(|fault| format!("{file}: {fault}")));
    let schema = include_str!("../../policies/step.schema.json");
    for (index, (file, step, json)) in files.steps.iter().enumerate() {
        let mut all = Vec::new();
        if files.steps.iter().take(index).any(|(_, other, _)| other.name == step.name) {
            all.push(format!("/name: the step `{}` is listed twice", step.name.escape_debug()));
        }
        of_step(pack, step, files, &mut all);
        all.extend(unknown_parameters(schema, json, &known));
        found.extend(all.into_iter().map(|fault| format!("{file}: {fault}")));
    }
    found
}

/// The parameters of a pack, with their aliases.
fn known(pack: &PackFile) -> BTreeSet<&str> {
    let names = pack.parameters.iter().flat_map(|(name, own)| std::iter::once(name).chain(&own.aliases));
    names.map(String::as_str).collect()
}

/// The places where a file names a parameter that the pack does not have.
fn unknown_parameters(schema: &str, json: &Json, known: &BTreeSet<&str>) -> Vec<String> {
    let mut named = Vec::new();
    let mut all = Vec::new();
    texts(json, "", &mut all);
    for (at, text) in all {
        named.extend(tokens(&text).into_iter().map(|token| (at.clone(), token.name.to_owned())));
    }
    named.extend(Shape::of(schema, json).named);
    named.retain(|(_, name)| !known.contains(name.as_str()));
    named.sort();
    named.dedup();
    let fault = |(at, name): (String, String)| {
        format!("{at}: `{}` is not in `parameters` of `pack.json`", name.escape_debug())
    };
    named.into_iter().map(fault).collect()
}

fn names(pack: &PackFile, all: &mut Vec<String>) {
    let mut check = |good: bool, at: String, what: &str, text: &str, form: &str| {
        if !good {
            all.push(invalid(&at, what, text, form));
        }
    };
    for (token, parameter) in &pack.parameters {
        let at = format!("/parameters/{}", token.escape_debug());
        let is_token = tokens(token).iter().any(|whole| whole.name == token);
        check(is_token, at.clone(), "a parameter", token, "use `YOUR_`, capitals, digits and `_`");
        if let Some(file) = &parameter.file {
            check(named(file, b"-"), format!("{at}/file"), "the name of a file", file, NAME);
        }
        if let Some(create) = &parameter.create {
            let form = "leave out `alias/`, and use letters, digits, `-` and `_`";
            check(named(&create.alias, b"-_"), format!("{at}/create/alias"), "an alias", &create.alias, form);
        }
        let accounts: Vec<&str> =
            pack.guide.iter().flat_map(|guide| &guide.accounts).map(|own| own.name.as_str()).collect();
        for fault in parameter.discover.iter().flat_map(|discover| discover.faults(&accounts)) {
            check(false, format!("{at}/discover/{}", fault.at), fault.what, fault.text, fault.form);
        }
    }
    let Some(guide) = &pack.guide else { return };
    let line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
    let form = "give it one line of text";
    check(line(&guide.title), "/guide/title".to_owned(), "a title", &guide.title, form);
    check(line(&guide.vendor), "/guide/vendor".to_owned(), "a name", &guide.vendor, form);
    for (index, account) in guide.accounts.iter().enumerate() {
        let at = format!("/guide/accounts/{index}");
        check(
            named(&account.name, b"-"),
            format!("{at}/name"),
            "the name of an account",
            &account.name,
            NAME,
        );
        check(line(&account.title), format!("{at}/title"), "a title", &account.title, form);
    }
    if let Some(file) = &guide.values_file {
        let good = named(file, b"-_.") && !file.starts_with(['.', '-']);
        let form = "use letters, digits, `-`, `_` and `.`, a letter or digit first";
        check(good, "/guide/values-file".to_owned(), "the name of a file", file, form);
    }
    if let Some(set) = &guide.stack_set {
        check(
            named(&set.name, b"-"),
            "/guide/stack-set/name".to_owned(),
            "the name of a stack",
            &set.name,
            NAME,
        );
    }
    for (index, choice) in guide.options.iter().flat_map(|options| &options.choices).enumerate() {
        let at = format!("/guide/options/choices/{index}");
        check(line(&choice.title), format!("{at}/title"), "a title", &choice.title, form);
        let Some(stack) = &choice.stack else { continue };
        check(named(&stack.name, b"-"), format!("{at}/stack/name"), "the name of a stack", &stack.name, NAME);
        check(line(&stack.title), format!("{at}/stack/title"), "a title", &stack.title, form);
    }
}

/// Names of steps and accounts that there are not.
fn references(pack: &PackFile, files: &Files<'_>, all: &mut Vec<String>) {
    let is_step = |name: &str| files.steps.iter().any(|(_, step, _)| step.name == name);
    let mut step = |at: String, name: &str| {
        if !is_step(name) {
            all.push(format!("{at}: `{}` is not one of `steps`", name.escape_debug()));
        }
    };
    for (index, agreement) in pack.agreements.iter().enumerate() {
        agreement.except.iter().for_each(|name| step(format!("/agreements/{index}/except"), name));
    }
    let Some(guide) = &pack.guide else { return };
    for (index, choice) in guide.options.iter().flat_map(|options| &options.choices).enumerate() {
        let Some(stack) = &choice.stack else { continue };
        let at = format!("/guide/options/choices/{index}/stack");
        step(format!("{at}/step"), &stack.step);
        stack.does.iter().for_each(|name| step(format!("{at}/does"), name));
    }
    if let Some(set) = &guide.stack_set {
        step("/guide/stack-set/step".to_owned(), &set.step);
    }
    for (index, question) in guide.works.iter().enumerate() {
        question.steps.iter().for_each(|name| step(format!("/guide/works/{index}/steps"), name));
    }
    if guide.accounts.is_empty() {
        all.push("/guide/accounts: name at least one account".to_owned());
    }
    let mut account = |at: String, name: &str| all.extend(unknown_account(pack, &at, name));
    for (index, own) in guide.accounts.iter().enumerate() {
        own.after.iter().for_each(|name| account(format!("/guide/accounts/{index}/after"), name));
    }
    guide.trail.iter().for_each(|trail| account("/guide/trail/account".to_owned(), &trail.account));
    guide.stack_set.iter().for_each(|set| account("/guide/stack-set/account".to_owned(), &set.account));
    for (index, own) in guide.accounts.iter().enumerate() {
        if guide.accounts.iter().take(index).any(|other| other.name == own.name) {
            all.push(format!("/guide/accounts/{index}/name: `{}` is there twice", own.name.escape_debug()));
        }
    }
}

fn unknown_account(pack: &PackFile, at: &str, name: &str) -> Option<String> {
    let guide = pack.guide.as_ref()?;
    let is_known = guide.accounts.iter().any(|own| own.name == name);
    (!is_known).then(|| format!("{at}: `{}` is not the name of one of `guide.accounts`", name.escape_debug()))
}

fn of_step(pack: &PackFile, step: &Step, files: &Files<'_>, all: &mut Vec<String>) {
    if let Some(label) = &step.label {
        if label.trim().is_empty() || label.chars().any(char::is_control) {
            all.push(invalid("/label", "a label", label, "give it one line of text"));
        }
        if !matches!(step.account.as_str(), "every" | "any") {
            all.extend(unknown_account(pack, "/account", &step.account));
        }
    }
    for (index, document) in step.documents.iter().enumerate() {
        let at = format!("/documents/{index}");
        for (name, variant) in &document.variants {
            let at = format!("{at}/variants/{}/outside", name.escape_debug());
            all.extend(variant.outside.iter().filter_map(|account| unknown_account(pack, &at, account)));
        }
        let also = document.also_needed.as_ref().map(|also| &also.step);
        if let Some(also) = also.filter(|also| !files.steps.iter().any(|(_, step, _)| step.name == **also)) {
            all.push(format!("{at}/also-needed/step: `{}` is not one of `steps`", also.escape_debug()));
        }
    }
}

/// A key that the guide could never create: its account and Region must be known before it exists.
fn created(pack: &PackFile, files: &Files<'_>, all: &mut Vec<String>) {
    let Some(guide) = &pack.guide else { return };
    for (name, parameter) in pack.parameters.iter().filter(|(_, parameter)| parameter.create.is_some()) {
        let mut fault = |why: &str| all.push(format!("/parameters/{}/create: {why}", name.escape_debug()));
        if parameter.kind != ValueType::KmsKeyArn {
            fault("only a parameter of type `kms-key-arn` can have it");
            continue;
        }
        let steps = files.steps.iter().map(|(_, step, _)| step).filter(|step| step.label.is_some());
        let mut steps = steps.filter(|step| {
            let mut documents = step.documents.iter();
            documents.any(|own| own.kind == "kms" && own.resource.as_deref() == Some(name.as_str()))
        });
        let Some(step) = steps.next() else {
            fault(
                "no step with a `label` has a document of kind `kms` whose `resource` is this parameter, and that creates the key",
            );
            continue;
        };
        let account = guide.accounts.iter().find(|own| own.name == step.account).or(guide.accounts.first());
        let Some(account) = account else { continue };
        let is_other = |other: &String| {
            let own = pack.parameters.get(other);
            other != name && own.is_some_and(|own| own.create.is_none() && own.derive.is_empty())
        };
        if !account.region_of.iter().any(is_other) {
            fault(
                "the key's Region must be known before it exists: name another parameter in `region-of` of its account",
            );
        }
        let id = pack.parameters.get(&account.id);
        let derived = id.into_iter().flat_map(|id| &id.derive).map(|derivation| derivation.from().to_owned());
        let is_given = id.is_some_and(|id| id.derive.is_empty()) || account.owns.iter().any(is_other);
        if !is_given && !derived.into_iter().any(|from| is_other(&from)) {
            fault(
                "the key's account must be known before it exists: let its `id` follow from another parameter as well",
            );
        }
    }
}
