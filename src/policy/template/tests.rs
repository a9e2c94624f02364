use super::*;
use crate::parse::parse;

fn template(text: &str) -> Template {
    Template::read(&parse(text).tree, text, &[])
}

fn conditions(names: &[&str]) -> Vec<Choice> {
    names.iter().map(|name| Choice::Condition((*name).to_owned())).collect()
}

fn labels(template: &Template, choices: &[Choice]) -> Vec<String> {
    cases(&[(template, choices)]).cases.iter().map(|case| case.labels().join(", ")).collect()
}

const CONDITIONS: &str = r#"{
    "Parameters": {"Env": {"Type": "String", "AllowedValues": ["dev", "test", "prod"]}, "Name": {"Type": "String"}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsDev": {"Fn::Equals": ["dev", {"Ref": "Env"}]},
        "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
        "HasName": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "HasName"}]},
        "Switch": {"Fn::Equals": ["a", "b"]},
        "Loop": {"Condition": "Loop"}
    }
}"#;

#[test]
fn conditions_that_follow_from_each_other() {
    let template = template(CONDITIONS);
    assert_eq!(
        labels(&template, &conditions(&["IsProd", "NotProd"])),
        ["`IsProd` is false, `NotProd` is true", "`IsProd` is true, `NotProd` is false"]
    );
    // Never both, as `Env` is one text.
    assert_eq!(labels(&template, &conditions(&["IsProd", "IsDev"])).len(), 3);
    assert_eq!(labels(&template, &conditions(&["Both", "IsProd"])).len(), 3);
    assert_eq!(labels(&template, &conditions(&["Switch"])).len(), 2);
    assert_eq!(labels(&template, &conditions(&["Loop"])).len(), 2);
    assert_eq!(labels(&template, &conditions(&["Nowhere"])).len(), 2);
    let parameter = [Choice::Parameter("Env".to_owned()), Choice::Condition("IsProd".to_owned())];
    assert_eq!(labels(&template, &parameter)[1], "`IsProd` is true, `Env` is `prod`");
}

#[test]
fn conditions_follow_from_what_is_settled() {
    let template = template(CONDITIONS);
    let of = |parameters: &[(&str, &str)], conditions: &[(&str, bool)]| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settled = Settled {
            parameters: parameters.iter().map(owned).collect(),
            conditions: conditions.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        };
        let all = template.following(&settled);
        assert_eq!(all.parameters, settled.parameters);
        let mut labels: Vec<String> =
            all.conditions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.retain(|label| !conditions.iter().any(|(name, _)| label.starts_with(&format!("{name}="))));
        labels.join(" ")
    };
    assert_eq!(of(&[("Env", "prod")], &[]), "IsDev=false IsProd=true NotProd=false");
    assert_eq!(of(&[("Env", "test")], &[]), "Both=false IsDev=false IsProd=false NotProd=true");
    assert_eq!(
        of(&[("Env", "prod"), ("Name", "x")], &[]),
        "Both=true HasName=true IsDev=false IsProd=true NotProd=false"
    );
    assert_eq!(of(&[("Name", "")], &[]), "Both=false HasName=false");
    assert_eq!(of(&[], &[("IsDev", true)]), "Both=false IsProd=false NotProd=true");
    assert_eq!(of(&[], &[("Both", true)]), "HasName=true IsDev=false IsProd=true NotProd=false");
    assert_eq!(of(&[], &[]), "");
    assert_eq!(of(&[("Elsewhere", "x")], &[("Nowhere", true)]), "");
}

/// Which of the settings of two conditions there are: `C` false or true before `D` false or true.
fn settings(head: &str, c: &str, d: &str, doubtful: &[&str]) -> String {
    let text =
        format!(r#"{{{head}, "Conditions": {{"C": {{"Fn::Equals": {c}}}, "D": {{"Fn::Equals": {d}}}}}}}"#);
    let mut places: Vec<u32> = doubtful
        .iter()
        .flat_map(|one| text.match_indices(one))
        .map(|(at, _)| u32::try_from(at).unwrap())
        .collect();
    places.sort_unstable();
    let template = Template::read(&parse(&text).tree, &text, &places);
    let cases = cases(&[(&template, &conditions(&["C", "D"]))]).cases;
    let short = |value: bool| if value { "1" } else { "0" };
    let mut found: Vec<String> = cases
        .iter()
        .map(|case| case.settled[0].conditions.values().map(|value| short(*value)).collect())
        .collect();
    found.sort_unstable();
    found.join(" ")
}

const HEAD: &str = r#""Parameters": {
        "E": {"Type": "String"}, "G": {"Type": "String"}, "L": {"Type": "CommaDelimitedList"},
        "F": {"Type": "String", "AllowedValues": ["a", "b"]}, "H": {"Type": "String", "AllowedValues": ["b", "c"]},
        "S": {"Type": "AWS::SSM::Parameter::Value<String>", "AllowedValues": ["a", "b"]},
        "P": {"Type": "String", "AllowedPattern": "^(dev|prod-1)$"}, "Q": {"Type": "String", "AllowedPattern": "dev|pr.d"},
        "R": {"Type": "String", "AllowedPattern": "one"}
    },
    "Mappings": {
        "M": {"a": {"k": "v", "l": "x"}, "b": {"k": "w", "l": "x"}},
        "Part": {"a": {"k": "v"}}, "Filled": {"a": {"k": "{{ v }}"}, "b": {"k": "w"}},
        "Twice": {"a": {"k": "v"}, "b": {"k": "w"}, "a": {"k": "w"}}, "Listed": {"a": {"k": ["v"]}, "b": {"k": ["w"]}}
    }"#;

/// Each with the settings that there are of the parameters, worked out by hand.
#[test]
fn what_is_compared_is_computed() {
    const ALL: &str = "00 01 10 11";
    let sub = |text: &str| format!(r#"{{"Fn::Sub": "{text}"}}"#);
    let reference = |name: &str| format!(r#"{{"Ref": "{name}"}}"#);
    let join = |items: &str| format!(r#"{{"Fn::Join": ["-", [{items}]]}}"#);
    let map = |name: &str, key: &str| format!(r#"{{"Fn::FindInMap": ["{name}", {{"Ref": "{key}"}}, "k"]}}"#);
    let is = |left: &str, text: &str| format!(r#"[{left}, "{text}"]"#);
    for (c, d, expected) in [
        // One free text is not two; another is another.
        (is(&reference("E"), "x"), is(&reference("E"), "y"), "00 01 10"),
        (is(&reference("E"), "x"), is(&reference("G"), "y"), ALL),
        (is(&reference("AWS::Region"), "x"), is(&sub("${AWS::Region}"), "y"), "00 01 10"),
        // Two texts are a switch that is turned in the template, unless they are the same.
        (is(r#""a""#, "b"), is(r#""a""#, "a"), "01 11"),
        (is("true", "true"), is("1", "2"), ALL),
        (is(r#""{{ a }}""#, "b"), is(r#""${self:x}""#, "b"), ALL),
        // Another tool may fill in the same.
        (is(&reference("E"), "{{ a }}"), is(&reference("E"), "{{ b }}"), ALL),
        // What stands around one text.
        (is(&sub("p-${E}-s"), "p-x-s"), is(&reference("E"), "x"), "00 11"),
        (is(&sub("p-${E}-s"), "p-x-s"), is(&reference("E"), "y"), "00 01 10"),
        (is(&sub("p-${E}-s"), "p-s"), is(&reference("E"), ""), "00 01"),
        (is(&sub("p-${E}-s"), "q-x-s"), is(&reference("E"), "x"), "00 01"),
        (is(&sub("${E}${E}"), "xx"), is(&reference("E"), "y"), ALL),
        (is(&sub("${E}${G}"), "xy"), is(&sub("${E}${G}"), "yx"), "00 01 10"),
        (is(&sub("${!E}-${E}"), "${E}-x"), is(&reference("E"), "y"), ALL),
        (is(&join(r#"{"Ref": "E"}, "s""#), "x-s"), is(&reference("E"), "x"), "00 11"),
        (is(&join(&reference("L")), "x"), is(&join(&reference("L")), "y"), "00 01 10"),
        (is(&join(r#""a", {"Ref": "AWS::NoValue"}"#), "a"), is(&reference("E"), "y"), ALL),
        (is(r#"{"Fn::Sub": ["${X}-s", {"X": {"Ref": "E"}}]}"#, "x-s"), is(&reference("E"), "x"), "00 11"),
        (is(r#"{"Fn::Sub": ["${E}-s", {"E": "z"}]}"#, "x-s"), is(&reference("E"), "x"), ALL),
        (is(&sub("${Bucket.Arn}"), "x"), is(&reference("E"), "x"), ALL),
        // One of a few texts.
        (is(&sub("${F}-x"), "a-x"), is(&reference("F"), "b"), "01 10"),
        (is(&sub("${F}-x"), "c-x"), is(&reference("F"), "b"), "00 01"),
        (is(&reference("P"), "dev"), is(&reference("P"), "prod-1"), "01 10"),
        (is(&reference("R"), "one"), is(&reference("R"), "two"), "10"),
        (is(&reference("Q"), "dev"), is(&reference("Q"), "prod"), "00 01 10"),
        (is(&reference("S"), "c"), is(&reference("S"), "a"), "00 01 10"),
        (format!("[{}, {}]", sub("${F}-x"), sub("${H}-x")), is(&reference("F"), "b"), "00 01 11"),
        (format!("[{}, {}]", sub("${F}${H}"), sub("${H}${F}")), is(&reference("F"), "b"), "00 01 11"),
        (format!("[{}, {}]", sub("${E}-x"), sub("${F}-x")), is(&reference("E"), "c"), "00 01 10"),
        (format!("[{}, {}]", sub("${E}-x"), sub("x-${G}")), is(&reference("E"), "c"), ALL),
        (
            format!("[{}, {}]", sub("${E}-x"), sub("${G}-x")),
            format!(r#"[{}, {}]"#, reference("E"), reference("G")),
            "00 11",
        ),
        // What a mapping has.
        (is(&map("M", "F"), "v"), is(&reference("F"), "b"), "01 10"),
        (is(&map("M", "F"), "x"), is(&reference("F"), "b"), "00 01"),
        (
            is(r#"{"Fn::FindInMap": ["M", "a", "l"]}"#, "x"),
            is(r#"{"Fn::FindInMap": ["M", "b", "k"]}"#, "v"),
            "10",
        ),
        (is(&map("M", "E"), "v"), is(&map("M", "E"), "w"), "00 01 10"),
        (is(&map("M", "E"), "v"), is(&reference("E"), "b"), ALL),
        (is(&map("Part", "F"), "v"), is(&reference("F"), "b"), ALL),
        (is(&map("Filled", "F"), "v"), is(&reference("F"), "b"), ALL),
        (is(&map("Twice", "F"), "v"), is(&reference("F"), "b"), ALL),
        (is(&map("Listed", "F"), "v"), is(&reference("F"), "b"), ALL),
        (
            is(r#"{"Fn::FindInMap": ["M", {"Ref": "F"}, "k", {"DefaultValue": "v"}]}"#, "v"),
            is(&reference("F"), "b"),
            ALL,
        ),
    ] {
        assert_eq!(settings(HEAD, &c, &d, &[]), expected, "{c} {d}");
    }
    // A macro may bring any mapping.
    let brought = HEAD.replace(r#""Mappings": {"#, r#""Mappings": {"Fn::Transform": {"Name": "X"}, "#);
    assert_eq!(settings(&brought, &is(&map("M", "F"), "v"), &is(&reference("F"), "b"), &[]), ALL);
}

/// YAML 1.1 reads `y` and `yes` as true, YAML 1.2 as text: what holds for both holds.
#[test]
fn words_that_yaml_reads_in_two_ways_are_compared() {
    let of = |c: &str, d: &str, doubtful: &[&str]| settings(HEAD, c, d, doubtful);
    for (word, other) in [("y", "n"), ("Yes", "NO"), ("on", "off")] {
        let [word, other] = [word, other].map(|word| format!(r#""{word}""#));
        let is = |text: &str| format!(r#"[{{"Ref": "E"}}, {text}]"#);
        let doubtful = [word.as_str(), other.as_str()];
        assert_eq!(of(&is(&word), &is(r#""x""#), &doubtful), "00 01 10", "{word}");
        assert_eq!(of(&is(&word), &is(&other), &doubtful), "00 01 10", "{word}");
        // The same in one of the readings.
        assert_eq!(of(&is(&word), &is("true"), &doubtful), "00 01 10 11", "{word}");
        assert_eq!(of(&is(&word), &is(&word), &doubtful), "00 11", "{word}");
        assert_eq!(of(&format!("[{word}, true]"), &format!("[{word}, false]"), &doubtful), "00 10", "{word}");
    }
    // A number that is written in several ways may be any text.
    assert_eq!(of(r#"[{"Ref": "E"}, 1.10]"#, r#"[{"Ref": "E"}, "x"]"#, &["1.10"]), "00 01 10 11");
    // As the key of a mapping.
    let map = r#"{"Fn::FindInMap": ["M", {"Ref": "F"}, "k"]}"#;
    assert_eq!(of(&format!(r#"[{map}, "v"]"#), r#"[{"Ref": "F"}, "b"]"#, &[r#""v", "l""#]), "00 01 10 11");
}

#[test]
fn two_parameters_are_compared() {
    let template = template(
        r#"{
        "Parameters": {
            "A": {"Type": "String", "AllowedValues": ["x", "y"]},
            "B": {"Type": "String", "AllowedValues": ["v", "w"]},
            "C": {"Type": "String", "AllowedValues": ["y", "z"]},
            "D": {"Type": "String"}, "E": {"Type": "String"}, "F": {"Type": "String"}
        },
        "Conditions": {
            "Never": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]},
            "NeverBySub": {"Fn::Equals": [{"Fn::Sub": "${A}"}, {"Ref": "B"}]},
            "Always": {"Fn::Equals": [{"Ref": "A"}, {"Fn::Sub": "${A}"}]},
            "AsC": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "C"}]},
            "IsX": {"Fn::Equals": [{"Ref": "A"}, "x"]},
            "AsD": {"Fn::Equals": [{"Ref": "A"}, {"Ref": "D"}]},
            "DIsQ": {"Fn::Equals": [{"Ref": "D"}, "q"]},
            "DE": {"Fn::Equals": [{"Ref": "D"}, {"Ref": "E"}]},
            "EF": {"Fn::Equals": [{"Ref": "E"}, {"Ref": "F"}]},
            "DF": {"Fn::Equals": [{"Ref": "D"}, {"Ref": "F"}]}
        }
    }"#,
    );
    let of = |names: &[&str]| labels(&template, &conditions(names));
    for (names, expected) in [
        (&["Never"][..], &["`Never` is false"][..]),
        (&["NeverBySub"], &["`NeverBySub` is false"]),
        (&["Always"], &["`Always` is true"]),
    ] {
        assert_eq!(of(names), expected);
    }
    // Both are `y` then.
    assert_eq!(of(&["AsC", "IsX"]).len(), 3);
    assert!(!of(&["AsC", "IsX"]).contains(&"`AsC` is true, `IsX` is true".to_owned()));
    // `q` is not allowed for the one, so that the other is not it either.
    assert_eq!(of(&["AsD", "DIsQ"]).len(), 3);
    // What two are equal to is equal: all, none, or one pair of three.
    assert_eq!(of(&["DE", "EF", "DF"]).len(), 5);
    assert_eq!(of(&["DE"]).len(), 2);
}

#[test]
fn too_many_cases_leave_choices_open() {
    let names: Vec<String> = (0..6).map(|number| format!("C{number}")).collect();
    let choices: Vec<Choice> = names.iter().cloned().map(Choice::Condition).collect();
    let found = cases(&[(&Template::default(), &choices)]);
    assert_eq!((found.cases.len(), found.open.len()), (16, 2));
}

#[test]
fn two_templates_share_what_is_defined_alike() {
    let old = template(CONDITIONS);
    let new = template(&CONDITIONS.replace(r#"{"Ref": "Env"}, "prod"]"#, r#"{"Ref": "Env"}, "test"]"#));
    let choices = conditions(&["IsProd", "IsDev"]);
    let settled = |cases: Cases| {
        let of = |settled: &Settled| settled.conditions["IsProd"];
        cases.cases.iter().map(|case| (of(&case.settled[0]), of(&case.settled[1]))).collect::<BTreeSet<_>>()
    };
    let same = settled(cases(&[(&old, &choices), (&old, &choices)]));
    assert_eq!(same, [(false, false), (true, true)].into());
    let changed = settled(cases(&[(&old, &choices), (&new, &choices)]));
    assert_eq!(changed, [(false, false), (false, true), (true, false)].into());
}

#[test]
fn a_name_has_all_that_it_refers_to() {
    let text = |account: &str| {
        format!(
            r#"{{"Mappings": {{"M": {{"a": {{"b": "{account}"}}}}, "Other": {{}}}},
                "Parameters": {{"P": {{"Type": "String", "Default": "{account}"}}}},
                "Conditions": {{"C": {{"Fn::Equals": [{{"Ref": "P"}}, "x"]}}}},
                "X": [{{"Fn::FindInMap": ["M", "a", "b"]}}, {{"Fn::Sub": "arn:${{P}}"}}, {{"Fn::If": ["C", 1, 2]}},
                      {{"Ref": "AWS::Region"}}]}}"#
        )
    };
    let names = |text: &str| {
        let tree = parse(text).tree;
        let template = Template::read(&tree, text, &[]);
        let nodes = tree.get(text, "X").unwrap().items();
        nodes.iter().map(|node| template.name_of(node, text)).collect::<Vec<_>>()
    };
    let (one, other) = (names(&text("1")), names(&text("2")));
    assert_eq!(one, names(&text("1")));
    let changed: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one != other).collect();
    assert_eq!(changed, [true, true, true, false]);
}

#[test]
fn an_attribute_is_what_the_resource_is_defined_to_be() {
    let name = |kind: &str, property: &str, mapping: &str, function: &str| {
        let text = format!(
            r#"{{"Mappings": {{"dev": {{"a": {{"b": "{mapping}"}}}}, "prod": {{"a": {{"b": "x"}}}}}},
                "Resources": {{"X": {{"Type": "{kind}", "Properties": {{"{property}"}}}}}},
                "Value": {function}}}"#
        );
        let tree = parse(&text).tree;
        Template::read(&tree, &text, &[]).name_of(tree.get(&text, "Value").unwrap(), &text)
    };
    let differs = |kind: &str, property: &str, function: &str| {
        let of = |value: &str| name(kind, &format!("{property}\": \"{value}"), "y", function);
        of("1") != of("2")
    };
    let attribute = |name: &str| format!(r#"{{"Fn::GetAtt": ["X", "{name}"]}}"#);
    for (kind, property, name) in [
        ("AWS::SSM::Parameter", "Value", "Value"),
        ("AWS::EC2::VPC", "CidrBlock", "CidrBlock"),
        ("AWS::EC2::Subnet", "CidrBlock", "CidrBlock"),
        ("AWS::EC2::EIP", "PublicIpv4Pool", "PublicIp"),
        ("AWS::IAM::OIDCProvider", "Url", "Arn"),
        (
            "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
            "ProvisioningParameters",
            "Outputs.RoleArn",
        ),
        ("AWS::Serverless::Application", "Parameters", "Outputs.QueueArn"),
        ("AWS::CloudFormation::Stack", "Parameters", "Outputs.QueueArn"),
        ("Custom::Thing", "Role", "Arn"),
    ] {
        assert!(differs(kind, property, &attribute(name)), "{kind} {name}");
        for spelled in
            [format!(r#"{{"Fn::GetAtt": "X.{name}"}}"#), format!(r#"{{"Fn::Sub": "${{X.{name}}}"}}"#)]
        {
            assert!(differs(kind, property, &spelled), "{kind} {spelled}");
        }
    }
    assert!(differs("AWS::EC2::VPC", "CidrBlock", r#"{"Fn::GetAtt": ["X", {"Ref": "Attribute"}]}"#));
    assert!(differs("AWS::EC2::EIP", "Address", r#"{"Ref": "X"}"#));
    // What AWS calls it does not depend on what it is like.
    for (kind, property, function) in [
        ("AWS::SQS::Queue", "DelaySeconds", attribute("Arn")),
        ("AWS::SQS::Queue", "DelaySeconds", attribute("QueueName")),
        ("AWS::EC2::VPC", "CidrBlock", attribute("VpcId")),
        ("AWS::SSM::Parameter", "Value", r#"{"Ref": "X"}"#.to_owned()),
    ] {
        assert!(!differs(kind, property, &function), "{kind} {function}");
    }
    let mapped = |mapping: &str, map: &str| {
        name("AWS::SQS::Queue", "A\": \"b", mapping, &format!(r#"{{"Fn::FindInMap": [{map}, "a", "b"]}}"#))
    };
    assert_ne!(mapped("1", r#"{"Ref": "Env"}"#), mapped("2", r#"{"Ref": "Env"}"#));
    assert_eq!(mapped("1", r#""prod""#), mapped("2", r#""prod""#));
}

#[test]
fn what_may_hold_a_wildcard_is_no_plain_attribute() {
    let of = |kind: &str| template(&format!(r#"{{"Resources": {{"X": {{"Type": "{kind}"}}}}}}"#));
    assert!(of("AWS::SQS::Queue").has_plain_attributes("X.Arn"));
    assert!(of("AWS::SQS::Queue").has_plain_attributes("X"));
    for (kind, name) in [
        ("AWS::SSM::Parameter", "X.Value"),
        ("AWS::Logs::LogGroup", "X.Arn"),
        ("AWS::Serverless::Application", "X.Outputs.QueueArn"),
        ("Custom::Thing", "X.Arn"),
    ] {
        assert!(!of(kind).has_plain_attributes(name), "{kind} {name}");
    }
}
