use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::quota::{quota, with_commas};
use crate::span::Span;

rule! {
    /// A policy of unknown kind is larger than some kinds may be.
    ///
    /// ## Why
    ///
    /// What a policy is attached to does not always show in it, and each service has a limit of its own on size. This
    /// one is over the smallest that it can come to.
    ///
    /// ## Examples
    ///
    /// ```json bad resource
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "execute-api:Invoke",
    ///     "Resource": [
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/01-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/02-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/04-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/05-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/06-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/07-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/08-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/09-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/10-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/11-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/12-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/13-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/14-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/15-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/16-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/17-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/18-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/19-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/20-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/21-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/22-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/23-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/24-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/25-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/26-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/27-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/28-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/29-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/30-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/31-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/32-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/33-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/34-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/35-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/36-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/37-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/38-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/39-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/40-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/41-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/42-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/43-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/44-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/45-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/46-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/47-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/48-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/49-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/50-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/51-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/52-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/53-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/54-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/55-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/56-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/57-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/58-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/59-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/60-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/61-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/62-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/63-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/64-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/65-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/66-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/67-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/68-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/69-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/70-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/71-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/72-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/73-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/74-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/75-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/76-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/77-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/78-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/79-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/80-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/81-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/82-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/83-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/84-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/85-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/86-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/87-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/88-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/89-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/90-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/91-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/92-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/93-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/94-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/95-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/96-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports",
    ///       "arn:aws:execute-api:eu-west-1:222222222222:abc/97-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/GET/reports"
    ///     ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json good resource
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::222222222222:role/reader" },
    ///     "Action": "execute-api:Invoke",
    ///     "Resource": "*"
    ///   }
    /// }
    /// ```
    name: "quota-of-other-kind", group: Quota, severity: Note, since: "0.1.0",
    rows: ["QUO-09"],
    peers: ["iam-policy-validator:policy_size_type_ambiguous"],
    kinds: [Resource],
    check: Check::Document(check),
}

/// Kinds that do not show in what their policies say.
const HIDDEN: [Kind; 4] = [Kind::Ecr, Kind::SecretsManager, Kind::Lambda, Kind::Endpoint];

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let limits = HIDDEN.iter().filter_map(|kind| Some((*kind, quota(*kind)?)));
    let Some((kind, quota)) = limits.min_by_key(|(_, quota)| quota.limit) else { return };
    let used = document.used(quota.unit);
    if used.amount <= quota.limit {
        return;
    }
    let start = document.tree.span.start as usize;
    let message = format!(
        "the policy has {}{} {}; if it is {}, that is over the limit of {}",
        if used.is_exact { "" } else { "at least " },
        with_commas(used.amount),
        quota.unit.name(),
        kind.with_article(),
        with_commas(quota.limit)
    );
    cx.report(
        cx.finding(Span::new(start, start + 1), message)
            .help("say what it is: --kind, or `[[files]]` in polmerge.toml"),
    );
}
