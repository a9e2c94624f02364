"""Pairs of templates: policies in which an `Fn::If` chooses between statements, values and elements.

A pair is filled in for every setting of its conditions, so that the answer on the template can be held against the answers on
the policies that it can become.
"""

import copy
import itertools
import json

CONDITIONS = ["One", "Other"]
NO_VALUE = {"Ref": "AWS::NoValue"}


def choose(source, policy: dict, named: bool) -> dict:
    """The policy with some of its parts made a choice."""
    statements = []
    for statement in copy.deepcopy(policy["Statement"]):
        for name in ("Action", "Resource", "Principal", "Condition"):
            if name in statement and source.often(0.2):
                statement[name] = branch(source, statement[name], source.statement(named).get(name))
        if source.often(0.3):
            statement = branch(source, statement, source.statement(named) if source.often(0.4) else None)
        statements.append(statement)
    return policy | {"Statement": statements}


def branch(source, one, other):
    # An element that is left out makes another statement of it, or none: only a whole statement and its conditions are.
    if other is None and not isinstance(one, dict):
        return one
    branches = [one, NO_VALUE if other is None else other]
    source.random.shuffle(branches)
    return {"Fn::If": [source.random.choice(CONDITIONS), *branches]}


def fillings(pair: tuple) -> list[tuple]:
    """The pair for every setting of the conditions, each once."""
    kind, old, new = pair
    found: dict[str, tuple] = {}
    for values in itertools.product([True, False], repeat=len(CONDITIONS)):
        setting = dict(zip(CONDITIONS, values))
        filled = kind, fill(old, setting), fill(new, setting)
        found.setdefault(json.dumps(filled), filled)
    return list(found.values())


def fill(value, setting: dict):
    if isinstance(value, list):
        return [filled for item in value if (filled := fill(item, setting)) != NO_VALUE]
    if isinstance(value, dict):
        if "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return fill(yes if setting[name] else no, setting)
        if value == NO_VALUE:
            return value
        filled = {name: fill(item, setting) for name, item in value.items()}
        return {name: item for name, item in filled.items() if item != NO_VALUE}
    return value
