//! What a request says of its caller and its thing has to be so: the engine takes condition keys as
//! independent of each other, and so finds requests that no one can make.

use super::senders::{STRANGER, TYPES};
use super::witness::Claim;
use crate::analyze::evaluate::{Asked, Who, seconds, service_of};
use crate::analyze::exception;
use crate::analyze::request::{Caller, Context, ContextValue, Request};
use crate::policy::{Arn, is_account_id};

/// Keys whose value follows from the caller or the thing.
const FOLLOWING: [&str; 10] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalType",
    "aws:ResourceAccount",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "s3:ResourceAccount",
];

/// The key of which the request says something that its caller or thing does not bear out.
pub fn contradiction(request: &Request) -> Option<&'static str> {
    unfitting(request).or_else(|| apart(request))
}

/// The key that does not go with another one, or with a caller of this type. IAM guide, "AWS global condition context
/// keys", under `aws:CurrentTime`, `aws:EpochTime` and `aws:PrincipalTag`.
fn apart(request: &Request) -> Option<&'static str> {
    let moment = |key: &str| one(&request.context, key).and_then(seconds);
    if let (Some(time), Some(epoch)) = (moment("aws:currenttime"), moment("aws:epochtime"))
        && time != epoch
    {
        return Some("aws:EpochTime");
    }
    if let Some((key, _)) = in_another_region(request) {
        return Some(key);
    }
    if let Some(key) = of_another_account(request) {
        return Some(key);
    }
    const TAG: &str = "aws:PrincipalTag/";
    let is_tag = |key: &str| key.get(..TAG.len()).is_some_and(|start| start.eq_ignore_ascii_case(TAG));
    let mut given = request.context.iter().filter(|(_, value)| !value.values().is_empty());
    let is_bare = matches!(Who::of(request), Who::Anonymous | Who::Service(_));
    (is_bare && given.any(|(key, _)| is_tag(key))).then_some("aws:PrincipalTag")
}

/// The key for the account of the caller that does not say the same as another one. They follow from each other also where
/// nothing is known of who calls.
fn of_another_account(request: &Request) -> Option<&'static str> {
    let value = |key: &str| one(&request.context, key).filter(|account| is_account_id(account));
    let arn = one(&request.context, "aws:principalarn").and_then(Arn::parse).map(|arn| arn.account);
    let known = arn.filter(|account| is_account_id(account)).or_else(|| value("aws:principalaccount"))?;
    ["aws:PrincipalAccount", "kms:CallerAccount"]
        .into_iter()
        .find(|key| value(&key.to_ascii_lowercase()).is_some_and(|own| own != known))
}

/// Keys for the Region that is called: a resource of a Region is, but for a few calls, called in its own. IAM guide, "AWS
/// global condition context keys", under `aws:RequestedRegion`; EC2 has the same under a name of its own.
const REGION: [&str; 2] = ["aws:RequestedRegion", "ec2:Region"];

/// The key by which a request is made in another Region than the one of its resource, and that Region.
fn in_another_region(request: &Request) -> Option<(&'static str, &str)> {
    let own = Arn::parse(&request.resource).map(|arn| arn.region).filter(|region| !region.is_empty())?;
    let said = REGION.into_iter().filter_map(|key| Some((key, one(&request.context, key)?)));
    let mut said = said.chain(via_region(request).map(|region| (VIA_SERVICE, region)));
    said.find(|(_, called)| *called != own)
}

/// Through which service of which Region a key is used: it is one of that Region. KMS guide, "AWS KMS condition keys",
/// under `kms:ViaService`.
const VIA_SERVICE: &str = "kms:ViaService";

/// The Region of the service through which a key is used.
pub(super) fn via_region(request: &Request) -> Option<&str> {
    let service = one(&request.context, VIA_SERVICE)?;
    let (name, _) = service.split_once(".amazonaws.com")?;
    name.rsplit_once('.').map(|(_, region)| region)
}

/// The request on such a resource of the Region that is called, and the request in the Region of its resource.
fn in_one_region(request: &Request) -> Option<[Request; 2]> {
    let (_, called) = in_another_region(request)?;
    let Arn { partition, service, region, account, resource } = Arn::parse(&request.resource)?;
    let resource = format!("arn:{partition}:{service}:{called}:{account}:{resource}");
    let mut at_home = request.clone();
    for key in REGION.into_iter().filter(|key| request.context.get(key).is_some()) {
        at_home.context.insert(key, ContextValue::One(region.to_owned()));
    }
    if let Some((service, end)) = via_region(request).and_then(|called| {
        one(&request.context, VIA_SERVICE)?.split_once(&format!(".{called}.amazonaws.com"))
    }) {
        let service = format!("{service}.{region}.amazonaws.com{end}");
        at_home.context.insert(VIA_SERVICE, ContextValue::One(service));
    }
    Some([Request { resource, ..request.clone() }, at_home])
}

/// The key whose value does not follow from the caller or the thing.
fn unfitting(request: &Request) -> Option<&'static str> {
    FOLLOWING.into_iter().find(|key| match request.context.get(key).map(ContextValue::values) {
        Some([given]) => !follows(request, key, given),
        // It is a key of one value.
        Some([_, ..]) => true,
        Some([]) | None => false,
    })
}

/// Whether a key can have this value in the request.
fn follows(request: &Request, key: &str, given: &str) -> bool {
    let asked = Asked::new(request);
    let key = key.to_ascii_lowercase();
    let follows = || asked.follows(&key).is_none_or(|value| value == given);
    match (key.as_str(), asked.who) {
        ("aws:resourceaccount" | "s3:resourceaccount", _) => {
            let own = asked.resource.map(|arn| arn.account).filter(|account| is_account_id(account));
            own.or(request.resource_account.as_deref()).is_none_or(|own| own == given)
        }
        (_, Who::Unknown) => true,
        // A session shows the name of its role, not the path.
        ("aws:principalarn", Who::RoleSession(session, role)) => Arn::parse(given).is_some_and(|arn| {
            arn.account == session.account && arn.after("role").is_some() && arn.name() == role
        }),
        ("aws:principalarn", Who::Anonymous) => false,
        ("aws:userid", who) if given.eq_ignore_ascii_case("anonymous") => who == Who::Anonymous && follows(),
        // The id of the role, and the name of the session.
        ("aws:userid", Who::RoleSession(session, _)) => given.split_once(':').is_some_and(|(id, name)| {
            !is_account_id(id) && Some(name) == session.resource.rsplit('/').next()
        }),
        ("aws:userid", Who::Role(_)) => given.split_once(':').is_some_and(|(id, _)| !is_account_id(id)),
        ("aws:userid", Who::User(_)) => !given.contains(':') && !is_account_id(given),
        // IAM guide, "IAM policy elements: Variables and tags", under "Principal key values": only users have one.
        ("aws:username", Who::CanonicalUser(_) | Who::Other(_)) => true,
        ("aws:username", who) => matches!(who, Who::User(_)) && follows(),
        // Who assumes a role by a token from elsewhere has no name in AWS yet.
        (
            "aws:principalarn" | "aws:principalaccount" | "kms:calleraccount",
            Who::Service(_) | Who::Federated(_),
        ) => false,
        // Of the names of one service, as of its Regions, the request has one.
        ("aws:principalservicename", Who::Service(name)) => service_of(name) == service_of(given),
        ("aws:principalservicename", _) => false,
        ("aws:principalisawsservice", _) => {
            asked.follows(&key).is_none_or(|value| value.eq_ignore_ascii_case(given))
        }
        ("aws:principaltype", Who::Service(_)) => {
            !TYPES.iter().any(|known| known.eq_ignore_ascii_case(given))
        }
        _ => follows(),
    }
}

/// Keys of which the first has the organization that the paths of the second begin with. IAM guide, "AWS global condition
/// context keys": a member of an organization has both.
const ORGANIZATIONS: [(&str, &str); 4] = [
    ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
    ("aws:ResourceOrgID", "aws:ResourceOrgPaths"),
    ("aws:SourceOrgID", "aws:SourceOrgPaths"),
    ("aws:VpceOrgID", "aws:VpceOrgPaths"),
];

/// A key that comes with another one, or with one value of that, and a value that it may have. The same page, under
/// "Availability" of each.
struct With {
    key: &'static str,
    value: Option<&'static str>,
    other: &'static str,
    likely: &'static str,
}

/// Every key that has all of its own beside it comes after them.
const TOGETHER: [With; 12] = {
    const fn with(key: &'static str, other: &'static str, likely: &'static str) -> With {
        With { key, value: None, other, likely }
    }
    const ENDPOINT: &str = "vpce-0123456789abcdef0";
    const ORGANIZATION: &str = "o-z9y8x7w6v5";
    [
        with("aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "true"),
        With {
            key: "aws:MultiFactorAuthPresent",
            value: Some("true"),
            other: "aws:MultiFactorAuthAge",
            likely: "300",
        },
        with("aws:SourceVpc", "aws:SourceVpce", ENDPOINT),
        with("aws:SourceVpcArn", "aws:SourceVpce", ENDPOINT),
        with("aws:VpcSourceIp", "aws:SourceVpce", ENDPOINT),
        with("aws:VpceAccount", "aws:SourceVpce", ENDPOINT),
        with("aws:VpceOrgID", "aws:SourceVpce", ENDPOINT),
        with("aws:VpceOrgPaths", "aws:SourceVpce", ENDPOINT),
        with("aws:SourceVpce", "aws:SourceVpc", "vpc-0123456789abcdef0"),
        with("aws:PrincipalOrgMasterAccountId", "aws:PrincipalOrgID", ORGANIZATION),
        with("aws:PrincipalOrgID", "aws:PrincipalOrgMasterAccountId", STRANGER),
        with("aws:PrincipalOrgPaths", "aws:PrincipalOrgMasterAccountId", STRANGER),
    ]
};

/// The request with the keys that every request has along with those of this one; or the key that it says otherwise. The
/// same page, under each.
pub(super) fn completed(request: &Request) -> Result<Request, &'static str> {
    let mut whole = request.clone();
    // The VPC is that of the ARN.
    if let Some(vpc) = one(&request.context, VPC_ARN).and_then(Arn::parse).and_then(|arn| arn.after("vpc")) {
        match one(&request.context, VPC) {
            Some(given) if given != vpc => return Err(VPC_ARN),
            _ => whole.context.insert(VPC, ContextValue::One(vpc.to_owned())),
        }
    }
    for With { key, value, other, likely } in &TOGETHER {
        let is_meant = match value {
            None => whole.context.get(key).is_some_and(|given| !given.values().is_empty()),
            Some(value) => one(&whole.context, key).is_some_and(|given| given.eq_ignore_ascii_case(value)),
        };
        if is_meant && whole.context.get(other).is_none() {
            whole.context.insert(*other, ContextValue::One((*likely).to_owned()));
        }
    }
    // What a service acts for is of the account that it says.
    if let (Some(arn), Some(account)) =
        (one(&request.context, "aws:SourceArn").and_then(Arn::parse), one(&request.context, SOURCE_ACCOUNT))
        && is_account_id(arn.account)
        && arn.account != account
    {
        return Err(SOURCE_ACCOUNT);
    }
    let names = many(&request.context, SERVICE_NAMES);
    if let (Who::Service(own), false) = (Who::of(request), names.is_empty())
        && !names.iter().any(|name| service_of(name) == service_of(own))
    {
        return Err(SERVICE_NAMES);
    }
    for (id, paths) in ORGANIZATIONS {
        let organization = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
        let given: Vec<String> =
            many(&request.context, paths).iter().map(organization).filter(|head| !head.is_empty()).collect();
        match (one(&request.context, id), given.first()) {
            (Some(id), Some(_)) if !given.iter().any(|given| given == id) => return Err(paths),
            (Some(id), None) => {
                whole.context.insert(paths, ContextValue::Many(vec![format!("{id}/r-ab12/")]));
            }
            (None, Some(first)) => whole.context.insert(id, ContextValue::One(first.clone())),
            _ => {}
        }
    }
    // The services of a chain, between its ends.
    let (first, last) = (one(&request.context, CHAIN_ENDS[0]), one(&request.context, CHAIN_ENDS[1]));
    let mut chain = many(&request.context, CHAIN).to_vec();
    if let Some(first) = first.filter(|first| chain.first().is_none_or(|own| own != first)) {
        chain.insert(0, first.to_owned());
    }
    chain.extend(last.filter(|last| chain.last().is_none_or(|own| own != last)).map(str::to_owned));
    for (key, own) in CHAIN_ENDS.into_iter().zip([chain.first().cloned(), chain.last().cloned()]) {
        own.into_iter().for_each(|own| whole.context.insert(key, ContextValue::One(own)));
    }
    if !chain.is_empty() {
        whole.context.insert(CHAIN, ContextValue::Many(chain));
    }
    const TAG: &str = "aws:requesttag/";
    let names = many(&request.context, TAG_KEYS);
    let given = request.context.iter().filter(|(_, value)| !value.values().is_empty());
    let tags: Vec<&str> = given
        .filter(|(key, _)| key.get(..TAG.len()).is_some_and(|start| start.eq_ignore_ascii_case(TAG)))
        .filter_map(|(key, _)| key.get(TAG.len()..))
        .collect();
    let is_named = |tag: &&str| names.iter().any(|name| name.eq_ignore_ascii_case(tag));
    match names.is_empty() {
        true if !tags.is_empty() => {
            let names = tags.iter().map(|tag| (*tag).to_owned()).collect();
            whole.context.insert(TAG_KEYS, ContextValue::Many(names));
        }
        false if !tags.iter().all(is_named) => return Err(TAG_KEYS),
        _ => {}
    }
    for name in names.iter().filter(|name| !tags.iter().any(|tag| name.eq_ignore_ascii_case(tag))) {
        whole.context.insert(format!("aws:RequestTag/{name}"), ContextValue::One("other".to_owned()));
    }
    Ok(whole)
}

const VPC: &str = "aws:SourceVpc";
const VPC_ARN: &str = "aws:SourceVpcArn";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const SERVICE_NAMES: &str = "aws:PrincipalServiceNamesList";
const CHAIN: &str = "aws:CalledVia";
const CHAIN_ENDS: [&str; 2] = ["aws:CalledViaFirst", "aws:CalledViaLast"];
const TAG_KEYS: &str = "aws:TagKeys";

/// A key of which the completed request says more than the other.
pub(super) fn added_key(request: &Request, whole: &Request) -> &'static str {
    let organizations = ORGANIZATIONS.into_iter().flat_map(|(id, paths)| [id, paths]);
    let others = TOGETHER.into_iter().map(|with| with.other);
    let is_added = |key: &&str| whole.context.get(key) != request.context.get(key);
    let all = organizations.chain(others).chain([CHAIN]).chain(CHAIN_ENDS).chain([TAG_KEYS]);
    all.into_iter().find(is_added).unwrap_or("aws:RequestTag")
}

/// The values of a key of many.
fn many<'c>(context: &'c Context, key: &str) -> &'c [String] {
    context.get(key).map_or(&[], ContextValue::values)
}

/// The request, and others like it with a caller that fits what it says, or saying what fits the caller: a user or role,
/// unless the policy names principals.
pub(super) fn variants(request: Request, names_principal: bool) -> impl Iterator<Item = Request> {
    let owner = one(&request.context, "aws:resourceaccount").or(one(&request.context, "s3:resourceaccount"));
    let owned = match owner {
        Some(account) if Asked::new(&request).resource.is_none_or(|arn| arn.account.is_empty()) => {
            Request { resource_account: Some(account.to_owned()), ..request.clone() }
        }
        _ => request,
    };
    let fitting = caller_for(&owned).map(|caller| Request { principal: Some(caller), ..owned.clone() });
    let plain = borne_out(owned.clone());
    let home = exception::away(&Asked::new(&owned)).and_then(|_| at_home(&owned));
    // Who has no account has none of its keys.
    let unsigned = [Caller::Service("other.amazonaws.com".to_owned()), Caller::Anonymous].map(|caller| {
        (names_principal && owned.principal.is_some())
            .then(|| borne_out(Request { principal: Some(caller), ..owned.clone() }))
    });
    let [service, anyone] = unsigned;
    let joined = joined(&owned);
    let all = [Some(owned), fitting, joined, Some(plain), home, service, anyone];
    all.into_iter().flatten().flat_map(|request| {
        let in_one_region = in_one_region(&request).into_iter().flatten();
        std::iter::once(request).chain(in_one_region.collect::<Vec<_>>())
    })
}

/// The request with one moment under both keys for it, and the name of the session that calls in its id.
fn joined(request: &Request) -> Option<Request> {
    let mut joined = request.clone();
    let context = &request.context;
    if let (Some(time), Some(_)) = (one(context, "aws:currenttime"), one(context, "aws:epochtime")) {
        joined.context.insert("aws:EpochTime", ContextValue::One(seconds(time)?.to_string()));
    }
    let session = match Who::of(request) {
        Who::RoleSession(session, _) => session.resource.rsplit('/').next(),
        Who::Role(_) => Some("session"),
        _ => None,
    };
    if let (Some(id), Some(name)) = (one(context, "aws:userid"), session)
        && !follows(request, "aws:userid", id)
    {
        let id = id.split(':').next().unwrap_or_default();
        joined.context.insert("aws:userid", ContextValue::One(format!("{id}:{name}")));
    }
    (joined != *request).then_some(joined)
}

/// The same of a caller in the account that owns the resource.
fn at_home(request: &Request) -> Option<Request> {
    let asked = Asked::new(request);
    let owner = asked.resource_account?;
    let caller = match asked.who.arn() {
        Some(Arn { partition, service, region, resource, .. }) => {
            format!("arn:{partition}:{service}:{region}:{owner}:{resource}")
        }
        None if asked.who == Who::Anonymous => format!("arn:aws:iam::{owner}:role/other"),
        None => return None,
    };
    Some(borne_out(Request { principal: Some(Caller::Aws(caller)), ..request.clone() }))
}

/// The request without what its caller and its thing do not bear out.
fn borne_out(mut request: Request) -> Request {
    for key in FOLLOWING {
        if request.context.get(key).is_some() && unfitting(&request).is_some() {
            request.context.remove(key);
        }
    }
    request
}

/// The key on which it depends whether a request can be made that shows what `claim` says.
pub(super) fn decisive(request: &Request, claim: Claim<'_>) -> &'static str {
    let decides = |key: &&'static str| {
        let asked = Asked::new(request);
        let value = asked.follows(&key.to_ascii_lowercase());
        let Some(value) = value.filter(|_| request.context.get(key).is_none()) else { return false };
        let mut filled = request.clone();
        filled.context.insert(*key, ContextValue::One(value.to_owned()));
        claim(&Asked::bare(&filled)) != Some(true)
    };
    contradiction(request).or_else(|| FOLLOWING.into_iter().find(decides)).unwrap_or("aws:PrincipalArn")
}

/// Who would send a request that says this, if not its caller.
fn caller_for(request: &Request) -> Option<Caller> {
    let context = &request.context;
    let is =
        |key: &str, value: &str| one(context, key).is_some_and(|given| given.eq_ignore_ascii_case(value));
    let arn = one(context, "aws:principalarn").filter(|arn| {
        matches!(
            Who::of(&Request { principal: Some(Caller::Aws((*arn).to_owned())), ..Request::default() }),
            Who::Root(_) | Who::User(_) | Who::Role(_) | Who::FederatedUser(..)
        )
    });
    if let Some(arn) = arn {
        return Some(Caller::Aws(arn.to_owned()));
    }
    let anonymous = [
        ("aws:principalaccount", "anonymous"),
        ("aws:principaltype", "Anonymous"),
        ("aws:userid", "anonymous"),
    ];
    if anonymous.iter().any(|(key, value)| is(key, value)) {
        return Some(Caller::Anonymous);
    }
    if let Some(service) = one(context, "aws:principalservicename") {
        return Some(Caller::Service(service.to_owned()));
    }
    let account = one(context, "aws:principalaccount").or(one(context, "kms:calleraccount"));
    let account = account.filter(|account| is_account_id(account));
    let named = |account: &str, what: &str| Some(Caller::Aws(format!("arn:aws:iam::{account}:{what}")));
    let stranger = account.or(Who::of(request).account()).unwrap_or(STRANGER);
    if let Some(user) = one(context, "aws:username") {
        return named(stranger, &format!("user/{user}"));
    }
    let by_id = one(context, "aws:userid").and_then(|id| match id.split_once(':') {
        None if is_account_id(id) => named(id, "root"),
        None => named(stranger, "user/other"),
        Some((account, name)) if is_account_id(account) => {
            Some(Caller::Aws(format!("arn:aws:sts::{account}:federated-user/{name}")))
        }
        Some(_) if matches!(Who::of(request), Who::Role(_) | Who::RoleSession(..)) => None,
        Some(_) => named(stranger, "role/other"),
    });
    if by_id.is_some() {
        return by_id;
    }
    match one(context, "aws:principaltype") {
        Some("User") => return named(stranger, "user/other"),
        Some("AssumedRole") => return named(stranger, "role/other"),
        Some("Account") => return named(stranger, "root"),
        _ => {}
    }
    match account {
        Some(account) => named(account, "role/other"),
        None if is("aws:principalisawsservice", "true") => {
            Some(Caller::Service("other.amazonaws.com".to_owned()))
        }
        None if is("aws:principalisawsservice", "false") => named(STRANGER, "role/other"),
        None => None,
    }
}

fn one<'c>(context: &'c Context, key: &str) -> Option<&'c str> {
    match context.get(key)?.values() {
        [value] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(principal: &str, key: &str, value: &str) -> Request {
        let json = json!({"principal": principal, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
            "context": {key: value}});
        Request::from_json(&json).unwrap()
    }

    #[test]
    fn a_key_goes_with_the_caller() {
        let role = "arn:aws:iam::111111111111:role/r";
        let user = "arn:aws:iam::111111111111:user/u";
        let session = "arn:aws:sts::111111111111:assumed-role/r/s";
        for (principal, key, value, possible) in [
            (role, "aws:PrincipalArn", role, true),
            (role, "aws:PrincipalArn", "arn:aws:iam::111111111111:role/q", false),
            (session, "aws:PrincipalArn", "arn:aws:iam::111111111111:role/path/r", true),
            (session, "aws:PrincipalArn", session, false),
            (role, "aws:PrincipalAccount", "222222222222", false),
            (role, "aws:PrincipalIsAWSService", "true", false),
            ("s3.amazonaws.com", "aws:PrincipalIsAWSService", "true", true),
            ("s3.amazonaws.com", "aws:PrincipalAccount", "111111111111", false),
            ("s3.amazonaws.com", "aws:PrincipalType", "User", false),
            ("s3.amazonaws.com", "aws:PrincipalServiceName", "s3.amazonaws.com", true),
            ("s3.amazonaws.com", "aws:PrincipalServiceName", "sns.amazonaws.com", false),
            (role, "aws:PrincipalServiceName", "s3.amazonaws.com", false),
            (role, "aws:PrincipalType", "AssumedRole", true),
            (role, "aws:PrincipalType", "User", false),
            (role, "aws:userid", "anonymous", false),
            ("s3.amazonaws.com", "aws:userid", "anonymous", false),
            (role, "aws:userid", "AROAEXAMPLE:s", true),
            (role, "aws:userid", "AROAEXAMPLE", false),
            (role, "aws:userid", "111111111111:s", false),
            (user, "aws:userid", "AIDAEXAMPLE", true),
            (user, "aws:userid", "AROAEXAMPLE:s", false),
            (user, "aws:userid", "111111111111", false),
            (role, "aws:ResourceAccount", "222222222222", true),
            (role, "aws:SourceAccount", "222222222222", true),
            (session, "aws:userid", "AROAEXAMPLE:s", true),
            (session, "aws:userid", "AROAEXAMPLE:t", false),
            (session, "aws:userid", "AROAEXAMPLE", false),
            (role, "aws:PrincipalTag/x", "y", true),
            ("s3.amazonaws.com", "aws:PrincipalTag/x", "y", false),
            ("s3.amazonaws.com", "aws:RequestTag/x", "y", true),
        ] {
            let request = request(principal, key, value);
            assert_eq!(contradiction(&request).is_none(), possible, "{principal} {key} {value}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_set_right() {
        let account = request("arn:aws:iam::999999999999:role/other", "aws:PrincipalAccount", "222222222222");
        let variants: Vec<Request> =
            variants(account, true).filter(|request| contradiction(request).is_none()).collect();
        assert_eq!(
            variants[0].principal,
            Some(Caller::Aws("arn:aws:iam::222222222222:role/other".to_owned()))
        );
        assert!(variants[1].context.iter().next().is_none());
    }

    #[test]
    fn one_moment_and_one_session() {
        let with = |time: &str, epoch: &str| {
            let mut request = request("arn:aws:iam::111111111111:role/r", "aws:CurrentTime", time);
            request.context.insert("aws:EpochTime", ContextValue::One(epoch.to_owned()));
            request
        };
        assert_eq!(contradiction(&with("2030-01-01T00:00:00Z", "1893456000")), None);
        assert_eq!(contradiction(&with("2030-01-01T00:00:00Z", "999")), Some("aws:EpochTime"));
        let possible = |request: Request| {
            let mut variants = variants(request, true).filter(|request| contradiction(request).is_none());
            variants.next().unwrap_or_default()
        };
        let joined = possible(with("2030-01-01T00:00:00Z", "999"));
        assert_eq!(joined.context.get("aws:EpochTime"), Some(&ContextValue::One("1893456000".to_owned())));
        let session = request("arn:aws:sts::111111111111:assumed-role/r/s", "aws:userid", "AROAEXAMPLE:");
        let joined = possible(session);
        assert_eq!(joined.context.get("aws:userid"), Some(&ContextValue::One("AROAEXAMPLE:s".to_owned())));
    }
}
