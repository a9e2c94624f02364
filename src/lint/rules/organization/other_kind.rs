use crate::document::Because;
use crate::kind::Kind;
use crate::lint::rule::rule;
use crate::lint::{Check, Context, trust};
use crate::policy::Statement;
use crate::span::Span;

rule! {
    /// The policy looks like one of another kind than it is read as.
    ///
    /// ## Why
    ///
    /// What a policy may say, and what it means, depends on its kind. Where the kind is given on the command
    /// line or in `polmerge.toml` and the statements are those of another, most other findings are beside the
    /// point.
    ///
    /// ## Examples
    ///
    /// ```json bad resource
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "AWS": "arn:aws:iam::111111111111:role/deploy" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good trust
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Principal": { "Service": "ec2.amazonaws.com" },
    ///     "Action": "sts:AssumeRole"
    ///   }
    /// }
    /// ```
    name: "other-kind", group: Organization, severity: Note, since: "0.1.0",
    rows: ["ORG-17"],
    peers: ["iam-policy-validator:policy_type_hint"],
    kinds: [Identity, Boundary, Session, Trust, Scp, Rcp, Resource],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let statements = &document.policy.statements;
    let told = matches!(document.because, Because::Told | Because::Configured);
    if !told || statements.is_empty() || !statements.iter().all(|statement| statement.is_complete()) {
        return;
    }
    let Some(looks) = looks_like(statements).filter(|looks| is_another(*looks, document.kind)) else {
        return;
    };
    let start = document.tree.span.start as usize;
    let message =
        format!("this looks like {}, and is read as {}", looks.with_article(), document.kind.with_article());
    let finding = cx.finding(Span::new(start, start + 1), message);
    cx.report(finding.help(format!("if it is one, say so: --kind {}", looks.name())));
}

/// The kind that all statements show.
fn looks_like(statements: &[Statement]) -> Option<Kind> {
    let all = |is: &dyn Fn(&Statement) -> bool| statements.iter().all(is);
    if all(&|statement| statement.principal.is_none()) {
        return Some(Kind::Identity);
    }
    let takes_on = |statement: &Statement| {
        let actions = statement.actions();
        !actions.is_empty()
            && actions.iter().all(|action| {
                trust::ASSUME
                    .iter()
                    .chain(&trust::BESIDE)
                    .any(|known| action.text.eq_ignore_ascii_case(known))
            })
    };
    if all(&|statement| statement.principal.is_some() && statement.resource.is_none() && takes_on(statement))
    {
        return Some(Kind::Trust);
    }
    let everyone =
        |statement: &Statement| statement.principal.as_ref().is_some_and(|element| element.any().is_some());
    all(&|statement| statement.denies() && everyone(statement) && statement.resource.is_some())
        .then_some(Kind::Rcp)
}

/// Whether a policy that looks like one kind can hardly be of the other.
fn is_another(looks: Kind, kind: Kind) -> bool {
    match looks {
        Kind::Identity => kind.names_principal() && kind != Kind::Resource,
        // Other resource policies deny things to everyone, too.
        Kind::Rcp => !kind.names_principal(),
        looks => looks != kind,
    }
}
