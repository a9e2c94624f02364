//! One document a line, as many lines as there are, in bounded memory.

use std::io::{BufRead, Read, Write};

/// The longest line that is taken. Policies have at most tens of kilobytes.
pub const MAX_LINE: usize = 64 << 20;
/// A batch ends at so many lines or bytes, whichever comes first.
const BATCH_LINES: usize = 2_048;
const BATCH_BYTES: usize = 8 << 20;

/// One line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1; blank lines count.
    pub number: u64,
    /// Its text without the line end, or what keeps it from being read.
    pub text: Result<String, &'static str>,
}

/// Puts each line but the blank ones through `answer`, many at a time on all processors, and writes
/// the answers in the order of the lines.
///
/// # Errors
/// If reading or writing fails; what was answered before is written.
pub fn answer_lines<T: Send>(
    mut from: impl BufRead + Send,
    mut to: impl Write,
    answer: impl Fn(Line) -> (String, T) + Sync,
    mut each: impl FnMut(T),
) -> std::io::Result<()> {
    use rayon::prelude::*;
    let mut number = 0;
    let mut batch = batch(&mut from, &mut number)?;
    while !batch.is_empty() {
        // The next lines are read while these are looked at.
        let (answers, next) = rayon::join(
            || batch.into_par_iter().map(&answer).collect::<Vec<_>>(),
            || self::batch(&mut from, &mut number),
        );
        for (text, outcome) in answers {
            to.write_all(text.as_bytes())?;
            each(outcome);
        }
        batch = next?;
    }
    to.flush()
}

fn batch(from: &mut impl BufRead, number: &mut u64) -> std::io::Result<Vec<Line>> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while lines.len() < BATCH_LINES && bytes < BATCH_BYTES {
        let Some(text) = line(from)? else { break };
        *number += 1;
        if text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
            continue;
        }
        bytes += text.as_ref().map_or(0, String::len);
        lines.push(Line { number: *number, text });
    }
    Ok(lines)
}

fn line(from: &mut impl BufRead) -> std::io::Result<Option<Result<String, &'static str>>> {
    let mut bytes = Vec::new();
    if from.take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() > MAX_LINE {
        skip_line(from)?;
        return Ok(Some(Err("the line is longer than 64 MiB")));
    }
    Ok(Some(String::from_utf8(bytes).map_err(|_| "the line is not UTF-8")))
}

fn skip_line(from: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        let (length, ended) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        from.consume(length);
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let (mut out, mut seen) = (Vec::new(), 0);
        let show = |line: Line| (format!("{} {:?}\n", line.number, line.text), ());
        answer_lines(input, &mut out, show, |()| seen += 1).unwrap();
        let lines: Vec<_> = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), seen);
        lines
    }

    #[test]
    fn blank_lines_count_and_order_is_kept() {
        assert_eq!(
            lines(b"a\r\n\n  \nb\n\xff\nlast"),
            ["1 Ok(\"a\\r\")", "4 Ok(\"b\")", "5 Err(\"the line is not UTF-8\")", "6 Ok(\"last\")"]
        );
        let many: String = (0..10_000).map(|number| format!("{number}\n")).collect();
        let answers = lines(many.as_bytes());
        assert!(answers.iter().enumerate().all(|(at, line)| *line == format!("{} Ok(\"{at}\")", at + 1)));
    }

    #[test]
    fn a_line_too_long_is_passed_over() {
        let mut input = vec![b'x'; MAX_LINE + 10];
        input.extend(b"\nnext\n");
        assert_eq!(lines(&input), ["1 Err(\"the line is longer than 64 MiB\")", "2 Ok(\"next\")"]);
    }
}
