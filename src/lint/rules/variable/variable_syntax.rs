use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::marks::{Mark, has_several, is_quoted, marks, variable_key};
use crate::policy::{Statement, Value};

rule! {
    /// A policy variable is not written as AWS reads it.
    ///
    /// ## Why
    ///
    /// AWS refuses the document, or does not fill the variable in. A variable is `${`, a condition key of one
    /// value and `}`, with a default value in single quotes if there is one: `${aws:PrincipalTag/team, 'none'}`.
    /// It has no other variable in it.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/${aws:username/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/team, none}/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/${aws:username}}/*"
    ///   }
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::reports/${aws:TagKeys}/*"
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
    ///     "Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'none'}/${aws:username}/*"
    ///   }
    /// }
    /// ```
    name: "variable-syntax", group: Variable, severity: Error, since: "0.1.0",
    rows: ["VAR-01", "VAR-02", "VAR-03", "VAR-04"],
    peers: [
        "access-analyzer:MISSING_BRACE_IN_VARIABLE", "access-analyzer:MISSING_QUOTE_IN_VARIABLE",
        "access-analyzer:UNSUPPORTED_SPACE_IN_VARIABLE", "access-analyzer:EMPTY_VARIABLE",
    ],
    check: Check::Statement(check),
}

fn check(statement: &Statement, cx: &mut Context<'_>) {
    // In the older language `${` is plain text.
    if !statement.variables {
        return;
    }
    let resources = statement.resource.iter().flat_map(|element| &element.values.items);
    let values = statement.conditions.iter().flat_map(|test| &test.values.items);
    for value in resources.chain(values).filter(|value| !value.is_function() && value.text.contains("${")) {
        look(value, cx);
    }
}

fn look(value: &Value, cx: &mut Context<'_>) {
    for (place, hole) in marks(&value.text) {
        let written = value.text.get(place).unwrap_or("");
        let (message, help) = match hole {
            Mark::Open(_) => {
                ("`${` has no closing brace".to_owned(), "put `}` behind the name of the variable".to_owned())
            }
            Mark::Empty => (
                format!("`{written}` names no variable"),
                "write the key in the braces, as `${aws:username}`; `${$}` is a dollar sign".to_owned(),
            ),
            Mark::Variable(name) => match wrong_inside(name) {
                Some((what, help)) => (format!("`{written}` {what}"), help),
                None => continue,
            },
            Mark::Escape | Mark::Template => continue,
        };
        cx.report(cx.finding(value.span, message).help(help));
    }
}

/// What is wrong between the braces, and what to write there.
fn wrong_inside(name: &str) -> Option<(&'static str, String)> {
    let key = variable_key(name);
    let write = |right: String| format!("write `${{{right}}}`");
    if key.contains("${") {
        let help = "a variable cannot have another one in it: name the key, or test it in a `Condition`";
        return Some(("has another variable in it", help.to_owned()));
    }
    if has_several(key) {
        let help = format!("test `{key}` in a `Condition`: a key of several values cannot be a variable");
        return Some(("is a key of several values, which AWS does not fill in", help));
    }
    let default = name.split_once(',').map(|(_, default)| default.trim());
    if let Some(default) = default.filter(|default| !is_quoted(default)) {
        let bare = default.trim_matches(['\'', '"']);
        let right = write(format!("{key}, '{bare}'"));
        return Some(("has a default value without single quotes", right));
    }
    // The name of a tag may have blanks in it.
    let fixed = key.split('/').next().unwrap_or(key);
    let blank = fixed.contains(char::is_whitespace) || name.split(',').next() != Some(key);
    let squeezed: String = key.chars().filter(|character| !character.is_whitespace()).collect();
    blank.then(|| match default {
        Some(default) => ("has white space in it", write(format!("{squeezed}, {default}"))),
        None => ("has white space in it", write(squeezed)),
    })
}
