use proptest::prelude::*;

use super::*;
use crate::edit;
use crate::parse::parse;

const TEMPLATE: &str = "\
# A template, é
Resources:
  Key: # the trail's key
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17   # quoted or not
        Statement:
        - Sid: \"a b\"
          Effect: Allow
          Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::111111111111:root'}
          Action: [ kms:*, \"x\\ty\" ]
          Resource: !If
            - A
            - !GetAtt x.Arn
            - '*'
          Condition:
            StringEquals:
              aws:SourceAccount: 012345678901
        # the second
        - Effect: Deny
          Action:
          - kms:PutKeyPolicy # one
          Principal: \"*\"
          Resource: '*'
";

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(&Yaml::read(text).unwrap().json(text).text).unwrap()
}

#[test]
fn short_forms_are_calls_and_dates_are_text() {
    let value = json(TEMPLATE);
    let policy = &value["Resources"]["Key"]["Properties"]["KeyPolicy"];
    assert_eq!(policy["Version"], "2012-10-17");
    let first = &policy["Statement"][0];
    assert_eq!(first["Principal"]["AWS"]["Fn::Sub"], "arn:${AWS::Partition}:iam::111111111111:root");
    assert_eq!(first["Resource"]["Fn::If"][1]["Fn::GetAtt"], "x.Arn");
    assert_eq!(first["Condition"]["StringEquals"]["aws:SourceAccount"], "012345678901", "no number");
    assert_eq!(
        json("a: 12\nb: yes\nc: ~\nd: !!str 12\n"),
        serde_json::json!({"a":12,"b":"yes","c":null,"d":"12"})
    );
}

/// Each string of the JSON leads back to its spelling in the YAML.
#[test]
fn places_lead_back() {
    let yaml = Yaml::read(TEMPLATE).unwrap();
    let json = yaml.json(TEMPLATE);
    let tree = parse(&json.text).tree;
    let spelling = |pointer: &str| {
        let node = tree.at(&json.text, pointer).unwrap();
        json.map.span(node.span).slice(TEMPLATE)
    };
    let policy = "/Resources/Key/Properties/KeyPolicy";
    assert_eq!(spelling(&format!("{policy}/Version")), "2012-10-17");
    assert_eq!(spelling(&format!("{policy}/Statement/0/Sid")), "\"a b\"");
    assert_eq!(spelling(&format!("{policy}/Statement/0/Action")), "[ kms:*, \"x\\ty\" ]");
    assert_eq!(spelling(&format!("{policy}/Statement/0/Action/1")), "\"x\\ty\"");
    assert_eq!(spelling(&format!("{policy}/Statement/0/Resource/Fn::If/2")), "'*'");
    assert_eq!(spelling(&format!("{policy}/Statement/1/Action/0")), "kms:PutKeyPolicy");
    assert!(spelling(&format!("{policy}/Statement/1")).starts_with("Effect: Deny"));
    let at = json.text.find("PutKey").unwrap();
    assert_eq!(json.map.span(Span::new(at, at + 6)).slice(TEMPLATE), "PutKey");
}

#[test]
fn places_lead_back_through_every_style() {
    for (text, part) in [
        ("a: 'it''s here'\n", "here"),
        ("a: \"tab\\there \\\n   folded here\"\n", "folded"),
        ("a: one\n  two\n\n  three\n", "three"),
        ("a: |\n  {\n    \"here\": 1\n  }\n", "here"),
        ("a: >-\n  one\n  two here\n", "here"),
        ("é: ü here\n", "here"),
        ("a: |\r\n  one\r\n  here\r\n", "here"),
        ("a: !Sub |\n  one\n  here\n", "here"),
        ("a:\n  b: \"one\nhere\"\n", "here"),
    ] {
        let json = Yaml::read(text).unwrap().json(text);
        let at = json.text.find(part).unwrap();
        let place = json.map.span(Span::new(at, at + part.len()));
        assert_eq!(place.start as usize, text.find(part).unwrap(), "{text:?}: {:?}", json.text);
        assert_eq!(place.slice(text), part, "{text:?}");
    }
}

#[test]
fn what_json_cannot_say_is_an_error() {
    for (text, word) in [
        ("a: 1\n---\nb: 2\n", "second"),
        ("? [a]\n: b\n", "name"),
        ("a: &x [*x]\n", "alias"),
        ("a: [1\n", "YAML"),
        ("\t- a: }\n", "YAML"),
    ] {
        let problem = Yaml::read(text).unwrap_err();
        assert!(problem.kind.message().contains(word), "{text:?}: {}", problem.kind.message());
    }
}

#[test]
fn aliases_are_what_they_stand_for_and_end() {
    assert_eq!(json("a: &x {b: 1}\nc: *x\n"), serde_json::json!({"a":{"b":1},"c":{"b":1}}));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", ")));
    }
    assert!(Yaml::read(&bomb).unwrap_err().kind.message().contains("million"));
    let deep = format!("{}x", "- ".repeat(2000));
    assert!(Yaml::read(&deep).is_err());
}

/// What PyYAML and CloudFormation accept, and the YAML specification does not.
#[test]
fn text_in_brackets_or_quotes_needs_no_indentation() {
    for (text, value) in [
        ("a:\n  b: [\n    \"c\"\n  ]\n", serde_json::json!({"a": {"b": ["c"]}})),
        ("- a: {\n  'b': \"c\"\n  }\n", serde_json::json!([{"a": {"b": "c"}}])),
        ("a: [\nb, c,\n\"d\"\n]\ne: f\n", serde_json::json!({"a": ["b", "c", "d"], "e": "f"})),
        ("a:\n  b: \"c\nd\n\ne\"\n  f: 'g\n  h'\n", serde_json::json!({"a": {"b": "c d\ne", "f": "g h"}})),
    ] {
        assert_eq!(json(text), value, "{text}");
    }
    // By indentation alone, nothing tells where it belongs.
    for text in ["a:\n  b:\n c: d\n", "a: |\nb\n", "a: b\nc\n", "a: \"b\nc: d\n"] {
        assert!(Yaml::read(text).is_err(), "{text}");
    }
}

#[test]
fn a_value_without_indentation_is_edited_like_others() {
    let text = "a: [\n\"b\", # one\nc\n]\nd: \"e\nf\"\n";
    let yaml = Yaml::read(text).unwrap();
    let edits = yaml.rewrite(text, "/a", r#"["b", "x", "c"]"#).unwrap();
    assert_eq!(edit::apply(text, &edits), text.replace("\"b\"", "\"b\", \"x\""));
    let edits = yaml.rewrite(text, "/d", "\"g\"").unwrap();
    assert_eq!(edit::apply(text, &edits), text.replace("e\nf", "g"));
}

#[test]
fn tags_are_calls_but_for_those_of_yaml() {
    let call = |text: &str| json(text)["a"].clone();
    assert_eq!(call("a: !Sub &x b\n"), serde_json::json!({"Fn::Sub": "b"}));
    assert_eq!(call("a: &x !<!Sub> b\n"), serde_json::json!({"Fn::Sub": "b"}));
    assert_eq!(call("a: !Ref 12\n"), serde_json::json!({"Ref": "12"}));
    let doubtful = |text: &str| Yaml::read(text).unwrap().json(text).doubtful.len();
    assert_eq!([doubtful("a: ! 12\n"), doubtful("a: ! '12'\n"), doubtful("a: ! b\n")], [1, 1, 0]);
    assert_eq!(call("a: !!str\n"), serde_json::json!(""));
    assert_eq!(call("a: !Ref\n  b\n"), serde_json::json!({"Ref": "b"}));
    assert_eq!(call("a: !!map\n  b: c\n"), serde_json::json!({"b": "c"}));
}

/// The text after its policy was changed in JSON terms, and only that.
fn edited(text: &str, change: impl Fn(&mut serde_json::Value)) -> Result<String, String> {
    let pointer = "/Resources/Key/Properties/KeyPolicy";
    let mut policy = json(text).pointer(pointer).unwrap().clone();
    change(&mut policy);
    let yaml = Yaml::read(text).unwrap();
    yaml.rewrite(text, pointer, &policy.to_string()).map(|edits| edit::apply(text, &edits))
}

#[test]
fn a_statement_comes_and_goes() {
    let statement = serde_json::json!({
        "Sid": "Allow Expel", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:role/Expel"},
        "Action": ["kms:Decrypt", "*"], "Resource": "*"
    });
    let with = edited(TEMPLATE, |policy| {
        policy["Statement"].as_array_mut().unwrap().push(statement.clone());
    });
    let added = "\
        - Sid: Allow Expel
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::222222222222:role/Expel
          Action:
          - kms:Decrypt
          - \"*\"
          Resource: \"*\"
";
    assert_eq!(with.as_deref(), Ok(format!("{TEMPLATE}        {}", added.trim_start()).as_str()));
    let without = edited(&with.unwrap(), |policy| {
        policy["Statement"].as_array_mut().unwrap().pop();
    });
    assert_eq!(without.as_deref(), Ok(TEMPLATE));
}

#[test]
fn values_change_in_their_style() {
    let changed = edited(TEMPLATE, |policy| {
        policy["Statement"][0]["Action"] = serde_json::json!(["kms:Encrypt", "x\ty", "kms:Decrypt"]);
        policy["Statement"][0]["Resource"]["Fn::If"][2] = "it's".into();
        policy["Statement"][1]["Action"] = serde_json::json!(["kms:Delete*", "kms:PutKeyPolicy"]);
        policy["Statement"][1]["Condition"] = serde_json::json!({"Bool": {"aws:SecureTransport": "false"}});
    });
    let wanted = TEMPLATE
        .replace("[ kms:*, \"x\\ty\" ]", "[ kms:Encrypt, \"x\\ty\", \"kms:Decrypt\" ]")
        .replace("            - '*'\n", "            - 'it''s'\n")
        .replace("          - kms:Put", "          - kms:Delete*\n          - kms:Put")
        .replace("Resource: '*'\n", "Resource: '*'\n          Condition:\n            Bool:\n              aws:SecureTransport: \"false\"\n");
    assert_eq!(changed.as_deref(), Ok(wanted.as_str()));
}

#[test]
fn a_comment_behind_quotes_stays() {
    let text = TEMPLATE
        .replace("Principal: \"*\"", "Principal: \"*\" # everyone: \"*\"")
        .replace("Resource: '*'\n", "Resource: 'it''s' # \"that's\" it\n");
    let changed = edited(&text, |policy| {
        policy["Statement"][1]["Principal"] = "x".into();
        policy["Statement"][1]["Resource"] = "y".into();
    });
    let wanted = text.replace("Principal: \"*\"", "Principal: \"x\"").replace("'it''s'", "'y'");
    assert_eq!(changed.as_deref(), Ok(wanted.as_str()));
}

#[test]
fn parts_go_with_their_lines_or_not_at_all() {
    let changed = edited(TEMPLATE, |policy| {
        policy["Statement"][0].as_object_mut().unwrap().remove("Sid");
        policy["Statement"][0].as_object_mut().unwrap().remove("Condition");
    });
    let wanted = TEMPLATE.replace("Sid: \"a b\"\n          Effect", "Effect").replace(
        "          Condition:\n            StringEquals:\n              aws:SourceAccount: 012345678901\n",
        "",
    );
    assert_eq!(changed.as_deref(), Ok(wanted.as_str()));
    let refused = edited(TEMPLATE, |policy| policy["Statement"] = serde_json::json!([]));
    assert!(refused.unwrap_err().contains("left"));
}

#[test]
fn another_name_is_written_in_the_place_of_the_first() {
    let changed = edited(TEMPLATE, |policy| {
        let test = policy["Statement"][0]["Condition"]["StringEquals"].take();
        policy["Statement"][0]["Condition"] = serde_json::json!({"StringLike": test});
    });
    assert_eq!(changed.as_deref(), Ok(TEMPLATE.replace("StringEquals:", "StringLike:").as_str()));
}

#[test]
fn one_mapping_becomes_a_list() {
    let text = "\
Statement:
  # who
  Effect: Allow # yes

  Action: |
    a
      b
  # so
  Resource: x
Version: '2012-10-17'
";
    let yaml = Yaml::read(text).unwrap();
    let mut new = json(text);
    let old = new["Statement"].take();
    new["Statement"] = serde_json::json!([old, {"Effect": "Deny"}]);
    let edits = yaml.rewrite(text, "", &new.to_string()).unwrap();
    let wanted = "\
Statement:
  # who
  - Effect: Allow # yes

    Action: |
      a
        b
    # so
    Resource: x
  - Effect: Deny
Version: '2012-10-17'
";
    assert_eq!(edit::apply(text, &edits), wanted);
}

#[test]
fn what_is_meant_in_several_places_is_not_edited() {
    let text = TEMPLATE
        .replace("Action: [", "Action: &all [")
        .replace("- kms:PutKeyPolicy # one", "- x\n          Also: *all");
    let changed = edited(&text, |policy| policy["Statement"][0]["Action"] = serde_json::json!(["a:b"]));
    assert!(changed.unwrap_err().contains("several"));
}

/// The text after the list at its root became another one.
fn relisted(text: &str, new: serde_json::Value) -> Result<String, String> {
    let yaml = Yaml::read(text).unwrap();
    yaml.rewrite(text, "/s", &new.to_string()).map(|edits| edit::apply(text, &edits))
}

#[test]
fn an_item_may_begin_under_its_dash_or_be_an_alias() {
    let items = serde_json::json!([{"a": 1}, {"b": 2}]);
    let under = "s:\n# x\n- # - y\n  # z\n  a: 1\nr: 1\n";
    assert_eq!(
        relisted(under, items.clone()).as_deref(),
        Ok("s:\n# x\n- # - y\n  # z\n  a: 1\n- b: 2\nr: 1\n")
    );
    let alias = "x: &x\n  a: 1\ns:\n- *x # y\nr: 1\n";
    let more = "x: &x\n  a: 1\ns:\n- *x # y\n- b: 2\nr: 1\n";
    assert_eq!(relisted(alias, items).as_deref(), Ok(more));
    assert_eq!(relisted(more, serde_json::json!([{"a": 1}])).as_deref(), Ok(alias));
    assert_eq!(
        relisted(more, serde_json::json!([{"b": 2}])).as_deref(),
        Ok("x: &x\n  a: 1\ns:\n- b: 2\nr: 1\n")
    );
    assert_eq!(
        relisted("x: &x 1\ns: [*x, 2]\n", serde_json::json!([0, 1, 2])).as_deref(),
        Ok("x: &x 1\ns: [0, *x, 2]\n")
    );
    // What it stands for is meant elsewhere, too.
    assert!(relisted(alias, serde_json::json!([{"a": 2}])).unwrap_err().contains("several places"));
}

#[test]
fn brackets_over_lines_become_something_else_but_for_comments() {
    let text = "s: [\n  a, # b\n]\n";
    assert!(relisted(text, "a".into()).unwrap_err().contains("runs over lines"));
    assert_eq!(relisted("s: [\n  a,\n] # b\n", "a".into()).as_deref(), Ok("s: \"a\" # b\n"));
    assert_eq!(relisted("s: {\n  a: b\n}\n", "a".into()).as_deref(), Ok("s: \"a\"\n"));
    assert_eq!(relisted("s: a\n  b\n", "c".into()).as_deref(), Ok("s: c\n"));
    assert!(relisted("s:\n- a\n", "a".into()).is_err());
}

#[test]
fn comments_for_polmerge_stay_with_what_they_are_about() {
    let text = "\
s:
# people
# polmerge: ignore[x] one
- a: 1
- b: 2 # polmerge: ignore[x] two
- c: 3
# polmerge: ignore[x] three
r: 1
";
    let without =
        |gone: &[&str]| Ok(text.split_inclusive('\n').filter(|line| !gone.contains(&line.trim())).collect());
    let new = |items: &str| relisted(text, serde_json::from_str(items).unwrap());
    // Those of what goes go along.
    assert_eq!(
        new(r#"[{"b":2},{"c":3}]"#),
        without(&["# polmerge: ignore[x] one", "- a: 1"]) as Result<String, String>
    );
    assert_eq!(new(r#"[{"a":1},{"c":3}]"#), without(&["- b: 2 # polmerge: ignore[x] two"]));
    assert_eq!(new(r#"[{"a":1},{"b":2}]"#), without(&["- c: 3"]));
    // What comes is not under them.
    assert_eq!(new(r#"[{"a":1},{"b":2},{"c":3},{"d":4}]"#), Ok(text.replace("- c: 3\n", "- c: 3\n- d: 4\n")));
    let moved = "would be about something else";
    assert!(new(r#"[{"d":4},{"a":1},{"b":2},{"c":3}]"#).unwrap_err().contains(moved));
    // This one is about nothing, as an empty line follows, and would be about the second.
    let loose = "s:\n- a: 1\n# polmerge: ignore[x] one\n\n- b: 2\n";
    assert_eq!(
        relisted(loose, serde_json::json!([{"b": 2}])).as_deref(),
        Ok("s:\n# polmerge: ignore[x] one\n\n- b: 2\n")
    );
    let loose = "s: [\n  a,\n  # polmerge: ignore[x] one\n  b]\n";
    assert!(relisted(loose, serde_json::json!(["a", "c", "b"])).unwrap().contains("one\n  b]"), "{loose}");
    assert_eq!(relisted(loose, serde_json::json!(["a"])).as_deref(), Ok("s: [\n  a]\n"), "it goes along");
    let on_its_line = "s: [\n  a, # polmerge: ignore[x] one\n  b]\n";
    assert_eq!(relisted(on_its_line, serde_json::json!(["b"])).as_deref(), Ok("s: [\n  b]\n"));
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        "[a-z:*/ .'\"#é-]{0,8}",
        Just("true".to_owned()),
        Just("2012-10-17".to_owned()),
        "[0-9]{1,3}"
    ];
    let leaf = prop_oneof![
        3 => text.prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => any::<u32>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[A-Za-z:]{1,6}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A value as YAML by indentation.
fn written(value: &serde_json::Value) -> String {
    let habits = block::Habits::of(&Yaml::read("a:\n  b: c\n").unwrap().root, "a:\n  b: c\n");
    format!("{}\n", habits.block(value, 0))
}

proptest! {
    #![proptest_config(crate::draws::cases(256))]

    #[test]
    fn json_is_yaml_of_the_same_meaning(value in value(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(json(&text), value);
    }

    #[test]
    fn what_is_written_by_indentation_reads_back(value in value()) {
        prop_assert_eq!(json(&written(&value)), value);
    }

    /// An edit makes the file mean what was wanted, or there is none; most can be made.
    #[test]
    fn an_edit_does_what_it_should(old in value(), new in value(), brackets: bool) {
        let old = serde_json::json!({"x": old, "rest": [1]});
        let text = if brackets { old.to_string() } else { written(&old) };
        let yaml = Yaml::read(&text).unwrap();
        match yaml.rewrite(&text, "/x", &new.to_string()) {
            Ok(edits) => {
                let result = json(&edit::apply(&text, &edits));
                prop_assert_eq!(&result["x"], &new);
                prop_assert_eq!(&result["rest"], &old["rest"]);
            }
            Err(why) => prop_assert!(!brackets, "{}: {}", why, text),
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "[-a-z \n:?!&*{}\\[\\]\"'|>#,%@\t\\\\é]{0,60}") {
        if let Ok(yaml) = Yaml::read(&text) {
            let json = yaml.json(&text);
            let parsed = parse(&json.text);
            prop_assert!(parsed.problems.iter().all(|problem| problem.kind.is_duplicate()), "{}", json.text);
            json.map.span(Span::new(0, json.text.len()));
        }
    }
}
