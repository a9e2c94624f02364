#!/usr/bin/env python3
"""Turns the list of the places where AWS's API has policies into the table of src/locate/data.

    python3 tools/places.py envelopes.json

One line a place, its columns separated by tabs: its path; the paths of the ARN of what the policy is attached to; then
each kind of policy that stands there, with what the file is called. The kind `type` says that a member beside the
policy names it, `-` that what stands there is a copy of what stands elsewhere in the same answer. Paths have `[]` for
every item of a list and `*` for every member of an object.
"""

import json
import pathlib
import sys

COPIES = {"RoleDetailList[].InstanceProfileList[].Roles[].AssumeRolePolicyDocument"}
# Read from the policies that stand in them as text.
INSIDE = "json-text in json-text"


def ours(path):
    return path.replace("[*]", "[]").replace("{*}", ".*").lstrip(".")


def kinds(kind):
    if kind == "scp, rcp or another policy":
        return ["rcp", "scp", "type"]
    if kind.startswith("by "):
        organization = kind in ("by PolicySummary.Type", "by Type")
        return ["rcp", "scp", "type"] if organization else ["identity", "resource", "type"]
    return [kind]


def command(entries):
    """What the file is called: the command that reads the policy, where there is one alone."""
    reads = ("get-", "describe-", "list-", "lookup-", "batch-get-")
    answers = [entry for entry in entries if entry["side"] == "output"]
    chosen = [entry for entry in answers if entry["cli"].split()[2].startswith(reads)] or answers or entries
    names = {entry["cli"].removeprefix("aws ") for entry in chosen}
    what = "the answer of" if answers else "the input of"
    return f"{what} `{names.pop()}`" if len(names) == 1 else f"{what} an AWS CLI command"


def main(source):
    places = {}
    for entry in json.loads(pathlib.Path(source).read_text()):
        # Text of which no more is known than that there can be a policy in it, and whole templates.
        if entry["form"] == INSIDE or entry["kind"] in ("by TypeName", "by resource type", "by event"):
            continue
        if entry["path"] == "Results[*]":
            continue
        places.setdefault(ours(entry["path"]), []).append(entry)
    lines = []
    for path, entries in sorted(places.items()):
        arns = {ours(entry["resource_arn_path"]) for entry in entries if entry["resource_arn_path"]}
        found = {}
        for entry in entries:
            for kind in ["-"] if path in COPIES else kinds(entry["kind"]):
                found.setdefault(kind, []).append(entry)
        columns = [f"{kind}={command(of)}" for kind, of in sorted(found.items())]
        lines.append("\t".join([path, ",".join(sorted(arns)), *columns]))
    target = pathlib.Path(__file__).resolve().parent.parent / "src" / "locate" / "data" / "answers.txt"
    target.write_text("".join(line + "\n" for line in lines))


main(*sys.argv[1:])
