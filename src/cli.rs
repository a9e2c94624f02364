//! The command line: what was typed, where the answers go, and what the exit status says.

mod apply;
mod args;
mod bulk;
mod can;
mod choice;
mod compact;
mod completions;
mod config;
mod diff;
mod explain;
mod fmt;
mod guide;
mod input;
mod lint;
mod man;
mod output;
mod render;
mod rules;
mod session;
mod steps;
mod terminal;
mod values;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::read::write::{standard_output_takes, takes};
use crate::report::style::{clean, shortened, shortened_to};
use terminal::Stream;
pub(crate) use terminal::Terminal;

/// What a command answers. The order is that in which one outranks another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All well.
    Yes,
    /// The answer is no.
    No,
    /// Not decided.
    Undecided,
    /// It could not be done.
    Unable,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Unable => 2,
            Exit::Undecided => 3,
        }
    }
}

/// What stops a command: shown as `error: …`, with help below.
#[derive(Debug)]
pub(crate) struct Failure {
    /// One line, lower case, no full stop.
    pub(crate) message: String,
    /// Lines that say what to do.
    pub(crate) help: Vec<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure { message: shortened(message.into()), help: Vec::new() }
    }

    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(shortened(line.into()));
        self
    }
}

impl From<crate::read::ReadError> for Failure {
    fn from(error: crate::read::ReadError) -> Self {
        Failure::new(error.to_string())
    }
}

impl From<crate::read::write::WriteError> for Failure {
    fn from(error: crate::read::write::WriteError) -> Self {
        Failure::new(error.to_string())
    }
}

/// Runs the program on its arguments.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let args = match args::Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return not_run(&arguments, error),
    };
    let terminal = Terminal::new(&args.global);
    let result = args.command.run(&args.global, &terminal);
    let mut exit = result.unwrap_or_else(|failure| {
        terminal.failure(&failure);
        Exit::Unable
    });
    if let Some(failure) = terminal.unwritten() {
        terminal.failure(&failure);
        exit = Exit::Unable;
    }
    ExitCode::from(exit.code())
}

/// The longest argument that is shown whole in a mistake, in bytes.
const LONGEST_ARGUMENT: usize = 500;

/// Help and version go to standard output with status 0, mistakes to standard error with 2. What was typed stands in
/// a mistake as it is shown everywhere: without anything that acts on a terminal, and without the middle of what is long.
fn not_run(arguments: &[OsString], error: clap::Error) -> ExitCode {
    let shown = |most: usize| {
        let shown = arguments.iter().map(|argument| shortened_to(most, clean(&argument.to_string_lossy())));
        args::Args::try_parse_from(shown.map(OsString::from).collect::<Vec<_>>()).err()
    };
    // What is wrong with one can be gone with its middle.
    let error = shown(LONGEST_ARGUMENT).or_else(|| shown(usize::MAX)).unwrap_or(error);
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    let stream = if error.use_stderr() { Stream::Error } else { Stream::Output };
    let length = error.render().to_string().len();
    let takes = match stream {
        Stream::Output => standard_output_takes(length),
        Stream::Error => takes(&std::io::stderr(), length),
    };
    let printed = takes.and_then(|()| error.print()).and_then(|()| std::io::stdout().flush());
    match printed.or_else(terminal::unless_closed) {
        Ok(()) => ExitCode::from(code),
        Err(error) => {
            let _ = Stream::Error.write(&format!("error: cannot write to {stream}: {error}\n"));
            ExitCode::from(Exit::Unable.code())
        }
    }
}
