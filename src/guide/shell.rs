//! Commands for a POSIX shell, in which no value can be more than a value.

/// A text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A command from its template: words with tokens for which `value` has something, each quoted
/// unless it is plain. `$EACH` is a variable of the script.
///
/// # Errors
/// The first token without a value.
pub(super) fn command(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut words = Vec::new();
    for word in template.split(' ') {
        if let Some(variable) = word.strip_prefix('$') {
            words.push(format!("\"${}\"", variable.to_ascii_lowercase()));
            continue;
        }
        let mut replaced = word.to_owned();
        for token in crate::placeholder::tokens(word) {
            let given = value(token.name).ok_or_else(|| token.name.to_owned())?;
            replaced =
                crate::placeholder::replace(&replaced, |name| (name == token.name).then_some(given.as_str()));
        }
        let plain = replaced == word
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:=,".contains(&byte));
        words.push(if plain { replaced } else { quoted(&replaced) });
    }
    Ok(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_word() {
        let value = |name: &str| (name == "YOUR_A").then(|| "a'; rm -rf / #".to_owned());
        assert_eq!(
            command("aws x --y YOUR_A --query A[].B --z $EACH file:///dev/stdin", value).unwrap(),
            r#"aws x --y 'a'\''; rm -rf / #' --query 'A[].B' --z "$each" file:///dev/stdin"#
        );
        assert_eq!(command("aws YOUR_B", value).unwrap_err(), "YOUR_B");
    }
}
