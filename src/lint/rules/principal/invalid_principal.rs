use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::accounts::wrong_account;
use crate::lint::facts::{is_pattern, is_plain};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Principal, PrincipalType, Statement, Value};

rule! {
    /// A principal of type `AWS` is no account, user, role or session.
    ///
    /// ## Why
    ///
    /// AWS refuses the policy. A principal is `*`, the twelve digits of an account, or the ARN of its root, of
    /// a user, of a role, or of a session. Groups are no principals, nor are instance profiles; services and
    /// identity providers have types of their own. An ARN with a colon too few is refused like any other text; pages
    /// of AWS's own guides for queues and topics have such a slip.
    ///
    /// ## Examples
    ///
    /// ```json bad s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:group/analysts" },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "s3.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:topic"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good s3
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": [ "arn:aws:iam::222222222222:role/analyst", "111111111111" ] },
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/*"
    ///   }
    /// }
    /// ```
    name: "invalid-principal", group: Principal, severity: Error, since: "0.1.0",
    rows: ["PRN-03", "PRN-09"],
    peers: [
        "access-analyzer:INVALID_PRINCIPAL_FORMAT", "parliament:UNKNOWN_PRINCIPAL", "cfn-lint:E3512",
    ],
    gives_way_to: ["unknown-principal-type", "unresolved-placeholder"],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let entries = statement.principal.iter().flat_map(|element| &element.entries);
    // A bare string other than `*` is another rule's.
    let entries = entries.filter(|entry| entry.kind == PrincipalType::Aws && entry.key.is_some());
    for value in entries.flat_map(|entry| &entry.values.items).filter(|value| is_plain(value)) {
        if let Some(finding) = wrong(value, cx) {
            cx.report(finding);
        }
    }
}

fn wrong(value: &Value, cx: &Context<'_>) -> Option<Diagnostic> {
    let text = value.text.as_str();
    let principal = Principal::new(PrincipalType::Aws, text);
    // Wildcards inside of a principal are a cause of their own, and so are variables.
    if matches!(principal, Principal::Any | Principal::UniqueId(_)) || is_pattern(text) {
        return None;
    }
    let say = |label: &str, help: &str| {
        let message = format!("`{text}` is no principal of type `AWS`");
        cx.finding(value.span, message).label(label).help(help)
    };
    let meant = meant(text);
    let form = meant.as_deref().unwrap_or("write an account, or arn:aws:iam::<account>:role/<name>");
    let Some(arn) = Arn::parse(text) else { return not_arn(text, form, say) };
    let word = arn.resource.split(['/', ':']).next().unwrap_or("");
    if let Some(wrong) = wrong_account(arn.account).filter(|_| arn.account != "cloudfront") {
        let message = format!("`{}` is no account", arn.account);
        let finding =
            cx.finding(value.span, message).label(wrong.why).help("write the twelve digits of an account");
        let level = if wrong.stands_in { Severity::Warning } else { Severity::Error };
        let severity = finding.severity.min(level);
        return Some(finding.severity(severity));
    }
    let has_name = arn.resource.len() > word.len() + 1;
    match (arn.service, word) {
        ("iam", "root") if arn.resource == "root" && !arn.account.is_empty() => None,
        ("iam", "user" | "role") if has_name && !arn.account.is_empty() => None,
        ("sts", "assumed-role") if arn.resource.split('/').filter(|part| !part.is_empty()).count() >= 3 => {
            None
        }
        ("sts", "federated-user") if has_name => None,
        ("sts", "assumed-role") => Some(say(
            "the name of the session is missing",
            "write assumed-role/<role>/<session>, or name the role itself",
        )),
        ("iam", "group") => Some(say("a group is no principal", "name the role or the users that are meant")),
        ("iam", "instance-profile") => {
            Some(say("an instance profile is no principal", "name the role that is in it"))
        }
        ("iam", "saml-provider" | "oidc-provider") => {
            Some(say("an identity provider", "write { \"Federated\": \"…\" } in a trust policy"))
        }
        ("iam" | "sts", _) if arn.account.is_empty() => Some(say("the account is missing", form)),
        ("iam" | "sts", _) => Some(say("no user, role or session", form)),
        _ if meant.is_some() => Some(say("a colon is not where it belongs", form)),
        _ => Some(say("not of IAM or STS", "name the role that it uses, or the service")),
    }
}

/// The ARN that is meant by one with too few colons, or one in the wrong place, as help.
fn meant(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').filter(|part| !part.is_empty()).collect();
    let ["arn", partition, service @ ("iam" | "sts"), account, resource] = parts.as_slice() else {
        return None;
    };
    let arn = format!("arn:{partition}:{service}::{account}:{resource}");
    (crate::policy::is_account_id(account) && arn != text).then(|| format!("write \"{arn}\""))
}

/// No ARN of six parts.
fn not_arn(text: &str, form: &str, say: impl Fn(&str, &str) -> Diagnostic) -> Option<Diagnostic> {
    if crate::policy::is_account_id(text) {
        return None;
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return Some(say("an account has twelve digits", "write the twelve digits of an account"));
    }
    if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
        return Some(say("a service", &format!("write {{ \"Service\": \"{text}\" }}")));
    }
    if text.trim() != text {
        return Some(say("white space at an end", &format!("write \"{}\"", text.trim())));
    }
    if text.starts_with("arn:") {
        return Some(say("not the six parts of an ARN", form));
    }
    // A word in this place mostly waits for somebody to write an ARN there.
    let finding = say("still to be filled in", form);
    let severity = finding.severity.min(Severity::Warning);
    Some(finding.severity(severity))
}
