use crate::analyze::public::{self, Hold, everyone, hold, names_an_owner, taken_back};
use crate::kind::Kind;
use crate::lint::caller::is_of_principal;
use crate::lint::presence::needs_the_key;
use crate::lint::rule::rule;
use crate::lint::services::{misspelt, name};
use crate::lint::{Check, Context};
use crate::policy::{PrincipalType, Statement, Test, TestKind, Value};

rule! {
    /// A service is let in whichever account it acts for.
    ///
    /// ## Why
    ///
    /// Anybody can set the service up in his own account and point it at this resource; the service
    /// then comes with its own name, as it does for the owner. `aws:SourceArn`, `aws:SourceAccount` or
    /// `aws:SourceOrgID` say for whom it must act, in a condition of the statement or in a `Deny` of all others.
    /// `"Principal": "*"` with `aws:PrincipalIsAWSService` or `aws:PrincipalServiceName` is the same.
    ///
    /// Trust policies are left out: there the service takes the role on for the role's own account.
    ///
    /// ## Examples
    ///
    /// ```json bad kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": [ "kms:Decrypt", "kms:GenerateDataKey" ],
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad sqs
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": "*",
    ///     "Action": "sqs:SendMessage",
    ///     "Resource": "arn:aws:sqs:us-east-1:222222222222:jobs",
    ///     "Condition": { "StringEquals": { "aws:PrincipalServiceName": "events.amazonaws.com" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Principal": { "Service": "s3.amazonaws.com" },
    ///       "Action": "sns:Publish",
    ///       "Resource": "arn:aws:sns:us-east-1:222222222222:uploads"
    ///     },
    ///     {
    ///       "Effect": "Deny",
    ///       "Principal": "*",
    ///       "Action": "sns:Publish",
    ///       "Resource": "arn:aws:sns:us-east-1:222222222222:uploads",
    ///       "Condition": {
    ///         "StringNotEqualsIfExists": { "aws:SourceAccount": "222222222222" },
    ///         "Bool": { "aws:PrincipalIsAWSService": "true" }
    ///       }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good kms
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "config.amazonaws.com" },
    ///     "Action": [ "kms:Decrypt", "kms:GenerateDataKey" ],
    ///     "Resource": "*",
    ///     "Condition": { "StringEquals": { "aws:SourceOrgID": "o-a1b2c3d4e5" } }
    ///   }
    /// }
    /// ```
    name: "confused-deputy", group: ConfusedDeputy, severity: Warning, since: "0.1.0",
    rows: ["CDP-01", "CDP-04", "LMB-01"],
    peers: [
        "access-analyzer:RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", "iam-policy-validator:confused_deputy_risk",
        "checkov:CKV_AWS_364", "trivy:AWS-0067",
    ],
    kinds: [Kms, S3, Sns, Sqs, Ecr, SecretsManager, Lambda, Resource],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() || !statement.is_complete() {
        return;
    }
    let kind = cx.document.kind;
    let services = services(statement, kind);
    let Some((service, others)) = services.split_first() else { return };
    // Of a test that a service never passes `principal-key-for-service` tells.
    let never_lets_in = |test: &Test| needs_the_key(test) && is_of_principal(&test.key);
    let holds = |test: &Test| never_lets_in(test) || says_for_whom(test, statement, cx);
    if statement.conditions.iter().any(holds) || is_denied(statement, cx) {
        return;
    }
    let thing = kind.thing();
    let who = match others.len() {
        0 if service.text.eq_ignore_ascii_case("true") => "every service of AWS may".to_owned(),
        0 => format!("`{}` may", service.text),
        1 => format!("`{}` and one more service may", service.text),
        more => format!("`{}` and {more} more services may", service.text),
    };
    let mut finding = cx
        .finding(service.span, format!("{who} use this {thing} whichever account it acts for"))
        .label("acts for whoever asks it")
        .help(
            "add \"StringEquals\": { \"aws:SourceAccount\": \"<account>\" }; `aws:SourceOrgID` or \
             `aws:SourceArn` also work",
        );
    // A test that was meant to say it and does not.
    let meant = statement.conditions.iter().find(|test| is_source(&test.key));
    if let Some(test) = meant {
        let why = match hold(test, statement, kind) {
            Hold::Absent => "… also if it does not say for whom",
            Hold::Open => "… as this is true of every account",
            _ => "… and this does not say for whom",
        };
        finding = finding.also_at(test.values.span, why);
    }
    cx.report(finding);
}

/// The services that a statement names, or the values of the condition that leaves only services of everyone. One that
/// does not exist acts for no one.
fn services(statement: &Statement, kind: Kind) -> Vec<&Value> {
    let exists = |value: &Value| name(&value.text).and_then(misspelt).is_none();
    let is_plain = |value: &&Value| !value.is_function() && value.text != "*" && exists(value);
    let element = statement.principal.iter().filter(|element| !element.negated);
    let entries = element.flat_map(|element| &element.entries);
    let named = entries.filter(|entry| entry.kind == PrincipalType::Service);
    let named: Vec<&Value> = named.flat_map(|entry| &entry.values.items).filter(is_plain).collect();
    if !named.is_empty() || everyone(statement).is_none() {
        return named;
    }
    let (of_services, others): (Vec<&Test>, Vec<&Test>) =
        statement.conditions.iter().partition(|test| asks_for_services(test));
    let holds = |test: &&Test| matches!(hold(test, statement, kind), Hold::Fixed | Hold::Unknown);
    match of_services.first() {
        Some(test) if !others.iter().any(holds) => {
            test.values.items.iter().filter(|value| !value.is_function() && exists(value)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a test lets only services through that call by themselves.
fn asks_for_services(test: &Test) -> bool {
    match test.key.to_ascii_lowercase().as_str() {
        "aws:principalisawsservice" => {
            let is_true = |value: &Value| value.text.eq_ignore_ascii_case("true");
            test.operator.kind == TestKind::Bool
                && needs_the_key(test)
                && test.values.items.iter().all(is_true)
        }
        "aws:principalservicename" | "aws:principalservicenameslist" => needs_the_key(test),
        _ => false,
    }
}

/// Whether a Deny takes the statement back from services that act for others.
fn is_denied(statement: &Statement, cx: &Context<'_>) -> bool {
    let of_services = public::denies(&cx.document.policy).into_iter().filter_map(|deny| {
        let conditions: Vec<Test> =
            deny.conditions.iter().filter(|test| !asks_for_services(test)).cloned().collect();
        // What a service never has spares none.
        let is_meant = conditions.iter().all(|test| is_source(&test.key) || is_of_principal(&test.key));
        let spares_no_service = deny.conditions.iter().all(|test| {
            !asks_for_services(test) || test.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
        });
        (is_meant && spares_no_service).then(|| Statement { conditions, ..deny.clone() })
    });
    let denies: Vec<Statement> = of_services.collect();
    taken_back(&denies.iter().collect::<Vec<_>>(), statement, cx.document.kind).is_some()
}

fn is_source(key: &str) -> bool {
    let keys =
        ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner"];
    keys.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether a test holds a service to somebody's account, organization or resource.
fn says_for_whom(test: &Test, statement: &Statement, cx: &Context<'_>) -> bool {
    let key = test.key.to_ascii_lowercase();
    // Lambda guide, "Alexa": the token is the id of the skill.
    let others = ["kms:calleraccount", "lambda:eventsourcetoken", "lambda:sourceaccount"];
    if is_source(&key) || others.contains(&key.as_str()) {
        return match hold(test, statement, cx.document.kind) {
            Hold::Fixed | Hold::Unknown => true,
            // A `*` that runs across the account is `string-operator-on-arn`'s matter.
            Hold::Open => test.values.items.iter().all(|value| names_an_owner(&value.text)),
            _ => false,
        };
    }
    // What a service encrypts carries the ARN of the owner's resource with it.
    key.starts_with("kms:encryptioncontext:")
        && !test.operator.kind.is_negated()
        && !test.operator.if_exists
        && test.values.items.iter().all(|value| value.is_function() || names_an_owner(&value.text))
}

#[cfg(test)]
mod tests {
    use crate::document::{Hints, open_policy};
    use crate::lint::{Settings, lint};
    use crate::source::Source;

    fn is_found(allow: &str, deny: Option<&str>) -> bool {
        let rest = r#""Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:111111111111:q""#;
        let allow = format!(r#"{{"Effect":"Allow",{allow},{rest}}}"#);
        let deny = deny.map(|deny| format!(r#",{{"Effect":"Deny",{deny},{rest}}}"#)).unwrap_or_default();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{allow}{deny}]}}"#);
        let document = open_policy(Source::new("test.json", text), &Hints::default());
        let found = lint(&document, &Settings::default());
        found.iter().any(|finding| finding.rule == "confused-deputy")
    }

    #[test]
    fn everyone_held_to_services_is_the_services() {
        let everyone = |condition: &str| format!(r#""Principal":"*","Condition":{{{condition}}}"#);
        for open in [
            r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#,
            r#""StringEquals":{"aws:PrincipalServiceName":"events.amazonaws.com"}"#,
            r#""StringLike":{"aws:PrincipalServiceName":"*.amazonaws.com"}"#,
            r#""ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"events.amazonaws.com"}"#,
        ] {
            assert!(is_found(&everyone(open), None), "{open}");
        }
        for held in [
            r#""Bool":{"aws:PrincipalIsAWSService":"true"},"StringEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""Bool":{"aws:PrincipalIsAWSService":"false"}"#,
            r#""StringNotEquals":{"aws:PrincipalServiceName":"events.amazonaws.com"}"#,
            r#""BoolIfExists":{"aws:PrincipalIsAWSService":"true"}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        ] {
            assert!(!is_found(&everyone(held), None), "{held}");
        }
    }

    #[test]
    fn the_token_of_a_skill_says_for_whom() {
        let skill = |condition: &str| {
            format!(r#""Principal":{{"Service":"alexa-appkit.amazon.com"}},"Condition":{{{condition}}}"#)
        };
        assert!(!is_found(&skill(r#""StringEquals":{"lambda:EventSourceToken":"amzn1.ask.skill.x"}"#), None));
        assert!(is_found(&skill(r#""Bool":{"aws:SecureTransport":"true"}"#), None));
    }

    #[test]
    fn a_deny_of_all_others_says_for_whom() {
        let service = r#""Principal":{"Service":"events.amazonaws.com"}"#;
        assert!(is_found(service, None));
        // What is never allowed is not allowed for others.
        let in_account = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#;
        assert!(!is_found(&format!("{service}{in_account}"), None));
        let deny = |condition: &str| format!(r#""Principal":"*","Condition":{{{condition}}}"#);
        for held in [
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111","aws:PrincipalAccount":"111111111111"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"},"Bool":{"aws:PrincipalIsAWSService":"true"}"#,
        ] {
            assert!(!is_found(service, Some(&deny(held))), "{held}");
        }
        for open in [
            r#""StringEquals":{"aws:SourceAccount":"111111111111"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"},"Bool":{"aws:PrincipalIsAWSService":"false"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"},"Null":{"aws:SourceAccount":"false"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111","aws:SourceVpc":"vpc-0a1b2c3d"}"#,
            r#""StringNotEquals":{"aws:SourceAccount":"111111111111"},"StringEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}"#,
        ] {
            assert!(is_found(service, Some(&deny(open))), "{open}");
        }
    }
}
