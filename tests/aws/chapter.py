"""The book's chapter on the guide: its commands are typed, and must be answered as it says."""

import difflib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Callable

from world import DONE, LOG_ARCHIVE, MANAGEMENT, MEMBERS, PATIENCE, World, states

CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "src" / "guide.md"


def blocks(text: str) -> list[tuple[str, str]]:
    """The text cut at its fenced blocks: what is outside has no language."""
    parts, language, lines = [], "", []
    for line in text.splitlines(keepends=True):
        if line.startswith("```") and (not language or line.strip() == "```"):
            if language:
                parts.append((language, "".join(lines)))
                language, lines = "", [line]
            else:
                parts.append(("", "".join([*lines, line])))
                language, lines = line.strip("`\n ") or "text", []
        else:
            lines.append(line)
    return [*parts, (language, "".join(lines))]


def session(world: World, text: str, ran: Callable[[str, subprocess.CompletedProcess], None]) -> str:
    """The commands of a transcript are typed once more: the transcript as it is now."""
    out = []
    for line in (line for line in text.splitlines() if line.startswith("$ ")):
        command = line[2:]
        done = subprocess.run(["bash", "-c", command], env=world.environment, cwd=world.scratch, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ran(command, done)
        status = f"? {done.returncode}\n" if done.returncode else ""
        # When it was is all that differs from run to run.
        said = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-11-23 14:02 UTC", done.stdout)
        out.append(f"{line}\n{status}{said}" + ("" if said.endswith("\n") or not said else "\n"))
    return "".join(out)


def the_chapter(world: World) -> None:
    """The book's chapter on the guide is option 2 from nothing and back; it shows what happens here.

    SNAPSHOTS=overwrite writes down what did.
    """
    check = lambda what, good, detail="": world.check(f"guide, the book's chapter: {what}", good, detail)
    credentials = world.scratch / "credentials"
    credentials.write_text("".join(
        f"[{name}]\n" + "".join(f"{key.lower()} = {value}\n" for key, value in world.sessions[account].items())
        for name, account in (("management", MANAGEMENT), ("log-archive", LOG_ARCHIVE))))
    world.environment = world.environment | {"AWS_SHARED_CREDENTIALS_FILE": str(credentials)}

    scripts: list[tuple[str, subprocess.CompletedProcess, dict]] = []
    first, reports = {}, []

    def ran(command: str, done: subprocess.CompletedProcess) -> None:
        if command.endswith(("run.sh", "rollback.sh")):
            scripts.append((command, done, world.state()))
        elif command.endswith("> collect.sh"):
            first.update(world.state())
        elif " guide check " in command:
            reports.append(world.report("expel.toml"))

    text = CHAPTER.read_text()
    shown = ""
    for language, part in blocks(text):
        if language == "toml":
            (world.scratch / "expel.toml").write_text(part)
        shown += session(world, part, ran) if language == "shell-session" else part

    wrong = [each for each in scripts if each[1].returncode]
    check("a script in the wrong account does nothing", len(wrong) == 2 and wrong[0][2] == first, wrong)
    names = [command for command, done, _ in scripts if command.endswith("run.sh") and not done.returncode]
    runs = [state for command, _, state in scripts if command in names]
    # Log Archive, the management account, and both once more.
    check("both scripts are run twice", len(names) == 4 and names[:2] == names[2:], names)
    if len(runs) == 4:
        check("the second time changes nothing", runs[1] == runs[2] == runs[3], json.dumps(runs, indent=1, default=str))
        done = runs[1]
        check("a rollback.sh out of order does nothing", len(wrong) == 2 and wrong[1][2] == done, wrong)
        kept = done["notification"].get("QueueConfigurations") == first["notification"].get("QueueConfigurations")
        check("the bucket's own notification is kept", kept, done["notification"])
        reduced = [role for role in done["roles"][2:] if isinstance(role, dict) and role["attached"] == 1]
        check("the member accounts have the role", len(reduced) == len(MEMBERS), done["roles"])
    check("nothing is done at first", "done" not in states(reports[0]).split() and reports[0]["status"] == 1, reports[0])
    check("then every step is done and all would work", states(reports[-1]) == DONE and reports[-1]["status"] == 0,
          json.dumps([reports[-1]["steps"], reports[-1]["works"]], indent=1))
    back = scripts[-1][2]
    check("then all is as it was at first", back == first, json.dumps([first, back], indent=1, default=str))
    if os.environ.get("SNAPSHOTS") == "overwrite":
        CHAPTER.write_text(shown)
    differs = "".join(difflib.unified_diff(text.splitlines(keepends=True), shown.splitlines(keepends=True), "the book", "now"))
    check("it shows what happens", shown == text or os.environ.get("SNAPSHOTS") == "overwrite", differs)
