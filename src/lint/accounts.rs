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
