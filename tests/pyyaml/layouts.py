"""Templates in odd layouts that PyYAML accepts: what a person, a tool or a careless editor makes of one."""

import random

ACTIONS = ["s3:GetObject", "s3:*", "kms:Decrypt", "sqs:SendMessage", "sts:AssumeRole", "*"]
TEXTS = ["arn:aws:s3:::b/*", "a b  c", "it's", 'say "x"', "é ü", "a #b", "key: value", "- x", "", " x ", "one\ntwo\n",
         "${AWS::Region}", "2012-10-17", "true", "no", "012", "1.10", "12", "~", "{a}", "[b]", "x" * 90, "a\tb", "\\n"]
TAGS = ["!Ref", "!Sub", "!GetAtt", "!ImportValue", "!"]


class Call:
    """A function of a template in its short form."""

    def __init__(self, tag: str, value) -> None:
        self.tag, self.value = tag, value


def template(draw: random.Random) -> dict:
    """What a file is to say."""
    resources = {}
    for number in range(draw.randint(1, 3)):
        statements = [statement(draw) for _ in range(draw.randint(1, 3))]
        policy = {"Version": "2012-10-17", "Statement": statements if draw.random() < 0.8 else statements[0]}
        resources[f"Queue{number}"] = {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [Call("!Ref", "Q")], "PolicyDocument": policy},
        }
    return {"Description": text(draw), "Resources": resources, "Metadata": {"x": text(draw), "y": [text(draw), []]}}


def statement(draw: random.Random) -> dict:
    value = lambda: Call(draw.choice(TAGS), text(draw)) if draw.random() < 0.2 else text(draw)
    some = lambda: [value() for _ in range(draw.randint(1, 3))] if draw.random() < 0.7 else value()
    made = {"Sid": text(draw), "Effect": "Allow", "Action": draw.choices(ACTIONS, k=draw.randint(1, 4)),
            "Resource": some(), "Principal": {"AWS": some()}, "Condition": {"StringEquals": {"aws:SourceArn": some()}}}
    if draw.random() < 0.2:
        made["Resource"] = Call("!If", ["IsProd", some(), Call("!Ref", "AWS::NoValue")])
    keys = list(made)
    draw.shuffle(keys)
    return {key: made[key] for key in keys}


def text(draw: random.Random) -> str:
    return draw.choice(TEXTS) if draw.random() < 0.8 else " ".join(draw.choices(TEXTS, k=3))


class Writer:
    """Writes a value as YAML. Every choice of layout is drawn."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.unit, self.dash = draw.choice([1, 2, 4]), draw.choice([0, 0, 1, 2])
        self.flow, self.breaks = draw.choice([0.1, 0.3, 0.6]), draw.choice([0.1, 0.5])

    def file(self, value) -> str:
        draw = self.draw
        body = self.block(value, 0).lstrip("\n") + "\n"
        head = draw.choice(["", "", "", "---\n", "# é\n", "%YAML 1.1\n---\n", "\n\n", "--- # one\n", "\ufeff"])
        whole = head + body + draw.choice(["", "", "...\n", "# end\n", "\n \n", "# end"])
        if draw.random() < 0.1:
            whole = whole.rstrip("\n")
        return whole.replace("\n", "\r\n") if draw.random() < 0.1 else whole

    def space(self) -> str:
        """Between parts in brackets or in front of a continued line: any white space, and comments."""
        draw = self.draw
        if draw.random() > self.breaks:
            return draw.choice(["", " ", "  "])
        comment = draw.choice(["", "", "", " # one ], }", "  #"])
        return comment + "\n" * draw.choice([1, 1, 2]) + " " * draw.randint(0, 14)

    def nested(self, value, column: int) -> str:
        """The value of a name at a column, from behind the colon."""
        draw = self.draw
        if isinstance(value, Call):
            return f" {value.tag}" + self.nested(value.value, column)
        if not isinstance(value, (dict, list)) or not value or draw.random() < self.flow:
            return draw.choice([" ", " ", "   "]) + self.inline(value, column)
        comment = draw.choice(["", "", "", " # here", "\n\n# \"there"])
        step = self.dash if isinstance(value, list) else self.unit
        return comment + "\n" + self.block(value, column + step)

    def block(self, value, column: int) -> str:
        """Lines by indentation, the first of them indented, too."""
        draw, pad = self.draw, " " * column
        lines = []
        parts = value.items() if isinstance(value, dict) else [(None, item) for item in value]
        for key, item in parts:
            if draw.random() < 0.08:
                lines.append(draw.choice(["", " " * draw.randint(0, 9), " " * draw.randint(0, 20) + "# 'one", "#x"]))
            if key is not None:
                name = self.key(key)
                if draw.random() < 0.04:
                    lines.append(f"{pad}? {name}\n{pad}:" + self.nested(item, column))
                else:
                    lines.append(f"{pad}{name}:" + self.nested(item, column))
            elif isinstance(item, (dict, list)) and item and draw.random() > self.flow:
                gap = draw.choice([1, 1, 1, 3])
                inner = self.block(item, column + 1 + gap)
                first = inner.split("\n", 1)[0].strip()
                own_line = draw.random() < 0.15 or not first or first.startswith("#")
                lines.append(f"{pad}-\n{inner}" if own_line else f"{pad}-{' ' * gap}{inner.lstrip(' ')}")
            else:
                tag = ""
                while isinstance(item, Call):
                    tag, item = f"{tag}{item.tag} ", item.value
                lines.append(f"{pad}- {tag}{self.inline(item, column)}")
        return "\n".join(lines)

    def key(self, key: str) -> str:
        return self.draw.choice([key, key, key, f'"{key}"', f"'{key}'"])

    def inline(self, value, column: int, flow: bool = False) -> str:
        """A scalar, or a list or mapping in brackets."""
        draw = self.draw
        if isinstance(value, Call):
            return f"{value.tag} {self.inline(value.value, column, flow)}"
        if isinstance(value, list):
            parts = [self.inline(item, column, True) for item in value]
            return self.brackets("[", parts, "]")
        if isinstance(value, dict):
            parts = [f"{self.key(key)}:{self.space() or ' '}{self.inline(item, column, True)}"
                     for key, item in value.items()]
            return self.brackets("{", parts, "}")
        plain = self.plain(value, flow)
        styles = [self.double, self.single] + [lambda _: plain] * (4 if plain is not None else 0)
        if not flow and value.strip() and not value.startswith((" ", "\n")) and "\t" not in value and draw.random() < 0.2:
            return self.lines(value, column)
        return draw.choice(styles)(value)

    def brackets(self, start: str, parts: list[str], end: str) -> str:
        body = ",".join(f"{self.space()}{part}{self.space()}" for part in parts)
        last = "," + self.space() if parts and self.draw.random() < 0.2 else self.space()
        return start + body + last + end

    def plain(self, value: str, flow: bool) -> str | None:
        odd = value == "" or value != value.strip() or value[0] in "-?:,[]{}#&*!|>'\"%@`" and value != "-"
        if odd or ": " in value or " #" in value or "\n" in value or "\t" in value or value.endswith(":"):
            return None
        if flow and any(mark in value for mark in ",[]{}"):
            return None
        return value

    def single(self, value: str) -> str:
        if "\n" in value or "\t" in value:
            return self.double(value)
        return "'" + self.folded(value.replace("'", "''")) + "'"

    def double(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        if self.draw.random() < 0.1:
            escaped = escaped.replace("é", "\\u00e9")
        if self.draw.random() < 0.15 and len(escaped) > 4 and "\\" not in escaped:
            escaped = escaped[:2] + "\\\n" + " " * self.draw.randint(0, 9) + "\\" * escaped[2].isspace() + escaped[2:]
            return f'"{escaped}"'
        return '"' + self.folded(escaped) + '"'

    def folded(self, value: str) -> str:
        """A text in quotes with line breaks for single blanks, which go on in any column."""
        if self.draw.random() > self.breaks:
            return value
        words, made = value.split(" "), ""
        for at, word in enumerate(words):
            if at > 0:
                alone = word and words[at - 1] and not made.endswith("\\")
                breaks = alone and self.draw.random() < 0.5 and not word.startswith(("---", "..."))
                made += "\n" + " " * self.draw.randint(0, 14) if breaks else " "
            made += word
        return made

    def lines(self, value: str, column: int) -> str:
        """A block of lines."""
        pad = " " * (column + self.draw.choice([1, 2, 5]))
        ending = "" if value.endswith("\n") else "-"
        body = "\n".join(pad + line if line else "" for line in value.rstrip("\n").split("\n"))
        return self.draw.choice(["|", ">"]) + ending + self.draw.choice(["", " # x"]) + "\n" + body


def layouts(count: int, seed: int) -> list[str]:
    """So many files."""
    draw = random.Random(seed)
    return [Writer(draw).file(template(draw)) for _ in range(count)]
