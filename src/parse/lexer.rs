//! The small pieces: white space, strings, numbers, bare words.

use super::text::hex4;

/// What a scan over a string saw.
#[derive(Default)]
pub(super) struct Scanned {
    /// One past the closing quote, or where the string was given up.
    pub(super) end: usize,
    /// Whether a closing quote was found.
    pub(super) closed: bool,
    /// Whether there was a backslash.
    pub(super) escaped: bool,
    /// Whether anything in it is wrong, so that it is worth a second, slower look.
    pub(super) suspicious: bool,
}

/// A string whose opening quote is at `at`.
pub(super) fn string(bytes: &[u8], at: usize) -> Scanned {
    let mut scanned = Scanned::default();
    let mut end = at + 1;
    loop {
        match bytes.get(end) {
            None => break,
            Some(b'"') => {
                scanned.closed = true;
                end += 1;
                break;
            }
            Some(b'\\') => {
                scanned.escaped = true;
                match bytes.get(end + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') => scanned.suspicious |= hex4(bytes, end + 2).is_none_or(is_surrogate),
                    _ => {
                        scanned.suspicious = true;
                        end += 1;
                        continue;
                    }
                }
                end += 2;
            }
            Some(0..0x20) => {
                scanned.suspicious = true;
                // The whole run of white space at once: looking ahead from each line break of a long
                // run would be quadratic.
                let next = white_space(bytes, end).max(end + 1);
                if ends_line(bytes, end, next) {
                    break;
                }
                end = next;
            }
            Some(_) => end += 1,
        }
    }
    scanned.end = end;
    scanned
}

/// Whether the line break at `at` ends a string whose quote was forgotten, rather than standing in
/// one that runs on: the next line goes on as a document does.
fn ends_line(bytes: &[u8], at: usize, next: usize) -> bool {
    matches!(bytes.get(at), Some(b'\n' | b'\r'))
        && matches!(bytes.get(next), None | Some(b'"' | b'}' | b']' | b',' | b'{' | b'['))
}

pub(super) fn is_surrogate(unit: u32) -> bool {
    (0xD800..0xE000).contains(&unit)
}

/// The first offset from `at` that is no white space.
pub(super) fn white_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The end of the number at `at`, if JSON spells a number so.
pub(super) fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |at: usize| {
        at + bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count())
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    let whole = digits(at);
    if whole == at || (bytes.get(at) == Some(&b'0') && whole > at + 1) {
        return None;
    }
    at = whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == at + 1 {
            return None;
        }
        at = fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        let exponent = digits(at);
        if exponent == at {
            return None;
        }
        at = exponent;
    }
    match bytes.get(at) {
        Some(&byte) if continues_word(byte) => None,
        _ => Some(at),
    }
}

/// Whether `byte` can go on a bare word or a misspelt number.
pub(super) fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.' | b'$' | b'*') || byte >= 0x80
}

/// The end of the run of bytes from `at`, at least one character, that can be skipped as one piece
/// of junk.
pub(super) fn junk(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while bytes.get(end).is_some_and(|&byte| continues_word(byte)) {
        end += 1;
    }
    if end == at {
        end += 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    end
}

/// The end of the comment at `at`, if one starts there.
pub(super) fn comment(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"//") || rest.starts_with(b"#") {
        return Some(at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()));
    }
    if rest.starts_with(b"/*") {
        let close = rest.windows(2).skip(2).position(|pair| pair == b"*/");
        return Some(at + close.map_or(rest.len(), |close| close + 4));
    }
    None
}
