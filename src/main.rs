//! The `polmerge` program: see [`polmerge::cli`].

fn main() -> std::process::ExitCode {
    polmerge::cli::run(std::env::args_os())
}
