//! A request as an example, and what else has to allow it.

use super::{Side, name, text};
use crate::analyze::request::{Caller, Request};
use crate::document::Document;
use crate::kind::Kind;
use crate::report::style::{Role, Style};
use crate::report::wrap::wrap;

/// A request in words, one line each: who, what on which thing, and what else it says.
pub(crate) fn in_words(request: &Request, document: &Document) -> Vec<String> {
    let mut words: Vec<String> = request.principal.iter().map(name).collect();
    let thing = match document.kind {
        Kind::Kms | Kind::Sns | Kind::Sqs
            if request.resource.split(':').nth(2) == document.kind.service() =>
        {
            format!("this {}", document.kind.thing())
        }
        _ => request.shown_resource().to_owned(),
    };
    let what = format!("{} on {thing}", request.action);
    let context = context(request);
    words.push(match (context.is_empty(), document.kind) {
        (false, _) => format!("{what}, with"),
        (true, Kind::Kms) => format!("{what}, no encryption context"),
        (true, _) => what,
    });
    words.extend(context);
    words
}

/// `for example`, who asks for what with which circumstances; `also needed`, the policy of another account.
pub(super) fn lines(request: &Request, side: &Side<'_>, style: Style) -> String {
    let words = in_words(request, side.document);
    let lines = words.iter().flat_map(|word| wrap(word, style.width.saturating_sub(20))).collect::<Vec<_>>();
    let mut out = hung("for example", &lines, style);
    if side.other_account(request).is_some() {
        let named = request.principal.as_ref().is_some_and(|caller| side.names(caller));
        let whose = match &request.principal {
            Some(Caller::Aws(arn)) if named && arn.contains(":role/") => "the role's own policy",
            _ => "that principal's own policy",
        };
        let needed = format!("{} in {whose}, as it is in another account", request.action);
        out.push_str(&hung("also needed", &wrap(&needed, style.width.saturating_sub(20)), style));
    }
    out
}

/// The circumstances, keys that have the same value together.
fn context(request: &Request) -> Vec<String> {
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    for (key, value) in request.context.iter() {
        let value = text(value);
        match told.iter_mut().find(|(_, known)| *known == value) {
            Some((keys, _)) => keys.push(key),
            None => told.push((vec![key], value)),
        }
    }
    told.into_iter()
        .map(|(keys, value)| match keys.as_slice() {
            [one] => format!("{one} {value}"),
            [first, second] => format!("{first} and {second} both {value}"),
            several => format!("{} all {value}", several.join(", ")),
        })
        .collect()
}

fn hung(word: &str, lines: &[String], style: Style) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let word = if index == 0 { word } else { "" };
        out.push_str(&format!(
            "      {}{}{line}\n",
            style.paint(Role::Dim, word),
            " ".repeat(14 - word.len())
        ));
    }
    out
}
