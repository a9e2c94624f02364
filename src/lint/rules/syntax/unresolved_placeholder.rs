use std::collections::BTreeMap;

use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::placeholder;
use crate::span::Span;

rule! {
    /// A token such as `YOUR_TOPIC_ARN` still stands for a value.
    ///
    /// ## Why
    ///
    /// Instructions write `YOUR_…` where the reader's own value belongs. With the token left in, AWS
    /// refuses the policy, or worse, takes it, and the statement is about something that does not exist.
    ///
    /// ## Examples
    ///
    /// ```json bad sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "s3.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "YOUR_TOPIC_ARN",
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    ///
    /// ```json good sns
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "s3.amazonaws.com" },
    ///     "Action": "sns:Publish",
    ///     "Resource": "arn:aws:sns:us-east-1:222222222222:expel-topic",
    ///     "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } }
    ///   }
    /// }
    /// ```
    name: "unresolved-placeholder", group: Syntax, severity: Error, since: "0.1.0",
    rows: [],
    peers: [],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let mut places: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    // The policy's own part of the text; a token in the file around it is not its business.
    let whole = cx.document.tree.span;
    let lead = whole.start as usize;
    for token in placeholder::tokens(whole.slice(cx.document.text())) {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        places.entry(token.name).or_default().push(Span::new(lead + start, lead + end));
    }
    for (name, spans) in places {
        let Some((first, others)) = spans.split_first() else { continue };
        let mut finding = cx
            .finding(*first, format!("`{name}` has no value yet"))
            .label("still to be filled in")
            .help(format!("polmerge apply {} --fill --set {name}=<value>", cx.document.source().name()));
        for span in others {
            finding = finding.also_at(*span, "and here");
        }
        cx.report(finding);
    }
}
