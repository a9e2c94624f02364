//! How a value is found in the accounts.

use serde::{Deserialize, Serialize};

use super::faults::named;

/// How a value is found in the accounts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Discover {
    /// Where candidates come from.
    pub sources: Vec<Source>,
    /// The name that is proposed where there is no candidate, for a new thing in the account of the first source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// A command that prints candidates for a value.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The account of the guide in which it runs.
    pub account: String,
    /// The command, which only reads; placeholders in it are values.
    pub command: String,
    /// The candidates in its answer, for `--query`: texts, or objects with a `value`. A member `of` follows the origin; one
    /// that is a placeholder is the value of that parameter with which the candidate belongs.
    pub query: String,
    /// What a candidate is.
    pub origin: String,
    /// What the candidates are for.
    #[serde(default, rename = "use")]
    pub purpose: Purpose,
}

/// What candidates are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A single one is the value.
    #[default]
    Fill,
    /// As to fill, and candidates of other sources are then only listed.
    Decide,
    /// They are listed for a person to choose from.
    List,
    /// Candidates of other sources that are not among them do not count.
    Limit,
}

impl Discover {
    /// What is wrong with texts that go into a script, where a command must only read; `accounts` are those of the guide.
    pub(super) fn faults(&self, accounts: &[&str]) -> Vec<Fault<'_>> {
        let line = |text: &str| !text.chars().any(char::is_control);
        let new = self.new.iter().filter(|name| !named(name, b"-_"));
        let mut faults: Vec<Fault<'_>> = new
            .map(|name| Fault {
                at: "new".to_owned(),
                what: "a name",
                text: name,
                form: "use letters, digits, `-` and `_`",
            })
            .collect();
        for (index, source) in self.sources.iter().enumerate() {
            let of_guide = accounts.contains(&source.account.as_str());
            let reads = "write `aws SERVICE OPERATION` and options, with an operation that begins with describe-, get- or list-";
            let all = [
                ("account", "an account", &source.account, of_guide, "name one of `guide.accounts`"),
                ("command", "a command that only reads", &source.command, only_reads(&source.command), reads),
                ("query", "a query", &source.query, line(&source.query), "give it one line of text"),
                ("origin", "an origin", &source.origin, line(&source.origin), "give it one line of text"),
            ];
            let wrong = all.into_iter().filter(|(_, _, _, is_good, _)| !is_good);
            faults.extend(wrong.map(|(member, what, text, _, form)| Fault {
                at: format!("sources/{index}/{member}"),
                what,
                text,
                form,
            }));
        }
        faults
    }
}

/// What is wrong with a text of `discover`.
pub(super) struct Fault<'a> {
    /// Its place in it.
    pub(super) at: String,
    /// What it is not valid as.
    pub(super) what: &'static str,
    /// The text.
    pub(super) text: &'a str,
    /// What is valid.
    pub(super) form: &'static str,
}

/// Whether a command is `aws SERVICE OPERATION` with options and no other words, where the operation is named as one that
/// only reads. No word is a URL: the AWS CLI would send a file, or ask another server.
fn only_reads(command: &str) -> bool {
    let words: Vec<&str> = command.split(' ').collect();
    let ["aws", service, operation, options @ ..] = words.as_slice() else { return false };
    let is_plain = |word: &&str| {
        !word.is_empty()
            && !word.contains("://")
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=,".contains(&byte))
    };
    let is_option = |word: &str| word.starts_with("--");
    ["describe-", "get-", "list-"].iter().any(|verb| operation.starts_with(verb))
        && !service.starts_with('-')
        && words.iter().all(is_plain)
        && options.iter().enumerate().all(|(index, word)| {
            // What an operation writes to a file is a word without an option.
            is_option(word) || (!word.starts_with('-') && index > 0 && is_option(options[index - 1]))
        })
}

#[cfg(test)]
mod tests {
    use super::only_reads;

    #[test]
    fn commands_that_do_more_than_read_are_refused() {
        for good in [
            "aws cloudtrail describe-trails",
            "aws cloudtrail describe-trails --no-include-shadow-trails",
            "aws s3api get-bucket-notification-configuration --bucket YOUR_S3_BUCKET",
        ] {
            assert!(only_reads(good), "{good}");
        }
        for bad in [
            "",
            "aws",
            "aws iam delete-role --role-name x",
            "aws s3api get-object --bucket b --key k ../file",
            "aws s3api get-object ../file",
            "aws --debug describe-x",
            "aws iam list-roles; rm -rf /",
            "aws iam list-roles --query $(x)",
            "aws iam list-roles  --max-items 1",
            "curl iam list-roles",
            "aws iam list-roles --endpoint-url https://example.com",
            "aws ssm get-parameter --name file:///etc/hostname",
        ] {
            assert!(!only_reads(bad), "{bad}");
        }
    }
}
