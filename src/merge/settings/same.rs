//! When two values of settings mean the same.

use serde_json::Value as Json;

use crate::policy::Arn;

/// Whether two values mean the same: the order of members and of lists has no meaning, `30` is `"30"`,
/// and a KMS key may be named by its ARN or its id.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len()
                && a.iter().all(|a| b.iter().any(|b| same(a, b)))
                && b.iter().all(|b| a.iter().any(|a| same(a, b)))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => match (scalar(a), scalar(b)) {
            (Some(a), Some(b)) => a == b || is_key(&a, &b) || is_key(&b, &a),
            _ => a == b,
        },
    }
}

fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether `arn` is the ARN of the KMS key called `id`.
fn is_key(arn: &str, id: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "kms" && arn.after("key") == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spelling_has_no_meaning() {
        assert!(same(&json!(30), &json!("30")));
        assert!(same(&json!(true), &json!("true")));
        assert!(same(&json!({"a": ["x", "y"], "b": 1}), &json!({"b": "1", "a": ["y", "x"]})));
        let arn = json!("arn:aws:kms:us-east-1:222222222222:key/66666666-7777-8888-9999-000000000000");
        assert!(same(&json!("66666666-7777-8888-9999-000000000000"), &arn));
        assert!(!same(&json!("alias/expel"), &arn));
        assert!(!same(&json!(["x", "x"]), &json!(["x", "y"])));
        assert!(!same(&json!(null), &json!("null")));
    }
}
