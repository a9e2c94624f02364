//! How policies are laid out: learnt from a file, so that what is added looks as if it had always
//! been there, or the one canonical layout.

pub(crate) mod layout;

use layout::Layout;

use crate::document::Document;
use crate::parse::{Member, Node, Value};

/// The policy of a document in the canonical layout: two spaces, the elements in the order of AWS's
/// documentation, short lists and objects on a line. Nothing but white space and the order of
/// elements differs from what was there: strings, numbers, lists of one stay as they are written.
///
/// The document must be sound.
pub fn format(document: &Document) -> String {
    let (tree, text) = (&document.tree, document.text());
    let layout = Layout::own();
    let members: Vec<String> = ordered(tree, text, &["Version", "Id", "Statement"])
        .into_iter()
        .map(|member| {
            let value = match (&*member.key.text(text), &member.value.value) {
                ("Statement", Value::Array(items)) => statements(&layout, items, text),
                ("Statement", Value::Object(_)) => layout.statement(&member.value, text, "  "),
                (element, _) => layout.value(&member.value, element, text, "  "),
            };
            format!("  {}: {value}", member.key.span.slice(text))
        })
        .collect();
    match members.is_empty() {
        true => "{}\n".to_owned(),
        false => format!("{{\n{}\n}}\n", members.join(",\n")),
    }
}

fn statements(layout: &Layout, items: &[Node], text: &str) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| match &item.value {
            Value::Object(_) => format!("    {}", layout.statement(item, text, "    ")),
            _ => format!("    {}", item.span.slice(text)),
        })
        .collect();
    match items.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n{}\n  ]", items.join(",\n")),
    }
}

/// Members in a given order, those that it does not know behind, as they came.
fn ordered<'n>(node: &'n Node, text: &str, order: &[&str]) -> Vec<&'n Member> {
    let mut members: Vec<&Member> = node.members().iter().collect();
    members.sort_by_key(|member| {
        let name = member.key.text(text);
        order.iter().position(|known| *known == name).unwrap_or(order.len())
    });
    members
}
