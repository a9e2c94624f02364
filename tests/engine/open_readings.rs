//! What AWS's documentation leaves open: an answer that is the same in every reading is exact, one that is not says
//! what it depends on.

use polmerge::Kind;
use polmerge::analyze::cover::{Cut, Scope};
use polmerge::analyze::space::{Answer, Change, Engine, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

fn read(statements: &[&str]) -> Vec<Statement> {
    if statements.is_empty() {
        return Vec::new();
    }
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = open_policy(Source::new("test", text.clone()), &Hints::default());
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements
}

fn engine(kind: Kind) -> Engine<'static> {
    Engine::new(Scope { kind, resource: None })
}

fn allow(rest: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"s3:GetObject",{rest}}}"#)
}

fn with(condition: &str) -> String {
    allow(&format!(r#""Resource":"*","Condition":{condition}"#))
}

fn relation(old: &[&str], new: &[&str]) -> Change {
    engine(Kind::Identity).relation(&read(old), &read(new))
}

/// That two policies differ in one reading and not in another, with the words that say which.
fn is_open(old: &[&str], new: &[&str], words: &str) {
    for (old, new) in [(old, new), (new, old)] {
        let change = relation(old, new);
        assert_eq!(
            (change.relation, change.exact),
            (Relation::Unproved, false),
            "{old:?} {new:?}: {change:?}"
        );
        assert!(change.unproved.iter().any(|why| why.contains(words)), "{:?}", change.unproved);
        assert!(change.assumptions.iter().any(|note| note.contains(words)), "{:?}", change.assumptions);
        assert!(change.added.is_empty() && change.removed.is_empty(), "{change:?}");
    }
}

fn is_sure(old: &[&str], new: &[&str], relation: Relation) {
    let change = self::relation(old, new);
    assert_eq!((change.relation, change.exact), (relation, true), "{old:?} {new:?}: {change:?}");
    assert!(!change.assumptions.iter().any(|note| note.contains("open")), "{:?}", change.assumptions);
}

#[test]
fn letters_beyond_ascii_dates_and_twin_keys() {
    let one =
        |operator: &str, key: &str, value: &str| with(&format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#));
    let user = |value: &str| one("StringEqualsIgnoreCase", "aws:username", value);
    let before = |value: &str| one("DateLessThan", "aws:CurrentTime", value);
    is_open(&[&user("ä")], &[&user("Ä")], "letters beyond ASCII");
    is_sure(&[&user("ä")], &[&user("b")], Relation::Incomparable);
    is_sure(&[&user("ä")], &[&user("ä")], Relation::Equivalent);
    is_sure(&[&user("A")], &[&user("a")], Relation::Equivalent);
    is_open(&[&before("2020")], &[&before("2020-01-01T00:00:00Z")], "four digits");
    is_sure(&[&before("2020")], &[&before("2020")], Relation::Equivalent);
    is_sure(&[&before("2020-01")], &[&before("2020-01-01T00:00:00Z")], Relation::Equivalent);
    let fraction = |digits: &str| before(&format!("2020-01-01T00:00:00{digits}Z"));
    is_open(&[&fraction(".5")], &[&fraction(".9")], "fractions of a second");
    is_sure(&[&fraction(".5")], &[&fraction(".5")], Relation::Equivalent);
    let tags = |tags: &str| with(&format!(r#"{{"StringEquals":{{{tags}}}}}"#));
    let twins = tags(r#""aws:PrincipalTag/A":"a","aws:PrincipalTag/a":"b""#);
    is_open(&[&twins], &[&tags(r#""aws:PrincipalTag/A":["a","b"]"#)], "differ only in case");
    is_sure(&[&twins], &[&twins], Relation::Equivalent);
    let apart = r#""aws:PrincipalTag/A":"a","aws:PrincipalTag/b":"b""#;
    is_sure(&[&tags(apart)], &[&tags(r#""aws:PrincipalTag/A":"a""#)], Relation::Broader);
}

#[test]
fn a_pattern_of_less_than_an_arn() {
    for pattern in [
        "*",
        "**",
        "arn:aws:sns",
        "arn:aws:sns:*",
        "arn:*",
        "arn:aws:*:t",
        "arn:aws:sns:*t",
        "*:t",
        "*111111111111*",
    ] {
        let test = with(&format!(r#"{{"ArnLike":{{"k:arn":"{pattern}"}}}}"#));
        is_open(&[], &[&test], "fewer than six segments");
        // The same is the same in every reading; so is what is wider in each.
        is_sure(&[&test], &[&test, &test], Relation::Equivalent);
        is_sure(&[&test], &[&with("{}")], Relation::Broader);
        // What is new in every reading is new.
        let more = with(r#"{"StringEquals":{"k:other":"x"}}"#);
        is_sure(&[&test], &[&test, &more], Relation::Broader);
    }
    let negated = with(r#"{"ArnNotLike":{"k:arn":"*"},"Null":{"k:arn":"false"}}"#);
    is_open(
        &[&with(r#"{"StringNotLike":{"k:arn":"arn:*:*:*:*:*"},"Null":{"k:arn":"false"}}"#)],
        &[&negated],
        "fewer than six segments",
    );
    // No ARN begins so.
    is_sure(&[], &[&with(r#"{"ArnLike":{"k:arn":["x","x*:y"]}}"#)], Relation::Equivalent);
}

#[test]
fn a_star_at_the_end_of_a_segment() {
    let on = |resource: &str| allow(&format!(r#""Resource":"{resource}""#)).replace("s3:GetObject", "*");
    for (short, full) in [
        ("arn:aws:dynamodb:*:table/prod-*", "arn:aws:dynamodb:*:*:table/prod-*"),
        ("arn:aws:sns:*:t", "arn:aws:sns:*:*:t"),
        ("arn:aws:logs:*:log-group:/x:*", "arn:aws:logs:*:*:log-group:/x:*"),
        ("arn:aws:*:t", "arn:aws:sns:us-east-1:111111111111:t"),
    ] {
        let change = relation(&[&on(full)], &[&on(full), &on(short)]);
        assert!(change.removed.is_empty() && change.relation != Relation::Narrower, "{change:?}");
        let change = relation(&[], &[&on(full)]);
        assert_eq!((change.relation, change.exact), (Relation::Broader, true));
        let change = relation(&[&on(short)], &[&on(full)]);
        assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{short}: {change:?}");
        assert!(change.unproved.iter().any(|why| why.contains("beyond the colon")), "{change:?}");
        is_sure(&[&on(short)], &[&on("*")], Relation::Broader);
    }
    // Those that line up mean one thing.
    for resource in [
        "arn:aws:sqs:*:111111111111:q",
        "arn:aws:s3:::b*",
        "arn:aws:s3:*:*:accesspoint/x",
        "arn:aws:ec2:*:*:instance/*",
        "arn:aws:iam::*:role/x",
        "arn:*:s3:::b/*",
        "arn:aws:logs:*:*:*",
        "arn:aws:s3:*",
        "arn:aws:newservice:*:*:x/y",
    ] {
        let change = relation(&[], &[&on(resource)]);
        assert_eq!(change.relation, Relation::Broader, "{resource}: {change:?}");
        let change = relation(&[&on(resource)], &[&on("arn:aws:s3:::other")]);
        assert!(!change.unproved.iter().any(|why| why.contains("colon")), "{resource}: {change:?}");
    }
}

#[test]
fn a_name_is_no_account() {
    let one =
        |resource: &str| allow(&format!(r#""Resource":"{resource}""#)).replace("s3:GetObject", "sns:Publish");
    // In one reading the name stands where the account is, and nothing is granted.
    is_open(&[], &[&one("arn:aws:sns:*:topic")], "beyond the colon");
    is_sure(&[], &[&one("arn:aws:sns:*:*:topic")], Relation::Broader);
}

#[test]
fn several_values_and_a_plain_operator() {
    let both = with(r#"{"StringEquals":{"k:m":"a"},"ForAnyValue:StringEquals":{"k:m":"b"}}"#);
    is_open(&[], &[&both], "several values");
    is_sure(&[&both], &[&with(r#"{"ForAnyValue:StringEquals":{"k:m":"b"}}"#)], Relation::Broader);
    // A key that has several values, though no operator says so.
    let tags = |condition: &str, effect: &str| {
        with(condition).replace("Allow", effect).replace("s3:GetObject", "ec2:CreateTags")
    };
    let (one, other) = (
        tags(r#"{"StringEquals":{"aws:TagKeys":"a"}}"#, "Allow"),
        tags(r#"{"StringEquals":{"aws:TagKeys":"b"}}"#, "Deny"),
    );
    // What the Deny takes from the grant.
    let taken = |one: &str, other: &str| engine(Kind::Identity).beyond(&read(&[one]), &read(&[one, other]));
    let found = taken(&one, &other);
    assert!(found.requests.is_empty() && found.unproved.iter().any(|why| why.contains("several values")));
    let single = |text: &str| text.replace("aws:TagKeys", "aws:RequestTag/a");
    let found = taken(&single(&one), &single(&other));
    assert!(found.requests.is_empty() && found.unproved.is_empty(), "{:?}", found.unproved);
}

#[test]
fn a_list_of_empty_texts() {
    let all = |more: &str| with(&format!(r#"{{"ForAllValues:StringEquals":{{"k:m":"a"}}{more}}}"#));
    let there = all(r#","Null":{"k:m":"false"}"#);
    let any = with(r#"{"ForAllValues:StringEquals":{"k:m":"a"},"ForAnyValue:StringEquals":{"k:m":"a"}}"#);
    // But for a list of empty texts they would be the same.
    is_open(&[&any], &[&there], "empty texts");
    is_sure(&[&all("")], &[&there], Relation::Narrower);
    is_sure(&[&there], &[&there.replace(r#""a""#, r#"["a","b"]"#)], Relation::Broader);
    // It is never needless beside the other.
    let both = read(&[&any, &there]);
    assert_eq!(engine(Kind::Identity).redundant(&both).statements, [0]);
}

#[test]
fn an_exception_without_the_levels_above() {
    let role = "arn:aws:iam::111111111111:role/r";
    let session = "arn:aws:sts::111111111111:assumed-role/r/s";
    let deny = |principal: &str| {
        format!(r#"{{"Effect":"Deny",{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#)
    };
    let but = |listed: &[&str]| deny(&format!(r#""NotPrincipal":{{"AWS":{listed:?}}}"#));
    let everyone = deny(r#""Principal":"*""#);
    let allow = everyone.replace("Deny", "Allow");
    let relation = |old: &[&str], new: &[&str]| {
        let change = engine(Kind::S3).relation(&read(old), &read(new));
        (change.relation, change.exact, change.assumptions.iter().any(|note| note.contains("NotPrincipal")))
    };
    for listed in [&[role][..], &[session], &[role, session]] {
        let partial = but(listed);
        assert_eq!(relation(&[&allow, &everyone], &[&allow, &partial]), (Relation::Unproved, false, true));
        assert_eq!(relation(&[&allow, &partial], &[&allow, &partial, &partial]).0, Relation::Equivalent);
        assert_eq!(relation(&[&allow, &partial], &[&allow]).0, Relation::Broader);
    }
    let (account, partial) = (but(&["111111111111"]), but(&["111111111111", session]));
    assert_eq!(relation(&[&allow, &account], &[&allow, &partial]), (Relation::Unproved, false, true));
    let whole = but(&["111111111111", role, session]);
    assert_eq!(relation(&[&allow, &everyone], &[&allow, &whole]), (Relation::Broader, true, false));
}

#[test]
fn an_account_in_two_partitions() {
    let on = |principal: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#
        )
    };
    let (usual, other) = (on("arn:aws:iam::111111111111:root"), on("arn:aws-us-gov:iam::111111111111:root"));
    let relation = |old: &str, new: &str| {
        let change = engine(Kind::S3).relation(&read(&[old]), &read(&[new]));
        (change.relation, change.exact)
    };
    assert_eq!(relation(&usual, &other), (Relation::Unproved, false));
    assert_eq!(relation(&other, &other), (Relation::Equivalent, true));
    // A bare id is an account of the partition that the policy is in.
    assert_eq!(relation(&on("111111111111"), &other), (Relation::Unproved, false));
    assert_eq!(relation(&on("111111111111"), &usual), (Relation::Equivalent, true));
    // No one of another partition calls this bucket.
    let with = |condition: &str| usual.replace("\"Effect\"", &format!(r#""Condition":{condition},"Effect""#));
    let by_type = with(r#"{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}"#);
    let by_arn = with(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}}"#);
    assert_eq!(relation(&by_type, &by_arn), (Relation::Equivalent, true));
}

/// There is one role of a name, whatever its path.
#[test]
fn the_role_of_a_session() {
    let role = "arn:aws:iam::111111111111:role/r";
    let session = "arn:aws:sts::111111111111:assumed-role/r/s";
    let on = |principal: &str, action: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
        )
    };
    let of_session = on(session, "s3:PutObject", "{}");
    let change = engine(Kind::S3).relation(
        &read(&[&on(role, "s3:GetObject", "{}"), &of_session]),
        &read(&[
            &on(role, "s3:GetObject", &format!(r#"{{"ArnEquals":{{"aws:PrincipalArn":"{role}"}}}}"#)),
            &of_session,
        ]),
    );
    assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{change:?}");
}

/// What the request puts in place of a variable is compared as its operator does.
#[test]
fn a_variable_under_two_operators() {
    let on = |operator: &str, value: &str| with(&format!(r#"{{"{operator}":{{"k:x":"{value}"}}}}"#));
    let variable = "${aws:PrincipalTag/x}";
    for (one, other, same) in [
        ("StringEquals", "StringLike", true),
        ("StringEquals", "StringEqualsIgnoreCase", false),
        ("StringLike", "StringEqualsIgnoreCase", false),
    ] {
        let change = relation(&[&on(one, variable)], &[&on(other, variable)]);
        assert_eq!(change.relation == Relation::Equivalent, same, "{one} {other} {change:?}");
    }
    let arn = "arn:aws:sns:${aws:PrincipalTag/x}:111111111111:t";
    assert_ne!(
        relation(&[&on("StringEquals", arn)], &[&on("ArnEquals", arn)]).relation,
        Relation::Equivalent
    );
    // A variable may be one of the few values that a key has.
    let of_type = with(r#"{"StringEquals":{"aws:PrincipalType":"${aws:PrincipalTag/x}"}}"#);
    is_sure(&[], &[&of_type], Relation::Broader);
}

/// Of a key that has one value in each request it makes no difference how several would be taken.
#[test]
fn a_set_operator_and_a_key_of_one_value() {
    for key in ["aws:SourceVpc", "aws:PrincipalOrgID", "aws:PrincipalTag/x"] {
        let test = |operator: &str| with(&format!(r#"{{"{operator}":{{"{key}":"a"}}}}"#));
        is_sure(&[&test("StringEquals")], &[&test("ForAnyValue:StringEquals")], Relation::Equivalent);
        // Only the plain one passes a request without the key.
        is_sure(&[&test("StringNotEquals")], &[&test("ForAnyValue:StringNotEquals")], Relation::Narrower);
        is_sure(&[&test("StringEquals")], &[&test("ForAllValues:StringEquals")], Relation::Broader);
    }
    for key in ["aws:TagKeys", "foo:bar"] {
        let test = |operator: &str| with(&format!(r#"{{"{operator}":{{"{key}":"a"}}}}"#));
        let change = relation(&[&test("StringEquals")], &[&test("ForAnyValue:StringEquals")]);
        assert_ne!((change.relation, change.exact), (Relation::Equivalent, true), "{key} {change:?}");
    }
}

/// IAM guide, "IAM policy elements: Variables and tags": a variable is a key of one value, without white space or another
/// variable in it. What AWS makes of others is not documented.
#[test]
fn what_is_no_variable_is_not_known() {
    let on = |resource: &str| allow(&format!(r#""Resource":"arn:aws:s3:::b/{resource}/*""#));
    for unread in [
        "${aws: username}",
        "${}",
        "${aws:PrincipalTag/${aws:username}}",
        "${aws:TagKeys}",
        "${aws:PrincipalOrgPaths}",
        "${aws:username, x}",
        "${aws:username",
    ] {
        let change = relation(&[], &[&on(unread)]);
        assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{unread} {change:?}");
        is_sure(&[&on(unread)], &[&on(unread), &on(unread)], Relation::Equivalent);
        let all = allow(r#""Resource":"arn:aws:s3:::b/*""#);
        is_sure(&[&all], &[&all, &on(unread)], Relation::Equivalent);
        let test = with(&format!(r#"{{"StringEquals":{{"k:x":"{unread}"}}}}"#));
        let change = relation(&[], &[&test]);
        assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{unread} {change:?}");
    }
    for read in ["${aws:username}", "${aws:PrincipalTag/a b}", "${aws:username, 'x y'}", "${*}"] {
        is_sure(&[], &[&on(read)], Relation::Broader);
    }
}

/// IAM guide, "AWS JSON policy elements: NotPrincipal", has an account beside the user or role of it that a Deny spares.
#[test]
fn an_account_alone_in_not_principal() {
    let words = "`NotPrincipal` with an account";
    let (root, user) = ("arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/u");
    let of = |effect: &str, principal: &str| {
        format!(r#"{{"Effect":"{effect}",{principal},"Action":"sqs:SendMessage","Resource":"*"}}"#)
    };
    let but = |effect: &str, listed: &[&str]| of(effect, &format!(r#""NotPrincipal":{{"AWS":{listed:?}}}"#));
    let to = |effect: &str, principal: &str| of(effect, &format!(r#""Principal":{principal}"#));
    let (all, role) = (to("Allow", r#""*""#), r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#);
    let other = r#"{"AWS":"arn:aws:iam::222222222222:role/r"}"#;
    let engine = engine(Kind::Sqs);
    let relation = |old: &[&str], new: &[&str]| engine.relation(&read(old), &read(new));
    for account in [root, "111111111111"] {
        let (allow, deny) = (but("Allow", &[account]), but("Deny", &[account]));
        let others = to("Deny", r#""*""#).replace(
            "\"Action\"",
            r#""Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111111111111"}},"Action""#,
        );
        for (old, new) in
            [([&*allow, &allow], [&*allow, &to("Allow", role)]), ([&all, &others], [&all, &deny])]
        {
            let change = relation(&old, &new);
            assert!(
                !change.exact && change.assumptions.iter().any(|note| note.contains(words)),
                "{change:?}"
            );
        }
        // Others are let in, and denied, however it is read.
        let change = relation(&[&allow], &[&allow, &to("Allow", other)]);
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{change:?}");
        let change = relation(&[&all, &deny], &[&all, &deny, &to("Deny", other)]);
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{change:?}");
        // As what is forbidden, it is about all of the account.
        let limit = Engine { to_limit: true, ..engine };
        let common = |ours: &str| limit.common(&read(&[ours]), &read(&[&allow]));
        let found = common(&to("Allow", role));
        assert!(found.requests.is_empty() && found.unproved.is_empty(), "{found:?}");
        assert_eq!(common(&to("Allow", other)).requests.len(), 1);
        assert!(!common(&allow).requests.is_empty());
    }
    let common = |ours: &str| engine.common(&read(&[ours]), &read(&[&but("Allow", &[root])]));
    assert!(!common(&to("Allow", role)).unproved.is_empty(), "a policy is open");
    // As documented: the others of the account are denied.
    let deny = but("Deny", &[root, user]);
    let change = relation(&[&to("Allow", role)], &[&to("Allow", role), &deny]);
    assert_eq!((change.relation, change.exact), (Relation::Narrower, true), "{change:?}");
}

/// What is neither true nor false, no base64, no number, no date or no address: not even what it says of a request without
/// the key.
#[test]
fn a_value_that_its_operator_cannot_read() {
    let all = allow(r#""Resource":"*""#);
    let with_key =
        |operator: &str, key: &str, value: &str| with(&format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#));
    let key = "aws:PrincipalTag/a";
    for (operator, key, value, words) in [
        ("Bool", "aws:SecureTransport", "0", "neither `true` nor `false`"),
        ("Bool", key, "no", "neither `true` nor `false`"),
        ("Bool", key, "", "neither `true` nor `false`"),
        ("Bool", key, "False ", "neither `true` nor `false`"),
        ("Null", key, "no", "neither `true` nor `false`"),
        ("BinaryEquals", key, "!!", "no base64"),
        ("NumericEquals", "s3:max-keys", "abc", "not a number"),
        ("NumericNotEquals", key, "abc", "not a number"),
        ("NumericLessThanIfExists", key, "1h", "not a number"),
        ("DateNotEquals", "aws:CurrentTime", "abc", "not a date"),
        ("DateGreaterThan", "aws:CurrentTime", "soon", "not a date"),
        ("IpAddress", "aws:SourceIp", "10.0.0", "not an address"),
        ("NotIpAddress", "aws:SourceIp", "abc", "not an address"),
        ("ForAllValues:NotIpAddress", "foo:ips", "abc", "not an address"),
    ] {
        let test = with_key(operator, key, value);
        is_open(&[], &[&test], words);
        is_open(&[&all], &[&all, &test.replace("Allow", "Deny")], words);
        is_sure(&[&test], &[&test], Relation::Equivalent);
    }
    for (operator, value) in [("Bool", "False"), ("Null", "TRUE"), ("BinaryEquals", "YQ==")] {
        is_sure(&[], &[&with_key(operator, key, value)], Relation::Broader);
    }
}

/// Whether a tag that is no number is a number other than ten, AWS does not say.
#[test]
fn a_negated_operator_and_a_value_of_another_type() {
    let words = "not of the operator's type";
    let with_key =
        |operator: &str, key: &str, value: &str| with(&format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#));
    for (negated, plain, key, of_type, value) in [
        ("NumericNotEquals", "NumericEquals", "aws:PrincipalTag/a", "s3:max-keys", "10"),
        ("NotIpAddress", "IpAddress", "foo:ip", "aws:SourceIp", "10.0.0.0/8"),
        ("DateNotEquals", "DateEquals", "aws:PrincipalTag/a", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
    ] {
        let all = allow(r#""Resource":"*""#);
        let denied = |key: &str| with_key(plain, key, value).replace("Allow", "Deny");
        let [tested, listed] = [key, of_type].map(|key| with_key(negated, key, value));
        let change = relation(&[&tested], &[&all, &denied(key)]);
        assert!(!change.exact && change.assumptions.iter().any(|note| note.contains(words)), "{change:?}");
        is_sure(&[&tested], &[&tested], Relation::Equivalent);
        // What comes in any case is new.
        is_sure(&[&tested], &[&all], Relation::Broader);
        let listed = relation(&[&listed], &[&all, &denied(of_type)]);
        assert!(!listed.assumptions.iter().any(|note| note.contains(words)), "{listed:?}");
    }
}

#[test]
fn what_a_deny_takes() {
    let allow = read(&[&with("{}")]).remove(0);
    let cut = |condition: &str| {
        let deny = read(&[&with(condition).replace("Allow", "Deny")]);
        engine(Kind::Identity).cut(&deny.iter().collect::<Vec<_>>(), &allow)
    };
    let perhaps = cut(r#"{"ArnLikeIfExists":{"k:arn":"*"}}"#);
    assert_eq!(perhaps.cut, Cut::Part);
    assert!(perhaps.by[0].1.is_ok(), "without the key it denies in every reading");
    let perhaps = cut(r#"{"ArnLike":{"k:arn":"*"}}"#);
    assert!(perhaps.by[0].1.is_err() && perhaps.cut == Cut::Part, "{perhaps:?}");
}

/// VPC guide, "Gateway endpoints", under "Endpoint policies": with an account or its root ARN, "access is granted to the
/// AWS account root user only, and not to all IAM users and roles for the account".
#[test]
fn principals_of_endpoint_policies() {
    let to = |principal: &str, action: &str| {
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Principal":{principal}}}"#)
    };
    let everyone = |action: &str| {
        let condition = r#"{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#;
        format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Principal":"*","Condition":{condition}}}"#
        )
    };
    let relation = |kind: Kind, old: &str, new: &str| engine(kind).relation(&read(&[old]), &read(&[new]));
    let account = r#"{"AWS":"111111111111"}"#;
    let words = "whom the policy of a gateway endpoint means";
    for action in ["s3:GetObject", "dynamodb:GetItem", "*"] {
        let change = relation(Kind::Endpoint, &to(account, action), &everyone(action));
        assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{action} {change:?}");
        assert!(change.assumptions.iter().any(|note| note.contains(words)), "{change:?}");
        let role = r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#;
        let change = relation(Kind::Endpoint, &to(role, action), &to(account, action));
        assert_eq!(change.relation, Relation::Broader, "{action} {change:?}");
    }
    // Interface endpoints take principals, and other kinds of policy are no matter of endpoints.
    for (kind, action) in [(Kind::Endpoint, "sqs:SendMessage"), (Kind::S3, "s3:GetObject")] {
        let change = relation(kind, &to(account, action), &everyone(action));
        assert_eq!((change.relation, change.exact), (Relation::Equivalent, true), "{action} {change:?}");
    }
    // Who is not named in a condition is the same however it is read.
    let change = relation(Kind::Endpoint, &to(account, "s3:GetObject"), &to(account, "s3:Get*"));
    assert_eq!((change.relation, change.exact), (Relation::Broader, true), "{change:?}");
}

/// IAM guide, "AWS global condition context keys": `aws:PrincipalAccount` is in "all requests", while nothing says which
/// account a service has that calls by itself.
#[test]
fn the_account_of_a_service() {
    let service = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    let to = |principal: &str, condition: &str| {
        read(&[&format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":{condition}}}"#
        )])
    };
    let relation = |principal: &str, condition: &str| {
        let change = engine(Kind::S3).relation(&to(principal, "{}"), &to(principal, condition));
        (change.relation, change.exact)
    };
    for condition in [
        r#"{"Null":{"aws:PrincipalAccount":"true"}}"#,
        r#"{"Null":{"aws:PrincipalArn":"true"}}"#,
        r#"{"StringEqualsIfExists":{"aws:PrincipalAccount":"111111111111"}}"#,
        r#"{"ArnLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}}"#,
    ] {
        assert_eq!(relation(service, condition), (Relation::Unproved, false), "{condition}");
    }
    // No account of AWS is one that somebody names, and who has an ARN has the keys.
    let other = r#"{"StringNotEquals":{"aws:PrincipalAccount":"111111111111"}}"#;
    assert_eq!(relation(service, other), (Relation::Equivalent, true));
    let role = r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#;
    let absent = r#"{"Null":{"aws:PrincipalArn":"true"}}"#;
    assert_eq!(relation(role, absent), (Relation::Narrower, true));
}

/// STS API reference, "AssumeRoleWithSAML": "you must create an IAM role that specifies this SAML provider in its trust
/// policy".
#[test]
fn everyone_in_a_trust_policy_and_users_of_identity_providers() {
    let statement = |effect: &str, principal: &str, action: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"{action}"}}"#)
    };
    let relation = |old: &[&str], new: &[&str]| engine(Kind::Trust).relation(&read(old), &read(new));
    let provider = r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/x"}"#;
    let saml = "sts:AssumeRoleWithSAML";
    let everyone = statement("Allow", r#"{"AWS":"*"}"#, saml);
    let both = [everyone.as_str(), &statement("Allow", provider, saml)];
    let change = relation(&[&everyone], &both);
    assert_eq!((change.relation, change.exact), (Relation::Unproved, false), "{change:?}");
    assert!(change.unproved.iter().any(|why| why.contains("identity providers")), "{:?}", change.unproved);
    // A Deny for everyone denies them, too.
    let denied = [both[1], &statement("Deny", r#""*""#, "sts:*")];
    let change = relation(&[both[1]], &denied);
    assert_eq!((change.relation, change.exact), (Relation::Narrower, true), "{change:?}");
    // Other calls are not theirs.
    let plain = |principal: &str| statement("Allow", principal, "sts:AssumeRole");
    let role = r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#;
    let change = relation(&[&plain(role)], &[&plain(r#"{"AWS":"*"}"#)]);
    assert_eq!((change.relation, change.exact), (Relation::Broader, true), "{change:?}");
}

/// IAM guide, "IAM identifiers": the ARN of a session has the name of its role, without the path. There is one role of a name.
#[test]
fn a_session_of_a_role_that_is_named() {
    let session = "arn:aws:sts::111111111111:assumed-role/r/s";
    let to = |effect: &str, principal: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#
        )
    };
    let engine = engine(Kind::S3);
    for role in ["arn:aws:iam::111111111111:role/r", "arn:aws:iam::111111111111:role/p/r"] {
        let change = engine
            .relation(&read(&[&to("Allow", role)]), &read(&[&to("Allow", role), &to("Allow", session)]));
        assert!(
            change.assumptions.iter().any(|note| note.contains("the only one of its name")),
            "{change:?}"
        );
        // What is there is not taken away for that.
        let all = read(&[
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
            &to("Deny", role),
            &to("Deny", session),
        ]);
        assert!(!engine.redundant(&all).statements.contains(&2), "{role}");
        assert_ne!(engine.spared(&all[2], &[&all[0], &all[1]]).answer, Answer::Covered, "{role}");
        let denies: Vec<&Statement> = all[1..2].iter().collect();
        assert_ne!(engine.cut(&denies, &read(&[&to("Allow", session)])[0]).cut, Cut::All, "{role}");
    }
    let other = "arn:aws:iam::111111111111:role/q";
    let change =
        engine.relation(&read(&[&to("Allow", other)]), &read(&[&to("Allow", other), &to("Allow", session)]));
    assert!(
        change.exact && !change.assumptions.iter().any(|note| note.contains("of its name")),
        "{change:?}"
    );
}
