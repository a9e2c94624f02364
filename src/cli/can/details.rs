//! The policies of one user or role, in an answer of `aws iam get-account-authorization-details`.

use serde_json::Value;

use crate::analyze::decide::Layer;
use crate::cli::Failure;
use crate::document::{Document, File};
use crate::kind::Kind;
use crate::parse::Yaml;
use crate::policy::Arn;

/// The lists of users and roles, what each has, and the member with its inline policies.
const PRINCIPALS: [(&str, &str, &str); 2] =
    [("UserDetailList", "user", "UserPolicyList"), ("RoleDetailList", "role", "RolePolicyList")];

/// A policy that was taken.
pub(super) struct Policy {
    pub(super) layer: Layer,
    pub(super) name: String,
    /// Whether the answer has it; else nothing is known of it.
    pub(super) is_held: bool,
    pub(super) document: Document,
}

/// The details of an account, if a text holds them.
pub(super) fn read(text: &str) -> Option<Value> {
    let from_yaml = || serde_json::from_str(&Yaml::read(text).ok()?.json(text).text).ok();
    let details: Value = serde_json::from_str(text).ok().or_else(from_yaml)?;
    PRINCIPALS.iter().any(|(list, ..)| details[list].is_array()).then_some(details)
}

/// The policies of a user or role, or of the role of a session: its own and those of its groups, what is attached to
/// these, and its boundary. One that is missing is a policy of which nothing is known.
pub(super) fn policies(details: &Value, arn: &str, file: &File) -> Result<Vec<Policy>, Failure> {
    let name = file.source.name();
    let Some((place, kind, inline, entry)) = find(details, arn) else {
        let failure = Failure::new(format!("`{name}` has no user or role `{arn}`"));
        return Err(match details["IsTruncated"] == true {
            true => failure
                .help("the answer is cut off (`IsTruncated` is true): get all of it, without --max-items"),
            false => failure.help("write the ARN that the answer has, or that of a session of the role"),
        });
    };
    let mut search = Search { details, file, found: Vec::new() };
    search.inline(&place, entry, inline);
    search.attached(entry, &format!("{kind} `{arn}`"));
    if kind == "user" {
        let groups = entry["GroupList"].as_array();
        if groups.is_none() {
            search.missing(Layer::Identity, format!("the groups of user `{arn}`"));
        }
        for group in groups.into_iter().flatten().filter_map(Value::as_str) {
            match entry_of(details, "GroupDetailList", |entry| entry["GroupName"] == group) {
                Some((place, entry)) => {
                    search.inline(&place, entry, "GroupPolicyList");
                    search.attached(entry, &format!("group `{group}`"));
                }
                None => search.missing(Layer::Identity, format!("the policies of group `{group}`")),
            }
        }
    }
    if let Some(boundary) = entry["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str() {
        search.managed(Layer::Boundary, boundary);
    }
    Ok(search.found)
}

/// Where the trust policy of a role is, if an answer has it.
pub(super) fn trust_policy(details: &Value, arn: &str) -> Option<String> {
    let (place, _) = entry_of(details, "RoleDetailList", |entry| entry["Arn"] == arn)?;
    Some(format!("{place}/AssumeRolePolicyDocument"))
}

/// Whose policy stands at a pointer of an answer, if that is somebody else than the caller; a user may be in any group.
pub(super) fn other_owner(text: &str, pointer: &str, arn: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
    let around: Vec<&Value> = ends.filter_map(|end| answer.pointer(pointer.get(..end)?)).collect();
    let named = |member: &str| around.iter().rev().find_map(|value| value[member].as_str());
    let (is_user, caller) = match session_role(arn) {
        Some((_, role)) => (false, role),
        None => {
            let (kind, name) = Arn::parse(arn)?.resource.split_once('/')?;
            (kind == "user", name.rsplit('/').next().unwrap_or_default().to_owned())
        }
    };
    [("UserName", "user", is_user), ("RoleName", "role", !is_user), ("GroupName", "group", is_user)]
        .into_iter()
        .find_map(|(member, what, is_possible)| {
            let name = named(member)?;
            let is_callers = is_possible && (what == "group" || name == caller);
            (!is_callers).then(|| format!("{what} `{name}`"))
        })
}

/// The tags of a user or role, or of the role of a session: `aws:PrincipalTag/…` of its requests.
pub(super) fn tags(details: &Value, arn: &str) -> Vec<(String, String)> {
    let entry = find(details, arn).map(|(.., entry)| entry);
    let tags = entry.and_then(|entry| entry["Tags"].as_array()).into_iter().flatten();
    let tag = |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned()));
    tags.filter_map(tag).collect()
}

/// The user or role of an ARN: its place, what it is, the member with its inline policies, and all that is said of it.
fn find<'d>(details: &'d Value, arn: &str) -> Option<(String, &'static str, &'static str, &'d Value)> {
    let role = session_role(arn);
    let is_it = |entry: &Value| {
        let own = entry["Arn"].as_str();
        let of_session = || {
            let (account, name) = role.as_ref()?;
            Some(Arn::parse(own?)?.account == *account && entry["RoleName"] == **name)
        };
        own == Some(arn) || of_session() == Some(true)
    };
    PRINCIPALS.iter().find_map(|(list, kind, inline)| {
        let (place, entry) = entry_of(details, list, is_it)?;
        Some((place, *kind, *inline, entry))
    })
}

/// The account and the name of the role of a session.
fn session_role(arn: &str) -> Option<(String, String)> {
    let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "sts")?;
    let (name, _session) = parsed.resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((parsed.account.to_owned(), name.to_owned()))
}

/// The first entry of a list that `is_it`, with its pointer.
fn entry_of<'d>(
    details: &'d Value,
    list: &str,
    is_it: impl Fn(&Value) -> bool,
) -> Option<(String, &'d Value)> {
    let entries = details[list].as_array()?;
    let index = entries.iter().position(is_it)?;
    Some((format!("/{list}/{index}"), entries.get(index)?))
}

/// What was found so far.
struct Search<'d> {
    details: &'d Value,
    file: &'d File,
    found: Vec<Policy>,
}

impl Search<'_> {
    /// Takes the policy at a pointer, once.
    fn take(&mut self, layer: Layer, name: String, pointer: &str) {
        if self.found.iter().any(|policy| policy.layer == layer && policy.document.pointer() == pointer) {
            return;
        }
        match self.file.documents.iter().find(|document| document.pointer() == pointer) {
            Some(document) => {
                self.found.push(Policy { layer, name, is_held: true, document: document.clone() });
            }
            None => self.missing(layer, name),
        }
    }

    /// Takes a policy that is not there for one of which nothing is known.
    fn missing(&mut self, layer: Layer, name: String) {
        let label = format!("{name}, which `{}` does not hold", self.file.source.name());
        let document = Document::unknown_of(self.file.source.name(), Kind::Identity, &label);
        self.found.push(Policy { layer, name: label, is_held: false, document });
    }

    /// The inline policies of an entry.
    fn inline(&mut self, place: &str, entry: &Value, list: &str) {
        for (index, policy) in entry[list].as_array().into_iter().flatten().enumerate() {
            let owners = [("UserName", "user"), ("RoleName", "role"), ("GroupName", "group")];
            let owner = owners.iter().find_map(|(name, what)| Some((what, entry[*name].as_str()?)));
            let (what, owner) = owner.unwrap_or((&"", ""));
            let name = policy["PolicyName"].as_str().unwrap_or_default();
            let pointer = format!("{place}/{list}/{index}/PolicyDocument");
            self.take(Layer::Identity, format!("inline policy `{name}` of {what} `{owner}`"), &pointer);
        }
    }

    /// The managed policies that are attached to an entry.
    fn attached(&mut self, entry: &Value, owner: &str) {
        let Some(attached) = entry["AttachedManagedPolicies"].as_array() else {
            return self.missing(Layer::Identity, format!("the managed policies of {owner}"));
        };
        for policy in attached {
            match policy["PolicyArn"].as_str() {
                Some(arn) => self.managed(Layer::Identity, arn),
                None => self.missing(Layer::Identity, format!("a managed policy of {owner}")),
            }
        }
    }

    /// The version of a managed policy that is in force.
    fn managed(&mut self, layer: Layer, arn: &str) {
        let what = if layer == Layer::Boundary { "permissions boundary" } else { "managed policy" };
        let name = format!("{what} `{arn}`");
        let of_policy = entry_of(self.details, "Policies", |entry| entry["Arn"] == arn);
        let pointer = of_policy.and_then(|(place, entry)| {
            let is_in_force = |version: &Value| version["IsDefaultVersion"] == true;
            let version = entry["PolicyVersionList"].as_array()?.iter().position(is_in_force)?;
            Some(format!("{place}/PolicyVersionList/{version}/Document"))
        });
        match pointer {
            Some(pointer) => self.take(layer, name, &pointer),
            None => self.missing(layer, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{self, Hints};
    use crate::source::Source;

    const ACCOUNT: &str = "arn:aws:iam::111111111111";

    /// What is taken for an ARN, by layer and name.
    fn taken(details: &Value, arn: &str) -> Result<Vec<String>, String> {
        let file = document::open(Source::new("account.json", details.to_string()), &Hints::default());
        let details = read(file.source.text()).ok_or("no details")?;
        let policies = policies(&details, arn, &file).map_err(|failure| failure.message)?;
        Ok(policies.into_iter().map(|policy| format!("{}: {}", policy.layer.name(), policy.name)).collect())
    }

    fn policy() -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    }

    fn details() -> Value {
        let attached =
            |name: &str| json!({"PolicyName": name, "PolicyArn": format!("{ACCOUNT}:policy/{name}")});
        let version = |is: bool| json!({"Document": policy(), "VersionId": "v1", "IsDefaultVersion": is});
        json!({
            "UserDetailList": [
                {"UserName": "other", "Arn": format!("{ACCOUNT}:user/other"), "GroupList": [],
                 "UserPolicyList": [{"PolicyName": "theirs", "PolicyDocument": policy()}], "AttachedManagedPolicies": []},
                {"UserName": "u", "Arn": format!("{ACCOUNT}:user/u"), "GroupList": ["dev", "gone"],
                 "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy()}],
                 "AttachedManagedPolicies": [attached("shared")],
                 "PermissionsBoundary": {"PermissionsBoundaryArn": format!("{ACCOUNT}:policy/limit")}},
            ],
            "GroupDetailList": [
                {"GroupName": "dev", "GroupPolicyList": [{"PolicyName": "of-dev", "PolicyDocument": policy()}],
                 "AttachedManagedPolicies": [attached("shared"), attached("missing")]},
            ],
            "RoleDetailList": [
                {"RoleName": "r", "Arn": format!("{ACCOUNT}:role/path/r"), "AssumeRolePolicyDocument": policy(),
                 "RolePolicyList": [], "AttachedManagedPolicies": [attached("old")]},
            ],
            "Policies": [
                {"PolicyName": "shared", "Arn": format!("{ACCOUNT}:policy/shared"), "PolicyVersionList": [version(true)]},
                {"PolicyName": "limit", "Arn": format!("{ACCOUNT}:policy/limit"),
                 "PolicyVersionList": [version(false), version(true)]},
                {"PolicyName": "old", "Arn": format!("{ACCOUNT}:policy/old"), "PolicyVersionList": [version(false)]},
            ],
        })
    }

    #[test]
    fn what_a_user_has() {
        assert_eq!(
            taken(&details(), &format!("{ACCOUNT}:user/u")).unwrap(),
            [
                "identity: inline policy `own` of user `u`".to_owned(),
                format!("identity: managed policy `{ACCOUNT}:policy/shared`"),
                "identity: inline policy `of-dev` of group `dev`".to_owned(),
                format!(
                    "identity: managed policy `{ACCOUNT}:policy/missing`, which `account.json` does not hold"
                ),
                "identity: the policies of group `gone`, which `account.json` does not hold".to_owned(),
                format!("boundary: permissions boundary `{ACCOUNT}:policy/limit`"),
            ]
        );
    }

    #[test]
    fn a_policy_of_somebody_else() {
        let user = |name: &str| json!({"UserName": name, "PolicyName": "p", "PolicyDocument": policy()});
        let list = json!([user("bo")]);
        let of = |answer: &Value, pointer: &str, caller: &str| {
            other_owner(&answer.to_string(), pointer, &format!("{ACCOUNT}:{caller}"))
        };
        assert_eq!(of(&user("bo"), "/PolicyDocument", "user/path/bo"), None);
        assert_eq!(of(&user("bo"), "/PolicyDocument", "user/al"), Some("user `bo`".to_owned()));
        assert_eq!(of(&list, "/0/PolicyDocument", "role/bo"), Some("user `bo`".to_owned()));
        let group = json!({"GroupName": "g", "PolicyDocument": policy()});
        assert_eq!(of(&group, "/PolicyDocument", "user/al"), None);
        assert_eq!(of(&group, "/PolicyDocument", "role/r"), Some("group `g`".to_owned()));
        let role = json!({"RoleName": "r", "PolicyDocument": policy()});
        let session = "arn:aws:sts::111111111111:assumed-role/r/s";
        assert_eq!(other_owner(&role.to_string(), "/PolicyDocument", session), None);
        assert_eq!(of(&role, "/PolicyDocument", "role/q"), Some("role `r`".to_owned()));
        assert_eq!(of(&policy(), "", "role/q"), None);
    }

    /// Names are unique among users, and among groups, and not among both.
    #[test]
    fn a_user_and_a_group_of_one_name() {
        let mut details = details();
        let name = |entry: &mut Value, of: &str, list: &str| {
            entry[of] = json!("same");
            entry[list][0]["PolicyName"] = json!("p");
        };
        name(&mut details["UserDetailList"][1], "UserName", "UserPolicyList");
        details["UserDetailList"][1]["GroupList"] = json!(["same"]);
        name(&mut details["GroupDetailList"][0], "GroupName", "GroupPolicyList");
        let taken = taken(&details, &format!("{ACCOUNT}:user/u")).unwrap();
        for owner in ["user", "group"] {
            assert!(taken.contains(&format!("identity: inline policy `p` of {owner} `same`")), "{taken:?}");
        }
    }

    #[test]
    fn what_a_role_and_its_session_have() {
        let of_role = taken(&details(), &format!("{ACCOUNT}:role/path/r")).unwrap();
        let old =
            format!("identity: managed policy `{ACCOUNT}:policy/old`, which `account.json` does not hold");
        assert_eq!(of_role, [old]);
        let session = |account: &str| format!("arn:aws:sts::{account}:assumed-role/r/session");
        assert_eq!(taken(&details(), &session("111111111111")).unwrap(), of_role);
        assert!(taken(&details(), &session("222222222222")).unwrap_err().contains("no user or role"));
        assert!(taken(&details(), &format!("{ACCOUNT}:role/r")).is_err(), "its path is part of its name");
        assert!(taken(&policy(), &format!("{ACCOUNT}:role/r")).unwrap_err().contains("no details"));
    }

    #[test]
    fn what_was_cut_from_an_answer_is_not_known() {
        let mut cut = details();
        let user = cut["UserDetailList"][0].as_object_mut().unwrap();
        user.remove("GroupList");
        user.remove("AttachedManagedPolicies");
        let taken = taken(&cut, &format!("{ACCOUNT}:user/other")).unwrap();
        assert_eq!(taken.len(), 3, "{taken:?}");
        assert!(taken[1..].iter().all(|name| name.ends_with("does not hold")), "{taken:?}");
    }
}
