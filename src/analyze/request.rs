//! One request, as AWS decides on it: who asks to do what to which thing, in which circumstances.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::catalog;
use crate::policy::{Arn, can_call, is_account_id};

/// One request. The same everywhere: what `can` takes, what a witness is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Who asks; `None` where only identity policies are asked and it makes no difference.
    pub principal: Option<Caller>,
    /// `service:Action`, without wildcards.
    pub action: String,
    /// The ARN of the thing; `*` for an action that names none.
    pub resource: String,
    /// The account that owns the thing. Where it is not given: the ARN's, else the caller's.
    pub resource_account: Option<String>,
    /// The circumstances, by condition key.
    pub context: Context,
    /// Whether the action names no resource, where the caller knows.
    pub wildcard_only_action: Option<bool>,
    /// What stands for the resource in a policy, where nothing else is known of it: then `resource` only looks like it.
    pub unknown: Option<UnknownResource>,
}

/// A resource of which it is known only how a policy writes it: one that a value with a hole takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownResource {
    /// What tells the hole from others.
    pub name: Box<str>,
    /// How to name it to a person.
    pub label: Box<str>,
}

impl Request {
    /// The resource as it is shown to a person.
    pub fn shown_resource(&self) -> &str {
        self.unknown.as_ref().map_or(&self.resource, |unknown| &unknown.label)
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// A role, user or session, by ARN; the root user by that of its account's root.
    Aws(String),
    /// A service, as `s3.amazonaws.com`.
    Service(String),
    /// Someone signed in by an identity provider.
    Federated(String),
    /// An account as S3 knew it.
    CanonicalUser(String),
    /// Nobody in particular: a request that is not signed.
    Anonymous,
}

/// The circumstances of a request: condition keys, whose case has no meaning, and their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// By the key in lower case; the key as it was written, and its value.
    entries: BTreeMap<String, (String, ContextValue)>,
}

/// The value of a condition key in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// One value, as text.
    One(String),
    /// A key of many values; perhaps none.
    Many(Vec<String>),
}

impl Context {
    /// Sets a key, whatever it was.
    pub fn insert(&mut self, key: impl Into<String>, value: ContextValue) {
        let key = key.into();
        self.entries.insert(key.to_ascii_lowercase(), (key, value));
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(&key.to_ascii_lowercase());
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.entries.get(&key.to_ascii_lowercase()).map(|(_, value)| value)
    }

    /// The value of a key that is given in lower case.
    pub(crate) fn get_folded(&self, key: &str) -> Option<&ContextValue> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// Every key as it was written, with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.values().map(|(key, value)| (key.as_str(), value))
    }
}

impl ContextValue {
    /// The values that a request gives a key as a list. IAM guide, "Single-valued vs. multivalued context keys": a list
    /// of one is the value, unless the key is one of many values.
    ///
    /// # Errors
    /// The key is one of a single value, and several are given.
    pub fn of(key: &str, mut values: Vec<String>) -> Result<Self, String> {
        let is_list = catalog::condition_key(key).and_then(|key| key.is_list());
        match (is_list, values.len()) {
            (Some(false), 2..) => Err(format!("`{key}` has a single value in a request, and not several")),
            (Some(true), _) | (_, 0 | 2..) => Ok(ContextValue::Many(values)),
            (_, 1) => Ok(ContextValue::One(values.swap_remove(0))),
        }
    }

    /// The values, one or many.
    pub fn values(&self) -> &[String] {
        match self {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values,
        }
    }
}

impl Caller {
    /// Reads a principal as a person writes it: an ARN, an account for its root user, a service, `anonymous`, or its
    /// type and id as in `Federated=accounts.google.com`.
    ///
    /// # Errors
    /// It is none of these, or cannot call.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("anonymous") {
            return Ok(Caller::Anonymous);
        }
        if let Some((kind, id)) = text.split_once('=') {
            match kind {
                "AWS" if is_account_id(id) => return Ok(Caller::parse(id)),
                "AWS" => return Caller::Aws(id.to_owned()).possible(),
                "Service" => return Ok(Caller::Service(id.to_owned())),
                "Federated" => return Ok(Caller::Federated(id.to_owned())),
                "CanonicalUser" => return Ok(Caller::CanonicalUser(id.to_owned())),
                _ => {}
            }
        }
        let is_arn = text.starts_with("arn:") && Arn::parse(text).is_some();
        if is_arn || is_account_id(text) || (text.contains('.') && !text.contains([':', '*'])) {
            return Caller::parse(text).possible();
        }
        Err("a principal is an ARN, an account for its root user, a service such as s3.amazonaws.com, anonymous, \
             or TYPE=ID, as Federated=accounts.google.com"
            .to_owned())
    }

    /// The caller, if there can be one.
    fn possible(self) -> Result<Self, String> {
        match &self {
            Caller::Aws(text) if !can_call(text) => Err(format!(
                "`{text}` cannot call: write an account of twelve digits for its root user, or the ARN of one user, role \
                 or session without wildcards, as arn:aws:iam::111111111111:role/Reader"
            )),
            _ => Ok(self),
        }
    }

    /// Reads a principal as a policy or a person writes it: an ARN, an account id, a service name.
    pub fn parse(text: &str) -> Self {
        match text {
            _ if crate::policy::is_account_id(text) => Caller::Aws(format!("arn:aws:iam::{text}:root")),
            _ if text.starts_with("arn:") && text.contains(":saml-provider/") => {
                Caller::Federated(text.to_owned())
            }
            _ if text.starts_with("arn:") && text.contains(":oidc-provider/") => {
                Caller::Federated(text.to_owned())
            }
            _ if text.starts_with("arn:") => Caller::Aws(text.to_owned()),
            _ => Caller::Service(text.to_owned()),
        }
    }
}

impl Request {
    /// Reads the JSON form of the contract.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn from_json(value: &Json) -> Result<Request, String> {
        let Json::Object(members) = value else { return Err("a request must be an object".to_owned()) };
        // Ignoring an unknown member would answer another question.
        only("request", members, &MEMBERS)?;
        let text = |name: &str| match members.get(name) {
            Some(Json::String(text)) => Ok(Some(text.clone())),
            None | Some(Json::Null) => Ok(None),
            Some(_) => Err(format!("`{name}` of a request must be a string")),
        };
        let required = |name: &str| text(name)?.ok_or_else(|| format!("the request has no `{name}`"));
        let mut context = Context::default();
        match members.get("context") {
            None | Some(Json::Null) => {}
            Some(Json::Object(entries)) => {
                for (key, value) in entries {
                    context.insert(key.clone(), context_value(key, value)?);
                }
            }
            Some(_) => return Err("`context` of a request must be an object".to_owned()),
        }
        Ok(Request {
            principal: members.get("principal").map_or(Ok(None), caller)?,
            action: required("action")?,
            resource: required("resource")?,
            resource_account: text("resource_account")?,
            context,
            wildcard_only_action: match members.get("wildcard_only_action") {
                None | Some(Json::Null) => None,
                Some(Json::Bool(value)) => Some(*value),
                Some(_) => return Err("`wildcard_only_action` of a request must be a boolean".to_owned()),
            },
            unknown: None,
        })
    }

    /// The JSON form of the contract.
    pub fn to_json(&self) -> Json {
        let principal = match &self.principal {
            None => Json::Null,
            Some(Caller::Aws(text) | Caller::Service(text)) => text.clone().into(),
            Some(Caller::Federated(text)) => json!({ "type": "Federated", "id": text }),
            Some(Caller::CanonicalUser(text)) => json!({ "type": "CanonicalUser", "id": text }),
            Some(Caller::Anonymous) => json!({ "type": "Anonymous" }),
        };
        let context: serde_json::Map<String, Json> = self
            .context
            .iter()
            .map(|(key, value)| match value {
                ContextValue::One(value) => (key.to_owned(), value.clone().into()),
                ContextValue::Many(values) => (key.to_owned(), values.clone().into()),
            })
            .collect();
        json!({
            "principal": principal,
            "action": self.action,
            "resource": self.shown_resource(),
            "resource_account": self.resource_account,
            "context": context,
        })
    }
}

/// The members of a request.
const MEMBERS: [&str; 6] =
    ["principal", "action", "resource", "resource_account", "context", "wildcard_only_action"];

/// Refuses a member that is none of those that an object has.
fn only(name: &str, members: &serde_json::Map<String, Json>, known: &[&str]) -> Result<(), String> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            Err(format!("`{name}`: unknown field `{key}`, expected one of `{}`", known.join("`, `")))
        }
    }
}

fn caller(value: &Json) -> Result<Option<Caller>, String> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) => Caller::read(text).map(Some),
        Json::Object(members) => {
            only("principal", members, &["type", "id", "arn"])?;
            let text = |name: &str| members.get(name).and_then(Json::as_str);
            let id = text("id").or_else(|| text("arn")).unwrap_or_default().to_owned();
            match text("type") {
                Some("Anonymous") => Ok(Some(Caller::Anonymous)),
                Some("AWS") if is_account_id(&id) => Ok(Some(Caller::parse(&id))),
                Some("AWS") => Caller::Aws(id).possible().map(Some),
                Some("Service") => Ok(Some(Caller::Service(id))),
                Some("Federated") => Ok(Some(Caller::Federated(id))),
                Some("CanonicalUser") => Ok(Some(Caller::CanonicalUser(id))),
                _ => Err("`principal` of a request is an ARN, a service name or {\"type\": \"Anonymous\"}"
                    .to_owned()),
            }
        }
        _ => Err("`principal` of a request must be a string or an object".to_owned()),
    }
}

fn context_value(key: &str, value: &Json) -> Result<ContextValue, String> {
    let scalar = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let wrong = || format!("`{key}` of the context must be a string, number, boolean or a list of these");
    match value {
        Json::Array(items) => {
            let values = items.iter().map(scalar).collect::<Option<_>>().ok_or_else(wrong)?;
            ContextValue::of(key, values)
        }
        _ => scalar(value).map(ContextValue::One).ok_or_else(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_read_as_a_caller() {
        let caller = Caller::read;
        assert_eq!(caller("Anonymous"), Ok(Caller::Anonymous));
        assert_eq!(caller("s3.amazonaws.com"), Ok(Caller::Service("s3.amazonaws.com".to_owned())));
        assert_eq!(caller("111111111111"), Ok(Caller::Aws("arn:aws:iam::111111111111:root".to_owned())));
        assert_eq!(
            caller("Federated=accounts.google.com"),
            Ok(Caller::Federated("accounts.google.com".to_owned()))
        );
        for wrong in ["", "*", "Reader", "arn:aws:iam", "role/Reader"] {
            assert!(caller(wrong).is_err(), "{wrong}");
            let json = json!({"principal": wrong, "action": "s3:GetObject", "resource": "*"});
            assert!(Request::from_json(&json).is_err(), "{wrong}");
        }
        for wrong in [
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::111111111111:group/g",
            "arn:aws:iam::111111111111:mfa/m",
            "arn:aws:iam::1111:role/R",
            "arn:aws:iam::1111:root",
            "arn:aws:s3:::b",
            "arn:aws:sts::111111111111:assumed-role/R",
            "AWS=**",
        ] {
            assert!(caller(wrong).unwrap_err().contains("cannot call"), "{wrong}");
        }
        for right in [
            "arn:aws:iam::111111111111:user/path/u",
            "arn:aws:sts::111111111111:assumed-role/R/s",
            "arn:aws:sts::111111111111:federated-user/f",
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
            "AWS=111111111111",
            "AWS=AROAEXAMPLEEXAMPLE123",
            "arn:aws:iam::111111111111:saml-provider/p",
        ] {
            assert!(caller(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn a_list_of_one_is_a_value_unless_the_key_has_many() {
        let read = |key: &str, values: Json| {
            let json = json!({"action": "s3:GetObject", "resource": "*", "context": {key: values}});
            Request::from_json(&json).map(|request| request.context.get(key).cloned())
        };
        let one = Ok(Some(ContextValue::One("a".to_owned())));
        assert_eq!(read("aws:PrincipalTag/team", json!(["a"])), one);
        assert_eq!(read("my:Key", json!(["a"])), one);
        assert_eq!(read("aws:TagKeys", json!(["a"])), Ok(Some(ContextValue::Many(vec!["a".to_owned()]))));
        assert!(read("aws:PrincipalTag/team", json!(["a", "b"])).unwrap_err().contains("single value"));
        assert!(read("aws:TagKeys", json!(["a", "b"])).is_ok());
        assert_eq!(read("aws:PrincipalTag/team", json!([])), Ok(Some(ContextValue::Many(Vec::new()))));
    }

    #[test]
    fn the_json_form_comes_back() {
        let json = json!({
            "principal": {"type": "Anonymous"}, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
            "resource_account": "111111111111", "context": {"aws:SourceIp": "1.2.3.4", "aws:TagKeys": ["a"]},
        });
        let request = Request::from_json(&json).unwrap();
        assert_eq!(request.context.get("AWS:sourceip").unwrap().values(), ["1.2.3.4"]);
        assert_eq!(request.to_json(), json);
        assert!(Request::from_json(&json!({"action": "a:b"})).unwrap_err().contains("`resource`"));
    }

    #[test]
    fn an_unknown_member_is_an_error() {
        let role = "arn:aws:iam::111111111111:role/R";
        for (member, value) in
            [("contxt", json!({"x:y": "1"})), ("Context", json!({})), ("conditions", json!({}))]
        {
            let mut request =
                json!({"principal": role, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"});
            assert!(Request::from_json(&request).is_ok());
            request[member] = value;
            let error = Request::from_json(&request).unwrap_err();
            assert!(
                error.contains(&format!("unknown field `{member}`")) && error.contains("`context`"),
                "{error}"
            );
        }
        let principal = json!({"type": "AWS", "id": role, "name": "x"});
        let request = json!({"principal": principal, "action": "s3:GetObject", "resource": "*"});
        assert!(Request::from_json(&request).unwrap_err().contains("`principal`: unknown field `name`"));
    }
}
