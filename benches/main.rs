//! How fast the stages are: `cargo bench`. Inputs are the fixtures, repeated where size matters.

use divan::counter::BytesCount;
use polmerge::Source;
use polmerge::document::{Hints, open};
use polmerge::lint::{Settings, lint};

#[path = "support/engine.rs"]
mod engine;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--corpus") {
        Some(at) => engine::corpus(arguments.get(at + 1).map_or("", String::as_str)),
        None => divan::main(),
    }
}

fn fixture(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// About ten megabytes of one policy after the other, as one list.
fn large() -> String {
    let one = fixture("key-policy.json");
    let many = vec![one.as_str(); 10_000_000 / one.len()].join(",\n");
    format!("[{many}]")
}

#[divan::bench]
fn parse_one_policy(bencher: divan::Bencher<'_, '_>) {
    let text = fixture("key-policy.json");
    bencher.counter(BytesCount::of_str(&text)).bench(|| polmerge::parse::parse(divan::black_box(&text)));
}

#[divan::bench(sample_count = 10)]
fn parse_ten_megabytes(bencher: divan::Bencher<'_, '_>) {
    let text = large();
    bencher.counter(BytesCount::of_str(&text)).bench(|| polmerge::parse::parse(divan::black_box(&text)));
}

/// What the same text costs `serde_json` that only looks whether it is JSON.
#[divan::bench(sample_count = 10)]
fn serde_json_ignores_ten_megabytes(bencher: divan::Bencher<'_, '_>) {
    let text = large();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| serde_json::from_str::<serde::de::IgnoredAny>(divan::black_box(&text)).unwrap());
}

#[divan::bench]
fn open_one_policy(bencher: divan::Bencher<'_, '_>) {
    let text = fixture("key-policy.json");
    bencher
        .bench(|| open(Source::new("key-policy.json", divan::black_box(&text).as_str()), &Hints::default()));
}

#[divan::bench]
fn lint_one_policy(bencher: divan::Bencher<'_, '_>) {
    let file = open(Source::new("key-policy.json", fixture("key-policy.json")), &Hints::default());
    let settings = Settings::default();
    bencher.bench(|| lint(divan::black_box(&file.documents[0]), &settings));
}

/// Shapes that a check could be slow at, a thousand of each.
#[divan::bench(sample_count = 3, args = ["statements", "denies", "condition keys", "principals"])]
fn lint_what_is_large(bencher: divan::Bencher<'_, '_>, shape: &str) {
    let statement = |rest: &str| {
        format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"{rest}}}"#)
    };
    let thousand = |one: &dyn Fn(usize) -> String| (0..1_000).map(one).collect::<Vec<_>>().join(",");
    let statements = match shape {
        "statements" => thousand(&|_| statement("")),
        "denies" => {
            thousand(&|at| statement("").replace("Allow", if at % 2 == 0 { "Allow" } else { "Deny" }))
        }
        "condition keys" => {
            let keys = thousand(&|at| format!(r#""aws:x{at}":"x""#));
            statement(&format!(r#","Condition":{{"StringLikeIfExists":{{{keys}}}}}"#))
        }
        _ => {
            let list = thousand(&|at| format!(r#""arn:aws:iam::111111111111:role/{at}""#));
            statement("").replace("\"*\",\"Action", &format!(r#"{{"AWS":[{list}]}},"Action"#))
        }
    };
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let file = open(Source::new("large.json", text), &Hints::default());
    bencher.bench(|| lint(divan::black_box(&file.documents[0]), &Settings::default()));
}

/// A key policy of six statements, one of which another covers: what it takes to see, write and prove that.
#[divan::bench]
fn compact_one_policy(bencher: divan::Bencher<'_, '_>) {
    let file =
        open(Source::new("key-policy.json", fixture("kms/cloudtrail-console.json")), &Hints::default());
    let options = polmerge::compact::Options::default();
    bencher.bench(|| polmerge::compact::compact(divan::black_box(&file.documents[0]), options).unwrap());
}

/// One request against policies that are prepared.
mod can {
    use super::*;
    use divan::counter::ItemsCount;
    use polmerge::analyze::decide::{Layer, Policies, decide, fit};
    use polmerge::analyze::evaluate::{Asked, Prepared};
    use polmerge::analyze::request::{Caller, Context, ContextValue, Request};

    fn policy(layer: Layer, text: String) -> Prepared {
        fit(&open(Source::new("policy.json", text), &Hints::default()).documents[0], layer).unwrap()
    }

    fn request(principal: &str, action: &str, resource: &str) -> Request {
        Request {
            principal: Some(Caller::parse(principal)),
            action: action.to_owned(),
            resource: resource.to_owned(),
            ..Request::default()
        }
    }

    #[divan::bench]
    fn prepare_one_policy(bencher: divan::Bencher<'_, '_>) {
        let file = open(Source::new("key-policy.json", fixture("key-policy.json")), &Hints::default());
        bencher.bench(|| fit(divan::black_box(&file.documents[0]), Layer::Resource).unwrap());
    }

    /// An identity policy of two statements.
    #[divan::bench]
    fn decide_by_identity(bencher: divan::Bencher<'_, '_>) {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]},
            {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::secret/*"}]}"#;
        let policies =
            Policies { identity: vec![policy(Layer::Identity, text.to_owned())], ..Policies::default() };
        let request =
            request("arn:aws:iam::111111111111:role/Reader", "s3:GetObject", "arn:aws:s3:::logs/a/b.gz");
        bencher.counter(ItemsCount::new(1u32)).bench(|| decide(&policies, divan::black_box(&request)));
    }

    /// A key policy of three statements, with conditions.
    #[divan::bench]
    fn decide_by_key_policy(bencher: divan::Bencher<'_, '_>) {
        let key = policy(Layer::Resource, fixture("key-policy.json"));
        let policies = Policies { resource: Some(key), ..Policies::default() };
        let resource = "arn:aws:kms:us-east-1:111111111111:key/0a1b2c3d";
        let mut request = request("cloudtrail.amazonaws.com", "kms:GenerateDataKey", resource);
        let mut context = Context::default();
        let mut set = |key: &str, value: &str| context.insert(key, ContextValue::One(value.to_owned()));
        set(
            "aws:SourceArn",
            "arn:aws:cloudtrail:us-east-1:111111111111:trail/aws-controltower-BaselineCloudTrail",
        );
        set("kms:EncryptionContext:aws:cloudtrail:arn", "arn:aws:cloudtrail:us-east-1:111111111111:trail/x");
        request.context = context;
        bencher.counter(ItemsCount::new(1u32)).bench(|| decide(&policies, divan::black_box(&request)));
    }

    /// The statements alone, without the decision over layers.
    #[divan::bench]
    fn match_statements(bencher: divan::Bencher<'_, '_>) {
        let key = policy(Layer::Resource, fixture("key-policy.json"));
        let request =
            request("config.amazonaws.com", "kms:Decrypt", "arn:aws:kms:us-east-1:111111111111:key/0a1b2c3d");
        bencher
            .counter(ItemsCount::new(1u32))
            .bench(|| key.outcomes(&Asked::new(divan::black_box(&request))).count());
    }
}

mod steps {
    use super::*;
    use polmerge::apply::{Request, addition, apply};
    use polmerge::steps::{Given, Origin, Packs, Values};

    #[divan::bench]
    fn load_the_shipped_packs() -> Packs {
        Packs::shipped().unwrap()
    }

    #[divan::bench]
    fn apply_step2(bencher: divan::Bencher<'_, '_>) {
        let packs = Packs::shipped().unwrap();
        let given = Given {
            name: "YOUR_EXPEL_ROLE_ARN".to_owned(),
            value: "arn:aws:iam::222222222222:role/ExpelAssumeRole".to_owned(),
            origin: Origin::Set,
        };
        let values = Values::resolve(&packs, &[given], &["step2"], |_| false).unwrap().values;
        let step = packs.step("step2").unwrap();
        let addition = addition(&packs, step, polmerge::Kind::Kms, None, &values).unwrap().unwrap();
        let request = Request { additions: vec![addition], ..Request::default() };
        let file = open(Source::new("key-policy.json", fixture("key-policy.json")), &Hints::default());
        bencher.bench(|| apply(divan::black_box(&file.documents[0]), &packs, &request).unwrap());
    }
}

mod catalog {
    use polmerge::catalog;

    #[divan::bench]
    fn one_action() -> bool {
        catalog::action(divan::black_box("kms:decrypt")).is_some()
    }

    #[divan::bench(args = ["kms:GenerateDataKey*", "s3:*", "ec2:*Instance*", "*"])]
    fn actions_of_a_pattern(pattern: &str) -> usize {
        catalog::actions_matching(divan::black_box(pattern)).count()
    }

    #[divan::bench]
    fn a_pattern_without_actions() -> bool {
        catalog::has_match(divan::black_box("sqs:SendMessageB*"))
    }

    #[divan::bench]
    fn a_key_of_a_family() -> bool {
        catalog::condition_key(divan::black_box("aws:RequestTag/team")).is_some()
    }

    #[divan::bench]
    fn the_nearest_action() -> Option<&'static str> {
        catalog::nearest_action(divan::black_box("ec2:DescribeInstancs"))
    }
}
