use crate::diagnostic::Severity;
use crate::lint::grants::{Reach, narrows};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// Decryption with every key.
    ///
    /// ## Why
    ///
    /// Data that is encrypted with a key of its own is held back from those who may read the bucket, queue or
    /// table but not use the key. `kms:Decrypt` on every key takes that line of defence away, for all keys
    /// whose key policy lets the account's own policies decide, which is the default. `kms:ReEncryptFrom`
    /// does the same by way of another key.
    ///
    /// A condition such as `kms:ViaService` or on an encryption context, or keys of one account, are a note.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "kms:Decrypt",
    ///     "Resource": "arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ///   }
    /// }
    /// ```
    name: "decrypt-any-key", group: Overbroad, severity: Warning, since: "0.1.0",
    rows: ["OVR-14"], peers: ["security-hub:KMS.1", "security-hub:KMS.2"],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "not-resource-allow", "whole-service"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let mut seen = Vec::new();
    for action in ["kms:Decrypt", "kms:ReEncryptFrom"] {
        for grant in grants.of(action).iter().filter(|grant| grant.reach == Reach::All) {
            let statement = grant.entry.statement;
            if seen.contains(&statement.index) {
                continue;
            }
            seen.push(statement.index);
            let how = grant.entry.names(action);
            let is = if grant.entry.is_wide() { ", which is allowed" } else { " is allowed" };
            let mut finding = cx
                .finding(grant.entry.span, format!("{how}{is} with every key"))
                .label("decrypts …")
                .help(
                    "name the keys, or the service that may use them: \"StringEquals\": { \"kms:ViaService\": \
                     \"s3.<region>.amazonaws.com\" }",
                );
            if let Some(resource) = &statement.resource {
                finding = finding.also_at(resource.values.span, "… with every key");
            }
            let by_account = statement.resources().iter().all(|resource| !resource.is_any());
            if statement.conditions.iter().any(narrows) || grant.held || by_account {
                finding.severity = finding.severity.min(Severity::Note);
            }
            cx.report(finding);
        }
    }
}
