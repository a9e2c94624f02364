//! What the values of some keys look like.

use super::public::ANONYMOUS;
use super::space::TYPES;
use crate::pattern::Pattern;
use crate::policy::marks::is_template;
use crate::policy::{Test, TestKind, Value, is_account_id};

/// The form that every value of a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Twelve digits.
    Account,
    /// The same, or the word that requests without credentials have.
    CallerAccount,
    /// `o-` and ten to thirty-two letters and digits.
    Organization,
    /// `o-…/r-…/ou-…/`, with a slash at the end.
    Path,
    /// `vpc-` and eight or seventeen hexadecimal digits.
    Vpc,
    /// The same behind `vpce-`.
    Endpoint,
    /// `service.amazonaws.com`.
    Service,
    /// `service.region.amazonaws.com`.
    ViaService,
    /// The ARN of a KMS key.
    Key,
    /// `true` or `false`.
    Boolean,
    /// The name of an IAM user.
    UserName,
    /// What a caller is: `User`, `AssumedRole` and others.
    PrincipalType,
    /// What a caller passes to `sts:AssumeRole`: 2 to 1,224 letters, digits and some signs.
    ExternalId,
}

/// Keys, in lower case and sorted, with the form of their values. From the pages on global keys and on the keys of
/// KMS, IAM and S3.
const SHAPES: &[(&str, Shape)] = &[
    ("aws:calledvia", Shape::Service),
    ("aws:calledviafirst", Shape::Service),
    ("aws:calledvialast", Shape::Service),
    ("aws:multifactorauthpresent", Shape::Boolean),
    ("aws:principalaccount", Shape::CallerAccount),
    ("aws:principalisawsservice", Shape::Boolean),
    ("aws:principalorgid", Shape::Organization),
    ("aws:principalorgpaths", Shape::Path),
    ("aws:principalservicename", Shape::Service),
    ("aws:principalservicenameslist", Shape::Service),
    ("aws:principaltype", Shape::PrincipalType),
    ("aws:resourceaccount", Shape::Account),
    ("aws:resourceorgid", Shape::Organization),
    ("aws:resourceorgpaths", Shape::Path),
    ("aws:securetransport", Shape::Boolean),
    ("aws:sourceaccount", Shape::Account),
    ("aws:sourceorgid", Shape::Organization),
    ("aws:sourceorgpaths", Shape::Path),
    ("aws:sourceowner", Shape::Account),
    ("aws:sourcevpc", Shape::Vpc),
    ("aws:sourcevpce", Shape::Endpoint),
    ("aws:username", Shape::UserName),
    ("aws:viaawsservice", Shape::Boolean),
    ("aws:vpceaccount", Shape::Account),
    ("aws:vpceorgid", Shape::Organization),
    ("aws:vpceorgpaths", Shape::Path),
    ("iam:awsservicename", Shape::Service),
    ("iam:passedtoservice", Shape::Service),
    ("kms:calleraccount", Shape::Account),
    ("kms:viaservice", Shape::ViaService),
    ("s3:dataaccesspointaccount", Shape::Account),
    ("s3:resourceaccount", Shape::Account),
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", Shape::Key),
    ("sts:externalid", Shape::ExternalId),
];

/// The form of the values of a key, in any case.
pub(crate) fn shape_of(key: &str) -> Option<Shape> {
    let key = key.to_ascii_lowercase();
    let index = SHAPES.binary_search_by(|(known, _)| (*known).cmp(key.as_str())).ok()?;
    SHAPES.get(index).map(|(_, shape)| *shape)
}

/// Whether a value of a key may hold a colon, as far as is known.
pub(crate) fn may_have_colon(key: &str) -> bool {
    shape_of(key).is_none_or(|shape| matches!(shape, Shape::Key | Shape::ExternalId))
}

/// The form that the values of a test's key have, if this value is not of it, and so the key never has it.
pub(crate) fn never_has(test: &Test, value: &Value) -> Option<Shape> {
    let kind = test.operator.kind;
    let compares_texts = kind.name().starts_with("String") || kind.name().starts_with("Arn");
    let is_plain = !value.is_function() && !is_template(&value.text) && !value.text.contains("${");
    let shape = shape_of(&test.key).filter(|_| compares_texts && is_plain)?;
    let ignores_case = matches!(kind, TestKind::StringEqualsIgnoreCase | TestKind::StringNotEqualsIgnoreCase);
    let is_exact = ignores_case || matches!(kind, TestKind::StringEquals | TestKind::StringNotEquals);
    let fits = |text: &str| shape.fits(text, !is_exact);
    let is_one = fits(&value.text) || ignores_case && fits(&value.text.to_ascii_lowercase());
    (!is_one).then_some(shape)
}

impl Shape {
    /// Whether a value, in which there may be wildcards, can be of this form.
    pub(crate) fn fits(self, text: &str, wildcards: bool) -> bool {
        if self == Shape::UserName {
            return is_user_name(text, wildcards);
        }
        if self == Shape::ExternalId {
            return is_external_id(text, wildcards);
        }
        if wildcards && text.contains(['*', '?']) {
            return self.patterns().iter().any(|form| Pattern::new(form).intersects(&Pattern::new(text)));
        }
        match self {
            Shape::Account => is_account_id(text),
            Shape::CallerAccount => is_account_id(text) || text == ANONYMOUS,
            Shape::Organization => is_organization(text),
            Shape::Path => text.ends_with('/') && text.split('/').next().is_some_and(is_organization),
            Shape::Vpc => text.strip_prefix("vpc-").is_some_and(is_id),
            Shape::Endpoint => text.strip_prefix("vpce-").is_some_and(is_id),
            Shape::Service => has_shape(text),
            Shape::ViaService => has_shape(text) && text.trim_end_matches(".cn").matches('.').count() > 2,
            Shape::Key => text.starts_with("arn:") && text.contains(":kms:") && text.contains(":key/"),
            Shape::Boolean => ["true", "false"].contains(&text),
            Shape::UserName => is_user_name(text, false),
            Shape::ExternalId => is_external_id(text, false),
            Shape::PrincipalType => TYPES.contains(&text),
        }
    }

    /// What there is of this form, as patterns.
    fn patterns(self) -> &'static [&'static str] {
        match self {
            Shape::Account => &["????????????"],
            Shape::CallerAccount => &["????????????", ANONYMOUS],
            Shape::Organization => &["o-??????????*"],
            Shape::Path => &["o-??????????*/*"],
            Shape::Vpc => &["vpc-????????", "vpc-?????????????????"],
            Shape::Endpoint => &["vpce-????????", "vpce-?????????????????"],
            Shape::Service => &["*.amazonaws.*", "*.amazon.com", "*.gov", "*.uk", "*.aws"],
            Shape::ViaService => &["*.*.amazonaws.*", "*.*.gov", "*.*.uk"],
            Shape::Key => &["arn:*:kms:*:key/*"],
            Shape::Boolean => &["true", "false"],
            Shape::UserName | Shape::ExternalId => &["*"],
            Shape::PrincipalType => &TYPES,
        }
    }

    /// Whether AWS says in so many words that nothing else is valid.
    pub(crate) fn is_sure(self) -> bool {
        matches!(
            self,
            Shape::Vpc | Shape::Endpoint | Shape::Service | Shape::Key | Shape::Boolean | Shape::ExternalId
        )
    }

    /// Whether a text seems to stand for a value that is still to be filled in.
    pub(crate) fn stands_in(self, text: &str) -> bool {
        if self == Shape::ExternalId {
            return text.contains(' ');
        }
        let body = match self {
            Shape::Vpc | Shape::Endpoint => Some(text.split_once('-').map_or(text, |(_, id)| id)),
            Shape::Key if !text.starts_with("arn:") => Some(text),
            Shape::Service if !text.contains('.') => Some(text),
            _ => None,
        };
        body.is_some_and(|body| !body.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// What to write.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Shape::Account | Shape::CallerAccount => "write the twelve digits of an account",
            Shape::Organization => "write the id of an organization, such as \"o-a1b2c3d4e5\"",
            Shape::Path => {
                "write the path with a slash at its end, such as \"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/\"; with \
                 \"StringLike\" and a star for all below"
            }
            Shape::Vpc => "write the id of a VPC, such as \"vpc-0a1b2c3d4e5f67890\"",
            Shape::Endpoint => "write the id of a VPC endpoint, such as \"vpce-0a1b2c3d4e5f67890\"",
            Shape::Service => "write the service principal, such as \"lambda.amazonaws.com\"",
            Shape::ViaService => "write service and Region, such as \"s3.us-east-1.amazonaws.com\"",
            Shape::Boolean => "write `true` or `false`, in small letters, with the operator `Bool`",
            Shape::UserName => "write the name of a user, such as \"ana\", without its path",
            Shape::PrincipalType => {
                "write \"Account\", \"User\", \"FederatedUser\", \"AssumedRole\" or \"Anonymous\""
            }
            Shape::ExternalId => {
                "write the id that the other account passes, 2 to 1,224 letters, digits or characters of `_+=,.@:/-`"
            }
            Shape::Key => "write the ARN of a key, such as \"arn:aws:kms:us-east-1:222222222222:key/…\"",
        }
    }
}

/// The ends of the names of service principals.
pub(crate) const SERVICE_ENDS: [&str; 9] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".csp.hci.ic.gov",
    ".cloud.adc-e.uk",
    ".api.aws",
];

/// Whether a text has the shape of a service principal; `is_hosted` asks for one under `amazonaws.com` and the like.
pub(crate) fn has_shape(text: &str) -> bool {
    let Some(name) = SERVICE_ENDS.iter().find_map(|end| text.strip_suffix(end)) else { return false };
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    // Devices and skills of Amazon have a domain of their own; services do not.
    let own = ["alexa-appkit", "alexa-connectedhome", "alexa-skill"];
    (!text.ends_with(".amazon.com") || own.contains(&name)) && name.split('.').all(is_label)
}

/// IAM API reference, "CreateUser", under `UserName`.
fn is_user_name(text: &str, wildcards: bool) -> bool {
    let is_allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte) || wildcards && b"*?".contains(&byte)
    };
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// STS API reference, "AssumeRole", under `ExternalId`.
fn is_external_id(text: &str, wildcards: bool) -> bool {
    let is_star = |byte: u8| wildcards && byte == b'*';
    let is_allowed = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"_+=,.@:/-".contains(&byte)
            || is_star(byte)
            || wildcards && byte == b'?'
    };
    let fixed = text.bytes().filter(|byte| !is_star(*byte)).count();
    let is_open = text.bytes().any(is_star);
    fixed <= 1_224 && (fixed >= 2 || is_open) && text.bytes().all(is_allowed)
}

fn is_organization(text: &str) -> bool {
    let id = text.strip_prefix("o-").unwrap_or("");
    (10..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_id(text: &str) -> bool {
    [8, 17].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_patterns() {
        assert!(SHAPES.is_sorted_by(|(a, _), (b, _)| a < b));
        let shape = |key: &str| shape_of(key).unwrap();
        for (key, text) in [
            ("AWS:SourceVpce", "vpce-0a1b2c3d"),
            ("aws:SourceVpc", "vpc-*"),
            ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*"),
            ("kms:ViaService", "s3.*.amazonaws.com"),
            ("kms:ViaService", "ec2.us-east-1.amazonaws.com"),
            ("iam:PassedToService", "ecs-tasks.amazonaws.com.cn"),
            ("aws:SourceAccount", "2222*"),
            ("aws:PrincipalAccount", "222222222222"),
            ("aws:PrincipalAccount", "anonymous"),
            ("aws:PrincipalAccount", "anon*"),
            ("aws:ResourceOrgID", "o-*"),
            ("aws:username", "ana.b@example.com"),
            ("aws:username", "team-*"),
            ("aws:PrincipalType", "AssumedRole"),
            ("aws:PrincipalType", "*User"),
            ("sts:ExternalId", "a1"),
            ("sts:ExternalId", "a:b/c@d,e=f+g_h.i-j"),
            ("sts:ExternalId", "*"),
            ("sts:ExternalId", "a?"),
        ] {
            assert!(shape(key).fits(text, true), "{key} {text}");
        }
        for (key, text) in [
            ("aws:SourceVpce", "vpc-0a1b2c3d"),
            ("aws:SourceVpc", "vpce-*"),
            ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"),
            ("kms:ViaService", "s3.amazonaws.com"),
            ("iam:PassedToService", "ecs-tasks"),
            ("aws:SourceAccount", "22222222222"),
            ("aws:SourceAccount", "anonymous"),
            ("kms:CallerAccount", "anonymous"),
            ("aws:PrincipalAccount", "Anonymous"),
            ("aws:PrincipalAccount", "anon"),
            ("aws:PrincipalOrgID", "org-1"),
            ("aws:username", "team/ana"),
            ("aws:username", "team/*"),
            ("aws:username", ""),
            ("aws:PrincipalType", "user"),
            ("aws:PrincipalType", "Role*"),
            ("sts:ExternalId", ""),
            ("sts:ExternalId", "a"),
            ("sts:ExternalId", "?"),
            ("sts:ExternalId", "my id"),
            ("sts:ExternalId", "é1"),
        ] {
            assert!(!shape(key).fits(text, true), "{key} {text}");
        }
        let longest = "a".repeat(1_224);
        assert!(Shape::ExternalId.fits(&longest, false) && !Shape::ExternalId.fits(&(longest + "a"), false));
    }
}
