//! The scripts of a plan: forwards and back.

use super::put::Task;
use super::{Plan, PlanFile};
use crate::guide::shell::quoted;
use crate::guide::{Place, Setup};
use crate::policy::Arn;

/// How a thing is put: read again, compared with what was planned from, put, read back.
const PUT: &str = r#"
# show ABSENT COMMAND…: prints what the command prints, or `absent` where its error is ABSENT.
show() {
  local absent=$1 errors status=0
  shift
  errors=$(mktemp)
  "$@" 2>"$errors" || status=$?
  if [ "$status" -ne 0 ]; then
    if grep -qF "($absent)" "$errors"; then
      status=0
      printf 'absent\n'
    else
      cat "$errors" >&2
    fi
  fi
  rm -f "$errors"
  return "$status"
}
"#;

/// The files for one account.
pub(super) fn files(
    setup: &Setup<'_>,
    place: Place,
    account: &str,
    folder: &str,
    tasks: &[Task],
) -> Vec<PlanFile> {
    let mut files = Vec::new();
    let mut run = head(setup, place, account, "Does what is still to be done");
    run.push_str("mkdir -p made\n");
    let mut back = head(setup, place, account, "Undoes what run.sh did, last things first");
    let mut undo = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let name = format!("{:02}-{}", index + 1, task.step);
        let mut keep = |kind: &str, text: &Option<String>| {
            if let Some(text) = text {
                let path = format!("{folder}/{kind}/{name}.json");
                files.push(PlanFile { path, text: text.clone(), executable: false });
            }
        };
        keep("documents", &task.document);
        keep("before", &task.before);
        keep("old", &task.old);
        let with_files = |command: &String| {
            command
                .replace("file://DOCUMENT", &format!("file://documents/{name}.json"))
                .replace("file://OLD", &format!("file://old/{name}.json"))
        };
        let (title, absent) = (quoted(&task.title), quoted(&task.absent));
        run.push_str(&format!("\n# {}\nnow=$(show {absent} {})\n", task.title, task.read));
        let made = format!("made/{name}");
        run.push_str(&format!(
            "if [ -f {made} ] && [ \"$now\" = \"$(<{made})\" ]; then\n  printf 'already so: %s\\n' {title}\nelse\n"
        ));
        if task.before.is_some() {
            run.push_str(&format!(
                "  if [ \"$now\" != \"$(<before/{name}.json)\" ]; then\n    \
                 printf 'changed since it was collected: %s; nothing more is done: collect and plan again\\n' {title} >&2\n    \
                 exit 1\n  fi\n"
            ));
        }
        for command in &task.put {
            run.push_str(&format!("  {}\n", with_files(command)));
        }
        run.push_str(&format!("  show {absent} {} >{made}\n  printf 'done: %s\\n' {title}\nfi\n", task.read));
        if task.undo.is_empty() {
            continue;
        }
        let mut part = format!(
            "\n# {}\nif [ -f {made} ]; then\n  now=$(show {absent} {})\n  if [ \"$now\" != \"$(<{made})\" ]; then\n    \
             printf 'changed since: %s; nothing more is undone\\n' {title} >&2\n    exit 1\n  fi\n",
            task.title, task.read
        );
        for command in &task.undo {
            part.push_str(&format!("  {}\n", with_files(command)));
        }
        part.push_str(&format!("  rm -f {made}\n  printf 'undone: %s\\n' {title}\nfi\n"));
        undo.push(part);
    }
    back.extend(undo.into_iter().rev());
    for (name, text) in [("run.sh", run), ("rollback.sh", back)] {
        files.push(PlanFile { path: format!("{folder}/{name}"), text, executable: true });
    }
    files
}

fn head(setup: &Setup<'_>, place: Place, account: &str, what: &str) -> String {
    let parameter = match place {
        Place::Management => "YOUR_CLOUDTRAIL_KEY_ARN",
        Place::LogArchive => "YOUR_TOPIC_ARN",
    };
    let region = setup.value(parameter).and_then(Arn::parse).map_or("", |arn| arn.region);
    let name = setup.account_name(account);
    format!(
        "#!/usr/bin/env bash\n# {what} in account {account} ({name}). Needs the AWS CLI, signed in there, and nothing \
         else.\nset -euo pipefail\ncd \"$(dirname \"${{BASH_SOURCE[0]}}\")\"\nexport AWS_PAGER='' AWS_REGION={0} \
         AWS_DEFAULT_REGION={0}\n\naccount=$(aws sts get-caller-identity --query Account --output text)\nif [ \
         \"$account\" != {1} ]; then\n  printf 'signed in to account %s, not {account}; nothing was done\\n' \
         \"$account\" >&2\n  exit 1\nfi\n{PUT}",
        quoted(region),
        quoted(account)
    )
}

/// What is in the folder, for a person.
pub(super) fn readme(plan: &Plan) -> String {
    let mut out = "Run these in order, each signed in to its account. A script stops where something has changed since\n\
                   it was collected, and does nothing that is already so. rollback.sh beside each is the way back: in\n\
                   the opposite order.\n"
        .to_owned();
    for (script, titles) in &plan.scripts {
        out.push_str(&format!("\n{script}\n"));
        titles.iter().for_each(|title| out.push_str(&format!("  {title}\n")));
    }
    if !plan.left.is_empty() {
        out.push_str("\nNot planned:\n");
        plan.left.iter().for_each(|left| out.push_str(&format!("  {left}\n")));
    }
    out
}
