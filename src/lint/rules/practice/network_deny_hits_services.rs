use crate::diagnostic::Severity;
use crate::kind::Kind;
use crate::lint::caller::{self, Caller};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test};

rule! {
    /// A `Deny` for other networks also hits what AWS's services do for the caller.
    ///
    /// ## Why
    ///
    /// When a service such as CloudFormation or Athena goes on with the caller's credentials, the request comes
    /// from AWS's network: `aws:SourceIp` is another address, and `aws:SourceVpc` and `aws:SourceVpce` are
    /// missing. A `Deny` for all but one's own network denies it. `"Bool": {"aws:ViaAWSService": "false"}`
    /// spares such requests.
    ///
    /// ## Examples
    ///
    /// ```json bad scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "*",
    ///     "Resource": "*",
    ///     "Condition": { "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "Action": "*",
    ///     "Resource": "*",
    ///     "Condition": {
    ///       "NotIpAddress": { "aws:SourceIp": "192.0.2.0/24" },
    ///       "Bool": { "aws:ViaAWSService": "false" }
    ///     }
    ///   }
    /// }
    /// ```
    name: "network-deny-hits-services", group: Practice, severity: Warning, since: "0.1.0",
    rows: ["BPR-05"],
    peers: [],
    kinds: [Identity, Boundary, Session, Scp, Rcp, S3, Sns, Sqs, Kms, SecretsManager],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.denies() || !statement.is_complete() {
        return;
    }
    let is_network = |test: &&Test| {
        let key = test.key.to_ascii_lowercase();
        caller::NETWORK.contains(&key.as_str()) && caller::passes(test, Caller::Forwarded)
    };
    let Some(test) = statement.conditions.iter().find(is_network) else { return };
    if !caller::reaches(statement, Caller::Forwarded) {
        return;
    }
    let finding = cx
        .finding(test.key_span, "what a service does for the caller comes from AWS's network, and is denied");
    // Whether services go to it for people is known of one resource better than of an account.
    let level = match cx.document.kind.names_principal() && cx.document.kind != Kind::Rcp {
        true => finding.severity.min(Severity::Note),
        false => finding.severity,
    };
    cx.report(
        finding
            .severity(level)
            .label("true of such a request")
            .help("add \"Bool\": { \"aws:ViaAWSService\": \"false\" }"),
    );
}
