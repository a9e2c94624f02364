"""Random pairs of policies, in which equal, wider and narrower ones are common.

Each key is tested as one type, and either with set operators or without: what a key of many values means to a
plain operator is not documented, and of a key of several types polmerge says itself that it is approximate.
"""

import copy
import random

ACTIONS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:Get?bject", "s3:*Object", "s3:PutObject",
           "s3:P*t", "iam:*", "kms:*", "kms:Decrypt", "iam:Get*", "sqs:SendMessage", "s3:*Object*", "s3:Get*Acl"]
RESOURCES = ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::*", "arn:*:s3:*:*:*/x",
             "arn:aws:s3:::c/x", "arn:aws:s3", "arn:aws:s3:*", "arn:aws:sqs:*:111111111111:q", "arn:aws:*:us-east-1:*:q?",
             "arn:aws:sqs:us-*-1:111111111111:*q*", "arn:aws:s3:::b/?", "arn:aws:s3:::b/a:b"]
ROLE, OTHER = "arn:aws:iam::111111111111:role/path/r", "arn:aws:iam::222222222222:user/u"
PRINCIPALS = [
    "*", {"AWS": "*"}, {"AWS": "111111111111"}, {"AWS": "arn:aws:iam::111111111111:root"}, {"AWS": ROLE},
    {"AWS": [ROLE, OTHER]}, {"AWS": "arn:aws:sts::111111111111:assumed-role/r/s"},
    {"AWS": ["222222222222", ROLE]}, {"Service": "s3.amazonaws.com"},
    {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"], "AWS": "222222222222"}, {"Service": "*"},
    {"Federated": "accounts.example.com"}, {"CanonicalUser": "1" * 64}, {"AWS": "AROAEXAMPLEEXAMPLE123"},
    {"AWS": OTHER}, {"AWS": "arn:aws:sts::222222222222:federated-user/u"},
    {"Federated": "*", "AWS": "arn:aws:iam::111111111111:role/q"},
]
TEXTS = ["a", "ab", "a*", "*b", "?", "", "A", "*a*", "abc", "a?c", "b"]
ARNS = ["arn:aws:s3:::a", "arn:aws:s3:::a*", "arn:*:s3:*:*:*b", "arn:aws:s?:x:*:b", "arn:aws:sns:*:1:*", "a"]
NUMBERS = ["1", "1.5", "1.50", "2", "-3", "10", "0"]
DATES = ["2024-01-01", "2024-01-01T00:00:00Z", "2024-02-01T12:00:00Z", "1704067200", "2023-06-01", "2025-01-01T00:00:00Z"]
RANGES = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "192.0.2.0/25", "2001:db8::/32", "2001:db8::1", "::/0"]
FLAGS = ["true", "false", "TRUE"]
BYTES = ["YQ==", "YWI=", "YWJj"]

# What a request says of its caller, in policies that name callers.
WHO = ["arn:aws:iam::111111111111:role/path/r", "arn:aws:iam::111111111111:role/*", "arn:*:iam::111111111111:*",
       "arn:aws:iam::222222222222:user/u", "arn:aws:iam::*:role/*r", "arn:aws:iam::111111111111:root",
       "arn:aws:sts::222222222222:federated-user/u", "arn:aws:iam::111111111111:role/q", "*"]
TYPES = ["User", "AssumedRole", "Account", "FederatedUser", "Anonymous", "*User", "A*"]
ACCOUNTS = ["111111111111", "222222222222", "1*", "anonymous", "333333333333"]

# A family: its operators and the values that they are given.
FAMILIES = {
    "text": (["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
              "StringNotEqualsIgnoreCase"], TEXTS),
    "arn": (["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringEquals", "StringLike"], ARNS),
    "number": (["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
                "NumericGreaterThanEquals"], NUMBERS),
    "date": (["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
              "DateGreaterThanEquals"], DATES),
    "address": (["IpAddress", "NotIpAddress"], RANGES),
    "flag": (["Bool"], FLAGS),
    "bytes": (["BinaryEquals"], BYTES),
    "who": (["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringEquals", "StringLike", "StringNotEquals",
             "StringNotLike"], WHO),
    "type": (["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"], TYPES),
    "account": (["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"], ACCOUNTS),
}
# Variables, which nothing but variables asks for, and what may stand round one.
VARIABLES = ["${aws:va}", "${AWS:VA}", "x${aws:va}", "${aws:vb}", "${aws:va}*", "${aws:va}${aws:vb}", "${aws:vb, 'a'}", "${*}", "a${aws:va}b"]
# Two keys of texts, so that they can be tested apart; the second of each pair is tested with set operators.
KEYS = {"k:text": "text", "k:more": "text", "k:arn": "arn", "k:number": "number", "k:date": "date", "k:address": "address",
        "k:flag": "flag", "k:bytes": "bytes", "m:text": "text", "m:number": "number", "m:arn": "arn", "m:address": "address"}
OWN_KEYS = {"aws:PrincipalArn": "who", "aws:PrincipalAccount": "account", "aws:PrincipalType": "type",
            "kms:CallerAccount": "account"}


def is_many(key: str) -> bool:
    return key.lower().startswith("m:")


class Pairs:
    """A source of pairs; the same seed gives the same ones."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.variables = 0.0

    def some(self, values: list, most: int = 3):
        chosen = self.random.sample(values, self.random.choice([1, 1, 1, 2, 2, 3][: most * 2]))
        return chosen[0] if len(chosen) == 1 and self.random.random() < 0.7 else chosen

    def resources(self):
        """Resources, one of them with a variable at times."""
        chosen = self.some(RESOURCES)
        if self.often(self.variables):
            one = f"arn:aws:s3:::b/{self.random.choice(VARIABLES)}"
            return [chosen, one] if isinstance(chosen, str) and self.often(0.5) else one
        return chosen

    def often(self, part: float) -> bool:
        return self.random.random() < part

    def test(self, named: bool) -> tuple[str, str, object]:
        own = named and self.often(0.35)
        keys = OWN_KEYS if own else KEYS
        key = self.random.choice(list(keys))
        operators, values = FAMILIES[keys[key]]
        if self.often(0.12):
            return "Null", key, self.some(["true", "false"], 1)
        operator = self.random.choice(operators)
        if self.often(0.25):
            operator += "IfExists"
        if is_many(key):
            operator = self.random.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        given = self.some(values)
        # z3 knows no case of a text that it does not know.
        if keys[key] in ("text", "arn") and "IgnoreCase" not in operator and self.often(self.variables):
            variable = self.random.choice(VARIABLES)
            given = variable if keys[key] == "text" else f"arn:aws:s3:::{variable}"
        if keys[key] == "flag" and isinstance(given, str) and self.often(0.3):
            given = given.lower() == "true"  # as JSON's own
        return operator, key.upper() if self.often(0.1) else key, given

    def condition(self, named: bool) -> dict:
        block: dict = {}
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            operator, key, values = self.test(named)
            tests = block.setdefault(operator, {})
            # Of a key that stands twice under one operator nothing is documented.
            if key.lower() not in {known.lower() for known in tests}:
                tests[key] = values
        return block

    def statement(self, named: bool) -> dict:
        statement: dict = {"Effect": "Deny" if self.often(0.25) else "Allow"}
        if named:
            statement["NotPrincipal" if self.often(0.12) else "Principal"] = self.random.choice(PRINCIPALS)
        statement["NotAction" if self.often(0.2) else "Action"] = self.some(ACTIONS)
        statement["NotResource" if self.often(0.2) else "Resource"] = self.resources()
        if condition := self.condition(named):
            statement["Condition"] = condition
        return statement

    def policy(self, named: bool) -> list[dict]:
        return [self.statement(named) for _ in range(self.random.choice([1, 1, 2, 3]))]

    def changed(self, policy: list[dict], named: bool) -> list[dict]:
        """The policy with one thing changed."""
        policy = copy.deepcopy(policy)
        at = self.random.randrange(len(policy))
        statement = policy[at]
        what = self.random.choice(["drop", "add", "test", "no test", "value", "value", "effect", "not"])
        if what == "drop" and len(policy) > 1:
            del policy[at]
        elif what == "add":
            policy.insert(at, self.statement(named))
        elif what == "test":
            operator, key, values = self.test(named)
            statement.setdefault("Condition", {}).setdefault(operator, {}).setdefault(key, values)
            self.tidy(statement)
        elif what == "no test" and "Condition" in statement:
            operator = self.random.choice(list(statement["Condition"]))
            del statement["Condition"][operator]
            self.tidy(statement)
        elif what == "effect":
            statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"
        elif what == "not":
            for name in ("Action", "Resource"):
                if name in statement and self.often(0.5):
                    statement[f"Not{name}"] = statement.pop(name)
        else:
            name = next(name for name in ("Action", "NotAction") if name in statement)
            if self.often(0.5):
                name = next(name for name in ("Resource", "NotResource") if name in statement)
            statement[name] = self.some(ACTIONS) if "Action" in name else self.resources()
        return policy

    @staticmethod
    def tidy(statement: dict) -> None:
        block = statement.get("Condition", {})
        for operator, tests in list(block.items()):
            seen: set[str] = set()
            for key in list(tests):
                if key.lower() in seen:
                    del tests[key]
                seen.add(key.lower())
            if not tests:
                del block[operator]
        if not block:
            statement.pop("Condition", None)

    def pair(self) -> tuple[str, dict, dict]:
        """A kind, and two policies of it."""
        named = self.often(0.5)
        # Of variables much is not proved, so they are few.
        self.variables = 0.3 if self.often(0.25) else 0.0
        old = self.policy(named)
        new = self.changed(old, named) if self.often(0.6) else self.policy(named)
        if self.often(0.3):
            new = self.changed(new, named)
        document = lambda statements: {"Version": "2012-10-17", "Statement": statements}  # noqa: E731
        return ("resource" if named else "identity"), document(old), document(new)
