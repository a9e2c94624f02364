use crate::lint::exposure::{CONTENT, exposed};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// The data of everything there is, for the asking.
    ///
    /// ## Why
    ///
    /// Reading every object of every bucket, every parameter and every table is what somebody needs who wants
    /// to carry the data out, and hardly anybody else. The actions that read content can be held to the
    /// buckets and tables that are meant.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": [ "s3:GetObject", "ssm:GetParameter*" ], "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "data-exposure", group: Exposure, severity: Note, since: "0.1.0",
    rows: ["EXP-01"],
    peers: [
        "cloudsplaining:DataExfiltration", "checkov:CKV_AWS_108", "checkov:CKV_AWS_288",
        "iam-policy-validator:sensitive_action",
    ],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "not-resource-allow", "whole-service", "credentials-exposure"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    for one in exposed(&grants, CONTENT) {
        if let Some(finding) = one.finding("data can be carried out", cx) {
            cx.report(finding.help("name the buckets, tables, parameters or queues whose content is needed"));
        }
    }
}
