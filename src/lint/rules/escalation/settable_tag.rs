use crate::catalog::{self, Level};
use crate::lint::facts::{action_values, dated, is_plain};
use crate::lint::grants::{Grant, Grants, Reach};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};

rule! {
    /// A tag limits access, and the same policy lets its holder set the tag.
    ///
    /// ## Why
    ///
    /// A condition on `aws:ResourceTag/team` is as strong as the rule about who may write the tag `team`.
    /// If the same policy allows to tag those resources with that key, its holder first tags, then acts.
    ///
    /// No finding is a statement about tags that is itself held: to resources that have the tag already, to
    /// tags that are set when the resource is made, or to other keys by `aws:TagKeys`.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "ec2:TerminateInstances",
    ///       "Resource": "arn:aws:ec2:*:*:instance/*",
    ///       "Condition": { "StringEquals": { "aws:ResourceTag/team": "reports" } }
    ///     },
    ///     { "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:*:instance/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "ec2:TerminateInstances",
    ///       "Resource": "arn:aws:ec2:*:*:instance/*",
    ///       "Condition": { "StringEquals": { "aws:ResourceTag/team": "reports" } }
    ///     },
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "ec2:CreateTags",
    ///       "Resource": "arn:aws:ec2:*:*:instance/*",
    ///       "Condition": { "StringEquals": { "ec2:CreateAction": "RunInstances" } }
    ///     }
    ///   ]
    /// }
    /// ```
    name: "settable-tag", group: Escalation, severity: Warning, since: "0.1.0",
    rows: ["ESC-30"], peers: [],
    kinds: [Identity],
    check: Check::Document(check),
}

/// More actions than these of one statement are not asked after.
const MOST_SERVICES: usize = 8;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let document = cx.document;
    for statement in document.policy.statements.iter().filter(|statement| statement.allows()) {
        for test in &statement.conditions {
            let Some(tag) = limiting_tag(test) else { continue };
            let Some((action, setter)) = setter(statement, tag, test, &grants) else { continue };
            let message = format!("whoever holds this can set the tag `{tag}` that limits it, {}", dated());
            let finding = cx
                .finding(test.key_span, message)
                .label("the limit …")
                .also_at(
                    setter.entry.span,
                    format!("… and how to get past it: {}", setter.entry.names(action)),
                )
                .help(format!(
                    "hold `{action}` to resources that have the tag, or to other tags: \
                     \"ForAllValues:StringNotEquals\": {{ \"aws:TagKeys\": \"{tag}\" }}"
                ));
            cx.report(finding);
        }
    }
}

/// The key of the tag that a resource must have to pass a test.
fn limiting_tag(test: &Test) -> Option<&str> {
    let (prefix, tag) = test.key.split_once('/')?;
    let (_, name) = prefix.split_once(':')?;
    let is_limit = name.eq_ignore_ascii_case("ResourceTag")
        && !test.operator.kind.is_negated()
        && !test.operator.if_exists
        && test.operator.kind != TestKind::Null;
    (is_limit && !tag.contains(['$', '*']) && !tag.to_ascii_lowercase().starts_with("aws:")).then_some(tag)
}

/// A grant by which the holder of `statement` sets the tag on the same resources.
fn setter<'d>(
    statement: &Statement,
    tag: &str,
    limit: &Test,
    grants: &Grants<'d>,
) -> Option<(&'static str, Grant<'d>)> {
    let mut services: Vec<&str> = action_values(statement)
        .filter_map(|value| value.text.split_once(':'))
        .map(|(service, _)| service)
        .collect();
    services.sort_unstable();
    services.dedup();
    services.into_iter().take(MOST_SERVICES).find_map(|service| {
        let tagging = catalog::actions_matching(&format!("{service}:*")).filter(|action| {
            let name = action.name().to_ascii_lowercase();
            action.level() == Level::Tagging
                && !["untag", "delete", "remove"].iter().any(|word| name.contains(word))
        });
        tagging.map(|action| action.name()).find_map(|action| {
            let all = grants.of(action).into_iter();
            let free = all.filter(|grant| sets(grant.entry.statement, tag, limit) && meets(grant, statement));
            free.map(|grant| (action, grant)).next()
        })
    })
}

/// Whether a statement that allows to tag lets this tag be set to a value that the limit takes.
fn sets(statement: &Statement, tag: &str, limit: &Test) -> bool {
    statement.conditions.iter().all(|test| {
        let key = test.key.to_ascii_lowercase();
        let is = |name: &str| key.ends_with(&format!(":{name}/{}", tag.to_ascii_lowercase()));
        let texts = || test.values.items.iter().map(|value| value.text.as_str());
        // Resources that have the tag, those that are just made, and other tags.
        let holds = key.contains(":resourcetag/")
            || key.ends_with(":createaction")
            || (key == "aws:tagkeys"
                && texts().any(|text| text.eq_ignore_ascii_case(tag)) == test.operator.kind.is_negated())
            || (is("requesttag")
                && !test.operator.kind.is_negated()
                && !texts().any(|text| limit.values.items.iter().any(|value| value.text == text)));
        !holds
    })
}

/// Whether tags can be set on some of the resources of the statement.
fn meets(grant: &Grant<'_>, statement: &Statement) -> bool {
    let element = statement.resource.as_ref();
    if grant.reach == Reach::All || element.is_none_or(|element| element.negated) {
        return true;
    }
    let of = |statement: &Statement| statement.resources().into_iter().take(50).collect::<Vec<_>>();
    let tagged = of(grant.entry.statement);
    let unknown = element.is_some_and(|element| element.values.items.iter().any(|value| !is_plain(value)));
    !unknown && of(statement).iter().any(|one| tagged.iter().any(|other| one.intersects(other)))
}
