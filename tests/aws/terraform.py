"""What `render --as terraform` prints: read by python-hcl2, its policies worked out and compared with those that `render`
prints as JSON by `polmerge diff`. Where the program terraform is installed, it looks at the layout and works out texts, too.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

PATIENCE = 60
ACCOUNT = "222222222222"
# What AWS would answer for what the configuration makes and reads. Roles, topics and queues have the names of the values file.
MADE = {
    "aws_iam_role.expel.arn": f"arn:aws:iam::{ACCOUNT}:role/ExpelAssumeRole",
    "aws_iam_role.expel.name": "ExpelAssumeRole",
    "aws_sns_topic.expel.arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:expel-topic",
    "aws_sqs_queue.expel.arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:expel-queue",
    "aws_sqs_queue.expel.url": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/expel-queue",
    "aws_kms_key.expel.arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/66666666-7777-8888-9999-000000000000",
    "aws_kms_key.expel.key_id": "66666666-7777-8888-9999-000000000000",
    "aws_iam_policy.expel_access.arn": f"arn:aws:iam::{ACCOUNT}:policy/ExpelAccessPolicy",
    "data.aws_caller_identity.current.account_id": ACCOUNT,
    "data.aws_partition.current.partition": "aws",
}
# Where the policies are: the step, its kind, and whether the key's owner is let in besides.
POLICIES = {
    ("resource", "aws_iam_role", "expel", "assume_role_policy"): ("step1", "trust"),
    ("resource", "aws_iam_policy", "expel_access", "policy"): ("step1", "identity"),
    ("output", "trail_key_policy", "value"): ("step2", "kms"),
    ("resource", "aws_sns_topic_policy", "expel", "policy"): ("step4", "sns"),
    ("resource", "aws_sqs_queue_policy", "expel", "policy"): ("step5", "sqs"),
    ("resource", "aws_kms_key_policy", "expel", "policy"): ("step7", "kms"),
    ("resource", "aws_iam_role_policy", "expel_logs", "policy"): ("step9", "identity"),
    ("output", "log_bucket_policy", "value"): ("bucket-read", "s3"),
}
OWNER = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
         "Action": "kms:*", "Resource": "*"}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Configuration:
    """A configuration, read by python-hcl2 and worked out here: HCL native syntax specification."""

    def __init__(self, text: str, made: dict[str, str]):
        import hcl2

        self.made = dict(made)
        self.values = {}
        self.walk(hcl2.parses_to_tree(text), ())
        for path, value in self.values.items():
            if path[0] == "variable" and path[2] == "default":
                self.made[f"var.{path[1]}"] = self.value(value)

    def walk(self, tree, path: tuple) -> None:
        for child in tree.children:
            if not hasattr(child, "data"):
                continue
            if child.data == "block":
                labels = [label for each in child.children if (label := self.label(each))]
                self.walk(child.children[-2], (*path, *labels))
            elif child.data == "attribute":
                self.values[(*path, text_of(child.children[0]))] = child.children[-1]
            else:
                self.walk(child, path)

    @staticmethod
    def label(node) -> str | None:
        return text_of(node).strip('"') if getattr(node, "data", None) in ("identifier", "string") else None

    def value(self, node):
        kind = getattr(node, "data", None)
        inner = [child for child in getattr(node, "children", []) if getattr(child, "data", "") != "new_line_or_comment"]
        if kind == "expr_term" and len(inner) == 1:
            return self.value(inner[0])
        if kind == "function_call":
            assert text_of(inner[0]) == "jsonencode", text_of(node)
            arguments = next(child for child in inner if getattr(child, "data", "") == "arguments")
            return self.value(next(child for child in arguments.children if hasattr(child, "data")))
        if kind == "object":
            elements = [child for child in inner if getattr(child, "data", "") == "object_elem"]
            return {self.key(each.children[0]): self.value(each.children[-1]) for each in elements}
        if kind == "tuple":
            return [self.value(child) for child in inner if hasattr(child, "data")]
        if kind == "string":
            return "".join(self.part(child) for child in inner if hasattr(child, "data"))
        text = text_of(node)
        if text in ("true", "false", "null") or re.fullmatch(r"[0-9.]+", text):
            return json.loads(text)
        return self.made[text]

    def key(self, node) -> str:
        inner = node.children[0]
        while len(inner.children) == 1 and inner.data == "expr_term":
            inner = inner.children[0]
        return text_of(inner) if inner.data == "identifier" else self.value(inner)

    def part(self, node) -> str:
        """A part of a text between quotes: an expression, or what is there with its escapes."""
        text = text_of(node)
        if text.startswith(("${", "%{")):
            return self.made[text[2:-1].strip()]
        text = re.sub(r"([$%])\1\{", r"\1{", text)
        return re.sub(r'\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)',
                      lambda escape: ESCAPES.get(escape[1]) or chr(int(escape[1][1:], 16)), text)


def text_of(node) -> str:
    """The text of a node, as it was written."""
    return "".join(text_of(child) for child in node.children) if hasattr(node, "children") else str(node)


def run(check, environment, scratch: Path, fixtures: Path) -> None:
    def polmerge(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["polmerge", *arguments], env=environment, cwd=scratch, text=True, capture_output=True,
                              timeout=PATIENCE)

    terraform = shutil.which("terraform")
    if not terraform:
        print("SKIPPED  terraform is not installed: no look at the layout")
    values = ["--values", str(fixtures / "expel.toml")]

    def relation(kind: str, old, new) -> str:
        """What the access engine says of two policies."""
        for name, policy in (("old.json", old), ("new.json", new)):
            (scratch / name).write_text(json.dumps(policy))
        answer = polmerge("diff", "old.json", "new.json", "--kind", kind, "--format", "json")
        return json.loads(answer.stdout)["relation"] if answer.stdout else answer.stderr

    def wanted(step: str, kind: str, *arguments: str) -> dict:
        policy = json.loads(polmerge("render", step, "--kind", kind, *arguments).stdout)
        if step == "step7":
            policy["Statement"].append(OWNER)
        return policy

    seen = set()
    whole = ["expel-control-tower"]
    variants = [("step1", "member-account"), ("step1", "account-principal"), ("step2", "least-privilege"),
                ("step9", "no-trail-key"), ("expel-control-tower", "no-trail-key")]
    named = [[step] for step, _ in POLICIES.values()] + [["step3"], ["step6"], ["step8"], whole]
    for arguments in named + [[step, "--variant", variant] for step, variant in variants]:
        for given in (values, []):
            name = f"render {' '.join(arguments)} --as terraform{' --values …' if given else ''}"
            rendered = polmerge("render", *arguments, "--as", "terraform", *given)
            faults = [] if rendered.returncode == 0 else [rendered.stderr]
            if terraform:
                layout = subprocess.run([terraform, "fmt", "-check", "-diff", "-"], input=rendered.stdout, text=True,
                                        capture_output=True, timeout=PATIENCE, cwd=scratch)
                faults += [layout.stdout + layout.stderr] if layout.returncode else []
            configuration = Configuration(rendered.stdout, MADE)
            # A name is made by the step or has the value of a variable; each is declared, and each variable is used.
            references = set(re.findall(r"\b(?:var\.|data\.|aws_\w+\.)[\w.]+", uncommented(rendered.stdout)))
            declared = {address(path) for path in configuration.values} | blocks_of(rendered.stdout)
            lacking = {each for each in references if not any(each.startswith(one) for one in declared)}
            faults += [f"not declared: {lacking}"] if lacking else []
            if "YOUR_" in rendered.stdout:
                faults.append("a placeholder is left")
            for path, (step, kind) in POLICIES.items() if given else ():
                if path not in configuration.values:
                    continue
                seen.add(path)
                variant = arguments[1:] if kind in kinds_with(arguments, step) else []
                says = relation(kind, wanted(step, kind, *variant, *given), configuration.value(configuration.values[path]))
                faults += [f"{path}: {says}"] if says != "equivalent" else []
            check(f"{name}: its syntax, layout, names and policies", not faults, "\n".join(faults))
    check("terraform: every policy of every step was compared", seen == set(POLICIES), POLICIES.keys() - seen)

    # The comparison finds what differs.
    text = polmerge("render", "step4", "--as", "terraform", *values).stdout
    other = Configuration(text, MADE | {"data.aws_caller_identity.current.account_id": "333333333333"})
    path = ("resource", "aws_sns_topic_policy", "expel", "policy")
    says = relation("sns", wanted("step4", "sns", *values), other.value(other.values[path]))
    check("terraform: another account is not the same policy", says == "incomparable", says)

    settings(check, polmerge, values)
    texts(check, polmerge, scratch, terraform)


def uncommented(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def blocks_of(text: str) -> set[str]:
    """The addresses of the blocks, by what stands at the beginning of a line."""
    found = re.findall(r'^(resource|data|variable) "([\w-]+)"(?: "([\w-]+)")?', text, re.MULTILINE)
    return {address((kind, *(label for label in labels if label))) for kind, *labels in found}


def address(path: tuple) -> str:
    return {"resource": "", "data": "data.", "variable": "var."}.get(path[0], "?") + ".".join(path[1:3 - (path[0] == "variable")])


def kinds_with(arguments: list[str], step: str) -> set[str]:
    """The kinds of a step's policies that have the variant."""
    variants = {("step1", "member-account"): {"identity"}, ("step1", "account-principal"): {"trust"},
                ("step2", "least-privilege"): {"kms"}, ("step9", "no-trail-key"): {"identity"}}
    return variants.get((step, arguments[-1]), set())


def settings(check, polmerge, values: list[str]) -> None:
    """What is no policy is what the steps ask for."""
    text = polmerge("render", "expel-control-tower", "--as", "terraform", *values).stdout
    configuration = Configuration(text, MADE)

    def got(*path: str):
        return configuration.value(configuration.values[("resource", *path)])

    def render(step: str, kind: str) -> dict:
        return json.loads(polmerge("render", step, "--kind", kind, *values).stdout)

    names = {"visibility_timeout_seconds": "VisibilityTimeout", "message_retention_seconds": "MessageRetentionPeriod",
             "delay_seconds": "DelaySeconds", "max_message_size": "MaximumMessageSize",
             "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds"}
    queue = {ours: str(got("aws_sqs_queue", "expel", theirs)) for theirs, ours in names.items()}
    check("terraform: the attributes of the queue", queue == render("step5", "sqs-attributes"), queue)
    keys = {got("aws_sqs_queue", "expel", "kms_master_key_id"), got("aws_sns_topic", "expel", "kms_master_key_id"),
            render("step7", "sqs-attributes")["KmsMasterKeyId"], render("step7", "sns-attributes")["KmsMasterKeyId"]}
    check("terraform: the key of topic and queue", len(keys) == 1, keys)
    asked = render("step6", "sns-subscription")
    made = [got("aws_sns_topic_subscription", "expel", name) for name in ("topic_arn", "protocol", "endpoint", "raw_message_delivery")]
    check("terraform: the subscription", made == [asked["TopicArn"], asked["Protocol"], asked["Endpoint"],
                                                  asked["Attributes"]["RawMessageDelivery"] == "true"], made)
    for variant in ([], ["prefix"], ["suffix"], ["suffix-in-prefix"]):
        given = [*(["--variant"] if variant else []), *variant, *values, "--set", "YOUR_LOG_PREFIX=AWSLogs/"]
        text = polmerge("render", "step8", "--as", "terraform", *given).stdout
        note = re.search(r"^# topic \{$.*?^# }$", text, re.MULTILINE | re.DOTALL)
        topic = Configuration(re.sub("^# ", "", note[0], flags=re.MULTILINE) + "\n", MADE | Configuration(text, {}).made
                              | {"var.topic_arn": MADE["aws_sns_topic.expel.arn"]})
        made = {path[-1]: topic.value(value) for path, value in topic.values.items()}
        asked = json.loads(polmerge("render", "step8", *given).stdout)["TopicConfigurations"][0]
        filters = asked.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        asked = {"id": asked["Id"], "topic_arn": asked["TopicArn"], "events": asked["Events"],
                 **{f"filter_{each['Name']}": each["Value"] for each in filters}}
        check(f"terraform: the notification in the note, {variant or 'without a filter'}", made == asked, made)
    bare = [line for line in text.splitlines() if not line.startswith("#")]
    check("terraform: the notification is a note alone", not any("notification" in line for line in bare), text)


def texts(check, polmerge, scratch: Path, terraform: str | None) -> None:
    """Texts with all that HCL reads otherwise come out as they are."""
    hard = ["${aws:username}", "%{if}", "$${x}", "%%{y}", "$", "%", 'a "quoted" \\ one', "two\nlines\tand a tab", "a # b ## c",
            "// /* */", "é\u200b\U0001f600\U000e0041\u2028", "<<EOT"]
    if terraform:  # python-hcl2 looks for the end of an escaped expression
        hard += ["${", "%{", "}"]
    tokens = ["YOUR_TEXT", "a/YOUR_TEXT", "$YOUR_TEXT", "$$YOUR_TEXT", "%YOUR_TEXT", "{YOUR_TEXT}", "${aws:username}/YOUR_TEXT/*",
              "YOUR_TEXT-YOUR_TEXT YOUR_TEXT"]
    statement = {"Sid": "Hard", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": hard + tokens,
                 "Condition": {"StringLike": {text: [text, True, 5] for text in [*hard, "for", "a-b", "x/YOUR_TEXT", "YOUR_TEXT"]}}}
    pack = scratch / "hard"
    pack.mkdir()
    body = {"output": {"policy": {"value": {"polmerge:json": {"Version": "2012-10-17", "Statement": {
        "polmerge:statements": "one/s3"}}}}}}
    (pack / "one.json").write_text(json.dumps({
        "name": "one", "title": "one\nresource \"x\" \"y\" {}", "account": "any", "parameters": ["YOUR_TEXT"], "documents": [
            {"kind": "s3", "attached-to": "it", "statements": [statement]},
            {"kind": "terraform", "attached-to": "it", "terraform": {"comment": ["a\rb\n}"], "body": body}}]}))
    (pack / "pack.json").write_text(json.dumps({
        "name": "hard", "title": "hard", "about": "hard", "steps": ["one"],
        "parameters": {"YOUR_TEXT": {"type": "text", "description": 'a "text" ${x}', "find": {"where": "here"}}}}))
    (scratch / "hard.toml").write_text('packs = ["hard"]\n')
    for value in ("plain", '${x} "%{y}" \\ $'):
        rendered = polmerge("render", "one", "--as", "terraform", "--config", "hard.toml", "--set", f"YOUR_TEXT={value}")
        asked = json.loads(re.sub(r"\bYOUR_TEXT\b", lambda _: json.dumps(value)[1:-1], json.dumps(statement, ensure_ascii=False)))
        if not terraform:
            configuration = Configuration(rendered.stdout, {})
            got = configuration.value(configuration.values[("output", "policy", "value")])["Statement"]
            check(f"terraform: hard texts with {value!r} are what they were", got == [asked], f"{got}\n{asked}\n{rendered.stderr}")
        else:
            folder = scratch / "terraform"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "main.tf").write_text(rendered.stdout)
            for command in (["init"], ["apply", "-auto-approve"], ["output", "-raw", "policy"]):
                ran = subprocess.run([terraform, *command, *(["-no-color"] if command[0] != "output" else [])], cwd=folder, text=True,
                                     capture_output=True, timeout=PATIENCE)
            got = json.loads(ran.stdout)["Statement"] if ran.returncode == 0 else ran.stderr
            check(f"terraform: terraform says that hard texts with {value!r} are what they were", got == [asked], f"{got}\n{asked}")
