//! Where something stands in a file by the names of things, and not by their number: lists of AWS's answers, of Terraform
//! and of Kubernetes have no order that lasts.

use std::borrow::Cow;

use crate::parse::{Node, Value};

/// Members that name an item of a list, the surest first.
const NAMES: [&str; 9] =
    ["address", "index_key", "RoleName", "UserName", "GroupName", "PolicyName", "VersionId", "Arn", "arn"];

/// How the members end that name an item of other lists, the surest first.
const ENDINGS: [&str; 3] = ["Arn", "Id", "Name"];

/// A pointer with a name in place of each number that has one: `/RoleDetailList/[Auditor]/AssumeRolePolicyDocument`. The
/// items of two lists that are called alike are the same thing.
pub(crate) fn place(tree: &Node, text: &str, pointer: &str) -> String {
    let (mut place, mut node, mut above) = (String::new(), Some(tree), "");
    // A file or document of Kubernetes is one object.
    if let Some(name) = object(tree, text) {
        place.extend(["/[", &name, "]"]);
    }
    for step in pointer.split('/').skip(1) {
        let next = node.and_then(|node| node.at(text, &format!("/{step}")));
        let is_item = node.is_some_and(|node| matches!(node.value, Value::Array(_)));
        // What a function chooses from has an order.
        let named = is_item && !above.starts_with("Fn::");
        match next.filter(|_| named).and_then(|item| name(item, text)) {
            Some(name) => place.extend(["/[", &name, "]"]),
            None => place.extend(["/", step]),
        }
        (node, above) = (next, step);
    }
    place
}

/// What an object of Kubernetes is called.
pub(crate) fn object(node: &Node, text: &str) -> Option<String> {
    let part = |pointer: &str| node.at(text, pointer).and_then(|part| value(part, text));
    let name = part("/metadata/name")?;
    let [kind, space] = ["/kind", "/metadata/namespace"].map(|pointer| part(pointer).unwrap_or_default());
    Some(format!("{kind} {space} {name}"))
}

/// What an item of a list is called.
fn name<'a>(item: &Node, text: &'a str) -> Option<Cow<'a, str>> {
    let member = |name: &str| value(item.get(text, name)?, text);
    // A resource in the state of Terraform.
    if let (Some(kind), Some(name), Some(_)) = (member("type"), member("name"), item.get(text, "instances")) {
        let module = member("module").unwrap_or_default();
        let mode = member("mode").unwrap_or_default();
        return Some(format!("{module}.{mode}.{kind}.{name}").into());
    }
    // An instance of one, which may be one that is still to be destroyed.
    if item.get(text, "attributes").is_some() && item.get(text, "schema_version").is_some() {
        let key = member("index_key").unwrap_or_default();
        return Some(format!("{key} {}", member("deposed").unwrap_or_default()).into());
    }
    let known = NAMES.into_iter().find_map(member);
    object(item, text).map(Cow::Owned).or(known).or_else(|| {
        let called = |ending: &&str| {
            let mut named = item.members().iter().filter(|member| member.key.text(text).ends_with(*ending));
            named.find_map(|member| value(&member.value, text))
        };
        ENDINGS.iter().find_map(called)
    })
}

fn value<'a>(node: &Node, text: &'a str) -> Option<Cow<'a, str>> {
    match node.value {
        Value::Number => Some(node.span.slice(text).into()),
        _ => node.text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    #[test]
    fn numbers_become_names() {
        for (text, pointer, wanted) in [
            (r#"{"Roles":[{"Path":"/","RoleName":"r","Arn":"a"}]}"#, "/Roles/0/P", "/Roles/[r]/P"),
            (
                r#"{"VpcEndpoints":[{"VpcEndpointId":"e","VpcId":"v"}]}"#,
                "/VpcEndpoints/0",
                "/VpcEndpoints/[e]",
            ),
            (r#"{"a":[{"b":1}]}"#, "/a/0/b", "/a/0/b"),
            (r#"{"a":["x"]}"#, "/a/0", "/a/0"),
            (
                r#"{"resources":[{"mode":"managed","type":"t","name":"n","instances":[{"index_key":1,"schema_version":0,"attributes":{}}]}]}"#,
                "/resources/0/instances/0/attributes/policy",
                "/resources/[.managed.t.n]/instances/[1 ]/attributes/policy",
            ),
            (
                r#"{"items":[{"kind":"Policy","metadata":{"name":"n","namespace":"s"}}]}"#,
                "/items/0/spec",
                "/items/[Policy s n]/spec",
            ),
            (
                r#"{"Policies":[{"Fn::If":["C",{"PolicyName":"p"}]}]}"#,
                "/Policies/0/Fn::If/1/PolicyDocument",
                "/Policies/0/Fn::If/1/PolicyDocument",
            ),
        ] {
            assert_eq!(place(&parse(text).tree, text, pointer), wanted, "{text}");
        }
    }
}
