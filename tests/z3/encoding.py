"""What a policy allows, as a formula for z3: written from AWS's documentation, with nothing of polmerge's code.

A request is a caller out of finitely many, an action, six segments of a resource, and for each condition key what it
has: a flag for its presence and a text, a number, an address or a truth value. A key of many values is a list of such.
The same formulas take a symbolic request, to be searched for, and a concrete one, to be checked.
"""

import ipaddress
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from fractions import Fraction

import z3

ANY_ACCOUNT = "999999999999"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"]
# A character that is no colon.
NO_COLON = z3.Union(z3.Range(z3.StringVal(chr(0)), z3.StringVal("9")), z3.Range(z3.StringVal(";"), z3.StringVal("\u00ff")))
ANY_CHAR = z3.AllChar(z3.ReSort(z3.StringSort()))


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def text_of(value) -> str:
    """A condition value as text: JSON's truth values and numbers mean their JSON text."""
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


# Policy variables


VARIABLE = re.compile(r"\$\{([^}]*)\}")


def variables(statements: list[dict]) -> set[str]:
    """The keys of the variables of some statements, in lower case."""
    names = {name.split(",")[0].strip().lower() for name in VARIABLE.findall(json.dumps(statements))}
    return names - {"*", "?", "$"}


def filled(request, pattern: str):
    """A pattern as parts, each a pattern or a z3 text, with whether every variable has a value; `${*}` is a star."""
    parts, there = [], []
    for at, piece in enumerate(VARIABLE.split(pattern)):
        if at % 2 == 0:
            parts.append(piece)
            continue
        if piece in ("*", "?", "$"):
            parts.append(z3.StringVal(piece))
            continue
        name, comma, default = piece.partition(",")
        (flag, value), = request.keys[name.strip().lower()].items
        if comma:
            parts.append(z3.If(flag, value, z3.StringVal(default.strip().strip("'"))))
        else:
            parts.append(value)
            there.append(flag)
    return [part for part in parts if not isinstance(part, str) or part], z3.And(there)


def matches_filled(request, text, pattern: str, wild: bool):
    """Whether a text is a pattern with variables. A value is taken literally; of wildcards there is a star at the
    end at most. An absent variable matches nothing."""
    parts, there = filled(request, pattern)
    open_end = wild and isinstance(parts[-1], str) and parts[-1].endswith("*")
    if open_end:
        parts[-1] = parts[-1][:-1]
    assert not wild or not any(isinstance(part, str) and set("*?") & set(part) for part in parts), pattern
    texts = [z3.StringVal(part) if isinstance(part, str) else part for part in parts]
    whole = texts[0] if len(texts) == 1 else z3.Concat(*texts)
    return z3.And(there, z3.PrefixOf(whole, text) if open_end else text == whole)


# Patterns


def regex(pattern: str, any_char=ANY_CHAR):
    """A glob as a regular expression, in which wildcards stand for `any_char`."""
    parts, literal = [], ""
    for character in pattern:
        if character in "*?":
            if literal:
                parts.append(z3.Re(literal))
            literal = ""
            parts.append(z3.Star(any_char) if character == "*" else any_char)
        else:
            literal += character
    if literal or not parts:
        parts.append(z3.Re(literal))
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def matches(text, pattern: str):
    """Whether a text matches a glob; the easy forms without a regular expression."""
    if not set("*?") & set(pattern):
        return text == z3.StringVal(pattern)
    if pattern.strip("*") == "":
        return z3.BoolVal(True)
    if "?" not in pattern and pattern.count("*") == 1:
        start, end = pattern.split("*")
        return z3.And(z3.PrefixOf(z3.StringVal(start), text), z3.SuffixOf(z3.StringVal(end), text),
                      z3.Length(text) >= len(start) + len(end))
    return z3.InRe(text, regex(pattern))


def any_case(text, pattern: str):
    """Equal but for the case of ASCII letters."""
    if not pattern:
        return text == z3.StringVal("")
    letters = [z3.Union(z3.Re(c.lower()), z3.Re(c.upper())) if c.isascii() and c.isalpha() else z3.Re(c) for c in pattern]
    return z3.InRe(text, letters[0] if len(letters) == 1 else z3.Concat(*letters))


def arn_matches(text, pattern: str):
    """A text as an ARN: segment by segment, where a wildcard stays within its segment but in the last."""
    segments = pattern.split(":", 5)
    if len(segments) < 6:
        return z3.BoolVal(False)
    parts = []
    for segment in segments[:5]:
        parts += [regex(segment, NO_COLON), z3.Re(":")]
    return z3.InRe(text, z3.Concat(*parts, regex(segments[5])))


# Principals: finitely many callers.


def arn_account(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" else None


def session_of(owner: str, word: str) -> str:
    """The start of the ARN of each session of a role, or of a user under whose name somebody was federated."""
    parts = owner.split(":", 5)
    return f"arn:{parts[1]}:sts::{parts[4]}:{word}/{parts[5].split('/')[-1]}"


def is_account(name: str) -> str | None:
    if len(name) == 12 and name.isdigit():
        return name
    parts = name.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else None


def entries(element) -> list[tuple[str, str]]:
    if element == "*":
        return [("AWS", "*")]
    return [(kind, name) for kind, names in element.items() for name in listed(names)]


def names_caller(kind: str, name: str, caller: tuple[str, str]) -> bool:
    sort, who = caller
    if name == "*":
        return kind == "AWS" or kind == sort
    if kind != sort:
        return False
    if kind != "AWS":
        return name == who
    if account := is_account(name):
        return arn_account(who) == account
    if ":role/" in name:
        return who == name or who.startswith(session_of(name, "assumed-role") + "/")
    if ":user/" in name:
        return who == name or who == session_of(name, "federated-user")
    return who == name


def is_spared(named: list[tuple[str, str]], caller: tuple[str, str]) -> bool:
    """Whether a Deny for all but some spares a caller: each level of it has to be listed, a session's own name,
    its role and its account; a user and its account."""
    sort, who = caller
    if ("AWS", "*") in named or (sort, "*") in named:
        return True
    listed = {name for kind, name in named if kind == sort}
    if sort != "AWS" or not (account := arn_account(who)):
        return who in listed
    levels = [any(is_account(name) == account for name in listed)]
    if is_account(who):
        return levels[0]
    levels.append(who in listed)
    for word, owner in (("assumed-role", ":role/"), ("federated-user", ":user/")):
        if f":{word}/" in who:
            start = who if word == "federated-user" else who.rsplit("/", 1)[0]
            levels.append(any(owner in name and session_of(name, word) == start for name in listed))
    return all(levels)


def callers(elements: list) -> list[tuple[str, str]]:
    """One caller of each sort that the elements can tell apart."""
    found = [("AWS", f"arn:aws:iam::{ANY_ACCOUNT}:role/nobody"), ("Anonymous", ""), ("Service", "nobody.amazonaws.com"),
             ("Federated", "nobody.example.com"), ("CanonicalUser", "f" * 64)]
    for kind, name in (entry for element in elements for entry in entries(element)):
        if name == "*":
            continue
        account = is_account(name) if kind == "AWS" else None
        found.append((kind, f"arn:aws:iam::{account}:root" if account else name))
        if kind != "AWS":
            continue
        if ":role/" in name:
            found.append((kind, session_of(name, "assumed-role") + "/any"))
        if ":user/" in name:
            found.append((kind, session_of(name, "federated-user")))
        if of := account or arn_account(name):
            found += [(kind, f"arn:aws:iam::{of}:role/nobody"), (kind, f"arn:aws:iam::{of}:root")]
    return sorted(set(found))


# Requests


@dataclass
class Values:
    """What a key has: the values, each with whether it is there."""

    items: list  # (flag, value)

    def present(self):
        return z3.Or([flag for flag, _ in self.items])


@dataclass
class Request:
    caller: object  # an index into `callers`, or a caller
    callers: list
    service: object
    name: object
    resource: list  # six segments
    keys: dict = field(default_factory=dict)  # lower case: Values
    universe: list = field(default_factory=list)  # what holds of every request

    def caller_is(self, accepted):
        if isinstance(self.caller, tuple):
            return z3.BoolVal(accepted(self.caller))
        return z3.Or([self.caller == at for at, caller in enumerate(self.callers) if accepted(caller)])


def fresh(family: str, name: str):
    # A key that AWS lists nowhere may have any text where it is tested by `Bool`, too.
    if family in ("text", "arn", "bytes", "who", "account", "type", "flag"):
        return z3.String(name)
    if family in ("number", "date"):
        return z3.Real(name)
    return z3.Bool(f"{name}.v6"), z3.BitVec(f"{name}.4", 32), z3.BitVec(f"{name}.16", 128)


def given(family: str, text: str):
    """A value of a concrete request; None if it is none of its family."""
    try:
        return typed(family, text)
    except (ValueError, KeyError):
        return None


def typed(family: str, text: str):
    if family in ("text", "arn", "who", "account", "type"):
        return z3.StringVal(text)
    if family == "bytes":
        return z3.StringVal(text.rstrip("="))
    if family == "number":
        return z3.RealVal(str(Fraction(text)))
    if family == "date":
        return z3.RealVal(str(seconds(text)))
    if family == "flag":
        return z3.StringVal(text.lower())
    address = ipaddress.ip_address(text)
    v6 = address.version == 6
    return z3.BoolVal(v6), z3.BitVecVal(0 if v6 else int(address), 32), z3.BitVecVal(int(address) if v6 else 0, 128)


def symbolic(policies: list[list[dict]], families: dict[str, str]) -> Request:
    """A request of which nothing is known but what the policies can tell apart."""
    statements = [statement for policy in policies for statement in policy]
    elements = [statement[name] for statement in statements for name in ("Principal", "NotPrincipal") if name in statement]
    known = callers(elements)
    caller = z3.Int("caller")
    service, name = z3.String("service"), z3.String("action")
    resource = [z3.String(f"resource.{at}") for at in range(6)]
    universe = [caller >= 0, caller < len(known), z3.Not(z3.Contains(service, ":")), z3.Not(z3.Contains(name, ":"))]
    universe += [z3.Not(z3.Contains(segment, ":")) for segment in resource[:5]]
    request = Request(caller, known, service, name, resource, universe=universe)
    for key, family in families.items():
        # Each test of a set can be made true, or false, by one value of its own; one more keeps the others from being
        # nothing but empty texts.
        tests = sum(1 for statement in statements for block in statement.get("Condition", {}).values()
                    for tested in block if tested.lower() == key)
        number = tests + 1 if key.startswith("m:") else 1
        items = [(z3.Bool(f"{key}.{at}?"), fresh(family, f"{key}.{at}")) for at in range(number)]
        request.keys[key] = Values(items)
    for at, sender in enumerate(known):
        universe.append(z3.Implies(caller == at, said(request, sender, elements)))
    return request


def said(request: Request, sender: tuple[str, str], elements: list):
    """What a request says of its caller. A caller that nobody names stands for all others of its account, or of other
    accounts."""
    sort, who = sender
    names = [name for element in elements for kind, name in entries(element) if kind == "AWS" and name != "*"]
    accounts = {is_account(name) or arn_account(name) for name in names} - {None}
    account = arn_account(who) if sort == "AWS" else None
    if sort == "CanonicalUser" and ("CanonicalUser", who) not in {entry for each in elements for entry in entries(each)}:
        account = ANY_ACCOUNT
    # Who comes with a token of an identity provider has no name in AWS yet.
    absent = sort in ("Service", "Anonymous", "Federated")
    parts = []
    owner = Owner(account, names, accounts) if account else None
    if owner:
        parts.append(owner.is_caller(who, sort))
    if sort == "CanonicalUser":
        # Only S3 knows callers by their canonical user id.
        parts.append(request.service == z3.StringVal("s3"))
    to_kms = request.service == z3.StringVal("kms")
    for key, of_kms in (("aws:principalarn", False), ("aws:principalaccount", False), ("kms:calleraccount", True)):
        if not (found := request.keys.get(key)):
            continue
        (flag, value), = found.items
        if key == "aws:principalaccount" and sort == "Anonymous":
            parts += [flag, value == z3.StringVal("anonymous")]
        elif absent:
            parts.append(z3.Not(flag))
        elif owner:
            parts += [flag == to_kms if of_kms else flag, value == (owner.arn if key == "aws:principalarn" else owner.account)]
        elif of_kms:
            parts.append(z3.Implies(flag, to_kms))
    accounts_said = [request.keys[key].items[0] for key in ("aws:principalaccount", "kms:calleraccount") if key in request.keys]
    if len(accounts_said) == 2:
        (one, account_one), (other, account_other) = accounts_said
        parts.append(z3.Implies(z3.And(one, other), account_one == account_other))
    if found := request.keys.get("aws:principaltype"):
        (flag, value), = found.items
        if sort == "Anonymous":
            parts += [flag, value == z3.StringVal("Anonymous")]
        elif owner and sort == "AWS":
            parts += [flag, value == owner.type]
        elif sort == "Service":
            # No service is a principal of the types that there are.
            parts += [value != z3.StringVal(each) for each in
                      ("Account", "User", "FederatedUser", "AssumedRole", "Anonymous")]
    return z3.And(parts)


def partitions_of(account: str, names: list[str]) -> list[str]:
    """An account is in one partition, which the ARN of one of its principals tells; a root user's is a way to write the
    account."""
    own = [name for name in names if arn_account(name) == account and not is_account(name)]
    return sorted({name.split(":")[1] for name in own}) or PARTITIONS


class Owner:
    """The user, role, root or federated user whose ARN the requests of a caller with an account have."""

    def __init__(self, account: str, names: list[str], accounts: set[str]):
        self.names, self.accounts, self.is_any = names, accounts, account == ANY_ACCOUNT
        partition, self.kind, self.name = z3.String("owner.partition"), z3.Int("owner.kind"), z3.String("owner.name")
        self.account = z3.String("owner.account") if self.is_any else z3.StringVal(account)
        # Role, user, root, federated user.
        starts = ["role/", "user/", "root", "federated-user/"]
        start = z3.StringVal(starts[3])
        for at, text in enumerate(starts[:3]):
            start = z3.If(self.kind == at, z3.StringVal(text), start)
        service = z3.If(self.kind == 3, z3.StringVal("sts"), z3.StringVal("iam"))
        self.arn = z3.Concat(z3.StringVal("arn:"), partition, z3.StringVal(":"), service, z3.StringVal("::"),
                             self.account, z3.StringVal(":"), start, self.name)
        types = ["AssumedRole", "User", "Account"]
        self.type = z3.StringVal("FederatedUser")
        for at, text in enumerate(types):
            self.type = z3.If(self.kind == at, z3.StringVal(text), self.type)
        self.possible = [
            self.kind >= 0, self.kind <= 3, (self.name == z3.StringVal("")) == (self.kind == 2),
            z3.Or([partition == z3.StringVal(each) for each in
                   (PARTITIONS if self.is_any else partitions_of(account, names))]),
        ]
        if self.is_any:
            self.possible.append(z3.InRe(self.account, z3.Loop(z3.Range("0", "9"), 12, 12)))
            self.possible += [self.account != z3.StringVal(known) for known in accounts]

    def is_caller(self, who: str, sort: str):
        """What the ARN of a caller may be; of a session it is that of the role."""
        parts = list(self.possible)
        if sort == "CanonicalUser":
            return z3.And(*parts, self.kind == 2)
        if who.endswith(":root"):
            return z3.And(*parts, self.kind == 2)
        if who.endswith(":role/nobody") and who not in self.names:
            named = [name for name in self.names if ":role/" in name or ":user/" in name or ":federated-user/" in name]
            named += [session_of(name, "federated-user") for name in self.names if ":user/" in name]
            if not self.is_any:
                parts.append(self.kind != 2)
            return z3.And(*parts, *[self.arn != z3.StringVal(name) for name in named])
        if ":assumed-role/" in who:
            role = who.split("/")[1]
            start = session_of(f"{who.rsplit(':', 1)[0]}:role/{role}", "assumed-role")
            named = [name for name in self.names if ":role/" in name and session_of(name, "assumed-role") == start]
            if who.endswith("/any"):
                return z3.And(*parts, z3.Or([self.arn == z3.StringVal(name) for name in named]))
            is_role = z3.Or(self.name == z3.StringVal(role), z3.SuffixOf(z3.StringVal(f"/{role}"), self.name))
            return z3.And(*parts, self.kind == 0, is_role)
        return z3.And(*parts, self.arn == z3.StringVal(who))


def concrete(request: dict, families: dict[str, str]) -> Request:
    """A request in polmerge's JSON."""
    service, name = request["action"].lower().split(":", 1)
    resource = request["resource"].split(":", 5)
    resource += ["\u0000"] * (6 - len(resource))  # what is no ARN matches no pattern of one
    principal = request["principal"]
    if principal is None:
        caller = ("AWS", "")
    elif isinstance(principal, dict):
        caller = (principal["type"], principal.get("id", ""))
    elif principal.startswith("arn:") or principal.startswith("AROA"):
        caller = ("AWS", principal)
    elif principal.endswith(".amazonaws.com"):
        caller = ("Service", principal)
    elif len(principal) == 64:
        caller = ("CanonicalUser", principal)
    else:
        caller = ("Federated", principal)
    found = Request(caller, [], z3.StringVal(service), z3.StringVal(name), [z3.StringVal(each) for each in resource])
    context = {key.lower(): listed(value) for key, value in request["context"].items()}
    # Filled in unless given.
    if caller == ("Anonymous", ""):
        context.setdefault("aws:principalaccount", ["anonymous"])
        context.setdefault("aws:principaltype", ["Anonymous"])
    elif caller[0] == "AWS" and (account := arn_account(caller[1])):
        parts = caller[1].split("/")
        owner = f"arn:aws:iam::{account}:role/{parts[1]}" if ":assumed-role/" in caller[1] else caller[1]
        context.setdefault("aws:principalarn", [owner])
        context.setdefault("aws:principalaccount", [account])
        word = caller[1].split(":", 5)[5].split("/")[0]
        if of := {"root": "Account", "user": "User", "role": "AssumedRole", "assumed-role": "AssumedRole",
                  "federated-user": "FederatedUser"}.get(word):
            context.setdefault("aws:principaltype", [of])
        if service == "kms":
            context.setdefault("kms:calleraccount", [account])
    for key, family in families.items():
        values = [(z3.BoolVal(True), given(family, text_of(value))) for value in context.get(key, [])]
        found.keys[key] = Values(values or [(z3.BoolVal(False), fresh(family, "none"))])
    return found


# Statements


def action_matches(request: Request, pattern: str):
    if pattern == "*":
        return z3.BoolVal(True)
    service, name = pattern.lower().split(":", 1)
    return z3.And(matches(request.service, service), matches(request.name, name))


def resource_matches(request: Request, pattern: str, named: bool):
    if pattern == "*":
        return z3.BoolVal(True)
    segments = pattern.split(":", 5)
    if len(segments) < 6:
        # Identity policies fill up; resource policies match nothing, unless there is a wildcard.
        if named and not set("*?") & set(pattern):
            return z3.BoolVal(False)
        segments += ["*"] * (6 - len(segments))
    def one(text, segment):
        return matches_filled(request, text, segment, True) if "${" in segment else matches(text, segment)

    return z3.And([one(text, segment) for text, segment in zip(request.resource, segments)])


def seconds(text: str) -> Fraction:
    """A date as seconds: of the epoch as they are, ISO 8601 else."""
    if text.lstrip("-").isdigit() and len(text) != 4:
        return Fraction(text)
    if "T" not in text:
        parts = [int(part) for part in text.split("-")]
        parts += [1] * (3 - len(parts))
        return Fraction(int(datetime(*parts, tzinfo=timezone.utc).timestamp()))
    fraction = Fraction(0)
    if "." in text:
        text, rest = text.split(".", 1)
        digits = rest.rstrip("Z")
        fraction = Fraction(int(digits), 10 ** len(digits))
    whole = datetime.strptime(text.rstrip("Z"), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return Fraction(int(whole.timestamp())) + fraction


def compares(value, how: str, number: Fraction):
    other = z3.RealVal(str(number))
    return {"Equals": value == other, "LessThan": value < other, "LessThanEquals": value <= other,
            "GreaterThan": value > other, "GreaterThanEquals": value >= other}[how]


def in_range(value, text: str):
    v6, four, sixteen = value
    network = ipaddress.ip_network(text, strict=False)
    number, bits, width = (four, 32, network) if network.version == 4 else (sixteen, 128, network)
    kind = z3.Not(v6) if network.version == 4 else v6
    rest = bits - width.prefixlen
    if rest == bits:
        return kind
    high = z3.Extract(bits - 1, rest, number)
    return z3.And(kind, high == z3.BitVecVal(int(network.network_address) >> rest, bits - rest))


def takes(request, operator: str, value, asked: str):
    """Whether a value is what is asked for, by an operator that does not negate."""
    if value is None:
        return z3.BoolVal(False)
    if "${" in asked:
        return matches_filled(request, value, asked, operator != "StringEquals")
    if operator == "StringEquals":
        return value == z3.StringVal(asked)
    if operator == "StringLike":
        return matches(value, asked)
    if operator == "StringEqualsIgnoreCase":
        return any_case(value, asked)
    if operator in ("ArnEquals", "ArnLike"):
        return arn_matches(value, asked)
    if operator.startswith("Numeric"):
        return compares(value, operator.removeprefix("Numeric"), Fraction(asked))
    if operator.startswith("Date"):
        return compares(value, operator.removeprefix("Date"), seconds(asked))
    if operator == "IpAddress":
        return in_range(value, asked)
    if operator == "Bool":
        return value == z3.StringVal(asked.lower())
    if operator == "BinaryEquals":
        return value == z3.StringVal(asked.rstrip("="))
    raise ValueError(operator)


def is_text(value) -> bool:
    return z3.is_expr(value) and value.sort() == z3.StringSort()


def passes(request: Request, operator: str, key: str, asked: list[str]):
    values = request.keys[key.lower()]
    if operator == "Null":
        wanted = [z3.Not(values.present()) if each.lower() == "true" else values.present() for each in asked]
        return z3.Or(wanted)
    sets = None
    if ":" in operator:
        sets, operator = operator.split(":")
    exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negated = "Not" in operator
    operator = operator.replace("Not", "", 1)

    def one(value):
        some = z3.Or([takes(request, operator, value, each) for each in asked])
        return z3.Not(some) if negated else some

    absent = z3.Not(values.present())
    if sets:
        # "… or if the key value resolves to a null dataset, such as an empty string"
        empty = z3.And([z3.Not(flag) if not is_text(value) else z3.Implies(flag, value == z3.StringVal(""))
                        for flag, value in values.items])
        if sets == "ForAllValues":
            return z3.Or(empty, z3.And([z3.Implies(flag, one(value)) for flag, value in values.items]))
        some = z3.And(z3.Not(empty), z3.Or([z3.And(flag, one(value)) for flag, value in values.items]))
        return z3.Or(some, empty) if exists else some
    (flag, value), = values.items
    return z3.Or(z3.Not(flag), one(value)) if exists or negated else z3.And(flag, one(value))


def applies(statement: dict, request: Request, named: bool):
    parts = []
    for name in ("Principal", "NotPrincipal"):
        if name in statement:
            who = entries(statement[name])

            def named_in(caller, who=who):
                return any(names_caller(kind, each, caller) for kind, each in who)

            if name == "NotPrincipal" and statement["Effect"] == "Deny":
                parts.append(z3.Not(request.caller_is(lambda caller, who=who: is_spared(who, caller))))
            else:
                some = request.caller_is(named_in)
                parts.append(z3.Not(some) if name.startswith("Not") else some)
    for name in ("Action", "NotAction"):
        if name in statement:
            some = z3.Or([action_matches(request, each) for each in listed(statement[name])])
            parts.append(z3.Not(some) if name.startswith("Not") else some)
    for name in ("Resource", "NotResource"):
        if name in statement:
            some = z3.Or([resource_matches(request, each, named) for each in listed(statement[name])])
            parts.append(z3.Not(some) if name.startswith("Not") else some)
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            parts.append(passes(request, operator, key, [text_of(value) for value in listed(values)]))
    return z3.And(parts)


def allows(policy: list[dict], request: Request, named: bool):
    """Whether the policy allows the request: some Allow applies, and no Deny."""
    return z3.And(some(policy, "Allow", request, named), z3.Not(denies(policy, request, named)))


def denies(policy: list[dict], request: Request, named: bool):
    """Whether the policy denies the request, whatever other policies allow."""
    return some(policy, "Deny", request, named)


def some(policy: list[dict], effect: str, request: Request, named: bool):
    """Whether a statement of that effect applies."""
    return z3.Or([applies(statement, request, named) for statement in policy if statement["Effect"] == effect])


def gains(left: list[dict], right: list[dict], request: Request, named: bool):
    """Whether the request may be allowed with the left and not with the right: by its own Allow, or as no Deny is in
    the way of what others allow."""
    by_itself = z3.And(allows(left, request, named), z3.Not(allows(right, request, named)))
    return z3.Or(by_itself, z3.And(denies(right, request, named), z3.Not(denies(left, request, named))))
