//! Compacting: the same access by the engine and by the evaluator, never longer, and twice is once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test program")]

use polmerge::analyze::cover::Scope;
use polmerge::analyze::evaluate::{Asked, Grip, Prepared};
use polmerge::analyze::request::{Caller, Context, ContextValue, Request};
use polmerge::analyze::space::{Engine, Relation};
use polmerge::compact::{Change, Compacted, Options, Proof, compact};
use polmerge::document::{Document, Hints, open, open_policy};
use polmerge::lint::{Settings, lint};
use polmerge::policy::Effect;
use polmerge::{Kind, Source};
use proptest::prelude::*;
use proptest::sample::select;

use crate::corpus;
use crate::draws;

fn document(text: &str, kind: Option<Kind>) -> Document {
    open_policy(Source::new("test.json", text), &Hints { kind, ..Hints::default() })
}

const PLAIN: Options = Options { drop_sids: false, wildcards: false };
const ALL: [Options; 4] = [
    PLAIN,
    Options { drop_sids: true, wildcards: false },
    Options { drop_sids: false, wildcards: true },
    Options { drop_sids: true, wildcards: true },
];

fn compacted(text: &str, kind: Kind) -> Compacted {
    compact(&document(text, Some(kind)), PLAIN).unwrap()
}

/// The result of a policy of identity statements, without the policy around it.
fn statements(statements: &str) -> String {
    let around = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let result = compacted(&around(statements), Kind::Identity);
    assert_eq!(result.proof, Proof::Proved);
    let start = around("").len() - 2;
    result.text[start..result.text.len() - 2].to_owned()
}

#[test]
fn statements_that_others_cover() {
    let (wide, narrow) = (
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
        r#"{"Sid":"N","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}"#,
    );
    assert_eq!(statements(&format!("{narrow},{wide}")), wide);
    // Two together cover a third, and of two that need each other one stays.
    let (a, b) = (
        r#"{"Sid":"A","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}"#,
        r#"{"Sid":"B","Effect":"Allow","Action":["s3:List*","s3:Put*"],"Resource":"*"}"#,
    );
    let both = r#"{"Sid":"C","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}"#;
    assert_eq!(statements(&format!("{both},{a},{b}")), format!("{a},{b}"));
    let again = a.replace("\"A\"", "\"D\"");
    assert_eq!(statements(&format!("{a},{again}")), a);
    let nameless = a.replace(r#""Sid":"A","#, "");
    assert_eq!(statements(&format!("{nameless},{a}")), a, "a Sid is kept rather than none");
    // What is denied need not be allowed.
    let deny = r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}"#;
    assert_eq!(statements(&format!("{narrow},{deny}")), deny);
    // What matches nothing is a mistake, not a repetition.
    let odd = r#"{"Effect":"Allow","Action":"s3:*","NotResource":"*"}"#;
    assert_eq!(statements(&format!("{odd},{deny}")), format!("{odd},{deny}"));
}

#[test]
fn an_account_does_not_cover_its_roles_in_a_key_policy() {
    let key = |principals: &[&str]| {
        let statement = |who: &&str| {
            format!(
                r#"{{"Sid":"{who}","Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"kms:*","Resource":"*"}}"#
            )
        };
        let all: Vec<String> = principals.iter().map(statement).collect();
        format!(r#"{{"Statement":[{}]}}"#, all.join(","))
    };
    let text = key(&["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/r"]);
    assert_eq!(compacted(&text, Kind::Kms).text, text);
    let same = key(&["arn:aws:iam::111111111111:root", "111111111111"]);
    assert_eq!(compacted(&same, Kind::Kms).text, key(&["arn:aws:iam::111111111111:root"]));
}

/// Whether an implicit deny of a boundary or session policy limits a bare `*` is not documented, while it does not limit
/// a user or session that is named.
#[test]
fn a_star_does_not_surely_cover_a_session() {
    let with = |principals: &[&str]| {
        let statement = |principal: &&str| {
            format!(
                r#"{{"Effect":"Allow","Principal":{principal},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111111111111:q"}}"#
            )
        };
        let all: Vec<String> = principals.iter().map(statement).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
    };
    for (name, stays) in [
        ("arn:aws:sts::111111111111:assumed-role/r/s", true),
        ("arn:aws:iam::111111111111:user/u", true),
        ("arn:aws:iam::111111111111:role/r", false),
    ] {
        let named = format!(r#"{{"AWS":"{name}"}}"#);
        let apart = compacted(&with(&[r#"{"AWS":"*"}"#, &named]), Kind::Sqs).text;
        let listed = format!(r#"{{"AWS":["*","{name}"]}}"#);
        let together = compacted(&with(&[&listed]), Kind::Sqs).text;
        for text in [apart, together] {
            assert_eq!(text.contains(name), stays, "{text}");
            assert!(text.contains("\"*\""), "{text}");
        }
    }
}

#[test]
fn statements_that_differ_in_one_element() {
    assert_eq!(
        statements(concat!(
            r#"{"Effect":"Allow","Action":"sqs:A","Resource":"arn:aws:sqs:r:1:a"},"#,
            r#"{"Effect":"Allow","Action":"sqs:A","Resource":["arn:aws:sqs:r:1:b"]},"#,
            r#"{"Effect":"Allow","Resource":["arn:aws:sqs:r:1:b","arn:aws:sqs:r:1:a"],"Action":["sqs:B"]}"#,
        )),
        r#"{"Effect":"Allow","Action":["sqs:A","sqs:B"],"Resource":["arn:aws:sqs:r:1:a","arn:aws:sqs:r:1:b"]}"#
    );
    let with =
        |test: &str| format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{test}}}"#);
    let pair = |a: &str, b: &str| statements(&format!("{},{}", with(a), with(b)));
    assert_eq!(
        pair(r#"{"StringLike":{"a:b":"x*"}}"#, r#"{"StringLike":{"A:b":["y*","z"]}}"#),
        with(r#"{"StringLike":{"a:b":["x*","y*","z"]}}"#)
    );
    // AWS asks for one truth value.
    let truths = [r#"{"Bool":{"a:b":"true"}}"#, r#"{"Bool":{"a:b":"false"}}"#];
    assert_eq!(pair(truths[0], truths[1]), truths.map(with).join(","));
    // More values are fewer requests under a negated operator, and more than both under `ForAllValues`.
    for operator in ["StringNotEquals", "ForAllValues:StringEquals"] {
        let (a, b) =
            (format!(r#"{{"{operator}":{{"a:b":"x"}}}}"#), format!(r#"{{"{operator}":{{"a:b":"y"}}}}"#));
        assert_eq!(pair(&a, &b), format!("{},{}", with(&a), with(&b)));
    }
    let negated = concat!(
        r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"},"#,
        r#"{"Effect":"Deny","NotAction":"sqs:*","Resource":"*"}"#
    );
    assert_eq!(statements(negated), negated);
    let named = concat!(
        r#"{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},"#,
        r#"{"Sid":"B","Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#
    );
    assert_eq!(statements(named), named);
}

#[test]
fn principals_of_several_types_go_together() {
    let text = |statements: &[&str]| {
        let statement =
            |who: &&str| format!(r#"{{"Effect":"Allow","Principal":{who},"Action":"sts:AssumeRole"}}"#);
        let all: Vec<String> = statements.iter().map(statement).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
    };
    let three = text(&[
        r#"{"Service":"ec2.amazonaws.com"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
        r#"{"Service":["ssm.amazonaws.com"]}"#,
    ]);
    let one = text(&[
        r#"{"Service":["ec2.amazonaws.com","ssm.amazonaws.com"],"AWS":"arn:aws:iam::111111111111:role/r"}"#,
    ]);
    let result = compacted(&three, Kind::Trust);
    assert_eq!((result.text.as_str(), result.proof), (one.as_str(), Proof::Proved));
}

#[test]
fn a_queue_statement_lists_seven_actions_at_most() {
    let statement = |action: usize| {
        format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"sqs:Action{action}","Resource":"arn:aws:sqs:r:1:q"}}"#
        )
    };
    let all: Vec<String> = (0..9).map(statement).collect();
    let result = compacted(&format!(r#"{{"Statement":[{}]}}"#, all.join(",")), Kind::Sqs);
    let sizes: Vec<usize> = result.after.policy.statements.iter().map(|one| one.actions().len()).collect();
    assert_eq!(sizes, [7, 2]);
}

#[test]
fn bytes_that_are_not_touched_stay() {
    let text = concat!(
        "{\r\n\t\"Version\":\"2012-10-17\" ,\r\n\t\"Statement\" : [ {\r\n\t\t\"Effect\": \"Allow\", \"Action\": [\r\n",
        "\t\t\t\"s3:Get\\u004fbject\",\r\n\t\t\t\"s3:Get*\" ,\r\n\t\t\t\"s3:List*\"\r\n\t\t],  \"Resource\":\"*\" } ]\r\n}"
    );
    let result = compacted(text, Kind::Identity);
    assert_eq!(result.text, text.replace("\"s3:Get\\u004fbject\",\r\n\t\t\t", ""));
    // In a string of an answer, too.
    let answer = |policy: &str| {
        format!("{{\"Policy\": {}, \"PolicyName\": \"default\"}}", serde_json::to_string(policy).unwrap())
    };
    let policy = r#"{"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*", "*"]}, "Action": "kms:*", "Resource": "*"}]}"#;
    let file = open(Source::new("answer.json", answer(policy)), &Hints::default());
    let result = compact(&file.documents[0], PLAIN).unwrap();
    assert_eq!(result.text, answer(&policy.replace(r#", "*"]"#, "]")));
}

#[test]
fn a_list_of_one_becomes_a_string_where_the_file_has_such() {
    let resource = |second: &str| {
        format!(
            r#"{{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}},{{"Sid":"B","Effect":"Deny","Action":{second},"Resource":"*"}}"#
        )
    };
    assert_eq!(statements(&resource(r#"["s3:PutObject"]"#)), resource(r#""s3:PutObject""#));
    assert_eq!(statements(&resource(r#"["s3:PutObject","s3:Put*"]"#)), resource(r#""s3:Put*""#));
    let lists = r#"{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}"#;
    assert_eq!(statements(lists), lists);
}

/// Whatever a file's habit with lists is, what is joined is a list of texts.
#[test]
fn a_list_is_never_written_into_a_list() {
    let list = |value: &str, single: bool| if single { format!("[{value}]") } else { value.to_owned() };
    let roles = ["1", "2", "3"].map(|name| format!(r#""arn:aws:iam::111111111111:role/{name}""#));
    for habits in 0..32 {
        let is = |bit: usize| habits >> bit & 1 == 1;
        // The last statement has a habit of its own.
        let statement = |at: usize, differs: usize| {
            let name =
                |element: usize, names: [&'static str; 3]| names[if element == differs { at } else { 0 }];
            let flip = |bit: usize| is(bit) != (at == 2 && is(4));
            format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":{},"Condition":{{"StringLike":{{"aws:SourceArn":{}}}}}}}"#,
                list(&roles[if differs == 0 { at } else { 0 }], flip(0)),
                list(name(1, [r#""sns:Publish""#, r#""sns:Subscribe""#, r#""sns:Receive""#]), flip(1)),
                list(
                    name(
                        2,
                        [
                            r#""arn:aws:sns:us-east-1:1:a""#,
                            r#""arn:aws:sns:us-east-1:1:b""#,
                            r#""arn:aws:sns:us-east-1:1:c""#
                        ]
                    ),
                    flip(2)
                ),
                list(
                    name(3, [r#""arn:aws:s3:::a""#, r#""arn:aws:s3:::b""#, r#""arn:aws:s3:::c*""#]),
                    flip(3)
                ),
            )
        };
        for differs in 0..4 {
            let all: Vec<String> = (0..3).map(|at| statement(at, differs)).collect();
            for break_line in ["", "\n    "] {
                let joined = all.join(&format!(",{break_line}"));
                let text = format!(
                    "{{{break_line}\"Version\":\"2012-10-17\",{break_line}\"Statement\":[{break_line}{joined}]}}"
                );
                let result = compacted(&text, Kind::Sns);
                assert_eq!(result.proof, Proof::Proved, "{text}\n{}", result.text);
                assert_eq!(result.after.policy.statements.len(), 1, "{text}\n{}", result.text);
                let flat: String = result.text.split_whitespace().collect();
                assert!(!flat.contains("[[") && !flat.contains("[\"],["), "{}", result.text);
            }
        }
    }
}

/// What a function gives may be a list, or nothing at all.
#[test]
fn a_function_that_may_give_a_list_is_not_put_into_one() {
    let template = |functions: [&str; 2], principal: [&str; 2]| {
        let statement = |at: usize| {
            format!(
                r#"{{"Effect":"Deny","Principal":{},"Action":{},"Resource":"*"}}"#,
                principal[at], functions[at]
            )
        };
        format!(
            r#"{{"Parameters":{{"L":{{"Type":"CommaDelimitedList"}},"S":{{"Type":"String"}},"A":{{"Type":"List<AWS::EC2::Image::Id>"}}}},
              "Conditions":{{"C":{{"Fn::Equals":[{{"Ref":"S"}},"x"]}}}},
              "Resources":{{"P":{{"Type":"AWS::S3::BucketPolicy","Properties":{{"Bucket":"b","PolicyDocument":{{"Version":"2012-10-17","Statement":[{},{}]}}}}}}}}}}"#,
            statement(0),
            statement(1)
        )
    };
    let number = |functions: [&str; 2], principal: [&str; 2]| {
        let file = open(Source::new("t.json", template(functions, principal)), &Hints::default());
        let result = compact(&file.documents[0], PLAIN).unwrap();
        assert_eq!(result.proof, Proof::Proved, "{functions:?}");
        result.after.policy.statements.len()
    };
    let (put, all) = (r#""s3:PutObject""#, [r#""*""#; 2]);
    for text in [r#"{"Ref":"S"}"#, r#"{"Fn::Sub":"s3:${S}"}"#, r#"{"Fn::Join":["",["s3:",{"Ref":"S"}]]}"#] {
        assert_eq!(number([text, put], all), 1, "{text}");
    }
    // Where the file writes lists of one, what a function is given stays as it is.
    let resources = [r#"{"Ref":"S"}"#, r#"[{"Fn::Sub":"${S}/x"}]"#, r#"["arn:aws:s3:::a"]"#];
    let statements = resources
        .map(|one| format!(r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":{one}}}"#));
    let text = template([put; 2], all).replacen(
        r#""Statement":["#,
        &format!(r#""Statement":[{},"#, statements.join(",")),
        1,
    );
    let file = open(Source::new("t.json", text), &Hints::default());
    let result = compact(&file.documents[0], PLAIN).unwrap();
    assert_eq!(result.proof, Proof::Proved);
    let dense: String = result.text.split_whitespace().collect();
    assert!(dense.contains(r#"{"Ref":"S"},{"Fn::Sub":"${S}/x"},"arn:aws:s3:::a""#), "{dense}");
    let no_value = r#"{"Fn::If":["C","s3:GetObject",{"Ref":"AWS::NoValue"}]}"#;
    for list in [
        r#"{"Ref":"L"}"#,
        r#"{"Ref":"A"}"#,
        r#"{"Ref":"Elsewhere"}"#,
        r#"{"Fn::Split":[",",{"Ref":"S"}]}"#,
        r#"{"Fn::FindInMap":["M","k","v"]}"#,
        r#"{"Fn::If":["C",["s3:GetObject"],["s3:GetObjectAcl"]]}"#,
        no_value,
    ] {
        assert_eq!(number([list, put], all), 2, "{list}");
        let principals = [format!(r#"{{"AWS":{list}}}"#), r#"{"AWS":"111111111111"}"#.to_owned()];
        assert_eq!(number([put; 2], [&principals[0], &principals[1]]), 2, "{list}");
    }
    // A list in a list is no list of strings, and what a macro makes of a policy is not known.
    for (text, complete) in
        [(template([r#"[{"Ref":"L"}]"#, put], all), false), (template([r#"[{"Ref":"S"}]"#, put], all), true)]
    {
        let file = open(Source::new("t.json", text), &Hints::default());
        assert_eq!(file.documents[0].policy.statements[0].is_complete(), complete);
    }
    let rewritten = template([put; 2], all).replacen('{', r#"{"Transform":"M","#, 1);
    let file = open(Source::new("t.json", rewritten), &Hints::default());
    assert!(matches!(compact(&file.documents[0], PLAIN).unwrap().proof, Proof::NotProved(_)));
}

#[test]
fn thousands_of_statements() {
    let statement = |number: usize| {
        format!(
            r#"{{"Sid":"S{number}","Effect":"Allow","Action":["s3:GetObject","s3:Get{number}*"],"Resource":["arn:aws:s3:::bucket-{0}/*","arn:aws:s3:::bucket-{0}/{1}"]}}"#,
            number / 2,
            number % 2,
        )
    };
    let all: Vec<String> = (0..1_500).map(statement).collect();
    let result =
        compacted(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(",")), Kind::Identity);
    assert_eq!(result.proof, Proof::Proved);
    assert_eq!(result.changes.len(), 1_500, "one resource of each is covered");
    // All of them about the same: what cannot be compared with all others is said.
    let alike: Vec<String> = (0..1_500)
        .map(|number| format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringNotEquals":{{"k:{number}":"v"}}}}}}"#))
        .collect();
    let result = compacted(
        &format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, alike.join(",")),
        Kind::Identity,
    );
    assert_eq!((result.changes.len(), result.left.len()), (0, 1_500));
}

/// Patterns made to be slow: what would take too much is left alone, and said.
#[test]
fn stars_inside_of_hundreds_of_patterns() {
    let letters =
        |at: usize| (0..5).map(|turn| char::from(b'a' + (at >> turn & 7) as u8)).collect::<String>();
    let one = |at: usize| {
        let (name, part) = (letters(at * 37), letters(at * 11 + 5));
        format!(
            r#"{{"Effect":"Allow","Action":"s3:*{name}*{part}*","Resource":"arn:aws:s3:::*{part}*{name}*/x"}}"#
        )
    };
    let all: Vec<String> = (0..300).map(one).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","));
    let result = compacted(&text, Kind::Identity);
    assert!(result.is_proved() && !result.left.is_empty(), "{} left", result.left.len());
}

#[test]
fn what_cannot_be_read_stays() {
    // Identity policies need a `Resource`.
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["s3:GetObject","s3:Get*"]},
        {"Effect":"Allow","Action":"s3:PutObject"},
        {"Effect":"Alow","Action":"s3:*","Resource":"*"}
    ]}"#;
    for options in ALL {
        let result = compact(&document(text, Some(Kind::Identity)), options).unwrap();
        assert!(result.is_proved() && result.changes.is_empty(), "{:?}", result.changes);
        assert!(result.left.is_empty(), "nothing took too long");
    }
}

/// Never longer, twice is once, and what the engine says of the whole.
fn check(document: &Document, options: Options) -> Compacted {
    let result = compact(document, options).unwrap();
    let Compacted { before, after, size, .. } = &result;
    assert!(size.after <= size.before, "{size:?}\n{}", result.text);
    assert!(after.policy.statements.len() <= before.policy.statements.len());
    if let Proof::NotProved(why) = &result.proof {
        println!("{}: {why}", document.source().name());
        return result;
    }
    let again = compact(after, options).unwrap();
    assert_eq!(again.text, result.text, "twice is once: {:?}", again.changes);
    result
}

/// `cargo test --test apply compact::corpus -- --nocapture` prints what came of it; with `POLMERGE_EVERY=1` of every
/// policy, else of a sample; with `POLMERGE_SHOW=1` also what was done.
#[test]
fn corpus() {
    let Some(policies) = corpus::policies("compact over the corpus", &corpus::KINDS) else { return };
    let every = std::env::var("POLMERGE_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(10);
    let (mut proved, mut unproved, mut changed, mut left) = (0, 0, 0, 0);
    for policy in policies.iter().step_by(every) {
        let hints = Hints { kind: policy.kind(), ..Hints::default() };
        let document = open_policy(Source::new(&policy.id, policy.policy.get()), &hints);
        if compact(&document, PLAIN).is_err() {
            continue;
        }
        for options in ALL {
            let start = std::time::Instant::now();
            let result = check(&document, options);
            if start.elapsed().as_millis() > 1_000 {
                println!("{} {}: {:?}", policy.id, policy.source, start.elapsed());
            }
            left += result.left.len();
            *(if result.is_proved() { &mut proved } else { &mut unproved }) += 1;
            changed += usize::from(result.changes());
            if std::env::var("POLMERGE_SHOW").is_ok()
                && result.changes()
                && !options.drop_sids
                && !options.wildcards
            {
                println!("\n== {} {} {} {:?}", policy.kind, policy.id, policy.source, result.size);
                result.changes.iter().take(12).for_each(|change| println!("{change:?}"));
            }
        }
    }
    println!("proved {proved}, not proved {unproved}, changed {changed}, statements left {left}");
    assert!(proved > 400 && unproved * 100 <= proved, "{proved} {unproved}");
    // Any text is answered.
    for (name, text) in corpus::texts("compact over the corpus").unwrap().iter().step_by(every) {
        for document in open(Source::new(name, text.as_str()), &Hints::default()).documents {
            let _ = compact(&document, PLAIN);
        }
    }
}

const ACTIONS: &[&str] =
    &["s3:GetObject", "s3:Get*", "s3:getobject", "s3:PutObject", "s3:*", "sqs:SendMessage"];
const RESOURCES: &[&str] =
    &["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::c/x"];
const PRINCIPALS: &[&str] = &[
    r#""*""#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/r","*"]}"#,
    r#"{"Service":"s3.amazonaws.com"}"#,
    r#"{"AWS":"222222222222","Service":["s3.amazonaws.com","s3.amazonaws.com"]}"#,
];
const CONDITIONS: &[&str] = &[
    "",
    "",
    r#","Condition":{}"#,
    r#","Condition":{"StringLike":{"k:a":["a*","ab"]}}"#,
    r#","Condition":{"StringEquals":{"k:a":"ab"},"Null":{"k:a":"false"}}"#,
    r#","Condition":{"StringEquals":{"K:A":"b"}}"#,
    r#","Condition":{"StringNotEquals":{"k:a":"ab"}}"#,
    r#","Condition":{"StringLikeIfExists":{"k:a":"*"}}"#,
    r#","Condition":{"NumericLessThan":{"k:n":["1","2"]}}"#,
    r#","Condition":{"NumericLessThan":{"k:n":"3"},"StringEquals":{"k:a":"ab"}}"#,
];

fn list(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(values), 1..4).prop_map(|values| match values.as_slice() {
        [one] => format!("{one:?}"),
        several => format!("{several:?}"),
    })
}

fn statement(named: bool) -> impl Strategy<Value = String> {
    let sid = prop_oneof![2 => Just(""), 1 => Just(r#""Sid":"S""#)];
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let who = select(PRINCIPALS)
        .prop_map(move |who| if named { format!(r#""Principal":{who},"#) } else { String::new() });
    let not = |name: &'static str| prop_oneof![6 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
    (sid, effect, who, not("Action"), list(ACTIONS), not("Resource"), list(RESOURCES), select(CONDITIONS)).prop_map(
        |(sid, effect, who, action, actions, resource, resources, condition)| {
            let sid = if sid.is_empty() { String::new() } else { format!("{sid},") };
            format!(r#"{{{sid}"Effect":"{effect}",{who}"{action}":{actions},"{resource}":{resources}{condition}}}"#)
        },
    )
}

/// Policies of a small world, in which much is said twice, in three layouts.
fn policy() -> impl Strategy<Value = (Kind, String)> {
    any::<bool>().prop_flat_map(|named| {
        let kind = if named { Kind::Resource } else { Kind::Identity };
        (proptest::collection::vec(statement(named), 1..6), 0..3).prop_map(move |(mut statements, layout)| {
            // A Sid stands once.
            for (at, statement) in statements.iter_mut().enumerate() {
                *statement = statement.replace(r#""S""#, &format!("\"S{at}\""));
            }
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            let text = match layout {
                0 => text,
                1 => format!("{:#}", serde_json::from_str::<serde_json::Value>(&text).unwrap()),
                _ => text.replace(',', " ,\r\n ").replace('[', "[ "),
            };
            (kind, text)
        })
    })
}

fn requests() -> Vec<Request> {
    let callers = [
        Caller::Aws("arn:aws:iam::111111111111:role/r".to_owned()),
        Caller::Aws("arn:aws:iam::111111111111:role/other".to_owned()),
        Caller::Aws("arn:aws:iam::222222222222:user/u".to_owned()),
        Caller::Service("s3.amazonaws.com".to_owned()),
        Caller::Anonymous,
    ];
    let mut requests = Vec::new();
    for caller in callers {
        for action in
            ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:Other", "sqs:SendMessage", "sns:Publish"]
        {
            for resource in [
                "arn:aws:s3:::b",
                "arn:aws:s3:::b/x",
                "arn:aws:s3:::bb",
                "arn:aws:s3:::c/x",
                "arn:aws:s3:::d",
            ] {
                for (text, number) in [
                    (None, None),
                    (Some("a"), None),
                    (Some("ab"), Some("2")),
                    (Some("b"), Some("1")),
                    (None, Some("2.5")),
                ] {
                    let mut context = Context::default();
                    for (key, value) in [("k:a", text), ("k:n", number)] {
                        if let Some(value) = value {
                            context.insert(key, ContextValue::One(value.to_owned()));
                        }
                    }
                    requests.push(Request {
                        principal: Some(caller.clone()),
                        action: action.to_owned(),
                        resource: resource.to_owned(),
                        context,
                        ..Request::default()
                    });
                }
            }
        }
    }
    requests
}

/// What a policy says to a request: denied, or by which rights allowed.
fn decision(policy: &Prepared, request: &Request) -> (bool, Vec<Grip>) {
    let asked = Asked::new(request);
    let outcomes: Vec<_> = policy.outcomes(&asked).filter(|outcome| outcome.matches).collect();
    let denied = outcomes.iter().any(|outcome| outcome.effect == Effect::Deny);
    let mut grips: Vec<Grip> = outcomes
        .iter()
        .filter(|outcome| outcome.effect == Effect::Allow)
        .map(|outcome| outcome.grip)
        .collect();
    grips.sort_by_key(|grip| format!("{grip:?}"));
    grips.dedup();
    (denied, if denied { Vec::new() } else { grips })
}

proptest! {
    #![proptest_config(draws::cases(150))]

    #[test]
    fn the_same_access_in_less((kind, text) in policy(), options in select(ALL.to_vec())) {
        let document = document(&text, Some(kind));
        prop_assert!(document.problems.is_empty(), "{:?}", document.problems);
        let result = check(&document, options);
        prop_assert!(result.is_proved(), "{:?}", result.proof);
        let (before, after) = (&result.before, &result.after);
        if result.proof == Proof::Proved {
            let change = Engine::new(Scope { kind, resource: None })
                .relation(&before.policy.statements, &after.policy.statements);
            prop_assert_eq!(change.relation, Relation::Equivalent, "{}\n{}", &text, &result.text);
            prop_assert!(change.direct.is_empty(), "{}\n{}", &text, &result.text);
        }
        let (old, new) = (Prepared::new(&before.policy, kind), Prepared::new(&after.policy, kind));
        for request in requests() {
            let (was, is) = (decision(&old, &request), decision(&new, &request));
            // Who is named beside everyone may go; who is named beside an account may not.
            let right = |(denied, grips): &(bool, Vec<Grip>)| {
                (*denied, grips.is_empty(), grips.iter().any(|grip| *grip != Grip::Account))
            };
            prop_assert_eq!(right(&was), right(&is), "{:?}\n{}\n{}", request, &text, &result.text);
        }
        // Every change is of a statement that was there.
        for change in &result.changes {
            if let Change::Statement { statement, by } = change {
                prop_assert!(!by.contains(statement) && *statement < before.policy.statements.len());
            }
        }
    }
}

/// What is suppressed for one statement does not become suppressed for another.
#[test]
fn statements_with_a_comment_for_polmerge_are_not_joined() {
    let statement = |actions: &str| {
        format!(
            "- Effect: Allow\n  Principal: \"*\"\n  Action: {actions}\n  Resource: arn:aws:sqs:us-east-1:111111111111:q\n"
        )
    };
    let policy = |statements: &[&str]| format!("Version: '2012-10-17'\nStatement:\n{}", statements.concat());
    let compacted = |text: &str| {
        let hints = Hints { kind: Some(Kind::Sqs), ..Hints::default() };
        let file = open(Source::new("p.yaml", text), &hints);
        compact(&file.documents[0], PLAIN).unwrap()
    };
    let order = "# polmerge: ignore[principal-any] a demonstration\n";
    let [send, delete, purge] = ["sqs:SendMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"].map(statement);
    let both = statement(r#"["sqs:SendMessage","sqs:DeleteMessage"]"#);
    let others = statement(r#"["sqs:DeleteMessage","sqs:PurgeQueue"]"#);
    let inside = send.replace("\"*\"", &format!("\"*\" {}", order.trim()));
    for (text, wanted) in [
        (policy(&[order, &send, &delete, &purge]), policy(&[order, &send, &others])),
        (policy(&[&send, order, &delete]), policy(&[&send, order, &delete])),
        (policy(&[&inside, &delete]), policy(&[&inside, &delete])),
        // A comment for people is about nothing that matters here.
        (policy(&["# to send\n", &send, &delete]), policy(&["# to send\n", &both])),
    ] {
        let result = compacted(&text);
        assert_eq!(result.proof, Proof::Proved);
        assert_eq!(result.text, wanted);
        // Nor does lint say that they could be.
        let findings = lint(&result.after, &Settings::default());
        assert!(findings.iter().all(|finding| finding.rule != "joinable-statements"), "{wanted}");
        assert_eq!(result.kept.is_empty(), !text.contains("polmerge:"), "{:?}", result.kept);
    }
    // A comment about all statements is about the one that they become.
    let all = policy(&[&send, &delete]).replace("Statement:\n", &format!("{order}Statement:\n"));
    assert_eq!(
        compacted(&all).text,
        policy(&[&both]).replace("Statement:\n", &format!("{order}Statement:\n"))
    );
    // One that others cover goes together with its comment: they have findings of their own.
    let wide = statement("sqs:*");
    assert_eq!(compacted(&policy(&[order, &send, &wide])).text, policy(&[&wide]));
}
