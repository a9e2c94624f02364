use crate::analyze::cover::Scope;
use crate::analyze::lockout::{Lockout, lockout};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Because;
use crate::lint::accounts::wrong_account;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::is_template;
use crate::policy::{Arn, PrincipalType, Statement};
use crate::span::Span;

rule! {
    /// Nobody can change the key policy any more.
    ///
    /// ## Why
    ///
    /// Only the key policy says who may put a key policy, and only principals of the key's own account
    /// can be let. Without an `Allow` of `kms:PutKeyPolicy` for the account or someone in it, or with a
    /// `Deny` that takes it from all of them, the key stays as it is for good: not even the root user gets
    /// in, and only AWS Support can help. KMS refuses such a policy, unless the check is bypassed, as
    /// templates may do without saying so.
    ///
    /// The policies of AWS managed keys, which nobody but AWS may change, are no finding, nor is one whose
    /// administrator is still to be filled in.
    ///
    /// A single statement, or statements for services alone, that allow nothing of the kind are a note:
    /// they are mostly a piece to be merged.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
    ///       "Action": "kms:*",
    ///       "Resource": "*"
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "kms:PutKeyPolicy",
    ///       "Resource": "*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
    ///       "Action": "kms:*",
    ///       "Resource": "*"
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "kms:PutKeyPolicy",
    ///       "Resource": "*",
    ///       "Condition": { "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::111111111111:role/KeyAdmin" } }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Id": "auto-elasticfilesystem-1",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "*" },
    ///       "Action": [ "kms:Encrypt", "kms:Decrypt" ],
    ///       "Resource": "*",
    ///       "Condition": {
    ///         "StringEquals": {
    ///           "kms:ViaService": "elasticfilesystem.us-east-2.amazonaws.com",
    ///           "kms:CallerAccount": "222222222222"
    ///         }
    ///       }
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "AWS": "arn:aws:iam::222222222222:root" },
    ///       "Action": "kms:Describe*",
    ///       "Resource": "*"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "key-lockout", group: Kind, severity: Error, since: "0.1.0",
    rows: ["KMS-01"],
    peers: [],
    kinds: [Kms],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let statements = &document.policy.statements;
    let scope = Scope { kind: document.kind, resource: document.resource.as_deref() };
    let finding = match lockout(statements, scope) {
        Some(Lockout::Never) if is_of_aws(cx) || statements.iter().any(may_be_filled_in) => return,
        Some(Lockout::Never) => never(cx),
        Some(Lockout::Denied(by)) => denied(&by, cx),
        Some(Lockout::Conditional(index)) => match statements.get(index) {
            Some(statement) => {
                let place = statement.condition_span.unwrap_or(statement.span);
                let finding = cx
                    .finding(place, "the key policy can be changed on a condition only")
                    .label("who does not meet it cannot")
                    .help(match statement.denies() {
                        true => {
                            "deny other actions than `kms:PutKeyPolicy`, or leave out who manages the key"
                        }
                        false => "let the account or an administrator `kms:PutKeyPolicy` on no condition",
                    });
                let level = finding.severity.min(Severity::Warning);
                finding.severity(level)
            }
            None => return,
        },
        // What cannot be read, and what is filled in later, have their own findings.
        Some(Lockout::NotProved(why))
            if statements.iter().all(|one| one.is_complete() && one.unknowns().is_empty()) =>
        {
            let finding = cx.finding(
                opening(cx),
                format!("it is not known whether anybody may change this key policy: {why}"),
            );
            let level = finding.severity.min(Severity::Note);
            finding.severity(level).help(
                "make sure that \"kms:PutKeyPolicy\" is allowed to the account of the key, and not denied",
            )
        }
        Some(Lockout::Open(_) | Lockout::DeleteOnly(_) | Lockout::NotProved(_)) | None => return,
    };
    cx.report(finding);
}

/// Whether it is the policy of an AWS managed key, as KMS shows it: `auto-ssm-1`.
fn is_of_aws(cx: &Context<'_>) -> bool {
    let id = cx.document.policy.id.as_ref().map_or("", |id| id.text.as_str());
    id.strip_prefix("auto-").and_then(|rest| rest.rsplit_once('-')).is_some_and(|(service, number)| {
        !service.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a statement lets somebody change the policy who is still to be named.
fn may_be_filled_in(statement: &Statement) -> bool {
    let element = statement.action.as_ref().filter(|element| statement.allows() && !element.negated);
    let changes =
        element.is_some() && statement.actions().iter().any(|action| action.matches("kms:PutKeyPolicy"));
    let entries =
        statement.principal.iter().filter(|element| !element.negated).flat_map(|element| &element.entries);
    let entries = entries.filter(|entry| entry.kind == PrincipalType::Aws);
    changes
        && entries.flat_map(|entry| &entry.values.items).any(|value| {
            let account = Arn::parse(&value.text).and_then(|arn| wrong_account(arn.account));
            is_template(&value.text) || account.is_some_and(|account| account.stands_in)
        })
}

/// Where the policy begins.
fn opening(cx: &Context<'_>) -> Span {
    let whole = cx.document.tree.span;
    Span { start: whole.start, end: (whole.start + 1).min(whole.end) }
}

fn never(cx: &Context<'_>) -> Diagnostic {
    let document = cx.document;
    let finding = cx
        .finding(opening(cx), "nobody may change this key policy: no statement allows `kms:PutKeyPolicy`")
        .label("to the key's account or anyone in it")
        .help(
            "add a statement that allows \"kms:*\" to the account: \"Principal\": { \"AWS\": \
             \"arn:aws:iam::<account of the key>:root\" }",
        );
    let statements = &document.policy.statements;
    let principals = statements.iter().filter_map(|statement| statement.principal.as_ref());
    let mut entries = principals.flat_map(|element| &element.entries);
    let is_piece = (statements.len() < 2 || entries.all(|entry| entry.kind == PrincipalType::Service))
        && document.resource.is_none()
        && !matches!(document.because, Because::Envelope(_));
    let level = if is_piece { finding.severity.min(Severity::Note) } else { finding.severity };
    finding.severity(level)
}

fn denied(by: &[usize], cx: &Context<'_>) -> Diagnostic {
    let statements = by.iter().filter_map(|index| cx.document.policy.statements.get(*index));
    let mut places =
        statements.map(|deny| deny.action.as_ref().map_or(deny.span, |action| action.values.span));
    let first = places.next().unwrap_or(cx.document.tree.span);
    let message =
        "nobody may change this key policy: `kms:PutKeyPolicy` is denied to everyone who is allowed it";
    let finding = cx.finding(first, message).label("taken from all");
    let finding = places.fold(finding, |finding, place| finding.also_at(place, "together with this"));
    finding.help(
        "leave out who manages the key, as with \"Condition\": { \"ArnNotEquals\": { \"aws:PrincipalArn\": \
         \"<role that manages the key>\" } }",
    )
}
