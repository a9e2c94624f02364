//! One thing made wider in a policy, and the answer must flip: broader one way, narrower the other.

use polmerge::Kind;
use polmerge::analyze::cover::Scope;
use polmerge::analyze::space::{Engine, Relation};
use polmerge::document::{Hints, open_policy};
use polmerge::policy::Statement;
use polmerge::source::Source;

fn read(statements: &str) -> Vec<Statement> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let document = open_policy(Source::new("test", text.clone()), &Hints::default());
    assert!(document.problems.is_empty(), "{text}: {:?}", document.problems);
    document.policy.statements
}

fn relation(old: &str, new: &str) -> Relation {
    let change = Engine::new(Scope { kind: Kind::Resource, resource: None }).relation(&read(old), &read(new));
    assert!(change.exact, "{:?}", change.unproved);
    change.relation
}

/// What a test asks for, and wider forms of it.
const TESTS: &[(&str, &[&str])] = &[
    (
        r#""StringEquals":{"k:a":"one"}"#,
        &[
            r#""StringEquals":{"k:a":["one","two"]}"#,
            r#""StringLike":{"k:a":"one*"}"#,
            r#""StringLike":{"k:a":"on?"}"#,
            r#""StringEqualsIgnoreCase":{"k:a":"one"}"#,
            r#""StringEqualsIfExists":{"k:a":"one"}"#,
            r#""StringNotEquals":{"k:a":"two"}"#,
            r#""Null":{"k:a":"false"}"#,
        ],
    ),
    (
        r#""StringNotEquals":{"k:b":["one","two"]}"#,
        &[r#""StringNotEquals":{"k:b":"one"}"#, r#""StringNotEqualsIfExists":{"k:b":"two"}"#],
    ),
    (
        r#""ArnLike":{"k:c":"arn:aws:s3:::bucket"}"#,
        &[
            r#""ArnLike":{"k:c":"arn:aws:s3:::bucket*"}"#,
            r#""ArnLike":{"k:c":"arn:aws:s3:*:*:bucket"}"#,
            r#""StringLike":{"k:c":"arn:aws:s3:*:bucket"}"#,
        ],
    ),
    (
        r#""NumericLessThan":{"k:n":"10"}"#,
        &[
            r#""NumericLessThan":{"k:n":"10.01"}"#,
            r#""NumericLessThanEquals":{"k:n":"10"}"#,
            r#""NumericNotEquals":{"k:n":"10"}"#,
        ],
    ),
    (
        r#""DateGreaterThan":{"k:d":"2024-02-01T00:00:00Z"}"#,
        &[
            r#""DateGreaterThan":{"k:d":"2024-01-31T23:59:59Z"}"#,
            r#""DateGreaterThanEquals":{"k:d":"2024-02-01"}"#,
        ],
    ),
    (
        r#""IpAddress":{"k:i":"10.1.0.0/16"}"#,
        &[
            r#""IpAddress":{"k:i":"10.0.0.0/15"}"#,
            r#""IpAddress":{"k:i":["10.1.0.0/16","10.2.0.1"]}"#,
            r#""NotIpAddress":{"k:i":["10.0.0.0/16","2001:db8::/32"]}"#,
        ],
    ),
    (r#""Bool":{"k:f":"true"}"#, &[r#""Bool":{"k:f":["true","false"]}"#, r#""BoolIfExists":{"k:f":"true"}"#]),
    (
        r#""ForAnyValue:StringEquals":{"k:m":"one"}"#,
        &[r#""ForAnyValue:StringEquals":{"k:m":["one","two"]}"#, r#""ForAnyValue:StringLike":{"k:m":"*"}"#],
    ),
    (
        r#""ForAllValues:StringEquals":{"k:o":"one"}"#,
        &[
            r#""ForAllValues:StringEquals":{"k:o":["one","two"]}"#,
            r#""ForAllValues:StringEquals":{"k:o":["one",""]}"#,
            r#""ForAllValues:StringNotEquals":{"k:o":"two"}"#,
        ],
    ),
];

const PRINCIPAL: (&str, &[&str]) = (
    r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
    &[
        r#""Principal":{"AWS":"111111111111"}"#,
        r#""Principal":{"AWS":["arn:aws:iam::111111111111:role/r","arn:aws:iam::222222222222:user/u"]}"#,
        r#""Principal":"*""#,
        r#""NotPrincipal":{"AWS":"arn:aws:iam::222222222222:user/u"}"#,
    ],
);
const ACTION: (&str, &[&str]) = (
    r#""Action":"s3:GetObject""#,
    &[
        r#""Action":"s3:GetObject*""#,
        r#""Action":"s3:Get?bject""#,
        r#""Action":["s3:GetObject","s3:PutObject"]"#,
        r#""NotAction":"s3:PutObject""#,
    ],
);
const RESOURCE: (&str, &[&str]) = (
    r#""Resource":"arn:aws:s3:::b/x""#,
    &[
        r#""Resource":"arn:aws:s3:::b/x*""#,
        r#""Resource":"arn:aws:s3:*::b/x""#,
        r#""Resource":["arn:aws:s3:::b/x","arn:aws:s3:::b/y"]"#,
        r#""NotResource":"arn:aws:s3:::b/y""#,
        r#""Resource":"*""#,
    ],
);

/// A statement of parts, some of which may be exchanged.
fn statement(effect: &str, parts: [&str; 3], tests: &[&str]) -> String {
    let condition = match tests {
        [] => String::new(),
        tests => format!(r#","Condition":{{{}}}"#, tests.join(",")),
    };
    format!(r#"{{"Effect":"{effect}",{}{condition}}}"#, parts.join(","))
}

/// The wider statement is broader, the other way round narrower, and as a Deny it is the reverse.
fn flips(narrow: [&str; 3], wide: [&str; 3], tests: &[&str], wider: &[&str]) {
    let (old, new) = (statement("Allow", narrow, tests), statement("Allow", wide, wider));
    assert_eq!(relation(&old, &new), Relation::Broader, "{old} {new}");
    assert_eq!(relation(&new, &old), Relation::Narrower, "{old} {new}");
    let all = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
    let deny = |statement: &str| format!("{all},{}", statement.replace("\"Allow\"", "\"Deny\""));
    assert_eq!(relation(&deny(&old), &deny(&new)), Relation::Narrower, "Deny {old} {new}");
    assert_eq!(relation(&deny(&new), &deny(&old)), Relation::Broader, "Deny {old} {new}");
    // Beside a statement that grants something else it is the same.
    let other = r#"{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"sqs:*","Resource":"arn:aws:sqs:::*"}"#;
    assert_eq!(
        relation(&format!("{other},{old}"), &format!("{new},{other}")),
        Relation::Broader,
        "{old} {new}"
    );
}

#[test]
fn a_wider_element() {
    // With every test at once, each of another type.
    let tests: Vec<&str> = TESTS.iter().step_by(2).map(|(test, _)| *test).collect();
    for (at, (_, wider)) in [PRINCIPAL, ACTION, RESOURCE].into_iter().enumerate() {
        let narrow = [PRINCIPAL.0, ACTION.0, RESOURCE.0];
        for wide in wider {
            let mut parts = narrow;
            parts[at] = wide;
            flips(narrow, parts, &[], &[]);
            flips(narrow, parts, &tests, &tests);
        }
    }
}

#[test]
fn a_wider_test() {
    let parts = [PRINCIPAL.0, ACTION.0, RESOURCE.0];
    for (at, (test, wider)) in TESTS.iter().enumerate() {
        let beside = TESTS[(at + 1) % TESTS.len()].0;
        flips(parts, parts, &[test], &[]);
        flips(parts, parts, &[test, beside], &[beside]);
        for wide in *wider {
            flips(parts, parts, &[test], &[wide]);
            // No two tests of one operator, which a block cannot have.
            let operator = |test: &str| test.split(':').take(2).collect::<String>();
            if operator(wide) != operator(beside) && operator(test) != operator(beside) {
                flips(parts, parts, &[test, beside], &[wide, beside]);
            }
        }
    }
}

/// What is asked of the caller, and wider forms of it.
const OF_CALLERS: &[(&str, &[&str])] = &[
    (
        r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/r"}"#,
        &[
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/r"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#,
            r#""StringEquals":{"aws:PrincipalType":"AssumedRole"}"#,
        ],
    ),
    (
        r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#,
        &[
            r#""StringEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}"#,
            r#""StringLike":{"aws:PrincipalAccount":"1*"}"#,
            r#""Null":{"aws:PrincipalArn":"false"}"#,
        ],
    ),
    (
        r#""StringEquals":{"kms:CallerAccount":"111111111111"}"#,
        &[
            r#""StringEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}"#,
            r#""StringEquals":{"kms:CallerAccount":["111111111111","222222222222"]}"#,
            r#""StringEqualsIfExists":{"kms:CallerAccount":"111111111111"}"#,
            r#""StringNotEquals":{"kms:CallerAccount":"222222222222"}"#,
        ],
    ),
    (
        r#""StringEquals":{"aws:PrincipalType":"User"}"#,
        &[
            r#""StringLike":{"aws:PrincipalType":"*User"}"#,
            r#""StringNotEquals":{"aws:PrincipalType":"Account"}"#,
        ],
    ),
];

#[test]
fn a_wider_test_of_the_caller() {
    let parts = [r#""Principal":"*""#, r#""Action":"kms:Decrypt""#, r#""Resource":"*""#];
    for (test, wider) in OF_CALLERS {
        for wide in *wider {
            flips(parts, parts, &[test], &[wide]);
        }
    }
    // To requests of KMS, both accounts are one.
    let of =
        |key: &str| statement("Allow", parts, &[&format!(r#""StringEquals":{{"{key}":"111111111111"}}"#)]);
    assert_eq!(relation(&of("kms:CallerAccount"), &of("aws:PrincipalAccount")), Relation::Equivalent);
}
