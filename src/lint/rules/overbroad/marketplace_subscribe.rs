use crate::lint::rule::rule;
use crate::lint::{Check, Context};

rule! {
    /// The right to buy in AWS Marketplace.
    ///
    /// ## Why
    ///
    /// `aws-marketplace:Subscribe` enters into contracts that cost money, with software of others that then
    /// runs in the account. It cannot be held to one product by an ARN; `aws-marketplace:ProductId` can.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "aws-marketplace:Subscribe", "Resource": "*" }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "aws-marketplace:ViewSubscriptions", "Resource": "*" }
    /// }
    /// ```
    name: "marketplace-subscribe", group: Overbroad, severity: Note, since: "0.1.0",
    rows: ["OVR-16"], peers: ["prowler:iam_policy_no_wildcard_marketplace_subscribe"],
    kinds: [Identity],
    gives_way_to: ["full-admin", "not-action-allow", "whole-service"],
    check: Check::Document(check),
}

const ACTION: &str = "aws-marketplace:Subscribe";

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    for grant in grants.of(ACTION).iter().filter(|grant| !grant.held && !grant.conditional).take(1) {
        let how = grant.entry.names(ACTION);
        let lets = if grant.entry.is_wide() { ", which lets" } else { " lets" };
        let finding = cx
            .finding(grant.entry.span, format!("{how}{lets} its holder buy any product"))
            .label("enters into contracts")
            .help(
                "name the products: \"ForAllValues:StringEquals\": { \"aws-marketplace:ProductId\": [ … ] }",
            );
        cx.report(finding);
    }
}
