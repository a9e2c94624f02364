#!/usr/bin/env python3
"""Turns the facts about AWS services into the tables of src/catalog/data.

    python3 tools/catalog.py services.json NOTICE.txt

The tables are text, one fact a line, sorted by the lower case of the first column, so that they are
searched as they stand in the binary and a newer version makes a readable diff. Columns are separated
by tabs, lists by commas. Many lines have the same list of condition keys: it stands in `sets` under a hash
of itself. There `:x` is a key of the service of the line that names the set, and `+RequestTag` is
`aws:RequestTag/${TagKey}`. ARN patterns go without `arn:${Partition}:`.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

LEVELS = {"List": "L", "Read": "R", "Write": "W", "Tagging": "T", "Permissions management": "P"}


def short(key, service):
    if tag := re.fullmatch(r"aws:(\w+)/\$\{TagKey\}", key):
        return "+" + tag[1]
    return key[len(service):] if key.startswith(service + ":") else key


SETS = {}


def keys(names, service):
    """The name of a set of keys."""
    text = ",".join(short(key, service) for key in sorted(names))
    if not text:
        return ""
    name = base64.b32encode(hashlib.sha256(text.encode()).digest())[:5].decode().lower()
    assert SETS.setdefault(name, text) == text, "two sets with one name: take more letters"
    return name


def listed(table):
    """Lines in the order in which they are searched; no trailing empty columns."""
    lines = sorted(table, key=lambda columns: columns[0].lower().encode())
    names = [columns[0].lower() for columns in lines]
    assert len(names) == len(set(names)), "two lines with one name"
    text = ["\t".join(columns).rstrip("\t") for columns in lines]
    assert all("\n" not in line and line.isascii() for line in text)
    return "".join(line + "\n" for line in text)


def actions(services):
    for prefix, service in services.items():
        for name, facts in service["actions"].items():
            # Which resource a key comes with is left out: a statement's ARNs rarely tell.
            own = set(facts.get("conditions", []))
            own.update(*facts.get("resource_conditions", {}).values())
            yield [
                f"{prefix}:{name}",
                LEVELS[facts["level"]],
                ",".join(sorted(set(facts.get("resources", [])))),
                keys(own, prefix),
                ",".join(sorted(set(facts.get("dependent", [])))),
            ]


def resources(services):
    for prefix, service in services.items():
        for name, facts in service["resources"].items():
            start = "arn:${Partition}:"
            assert all(arn.startswith(start) for arn in facts["arns"])
            arns = ",".join(arn[len(start) :] for arn in facts["arns"])
            yield [f"{prefix}:{name}", arns, keys(facts.get("conditions", []), prefix)]


def borrowed(services):
    """Resource types whose ARNs name another service than the one that lists them."""
    for prefix, service in services.items():
        for name, facts in service["resources"].items():
            others = {arn.split(":")[2] for arn in facts["arns"]} - {prefix}
            for other in others:
                yield [f"{other}:{prefix}:{name}"]


def condition_keys(services, everywhere):
    """Every key with its type, or its types where services differ; global keys also with their group."""
    found = {}
    described = [item for service in services.values() for item in service["conditions"].items()]
    described += [(key, facts["type"]) for key, facts in everywhere.items()]
    for key, kind in described:
        spelling, kinds = found.setdefault(key.lower(), (key, set()))
        kinds.add(kind)
    groups = {key.lower(): facts["group"] for key, facts in everywhere.items()}
    for key, (spelling, kinds) in found.items():
        yield [spelling, ",".join(sorted(kinds)), groups.get(key, "")]


def main(source, notice):
    facts = json.loads(pathlib.Path(source).read_text())
    services = facts["services"]
    out = pathlib.Path(__file__).parent.parent / "src/catalog"
    tables = {
        "services": [
            [prefix, service["name"], "rcp" if prefix in facts["rcp_services"] else ""]
            for prefix, service in services.items()
        ],
        "actions": actions(services),
        "resources": resources(services),
        "borrowed": borrowed(services),
        "keys": condition_keys(services, facts["global_conditions"]),
    }
    for name, table in tables.items():
        (out / "data" / f"{name}.txt").write_text(listed(table))
    (out / "data/sets.txt").write_text(listed(SETS.items()))
    (out / "data/date.txt").write_text(facts["meta"]["date"])
    # The facts are compiled in, so the words about their origin speak of this program.
    text = pathlib.Path(notice).read_text().replace("services.json is", "The tables of AWS services are")
    (out / "NOTICE.txt").write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
