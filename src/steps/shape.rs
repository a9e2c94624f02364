//! What is wrong with a file of a pack beside its schema: all of it, each with its place in the file.

use serde_json::Value as Json;

/// The definition of a placeholder in the schemas: where it is used, a file names a parameter.
const PLACEHOLDER: &str = "#/$defs/placeholder";

/// What a file is beside its schema.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// What does not fit, as `/path/in/the/file: what`.
    pub(super) faults: Vec<String>,
    /// The places where the file names a parameter, with the name.
    pub(super) named: Vec<(String, String)>,
}

impl Shape {
    /// The shape of a file, by the text of its schema.
    pub(super) fn of(schema: &str, file: &Json) -> Shape {
        let mut shape = Shape::default();
        if let Ok(root) = serde_json::from_str::<Json>(schema) {
            shape.look(&root, &root, file, "");
        }
        shape
    }

    /// Looks for missing and unknown members and values of the wrong type. Patterns are not looked at: they are stricter than the
    /// program.
    fn look(&mut self, root: &Json, schema: &Json, value: &Json, at: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            if let Some(name) = value.as_str().filter(|_| reference == PLACEHOLDER) {
                self.named.push((at.to_owned(), name.to_owned()));
            }
            if let Some(definition) = root.pointer(reference.trim_start_matches('#')) {
                self.look(root, definition, value, at);
            }
        }
        if let Some(forms) = schema.get("oneOf").and_then(Json::as_array) {
            // The one that was meant is the one that fits best.
            let shapes = forms.iter().map(|form| {
                let mut shape = Shape::default();
                shape.look(root, form, value, at);
                shape
            });
            if let Some(best) = shapes.min_by_key(|shape| shape.faults.len()) {
                self.faults.extend(best.faults);
                self.named.extend(best.named);
            }
        }
        if let Some(types) = schema.get("type") {
            let names: Vec<&str> = match types {
                Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
                name => name.as_str().into_iter().collect(),
            };
            if !names.iter().any(|name| is_of_type(value, name)) {
                return self.fault(at, &format!("must be of type {}", names.join(" or ")));
            }
        }
        let choices = schema.get("enum").and_then(Json::as_array).cloned();
        let choices = choices.or_else(|| Some(vec![schema.get("const")?.clone()]));
        if let Some(choices) = choices.filter(|choices| !choices.contains(value)) {
            let choices: Vec<String> = choices.iter().filter_map(Json::as_str).map(quoted).collect();
            self.fault(at, &format!("{} is not one of {}", quoted(value.clone()), choices.join(", ")));
        }
        if let Some(items) = schema.get("items") {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                self.look(root, items, item, &format!("{at}/{index}"));
            }
        }
        if let Some(members) = value.as_object() {
            self.members(root, schema, members, at);
        }
    }

    fn members(&mut self, root: &Json, schema: &Json, members: &serde_json::Map<String, Json>, at: &str) {
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        for name in required.filter_map(Json::as_str).filter(|name| !members.contains_key(*name)) {
            self.fault(at, &format!("the member {} is missing", quoted(name)));
        }
        for (name, value) in members {
            let inner = format!("{at}/{}", step(name));
            if schema.pointer("/propertyNames/$ref").is_some_and(|reference| reference == PLACEHOLDER) {
                self.named.push((inner.clone(), name.clone()));
            }
            let own = schema.get("properties").and_then(|properties| properties.get(name));
            match own.or(schema.get("additionalProperties")) {
                Some(Json::Bool(false)) => {
                    let known = schema.get("properties").and_then(Json::as_object).into_iter().flatten();
                    let known: Vec<String> = known.map(|(name, _)| quoted(name.as_str())).collect();
                    self.fault(&inner, &format!("not a known member; known are {}", known.join(", ")));
                }
                Some(schema) => self.look(root, schema, value, &inner),
                None => {}
            }
        }
    }

    fn fault(&mut self, at: &str, what: &str) {
        self.faults.push(if at.is_empty() { what.to_owned() } else { format!("{at}: {what}") });
    }
}

/// Every text in a value, and every name of a member, with its place.
pub(super) fn texts(value: &Json, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Json::String(text) => found.push((at.to_owned(), text.clone())),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| texts(item, &format!("{at}/{index}"), found));
        }
        Json::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{}", step(name));
                found.push((at.clone(), name.clone()));
                texts(value, &at, found);
            }
        }
        _ => {}
    }
}

/// A name as a step of a JSON Pointer, on one line.
fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1").escape_debug().to_string()
}

fn quoted(text: impl Into<Json>) -> String {
    match text.into() {
        Json::String(text) => format!("`{}`", text.escape_debug()),
        other => format!("`{}`", other.to_string().escape_debug()),
    }
}

fn is_of_type(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => value.is_number(),
    }
}
