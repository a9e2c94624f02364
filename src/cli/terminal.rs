//! The two output streams: what they can show, and what is said on which.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use terminal_size::terminal_size;

use super::Failure;
use super::args::{ColorChoice, Global};
use crate::invisible::is_unsafe;
use crate::read::write::{Held, Lost, standard_error, standard_output};
use crate::report::diff;
use crate::report::style::{Role, Style, clean, shortened};
use crate::report::wrap::WIDTH;

/// Where a command writes.
pub(crate) struct Terminal {
    /// What standard output can show.
    pub(crate) out: Style,
    /// What standard error can show.
    pub(crate) err: Style,
    /// `-q`: errors only.
    pub(crate) quiet: bool,
    /// `-v`: more.
    pub(crate) verbose: bool,
    /// Why a report could not be written, if one could not.
    unwritten: OnceLock<String>,
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let style = |is_terminal: bool| Style {
            color: wants_color(global.color, is_terminal),
            unicode: has_utf8(),
            width: width(is_terminal),
        };
        Terminal {
            out: style(std::io::stdout().is_terminal()),
            err: style(std::io::stderr().is_terminal()),
            quiet: global.quiet,
            verbose: global.verbose,
            unwritten: OnceLock::new(),
        }
    }

    /// Prints a report, already styled for standard output.
    pub(crate) fn report(&self, text: &str) {
        self.written(Stream::Output, &self.out.finish(text));
    }

    /// Prints the change of a file on standard output: for a terminal or in color with what acts on it cleaned, else as a
    /// patch that gives the new text to the byte.
    pub(crate) fn patch(&self, old: &str, new: &str, name: &str) {
        match self.out.color || std::io::stdout().is_terminal() {
            true => self.report(&diff::unified(old, new, name, self.out)),
            false => self.data(&diff::patch(old, new, name)),
        }
    }

    /// Prints data for programs on standard output: in UTF-8 whatever the locale says.
    pub(crate) fn data(&self, text: &str) {
        self.written(Stream::Output, text);
    }

    /// Prints on standard error, already styled for it: commentary, or a report where standard output is taken by a
    /// document. Not under `-q`.
    pub(crate) fn comment(&self, text: &str) {
        if !self.quiet {
            self.written(Stream::Error, &self.err.finish(text));
        }
    }

    /// Writes, and remembers what did not get out: it may be that a name still leads to the old content, or why a
    /// result is none. A reader that has gone away has seen what it wanted.
    fn written(&self, stream: Stream, text: &str) {
        if let Err(why) = stream.write(text) {
            let _ = self.unwritten.set(why);
        }
    }

    /// What went wrong with the reports of this run.
    pub(crate) fn unwritten(&self) -> Option<Failure> {
        self.unwritten.get().map(Failure::new)
    }

    /// Prints a document on standard output, whole and flushed. Whether it all got out.
    ///
    /// In a pipe its bytes are its bytes. On a terminal, characters that would act on it are shown
    /// as JSON escapes, which mean the same.
    pub(crate) fn document(&self, text: &str) -> Result<(), Failure> {
        let shown = match std::io::stdout().is_terminal() {
            true => escape_unsafe(text),
            false => text.to_owned(),
        };
        let written = standard_output().write_all(shown.as_bytes());
        written.map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))
    }

    /// Prints a warning on standard error; not under `-q`.
    pub(crate) fn warning(&self, message: &str) {
        let word = self.err.paint(Role::StrongCareful, "warning:");
        self.comment(&format!("{word} {}\n", clean(&shortened(message.to_owned()))));
    }

    /// Prints one plain line on standard error, whatever is in it; not under `-q`.
    pub(crate) fn line(&self, text: &str) {
        self.comment(&format!("{}\n", clean(&shortened(text.to_owned()))));
    }

    /// Locks a file that is to be changed; says so if that has to wait for another run.
    pub(crate) fn hold(&self, path: &Path) -> Result<Held, Failure> {
        let wait =
            || self.line(&format!("waiting for another polmerge that is writing `{}`", path.display()));
        Ok(Held::new(path, wait)?)
    }

    /// Says what a file has lost by being written.
    pub(crate) fn lost(&self, path: &Path, lost: &[Lost]) {
        for lost in lost {
            self.line(&format!("note: `{}`: {lost}", path.display()));
        }
    }

    /// Says what went wrong.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut text = format!("{} {}\n", self.err.paint(Role::StrongBad, "error:"), clean(&failure.message));
        if !self.quiet {
            for line in &failure.help {
                text.push_str(&clean(line));
                text.push('\n');
            }
        }
        // The exit status says it too.
        let _ = Stream::Error.write(&self.err.finish(&text));
    }
}

/// The width of what is written to standard error.
pub(crate) fn error_width() -> usize {
    width(std::io::stderr().is_terminal())
}

/// The width of reports: what `COLUMNS` asks for (POSIX, "Environment Variables"), or the terminal has; as far as a report
/// can be read in it.
fn width(is_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size().filter(|_| is_terminal).map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).filter(|columns| *columns > 0).unwrap_or(WIDTH).clamp(NARROWEST, WIDTH)
}

/// The narrowest report: the columns of a table leave no room in less.
const NARROWEST: usize = 60;

/// One of the two output streams.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Output,
    Error,
}

impl Stream {
    /// Writes all of a text; else why not. A pipe without a reader is no failure.
    pub(super) fn write(self, text: &str) -> Result<(), String> {
        if text.is_empty() {
            return Ok(());
        }
        let written = match self {
            Stream::Output => standard_output().write_all(text.as_bytes()),
            Stream::Error => standard_error().write_all(text.as_bytes()),
        };
        written.or_else(unless_closed).map_err(|error| format!("cannot write to {self}: {error}"))
    }
}

/// A pipe without a reader is no failure of a report.
pub(super) fn unless_closed(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

impl std::fmt::Display for Stream {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Stream::Output => "standard output",
            Stream::Error => "standard error",
        })
    }
}

fn escape_unsafe(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        match character {
            '\r' => out.push('\r'),
            _ if is_unsafe(character) => {
                let mut units = [0; 2];
                character
                    .encode_utf16(&mut units)
                    .iter()
                    .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
            _ => out.push(character),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

fn wants_color(choice: ColorChoice, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        // no-color.org: set and not empty, whatever it is set to.
        ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE") => true,
        ColorChoice::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Whether the locale says UTF-8, as POSIX has it: the first of the three that is set decides.
/// Where none is set nothing is known, and UTF-8 is what the world uses.
fn has_utf8() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_none_or(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
