use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::VERSION_2012;
use crate::policy::marks::{Mark, marks};

rule! {
    /// A policy variable stands in a policy of the older language, where it is plain text.
    ///
    /// ## Why
    ///
    /// Without `"Version": "2012-10-17"` AWS compares the characters `${aws:username}` themselves, which no
    /// resource has in its name: the statement does nothing.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2008-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::homes/${aws:username}/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::homes/${aws:username}/*"
    ///   }
    /// }
    /// ```
    name: "variable-in-old-version", group: Variable, severity: Error, since: "0.1.0",
    rows: ["VAR-06"],
    peers: ["access-analyzer:VARIABLE_UNSUPPORTED_IN_VERSION"],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let policy = &cx.document.policy;
    let version = policy.version.as_ref();
    if policy.has_variables()
        || version.is_some_and(|version| version.is_function())
        || !cx.document.is_sound()
    {
        return;
    }
    let resources = policy.statements.iter().flat_map(|statement| &statement.resource);
    let tests = policy.statements.iter().flat_map(|statement| &statement.conditions);
    let mut values: Vec<_> = resources.flat_map(|element| &element.values.items).collect();
    values.extend(tests.flat_map(|test| &test.values.items));
    values.sort_by_key(|value| value.span);
    // One finding: one change mends them all.
    let variable = |text: &str| {
        let holes = marks(text);
        let found = holes.into_iter().find(|(_, hole)| matches!(hole, Mark::Variable(_)));
        found.and_then(|(place, _)| text.get(place)).map(str::to_owned)
    };
    let mut places = values.iter().filter(|value| !value.is_function() && value.text.contains("${"));
    let Some((value, name)) = places.find_map(|value| Some((value, variable(&value.text)?))) else { return };
    let finding = cx.finding(value.span, format!("`{name}` is plain text in this version of the language"));
    let finding = match version {
        Some(version) => finding.also_at(version.span, "here"),
        None => finding.label("the policy has no `Version`"),
    };
    cx.report(finding.help(format!("write \"Version\": \"{VERSION_2012}\"")));
}
