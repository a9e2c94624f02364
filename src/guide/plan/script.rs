//! The scripts of a plan: forwards and back.

use std::collections::BTreeSet;

use super::put::{Addition, Mark, Task, Whole};
use super::{Plan, PlanFile, creates, uses};
use crate::guide::Setup;
use crate::guide::new_key::NewKey;
use crate::guide::shell::quoted;
use crate::invisible::is_unsafe;
use crate::steps::guide::Account;

/// What both scripts begin with: how a thing is looked at, and whether it is as the change leaves it.
const SHOW: &str = r#"
# show ABSENT COMMAND…: prints the output of the command, or `absent` if it fails with one of the error codes in ABSENT,
# separated by `|`.
show() {
  local absent=$1 errors status=0
  shift
  errors=$(mktemp)
  "$@" 2>"$errors" || status=$?
  if [ "$status" -ne 0 ]; then
    if grep -qE "[(]($absent)[)]" "$errors"; then
      status=0
      printf 'absent\n'
    else
      cat "$errors" >&2
    fi
  fi
  rm -f "$errors"
  return "$status"
}

# words TEXT: prints the words of a document, sorted: AWS returns documents in its own layout and order.
words() {
  sed -e 's/\\[nrt]/ /g' -e 's/" *:/" /g' <<<" $1" | LC_ALL=C tr 'A-Z' 'a-z' | LC_ALL=C tr -cs 'a-z0-9*:/._@?+=-' '\n' | LC_ALL=C sort
}

# is_made STATE: whether this is the state that the change leaves: the recorded one, or, where the script was interrupted before
# it recorded any, what has the mark of this run or is as planned. Without the mark, it is another resource of the same name.
is_made() {
  local after=after/$name.json mark
  if [ -n "$marks" ] && [ -f "made/$name.mark" ]; then
    [ "$1" != absent ] || return
    mark=$(marked) || exit
    [ "$mark" = "$(<"made/$name.mark")" ] || return
    [ -f "made/$name" ] || return 0
  fi
  if [ -f "made/$name" ]; then
    [ "$1" = "$(<"made/$name")" ]
    return
  fi
  [ ! -f "made/$name.after" ] || after=made/$name.after
  [ -f "$after" ] && [ "$(words "$1")" = "$(words "$(<"$after")")" ]
}
"#;

/// How a thing is put: looked at, compared with what was planned from, put, looked at again.
const DO: &str = r#"
mkdir -p made

# keep FILE TEXT: writes a file in made/, the whole text or nothing.
keep() {
  printf '%s\n' "$2" >"made/$1.part"
  mv "made/$1.part" "made/$1"
}

# new_mark: chooses a text for what is created, which distinguishes it from another resource of the same name.
new_mark() {
  [ -s "made/$name.mark" ] || keep "$name.mark" "$(date -u +%Y%m%dT%H%M%SZ)-$$-$RANDOM"
  mark=$(<"made/$name.mark")
}

# refused: whether AWS refused the only call that was sent, and the resource is as before.
refused() {
  local now
  [ ! -f "made/$name.sent" ] && grep -qF 'An error occurred (' "made/$name.errors" || return
  now=$(look) && [ "$now" = "$(<"made/$name.was")" ]
}

# do_it: runs `put` for one change. Skips a change that is already done. Stops if the resource has changed since the plan was
# written: `look` prints its current state, and before/ has the state that the plan is based on. made/ keeps the state before
# and after the change for rollback.sh, even if this script is interrupted. Run again, it stops if the resource is in neither of the
# two states.
do_it() {
  local now status tries=0
  now=$(look)
  if [ -f "made/$name.was" ] && is_made "$now"; then
    keep "$name" "$now"
    printf 'already so: %s\n' "$title"
    return
  fi
  if [ -f "before/$name.json" ] && [ "$now" != "$(<"before/$name.json")" ]; then
    printf 'changed since it was collected: %s; nothing more is done: collect and plan again\n' "$title" >&2
    exit 1
  fi
  # Some new resources have no state to compare before it is recorded.
  if [ -f "made/$name.was" ] && [ "$now" != "$(<"made/$name.was")" ] &&
    { [ -f "made/$name" ] || [ -f "after/$name.json" ]; }; then
    printf 'changed since this script was run: %s; nothing more is done: collect and plan again\n' "$title" >&2
    exit 1
  fi
  [ -f "made/$name.was" ] || keep "$name.was" "$now"
  rm -f "left/$name"
  # In a condition, the shell would not stop at a command of `put` that fails.
  set +e
  (set -e && put) >/dev/null 2>"made/$name.errors"
  status=$?
  set -e
  cat "made/$name.errors" >&2
  if [ "$status" -ne 0 ]; then
    # Nothing was changed, so there is nothing to undo: what the resource becomes later is the change of others.
    if refused; then
      rm -f "made/$name.was"
    fi
    rm -f "made/$name.errors"
    exit "$status"
  fi
  rm -f "made/$name.errors"
  : >"made/$name.done"
  now=$(look)
  # For a while after a change, AWS may still return the state before it.
  while [ "$now" = "$(<"made/$name.was")" ]; do
    if [ "$((tries += 1))" -gt 12 ]; then
      printf 'done, but AWS does not show it yet: %s\n' "$title"
      # Whose it is cannot be seen either.
      [ "$marks" != resource ] || exit 1
      return
    fi
    sleep 5
    now=$(look)
  done
  # AWS may answer the creation of what is there already, and what others have created meanwhile is theirs. The mark may take a
  # while to be shown.
  while [ "$marks" = resource ]; do
    mark=$(marked)
    [ "$mark" != "$(<"made/$name.mark")" ] || break
    if [ "$((tries += 1))" -gt 12 ]; then
      printf 'created, but perhaps by others meanwhile, as AWS shows no mark of this plan: %s; nothing more is done\n' "$title" >&2
      exit 1
    fi
    sleep 5
  done
  keep "$name" "$now"
  printf 'done: %s\n' "$title"
}

# keep_whole: keeps what is deleted with the resource, for rollback.sh to compare.
keep_whole() {
  local now
  if [ ! -f "made/$name.whole" ]; then
    now=$(whole)
    keep "$name.whole" "$now"
  fi
}
"#;

/// How a key is found whose creation was not answered: it has no name, but the mark is in its description.
const FIND: &str = r#"
# marked_key MARK: prints the id of the key that has the mark in its description.
marked_key() {
  local keys key description
  keys=$(aws kms list-keys --query 'Keys[].KeyId' --output text) || exit
  for key in $keys; do
    description=$(show 'AccessDeniedException|NotFoundException' \
      aws kms describe-key --key-id "$key" --query KeyMetadata.Description --output text) || exit
    case $description in
    *"($1)")
      printf '%s\n' "$key"
      return
      ;;
    esac
  done
  return 1
}

# find_key: looks for the key that run.sh created and whose id it could not keep, as it was stopped.
find_key() {
  local key
  [ -f "made/$name.mark" ] && [ -f "made/$name.key" ] || return
  key=$(marked_key "$(<"made/$name.mark")") || return
  printf '%s\n' "$key" >"made/$name.key"
}
"#;

/// How a key is taken over that an earlier plan created and was stopped before it gave it the alias.
const TAKE: &str = r#"
# take_key DESCRIPTION POLICY: takes over, with its record, the key that the run.sh of an earlier plan created before it was
# stopped.
take_key() {
  local record key shown
  for record in ../../*/*-"$account"/made/*.key; do
    record=${record%.key}
    # Not its own, and not one that got its alias.
    [ -f "$record.mark" ] && [ ! -f "$record" ] && [ ! "$record.mark" -ef "made/$name.mark" ] || continue
    mark=$(<"$record.mark")
    key=$(<"$record.key")
    [ -n "$key" ] || key=$(marked_key "$mark") || continue
    shown=$(show 'AccessDeniedException|NotFoundException' aws kms describe-key --key-id "$key"       --query "KeyMetadata.KeyState=='Enabled' && KeyMetadata.Description" --output text) || exit
    [ "$shown" = "$1 ($mark)" ] || continue
    aws kms put-key-policy --key-id "$key" --policy-name default --policy "$2" || exit
    keep "$name.mark" "$mark"
    keep "$name.key" "$key"
    rm -f "$record".*
    return
  done
  mark=$(<"made/$name.mark")
  return 1
}
"#;

/// What IAM calls a conflict is what others have added to a role.
const ROLE: &str = r#"
# delete_role NAME: deletes a role. If others have added to it, prints the commands that remove that.
delete_role() {
  local errors status=0 policy
  errors=$(mktemp)
  aws iam delete-role --role-name "$1" 2>"$errors" || status=$?
  cat "$errors" >&2
  if grep -qF '(DeleteConflict)' "$errors"; then
    printf 'the role is not deleted because of what is still attached to it; remove that, then run this script again:\n' >&2
    for policy in $(aws iam list-role-policies --role-name "$1" --query PolicyNames --output text); do
      printf '  aws iam delete-role-policy --role-name %q --policy-name %q\n' "$1" "$policy" >&2
    done
    for policy in $(aws iam list-attached-role-policies --role-name "$1" --query 'AttachedPolicies[].PolicyArn' --output text); do
      printf '  aws iam detach-role-policy --role-name %q --policy-arn %q\n' "$1" "$policy" >&2
    done
    for policy in $(aws iam list-instance-profiles-for-role --role-name "$1" \
      --query 'InstanceProfiles[].InstanceProfileName' --output text); do
      printf '  aws iam remove-role-from-instance-profile --role-name %q --instance-profile-name %q\n' "$1" "$policy" >&2
    done
  fi
  rm -f "$errors"
  return "$status"
}
"#;

/// How an operation on a StackSet is waited for: the AWS CLI has no command of its own for that.
const SETTLED: &str = r#"
# settled SET OPERATION: waits until the operation on the StackSet has finished. Fails if it failed in an account.
settled() {
  local status failed
  while true; do
    status=$(aws cloudformation describe-stack-set-operation --stack-set-name "$1" --operation-id "$2" \
      --query StackSetOperation.Status --output text)
    case $status in
    QUEUED | RUNNING | STOPPING) sleep 5 ;;
    *) break ;;
    esac
  done
  # It also succeeds if it failed in accounts.
  failed=$(aws cloudformation list-stack-set-operation-results --stack-set-name "$1" --operation-id "$2" \
    --query "Summaries[?Status!='SUCCEEDED'].[Account,Status,StatusReason]" --output text)
  if [ "$status" != SUCCEEDED ] || [ -n "$failed" ]; then
    printf 'the operation on the StackSet %s ended as %s; it was not done in:\n%s\n' "$1" "$status" "$failed" >&2
    return 1
  fi
}
"#;

/// How a thing is undone: only if it was done or begun, is still as it was left, and no later plan builds on it.
const UNDO: &str = r#"
# order PLAN FOLDER: prints a number by which the folders of all plans are sorted in the order in which they are run, or 0 for
# a folder that does not belong to a plan.
order() {
  case $1:${2%%-*} in
  :* | *: | *[!0-9:]*) printf '0
' ;;
  *) printf '%d
' "$((10#$1 * 1000 + 10#${2%%-*}))" ;;
  esac
}

if [ ! -d made ]; then
  printf 'nothing to undo\n'
  exit
fi

# Later scripts may depend on the changes of this run.sh. If one was run, its rollback.sh must run first.
folder=$(pwd) plan=$(cd .. && pwd) later=''
own=$(order "${plan##*/}" "${folder##*/}")
for made in ../../*/*/made; do
  IFS=/ read -r _ _ plan folder _ <<<"$made"
  if [ "$own" -gt 0 ] && [ "$(order "$plan" "$folder")" -gt "$own" ]; then
    later="$plan/$folder/rollback.sh${later:+, then $later}"
  fi
done
if [ -n "$later" ]; then
  printf 'nothing was undone: first undo what was run later, with %s
' "$later" >&2
  exit 1
fi

# rollback.sh leave NAME…: these changes stay as they are.
if [ "$#" -gt 0 ]; then
  if [ "$1" != leave ]; then
    printf 'usage: %s [leave NAME…]\n' "$0" >&2
    exit 2
  fi
  shift
  stay=''
  for name in "$@"; do
    if ! staying "$name" >/dev/null; then
      printf 'there is no change %s; nothing was undone; the changes are: %s\n' "$name" "$(staying)" >&2
      exit 2
    fi
    stay="$stay $(staying "$name")"
  done
  if [ -z "$stay" ]; then
    printf 'name what to leave as it is; nothing was undone; the changes are: %s\n' "$(staying)" >&2
    exit 2
  fi
  mkdir -p left
  for name in $stay; do
    [ ! -f "made/$name.was" ] || : >"left/$name"
  done
fi
printf 'only runs in this folder of plans are known: if a plan in another folder was run later, undo that first\n'
undone=0 unseen=0

# report WORDS: prints what became of a change that is no longer there to be undone.
report() {
  printf '%s: %s\n' "$1" "$title"
  undone=1
  rm -f "made/$name" "made/$name".*
}

# may_stay: says how the resource can be left as it is, with what it is a part of or depends on.
may_stay() {
  printf 'to leave it as it is and undo the rest: bash %q leave %s\n' "$PWD/rollback.sh" "$stay" >&2
  exit 1
}

changed() {
  printf 'changed since it was done: %s; nothing more is undone\n' "$title" >&2
  if [ "$adds" = statements ]; then
    printf 'to remove only what was added to it, run this, and then this script again:\n' >&2
    removal >&2
  fi
  may_stay
}

# stays: whether the change is to stay as it is. What it then depends on must stay as well.
stays() {
  [ -f "left/$name" ] || return
  printf '%s\n' "$now" >"left/$name"
  report 'left as it is'
}

# names ARN TEXT: whether a document has the ARN, also one in a string.
names() {
  case $2 in
  *\""$1"[\\\"]*) ;;
  *) return 1 ;;
  esac
}

# unneeded ARN: stops if what was left as it is names the resource that is to be deleted.
unneeded() {
  local left
  for left in ../../*/*/left/*; do
    if [ -f "$left" ] && names "$1" "$(<"$left")"; then
      printf 'not deleted, as what was left as it is still names it: %s; nothing more is undone\n' "$title" >&2
      printf 'once it does not: rm %q, then run this script again\n' "$(cd ../.. && pwd)/${left#../../}" >&2
      may_stay
    fi
  done
}

# unused ARN WHERE ABSENT COMMAND…: stops if the output of the command names the resource that is to be deleted.
unused() {
  local arn=$1 where=$2 absent=$3 now
  shift 3
  now=$(show "$absent" "$@")
  if names "$arn" "$now"; then
    printf 'not deleted, as %s still names it: %s; nothing more is undone\n' "$where" "$title" >&2
    may_stay
  fi
}

# unchanged: stops if what is deleted with the resource is not what it was after the change: the recorded state, or the one that
# a new resource has where none was recorded.
unchanged() {
  local now
  now=$(whole)
  if [ -f "made/$name.whole" ]; then
    [ "$now" = "$(<"made/$name.whole")" ] || changed
  elif [ -f "after/$name.whole" ]; then
    [ "$(words "$now")" = "$(words "$(<"after/$name.whole")")" ] || changed
  fi
}

# check_it: stops if a change has changed since that is not undone by itself, because its resource is deleted below.
check_it() {
  local now
  if [ -f "made/$name.was" ]; then
    now=$(look)
    if stays; then
      return
    fi
    [ "$now" = absent ] || [ "$now" = "$(<"made/$name.was")" ] || is_made "$now" || changed
  fi
}

# undo_it: undoes one change that run.sh made or started. If the resource is in another state than the change leaves, it stops,
# unless what was added can be removed alone, or is already removed.
undo_it() {
  local now part tries=0
  if [ ! -f "made/$name.was" ]; then
    return
  fi
  now=$(look)
  if stays; then
    return
  fi
  # For a while after a change, AWS may still return the state before it.
  while [ "$now" = "$(<"made/$name.was")" ] && [ "$((tries += 1))" -le 3 ]; do
    sleep 5
    now=$(look)
  done
  if [ "$now" = "$(<"made/$name.was")" ]; then
    # A key whose alias was not created, or is deleted already. Any other record is kept: AWS may show the change later.
    if [ -s "made/$name.key" ]; then
      undo >/dev/null
      report undone
    elif [ -f "made/$name.unseen" ]; then
      printf 'already as before: %s\n' "$title"
      undone=1
    elif [ -f "made/$name" ] || [ -f "made/$name.done" ]; then
      : >"made/$name.unseen"
      printf 'not undone, as AWS does not show the change: %s\n' "$title" >&2
      unseen=1
    else
      printf 'not done, as far as AWS shows: %s\n' "$title"
      undone=1
    fi
    return
  fi
  # Some new resources have no state to compare before it is recorded.
  if ! { [ -f "made/$name" ] || [ -f "after/$name.json" ] || [ "$marks" = resource ]; } || is_made "$now"; then
    undo >/dev/null
    report undone
  elif [ "$adds" = elements ]; then
    part=$(added)
    case $part in
    *'"Id"'*)
      [ "$(words "$part")" = "$(words "$(<"after/$name.added")")" ] || changed
      removal >/dev/null
      report 'undone, except for the changes of others'
      ;;
    *) report 'already removed' ;;
    esac
  elif [ "$adds" = statements ] && ! has_added "$now"; then
    report 'already removed'
  else
    changed
  fi
}
"#;

/// The end of the way back: the record is kept while AWS may still show a change.
const FINISH: &str = r#"
if [ "$unseen" = 1 ]; then
  printf 'run this script again in a minute: what AWS then still shows as before counts as undone\n' >&2
  exit 1
fi
rm -rf made
[ "$undone" = 1 ] || printf 'nothing to undo\n'
"#;

/// The files for one account.
pub(super) fn files(
    setup: &Setup<'_>,
    place: &Account,
    account: &str,
    folder: &str,
    tasks: &[Task],
) -> Vec<PlanFile> {
    let mut files = Vec::new();
    let mut run = head(setup, place, account, "Makes the planned changes");
    run.push_str(DO);
    let mut back = head(setup, place, account, "Undoes the changes of run.sh, the last one first,");
    let name_of = |index: usize| format!("{:02}-{}", index + 1, tasks[index].step);
    let names_of = |all: &mut dyn Iterator<Item = usize>| all.map(name_of).collect::<Vec<_>>().join(" ");
    back.push_str(
        "\n# staying NAME: prints what stays where the change NAME stays as it is; without NAME, all changes.\n\
         staying() {\n  case ${1-} in\n",
    );
    back.push_str(&format!("  '') printf '%s\\n' '{}' ;;\n", names_of(&mut (0..tasks.len()))));
    for index in 0..tasks.len() {
        let stay = names_of(&mut staying(setup, tasks, index).into_iter());
        back.push_str(&format!("  {}) printf '%s\\n' '{stay}' ;;\n", name_of(index)));
    }
    back.push_str("  *) return 1 ;;\n  esac\n}\n");
    back.push_str(UNDO);
    if tasks.iter().flat_map(|task| &task.put).any(|command| command.starts_with("settled ")) {
        run.push_str(SETTLED);
        back.push_str(SETTLED);
    }
    if tasks.iter().flat_map(|task| &task.undo).any(|command| command.starts_with("delete_role ")) {
        back.push_str(ROLE);
    }
    if tasks.iter().any(|task| matches!(task.mark, Some(Mark::Sought(_)))) {
        run.push_str(FIND);
        run.push_str(TAKE);
        back.push_str(FIND);
    }
    let mut undo = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let name = name_of(index);
        let mut keep = |kind: &str, text: &Option<String>| {
            if let Some(text) = text {
                let path = format!("{folder}/{kind}/{name}.json");
                files.push(PlanFile { path, text: text.clone(), executable: false });
            }
        };
        keep("documents", &task.document);
        keep("before", &task.before);
        keep("old", &task.old);
        keep("after", &task.after);
        if let Some(Whole { fresh: Some(fresh), .. }) = &task.whole {
            let path = format!("{folder}/after/{name}.whole");
            files.push(PlanFile { path, text: fresh.clone(), executable: false });
        }
        if let Some(Addition::Elements { shown, .. }) = &task.addition {
            let path = format!("{folder}/after/{name}.added");
            files.push(PlanFile { path, text: shown.clone(), executable: false });
        }
        let stay = names_of(&mut staying(setup, tasks, index).into_iter());
        let (adds, addition) = match &task.addition {
            None => ("''", String::new()),
            Some(Addition::Elements { show, remove, .. }) => (
                "elements",
                format!("added() {{\n  {show}\n}}\nremoval() {{\n  {}\n}}\n", remove.join("\n  ")),
            ),
            Some(Addition::Statements { known_by, remove }) => {
                let known_by = known_by.iter().flat_map(|text| [format!("{text}\""), format!("{text}\\\"")]);
                let known_by: String = known_by.map(|text| format!(" -e {}", quoted(&text))).collect();
                let remove: String = remove.iter().map(|line| format!(" {}", quoted(line))).collect();
                (
                    "statements",
                    format!(
                        "has_added() {{\n  grep -qF{known_by} <<<\"$1\"\n}}\nremoval() {{\n  printf '  %s\\n'{remove}\n}}\n"
                    ),
                )
            }
        };
        let adds = format!("adds={adds} stay={}\n{addition}", quoted(&stay));
        // What stands for the ARN of a new key becomes the ARN once that is known.
        let fill = |text: &Option<String>, from: &str, to: &str| {
            let keys = setup.new_keys.iter().filter(|key| text.iter().any(|text| text.contains(&key.arn)));
            let replace: String =
                keys.map(|key| format!(" -e \"s|{}|${}|g\"", key.arn, key.variable)).collect();
            (!replace.is_empty()).then(|| format!("  sed{replace} {from}/{name}.json >made/{name}.{to}\n"))
        };
        let filled = fill(&task.document, "documents", "filled");
        let document = match &filled {
            Some(_) => format!("file://made/{name}.filled"),
            None => format!("file://documents/{name}.json"),
        };
        let fill = filled.unwrap_or_default() + &fill(&task.after, "after", "after").unwrap_or_default();
        let with_keys = |command: &str| {
            setup.new_keys.iter().fold(command.to_owned(), |command, key| {
                command.replace(&quoted(&key.arn), &format!("\"${}\"", key.variable))
            })
        };
        let part = |function: &str, commands: &[String], call: &str| {
            let is_put = function == "put";
            let commands = commands.iter().enumerate().map(|(index, command)| {
                let command = with_keys(command).replace("file://DOCUMENT", &document);
                // From here on, a call was sent.
                let sent = if is_put && index == 1 { "  : >\"made/$name.sent\"\n" } else { "" };
                format!("{sent}  {}\n", command.replace("file://OLD", &format!("file://old/{name}.json")))
            });
            let new_mark = if is_put && task.mark.is_some() { "  new_mark\n" } else { "" };
            let fill = if is_put { fill.as_str() } else { "" };
            let commands: String = commands.collect();
            let function = match commands.is_empty() {
                true => String::new(),
                false => format!("{function}() {{\n{new_mark}{fill}{commands}}}\n"),
            };
            let whole = task.whole.as_ref();
            let whole = whole.map_or(String::new(), |whole| format!("whole() {{\n  {}\n}}\n", whole.command));
            // What has the mark: the resource that has the name now, or that which its name leads to.
            let shown = |command: &str| ("resource", format!("marked() {{\n  {command}\n}}\n"));
            let (marks, marked) = match &task.mark {
                Some(Mark::Shown(command)) => shown(command),
                Some(Mark::Finished { run, undo }) => shown(if is_put { run } else { undo }),
                Some(Mark::Sought(alias)) => (
                    "alias",
                    format!(
                        "marked() {{\n  [ \"$({alias})\" != \"$(<\"made/$name.key\")\" ] || cat \"made/$name.mark\"\n}}\n"
                    ),
                ),
                None => ("''", String::new()),
            };
            let find = match task.mark {
                Some(Mark::Sought(_)) if !is_put => "[ -s \"made/$name.key\" ] || find_key || true\n",
                _ => "",
            };
            format!(
                "\nname={name} title={} marks={marks}\n{}look() {{\n  show {} {}\n}}\n\
                 {whole}{marked}{function}{find}{call}\n",
                quoted(&task.title),
                if is_put { "" } else { &adds },
                quoted(&task.absent),
                task.read
            )
        };
        let call = if task.whole.is_some() { "do_it\nkeep_whole" } else { "do_it" };
        run.push_str(&part("put", &task.put, call));
        task.then.iter().for_each(|line| run.push_str(&format!("{line}\n")));
        // What has no way back of its own is deleted with its resource.
        let call = if task.undo.is_empty() { "check_it" } else { "undo_it" };
        let unchanged = task.whole.as_ref().map(|_| "unchanged".to_owned());
        let commands: Vec<String> = unchanged.into_iter().chain(task.undo.iter().cloned()).collect();
        let is_key = matches!(task.mark, Some(Mark::Sought(_)));
        undo.push((is_key, part("undo", if task.undo.is_empty() { &[] } else { &commands }, call)));
    }
    // A key last: what is left as it is may need it.
    let (keys, others): (Vec<_>, Vec<_>) = undo.into_iter().rev().partition(|(is_key, _)| *is_key);
    back.extend(others.into_iter().chain(keys).map(|(_, part)| part));
    // That nothing is kept means that nothing of the plan is left.
    back.push_str(FINISH);
    for (name, text) in [("run.sh", run), ("rollback.sh", back)] {
        files.push(PlanFile { path: format!("{folder}/{name}"), text, executable: true });
    }
    files
}

/// The tasks that stay where one stays as it is: itself, what it is a part of or depends on, and the new keys that these use;
/// those first that the others are a part of.
fn staying(setup: &Setup<'_>, tasks: &[Task], index: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::from([index]);
    let mut open = vec![index];
    while let Some(index) = open.pop() {
        let task = &tasks[index];
        // The other parts of what it is a part of stay with that.
        let parts = tasks.iter().filter(|part| part.of.contains(&task.step) && part.undo.is_empty());
        let used: Vec<&NewKey<'_>> = parts
            .chain([task])
            .flat_map(|part| setup.new_keys.iter().filter(|key| uses(part, key)))
            .collect();
        for (other, maker) in tasks.iter().enumerate() {
            let is_needed = task.of.contains(&maker.step) || used.iter().any(|key| creates(maker, key));
            if is_needed && all.insert(other) {
                open.push(other);
            }
        }
    }
    all
}

fn head(setup: &Setup<'_>, place: &Account, account: &str, what: &str) -> String {
    let region = setup.region(place).unwrap_or("");
    let name = setup.account_name(account);
    format!(
        "#!/usr/bin/env bash\n# {what} in account {account} ({name}). Needs only the AWS CLI, with credentials for that \
         account.\nset -euo pipefail\ncd \"$(dirname \"${{BASH_SOURCE[0]}}\")\"\nexport AWS_PAGER='' AWS_REGION={0} \
         AWS_DEFAULT_REGION={0}\n\naccount=$(aws sts get-caller-identity --query Account --output text)\nif [ \
         \"$account\" != {1} ]; then\n  printf 'signed in to account %s, not {account}; nothing was done\\n' \
         \"$account\" >&2\n  exit 1\nfi\n{SHOW}",
        quoted(region),
        quoted(account)
    )
}

/// What is in the folder, for a person.
pub(super) fn readme(plan: &Plan) -> String {
    // What answers say is text on one line.
    let line = |text: &str| -> String {
        let shown = |character: char| match is_unsafe(character) || matches!(character, '\t' | '\n') {
            true => '?',
            false => character,
        };
        text.chars().map(shown).collect()
    };
    let mut out = "Run these scripts in order, each with credentials for its account. A script skips what is already\n\
                   done, and stops if something has changed since the answers were collected. Then collect the answers\n\
                   again, and check them. To undo the changes, run the rollback.sh beside each script in the opposite\n\
                   order, after those of later plans.\n"
        .to_owned();
    for (script, titles) in &plan.scripts {
        out.push_str(&format!("\n{script}\n"));
        titles.iter().for_each(|title| out.push_str(&format!("  {}\n", line(title))));
    }
    if !plan.left.is_empty() {
        out.push_str("\nNot planned:\n");
        for left in &plan.left {
            out.push_str(&format!("  {}\n", line(&left.to_string())));
            left.commands.iter().for_each(|command| out.push_str(&format!("    {}\n", line(command))));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::plan::Left;

    #[test]
    fn what_answers_say_is_text_on_a_line_of_the_readme() {
        let left = Left {
            steps: Vec::new(),
            what: "step 1".to_owned(),
            why: "role\n::stop-commands::x\r\u{1b}[31m\u{202e}".to_owned(),
            commands: vec!["a\tb".to_owned()],
            account: String::new(),
        };
        let text = readme(&Plan { left: vec![left], ..Plan::default() });
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text:?}");
        let is_raw =
            |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
        assert!(!text.contains(is_raw) && text.contains("a?b"), "{text:?}");
    }
}
