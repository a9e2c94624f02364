//! What `diff` says of the text beside access: elements of the policy, and what keeps a policy from being read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use polmerge::analyze::checks::{Outcome, Question};
use polmerge::analyze::compare::compare;
use polmerge::analyze::space::Relation;
use polmerge::document::{Document, Hints, open_policy};
use polmerge::report::comparison::human;
use polmerge::report::style::Style;
use polmerge::{Kind, Source};

const PLAIN: Style = Style { color: false, unicode: true, width: 100 };
const STATEMENT: &str =
    r#"{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

fn document(name: &str, text: &str) -> Document {
    let hints = Hints { kind: Some(Kind::Identity), ..Hints::default() };
    open_policy(Source::new(name, text), &hints)
}

fn policy(members: &str, statement: &str) -> String {
    format!("{{{members}\n\"Statement\":[{statement}]}}")
}

/// The relation, whether it is exact, and the report.
fn diff(old: &str, new: &str) -> (Relation, bool, String) {
    let (old, new) = (document("old.json", old), document("new.json", new));
    let comparison = compare(&old, &new);
    (comparison.change.relation, comparison.change.exact, human(&comparison, PLAIN))
}

#[test]
fn an_element_that_changes_no_access_is_shown() {
    let current = "\"Version\":\"2012-10-17\",";
    for (old, new, shown) in [
        ("\"Version\":\"2008-10-17\",", current, &["Version", "2008-10-17", "2012-10-17"][..]),
        ("", "\"Version\":\"2008-10-17\",", &["Version", "2008-10-17"]),
        (
            "\"Version\":\"2012-10-17\",\"Id\":\"a\",",
            "\"Version\":\"2012-10-17\",\"Id\":\"b\",",
            &["Id", "-   a", "+   b"],
        ),
        ("\"Version\":\"2012-10-17\",\"Id\":\"a\",", current, &["Id", "-   a"]),
    ] {
        let (relation, exact, report) = diff(&policy(old, STATEMENT), &policy(new, STATEMENT));
        assert_eq!((relation, exact), (Relation::Equivalent, true), "{report}");
        assert!(shown.iter().all(|part| report.contains(part)), "{shown:?}\n{report}");
        assert!(report.contains("allows the same: 1 element of the policy changed"), "{report}");
        assert!(report.contains("new.json:1"), "{report}");
    }
    let (.., report) = diff(&policy(current, STATEMENT), &policy(current, STATEMENT));
    assert!(report.contains("means the same: nothing differs") && !report.contains("element of"), "{report}");
}

#[test]
fn nothing_is_proved_of_a_policy_that_aws_refuses() {
    let good = policy("\"Version\":\"2012-10-17\",", STATEMENT);
    for (bad, named) in [
        ("\"Version\":\"2012-06-17\",", "`2012-06-17`"),
        ("\"Version\":\"2012-10-17\",\"Comment\":\"x\",", "`Comment`"),
        ("\"version\":\"2012-10-17\",", "`version`"),
    ] {
        let bad = policy(bad, STATEMENT);
        for (old, new) in [(&good, &bad), (&bad, &good)] {
            let (relation, exact, report) = diff(old, new);
            assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
            assert!(report.contains(named), "{named}\n{report}");
            // The reason in the list and in the verdict, and no more.
            assert_eq!(report.matches("not proved").count(), 2, "{report}");
        }
        // The same text is the same, whatever it means.
        assert_eq!(diff(&bad, &bad).0, Relation::Equivalent);
        assert_eq!(diff(&bad, &bad.replace(":[", ": [")).0, Relation::Equivalent, "layout aside");
        let limit =
            document("limit.json", &policy("\"Version\":\"2012-10-17\",", &STATEMENT.replace("Get", "Put")));
        let check =
            |new: &str| Question::Forbidden(&limit).ask(&document("old", &good), &document("new", new));
        assert_eq!(check(&good).outcome, Outcome::Passed);
        assert_eq!(check(&bad).outcome, Outcome::Undecided);
        assert!(check(&bad).unproved.iter().any(|why| why.contains(named)));
    }
}

#[test]
fn what_cannot_be_read_is_named_and_shown_once() {
    let good = policy("\"Version\":\"2012-10-17\",", STATEMENT);
    for (member, named, shown) in [
        (
            r#""Conditions":{"Bool":{"aws:SecureTransport":"true"}}"#,
            "`Conditions`",
            r#"+   {"Bool":{"aws:SecureTransport":"true"}}"#,
        ),
        (
            r#""Condition":{"StringIs":{"aws:username":"x"}}"#,
            "`StringIs`",
            r#"+   {"StringIs":{"aws:username":"x"}}"#,
        ),
        (r#""Condition":5"#, "`Condition`", "+   5"),
    ] {
        let statement = STATEMENT.replacen('}', &format!(",{member}}}"), 1);
        let bad = policy("\"Version\":\"2012-10-17\",", &statement);
        let (relation, exact, report) = diff(&good, &bad);
        assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
        assert!(report.contains(named), "{named}\n{report}");
        assert_eq!(report.matches(shown).count(), 1, "{shown}\n{report}");
        assert_eq!(report.matches("  ? not proved").count(), 1, "{report}");
        let (_, _, back) = diff(&bad, &good);
        assert!(back.contains(&shown.replace('+', "-")), "{back}");
    }
    // What can be read is shown value by value, as ever.
    let (_, exact, report) = diff(&good, &good.replace("GetObject", "PutObject"));
    assert!(exact && report.contains("+   s3:PutObject") && !report.contains('{'), "{report}");
}

const CURRENT: &str = "\"Version\":\"2012-10-17\",";

/// The lines of the section on access.
fn access(old: &str, new: &str) -> String {
    let (.., report) = diff(&policy(CURRENT, old), &policy(CURRENT, new));
    let section =
        report.split("\nAccess\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    // As if no line were wrapped.
    format!("  {}", section.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn what_a_deny_takes_is_told_as_a_deny() {
    let grant = r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let deny = |actions: &str, condition: &str| {
        format!(r#"{grant},{{"Sid":"D","Effect":"Deny","Action":[{actions}],"Resource":"*"{condition}}}"#)
    };
    let put = deny(r#""s3:PutObject""#, "");
    let both = deny(r#""s3:PutObject","s3:DeleteObject""#, "");
    let tls = deny(r#""s3:PutObject""#, r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#);
    // The grant is what it was: only what is denied is listed.
    assert!(access(grant, &put).starts_with("  - this policy denies its holder s3:PutObject on everything"));
    assert!(access(&put, grant).starts_with("  + no longer: this policy denies its holder s3:PutObject"));
    for (old, new) in [(&put, &both), (&both, &put)] {
        let told = access(old, new);
        assert!(told.contains("denies its holder s3:DeleteObject") && !told.contains("s3:*"), "{told}");
        assert!(!told.contains("s3:PutObject"), "{told}");
    }
    let told = access(&put, &tls);
    assert!(told.contains("no longer: this policy denies its holder s3:PutObject"), "{told}");
    assert!(told.contains("now only if aws:SecureTransport is false"), "{told}");
    let told = access(&tls, &put);
    assert!(told.contains("no longer only if aws:SecureTransport is false"), "{told}");
    // One Deny that takes of two grants is one line, with an example for each.
    let grants = r#"{"Sid":"A","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::a/*"},{"Sid":"B","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#;
    let told = access(
        grants,
        &format!(r#"{grants},{{"Sid":"D","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}"#),
    );
    assert_eq!((told.matches("denies").count(), told.matches("for example").count()), (1, 2), "{told}");
    // A grant that goes is told as such although a Deny is there.
    let told =
        access(&deny(r#""s3:PutObject""#, ""), &put.replace(grant, &grant.replace("s3:*", "s3:List*")));
    assert!(told.contains("no longer: this policy lets its holder s3:*"), "{told}");
}

#[test]
fn what_is_not_known_is_told_with_its_place() {
    let of = |item: &str| policy(CURRENT, &format!("{STATEMENT},\n{item}"));
    let function = r#"{"Fn::Transform":{"Name":"X"}}"#;
    let named = r#"{"Sid":"R","Effect":"Allow","Action":"s3:GetObject","Resource":{"Ref":"Bucket"}}"#;
    let wider = named.replace("\"s3:GetObject\"", "[\"s3:GetObject\",\"s3:PutObject\"]");
    let other = named.replace("{\"Ref\":\"Bucket\"}", "{\n \"Ref\": \"Other\" }");
    let (relation, exact, report) = diff(&of(function), &policy(CURRENT, STATEMENT));
    assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
    assert!(
        report.contains("what it does is decided by `Fn::Transform") && report.contains("3:1"),
        "{report}"
    );
    assert!(!report.contains("its holder nothing"), "{report}");
    for (new, place) in [(&wider, "`Ref Bucket` (3:"), (&other, "`Ref Other` (3:")] {
        let (relation, exact, report) = diff(&of(named), &of(new));
        assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
        assert!(report.contains("not proved: what statement 2 \"R\" grants depends on"), "{report}");
        assert!(report.contains(place) && report.contains("the answer depends on `Ref"), "{report}");
        assert!(!report.contains("taken for granted"), "{report}");
    }
    // All is known of what is added, and what was there may allow it already.
    let hole = r#"{"Sid":"R","Effect":"Allow","Action":"sqs:*","Resource":{"Fn::Sub":"arn:aws:sqs:us-east-1:111111111111:${Q}"}}"#;
    let added = r#"{"Sid":"A","Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111111111111:q"}"#;
    let (relation, exact, report) = diff(&of(hole), &of(&format!("{hole},\n{added}")));
    assert_eq!((relation, exact), (Relation::Unproved, false), "{report}");
    let report = report.replace("\n    ", " ");
    assert!(
        report.contains("\"A\" may grant more depends on `Fn::Sub arn:aws:sqs:us-east-1:111111111111:${Q}`"),
        "{report}"
    );
    // A function that is written on several lines is one value.
    assert!(diff(&of(named), &of(&other)).2.contains(r#"+   { "Ref": "Other" }"#));
    let (relation, exact, report) = diff(&of(named), &of(named));
    assert_eq!((relation, exact), (Relation::Equivalent, true), "{report}");
}

/// Semantics, correction 39: what no policy decides is no access.
#[test]
fn what_no_one_can_do_is_no_access() {
    let current = "\"Version\":\"2012-10-17\",";
    let allow = |action: &str, resource: &str| {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
    };
    let deny = |action: &str, resource: &str| allow(action, resource).replace("Allow", "Deny");
    let all = allow("*", "*");
    let role = "arn:aws:iam::*:role/";
    for (base, statement, reason) in [
        (
            STATEMENT,
            allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            Some("managed policy"),
        ),
        (STATEMENT, allow("sts:GetCallerIdentity", "*"), Some("needs no permission")),
        (
            STATEMENT,
            allow("kms:DeleteAlias", "arn:aws:kms:us-east-1:111111111111:alias/aws/s3"),
            Some("alias/aws/"),
        ),
        (&all, deny("sts:GetCallerIdentity", "*"), Some("needs no permission")),
        (&all, deny("iam:DeleteRole", &format!("{role}aws-reserved/*")), Some("/aws-reserved/")),
        (&all, deny("iam:PassRole", &format!("{role}aws-reserved/*")), Some("/aws-reserved/")),
        (&all, deny("iam:AttachRolePolicy", &format!("{role}aws-service-role/*")), Some("service-linked")),
        (STATEMENT, allow("iam:CreatePolicyVersion", "arn:aws:iam::111111111111:policy/p"), None),
        (STATEMENT, allow("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"), None),
        (STATEMENT, allow("sts:Get*", "*"), None),
        (&all, deny("iam:DeleteRole", &format!("{role}*")), None),
        (&all, deny("iam:GetRole", &format!("{role}aws-reserved/*")), None),
        (&all, deny("iam:PassRole", &format!("{role}aws-service-role/*")), None),
    ] {
        let (less, more) = (policy(current, base), policy(current, &format!("{base},{statement}")));
        for (old, new) in [(&less, &more), (&more, &less)] {
            let (relation, exact, report) = diff(old, new);
            let is_same = (relation, exact) == (Relation::Equivalent, true);
            assert_eq!(is_same, reason.is_some(), "{statement}\n{report}");
            assert!(exact && report.contains(reason.unwrap_or_default()), "{statement}\n{report}");
            assert!(reason.is_none() || !report.contains("may not be possible"), "{report}");
        }
    }
}

/// What two policies of an SQS queue in account 111111111111, of one statement each, are to each other: whether the new
/// one grants more by itself, the report, and whether the old one allows all of the new one.
fn of_queue(old: &str, new: &str, resource: &str) -> (Option<bool>, String, Outcome) {
    let read = |name: &str, statement: &str| {
        let rest = format!("\"Effect\":\"Allow\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"{resource}\"");
        let text = policy(CURRENT, &format!("{{{rest},{statement}}}"));
        open_policy(Source::new(name, text), &Hints { kind: Some(Kind::Sqs), ..Hints::default() })
    };
    let (old, new) = (read("old.json", old), read("new.json", new));
    let check = Question::Allowed(&old).ask(&new, &new);
    let comparison = compare(&old, &new);
    assert_eq!(comparison.change.relation, Relation::Equivalent, "in the notion of AWS's checks");
    let report = human(&comparison, PLAIN);
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    (comparison.change.grants_more_by_itself(), report, check.outcome)
}

/// IAM guide, "Policy evaluation logic": within one account, an entry for the account leaves the decision to its identity
/// policies, while a principal's own name, and `*`, grant by themselves.
#[test]
fn what_needs_no_identity_policy_is_more() {
    let role = r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/r"}"#;
    let account = r#""Principal":{"AWS":"111111111111"}"#;
    let both = r#""Principal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/r"]}"#;
    let star = r#""Principal":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#;
    let star_by_arn = r#""Principal":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/r"}}"#;
    let account_by_arn = star_by_arn.replace(r#""*""#, r#"{"AWS":"111111111111"}"#);
    let root = star_by_arn.replace("role/r", "root");
    let account_as_root = account_by_arn.replace("role/r", "root");
    let queue = |account: &str| format!("arn:aws:sqs:us-east-1:{account}:q");
    for (narrow, wide, words) in [
        (account, both, "r no longer needs an identity policy of its own"),
        (account, star, "any other principal of account 111111111111 no longer needs an identity policy"),
        (account_by_arn.as_str(), role, "r no longer needs an identity policy"),
        (role, star_by_arn, "a `*` is not limited by the implicit deny of a boundary or session policy"),
    ] {
        let (more, report, allowed) = of_queue(narrow, wide, &queue("111111111111"));
        assert_eq!((more, allowed), (Some(true), Outcome::Failed), "{report}");
        assert!(report.contains(words) && report.contains("some of it more directly"), "{report}");
        assert!(!report.contains("nothing is added") && !report.contains("the same: "), "{report}");
        let (more, report, allowed) = of_queue(wide, narrow, &queue("111111111111"));
        assert_eq!((more, allowed), (Some(false), Outcome::Passed), "{report}");
        assert!(report.contains("some of it less directly"), "{report}");
        assert!(!report.contains("nothing is removed") && !report.contains("the same: "), "{report}");
        // Of a resource in another account both sides decide in any case.
        let (more, report, allowed) = of_queue(narrow, wide, &queue("222222222222"));
        assert_eq!((more, allowed), (Some(false), Outcome::Passed), "{report}");
        assert!(!report.contains("directly") && !report.contains("identity policy"), "{report}");
        // In which account it is may be open.
        let (more, report, allowed) = of_queue(narrow, wide, &queue("*"));
        assert_eq!((more, allowed), (None, Outcome::Undecided), "{report}");
        assert!(report.contains("whether the resource is in account 111111111111"), "{report}");
        assert!(report.contains("some of it more directly"), "{report}");
    }
    // A root user needs no identity policy.
    let (more, report, allowed) = of_queue(&account_as_root, &root, &queue("111111111111"));
    assert_eq!((more, allowed), (Some(false), Outcome::Passed), "{report}");
    // Of several accounts, that of the queue counts.
    let two = both.replace(']', r#","arn:aws:iam::222222222222:role/s"]"#);
    let accounts = account.replace(r#""111111111111""#, r#"["222222222222","111111111111"]"#);
    for (queue_of, words) in [("111111111111", "r no longer"), ("222222222222", "s no longer")] {
        let (more, report, _) =
            of_queue(&accounts, &two.replace(r#"["1"#, r#"["222222222222","1"#), &queue(queue_of));
        assert_eq!(more, Some(true), "{report}");
        assert!(report.contains(words), "{report}");
    }
}

/// IAM guide, "Policy evaluation logic": an implicit deny of a boundary or session policy limits what is granted to a role,
/// and not what is granted to a user or session by its name, nor to everyone with an `aws:PrincipalArn` ("Principal"); of a
/// bare `*` nothing is said.
#[test]
fn what_a_bare_star_grants_within_the_account_is_open() {
    const PAGE: &str =
        "whether a permissions boundary or session policy limits what `Principal: \"*\"` grants";
    const USER: &str = "arn:aws:iam::111111111111:user/u";
    const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/r/s";
    const FEDERATED: &str = "arn:aws:sts::111111111111:federated-user/f";
    let by_arn = format!(r#","Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{USER}"}}}}"#);
    let of_account = r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#;
    let limited = r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#;
    for (named, condition, is_open) in [
        (USER, "", true),
        (SESSION, "", true),
        (FEDERATED, "", true),
        (SESSION, of_account, true),
        (USER, limited, true),
        ("arn:aws:iam::111111111111:role/r", "", false),
        ("arn:aws:iam::111111111111:role/r", limited, false),
        ("111111111111", of_account, false),
        (USER, by_arn.as_str(), false),
        ("arn:aws:sts::222222222222:assumed-role/r/s", "", false),
    ] {
        let star = format!(r#""Principal":{{"AWS":"*"}}{condition}"#);
        let both = format!(r#""Principal":{{"AWS":["*","{named}"]}}{condition}"#);
        for (old, new, more) in [(&star, &both, None), (&both, &star, Some(false))] {
            let (grants_more, report, allowed) = of_queue(old, new, "arn:aws:sqs:us-east-1:111111111111:q");
            assert_eq!(grants_more, if is_open { more } else { Some(false) }, "{named} {condition} {report}");
            assert_eq!(report.contains(PAGE), is_open, "{named} {condition} {report}");
            assert_eq!(report.contains("(proved, exact)"), !is_open, "{named} {condition} {report}");
            let passes = !is_open || more.is_some();
            assert_eq!(allowed, if passes { Outcome::Passed } else { Outcome::Undecided }, "{report}");
        }
        // On a queue of another account both sides have to allow it, however it is granted.
        let (more, report, _) = of_queue(&star, &both, "arn:aws:sqs:us-east-1:333333333333:q");
        assert_eq!(more, Some(false), "{named} {condition} {report}");
        assert!(report.contains("(proved, exact)") && !report.contains("by name now"), "{report}");
    }
    // What a condition on `aws:PrincipalArn` makes sure.
    let star = r#""Principal":"*""#;
    let (more, report, _) = of_queue(star, star, "arn:aws:sqs:us-east-1:111111111111:q");
    assert_eq!((more, report.contains(PAGE)), (Some(false), false), "{report}");
    let all_but = r#""NotPrincipal":{"AWS":"222222222222"}"#;
    let with_user = format!(
        r#""Principal":{{"AWS":"{USER}"}}}},{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111111111111:q",{all_but}"#
    );
    let (more, report, _) = of_queue(all_but, &with_user, "arn:aws:sqs:us-east-1:111111111111:q");
    assert_eq!((more, report.contains(PAGE)), (None, true), "{report}");
}

/// KMS guide, "Key policies": the policy of a key has to let someone of its account change it.
#[test]
fn the_account_of_a_key() {
    let root = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}"#;
    let role = |account: &str| {
        let role = format!("arn:aws:iam::{account}:role/r");
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{role}"}},"Action":"kms:Decrypt","Resource":"*"}}"#
        )
    };
    let account = |account: &str| role(account).replace("role/r", "root");
    let grants_more = |old: &[&str], new: &[&str]| {
        let read = |name: &str, statements: &[&str]| {
            let hints = Hints { kind: Some(Kind::Kms), ..Hints::default() };
            open_policy(Source::new(name, policy(CURRENT, &statements.join(","))), &hints)
        };
        compare(&read("old.json", old), &read("new.json", new)).change.grants_more_by_itself()
    };
    assert_eq!(grants_more(&[root], &[root, &role("111111111111")]), Some(true));
    assert_eq!(
        grants_more(
            &[root, &account("222222222222")],
            &[root, &account("222222222222"), &role("222222222222")]
        ),
        Some(false)
    );
    // Two accounts may change it, or none.
    let both = root.replace(r#""arn:aws:iam::111111111111:root""#, r#"["111111111111","222222222222"]"#);
    assert_eq!(grants_more(&[&both], &[&both, &role("111111111111")]), None);
    let [account, role] = [account("111111111111"), role("111111111111")];
    assert_eq!(grants_more(&[&account], &[&account, &role]), None);
}
