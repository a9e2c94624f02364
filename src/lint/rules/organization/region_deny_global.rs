use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::pattern::Pattern;
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// A limit to some Regions also denies services that have none.
    ///
    /// ## Why
    ///
    /// IAM, Organizations, CloudFront, Route 53 and others have one place for the whole world, in us-east-1
    /// (us-gov-west-1 in GovCloud, cn-north-1 in China). A `Deny` for all other Regions denies them, and with
    /// them much that seems to have nothing to do with Regions. AWS's example names them in `NotAction`.
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
    ///     "Condition": { "StringNotEquals": { "aws:RequestedRegion": [ "eu-central-1", "eu-west-1" ] } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good scp
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Deny",
    ///     "NotAction": [ "iam:*", "organizations:*", "route53:*", "cloudfront:*", "support:*", "sts:*" ],
    ///     "Resource": "*",
    ///     "Condition": { "StringNotEquals": { "aws:RequestedRegion": [ "eu-central-1" ] } }
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
    ///     "Condition": { "StringNotEquals": { "aws:RequestedRegion": [ "eu-central-1", "us-east-1" ] } }
    ///   }
    /// }
    /// ```
    name: "region-deny-global", group: Organization, severity: Warning, since: "0.1.0",
    rows: ["ORG-15"],
    peers: [],
    kinds: [Scp, Boundary],
    check: Check::Statement(check),
}

/// What an organization can hardly do without, one action of each service. IAM guide, "AWS: Denies access to
/// AWS based on the requested Region".
const GLOBAL: [(&str, &str); 5] = [
    ("iam", "iam:GetRole"),
    ("organizations", "organizations:DescribeOrganization"),
    ("route53", "route53:ListHostedZones"),
    ("cloudfront", "cloudfront:ListDistributions"),
    ("support", "support:DescribeCases"),
];

/// The Regions of the services that have one place, by partition.
const HOMES: [&str; 4] = ["us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"];

fn check(statement: &Statement, cx: &mut Context<'_>) {
    let Some(element) = statement.action.as_ref().filter(|_| statement.denies() && statement.is_complete())
    else {
        return;
    };
    let Some(test) = statement.conditions.iter().find(|test| denies_other_regions(test)) else { return };
    if test
        .values
        .items
        .iter()
        .any(|value| !is_plain(value) || HOMES.iter().any(|home| Pattern::new(&value.text).matches(home)))
    {
        return;
    }
    // A policy that denies some services in other Regions is about those; one that denies nearly all is a limit
    // to Regions.
    let patterns = statement.actions();
    let denied = |action: &str| patterns.iter().any(|pattern| pattern.matches(action)) != element.negated;
    if !element.negated && !patterns.iter().any(|pattern| pattern.is_any()) {
        return;
    }
    let hit: Vec<String> = GLOBAL
        .iter()
        .filter(|(_, action)| denied(action))
        .map(|(service, _)| format!("`{service}`"))
        .collect();
    // One that was left out on purpose is no mistake.
    if hit.len() < 2 && !hit.iter().any(|service| service == "`iam`") {
        return;
    }
    let place = if element.negated {
        element.values.span
    } else {
        element.values.items.first().map_or(element.values.span, |value| value.span)
    };
    let message = format!(
        "{} {} denied as well, although {} called in one Region only",
        hit.join(", "),
        if hit.len() == 1 { "is" } else { "are" },
        if hit.len() == 1 { "it is" } else { "they are" }
    );
    let finding = cx
        .finding(place, message)
        .also_at(test.values.span, "us-east-1, where they are called, is not among these");
    cx.report(finding.help("name them in \"NotAction\", as in \"NotAction\": [\"iam:*\", \"organizations:*\", \"route53:*\", \"cloudfront:*\", \"support:*\", \"sts:*\"]"));
}

fn denies_other_regions(test: &Test) -> bool {
    test.key.eq_ignore_ascii_case("aws:RequestedRegion")
        && matches!(
            test.operator.kind,
            TestKind::StringNotEquals | TestKind::StringNotLike | TestKind::StringNotEqualsIgnoreCase
        )
}
