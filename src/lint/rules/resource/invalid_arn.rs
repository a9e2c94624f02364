use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::accounts::wrong_account;
use crate::lint::facts::{is_pattern, resource_values};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, marks};
use crate::policy::{Arn, Statement};

rule! {
    /// A resource is neither `*` nor an ARN of six parts.
    ///
    /// ## Why
    ///
    /// AWS refuses it, or takes it for a resource that cannot exist. An ARN is
    /// `arn:partition:service:region:account:resource`; the region and the account can be empty, their
    /// colons stay. The service is in lower case, an account has twelve digits.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "reports/*" }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:2222222222:expel-queue"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:expel-queue"
    ///   }
    /// }
    /// ```
    name: "invalid-arn", group: Resource, severity: Error, since: "0.1.0",
    rows: ["RES-01", "RES-02", "RES-04", "RES-06"],
    peers: [
        "access-analyzer:INVALID_ARN_PREFIX", "access-analyzer:MISSING_ARN_FIELD",
        "access-analyzer:INVALID_ARN_SERVICE_CASE", "access-analyzer:INVALID_ARN_ACCOUNT",
        "parliament:INVALID_ARN", "iam-policy-validator:invalid_resource", "cfn-lint:E3510",
        "cfn-lint:E3514",
    ],
    gives_way_to: ["json-syntax", "variable-outside"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    for value in resource_values(statement) {
        let text = value.text.as_str();
        let broken = marks(text).iter().any(|(_, hole)| matches!(hole, Mark::Open(_) | Mark::Empty));
        // A variable may hold anything, a broken one is another rule's.
        if text == "*" || text.starts_with("${") || broken || is_other_form(text, cx.document.kind) {
            continue;
        }
        let Some(wrong) = wrong(text) else { continue };
        let finding = cx.finding(value.span, wrong.message).label(wrong.label).help(wrong.help);
        cx.report(match wrong.stands_in {
            true => finding.severity(Severity::Warning),
            false => finding,
        });
    }
}

/// What AWS takes besides ARNs: API Gateway's own form, and the resources of stack policies.
fn is_other_form(text: &str, kind: Kind) -> bool {
    let kinds = matches!(kind, Kind::Resource | Kind::Endpoint);
    kinds && (text.starts_with("execute-api:/") || text.starts_with("LogicalResourceId/"))
}

struct Wrong {
    message: String,
    label: &'static str,
    help: String,
    /// Whether the text seems to stand for one that is still to be filled in.
    stands_in: bool,
}

/// The form of an ARN, as help.
const FORM: &str = "an ARN is arn:partition:service:region:account:resource";

fn wrong(text: &str) -> Option<Wrong> {
    if text.trim() != text {
        return Some(not_arn(text, "white space at an end", format!("write \"{}\"", text.trim())));
    }
    if !text.starts_with("arn:") {
        let parts: Vec<&str> = text.split(':').collect();
        let label = match parts.first() {
            // The first part can be a wildcard, too.
            Some(first) if is_pattern(first) && parts.len() >= 6 => return None,
            Some(first) if first.eq_ignore_ascii_case("arn") => "`arn` is in lower case",
            _ => "does not begin with `arn:`",
        };
        return Some(not_arn(text, label, FORM.to_owned()));
    }
    let Some(arn) = Arn::parse(text) else {
        let message = format!("`{text}` has {} of the six parts of an ARN", text.split(':').count());
        let help = format!("{FORM}; parts can be empty or `*`");
        return Some(Wrong { message, label: "parts are missing", help, stands_in: false });
    };
    if arn.service.is_empty() {
        let message = format!("`{text}` names no service");
        return Some(Wrong {
            message,
            label: "the third part is empty",
            help: FORM.to_owned(),
            stands_in: false,
        });
    }
    if arn.service.bytes().any(|byte| byte.is_ascii_uppercase()) && !is_pattern(arn.service) {
        let message = format!("the service `{}` of an ARN is in lower case", arn.service);
        let help = format!("write `{}`", arn.service.to_ascii_lowercase());
        return Some(Wrong { message, label: "case counts here", help, stands_in: false });
    }
    wrong_owner(arn.account)
}

fn not_arn(text: &str, label: &'static str, help: String) -> Wrong {
    // `SNS-topic-ARN`, `resource_arn`, `myKeyArn`
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|character: char| !character.is_ascii_alphabetic());
    let stands_in = words.any(|word| word.ends_with("arn") || word.ends_with("arns"));
    let message = match text {
        "" => "the resource is empty".to_owned(),
        text => format!("`{text}` is neither `*` nor an ARN"),
    };
    Wrong { message, label, help, stands_in: stands_in && !text.contains(':') }
}

fn wrong_owner(account: &str) -> Option<Wrong> {
    let wrong = wrong_account(account)?;
    Some(Wrong {
        message: format!("`{account}` is no account"),
        label: wrong.why,
        help: "write the twelve digits of an account, or `*` for any".to_owned(),
        stands_in: wrong.stands_in,
    })
}
