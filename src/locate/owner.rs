//! What a policy in a file belongs to, in a few words: a person knows his things by name, not by pointer.

use crate::parse::{Node, Value};
use crate::span::Span;

/// Members that name an identity of IAM, with what it is.
const IDENTITIES: [(&str, &str); 3] = [("RoleName", "role"), ("UserName", "user"), ("GroupName", "group")];

/// What the policy at `span` belongs to: `` `QueuePolicy` (AWS::SQS::QueuePolicy)``, `` `aws_iam_policy.deploy` ``,
/// ``policy `Deploy` of role `sec/Auditor` ``. `None` where nothing around it has a name.
pub(super) fn owner(tree: &Node, text: &str, span: Span) -> Option<String> {
    let (mut node, mut above) = (tree, None);
    let (mut thing, mut policy) = (None, None);
    loop {
        let member = |name: &str| node.get(text, name).and_then(|value| value.text(text));
        if let Some(address) = member("address").filter(|_| node.get(text, "type").is_some()) {
            thing = Some(format!("`{address}`"));
        } else if let (Some("Resources"), Some(kind)) = (above, member("Type")) {
            thing = own_name(tree, text, node).map(|name| format!("`{name}` ({kind})"));
        }
        if let Some((name, what)) = IDENTITIES.iter().find_map(|(name, what)| Some((member(name)?, what))) {
            let path = member("Path").unwrap_or_default();
            thing = Some(format!("{what} `{}{name}`", path.trim_start_matches('/')));
        }
        policy = member("PolicyName").map(|name| format!("policy `{name}`")).or(policy);
        let (next, key) = child(node, text, span)?;
        if next.span == span {
            break;
        }
        // The members of `Resources` are things, whatever they are called.
        above = match above {
            Some("") => Some("Resources"),
            _ => Some(if key.as_deref() == Some("Resources") { "" } else { "other" }),
        };
        node = next;
    }
    match (policy, thing) {
        (Some(policy), Some(thing)) => Some(format!("{policy} of {thing}")),
        (policy, thing) => policy.or(thing),
    }
}

/// The child in which a span is, and its name in an object.
fn child<'n>(node: &'n Node, text: &str, span: Span) -> Option<(&'n Node, Option<String>)> {
    match &node.value {
        Value::Array(items) => {
            let at = items.partition_point(|item| item.span.end < span.end);
            items.get(at).filter(|item| item.span.contains(span)).map(|item| (item, None))
        }
        Value::Object(members) => {
            let at = members.partition_point(|member| member.value.span.end < span.end);
            let member = members.get(at).filter(|member| member.value.span.contains(span))?;
            Some((&member.value, Some(member.key.text(text).into_owned())))
        }
        _ => None,
    }
}

/// The name under which a node stands in its object.
fn own_name(tree: &Node, text: &str, of: &Node) -> Option<String> {
    let (mut node, mut name) = (tree, None);
    while node.span != of.span {
        (node, name) = child(node, text, of.span)?;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    /// The owners of what stands under `P`.
    fn owners(text: &str) -> Vec<Option<String>> {
        let tree = parse(text).tree;
        let mut spans = Vec::new();
        collect(&tree, text, &mut spans);
        spans.into_iter().map(|span| owner(&tree, text, span)).collect()
    }

    fn collect(node: &Node, text: &str, spans: &mut Vec<Span>) {
        for member in node.members() {
            if member.key.text(text) == "P" {
                spans.push(member.value.span);
            }
            collect(&member.value, text, spans);
        }
        node.items().iter().for_each(|item| collect(item, text, spans));
    }

    #[test]
    fn a_thing_is_called_by_its_name() {
        for (text, wanted) in [
            (r#"{"P":{}}"#, None),
            (
                r#"{"Resources":{"Q":{"Type":"AWS::SQS::QueuePolicy","Properties":{"P":{}}}}}"#,
                Some("`Q` (AWS::SQS::QueuePolicy)"),
            ),
            (
                r#"{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyName":"p","P":{}}]}}}}"#,
                Some("policy `p` of `R` (AWS::IAM::Role)"),
            ),
            (
                r#"{"resources":[{"address":"module.a.aws_iam_policy.deploy[0]","type":"aws_iam_policy","values":{"P":"{}"}}]}"#,
                Some("`module.a.aws_iam_policy.deploy[0]`"),
            ),
            (
                r#"{"RoleDetailList":[{"Path":"/","RoleName":"a"},{"Path":"/sec/","RoleName":"Auditor","P":{}}]}"#,
                Some("role `sec/Auditor`"),
            ),
            (
                r#"{"UserDetailList":[{"UserName":"u","UserPolicyList":[{"PolicyName":"p","P":{}}]}]}"#,
                Some("policy `p` of user `u`"),
            ),
            (r#"{"GroupName":"g","PolicyName":"p","P":"%7B%7D"}"#, Some("policy `p` of group `g`")),
            (r#"{"Policies":[{"PolicyName":"p","Versions":[{"P":{}}]}]}"#, Some("policy `p`")),
            (r#"{"other":{"Type":"AWS::SQS::QueuePolicy","P":{}}}"#, None),
        ] {
            assert_eq!(owners(text), [wanted.map(str::to_owned)], "{text}");
        }
    }
}
