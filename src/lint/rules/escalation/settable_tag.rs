use crate::catalog::{self, ActionFacts, Level};
use crate::diagnostic::Severity;
use crate::lint::facts::{action_values, arns, dated};
use crate::lint::forms::{fits, types_of};
use crate::lint::grants::{Grant, Grants, Reach, is_star};
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Statement, Test, TestKind};
use crate::span::Span;

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
    /// Where a file shows which policies a role, user or group has, these are judged together.
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
    joins: true,
    check: Check::Document(check),
}

/// So many limits of one policy are looked at.
const MOST_LIMITS: usize = 200;

/// Actions of more services than these in one statement are not asked after.
const MOST_SERVICES: usize = 8;

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let document = cx.document;
    // The statement that lets the tag be set is the cause, however many it undoes.
    let mut found: Vec<(&str, &'static str, Grant<'_>, Vec<Span>)> = Vec::new();
    let statements = document.policy.statements.iter().filter(|statement| statement.allows());
    let limits =
        statements.flat_map(|statement| statement.conditions.iter().map(move |test| (statement, test)));
    let limits = limits.filter_map(|(statement, test)| Some((statement, test, limiting_tag(test)?)));
    for (statement, test, tag) in limits.take(MOST_LIMITS) {
        let Some((action, setter)) = setter(statement, tag, test, &grants, cx) else { continue };
        let same = |known: &str, grant: &Grant<'_>| {
            known.eq_ignore_ascii_case(tag) && grant.entry.statement.index == setter.entry.statement.index
        };
        match found.iter_mut().find(|(known, _, grant, _)| same(known, grant)) {
            Some((.., limits)) => limits.push(test.key_span),
            None => found.push((tag, action, setter, vec![test.key_span])),
        }
    }
    for (tag, action, setter, limits) in found {
        let how = setter.entry.names(action);
        let lets = if setter.entry.is_wide() { ", which lets" } else { " lets" };
        let others = match limits.len() {
            1 => "another statement is limited".to_owned(),
            many => format!("{many} other statements are limited"),
        };
        let mut finding = cx
            .finding(
                setter.entry.span,
                format!("{how}{lets} its holder set the tag `{tag}`, by which {others}, {}", dated()),
            )
            .label("sets the tag …")
            .help(format!(
                "hold `{action}` to resources that have the tag already, or to tags that are set at creation"
            ));
        for limit in limits.iter().take(2) {
            finding = finding.also_at(*limit, "… that is the limit here");
        }
        // A value that is prescribed is mostly the one that marks what its holder makes.
        if setter.conditional || setter.held {
            finding.severity = finding.severity.min(Severity::Note);
        }
        cx.report(finding);
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
    cx: &Context<'_>,
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
        tagging.filter(|action| tags(*action, statement)).find_map(|action| {
            let all = grants.of(action.name());
            let free = |grant: &&Grant<'_>| {
                cx.joins(grant.entry.statement, statement)
                    && sets(grant.entry.statement, tag, limit)
                    && meets(grant, statement)
            };
            all.iter().find(free).map(|grant| (action.name(), *grant))
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

/// Whether an action tags resources such as the statement is about.
fn tags(action: ActionFacts, statement: &Statement) -> bool {
    let any =
        statement.resource.iter().flat_map(|element| &element.values.items).any(|value| is_star(&value.text));
    let mut forms = types_of(action).flat_map(|kind| kind.arns());
    any || forms.any(|form| arns(statement).any(|(_, arn)| fits(form, &arn)))
}

/// So many resources of either statement are compared.
const MOST_RESOURCES: usize = 50;

/// Whether tags can be set on some of the resources of the statement.
fn meets(grant: &Grant<'_>, statement: &Statement) -> bool {
    if grant.reach == Reach::All || statement.resource.as_ref().is_none_or(|element| element.negated) {
        return true;
    }
    let of =
        |statement: &Statement| statement.resources().into_iter().take(MOST_RESOURCES).collect::<Vec<_>>();
    let tagged = of(grant.entry.statement);
    of(statement).iter().any(|one| tagged.iter().any(|other| one.intersects(other)))
}
