//! Forms of actions, resources and principals, as AWS's pages have them.

use serde_json::{Value as Json, json};

use super::*;

#[test]
fn actions() {
    let ask = |element: &str, action: &str| {
        let statement = json!({"Effect": "Allow", element: action, "Resource": "*"});
        outcome(Kind::Identity, statement, request(json!({}))).is_some()
    };
    for action in ["*", "s3:*", "S3:getobject", "s3:Get*", "s3:?etObject", "s*:GetObject", "*:*"] {
        assert!(ask("Action", action) && !ask("NotAction", action), "{action}");
    }
    for action in ["s3:GetObjectAcl", "s3:Get?", "s3-x:GetObject", "s3:[Gg]etObject"] {
        assert!(!ask("Action", action) && ask("NotAction", action), "{action}");
    }
}

#[test]
fn resources() {
    let ask = |kind: Kind, pattern: &str, resource: &str| {
        let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": pattern});
        if kind.names_principal() {
            statement["Principal"] = json!("*");
        }
        let request = json!({"principal": ROLE, "action": "sns:Publish", "resource": resource});
        outcome(kind, statement, request).is_some()
    };
    let topic = "arn:aws:sns:eu-west-1:111111111111:a:b";
    for pattern in
        ["*", topic, "arn:aws:sns:*:*:*", "arn:*:sns:eu-*:1*1:a*", "arn:aws:sns:eu-west-?:111111111111:a?b"]
    {
        assert!(ask(Kind::Identity, pattern, topic), "{pattern}");
    }
    for pattern in
        ["arn:aws:sns:*:b", "arn:aws:sns:*:a:*", "arn:aws:sns:eu-west-1:111111111111:A:b", "ARN:*:*:*:*:*"]
    {
        assert!(!ask(Kind::Sns, pattern, topic), "a star stays in its segment: {pattern}");
    }
    // Fewer than six segments.
    for (pattern, kind, expected) in [
        ("arn:aws:sns", Kind::Identity, true),
        ("arn:aws:sns", Kind::Boundary, true),
        ("arn:aws:sns", Kind::Sns, false),
        ("arn:aws:s*", Kind::Sns, true),
        ("arn:*:sns", Kind::Sns, true),
        ("arn:*:sns", Kind::Scp, false),
        ("arn:aws:sn*", Kind::Scp, true),
        ("arn:aws:s3", Kind::Identity, false),
    ] {
        assert_eq!(ask(kind, pattern, topic), expected, "{pattern} in {kind}");
    }
    // An action that names no thing.
    assert!(ask(Kind::Identity, "*", "*") && !ask(Kind::Identity, "arn:*:*:*:*:*", "*"));
    let wildcard_only = json!({"principal": ROLE, "action": "s3:ListAllMyBuckets", "resource": "arn:aws:s3:::b", "wildcard_only_action": true});
    let statement = |resource| json!({"Effect": "Allow", "Action": "*", "Resource": resource});
    assert!(outcome(Kind::Identity, statement("arn:aws:s3:::b"), wildcard_only.clone()).is_none());
    assert!(outcome(Kind::Identity, statement("*"), wildcard_only).is_some());
}

#[test]
fn a_statement_without_a_resource_is_about_its_own_thing_or_nothing() {
    let ask = |kind, action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action});
        outcome(kind, statement, json!({"principal": ROLE, "action": action, "resource": "arn:aws:x:::y"}))
            .is_some()
    };
    assert!(ask(Kind::Trust, "sts:AssumeRole") && ask(Kind::Ecr, "ecr:GetImage"));
    assert!(!ask(Kind::Kms, "kms:Decrypt") && ask(Kind::S3, "s3:GetObject"));
}

#[test]
fn principals() {
    use Grip::{Account, Everyone, Itself, Role};
    let user = "arn:aws:iam::111111111111:user/team/bob";
    let federated = "arn:aws:sts::111111111111:federated-user/bob";
    let root = "arn:aws:iam::111111111111:root";
    let anonymous = || json!({"type": "Anonymous"});
    let table: &[(Json, Json, Option<Grip>)] = &[
        (json!("*"), json!(ROLE), Some(Everyone)),
        (json!({"AWS": "*"}), anonymous(), Some(Everyone)),
        (json!({"*": "*"}), json!("s3.amazonaws.com"), Some(Everyone)),
        (json!({"AWS": "*"}), json!("s3.amazonaws.com"), Some(Everyone)),
        (json!({"AWS": "111111111111"}), json!(SESSION), Some(Account)),
        (json!({"AWS": root}), json!(ROLE), Some(Account)),
        (json!({"AWS": root}), json!(root), Some(Account)),
        (json!({"AWS": "222222222222"}), json!(ROLE), None),
        (json!({"AWS": root}), anonymous(), None),
        (json!({"AWS": root}), json!("s3.amazonaws.com"), None),
        (json!({"AWS": ROLE}), json!(ROLE), Some(Role)),
        (json!({"AWS": ROLE}), json!(SESSION), Some(Role)),
        (json!({"AWS": "arn:aws:iam::222222222222:role/Reader"}), json!(SESSION), None),
        (json!({"AWS": "arn:aws:iam::111111111111:role/Read*"}), json!(SESSION), None),
        (json!({"AWS": "arn:aws:iam::111111111111:role/reader"}), json!(SESSION), None),
        (json!({"AWS": SESSION}), json!(SESSION), Some(Itself)),
        (json!({"AWS": SESSION}), json!("arn:aws:sts::111111111111:assumed-role/Reader/eve"), None),
        (json!({"AWS": SESSION}), json!(ROLE), None),
        (json!({"AWS": [ROLE, root, SESSION]}), json!(SESSION), Some(Itself)),
        (json!({"AWS": user}), json!(user), Some(Itself)),
        (json!({"AWS": user}), json!("arn:aws:iam::111111111111:user/bob"), None),
        (json!({"AWS": federated}), json!(federated), Some(Itself)),
        (json!({"AWS": "AROAEXAMPLEEXAMPLE123"}), json!(ROLE), None),
        (
            json!({"AWS": "AIDAEXAMPLEEXAMPLE123"}),
            json!({"type": "AWS", "id": "AIDAEXAMPLEEXAMPLE123"}),
            Some(Itself),
        ),
        (json!({"Service": "s3.amazonaws.com"}), json!("s3.amazonaws.com"), Some(Itself)),
        (json!({"Service": "s3.amazonaws.com"}), json!("sns.amazonaws.com"), None),
        (json!({"Federated": "accounts.google.com"}), json!("accounts.google.com"), None),
        (
            json!({"Federated": "accounts.google.com"}),
            json!({"type": "Federated", "id": "accounts.google.com"}),
            Some(Itself),
        ),
        (json!({"CanonicalUser": "79a5"}), json!({"type": "CanonicalUser", "id": "79a5"}), Some(Itself)),
        (
            json!({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}),
            json!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"),
            Some(Itself),
        ),
        (json!({"AWS": ROLE}), Json::Null, None),
        (json!("*"), Json::Null, Some(Everyone)),
    ];
    for (principal, caller, expected) in table {
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"},
            {"Effect": "Allow", "NotPrincipal": principal, "Action": "*", "Resource": "*"},
        ]});
        let document = open_policy(Source::new("test", policy.to_string()), &Hints::default());
        let request = json!({"principal": caller, "action": "a:b", "resource": "*"});
        let request = Request::from_json(&request).unwrap();
        let prepared = Prepared::new(&document.policy, Kind::S3);
        let asked = Asked::new(&request);
        // Whether an account leaves out its users and roles is open.
        let grips: Vec<_> = prepared
            .outcomes(&asked)
            .filter(|outcome| !outcome.unsure)
            .map(|outcome| (outcome.statement, outcome.grip))
            .collect();
        let wanted = match expected {
            Some(grip) => (0, *grip),
            None => (1, Everyone),
        };
        assert_eq!(grips, [wanted], "{principal} of {caller}");
    }
}

/// "NotPrincipal": a Deny spares whom it lists at every level.
#[test]
fn a_deny_for_all_but_some_wants_the_whole_chain() {
    let denies = |listed: Json, caller: &str| {
        let statement =
            json!({"Effect": "Deny", "NotPrincipal": {"AWS": listed}, "Action": "*", "Resource": "*"});
        let request = json!({"principal": caller, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
        outcome(Kind::S3, statement, request).is_some()
    };
    let (root, user) = ("arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/bob");
    assert!(!denies(json!([SESSION, ROLE, root]), SESSION));
    assert!(denies(json!([ROLE, root]), SESSION));
    assert!(denies(json!([SESSION, ROLE]), SESSION));
    assert!(!denies(json!([user, "111111111111"]), user));
    assert!(denies(json!(user), user));
    assert!(denies(json!(root), user));
    assert!(!denies(json!(root), root));
    assert!(!denies(json!([ROLE, root]), ROLE));
    assert!(!denies(json!("*"), user));
    assert!(denies(json!([user, root]), "s3.amazonaws.com"));
}

#[test]
fn what_follows_from_the_request_is_filled_in() {
    let filled = |caller: Json, action: &str, key: &str| {
        let request = json!({"principal": caller, "action": action, "resource": "arn:aws:kms:us-east-1:222222222222:key/k"});
        let request = Request::from_json(&request).unwrap();
        let asked = Asked::new(&request);
        asked.value(key).map(|given| given.values().next().unwrap().to_owned())
    };
    let value = |caller: &str, key: &str| filled(json!(caller), "kms:Decrypt", key);
    assert_eq!(value(SESSION, "aws:principalarn").unwrap(), "arn:aws:iam::111111111111:role/Reader");
    assert_eq!(value(ROLE, "aws:principalarn").unwrap(), ROLE);
    assert_eq!(value(SESSION, "aws:principalaccount").unwrap(), "111111111111");
    assert_eq!(value(SESSION, "kms:calleraccount").unwrap(), "111111111111");
    assert_eq!(filled(json!(SESSION), "s3:GetObject", "kms:calleraccount"), None);
    assert_eq!(value(SESSION, "aws:resourceaccount").unwrap(), "222222222222");
    assert_eq!(value("s3.amazonaws.com", "aws:principalisawsservice").unwrap(), "true");
    assert_eq!(value(ROLE, "aws:principalisawsservice").unwrap(), "false");
    assert_eq!(value("s3.amazonaws.com", "aws:principalaccount"), None);
    let anonymous = |key: &str| filled(json!({"type": "Anonymous"}), "s3:GetObject", key);
    assert_eq!(anonymous("aws:principalisawsservice"), None);
    assert_eq!(anonymous("aws:principalaccount").unwrap(), "anonymous");
    assert_eq!(anonymous("aws:userid").unwrap(), "anonymous");
    assert_eq!(value(ROLE, "aws:userid"), None);
    for (caller, expected) in [
        ("arn:aws:iam::111111111111:root", "Account"),
        ("arn:aws:iam::111111111111:user/bob", "User"),
        (ROLE, "AssumedRole"),
        (SESSION, "AssumedRole"),
        ("arn:aws:sts::111111111111:federated-user/bob", "FederatedUser"),
    ] {
        assert_eq!(value(caller, "aws:principaltype").unwrap(), expected);
    }
    // What the request says outranks it.
    assert_eq!(request(json!({"AWS:PrincipalArn": "x"}))["context"]["AWS:PrincipalArn"], "x");
    let given = Request::from_json(&request(json!({"AWS:PrincipalArn": "x"}))).unwrap();
    assert_eq!(Asked::new(&given).principal_arn(), Some("x"));
}

#[test]
fn absent_keys_are_told_of_statements_that_match_otherwise() {
    let ask = |condition: Json, context: Json| {
        let statement = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition});
        outcome(Kind::Identity, statement, request(context))
    };
    let two =
        || json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:ViaAWSService": "false"}});
    assert_eq!(
        ask(two(), json!({})),
        Some((false, vec!["aws:SourceVpce".to_owned(), "aws:ViaAWSService".to_owned()]))
    );
    assert_eq!(
        ask(two(), json!({"aws:ViaAWSService": false})),
        Some((true, vec!["aws:SourceVpce".to_owned()]))
    );
    assert_eq!(ask(two(), json!({"aws:ViaAWSService": true})), None);
    assert_eq!(ask(two(), json!({"aws:SourceVpce": "vpce-1"})), None);
}
