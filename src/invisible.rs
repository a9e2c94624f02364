//! Characters that a reader does not see, or that act on a terminal instead of being shown.

/// Whether a character acts on a terminal, is not shown, changes how others are, or looks like a space and is none. Tab
/// and line feed do not count: a text of ours may have them.
pub fn is_unsafe(character: char) -> bool {
    match character {
        '\t' | '\n' | ' ' => false,
        // Notes between lines, and the pattern of Braille without a dot.
        '\u{fff9}'..='\u{fffb}' | '\u{2800}' => true,
        other => other.is_control() || other.is_whitespace() || is_ignorable(other),
    }
}

/// Unicode's property `Default_Ignorable_Code_Point`: joiners, marks of direction, variation selectors, fillers, tags.
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// JSON in which every such character is escaped, and a part of each mark that would act on a log, which means the same.
pub fn escape_json(json: String) -> String {
    if !json.contains(is_unsafe) && !json.contains("##") {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    let mut before = ' ';
    for character in json.chars() {
        match is_unsafe(character) || (character == '#' && before == '#') {
            true => character
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            false => out.push(character),
        }
        before = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_a_space_or_unsafe() {
        // Unicode's category `Zs`, but for the space itself.
        let blank = "\u{a0}\u{1680}\u{2000}\u{2007}\u{200a}\u{202f}\u{205f}\u{3000}\u{2800}";
        assert!(blank.chars().all(is_unsafe));
        assert!(!" a·→…é\u{2801}\t\n".contains(is_unsafe));
    }

    #[test]
    fn escapes_mean_the_same() {
        let text = "a\u{85}b\u{9b}\u{200b}\u{e0041}##[x]\u{fe0f}\u{1160} é\u{1f600}";
        let json = escape_json(serde_json::to_string(text).unwrap());
        assert_eq!(json, "\"a\\u0085b\\u009b\\u200b\\udb40\\udc41#\\u0023[x]\\ufe0f\\u1160 é\u{1f600}\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
