use crate::lint::facts::is_plain;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, marks};
use crate::policy::{Statement, TestKind, Value};

rule! {
    /// A wildcard stands right behind a policy variable.
    ///
    /// ## Why
    ///
    /// `home/${aws:username}*` is meant for one user, but the user `ann` gets what is under `home/anna` as well.
    /// A character that no name has, such as `/`, ends the name.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::homes/${aws:username}*"
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
    name: "variable-before-star", group: Variable, severity: Warning, since: "0.1.0",
    rows: ["VAR-09"],
    peers: [],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    if !statement.allows() || !statement.variables {
        return;
    }
    // What is excepted grows with the pattern: that is the safe side.
    let resources = statement.resource.iter().filter(|element| !element.negated);
    let resources = resources.flat_map(|element| &element.values.items);
    let prefix = statement.conditions.iter().filter(|test| {
        test.key.eq_ignore_ascii_case("s3:prefix") && test.operator.kind == TestKind::StringLike
    });
    let prefixes = prefix.flat_map(|test| &test.values.items);
    for value in resources.chain(prefixes).filter(|value| is_plain(value) && value.text.contains("}*")) {
        look(value, cx);
    }
}

fn look(value: &Value, cx: &mut Context<'_>) {
    for (place, hole) in marks(&value.text) {
        let Mark::Variable(name) = hole else { continue };
        let behind = value.text.get(place.end..).unwrap_or("");
        if !behind.starts_with('*') || has_fixed_length(name) {
            continue;
        }
        let written = value.text.get(place).unwrap_or("");
        let finding = cx.finding(value.span, format!("`{written}*` also takes in longer names"));
        cx.report(finding.label("`ann` is the beginning of `anna`").help(format!("write `{written}/*`")));
        return;
    }
}

/// Whether no value of the variable begins another one: accounts, ids of AWS.
fn has_fixed_length(name: &str) -> bool {
    let key = crate::policy::marks::variable_key(name).to_ascii_lowercase();
    ["account", "orgid", "userid", ":sub", "requestedregion"].iter().any(|end| key.ends_with(end))
}
