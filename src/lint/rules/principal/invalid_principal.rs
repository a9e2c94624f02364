use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::accounts::wrong_account;
use crate::lint::facts::{is_pattern, is_plain};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, PARTITIONS, Principal, PrincipalType, Statement, Value, is_account_id};

rule! {
    /// A principal of type `AWS` is not an account, user, role or session.
    ///
    /// ## Why
    ///
    /// AWS refuses the policy. A principal is `*`, the twelve digits of an account, or the ARN of its root user, of
    /// a user, of a role, or of a session. ARNs of IAM and STS have no Region, and the ARN of a session does not contain
    /// the path of its role. Groups and instance profiles are not principals; services and identity providers have types
    /// of their own. An ARN that lacks a colon is refused like any other text; pages of AWS's own guides for queues and
    /// topics have such a slip. A canonical user is written as its id, 64 hexadecimal digits or more.
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
    for entry in entries.filter(|entry| entry.key.is_some()) {
        for value in entry.values.items.iter().filter(|value| is_plain(value)) {
            let finding = match entry.kind {
                PrincipalType::Aws => wrong(value, cx),
                PrincipalType::CanonicalUser => not_canonical(value, cx),
                PrincipalType::Service | PrincipalType::Federated => None,
            };
            if let Some(finding) = finding {
                cx.report(finding);
            }
        }
    }
}

/// S3 guide, "Finding the canonical user ID for your AWS account"; origin access identities have longer ones.
fn not_canonical(value: &Value, cx: &Context<'_>) -> Option<Diagnostic> {
    let text = value.text.as_str();
    let is_id = text.len() >= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id || is_pattern(text) {
        return None;
    }
    let finding = cx.finding(value.span, format!("`{text}` is not a canonical user id"));
    // A word in this place mostly waits for somebody to write an id there.
    let stands_in = !text.contains([':', '/', '@']);
    let severity = if stands_in { finding.severity.min(Severity::Warning) } else { finding.severity };
    let help = match text.contains("/groups/") {
        true => "name the accounts, users or roles that need access",
        false => "write the id: 64 hexadecimal digits",
    };
    Some(finding.severity(severity).label("AWS refuses this").help(help))
}

fn wrong(value: &Value, cx: &Context<'_>) -> Option<Diagnostic> {
    let text = value.text.as_str();
    let principal = Principal::new(PrincipalType::Aws, text);
    // Wildcards inside of a principal are a cause of their own, and so are variables.
    if matches!(principal, Principal::Any | Principal::UniqueId(_)) || is_pattern(text) {
        return None;
    }
    let say = |label: &str, help: &str| {
        let message = format!("`{text}` is not a principal of type `AWS`");
        cx.finding(value.span, message).label(label).help(help)
    };
    let meant = meant(text);
    let form = meant.as_deref().unwrap_or("write an account, or arn:aws:iam::<account>:role/<name>");
    let Some(arn) = Arn::parse(text) else { return not_arn(text, form, say) };
    let word = arn.resource.split(['/', ':']).next().unwrap_or("");
    if let Some(wrong) = wrong_account(arn.account).filter(|_| arn.account != "cloudfront") {
        let message = format!("`{}` is not an account", arn.account);
        let finding =
            cx.finding(value.span, message).label(wrong.why).help("write the twelve digits of an account");
        let level = if wrong.stands_in { Severity::Warning } else { Severity::Error };
        let severity = finding.severity.min(level);
        return Some(finding.severity(severity));
    }
    let is_iam = matches!(arn.service, "iam" | "sts");
    if is_iam && !PARTITIONS.contains(&arn.partition) {
        let lower = arn.partition.to_ascii_lowercase();
        return Some(match PARTITIONS.contains(&lower.as_str()) {
            true => say("the partition is in lower case", &format!("write \"arn:{lower}:…\"")),
            false => {
                let finding = say("AWS has no such partition", "write \"arn:aws:…\"");
                let severity = finding.severity.min(Severity::Warning);
                finding.severity(severity)
            }
        });
    }
    if is_iam && !arn.region.is_empty() && is_account_id(arn.account) {
        let form =
            format!("write \"arn:{}:{}::{}:{}\"", arn.partition, arn.service, arn.account, arn.resource);
        return Some(say("ARNs of IAM and STS have no Region", &form));
    }
    if crate::policy::can_call(text) {
        return None;
    }
    let parts: Vec<&str> = arn.resource.split('/').filter(|part| !part.is_empty()).collect();
    let name = parts.last().copied().unwrap_or_default();
    let named = "a name has up to 64 letters, digits and `_+=,.@-`";
    let as_named = "write the name as IAM has it";
    match (arn.service, word) {
        ("iam", _) if arn.account == "aws" => Some(say("an account has twelve digits", form)),
        ("iam", "user" | "role") if parts.len() > 1 && !arn.account.is_empty() => {
            Some(match arn.resource.contains("//") {
                true => say("a slash too many", as_named),
                false => say(named, as_named),
            })
        }
        ("sts", "assumed-role") if parts.len() > 3 => Some(say(
            "the ARN of a session does not contain the path of its role",
            &format!(
                "write assumed-role/{}/{name}, or name the role itself",
                parts.iter().rev().nth(1).copied().unwrap_or_default()
            ),
        )),
        ("sts", "assumed-role") if parts.len() == 3 => Some(say(named, as_named)),
        ("sts", "federated-user") if parts.len() > 1 => Some(say(named, as_named)),
        ("sts", "assumed-role") => Some(say(
            "the name of the session is missing",
            "write assumed-role/<role>/<session>, or name the role itself",
        )),
        ("iam", "group") => {
            Some(say("a group is not a principal", "name the role or the users that are meant"))
        }
        ("iam", "instance-profile") => {
            Some(say("an instance profile is not a principal", "name the role that is in it"))
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
    (is_account_id(account) && arn != text).then(|| format!("write \"{arn}\""))
}

/// A text that is not an ARN of six parts.
fn not_arn(text: &str, form: &str, say: impl Fn(&str, &str) -> Diagnostic) -> Option<Diagnostic> {
    if is_account_id(text) {
        return None;
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return Some(say("an account has twelve digits", "write the twelve digits of an account"));
    }
    if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") {
        return Some(say("a service", &format!("write {{ \"Service\": \"{text}\" }}")));
    }
    let of =
        [("AGPA", "group"), ("AIPA", "instance profile"), ("ANPA", "managed policy"), ("APKA", "public key")];
    let is_id =
        text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if let Some((_, what)) = of.iter().find(|(prefix, _)| is_id && text.starts_with(prefix)) {
        return Some(say(&format!("the id of a {what}"), "name the role or the users that are meant"));
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
