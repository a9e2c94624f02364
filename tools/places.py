#!/usr/bin/env python3
"""Turns the list of the places where AWS's API has policies into the table of src/locate/data.

    python3 tools/places.py envelopes.json
    python3 tools/places.py envelopes.json --models .../site-packages/botocore/data
    python3 tools/places.py envelopes.json --models .../site-packages/botocore/data --members

The second command holds the list against the models of botocore and writes nothing: it exits 1 if a place is not in
them, and names the members that look like policies and are not in the list. (Such a policy is found by its content all
the same; the list tells its kind.) The third writes the table of the members that answers and inputs have beside their
policies: a path, a tab, and the names of the members of each object on the way, the outermost first, separated by `|`;
`*` are the members of a map.

One line a place, its columns separated by tabs: its path; the paths of the ARN of what the policy is attached to; then
each kind of policy that stands there, with what the file is called. The kind `type` says that a member beside the
policy names it, `-` that what stands there is a copy of what stands elsewhere in the same answer. Paths have `[]` for
every item of a list and `*` for every member of an object.
"""

import argparse
import gzip
import json
import pathlib
import re
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


def texts(model, shape, path="", above=()):
    """The paths of all texts and structures in a shape of a model of botocore, but of no shape within itself."""
    shape_of = model["shapes"][shape]
    if shape_of["type"] == "structure" and shape not in above:
        for name, member in shape_of.get("members", {}).items():
            yield from texts(model, member["shape"], f"{path}.{name}".lstrip("."), (*above, shape))
        yield path, shape_of
    elif shape_of["type"] == "list":
        yield from texts(model, shape_of["member"]["shape"], f"{path}[*]", above)
    elif shape_of["type"] == "map":
        yield from texts(model, shape_of["value"]["shape"], f"{path}{{*}}", above)
    elif shape_of["type"] in ("string", "blob"):
        yield path, shape_of


def policy_like(path, shape):
    """Whether a member is called as policies are, and can be as long as one."""
    name = re.split(r"[.]", re.sub(r"\[\*\]|\{\*\}", "", path))[-1]
    called = re.search(r"policy(document|text|json|content|body)?$", name, re.IGNORECASE)
    return called and shape["type"] == "string" and "enum" not in shape and shape.get("max", 2048) > 1000


def check(entries, models):
    """Holds the list against botocore's models, of each service the newest."""
    listed = {(entry["service"], entry["operation"], entry["side"], entry["path"]) for entry in entries}
    seen, others = set(), []
    for service in sorted(path for path in models.iterdir() if path.is_dir()):
        versions = sorted(service.glob("*/service-2.json.gz"))
        if not versions:
            continue
        model = json.loads(gzip.decompress(versions[-1].read_bytes()))
        for operation, sides in model["operations"].items():
            for side in ("input", "output"):
                if side not in sides:
                    continue
                for path, shape in texts(model, sides[side]["shape"]):
                    place = (service.name, operation, side, path)
                    seen.add(place)
                    if place not in listed and policy_like(path, shape):
                        others.append(place)
    # A member that only the documentation names, of a map: `Attributes.Policy` of a queue.
    missing = sorted((*place, path) for *place, path in listed - seen
                     if (*place, re.sub(r"\.\w+$", "{*}", path)) not in seen)
    for place in others:
        print("not in the list:", *place)
    for place in missing:
        print("not in botocore:", *place)
    print(f"{len(listed) - len(missing)} of {len(listed)} places are in botocore's models; "
          f"{len(others)} members that are called like policies are not in the list")
    sys.exit(1 if missing else 0)


def levels(model, shape, path):
    """The names of the members of each object on the way to a place; nothing if the shape does not have it."""
    shape_of, found = model["shapes"][shape], []
    for step in path.split("."):
        name = step.rstrip("[]")
        if shape_of["type"] == "map":
            found.append("*")
            shape_of = model["shapes"][shape_of["value"]["shape"]]
        elif name in shape_of.get("members", {}):
            found.append(" ".join(sorted(shape_of["members"])))
            shape_of = model["shapes"][shape_of["members"][name]["shape"]]
        else:
            return None
        for _ in range(step.count("[]")):
            if shape_of["type"] != "list":
                return None
            shape_of = model["shapes"][shape_of["member"]["shape"]]
    return "|".join(found)


def members(entries, paths, models):
    """The lines of the table of members, of each service as the newest of its models has them."""
    known, lines = {}, set()
    for entry in entries:
        path, service = ours(entry["path"]), entry["service"]
        versions = sorted((models / service).glob("*/service-2.json.gz"))
        if path not in paths or not versions:
            continue
        model = known.setdefault(service, json.loads(gzip.decompress(versions[-1].read_bytes())))
        sides = model["operations"].get(entry["operation"], {})
        found = levels(model, sides[entry["side"]]["shape"], path) if entry["side"] in sides else None
        if found:
            lines.add(f"{path}\t{found}\n")
    return sorted(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--models", type=pathlib.Path)
    parser.add_argument("--members", action="store_true")
    arguments = parser.parse_args()
    entries = json.loads(arguments.source.read_text())
    if arguments.models and not arguments.members:
        check(entries, arguments.models)
    places = {}
    for entry in entries:
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
    data = pathlib.Path(__file__).resolve().parent.parent / "src" / "locate" / "data"
    if arguments.members:
        (data / "members.txt").write_text("".join(members(json.loads(arguments.source.read_text()), places, arguments.models)))
        return
    target = data / "answers.txt"
    target.write_text("".join(line + "\n" for line in lines))


main()
