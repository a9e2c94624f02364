//! Steps for people, and as JSON.

use serde_json::{Value as Json, json};

use super::style::{Role, Style, clean};
use super::wrap::{hanging, wrap};
use crate::spelling::capital;
use crate::steps::{NewStatement, Pack, Packs, Step, StepDocument};

/// Every step, a line each.
pub fn list(packs: &Packs, style: Style) -> String {
    let mut out = String::new();
    let width = packs.step_names().iter().map(|name| name.len()).max().unwrap_or(0);
    for pack in packs.all() {
        out.push_str(&format!("{} · {}\n", style.paint(Role::Strong, &pack.name), clean(&pack.title)));
        for step in &pack.steps {
            let kinds: Vec<&str> = step.documents.iter().map(|document| document.kind.as_str()).collect();
            let line = format!("{} ({}; {})", step.title, kinds.join(", "), clean(&pack.account_of(step)));
            out.push_str(&block(&format!("  {:width$}  ", step.name), &line, style));
        }
        out.push('\n');
    }
    out.push_str("To show one: polmerge steps STEP. To add one: polmerge apply FILE --add STEP.\n");
    out
}

/// All about one step.
pub fn detail(packs: &Packs, (pack, step): (&Pack, &Step), style: Style) -> String {
    let heading = |text: &str| format!("\n{}\n", style.paint(Role::Strong, text));
    let mut out = format!("{} · {}\n", style.paint(Role::Strong, &step.name), clean(&step.title));
    out.push_str(&format!("of {}, done {}\n", clean(&pack.name), clean(&pack.account_of(step))));
    for document in &step.documents {
        out.push_str(&self::document(document, &heading, style));
    }
    if !step.parameters.is_empty() {
        out.push_str(&heading("Values"));
        for name in &step.parameters {
            out.push_str(&parameter(packs, name, style));
        }
    }
    if !step.notes.is_empty() || !step.warnings.is_empty() {
        out.push_str(&heading("Notes"));
        step.notes.iter().for_each(|note| out.push_str(&block("  - ", note, style)));
        for warning in &step.warnings {
            out.push_str(&block(
                "  - ",
                &format!("for {} like {}: {}", warning.parameter, warning.matches, warning.message),
                style,
            ));
        }
    }
    if !step.certainty.is_empty() {
        out.push_str(&heading("How sure"));
    }
    for part in &step.certainty {
        out.push_str(&block(
            &format!("  {:9} ", part.level),
            &format!("{} ({})", part.part, part.source),
            style,
        ));
    }
    out
}

fn document(document: &StepDocument, heading: &dyn Fn(&str) -> String, style: Style) -> String {
    let title = match document.policy_kind() {
        Some(kind) => format!("{} for {}", kind.with_article(), document.attached_to),
        None if document.template.is_some() || document.terraform.is_some() => {
            format!("{} (--as {})", document.attached_to, document.kind)
        }
        None => format!("{} (--kind {})", document.attached_to, document.kind),
    };
    let mut out = heading(&capital(&title));
    if let Some(put) = &document.put {
        out.push_str(&format!("  {}  {}\n", style.paint(Role::Dim, "upload with"), clean(put)));
    }
    if let Some(needed) = &document.also_needed {
        out.push_str(&format!(
            "  {}  {} ({})\n",
            style.paint(Role::Dim, "also needed"),
            clean(&needed.why),
            clean(&needed.step)
        ));
    }
    out.push_str(&body(document, None, style));
    for (name, variant) in &document.variants {
        let option = format!("--variant {name}");
        let lines = wrap(&format!("{option} {}", variant.when), style.width.saturating_sub(4));
        let text = lines.join("\n    ").replacen(&option, &style.paint(Role::Place, &option), 1);
        out.push_str(&format!("\n  {text}\n"));
        out.push_str(&body(document, Some(name), style));
    }
    out
}

/// What a document holds.
fn body(document: &StepDocument, variant: Option<&str>, style: Style) -> String {
    match (document.members(variant), &document.template) {
        (Some(members), _) => format!("\n{}\n", indented(&Json::Object(members.clone()))),
        (None, Some(template)) => {
            let named = |name: &str| -> String {
                let members = template.body.get(name).and_then(Json::as_object);
                let names: Vec<&str> = members.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                block(&format!("  {name:10} "), &names.join(", "), style)
            };
            format!("\n{}{}{}", named("Parameters"), named("Resources"), named("Outputs"))
        }
        (None, None) => match &document.terraform {
            Some(terraform) => resources(&terraform.body, style),
            None => statements(document, variant),
        },
    }
}

/// The types of the resources and the names of the outputs of a Terraform configuration.
fn resources(body: &serde_json::Map<String, Json>, style: Style) -> String {
    let mut out = String::new();
    for (lead, kind) in [("  Resources  ", "resource"), ("  Outputs    ", "output")] {
        let Some(members) = body.get(kind).and_then(Json::as_object) else { continue };
        let names: Vec<&str> = members.keys().map(String::as_str).collect();
        out.push_str(if out.is_empty() { "\n" } else { "" });
        out.push_str(&block(lead, &names.join(", "), style));
    }
    out
}

/// A value laid out, indented by four.
fn indented(value: &Json) -> String {
    format!("{value:#}").lines().map(|line| format!("    {}", clean(line))).collect::<Vec<_>>().join("\n")
}

/// The statements of a variant as they would be printed, tokens and all.
fn statements(document: &StepDocument, variant: Option<&str>) -> String {
    let texts = document.texts(variant);
    let statements: Vec<NewStatement> =
        texts.iter().filter_map(|text| NewStatement::read((*text).to_owned(), true).ok()).collect();
    let whole = crate::merge::whole(&statements.iter().collect::<Vec<_>>());
    let lines = whole.lines().skip(3).take(whole.lines().count().saturating_sub(5));
    let lines: String = lines.map(|line| format!("{}\n", clean(line))).collect();
    format!("\n{lines}")
}

fn parameter(packs: &Packs, name: &str, style: Style) -> String {
    let Some((_, parameter)) = packs.parameter(name) else { return format!("  {}\n", clean(name)) };
    let mut names = vec![name.to_owned()];
    names.extend(parameter.aliases.iter().cloned());
    let mut out = format!("  {}\n", style.paint(Role::Place, &names.join(", also ")));
    out.push_str(&block("      ", &format!("{}: {}", parameter.kind.title(), parameter.description), style));
    out.push_str(&format!("      {}\n", parameter.kind.form()));
    for derivation in &parameter.derive {
        out.push_str(&block(
            "      ",
            &format!("follows from the {} in {}", derivation.part(), derivation.from()),
            style,
        ));
    }
    out.push_str(&block("      ", &format!("find it {}", parameter.find.place), style));
    if let Some(command) = &parameter.find.command {
        out.push_str(&format!("        {}\n", clean(command)));
    }
    out
}

/// A text behind a lead, wrapped below itself.
fn block(lead: &str, text: &str, style: Style) -> String {
    let lead = clean(lead);
    hanging(&lead, lead.chars().count(), text, style, None)
}

/// Every step, or some, as JSON: a bare array.
pub fn json(packs: &Packs, only: Option<&Step>) -> Json {
    let wanted = |step: &&Step| only.is_none_or(|only| std::ptr::eq(*step, only));
    let all =
        packs.all().iter().flat_map(|pack| pack.steps.iter().filter(wanted).map(move |step| (pack, step)));
    all.map(|(pack, step)| step_json(packs, pack, step)).collect()
}

fn step_json(packs: &Packs, pack: &Pack, step: &Step) -> Json {
    let raw = |texts: Vec<&str>| -> Vec<Json> {
        texts.into_iter().map(|text| serde_json::from_str(text).unwrap_or_default()).collect()
    };
    let documents: Vec<Json> = step
        .documents
        .iter()
        .map(|document| {
            let variants: serde_json::Map<String, Json> = document
                .variants
                .iter()
                .map(|(name, variant)| {
                    let mut value = json!({ "when": variant.when, "statements": raw(document.texts(Some(name))) });
                    if let Some(members) = &variant.members {
                        value = json!({ "when": variant.when, "members": members });
                    }
                    (name.clone(), value)
                })
                .collect();
            json!({
                "kind": document.kind,
                "attached_to": document.attached_to,
                "put": document.put,
                "statements": raw(document.texts(None)),
                "members": document.members(None),
                "template": document.template.as_ref().map(|template| &template.body),
                "terraform": document.terraform.as_ref().map(|terraform| &terraform.body),
                "variants": variants,
                "also_needed": document.also_needed.as_ref().map(|needed| json!({ "step": needed.step, "why": needed.why })),
            })
        })
        .collect();
    let parameters: Vec<Json> = step
        .parameters
        .iter()
        .map(|name| {
            let parameter = packs.parameter(name).map(|(_, parameter)| parameter);
            json!({
                "name": name,
                "aliases": parameter.map(|parameter| parameter.aliases.clone()).unwrap_or_default(),
                "type": parameter.map(|parameter| parameter.kind),
                "description": parameter.map(|parameter| parameter.description.clone()),
                "find": parameter.map(|parameter| json!({
                    "where": parameter.find.place, "command": parameter.find.command,
                })),
                "derived_from": parameter
                    .map(|parameter| parameter.derive.iter().map(|from| from.from().to_owned()).collect::<Vec<_>>())
                    .unwrap_or_default(),
            })
        })
        .collect();
    json!({
        "name": step.name,
        "pack": pack.name,
        "title": step.title,
        "account": step.account,
        "documents": documents,
        "parameters": parameters,
        "notes": step.notes,
        "certainty": step.certainty,
    })
}
