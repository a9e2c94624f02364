//! Paths into a tree, with `[]` for every item of a list and `*` for every member of an object.

use crate::parse::{Node, Value};

/// A place that a path leads to: its RFC 6901 pointer, and the node there.
#[derive(Clone)]
pub(super) struct Place<'n> {
    pub(super) pointer: String,
    pub(super) node: &'n Node,
}

/// Every place that `path` leads to from `start`, as in `UserDetailList[].UserPolicyList[].PolicyDocument`.
///
/// A template's choice (`Fn::If`) is gone through to both of its outcomes.
pub(super) fn places<'n>(start: Place<'n>, text: &str, path: &str) -> Vec<Place<'n>> {
    let mut places = vec![start];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, list) = match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        };
        places = places
            .iter()
            .flat_map(|place| member(place, text, name))
            .flat_map(|place| outcomes(place, text))
            .collect();
        if list {
            places = places.iter().flat_map(items).flat_map(|place| outcomes(place, text)).collect();
        }
    }
    places
}

fn member<'n>(place: &Place<'n>, text: &str, name: &str) -> Vec<Place<'n>> {
    if name == "*" {
        let members = place.node.members().iter();
        return members.map(|member| place.under(&member.key.text(text), &member.value)).collect();
    }
    place.node.get(text, name).map(|node| place.under(name, node)).into_iter().collect()
}

fn items<'n>(place: &Place<'n>) -> Vec<Place<'n>> {
    let items = place.node.items().iter().enumerate();
    items.map(|(index, item)| place.under(&index.to_string(), item)).collect()
}

/// The outcomes of an `Fn::If`, or the place itself.
pub(super) fn outcomes<'n>(place: Place<'n>, text: &str) -> Vec<Place<'n>> {
    match place.node.members() {
        [only] if only.key.text(text) == "Fn::If" => {
            let choice = place.under("Fn::If", &only.value);
            items(&choice).into_iter().skip(1).flat_map(|outcome| outcomes(outcome, text)).collect()
        }
        _ => vec![place],
    }
}

impl<'n> Place<'n> {
    /// The root of a file.
    pub(super) fn root(node: &'n Node) -> Self {
        Place { pointer: String::new(), node }
    }

    /// The place of a member or item.
    pub(super) fn under(&self, name: &str, node: &'n Node) -> Place<'n> {
        let name = name.replace('~', "~0").replace('/', "~1");
        Place { pointer: format!("{}/{name}", self.pointer), node }
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.node.value, Value::Object(_))
    }
}
