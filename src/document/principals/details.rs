//! The policies of each user, group and role, in an answer of `aws iam get-account-authorization-details`.

use std::collections::HashMap;

use serde_json::Value;

use super::{Boundary, Held, Principal};
use crate::document::File;
use crate::parse::Yaml;
use crate::policy::Arn;

/// The lists of users, roles and groups, what each has, and the members with its name and its inline policies.
const PRINCIPALS: [(&str, &str, &str, &str); 3] = [
    ("UserDetailList", "user", "UserName", "UserPolicyList"),
    ("RoleDetailList", "role", "RoleName", "RolePolicyList"),
    ("GroupDetailList", "group", "GroupName", "GroupPolicyList"),
];

/// The details of an account.
#[derive(Debug)]
pub struct Details<'f> {
    file: &'f File,
    answer: Value,
}

/// A policy that counts for a user, group or role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counting {
    /// How to name it to a person.
    pub name: String,
    /// Which of the file's it is; `None` if the file does not have it.
    pub document: Option<usize>,
    /// Whether it is the permissions boundary.
    pub is_boundary: bool,
    /// The group that a user has it by.
    group: Option<String>,
}

impl<'f> Details<'f> {
    /// Reads the details of an account, if a file holds them.
    pub fn read(file: &'f File) -> Option<Self> {
        let text = file.source.text();
        if !PRINCIPALS.iter().any(|(list, ..)| text.contains(list)) {
            return None;
        }
        let from_yaml = || serde_json::from_str(&Yaml::read(text).ok()?.json(text).text).ok();
        let answer: Value = serde_json::from_str(text).ok().or_else(from_yaml)?;
        let is_list = PRINCIPALS.iter().any(|(list, ..)| answer[list].is_array());
        is_list.then_some(Details { file, answer })
    }

    /// The policies of a user or role, or of the role of a session: its own and those of its groups, what is attached to
    /// these, and its boundary. `None` if the file does not have the user or role.
    pub fn policies(&self, arn: &str) -> Option<Vec<Counting>> {
        let (place, at) = find(&self.answer, arn)?;
        Some(Search::new(self).all(&place, at))
    }

    /// Where the trust policy of a role is, if the answer has it.
    pub fn trust_policy(&self, arn: &str) -> Option<String> {
        let roles = self.answer["RoleDetailList"].as_array()?;
        let number = roles.iter().position(|role| role["Arn"] == arn)?;
        Some(format!("/RoleDetailList/{number}/AssumeRolePolicyDocument"))
    }

    /// What the requests of a user, a role or a session of a role say of it by condition keys, as far as the answer has it:
    /// its tags and its id. IAM guide, "IAM policy elements: Variables and tags", under "Principal key values".
    pub fn keys(&self, arn: &str) -> Vec<(String, String)> {
        let entry = find(&self.answer, arn).and_then(|(place, _)| self.answer.pointer(&place));
        let tags = entry.and_then(|entry| entry["Tags"].as_array()).into_iter().flatten();
        let tag = |tag: &Value| {
            let (name, value) = (tag["Key"].as_str()?, tag["Value"].as_str()?);
            Some((format!("aws:PrincipalTag/{name}"), value.to_owned()))
        };
        let id = entry.and_then(|entry| match (entry["UserId"].as_str(), entry["RoleId"].as_str()) {
            (Some(id), _) => Some(id.to_owned()),
            (None, id) => Some(format!("{}:{}", id?, session_role(arn)?.2)),
        });
        tags.filter_map(tag).chain(id.map(|id| ("aws:userid".to_owned(), id))).collect()
    }

    /// All users, groups and roles.
    pub(super) fn principals(&self) -> Vec<Principal> {
        let mut search = Search::new(self);
        let mut found = Vec::new();
        for (at, (list, what, name, _)) in PRINCIPALS.iter().enumerate() {
            for (number, entry) in self.answer[list].as_array().into_iter().flatten().enumerate() {
                let path = entry["Path"].as_str().unwrap_or_default().trim_start_matches('/');
                let name = format!("{what} `{path}{}`", entry[name].as_str().unwrap_or_default());
                let mut principal = Principal { name, parts: Vec::new(), boundary: None };
                let mut groups: HashMap<String, Vec<Held>> = HashMap::new();
                for policy in search.all(&format!("/{list}/{number}"), at) {
                    match (policy.document, policy.is_boundary, policy.group) {
                        (Some(at), true, _) => principal.boundary = Some(Boundary::Policy(at)),
                        (None, true, _) => principal.boundary = Some(Boundary::Unknown),
                        (Some(at), false, Some(group)) => groups.entry(group).or_default().push(Held::of(at)),
                        (Some(at), false, None) => principal.parts.push(vec![Held::of(at)]),
                        (None, false, _) => {}
                    }
                }
                let mut groups: Vec<(String, Vec<Held>)> = groups.into_iter().collect();
                groups.sort_by(|one, other| one.0.cmp(&other.0));
                principal.parts.extend(groups.into_iter().map(|(_, held)| held));
                found.push(principal);
            }
        }
        found
    }
}

/// Whose policy stands at a pointer of an answer, if that is somebody else than the caller; a user may be in any group.
pub fn other_owner(text: &str, pointer: &str, arn: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
    let around: Vec<&Value> = ends.filter_map(|end| answer.pointer(pointer.get(..end)?)).collect();
    let named = |member: &str| around.iter().rev().find_map(|value| value[member].as_str());
    let (is_user, caller) = match session_role(arn) {
        Some((_, role, _)) => (false, role),
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

/// The user or role of an ARN: its place, and which of the lists it is in.
fn find(answer: &Value, arn: &str) -> Option<(String, usize)> {
    let role = session_role(arn);
    let is_it = |entry: &Value| {
        let own = entry["Arn"].as_str();
        let of_session = || {
            let (account, name, _) = role.as_ref()?;
            Some(Arn::parse(own?)?.account == *account && entry["RoleName"] == **name)
        };
        own == Some(arn) || of_session() == Some(true)
    };
    PRINCIPALS.iter().enumerate().filter(|(_, (_, what, ..))| *what != "group").find_map(
        |(at, (list, ..))| {
            let number = answer[list].as_array()?.iter().position(is_it)?;
            Some((format!("/{list}/{number}"), at))
        },
    )
}

/// The account and the name of the role of a session, and its own.
fn session_role(arn: &str) -> Option<(String, String, String)> {
    let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "sts")?;
    let (name, session) = parsed.resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((parsed.account.to_owned(), name.to_owned(), session.to_owned()))
}

/// Looks up what the parts of an answer refer to.
struct Search<'d> {
    details: &'d Details<'d>,
    /// The policies of the file, by their pointers.
    documents: HashMap<&'d str, usize>,
    /// Managed policies, by their ARNs: the pointers to the versions in force.
    managed: HashMap<&'d str, Option<String>>,
    /// Groups, by their names: their pointers.
    groups: HashMap<&'d str, String>,
    /// What was found so far.
    found: Vec<Counting>,
}

impl<'d> Search<'d> {
    fn new(details: &'d Details<'d>) -> Self {
        let list = |name: &str| details.answer[name].as_array().into_iter().flatten().enumerate();
        let in_force = |(at, entry): (usize, &'d Value)| {
            let is_in_force = |version: &Value| version["IsDefaultVersion"] == true;
            let version = entry["PolicyVersionList"].as_array()?.iter().position(is_in_force);
            let pointer =
                version.map(|version| format!("/Policies/{at}/PolicyVersionList/{version}/Document"));
            Some((entry["Arn"].as_str()?, pointer))
        };
        let group = |(at, entry): (usize, &'d Value)| {
            Some((entry["GroupName"].as_str()?, format!("/GroupDetailList/{at}")))
        };
        let documents = details.file.documents.iter().enumerate();
        Search {
            details,
            documents: documents.map(|(at, document)| (document.pointer(), at)).collect(),
            managed: list("Policies").filter_map(in_force).collect(),
            groups: list("GroupDetailList").filter_map(group).collect(),
            found: Vec::new(),
        }
    }

    /// All that counts for the entry at a place, of one of the lists.
    fn all(&mut self, place: &str, list: usize) -> Vec<Counting> {
        let details = self.details;
        let Some(entry) = details.answer.pointer(place) else { return Vec::new() };
        let (_, what, name, inline) = PRINCIPALS[list];
        let arn = entry["Arn"].as_str().or(entry[name].as_str()).unwrap_or_default();
        self.own(place, entry, inline, &format!("{what} `{arn}`"), None);
        if what == "user" {
            let groups = entry["GroupList"].as_array();
            if groups.is_none() {
                self.take(format!("the groups of user `{arn}`"), None, false, None);
            }
            for group in groups.into_iter().flatten().filter_map(Value::as_str) {
                match self.groups.get(group).cloned() {
                    Some(place) => {
                        let Some(entry) = details.answer.pointer(&place) else { continue };
                        self.own(&place, entry, "GroupPolicyList", &format!("group `{group}`"), Some(group));
                    }
                    None => self.take(format!("the policies of group `{group}`"), None, false, Some(group)),
                }
            }
        }
        if let Some(boundary) = entry["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str() {
            self.managed(boundary, true, None);
        }
        std::mem::take(&mut self.found)
    }

    /// Takes a policy, once.
    fn take(&mut self, name: String, document: Option<usize>, is_boundary: bool, group: Option<&str>) {
        let is_known = |known: &Counting| known.document == document && known.is_boundary == is_boundary;
        if document.is_some() && self.found.iter().any(is_known) {
            return;
        }
        let name = match document {
            Some(_) => name,
            None => format!("{name}, which `{}` does not hold", self.details.file.source.name()),
        };
        self.found.push(Counting { name, document, is_boundary, group: group.map(str::to_owned) });
    }

    /// The inline policies of an entry, and the managed ones that are attached to it.
    fn own(&mut self, place: &str, entry: &Value, list: &str, owner: &str, group: Option<&str>) {
        for (index, policy) in entry[list].as_array().into_iter().flatten().enumerate() {
            let named = PRINCIPALS.iter().find_map(|(_, what, name, _)| Some((what, entry[*name].as_str()?)));
            let (what, of) = named.unwrap_or((&"", ""));
            let name = policy["PolicyName"].as_str().unwrap_or_default();
            let document = self.documents.get(&*format!("{place}/{list}/{index}/PolicyDocument")).copied();
            self.take(format!("inline policy `{name}` of {what} `{of}`"), document, false, group);
        }
        let Some(attached) = entry["AttachedManagedPolicies"].as_array() else {
            return self.take(format!("the managed policies of {owner}"), None, false, group);
        };
        for policy in attached {
            match policy["PolicyArn"].as_str() {
                Some(arn) => self.managed(arn, false, group),
                None => self.take(format!("a managed policy of {owner}"), None, false, group),
            }
        }
    }

    /// The version of a managed policy that is in force.
    fn managed(&mut self, arn: &str, is_boundary: bool, group: Option<&str>) {
        let what = if is_boundary { "permissions boundary" } else { "managed policy" };
        let pointer = self.managed.get(arn).and_then(Option::as_deref);
        let document = pointer.and_then(|pointer| self.documents.get(pointer)).copied();
        self.take(format!("{what} `{arn}`"), document, is_boundary, group);
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
        let details = Details::read(&file).ok_or("no details")?;
        let layer = |policy: &Counting| if policy.is_boundary { "boundary" } else { "identity" };
        let policies = details.policies(arn).ok_or("no user or role")?;
        Ok(policies.iter().map(|policy| format!("{}: {}", layer(policy), policy.name)).collect())
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
