//! Tokens such as `YOUR_TOPIC_ARN` that stand for a value still to be given, and what other guides write.

use std::sync::LazyLock;

use regex::Regex;

use crate::span::Span;

/// `YOUR_` and capitals, digits and underscores, not preceded by a letter, digit or underscore.
/// No token is a prefix of another's match: the longest run is taken.
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bYOUR_[A-Z0-9_]+").unwrap());

/// How guides write what the reader has to fill in: `<ACCOUNT_ID>`, `{{account_id}}`, `${AccountId}`, `[ACCOUNT]`.
/// The policy variables of IAM have a colon in their name, or are one of `${*}`, `${?}` and `${$}`.
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled in the tests")]
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"<[A-Za-z][A-Za-z0-9_ .-]*>|\{\{[^{}]*\}\}|\$\{(?:[A-Za-z_][A-Za-z0-9_.-]*|AWS::[A-Za-z]+)\}|\[[A-Za-z][A-Za-z0-9_ -]*\]",
    )
    .unwrap()
});

/// How names begin that another tool fills in, or CloudFormation does: variables, loops, dynamic references.
const NAMES: [&str; 6] = ["${", "{{", "#{", "<%", "&{", "$("];

/// Whether a text has a name in it that something else fills in before AWS reads it.
pub fn is_filled_in(text: &str) -> bool {
    NAMES.iter().any(|name| text.contains(name))
}

/// Accounts that AWS's documentation writes where the reader's own belongs.
pub const EXAMPLE_ACCOUNTS: [&str; 5] =
    ["111122223333", "123456789012", "444455556666", "777788889999", "000000000000"];

/// How names begin that AWS's documentation writes where the reader's own belong, in lower case.
const EXAMPLE_NAMES: [&str; 4] = ["doc-example-bucket", "amzn-s3-demo-", "o-exampleorgid", "r-examplerootid"];

/// Something in a text that was meant to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// A placeholder, in whatever way it is written.
    Placeholder(String),
    /// An account or a name of AWS's documentation.
    Example(String),
}

impl Unfilled {
    /// What is written.
    pub fn text(&self) -> &str {
        match self {
            Unfilled::Placeholder(text) | Unfilled::Example(text) => text,
        }
    }

    /// Whether it is an account or a name of AWS's documentation.
    pub fn is_example(&self) -> bool {
        matches!(self, Unfilled::Example(_))
    }
}

/// What a text has that was meant to be replaced: placeholders of vendors' guides, and accounts and names of AWS's
/// documentation.
pub fn unfilled(text: &str) -> Vec<Unfilled> {
    let placeholders = FOREIGN.find_iter(text).map(|found| Unfilled::Placeholder(found.as_str().to_owned()));
    let numbers = text.split(|character: char| !character.is_ascii_alphanumeric());
    let numbers = numbers.filter(|number| !number.starts_with('0'));
    // Zeros are also the end of ids that are made up on purpose: alone, or in their place in an ARN, they are an account.
    let zeros = text.split(':').filter(|segment| segment.starts_with('0'));
    let examples = numbers.chain(zeros).filter(|number| EXAMPLE_ACCOUNTS.contains(number));
    let names = text.split([':', '/', ',', ' ']).filter(|name| {
        let name = name.to_ascii_lowercase();
        EXAMPLE_NAMES.iter().any(|start| name.starts_with(start))
    });
    placeholders.chain(examples.chain(names).map(|example| Unfilled::Example(example.to_owned()))).collect()
}

/// A token in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// `YOUR_TOPIC_ARN`.
    pub name: &'t str,
    /// Where it stands.
    pub span: Span,
}

/// Every token of `text`, in order.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    // The search costs nothing where it matters most: in texts without tokens.
    if !text.contains("YOUR_") {
        return Vec::new();
    }
    TOKEN
        .find_iter(text)
        .map(|found| Token { name: found.as_str(), span: Span::new(found.start(), found.end()) })
        .collect()
}

/// `text` with each token replaced by what `value` has for it; a token it does not know stays.
pub fn replace<'v>(text: &str, mut value: impl FnMut(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for token in tokens(text) {
        if let Some(value) = value(token.name) {
            out.push_str(text.get(done..token.span.start as usize).unwrap_or(""));
            out.push_str(value);
            done = token.span.end as usize;
        }
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.name).collect()
    }

    #[test]
    fn tokens_are_whole() {
        assert_eq!(names("YOUR_S3_ARN/*"), ["YOUR_S3_ARN"]);
        assert_eq!(names("YOUR_S3_ARN_2,YOUR_S3_ARN YOUR_X"), ["YOUR_S3_ARN_2", "YOUR_S3_ARN", "YOUR_X"]);
        assert_eq!(names("aYOUR_X _YOUR_X 1YOUR_X \u{e9}YOUR_X your_x YOUR_"), [""; 0]);
        assert_eq!(names("-YOUR_X:YOUR_Yz"), ["YOUR_X", "YOUR_Y"]);
    }

    #[test]
    fn placeholders_of_other_guides() {
        for (text, found) in [
            ("arn:aws:iam::<ACCOUNT_ID>:role/x", "<ACCOUNT_ID>"),
            ("arn:aws:iam::<account id>:role/x", "<account id>"),
            ("arn:aws:iam::{{account_id}}:root", "{{account_id}}"),
            ("arn:aws:iam::{{ .Account }}:root", "{{ .Account }}"),
            ("arn:aws:iam::${AccountId}:root", "${AccountId}"),
            ("arn:aws:iam::${AWS::AccountId}:root", "${AWS::AccountId}"),
            (
                "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root",
                "${data.aws_caller_identity.current.account_id}",
            ),
            ("arn:aws:iam::[ACCOUNT]:root", "[ACCOUNT]"),
            ("arn:aws:s3:::[bucket-name]/*", "[bucket-name]"),
            ("arn:aws:iam::111122223333:root", "111122223333"),
            ("444455556666", "444455556666"),
            ("arn:aws:iam::000000000000:root", "000000000000"),
            ("000000000000", "000000000000"),
            ("arn:aws:s3:::DOC-EXAMPLE-BUCKET/*", "DOC-EXAMPLE-BUCKET"),
            ("arn:aws:s3:::amzn-s3-demo-bucket1", "amzn-s3-demo-bucket1"),
            ("o-exampleorgid", "o-exampleorgid"),
            ("o-exampleorgid/r-ab12/ou-ab12-11111111/*", "o-exampleorgid"),
        ] {
            let texts: Vec<String> = unfilled(text).iter().map(|one| one.text().to_owned()).collect();
            assert_eq!(texts, [found], "{text}");
        }
        for text in [
            "arn:aws:s3:::b/${aws:username}/${aws:PrincipalTag/team, 'none'}/*",
            "${*}${?}${$}",
            "arn:aws:iam::222222222222:role/x",
            "1111222233334",
            "arn:aws:kms:us-east-1:222222222222:key/66666666-7777-8888-9999-000000000000",
            "a < b > c, [1-2], {x}, {}",
            "arn:aws:s3:::my-doc-example-bucket-2/o-example",
        ] {
            assert_eq!(unfilled(text), [], "{text}");
        }
    }

    #[test]
    fn replacing_leaves_unknown_tokens() {
        let value = |name: &str| (name == "YOUR_A").then_some("1");
        assert_eq!(replace("<YOUR_A> YOUR_AB YOUR_A", value), "<1> YOUR_AB 1");
    }
}
