//! The order of the decision and its special cases, paragraph by paragraph of AWS's pages.

use serde_json::{Value as Json, json};

use super::*;
use crate::document::{Hints, open_policy};
use crate::kind::Kind;
use crate::policy::Effect;
use crate::source::Source;

mod properties;

const ROLE: &str = "arn:aws:iam::111111111111:role/Reader";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Reader/alice";
const USER: &str = "arn:aws:iam::111111111111:user/bob";
const ROOT: &str = "arn:aws:iam::111111111111:root";
const STRANGER: &str = "arn:aws:iam::222222222222:role/Other";
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/k";

fn prepared(kind: Kind, statements: Json) -> Prepared {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = open_policy(Source::new("test", policy), &Hints { kind: Some(kind), ..Hints::default() });
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    Prepared::new(&document.policy, kind)
}

/// A statement about everything, for policies that name no one.
fn all(effect: &str) -> Json {
    json!({"Effect": effect, "Action": "*", "Resource": "*"})
}

/// The same for those that name someone.
fn to(effect: &str, principal: Json) -> Json {
    json!({"Effect": effect, "Principal": principal, "Action": "*", "Resource": "*"})
}

fn own(kind: Kind, effect: &str) -> Vec<Prepared> {
    vec![prepared(kind, all(effect))]
}

fn thing(kind: Kind, principal: Json) -> Option<Prepared> {
    Some(prepared(kind, to("Allow", principal)))
}

/// What is decided about `caller` doing something to a thing of account 111111111111.
fn verdict(policies: &Policies, caller: impl Into<Json>) -> Verdict {
    ask(policies, caller.into(), "s3:GetObject", "arn:aws:s3:::b/k", json!({})).0
}

fn ask(
    policies: &Policies,
    caller: Json,
    action: &str,
    resource: &str,
    context: Json,
) -> (Verdict, Vec<Lack>) {
    let request = json!({
        "principal": caller, "action": action, "resource": resource, "resource_account": "111111111111",
        "context": context,
    });
    let decision = decide(policies, &Request::from_json(&request).unwrap());
    (decision.verdict, decision.lacks)
}

use Verdict::{Allowed, ExplicitlyDenied, ImplicitlyDenied, Undecided};

/// "The difference between explicit and implicit denies": a Deny anywhere outranks every Allow.
#[test]
fn a_deny_in_any_policy_outranks_all() {
    let allow = || Policies {
        identity: own(Kind::Identity, "Allow"),
        resource: thing(Kind::S3, json!({"AWS": SESSION})),
        session: own(Kind::Session, "Allow"),
        boundary: own(Kind::Boundary, "Allow"),
        endpoint: vec![prepared(Kind::Endpoint, to("Allow", json!("*")))],
        scp: vec![own(Kind::Scp, "Allow")],
        rcp: vec![vec![]],
    };
    assert_eq!(verdict(&allow(), SESSION), Allowed);
    let with = |change: fn(&mut Policies)| {
        let mut policies = allow();
        change(&mut policies);
        verdict(&policies, SESSION)
    };
    let deny = |kind| prepared(kind, all("Deny"));
    assert_eq!(
        with(|policies| policies.identity.push(prepared(Kind::Identity, all("Deny")))),
        ExplicitlyDenied
    );
    assert_eq!(
        with(|policies| policies.session.push(prepared(Kind::Session, all("Deny")))),
        ExplicitlyDenied
    );
    assert_eq!(
        with(|policies| policies.boundary.push(prepared(Kind::Boundary, all("Deny")))),
        ExplicitlyDenied
    );
    assert_eq!(with(|policies| policies.scp[0].push(prepared(Kind::Scp, all("Deny")))), ExplicitlyDenied);
    let everyone = |kind| prepared(kind, to("Deny", json!("*")));
    let mut policies = allow();
    policies.rcp[0].push(everyone(Kind::Rcp));
    assert_eq!(verdict(&policies, SESSION), ExplicitlyDenied);
    let mut policies = allow();
    policies.endpoint.push(everyone(Kind::Endpoint));
    assert_eq!(verdict(&policies, SESSION), ExplicitlyDenied);
    // What denies is told, all of it, and nothing else.
    let mut policies = allow();
    policies.scp.push(vec![deny(Kind::Scp)]);
    policies.identity.push(deny(Kind::Identity));
    let request =
        Request::from_json(&json!({"principal": ROLE, "action": "s3:GetObject", "resource": "*"})).unwrap();
    let by: Vec<_> = decide(&policies, &request).by.iter().map(|by| (by.layer, by.index)).collect();
    assert_eq!(by, [(Layer::Scp, 1), (Layer::Identity, 1)]);
}

/// "How AWS enforcement code logic evaluates requests": each of the layers has to allow.
#[test]
fn each_layer_has_to_allow() {
    let identity = || Policies { identity: own(Kind::Identity, "Allow"), ..Policies::default() };
    assert_eq!(verdict(&Policies::default(), ROLE), ImplicitlyDenied);
    assert_eq!(verdict(&identity(), ROLE), Allowed);
    let nothing =
        || vec![prepared(Kind::Scp, json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))];
    let lacks = |policies: Policies| {
        let (verdict, lacks) = ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", json!({}));
        assert_eq!(verdict, ImplicitlyDenied);
        lacks
    };
    assert_eq!(lacks(Policies::default()), [Lack::IdentityOrResource]);
    assert_eq!(lacks(Policies { boundary: nothing(), ..identity() }), [Lack::Boundary]);
    assert_eq!(lacks(Policies { session: nothing(), ..identity() }), [Lack::Session]);
    assert_eq!(lacks(Policies { endpoint: nothing(), ..identity() }), [Lack::Endpoint]);
    let levels = vec![own(Kind::Scp, "Allow"), nothing(), vec![]];
    assert_eq!(lacks(Policies { scp: levels, ..identity() }), [Lack::Scp(1), Lack::Scp(2)]);
    // Inside a level one policy is enough; and a boundary alone allows nothing.
    let level = vec![[nothing(), own(Kind::Scp, "Allow")].concat()];
    assert_eq!(verdict(&Policies { scp: level, ..identity() }, ROLE), Allowed);
    assert_eq!(
        verdict(&Policies { boundary: own(Kind::Boundary, "Allow"), ..Policies::default() }, ROLE),
        ImplicitlyDenied
    );
}

/// Organizations guide: RCPFullAWSAccess is at every level; RCPs cover some services; neither kind of
/// control policy holds for service-linked roles, nor SCPs for services.
#[test]
fn control_policies() {
    let denying = || Policies {
        identity: own(Kind::Identity, "Allow"),
        resource: thing(Kind::S3, json!("*")),
        rcp: vec![vec![], vec![prepared(Kind::Rcp, to("Deny", json!("*")))]],
        ..Policies::default()
    };
    let on = |action: &str| ask(&denying(), json!(ROLE), action, "*", json!({})).0;
    assert_eq!(
        [on("s3:GetObject"), on("S3:GetObject"), on("sns:Publish")],
        [ExplicitlyDenied, ExplicitlyDenied, Allowed]
    );
    assert_eq!(verdict(&denying(), "logging.s3.amazonaws.com"), ExplicitlyDenied);
    assert_eq!(verdict(&denying(), json!({"type": "Anonymous"})), ExplicitlyDenied);
    let linked = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    assert_eq!(verdict(&denying(), linked), Allowed);
    let scp = || Policies { scp: vec![own(Kind::Scp, "Deny")], rcp: vec![], ..denying() };
    assert_eq!(verdict(&scp(), linked), Allowed);
    let session = "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForX/s";
    assert_eq!(verdict(&scp(), session), Undecided, "the path is not seen");
    let context = json!({"aws:PrincipalArn": linked});
    assert_eq!(ask(&scp(), json!(session), "s3:GetObject", "*", context).0, Allowed);
    assert_eq!(verdict(&scp(), "logging.s3.amazonaws.com"), Allowed);
    assert_eq!(verdict(&scp(), json!({"type": "Anonymous"})), Allowed);
    assert_eq!(verdict(&scp(), ROOT), ExplicitlyDenied);
    // "Resources and entities not restricted by RCPs".
    let key = || Policies { resource: thing(Kind::Kms, json!({"AWS": ROLE})), ..denying() };
    let on_key = |action: &str| ask(&key(), json!(ROLE), action, KEY, json!({})).0;
    // A grant decides on the first.
    assert_eq!([on_key("kms:RetireGrant"), on_key("kms:RevokeGrant")], [Undecided, ExplicitlyDenied]);
    let service =
        json!({"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = || Policies { resource: Some(prepared(Kind::Trust, service.clone())), ..denying() };
    let assume = |role: &str| ask(&trust(), json!("x.amazonaws.com"), "sts:AssumeRole", role, json!({})).0;
    assert_eq!([assume(linked), assume(ROLE)], [Allowed, ExplicitlyDenied]);
}

/// "Determining whether a request is allowed or denied within an account": what a resource policy
/// gives by itself, by how it names the caller.
#[test]
fn within_an_account_the_resource_policy_may_be_enough() {
    let nothing =
        || vec![prepared(Kind::Boundary, json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))];
    let federated = "arn:aws:sts::111111111111:federated-user/bob";
    // principal of the resource policy, caller, alone, with a boundary, with a session policy that leave it out
    let table = [
        (json!({"AWS": SESSION}), SESSION, Allowed, Allowed),
        (json!({"AWS": USER}), USER, Allowed, Allowed),
        (json!({"AWS": federated}), federated, Allowed, Allowed),
        (json!({"AWS": ROLE}), SESSION, Allowed, ImplicitlyDenied),
        (json!({"AWS": ROLE}), ROLE, Allowed, ImplicitlyDenied),
        (json!("*"), SESSION, Allowed, Undecided),
        (json!({"AWS": "*"}), USER, Allowed, Undecided),
        (json!({"AWS": ["*", ROLE]}), SESSION, Allowed, Undecided),
        (json!({"AWS": ["*", SESSION]}), SESSION, Allowed, Allowed),
        (json!({"AWS": ROOT}), SESSION, ImplicitlyDenied, ImplicitlyDenied),
        (json!({"AWS": ROOT}), USER, ImplicitlyDenied, ImplicitlyDenied),
        (json!({"AWS": STRANGER}), USER, ImplicitlyDenied, ImplicitlyDenied),
    ];
    for (principal, caller, alone, limited) in table {
        let policies = || Policies { resource: thing(Kind::S3, principal.clone()), ..Policies::default() };
        assert_eq!(verdict(&policies(), caller), alone, "{principal} of {caller}");
        assert_eq!(
            verdict(&Policies { boundary: nothing(), ..policies() }, caller),
            limited,
            "{principal} of {caller}"
        );
        assert_eq!(
            verdict(&Policies { session: nothing(), ..policies() }, caller),
            limited,
            "{principal} of {caller}"
        );
        // With an identity policy it is allowed in any case.
        assert_eq!(
            verdict(&Policies { identity: own(Kind::Identity, "Allow"), ..policies() }, caller),
            Allowed
        );
    }
}

/// "Principal", under "IAM role principals": boundaries and session policies do not limit what a wildcard with
/// `aws:PrincipalArn` grants, unless they deny it.
#[test]
fn a_wildcard_with_an_arn_is_not_limited_by_an_implicit_deny() {
    let nothing =
        || vec![prepared(Kind::Boundary, json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))];
    let limited = |principal: Json, condition: Json| {
        let mut statement = to("Allow", json!("*"));
        statement.as_object_mut().unwrap().remove("Principal");
        statement.as_object_mut().unwrap().extend(principal.as_object().unwrap().clone());
        statement["Condition"] = condition;
        let resource = || Some(prepared(Kind::S3, statement.clone()));
        let boundary = Policies { resource: resource(), boundary: nothing(), ..Policies::default() };
        let session = Policies { resource: resource(), session: nothing(), ..Policies::default() };
        let [one, other] = [boundary, session].map(|policies| verdict(&policies, SESSION));
        assert_eq!(one, other);
        one
    };
    let everyone = || json!({"Principal": {"AWS": "*"}});
    for condition in [
        json!({"ArnEquals": {"aws:PrincipalArn": ROLE}}),
        json!({"StringEqualsIfExists": {"AWS:principalarn": [ROLE, STRANGER]}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}),
    ] {
        assert_eq!(limited(everyone(), condition.clone()), Allowed, "{condition}");
    }
    for condition in [
        json!({"StringEquals": {"aws:PrincipalAccount": "111111111111"}}),
        json!({"StringLike": {"aws:PrincipalArn": "*"}}),
        json!({"ArnNotEquals": {"aws:PrincipalArn": STRANGER}}),
        json!({"Null": {"aws:PrincipalArn": "false"}}),
    ] {
        assert_eq!(limited(everyone(), condition.clone()), Undecided, "{condition}");
    }
    let held = || json!({"ArnEquals": {"aws:PrincipalArn": ROLE}});
    assert_eq!(limited(json!({"Principal": {"AWS": ROLE}}), held()), ImplicitlyDenied);
    assert_eq!(limited(json!({"NotPrincipal": {"AWS": STRANGER}}), held()), Undecided);
    assert_eq!(limited(everyone(), json!({"ArnEquals": {"aws:PrincipalArn": STRANGER}})), ImplicitlyDenied);
    // An explicit deny holds, and another account has a side of its own.
    let mut statement = to("Allow", json!("*"));
    statement["Condition"] = held();
    let denied = Policies {
        resource: Some(prepared(Kind::S3, statement)),
        boundary: own(Kind::Boundary, "Deny"),
        ..Policies::default()
    };
    assert_eq!(verdict(&denied, SESSION), ExplicitlyDenied);
    let mut statement = to("Allow", json!("*"));
    statement["Condition"] = json!({"ArnEquals": {"aws:PrincipalArn": STRANGER}});
    let foreign = Policies {
        resource: Some(prepared(Kind::S3, statement)),
        identity: own(Kind::Identity, "Allow"),
        boundary: nothing(),
        ..Policies::default()
    };
    assert_eq!(verdict(&foreign, STRANGER), ImplicitlyDenied);
}

/// What decides in an undecided request, and what does not make it one.
#[test]
fn a_bare_wildcard_is_an_open_reading_only_where_it_decides() {
    let nothing =
        || vec![prepared(Kind::Boundary, json!({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))];
    let policies =
        || Policies { resource: thing(Kind::S3, json!("*")), boundary: nothing(), ..Policies::default() };
    let request = json!({"principal": SESSION, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
    let request = Request::from_json(&request).unwrap();
    let open = policies();
    let decision = decide(&open, &request);
    assert_eq!((decision.verdict, decision.lacks.as_slice()), (Undecided, &[Lack::Boundary][..]));
    assert_eq!(decision.depends_on.len(), 1);
    assert!(decision.depends_on[0].contains("Principal"), "{:?}", decision.depends_on);
    assert_eq!(decision.by.iter().map(|by| by.layer).collect::<Vec<_>>(), [Layer::Resource]);
    // Another layer denies it whatever the boundary does.
    let scp = Policies { scp: vec![nothing()], ..policies() };
    assert_eq!(decide(&scp, &request).verdict, ImplicitlyDenied);
    assert!(decide(&scp, &request).depends_on.is_empty());
    let allowed = Policies { boundary: own(Kind::Boundary, "Allow"), ..policies() };
    assert_eq!(decide(&allowed, &request).verdict, Allowed);
    // The root user has no boundary.
    assert_eq!(verdict(&policies(), ROOT), Allowed);
}

/// "NotPrincipal", under "Specifying NotPrincipal with Deny": it always denies a principal that has a
/// permissions boundary, whoever is listed.
#[test]
fn a_deny_with_not_principal_spares_nobody_with_a_boundary() {
    let all_listed = json!([
        to("Allow", json!({"AWS": ROLE})),
        {"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE, SESSION, USER]}, "Action": "s3:*", "Resource": "*"},
    ]);
    let policies = || Policies {
        identity: own(Kind::Identity, "Allow"),
        resource: Some(prepared(Kind::S3, all_listed.clone())),
        ..Policies::default()
    };
    let bounded = || Policies { boundary: own(Kind::Boundary, "Allow"), ..policies() };
    for caller in [SESSION, USER] {
        assert_eq!(verdict(&policies(), caller), Allowed, "{caller}");
        assert_eq!(verdict(&bounded(), caller), ExplicitlyDenied, "{caller}");
    }
    assert_eq!(verdict(&bounded(), ROOT), Allowed, "the root user has no boundary");
    let session = Policies { session: own(Kind::Session, "Allow"), ..policies() };
    assert_eq!(verdict(&session, SESSION), Allowed);
    // About another action it denies nothing.
    assert_eq!(ask(&bounded(), json!(SESSION), "kms:ListKeys", "*", json!({})).0, Allowed);
}

/// STS API reference, "GetFederationToken", under "Permissions".
#[test]
fn a_federated_user_has_what_its_session_policy_leaves() {
    let federated = "arn:aws:sts::111111111111:federated-user/bob";
    let of = |resource: Option<Json>, session: Vec<Prepared>| {
        let resource = resource.and_then(|principal| thing(Kind::S3, principal));
        let identity = own(Kind::Identity, "Allow");
        verdict(&Policies { identity, resource, session, ..Policies::default() }, federated)
    };
    let allow = || own(Kind::Session, "Allow");
    assert_eq!(of(None, vec![]), ImplicitlyDenied);
    assert_eq!(of(None, allow()), Allowed);
    assert_eq!(of(Some(json!({"AWS": USER})), vec![]), ImplicitlyDenied);
    assert_eq!(of(Some(json!({"AWS": USER})), allow()), Allowed);
    assert_eq!(of(Some(json!({"AWS": federated})), vec![]), Allowed);
    let lacks = ask(
        &Policies { identity: own(Kind::Identity, "Allow"), ..Policies::default() },
        json!(federated),
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        json!({}),
    );
    assert_eq!(lacks.1, [Lack::Session]);
}

/// IAM guide, "Compare AWS STS credentials"; STS API reference, "AssumeRole" and "AssumeRoleWithSAML".
#[test]
fn some_callers_cannot_make_a_call() {
    let role = "arn:aws:iam::111111111111:role/Target";
    let saml = "arn:aws:iam::111111111111:saml-provider/Corp";
    let everyone =
        json!({"Effect": "Allow", "Principal": {"AWS": "*", "Federated": saml}, "Action": "sts:*"});
    let policies = |kind: Kind| Policies {
        identity: own(Kind::Identity, "Allow"),
        session: own(Kind::Session, "Allow"),
        resource: match kind {
            Kind::Trust => Some(prepared(Kind::Trust, everyone.clone())),
            Kind::Identity => None,
            kind => thing(kind, json!("*")),
        },
        ..Policies::default()
    };
    let anonymous = || json!({"type": "Anonymous"});
    let provider = || json!({"type": "Federated", "id": saml});
    let federated = || json!("arn:aws:sts::111111111111:federated-user/bob");
    let lambda = "arn:aws:lambda:us-east-1:111111111111:function:f";
    let table = [
        (Kind::Trust, json!(ROOT), "sts:AssumeRole", role, ImplicitlyDenied),
        (Kind::Trust, json!(ROLE), "sts:AssumeRole", role, Allowed),
        (Kind::Trust, json!(USER), "sts:AssumeRole", role, Allowed),
        (Kind::Trust, federated(), "sts:AssumeRole", role, ImplicitlyDenied),
        (Kind::Trust, anonymous(), "sts:AssumeRole", role, ImplicitlyDenied),
        (Kind::Trust, anonymous(), "sts:AssumeRoleWithSAML", role, ImplicitlyDenied),
        (Kind::Trust, provider(), "sts:AssumeRole", role, ImplicitlyDenied),
        (Kind::Trust, provider(), "sts:AssumeRoleWithSAML", role, Allowed),
        (Kind::Trust, provider(), "sts:TagSession", role, Allowed),
        (Kind::Trust, provider(), "sts:AssumeRoleWithWebIdentity", role, ImplicitlyDenied),
        (Kind::Trust, json!(ROLE), "sts:AssumeRoleWithWebIdentity", role, ImplicitlyDenied),
        (Kind::Identity, json!(ROLE), "sts:GetSessionToken", "*", ImplicitlyDenied),
        (Kind::Identity, json!(SESSION), "sts:GetFederationToken", "*", ImplicitlyDenied),
        (Kind::Identity, json!(USER), "sts:GetFederationToken", "*", Allowed),
        (Kind::Identity, federated(), "sts:GetAccessKeyInfo", "*", ImplicitlyDenied),
        (Kind::Identity, federated(), "sts:GetCallerIdentity", "*", Allowed),
        (Kind::Identity, federated(), "iam:ListUsers", "*", Undecided),
        (Kind::Identity, federated(), "ec2:DescribeInstances", "*", Allowed),
        (Kind::Kms, anonymous(), "kms:Decrypt", KEY, ImplicitlyDenied),
        (Kind::S3, anonymous(), "s3:GetObject", "arn:aws:s3:::b/k", Allowed),
        (Kind::S3, provider(), "s3:GetObject", "arn:aws:s3:::b/k", Undecided),
        (Kind::Lambda, anonymous(), "lambda:InvokeFunctionUrl", lambda, Allowed),
        (Kind::Lambda, anonymous(), "lambda:GetFunction", lambda, Undecided),
    ];
    for (kind, caller, action, resource, expected) in table {
        let found = ask(&policies(kind), caller.clone(), action, resource, json!({})).0;
        assert_eq!(found, expected, "{caller} {action}");
    }
    // What it depends on decides nothing where the policies deny.
    let none = Policies { session: own(Kind::Session, "Deny"), ..policies(Kind::Identity) };
    assert_eq!(ask(&none, federated(), "iam:ListUsers", "*", json!({})).0, ExplicitlyDenied);
    assert_eq!(ask(&Policies::default(), federated(), "iam:ListUsers", "*", json!({})).0, ImplicitlyDenied);
}

/// IAM guide, "IAM policy elements: Variables and tags", under "Principal key values".
#[test]
fn the_name_and_id_of_a_caller_follow_from_its_arn() {
    let denied = |key: &str, value: &str, caller: Json| {
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
                          "Condition": {"StringEquals": {key: value}}});
        let resource = Some(prepared(Kind::S3, json!([to("Allow", json!("*")), deny])));
        verdict(&Policies { resource, ..Policies::default() }, caller) == ExplicitlyDenied
    };
    assert!(denied("aws:username", "bob", json!(USER)));
    assert!(denied("aws:username", "bob", json!("arn:aws:iam::111111111111:user/team/bob")));
    assert!(!denied("aws:username", "alice", json!(USER)));
    assert!(!denied("aws:username", "Reader", json!(ROLE)));
    assert!(denied("aws:userid", "111111111111", json!(ROOT)));
    assert!(denied("aws:userid", "anonymous", json!({"type": "Anonymous"})));
    assert!(!denied("aws:userid", "anonymous", json!(USER)));
    assert!(denied("s3:ResourceAccount", "111111111111", json!(USER)));
    assert!(!denied("s3:ResourceAccount", "222222222222", json!(USER)));
    let federated = json!("arn:aws:sts::111111111111:federated-user/bob");
    assert!(denied("aws:userid", "111111111111:bob", federated));
    let home = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}"});
    let policies = Policies { identity: vec![prepared(Kind::Identity, home)], ..Policies::default() };
    let get =
        |key: &str| ask(&policies, json!(USER), "s3:GetObject", &format!("arn:aws:s3:::b/{key}"), json!({}));
    assert_eq!([get("bob").0, get("alice").0], [Allowed, ImplicitlyDenied]);
}

/// STS API reference, "GetCallerIdentity" and "GetSessionToken", under "Permissions".
#[test]
fn some_calls_need_no_permission() {
    let deny = || Policies {
        identity: own(Kind::Identity, "Deny"),
        scp: vec![own(Kind::Scp, "Deny")],
        ..Policies::default()
    };
    let call =
        |policies: Policies, caller: Json, action: &str| ask(&policies, caller, action, "*", json!({})).0;
    for caller in [json!(ROLE), json!(SESSION), json!(USER), json!(ROOT), Json::Null] {
        assert_eq!(call(deny(), caller.clone(), "sts:GetCallerIdentity"), Allowed, "{caller}");
        assert_eq!(call(Policies::default(), caller.clone(), "STS:getcalleridentity"), Allowed, "{caller}");
    }
    assert_eq!(call(deny(), json!(USER), "sts:GetSessionToken"), Allowed);
    assert_eq!(call(deny(), json!(ROLE), "sts:GetSessionToken"), ExplicitlyDenied);
    assert_eq!(call(Policies::default(), json!(ROLE), "sts:GetSessionToken"), ImplicitlyDenied);
    // A caller that is not given may be a user.
    assert_eq!(call(deny(), Json::Null, "sts:GetSessionToken"), Undecided);
    let allow = Policies { identity: own(Kind::Identity, "Allow"), ..Policies::default() };
    assert_eq!(call(allow, Json::Null, "sts:GetSessionToken"), Allowed);
    assert_eq!(call(deny(), json!(USER), "sts:GetAccessKeyInfo"), ExplicitlyDenied);
    assert_eq!(call(deny(), json!({"type": "Anonymous"}), "sts:GetCallerIdentity"), ImplicitlyDenied);
}

/// IAM guide, "Cross account resource access in IAM": only within one partition.
#[test]
fn partitions_are_apart() {
    let call = |caller: Json, resource: &str| {
        let policies = Policies {
            identity: own(Kind::Identity, "Allow"),
            resource: Some(prepared(
                Kind::Resource,
                json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]),
            )),
            ..Policies::default()
        };
        let request = json!({"principal": caller, "action": "s3:GetObject", "resource": resource});
        let decision = decide(&policies, &Request::from_json(&request).unwrap());
        (decision.verdict, decision.exception.is_some())
    };
    let (role, bucket) =
        (|partition: &str| json!(format!("arn:{partition}:iam::111111111111:role/r")), "s3:::b/k");
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let resource = format!("arn:{partition}:{bucket}");
        for other in ["aws", "aws-cn", "aws-us-gov"] {
            let expected = if partition == other { (Allowed, false) } else { (ImplicitlyDenied, true) };
            assert_eq!(call(role(other), &resource), expected, "{other} {partition}");
        }
        // A service calls in its own partition.
        assert_eq!(call(json!("sns.amazonaws.com"), &resource), (Allowed, false));
    }
    assert_eq!(call(role("aws-cn"), "*"), (Allowed, false));
}

/// Resources of AWS's own, as the table of exceptions has them.
#[test]
fn what_aws_manages_no_customer_changes() {
    let admin = || Policies { identity: own(Kind::Identity, "Allow"), ..Policies::default() };
    let call = |caller: &str, action: &str, resource: &str| {
        let request = json!({"principal": caller, "action": action, "resource": resource});
        let policies = admin();
        let decision = decide(&policies, &Request::from_json(&request).unwrap());
        (decision.verdict, decision.exception.is_some())
    };
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let reserved = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1";
    let linked = "arn:aws:iam::111111111111:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO";
    let alias = "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3";
    for (action, resource) in [
        ("iam:CreatePolicyVersion", managed),
        ("iam:deletepolicy", managed),
        ("iam:TagPolicy", managed),
        ("iam:AttachRolePolicy", reserved),
        ("iam:PassRole", reserved),
        ("iam:UpdateRoleDescription", reserved),
        ("iam:PutRolePolicy", linked),
        ("iam:DeleteRole", linked),
        ("kms:UpdateAlias", alias),
        ("kms:DeleteAlias", alias),
    ] {
        assert_eq!(call(ROLE, action, resource), (ImplicitlyDenied, true), "{action} {resource}");
        assert_eq!(call(ROOT, action, resource), (ImplicitlyDenied, true), "{action} {resource}");
    }
    for (action, resource) in [
        ("iam:GetPolicy", managed),
        ("iam:CreatePolicyVersion", "arn:aws:iam::111111111111:policy/Own"),
        ("iam:PassRole", linked),
        ("iam:DeleteServiceLinkedRole", linked),
        ("iam:CreateServiceLinkedRole", linked),
        ("iam:UpdateRoleDescription", linked),
        ("iam:GetRole", reserved),
        ("iam:PassRole", "arn:aws:iam::111111111111:role/aws-reserved-for-us"),
        ("kms:CreateAlias", "arn:aws:kms:eu-west-1:111111111111:alias/aws-key"),
        ("s3:PutObject", "arn:aws:s3:::alias/aws/x"),
    ] {
        assert_eq!(call(ROLE, action, resource), (Allowed, false), "{action} {resource}");
    }
    assert_eq!(call(linked, "iam:AttachRolePolicy", reserved), (Allowed, false), "AWS changes its own");
    // A Deny is said, as it decides as well.
    let request = json!({"principal": ROLE, "action": "iam:PassRole", "resource": reserved});
    let denied = Policies { identity: own(Kind::Identity, "Deny"), ..Policies::default() };
    assert_eq!(decide(&denied, &Request::from_json(&request).unwrap()).verdict, ExplicitlyDenied);
}

/// "Cross-account policy evaluation logic".
#[test]
fn across_accounts_both_sides_have_to_allow() {
    let identity = || own(Kind::Identity, "Allow");
    for principal in [json!({"AWS": STRANGER}), json!({"AWS": "222222222222"}), json!("*")] {
        let resource = || thing(Kind::S3, principal.clone());
        let one = Policies { resource: resource(), ..Policies::default() };
        assert_eq!(
            ask(&one, json!(STRANGER), "s3:GetObject", "*", json!({})),
            (ImplicitlyDenied, vec![Lack::Identity])
        );
        let both = Policies { resource: resource(), identity: identity(), ..Policies::default() };
        assert_eq!(verdict(&both, STRANGER), Allowed);
        let limited = Policies { boundary: own(Kind::Boundary, "Deny"), ..both };
        assert_eq!(verdict(&limited, STRANGER), ExplicitlyDenied);
    }
    let other = Policies { identity: identity(), ..Policies::default() };
    assert_eq!(
        ask(&other, json!(STRANGER), "s3:GetObject", "*", json!({})),
        (ImplicitlyDenied, vec![Lack::Resource])
    );
    // The root user of the other account needs the resource policy alone.
    let root = Policies { resource: thing(Kind::S3, json!({"AWS": "222222222222"})), ..Policies::default() };
    assert_eq!(verdict(&root, "arn:aws:iam::222222222222:root"), Allowed);
}

/// KMS guide, "Key policies in AWS KMS" and "Default key policy".
#[test]
fn keys_are_ruled_by_their_policy() {
    let decrypt =
        |policies: &Policies, caller: &str| ask(policies, json!(caller), "kms:Decrypt", KEY, json!({}));
    let identity = || own(Kind::Identity, "Allow");
    let key = |principal: Json| thing(Kind::Kms, principal);
    // Without the key policy, identity policies allow nothing, even if it is not given at all.
    let alone = Policies { identity: identity(), ..Policies::default() };
    assert_eq!(decrypt(&alone, ROLE), (ImplicitlyDenied, vec![Lack::Resource]));
    let other = Policies { resource: key(json!({"AWS": USER})), identity: identity(), ..Policies::default() };
    assert_eq!(decrypt(&other, ROLE), (ImplicitlyDenied, vec![Lack::Resource]));
    // The account's entry switches identity policies on, and gives nothing itself but to the root user.
    let root = || Policies { resource: key(json!({"AWS": ROOT})), ..Policies::default() };
    assert_eq!(decrypt(&root(), ROLE), (ImplicitlyDenied, vec![Lack::Identity]));
    assert_eq!(decrypt(&Policies { identity: identity(), ..root() }, ROLE).0, Allowed);
    assert_eq!(decrypt(&root(), ROOT).0, Allowed);
    // Who is named needs nothing else, in the key's own account.
    let named = |principal: Json| Policies { resource: key(principal), ..Policies::default() };
    assert_eq!(decrypt(&named(json!({"AWS": ROLE})), SESSION).0, Allowed);
    assert_eq!(decrypt(&named(json!({"AWS": STRANGER})), STRANGER), (ImplicitlyDenied, vec![Lack::Identity]));
    // Only for the actions and on the conditions of the account's statement.
    let narrow =
        json!({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:Describe*", "Resource": "*"});
    let narrow =
        Policies { resource: Some(prepared(Kind::Kms, narrow)), identity: identity(), ..Policies::default() };
    assert_eq!(decrypt(&narrow, ROLE).0, ImplicitlyDenied);
    assert_eq!(ask(&narrow, json!(ROLE), "kms:DescribeKey", KEY, json!({})).0, Allowed);
    // What is about no key is about no key policy.
    assert_eq!(ask(&alone, json!(ROLE), "kms:ListKeys", "*", json!({})).0, Allowed);
}

/// IAM guide, "Granting a user permissions to switch roles".
#[test]
fn roles_are_taken_if_they_trust_the_caller() {
    let assume = |policies: &Policies, caller: Json, action: &str| {
        ask(policies, caller, action, "arn:aws:iam::111111111111:role/Target", json!({})).0
    };
    let trust = |principal: Json, action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
        Policies { resource: Some(prepared(Kind::Trust, statement)), ..Policies::default() }
    };
    let identity = || own(Kind::Identity, "Allow");
    let with = |policies: Policies| Policies { identity: identity(), ..policies };
    let alone = with(Policies::default());
    assert_eq!(assume(&alone, json!(ROLE), "sts:AssumeRole"), ImplicitlyDenied);
    assert_eq!(
        assume(&trust(json!({"AWS": ROLE}), "sts:AssumeRole"), json!(SESSION), "sts:AssumeRole"),
        Allowed
    );
    let account = || trust(json!({"AWS": ROOT}), "sts:AssumeRole");
    assert_eq!(assume(&account(), json!(ROLE), "sts:AssumeRole"), ImplicitlyDenied);
    assert_eq!(assume(&with(account()), json!(ROLE), "sts:AssumeRole"), Allowed);
    let stranger = || trust(json!({"AWS": STRANGER}), "sts:AssumeRole");
    assert_eq!(assume(&stranger(), json!(STRANGER), "sts:AssumeRole"), ImplicitlyDenied);
    assert_eq!(assume(&with(stranger()), json!(STRANGER), "sts:AssumeRole"), Allowed);
    let provider = "arn:aws:iam::111111111111:saml-provider/Corp";
    let saml = trust(json!({"Federated": provider}), "sts:AssumeRoleWithSAML");
    assert_eq!(
        assume(&saml, json!({"type": "Federated", "id": provider}), "sts:AssumeRoleWithSAML"),
        Allowed
    );
    let service = trust(json!({"Service": "lambda.amazonaws.com"}), "sts:AssumeRole");
    assert_eq!(assume(&service, json!("lambda.amazonaws.com"), "sts:AssumeRole"), Allowed);
    assert_eq!(assume(&service, json!("ec2.amazonaws.com"), "sts:AssumeRole"), ImplicitlyDenied);
}

#[test]
fn who_has_no_identity_policies_is_ruled_by_the_resource_policy_alone() {
    let identity = || own(Kind::Identity, "Allow");
    let everyone = Policies { resource: thing(Kind::S3, json!("*")), ..Policies::default() };
    let only = Policies { identity: identity(), ..Policies::default() };
    let named =
        Policies { resource: thing(Kind::S3, json!({"Service": "s3.amazonaws.com"})), ..Policies::default() };
    let anonymous = || json!({"type": "Anonymous"});
    assert_eq!(verdict(&everyone, anonymous()), Allowed);
    assert_eq!(verdict(&only, anonymous()), ImplicitlyDenied);
    assert_eq!(verdict(&everyone, "s3.amazonaws.com"), Allowed);
    assert_eq!(verdict(&named, "s3.amazonaws.com"), Allowed);
    assert_eq!(verdict(&named, anonymous()), ImplicitlyDenied);
    assert_eq!(verdict(&only, "s3.amazonaws.com"), ImplicitlyDenied);
    // Identity policies alone, for no one in particular.
    assert_eq!(verdict(&only, Json::Null), Allowed);
}

/// The root user: identity policies, boundaries and session policies do not touch it; a Deny of the
/// thing's policy does.
#[test]
fn the_root_user() {
    let policies = Policies { identity: own(Kind::Identity, "Deny"), ..Policies::default() };
    assert_eq!(verdict(&policies, ROOT), Allowed);
    let denied =
        Policies { resource: Some(prepared(Kind::S3, to("Deny", json!("*")))), ..Policies::default() };
    assert_eq!(verdict(&denied, ROOT), ExplicitlyDenied);
}

/// Which statements decide, and which keys are missing.
#[test]
fn what_decides_is_told() {
    let identity = prepared(
        Kind::Identity,
        json!([
            {"Sid": "Other", "Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
            {"Sid": "Mine", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"AWS:securetransport": "false"}}},
        ]),
    );
    let policies = Policies {
        identity: vec![identity],
        resource: thing(Kind::S3, json!({"AWS": ROOT})),
        ..Policies::default()
    };
    let request = json!({"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
    let decision = decide(&policies, &Request::from_json(&request).unwrap());
    assert_eq!(decision.verdict, Allowed);
    let by: Vec<_> = decision.by.iter().map(|by| (by.layer, by.index, by.statement, by.sid)).collect();
    assert_eq!(by, [(Layer::Identity, 0, 1, Some("Mine"))]);
    let missing: Vec<_> =
        decision.missing_context.iter().map(|missing| (missing.key, missing.by.statement)).collect();
    assert_eq!(missing, [("aws:SecureTransport", 2)]);
    assert_eq!(decision.allows.len(), 2);
}

/// "Evaluating identity-based policies with resource-based policies" and the guide's example of a
/// user whom the bucket's policy keeps out although his own lets him in.
#[test]
fn the_examples_of_the_guide() {
    let own = prepared(
        Kind::Identity,
        json!([
            {"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"},
            {"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]},
            {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
        ]),
    );
    let policies = Policies { identity: vec![own], ..Policies::default() };
    let carlos = json!("arn:aws:iam::111111111111:user/carlossalazar");
    let put = |resource: &str| ask(&policies, carlos.clone(), "s3:PutObject", resource, json!({})).0;
    assert_eq!(put("arn:aws:s3:::carlossalazar/CatPhoto.png"), Allowed);
    assert_eq!(put("arn:aws:s3:::carlossalazar-logs/x"), ExplicitlyDenied);
    assert_eq!(put("arn:aws:s3:::other/x"), ImplicitlyDenied);
}

#[test]
fn a_session_does_not_show_whether_its_role_is_linked_to_a_service() {
    let session = |role: &str| format!("arn:aws:sts::111111111111:assumed-role/{role}/s");
    let policies = |scp: Json| Policies {
        identity: own(Kind::Identity, "Allow"),
        scp: vec![vec![prepared(Kind::Scp, scp)]],
        ..Policies::default()
    };
    let denies = policies(json!([all("Allow"), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]));
    let linked = session("AWSServiceRoleForSupport");
    let with = |policies: &Policies, caller: &str, arn: Option<&str>| {
        let context = arn.map_or(json!({}), |arn| json!({"aws:PrincipalArn": arn}));
        ask(policies, caller.into(), "s3:GetObject", "arn:aws:s3:::b/k", context).0
    };
    assert_eq!(with(&denies, &linked, None), Verdict::Undecided);
    let request = json!({"principal": linked, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
    let request = Request::from_json(&request).unwrap();
    let depends_on = decide(&denies, &request).depends_on;
    assert!(depends_on.iter().any(|why| why.contains("service-linked role")), "{depends_on:?}");
    let path =
        "arn:aws:iam::111111111111:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport";
    assert_eq!(with(&denies, &linked, Some(path)), Verdict::Allowed);
    let plain = "arn:aws:iam::111111111111:role/AWSServiceRoleForSupport";
    assert_eq!(with(&denies, &linked, Some(plain)), Verdict::ExplicitlyDenied);
    assert_eq!(with(&denies, plain, None), Verdict::ExplicitlyDenied, "a role shows its path");
    assert_eq!(with(&denies, &session("Support"), None), Verdict::ExplicitlyDenied);
    // What does not depend on it is decided.
    assert_eq!(with(&policies(json!([all("Allow")])), &linked, None), Verdict::Allowed);
    let nothing = Policies { identity: Vec::new(), ..policies(json!([all("Allow")])) };
    assert_eq!(with(&nothing, &linked, None), Verdict::ImplicitlyDenied);
}

/// A role that a condition names without a path is taken to be that of the session, and that is said; one that is named as
/// a principal exists.
#[test]
fn a_role_that_a_condition_names_is_assumed() {
    let of = |deny: Json, context: Json| {
        let policies = Policies {
            resource: Some(prepared(Kind::S3, json!([to("Allow", json!("*")), deny]))),
            ..Policies::default()
        };
        let request = json!({"principal": SESSION, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": context});
        decide(&policies, &Request::from_json(&request).unwrap()).assumed_role
    };
    let mut by_arn = to("Deny", json!("*"));
    by_arn["Condition"] = json!({"ArnNotEquals": {"aws:PrincipalArn": ROLE}});
    assert_eq!(of(by_arn.clone(), json!({})).as_deref(), Some(ROLE));
    assert_eq!(of(by_arn, json!({"aws:PrincipalArn": ROLE})), None);
    assert_eq!(of(to("Deny", json!({"AWS": ROLE})), json!({})), None);
    assert_eq!(of(to("Deny", json!({"AWS": USER})), json!({})), None);
}

/// IAM guide, "AWS global condition context keys", under `aws:PrincipalArn`: it is the ARN of the role, with its path, which
/// the ARN of the session does not show.
#[test]
fn a_session_does_not_show_the_path_of_its_role() {
    let role = |path: &str| format!("arn:aws:iam::111111111111:role/{path}Reader");
    let deny = |condition: Json| {
        let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition});
        Policies {
            identity: vec![prepared(Kind::Identity, json!([all("Allow"), deny]))],
            ..Policies::default()
        }
    };
    let on = |operator: &str, value: &str| deny(json!({operator: {"aws:PrincipalArn": value}}));
    let given = |policies: &Policies, arn: &str| {
        ask(policies, json!(SESSION), "s3:GetObject", "arn:aws:s3:::b/k", json!({"aws:PrincipalArn": arn})).0
    };
    let reserved = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*";
    for (operator, value) in [
        ("ArnLike", reserved),
        ("StringLike", reserved),
        ("ArnEquals", &*role("p/")),
        ("StringEquals", &*role("p/")),
        ("StringEqualsIgnoreCase", &*role("P/")),
        ("ArnNotEquals", &*role("p/")),
        ("ArnLike", "arn:aws:iam::111111111111:role/Read*"),
        ("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/p/*"),
    ] {
        let policies = on(operator, value);
        assert_eq!(verdict(&policies, SESSION), Undecided, "{operator} {value}");
        assert_ne!(given(&policies, &role("")), Undecided, "{operator} {value}");
        // A role shows its path.
        assert_ne!(verdict(&policies, ROLE), Undecided, "{operator} {value}");
    }
    assert_eq!(given(&on("ArnLike", reserved), &role("aws-reserved/sso.amazonaws.com/")), ExplicitlyDenied);
    assert_eq!(given(&on("ArnLike", reserved), &role("")), Allowed);
    // Whatever the path is.
    for (operator, value, expected) in [
        ("ArnLike", "arn:aws:iam::111111111111:role/*", ExplicitlyDenied),
        ("StringLike", "*Reader", ExplicitlyDenied),
        ("ArnEquals", &*role(""), ExplicitlyDenied),
        ("ArnNotEquals", &*role(""), Allowed),
        ("ArnLike", "arn:aws:iam::222222222222:role/p/*", Allowed),
        ("ArnEquals", "arn:aws:iam::111111111111:role/p/Other", Allowed),
        ("ArnLike", "arn:aws:iam::111111111111:user/*", Allowed),
        ("ArnLike", "arn:aws:iam::${aws:username}:role/p/*", Allowed),
    ] {
        assert_eq!(verdict(&on(operator, value), SESSION), expected, "{operator} {value}");
    }
    // Every path is one or the other.
    let both = deny(json!({"ArnEquals": {"aws:PrincipalArn": [role("p/"), role("q/")]}}));
    assert_eq!(verdict(&both, SESSION), Undecided);
    let one = json!({"ArnLike": {"aws:PrincipalArn": role("p*/")}});
    let other = json!({"ArnNotLike": {"aws:PrincipalArn": role("p*/")}});
    let [one, other] = [one, other]
        .map(|condition| json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}));
    let all_paths = Policies {
        identity: vec![prepared(Kind::Identity, json!([all("Allow"), one, other]))],
        ..Policies::default()
    };
    assert_eq!(verdict(&all_paths, SESSION), ExplicitlyDenied);
    // A principal with a path may be the role; one without is it, and then no other condition is open.
    let named = |path: &str| Policies {
        resource: thing(Kind::S3, json!({"AWS": role(path)})),
        ..Policies::default()
    };
    assert_eq!([verdict(&named("p/"), SESSION), verdict(&named(""), SESSION)], [Undecided, Allowed]);
    assert_eq!(
        [given(&named("p/"), &role("p/")), given(&named("p/"), &role("q/"))],
        [Allowed, ImplicitlyDenied]
    );
    let settled = Policies { resource: thing(Kind::S3, json!({"AWS": role("")})), ..on("ArnLike", reserved) };
    assert_eq!(verdict(&settled, SESSION), Allowed);
    // As a variable, it is compared with what the request says.
    let home = json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:PrincipalArn}"});
    let home = Policies { identity: vec![prepared(Kind::Identity, home)], ..Policies::default() };
    let get =
        |key: &str| ask(&home, json!(SESSION), "s3:GetObject", &format!("arn:aws:s3:::b/{key}"), json!({})).0;
    assert_eq!([get(&role("")), get(&role("p/")), get("x")], [Undecided, Undecided, ImplicitlyDenied]);
}

/// S3 guide, "Principals": a canonical user ID is an account, and does not show which.
#[test]
fn a_canonical_user_may_be_the_account_of_the_caller() {
    let user =
        || json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"});
    let of = |statements: Json, caller: Json| {
        let resource = Some(prepared(Kind::S3, statements));
        let policies = Policies { identity: own(Kind::Identity, "Allow"), resource, ..Policies::default() };
        verdict(&policies, caller)
    };
    let deny = || json!([to("Allow", json!("*")), to("Deny", user())]);
    assert_eq!(of(deny(), json!(ROLE)), Undecided);
    assert_eq!(of(deny(), json!({"type": "Anonymous"})), Allowed);
    assert_eq!(of(deny(), json!("s3.amazonaws.com")), Allowed);
    let id = json!({"type": "CanonicalUser", "id": user()["CanonicalUser"]});
    assert_eq!(of(deny(), id), ExplicitlyDenied);
    // An account of its own needs no other.
    assert_eq!(of(json!(to("Allow", user())), json!(STRANGER)), Undecided);
    assert_eq!(of(json!(to("Allow", user())), json!(ROLE)), Allowed);
}

/// KMS API reference, "Cross-account use"; S3 API reference, "PutBucketPolicy"; SQS API reference, "SetQueueAttributes".
#[test]
fn some_calls_are_for_the_account_of_the_resource_alone() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/k";
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    for (kind, action, resource, elsewhere) in [
        (Kind::Kms, "kms:PutKeyPolicy", key, ImplicitlyDenied),
        (Kind::Kms, "kms:ScheduleKeyDeletion", key, ImplicitlyDenied),
        (Kind::Kms, "kms:Decrypt", key, Allowed),
        (Kind::Kms, "kms:CreateGrant", key, Allowed),
        (Kind::Sqs, "sqs:SetQueueAttributes", queue, ImplicitlyDenied),
        (Kind::Sqs, "sqs:SendMessage", queue, Allowed),
        (Kind::S3, "s3:PutBucketPolicy", "arn:aws:s3:::b", ImplicitlyDenied),
        (Kind::S3, "s3:GetObject", "arn:aws:s3:::b/k", Allowed),
    ] {
        let policies = Policies {
            identity: own(Kind::Identity, "Allow"),
            resource: thing(kind, json!("*")),
            ..Policies::default()
        };
        let verdict = |caller| ask(&policies, json!(caller), action, resource, json!({})).0;
        assert_eq!(verdict(STRANGER), elsewhere, "{action}");
        assert_eq!(verdict(ROLE), Allowed, "{action}");
    }
    let everyone = Policies { resource: thing(Kind::Sqs, json!("*")), ..Policies::default() };
    let anonymous = json!({"type": "Anonymous"});
    assert_eq!(ask(&everyone, anonymous.clone(), "sqs:SetQueueAttributes", queue, json!({})).0, Undecided);
    assert_eq!(ask(&everyone, anonymous, "sqs:SendMessage", queue, json!({})).0, Allowed);
}

/// KMS guide, "Permissions reference"; S3 guide, "How Amazon S3 authorizes a request".
#[test]
fn a_policy_has_no_say_in_what_is_not_about_its_resource() {
    let of = |kind, identity: bool, action, resource| {
        let identity = if identity { own(Kind::Identity, "Allow") } else { Vec::new() };
        let policies =
            Policies { identity, resource: thing(kind, json!({"AWS": ROLE})), ..Policies::default() };
        let request = json!({"principal": ROLE, "action": action, "resource": resource});
        let decision = decide(&policies, &Request::from_json(&request).unwrap());
        (decision.verdict, decision.not_asked.contains(&Layer::Resource))
    };
    let key = "arn:aws:kms:us-east-1:111111111111:key/k";
    for (kind, action, resource) in [
        (Kind::Kms, "kms:CreateKey", "*"),
        (Kind::Kms, "kms:ListKeys", "*"),
        (Kind::S3, "s3:ListAllMyBuckets", "*"),
        (Kind::S3, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:q"),
        (Kind::Trust, "s3:GetObject", "arn:aws:s3:::b/k"),
    ] {
        assert_eq!(of(kind, false, action, resource), (ImplicitlyDenied, true), "{action}");
        assert_eq!(of(kind, true, action, resource), (Allowed, true), "{action}");
    }
    assert_eq!(of(Kind::Kms, false, "kms:Decrypt", key), (Allowed, false));
    assert_eq!(of(Kind::S3, false, "s3:GetObject", "arn:aws:s3:::b/k"), (Allowed, false));
    // What only looks like a key policy may deny something else.
    let guess = prepared(Kind::Kms, to("Deny", json!({"AWS": ROLE}))).guessed(true);
    let policies =
        Policies { identity: own(Kind::Identity, "Allow"), resource: Some(guess), ..Policies::default() };
    assert_eq!(
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", json!({})).0,
        ExplicitlyDenied
    );
    assert_eq!(ask(&policies, json!(ROLE), "kms:CreateKey", "*", json!({})).0, Allowed);
}

/// S3 API reference, "GetBucketPolicy", "PutBucketPolicy" and "DeleteBucketPolicy".
#[test]
fn a_bucket_policy_does_not_keep_the_owners_root_user_from_itself() {
    let denies =
        || Policies { resource: Some(prepared(Kind::S3, to("Deny", json!("*")))), ..Policies::default() };
    let scp = || Policies { scp: vec![own(Kind::Scp, "Deny")], ..denies() };
    let root = "arn:aws:iam::111111111111:root";
    let foreign = "arn:aws:iam::222222222222:root";
    for action in ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
        let verdict = |policies: &Policies, caller: &str| {
            ask(policies, json!(caller), action, "arn:aws:s3:::b", json!({})).0
        };
        assert_eq!(verdict(&denies(), root), Allowed);
        assert_eq!(verdict(&denies(), foreign), ExplicitlyDenied);
        assert_eq!(verdict(&denies(), ROLE), ExplicitlyDenied);
        assert_eq!(verdict(&scp(), root), ExplicitlyDenied);
    }
    assert_eq!(verdict(&denies(), root), ExplicitlyDenied, "s3:GetObject");
}

/// IAM guide, "AWS JSON policy elements: Principal": what is compared is the id that AWS gave the user or role.
#[test]
fn a_unique_id_is_the_caller_that_has_it() {
    let with = |effect, id: &str| Policies {
        identity: own(Kind::Identity, "Allow"),
        resource: Some(prepared(Kind::S3, to(effect, json!({"AWS": id})))),
        ..Policies::default()
    };
    let of = |policies: &Policies, caller: &str, id: &str| {
        ask(policies, json!(caller), "s3:GetObject", "arn:aws:s3:::b/k", json!({"aws:userid": id})).0
    };
    let role = "AROAEXAMPLEEXAMPLE123";
    assert_eq!(of(&with("Deny", role), SESSION, "AROAEXAMPLEEXAMPLE123:s"), ExplicitlyDenied);
    assert_eq!(of(&with("Deny", role), SESSION, "AROAEXAMPLEEXAMPLE124:s"), Allowed);
    assert_eq!(of(&with("Allow", "AIDAEXAMPLEEXAMPLE123"), USER, "AIDAEXAMPLEEXAMPLE123"), Allowed);
}

/// IAM guide, "AWS global condition context keys", under `aws:ResourceAccount`.
#[test]
fn some_calls_come_without_the_account_of_the_resource() {
    let held = |effect: &str| {
        let mut statement = all(effect);
        statement["Condition"] = json!({"StringEquals": {"aws:ResourceAccount": "111111111111"}});
        let mut identity = vec![prepared(Kind::Identity, statement)];
        if effect == "Deny" {
            identity.extend(own(Kind::Identity, "Allow"));
        }
        Policies { identity, ..Policies::default() }
    };
    let bus = "arn:aws:events:us-east-1:111111111111:event-bus/x";
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    for (effect, known) in [("Allow", Allowed), ("Deny", ExplicitlyDenied)] {
        assert_eq!(ask(&held(effect), json!(ROLE), "events:PutEvents", bus, json!({})).0, Undecided);
        assert_eq!(ask(&held(effect), json!(ROLE), "sqs:SendMessage", queue, json!({})).0, known);
        let given = json!({"aws:ResourceAccount": "111111111111"});
        assert_eq!(ask(&held(effect), json!(ROLE), "events:PutEvents", bus, given).0, known);
    }
}

/// KMS guide, "Permissions reference", under RetireGrant.
#[test]
fn who_may_retire_a_grant_stands_in_the_grant() {
    let key = "arn:aws:kms:us-east-1:111111111111:key/k";
    let retire = |policies: &Policies| ask(policies, json!(ROLE), "kms:RetireGrant", key, json!({})).0;
    let policies = |effect| Policies {
        resource: Some(prepared(Kind::Kms, to(effect, json!({"AWS": ROLE})))),
        ..Policies::default()
    };
    assert_eq!(retire(&policies("Allow")), Undecided);
    assert_eq!(retire(&Policies::default()), Undecided);
    assert_eq!(retire(&policies("Deny")), ExplicitlyDenied);
}

/// IAM guide, "Condition operators", under "Date condition operators".
#[test]
fn a_date_that_is_not_in_a_form_of_the_w3c_is_undecided() {
    let denies = |date: &str| {
        let mut statement = all("Deny");
        statement["Condition"] = json!({"DateGreaterThan": {"aws:CurrentTime": date}});
        let identity = vec![prepared(Kind::Identity, statement), own(Kind::Identity, "Allow").remove(0)];
        let now = json!({"aws:CurrentTime": "2025-01-01T00:00:00Z"});
        let policies = Policies { identity, ..Policies::default() };
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", now).0
    };
    assert_eq!(denies("2024-01-01T00:00:00Z"), ExplicitlyDenied);
    assert_eq!(denies("2026-01-01T00:00:00Z"), Allowed);
    for open in ["2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00+0100", "never"] {
        assert_eq!(denies(open), Undecided, "{open}");
    }
}

/// IAM guide, "Condition operators", under "Boolean condition operators" and the two next to it.
#[test]
fn what_is_neither_true_nor_false_or_no_base64_is_undecided() {
    let denies = |operator: &str, key: &str, value: &str| {
        let mut statement = all("Deny");
        statement["Condition"] = json!({operator: {key: value}});
        let identity = vec![prepared(Kind::Identity, statement), own(Kind::Identity, "Allow").remove(0)];
        let context = json!({"aws:SecureTransport": "false", "aws:PrincipalTag/a": "YQ=="});
        let policies = Policies { identity, ..Policies::default() };
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", context).0
    };
    let [truth, bytes] = ["aws:SecureTransport", "aws:PrincipalTag/a"];
    for (operator, key, value) in
        [("Bool", truth, "0"), ("Bool", truth, ""), ("Null", bytes, "no"), ("BinaryEquals", bytes, "!!")]
    {
        assert_eq!(denies(operator, key, value), Undecided, "{operator} {value}");
    }
    for (operator, key, value, verdict) in [
        ("Bool", truth, "False", ExplicitlyDenied),
        ("Bool", truth, "true", Allowed),
        ("Null", bytes, "False", ExplicitlyDenied),
        ("Null", bytes, "true", Allowed),
        ("BinaryEquals", bytes, "YQ==", ExplicitlyDenied),
        ("BinaryEquals", bytes, "Yg==", Allowed),
    ] {
        assert_eq!(denies(operator, key, value), verdict, "{operator} {value}");
    }
}

/// IAM guide, "AWS global condition context keys", under `aws:PrincipalServiceNamesList`.
#[test]
fn a_service_that_calls_by_itself_has_at_least_its_own_name_in_the_list() {
    let decided = |caller: Json, condition: Json, context: Json| {
        let mut statement = all("Allow");
        statement["Principal"] = json!("*");
        statement["Condition"] = condition;
        let policies = Policies { resource: Some(prepared(Kind::S3, statement)), ..Policies::default() };
        let request = json!({
            "principal": caller, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k",
            "resource_account": "111111111111", "context": context,
        });
        let decision = decide(&policies, &Request::from_json(&request).unwrap());
        (decision.verdict, decision.depends_on.concat())
    };
    let trail = || json!("cloudtrail.amazonaws.com");
    let of = |operator: &str, value: &str| json!({operator: {"aws:PrincipalServiceNamesList": value}});
    let one = "cloudtrail.amazonaws.com";
    for (operator, value, verdict) in [
        ("Null", "false", Allowed),
        ("Null", "true", ImplicitlyDenied),
        ("ForAnyValue:StringEquals", one, Allowed),
        ("ForAnyValue:StringEquals", "config.amazonaws.com", Undecided),
        ("ForAllValues:StringEquals", "config.amazonaws.com", ImplicitlyDenied),
        ("ForAllValues:StringEquals", one, Undecided),
        ("ForAnyValue:StringNotEquals", "config.amazonaws.com", Allowed),
        ("ForAnyValue:StringNotEquals", one, Undecided),
        ("ForAllValues:StringNotEquals", one, ImplicitlyDenied),
        ("ForAllValues:StringNotEquals", "config.amazonaws.com", Undecided),
        ("StringEquals", one, Undecided),
    ] {
        let (found, depends_on) = decided(trail(), of(operator, value), json!({}));
        assert_eq!(found, verdict, "{operator} {value}");
        assert_eq!(depends_on.contains("which other names"), verdict == Undecided, "{depends_on}");
    }
    // What the request says is all of it.
    let only = json!({"aws:PrincipalServiceNamesList": [one]});
    assert_eq!(decided(trail(), of("ForAllValues:StringEquals", one), only).0, Allowed);
    // No one else has the key.
    assert_eq!(decided(json!(ROLE), of("Null", "false"), json!({})).0, ImplicitlyDenied);
}

/// VPC guide, "Gateway endpoints", under "Endpoint policies".
#[test]
fn an_account_in_the_policy_of_a_gateway_endpoint() {
    let through = |principal: Json| Policies {
        identity: own(Kind::Identity, "Allow"),
        endpoint: vec![prepared(Kind::Endpoint, to("Allow", principal))],
        ..Policies::default()
    };
    let account = || json!({"AWS": "111111111111"});
    for (principal, caller, expected) in [
        (account(), ROLE, Verdict::Undecided),
        (json!({"AWS": ROLE}), ROLE, Verdict::Undecided),
        (account(), ROOT, Verdict::Allowed),
        (json!("*"), ROLE, Verdict::Allowed),
        (json!({"AWS": "222222222222"}), ROLE, Verdict::ImplicitlyDenied),
    ] {
        assert_eq!(verdict(&through(principal.clone()), caller), expected, "{principal} {caller}");
    }
    // That of an interface endpoint takes principals.
    let only = json!({"Effect": "Allow", "Principal": account(), "Action": "sqs:*", "Resource": "*"});
    let policies = Policies { endpoint: vec![prepared(Kind::Endpoint, only)], ..through(account()) };
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    assert_eq!(ask(&policies, ROLE.into(), "sqs:SendMessage", queue, json!({})).0, Verdict::Allowed);
}

/// STS API reference, "AssumeRoot": the session of the root user is held to its task policy.
#[test]
fn the_root_user_for_one_task() {
    let ask = |context: Json, session: &str| {
        let policies = Policies { session: own(Kind::Session, session), ..Policies::default() };
        ask(&policies, ROOT.into(), "s3:GetObject", "arn:aws:s3:::b/k", context).0
    };
    assert_eq!(ask(json!({"aws:AssumedRoot": "true"}), "Allow"), Allowed);
    assert_eq!(ask(json!({"aws:AssumedRoot": "true"}), "Deny"), ExplicitlyDenied);
    // Who signs in as the root user has no session policy.
    assert_eq!(ask(json!({}), "Deny"), Allowed);
    let other = json!({"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"});
    let policies = Policies { session: vec![prepared(Kind::Session, other)], ..Policies::default() };
    let task = json!({"aws:AssumedRoot": "true"});
    let decided = self::ask(&policies, ROOT.into(), "s3:GetObject", "arn:aws:s3:::b/k", task);
    assert_eq!(decided, (ImplicitlyDenied, vec![Lack::Session]));
}

/// IAM guide, "Permit IAM users to change their own passwords": an account may allow it without a policy.
#[test]
fn the_own_password() {
    let nothing = Policies { identity: vec![], ..Policies::default() };
    let change = |policies: &Policies, caller: &str, user: &str| {
        ask(policies, caller.into(), "iam:ChangePassword", user, json!({})).0
    };
    assert_eq!(change(&nothing, USER, USER), Undecided);
    assert_eq!(change(&nothing, USER, "arn:aws:iam::111111111111:user/eve"), ImplicitlyDenied);
    let deny = Policies { identity: own(Kind::Identity, "Deny"), ..Policies::default() };
    assert_eq!(change(&deny, USER, USER), ExplicitlyDenied);
}

/// The pages on calls that need no permission say nothing of endpoints.
#[test]
fn a_call_that_needs_no_permission_through_an_endpoint() {
    let through = |action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
        let policies =
            Policies { endpoint: vec![prepared(Kind::Endpoint, statement)], ..Policies::default() };
        ask(&policies, ROLE.into(), "sts:GetCallerIdentity", "*", json!({})).0
    };
    assert_eq!(through("sts:*"), Allowed);
    assert_eq!(through("sts:AssumeRole"), Undecided);
}

#[test]
fn a_variable_without_a_name_is_no_key() {
    let statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${}"});
    let policies = Policies { identity: vec![prepared(Kind::Identity, statement)], ..Policies::default() };
    let request = json!({"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
    let decision = decide(&policies, &Request::from_json(&request).unwrap());
    assert!(decision.missing_context.is_empty(), "{:?}", decision.missing_context);
}

/// STS API reference, "GetFederationToken", under `Name`.
#[test]
fn the_name_of_a_federated_user_does_not_tell_whose_session_it_is() {
    let session = |name: &str| json!(format!("arn:aws:sts::111111111111:federated-user/{name}"));
    let of = |statements: Json, caller: Json| {
        let (resource, session) = (Some(prepared(Kind::S3, statements)), own(Kind::Session, "Allow"));
        verdict(&Policies { resource, session, ..Policies::default() }, caller)
    };
    for name in ["bob", "alice"] {
        assert_eq!(of(json!(to("Allow", json!({"AWS": USER}))), session(name)), Undecided, "{name}");
        let denied = json!([to("Allow", session_principal(name)), to("Deny", json!({"AWS": USER}))]);
        assert_eq!(of(denied, session(name)), Undecided, "{name}");
        assert_eq!(of(json!(to("Allow", session_principal(name))), session(name)), Allowed, "{name}");
    }
    assert_eq!(of(json!(to("Allow", json!({"AWS": USER}))), json!(USER)), Allowed);
    let elsewhere = json!("arn:aws:sts::222222222222:federated-user/bob");
    assert_eq!(of(json!(to("Allow", json!({"AWS": USER}))), elsewhere), ImplicitlyDenied);
}

fn session_principal(name: &str) -> Json {
    json!({"AWS": format!("arn:aws:sts::111111111111:federated-user/{name}")})
}

/// IAM guide, "Policy variables": they may stand in values of ARN operators.
#[test]
fn a_variable_may_stand_for_an_arn() {
    let of = |operator: &str, pattern: &str, context: Json| {
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {"aws:PrincipalArn": pattern}}});
        let policies = Policies { identity: vec![prepared(Kind::Identity, allow)], ..Policies::default() };
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", context).0
    };
    let owner = "${aws:ResourceTag/owner}";
    let tag = |value: &str| json!({"aws:ResourceTag/owner": value});
    assert_eq!(of("ArnEquals", owner, tag(ROLE)), Allowed);
    assert_eq!(of("ArnLike", owner, tag(STRANGER)), ImplicitlyDenied);
    assert_eq!(of("ArnNotEquals", owner, tag(ROLE)), ImplicitlyDenied);
    // What a variable is replaced by is no pattern.
    assert_eq!(of("ArnLike", owner, tag("arn:aws:iam::111111111111:role/*")), ImplicitlyDenied);
    assert_eq!(of("ArnEquals", owner, json!({})), ImplicitlyDenied);
    assert_eq!(of("ArnLike", "arn:aws:${aws:ResourceTag/owner}/*", tag("iam::111111111111:role")), Allowed);
    assert_eq!(of("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*", json!({})), Allowed);
}

#[test]
fn a_pattern_of_less_than_an_arn_is_undecided() {
    let topic = "arn:aws:sns:us-east-1:111111111111:t";
    let of = |pattern: &str| {
        let deny = json!([all("Allow"), {"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"ArnLike": {"aws:SourceArn": pattern}}}]);
        let policies = Policies { identity: vec![prepared(Kind::Identity, deny)], ..Policies::default() };
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", json!({"aws:SourceArn": topic})).0
    };
    for pattern in
        ["*", "arn:aws:*", "arn:aws:*:t", "arn:aws:sns:*:t", "*:t", "arn:aws:sns:*t", "*111111111111*"]
    {
        assert_eq!(of(pattern), Undecided, "{pattern}");
    }
    for pattern in ["arn:aws:*:x", "arn:aws:s3:*", "*222222222222*", "t"] {
        assert_eq!(of(pattern), Allowed, "{pattern}");
    }
}

#[test]
fn whether_fractions_of_a_second_count_is_undecided() {
    let of = |asked: &str, given: &str| {
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"DateGreaterThan": {"aws:TokenIssueTime": asked}}});
        let policies = Policies { identity: vec![prepared(Kind::Identity, allow)], ..Policies::default() };
        ask(&policies, json!(ROLE), "s3:GetObject", "arn:aws:s3:::b/k", json!({"aws:TokenIssueTime": given}))
            .0
    };
    let at = |fraction: &str| format!("2030-01-01T00:00:00{fraction}Z");
    assert_eq!(of(&at(".100"), &at(".500")), Undecided);
    assert_eq!(of(&at(""), &at(".500")), Undecided);
    assert_eq!(of(&at(".500"), &at(".100")), ImplicitlyDenied);
    assert_eq!(of(&at(".500"), "2030-01-01T00:00:02Z"), Allowed);
    assert_eq!(of(&at(""), "2030-01-01T00:00:01.5Z"), Allowed);
}

/// S3 guide, "How Amazon S3 authorizes a request for a bucket operation".
#[test]
fn what_a_call_makes_has_no_policy_yet() {
    let of = |kind: Kind, action: &str, resource: &str| {
        let policies = Policies { resource: thing(kind, json!({"AWS": ROLE})), ..Policies::default() };
        ask(&policies, json!(ROLE), action, resource, json!({})).0
    };
    let table = "arn:aws:dynamodb:us-east-1:111111111111:table/t";
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    for (kind, action, resource) in [
        (Kind::S3, "s3:CreateBucket", "arn:aws:s3:::b"),
        (Kind::Sqs, "sqs:CreateQueue", queue),
        (Kind::SecretsManager, "secretsmanager:ListSecrets", "*"),
        (Kind::Resource, "dynamodb:CreateTable", table),
        (Kind::Resource, "dynamodb:ListTables", "*"),
        (Kind::Resource, "lambda:GetAccountSettings", "*"),
    ] {
        assert_eq!(of(kind, action, resource), ImplicitlyDenied, "{action}");
    }
    for (kind, action, resource) in [
        (Kind::S3, "s3:PutBucketTagging", "arn:aws:s3:::b"),
        (Kind::Sqs, "sqs:SetQueueAttributes", queue),
        (Kind::Resource, "dynamodb:PutItem", table),
        (Kind::Resource, "dynamodb:CreateBackup", table),
    ] {
        assert_eq!(of(kind, action, resource), Allowed, "{action}");
    }
}
