//! What stands where an account belongs.

use super::facts::is_pattern;
use crate::policy::is_account_id;

/// Why a text is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoAccount {
    /// In a few words.
    pub(crate) why: &'static str,
    /// Whether the text seems to stand for one that is still to be filled in.
    pub(crate) stands_in: bool,
}

/// What is wrong with the account of an ARN; nothing with an empty one or a wildcard.
pub(crate) fn wrong_account(account: &str) -> Option<NoAccount> {
    let fine = account.is_empty() || is_account_id(account) || is_pattern(account);
    // AWS's own resources, and the offerings of one service, have a word there.
    if fine || ["aws", "offering"].contains(&account) {
        return None;
    }
    // Documentation counts up, as in `123456789`, or repeats one digit.
    let counted = "01234567890123456789".contains(account);
    let repeated = account.bytes().all(|byte| account.as_bytes().first() == Some(&byte));
    let digits = account.bytes().all(|byte| byte.is_ascii_digit()) && !counted && !repeated;
    let why = if digits { "an account has twelve digits" } else { "still to be filled in" };
    Some(NoAccount { why, stands_in: !digits })
}

/// The accounts in which Elastic Load Balancing writes access logs in Regions from before August 2022. Elastic Load
/// Balancing guide, "Enable access logs for your Application Load Balancer", sorted.
const LOAD_BALANCING: [&str; 26] = [
    "009996457667",
    "027434742980",
    "033677994240",
    "037604701340",
    "048591011584",
    "054676820928",
    "076674570225",
    "098369216593",
    "114774131450",
    "127311923021",
    "156460612806",
    "190560391635",
    "383597477331",
    "507241528517",
    "582318560864",
    "589379963580",
    "600734575887",
    "635631232127",
    "638102146993",
    "652711504416",
    "718504428378",
    "754344448648",
    "783225319266",
    "797873946194",
    "897822967062",
    "985666609251",
];

/// Whether an account is one of Elastic Load Balancing's own.
pub(crate) fn is_of_load_balancing(account: &str) -> bool {
    LOAD_BALANCING.binary_search(&account).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_load_balancing() {
        assert!(LOAD_BALANCING.is_sorted() && LOAD_BALANCING.iter().all(|account| is_account_id(account)));
        assert!(is_of_load_balancing("127311923021") && !is_of_load_balancing("127311923022"));
    }
}
