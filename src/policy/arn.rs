//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

/// The partitions that there are, the usual one first.
pub const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"];

/// The six segments of an ARN, which may hold wildcards. The last one may hold colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// `kms`
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Twelve digits; empty for buckets.
    pub account: &'a str,
    /// All that is left, as `role/path/name`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits at the first five colons; `None` without them or without `arn` in front.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut segments = text.splitn(6, ':');
        if segments.next()? != "arn" {
            return None;
        }
        Some(Arn {
            partition: segments.next()?,
            service: segments.next()?,
            region: segments.next()?,
            account: segments.next()?,
            resource: segments.next()?,
        })
    }

    /// The part of the resource behind its type word: `name` of `role/path/name` is `path/name`.
    pub fn after(&self, word: &str) -> Option<&'a str> {
        let rest = self.resource.strip_prefix(word)?;
        rest.strip_prefix(['/', ':'])
    }

    /// Of the ARN of a log group, what follows its name: nothing, or the `:*` that CloudWatch Logs writes there and
    /// that IAM compares with for most actions (CloudWatch Logs guide, "Overview of managing access permissions to
    /// your CloudWatch Logs resources").
    pub fn after_log_group(&self) -> Option<&'a str> {
        let name = self.resource.strip_prefix("log-group:").filter(|_| self.service == "logs")?;
        let rest = name.get(name.find(':').unwrap_or(name.len())..)?;
        ["", ":*"].contains(&rest).then_some(rest)
    }

    /// The last part of a path: the name that a person gave.
    pub fn name(&self) -> &'a str {
        self.resource.rsplit(['/', ':']).next().unwrap_or(self.resource)
    }
}

/// Whether `text` is an account id.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
