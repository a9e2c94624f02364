//! How the random tests draw: the same cases each run, others if they are asked for.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The seed of every run that is not given one.
const SEED: u64 = 1;

/// So many cases. `POLMERGE_SEED` draws others, `POLMERGE_CASES` another number of them; `tests/random/run` sets
/// both.
pub fn cases(usual: u32) -> ProptestConfig {
    ProptestConfig {
        cases: given("POLMERGE_CASES").unwrap_or(usual),
        rng_seed: RngSeed::Fixed(given("POLMERGE_SEED").unwrap_or(SEED)),
        // A seed means other cases as soon as a strategy changes, so what failed is kept as a case of its own.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The value of a variable of the environment.
///
/// # Panics
///
/// If there is one that is no such number: a run that tries something else than was asked for says nothing.
fn given<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{name} is `{text}`, which is no number in range"),
    }
}
