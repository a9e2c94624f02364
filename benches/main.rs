//! How fast the stages are: `cargo bench`. Inputs are the fixtures, repeated where size matters.

use divan::counter::BytesCount;
use polmerge::Source;
use polmerge::document::{Hints, open};
use polmerge::lint::{Settings, lint};

fn main() {
    divan::main();
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
