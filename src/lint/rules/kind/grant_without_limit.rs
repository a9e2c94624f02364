use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::{PrincipalType, Statement};

rule! {
    /// Who may use a key may pass that on to anybody.
    ///
    /// ## Why
    ///
    /// With `kms:CreateGrant` a principal can give its use of the key to others, in any account, and the key
    /// policy does not show it. Services need the action to work on encrypted resources: `"Bool":
    /// {"kms:GrantIsForAWSResource": "true"}` allows just that, as in the key policies that AWS's console
    /// writes. `kms:GrantOperations`, `kms:GranteePrincipal`, `kms:GrantConstraintType` and `kms:ViaService`
    /// are limits as well.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": [ "kms:CreateGrant", "kms:ListGrants" ],
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": [ "kms:CreateGrant", "kms:ListGrants" ],
    ///     "Resource": "*",
    ///     "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } }
    ///   }
    /// }
    /// ```
    name: "grant-without-limit", group: Kind, severity: Note, since: "0.1.0",
    rows: ["KMS-04"],
    peers: [],
    kinds: [Kms],
    check: Check::Statement(check),
}

const LIMITS: [&str; 7] = [
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:granteeprincipal",
    "kms:retiringprincipal",
    "kms:grantconstrainttype",
    "kms:viaservice",
    "aws:principalisawsservice",
];

/// Whether a key says what a grant is for: the context is that of one resource.
fn is_limit(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    LIMITS.contains(&key.as_str()) || key.starts_with("kms:encryptioncontext")
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement
        .action
        .as_ref()
        .filter(|element| !element.negated && statement.allows() && statement.is_complete())
    else {
        return;
    };
    // `kms:*` and `kms:Create*` are for those who look after the key.
    let grant = element
        .values
        .items
        .iter()
        .find(|value| value.text.to_ascii_lowercase().starts_with("kms:creategrant"));
    let limited = statement.conditions.iter().any(|test| is_limit(&test.key));
    let Some(grant) = grant.filter(|_| !limited) else { return };
    // One that may change the policy may give the key to anybody all the same. Services make grants for themselves.
    let rules = statement.actions().iter().any(|action| action.matches("kms:PutKeyPolicy"));
    let people = trust::principals(statement, PrincipalType::Aws).next().is_some();
    if rules || !people {
        return;
    }
    let finding = cx.finding(grant.span, "this lets the principals give the key on to anybody");
    cx.report(finding.label("no condition says for what").help(
        "put it into a statement of its own with \"Bool\": { \"kms:GrantIsForAWSResource\": \"true\" }",
    ));
}
