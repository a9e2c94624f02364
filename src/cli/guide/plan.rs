//! `polmerge guide plan`

use std::path::{Path, PathBuf};

use clap::Args;

use super::Collected;
use crate::cli::output::is_standard;
use crate::cli::session::Session;
use crate::cli::{Exit, Failure, Terminal};
use crate::guide::plan::{Plan, plan};
use crate::read::write::{self, NewFolder};
use crate::report::guide as report;
use crate::steps::Packs;

/// Write the commands that do what is still to be done, and the way back
///
/// They go into a new numbered folder, a `run.sh` and a `rollback.sh` for each account. Nothing is put
/// that is already so, and nothing over what has changed since it was collected.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  polmerge guide plan --values expel.toml --from accounts/ -o plan/\n\nExit status:\n  0  planned, or nothing to do\n  1  planned, except what cannot be told\n  2  it cannot be planned"
)]
pub(super) struct PlanCommand {
    #[command(flatten)]
    pub(super) collected: Collected,
    /// The folder in which the numbered one is made
    #[arg(short, long, value_name = "FOLDER", default_value = "plan")]
    output: PathBuf,
}

impl PlanCommand {
    pub(super) fn run(
        mut self,
        session: &Session,
        packs: &Packs,
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        if is_standard(&self.output) {
            return Err(Failure::new("a plan is a folder, so it cannot be printed on standard output")
                .help("name a folder with -o"));
        }
        let setup = self.collected.setup("guide plan", session, packs)?;
        let accounts = self.collected.accounts(terminal)?;
        let options = self.collected.given.typed();
        if accounts.name.is_empty() {
            let of_guide = setup.in_order().into_iter();
            let named = of_guide.filter_map(|place| Some(report::account(setup.id(place)?, &place.title)));
            return Err(Failure::new("guide plan needs the accounts' data, so as not to overwrite anything")
                .help(format!("collect it with: {}", report::collect_command(&options, None, None)))
                .help(format!("signed in to {}", named.collect::<Vec<_>>().join(", then to ")))
                .help("Nothing was written."));
        }
        let plan = plan(&setup, &accounts).map_err(super::disagreement)?;
        let folder = match plan.files.is_empty() {
            true => None,
            false => {
                let accounts = setup.in_order().into_iter().filter_map(|place| setup.id(place));
                not_elsewhere(&self.output, &plan, accounts.map(str::to_owned).collect())?;
                Some(write_plan(&self.output, &plan)?)
            }
        };
        let folder = folder.map(|folder| folder.display().to_string());
        let collect = report::collect_command(&options, Some(&accounts.name), None);
        let planned = report::planned(&plan, folder.as_deref(), &collect, terminal.out);
        terminal.report(&planned);
        Ok(if plan.left.is_empty() && plan.uncollected.is_empty() { Exit::Yes } else { Exit::No })
    }
}

/// Stops where another folder of plans holds a run that was not undone, in one of the plan's accounts or those given: a rollback.sh
/// finds what was run later only beside its own plan.
fn not_elsewhere(output: &Path, plan: &Plan, mut accounts: Vec<String>) -> Result<(), Failure> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> =
            entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    };
    let account = |path: &Path| {
        let (_, account) = path.file_name()?.to_str()?.rsplit_once('-')?;
        Some(account.to_owned())
    };
    accounts.extend(plan.scripts.iter().filter_map(|(script, _)| account(Path::new(script).parent()?)));
    let own = output.canonicalize().ok();
    let here = inside(Path::new("."));
    let others = here.iter().filter(|folder| folder.canonicalize().ok() != own);
    let plans = others.flat_map(|folder| inside(folder)).filter(|folder| {
        folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.parse::<u32>().is_ok())
    });
    let mut runs = plans.flat_map(|plan| inside(&plan)).filter(|folder| {
        folder.join("made").is_dir() && account(folder).is_some_and(|account| accounts.contains(&account))
    });
    let Some(run) = runs.next() else { return Ok(()) };
    let run = run.strip_prefix(".").unwrap_or(&run).to_path_buf();
    let folder = run.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
    Err(Failure::new(format!(
        "`{}/run.sh` was run and not undone, and its rollback.sh would not know of a plan in `{}`",
        run.display(),
        output.display()
    ))
    .help(format!("plan into the same folder: -o {}", folder.unwrap_or_default()))
    .help("Nothing was written."))
}

/// Writes the plan into the next numbered folder, whole or not at all.
fn write_plan(parent: &Path, plan: &Plan) -> Result<PathBuf, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(format!("cannot write `{}`: {error}", path.display())).help("Nothing was written.")
    };
    std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    let new = NewFolder::new(parent, "plan").map_err(|error| failed(parent, error))?;
    for file in &plan.files {
        let path = new.path().join(&file.path);
        if let Some(inner) = path.parent() {
            std::fs::create_dir_all(inner).map_err(|error| failed(inner, error))?;
        }
        write::put(&path, &file.text)?;
        if file.executable {
            make_executable(&path).map_err(|error| failed(&path, error))?;
        }
    }
    loop {
        let folder = next_folder(parent)?;
        // A folder with something in it is not replaced: another run has just made it.
        match std::fs::rename(new.path(), &folder) {
            Ok(()) => return Ok(folder),
            Err(_) if folder.symlink_metadata().is_ok() => {}
            Err(error) => return Err(failed(&folder, error)),
        }
    }
}

/// The folder with the next number.
fn next_folder(parent: &Path) -> Result<PathBuf, Failure> {
    let entries = std::fs::read_dir(parent).map_err(|error| {
        Failure::new(format!("cannot read `{}`: {error}", parent.display())).help("Nothing was written.")
    })?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let last = numbers.max().unwrap_or(0);
    let next = last.checked_add(1).ok_or_else(|| {
        Failure::new(format!("`{}` has a folder `{last}`: no number is left after it", parent.display()))
            .help("choose another folder with -o")
            .help("Nothing was written.")
    })?;
    Ok(parent.join(format!("{next:04}")))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata()?.permissions().mode();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode | 0o111))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
