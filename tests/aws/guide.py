"""The ten steps of the guide from end to end: collect, check, plan, run, check again, run again, roll back.

Used by `run` in this folder, which plays the two accounts with moto's server.
"""

import difflib
import json
import os
import re
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

REGION = "us-east-1"
MANAGEMENT, LOG_ARCHIVE = "111111111111", "222222222222"
BUCKET = f"aws-controltower-logs-{LOG_ARCHIVE}-{REGION}"
TOPIC = f"arn:aws:sns:{REGION}:{LOG_ARCHIVE}:expel-topic"
QUEUE = f"arn:aws:sqs:{REGION}:{LOG_ARCHIVE}:expel-queue"
ROLE = f"arn:aws:iam::{LOG_ARCHIVE}:role/ExpelAssumeRole"
MEMBERS = ("333333333333", "444444444444")
STACK_SET = "ExpelIAMStackSet"
# The ids of the keys that are made first: the trail's, then the notification key. As in the fixtures and the book.
KEYS = ("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")
CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "src" / "guide.md"
# A call takes a second of a processor at least, and a script makes a few dozen.
PATIENCE = 900


@dataclass
class World:
    """The two accounts, and what of them the set-up may change."""

    check: Callable[[str, bool, object], None]
    environment: dict[str, str]
    scratch: Path
    sessions: dict[str, dict[str, str]]
    clients: Callable[[str, str], object]
    trail_key: str = f"arn:aws:kms:{REGION}:{MANAGEMENT}:key/{KEYS[0]}"
    notification_key: str = f"arn:aws:kms:{REGION}:{LOG_ARCHIVE}:key/{KEYS[1]}"

    def run(self, account: str | None, *command: str) -> subprocess.CompletedProcess:
        environment = self.environment | (self.sessions[account] if account else {})
        return subprocess.run(command, env=environment, cwd=self.scratch, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def polmerge(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run(None, "polmerge", "guide", *arguments)

    def start(self, key_policy: str) -> None:
        """The accounts as they are before the first step: a trail and its key, a bucket with a notification of its own."""
        made = self.clients("kms", MANAGEMENT).create_key(Policy=key_policy)["KeyMetadata"]["Arn"]
        assert made == self.trail_key, made
        organizations = self.clients("organizations", MANAGEMENT)
        organizations.create_organization(FeatureSet="ALL")
        for account in (LOG_ARCHIVE, *MEMBERS):
            made = organizations.create_account(Email=f"{account}@example.com", AccountName=account)
            assert made["CreateAccountStatus"]["AccountId"] == account, made
        other = self.clients("sqs", LOG_ARCHIVE).create_queue(QueueName="other")["QueueUrl"]
        assert other
        s3 = self.clients("s3", LOG_ARCHIVE)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [{
            "Id": "other", "QueueArn": f"arn:aws:sqs:{REGION}:{LOG_ARCHIVE}:other", "Events": ["s3:ObjectRemoved:*"]}]})
        self.clients("cloudtrail", MANAGEMENT).create_trail(
            Name="aws-controltower-BaselineCloudTrail", S3BucketName=BUCKET, KmsKeyId=self.trail_key)

    def values(self, **more: str) -> str:
        values = {
            "YOUR_EXPEL_ROLE_ARN": ROLE, "YOUR_WORKBENCH_EXTERNAL_ID": "00000000-0000-0000-0000-000000000000",
            "YOUR_S3_ARN": f"arn:aws:s3:::{BUCKET}", "YOUR_CLOUDTRAIL_KEY_ARN": self.trail_key,
            "YOUR_TOPIC_ARN": TOPIC, "YOUR_SQS_QUEUE_ARN": QUEUE,
        } | more
        (self.scratch / "guide.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        return "guide.toml"

    def collect(self) -> None:
        script = self.polmerge("collect", "--values", "guide.toml", "--into", "accounts")
        assert script.returncode == 0, script.stderr
        (self.scratch / "collect.sh").write_text(script.stdout)
        for account in (LOG_ARCHIVE, MANAGEMENT):
            ran = self.run(account, "bash", "collect.sh")
            assert ran.returncode == 0, ran.stderr

    def report(self, values: str = "guide.toml") -> dict:
        ran = self.polmerge("check", "--values", values, "--from", "accounts", "--format", "json")
        assert ran.returncode in (0, 1), ran.stderr
        return json.loads(ran.stdout) | {"status": ran.returncode}

    def plan(self) -> tuple[Path | None, subprocess.CompletedProcess]:
        before = set((self.scratch / "plan").glob("*"))
        ran = self.polmerge("plan", "--values", "guide.toml", "--from", "accounts", "-o", "plan")
        new = set((self.scratch / "plan").glob("*")) - before
        return (new.pop() if new else None), ran

    def scripts(self, plan: Path, name: str) -> list[tuple[str, Path]]:
        return [(folder.name.rsplit("-", 1)[1], folder / name) for folder in sorted(plan.glob("[0-9]*"))]

    def state(self) -> dict:
        """All that the set-up may change, by meaning."""
        archive = {name: self.clients(name, LOG_ARCHIVE) for name in ("iam", "kms", "s3", "sns", "sqs")}

        def or_none(call: Callable[[], object]) -> object:
            try:
                return call()
            except Exception as error:  # whatever a service says where a thing is not there
                return getattr(error, "response", {}).get("Error", {}).get("Code", str(error))

        def role(iam) -> object:
            return {
                "trust": iam.get_role(RoleName="ExpelAssumeRole")["Role"]["AssumeRolePolicyDocument"],
                "inline": {name: iam.get_role_policy(RoleName="ExpelAssumeRole", PolicyName=name)["PolicyDocument"]
                           for name in iam.list_role_policies(RoleName="ExpelAssumeRole")["PolicyNames"]},
                "attached": len(iam.list_attached_role_policies(RoleName="ExpelAssumeRole")["AttachedPolicies"]),
            }

        def attributes(all_of: dict[str, str], names: tuple[str, ...]) -> dict:
            kept = {name: all_of[name] for name in names if all_of.get(name)}
            return kept | ({"Policy": json.loads(all_of["Policy"])} if all_of.get("Policy") else {})

        url = f"https://sqs.{REGION}.amazonaws.com/{LOG_ARCHIVE}/expel-queue"
        stack_sets = self.clients("cloudformation", MANAGEMENT)
        notification = archive["s3"].get_bucket_notification_configuration(Bucket=BUCKET)
        return {
            "trail key": json.loads(self.clients("kms", MANAGEMENT).get_key_policy(
                KeyId=self.trail_key, PolicyName="default")["Policy"]),
            "notification key": or_none(lambda: json.loads(archive["kms"].get_key_policy(
                KeyId=self.notification_key, PolicyName="default")["Policy"])),
            "roles": [or_none(lambda account=account: role(self.clients("iam", account)))
                      for account in (LOG_ARCHIVE, MANAGEMENT, *MEMBERS)],
            "stack sets": [stack_sets.describe_organizations_access()["Status"],
                           or_none(lambda: stack_sets.describe_stack_set(StackSetName=STACK_SET)["StackSet"]["Status"])],
            "topic": or_none(lambda: attributes(
                archive["sns"].get_topic_attributes(TopicArn=TOPIC)["Attributes"], ("KmsMasterKeyId",))),
            "queue": or_none(lambda: attributes(
                archive["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
                ("KmsMasterKeyId", "MessageRetentionPeriod", "VisibilityTimeout"))),
            "subscriptions": or_none(lambda: [
                each["Endpoint"] for each in archive["sns"].list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]]),
            "ownership": or_none(lambda: archive["s3"].get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]),
            "notification": {name: value for name, value in notification.items() if name != "ResponseMetadata"},
        }


def states(report: dict) -> str:
    return " ".join(step["state"] for step in report["steps"])


def outcome(ran: subprocess.CompletedProcess) -> str:
    return f"{ran.returncode}\n{ran.stdout}{ran.stderr}"


DONE = " ".join(["done"] * 9 + ["by-hand"])


def one_stack_and_back(world: World) -> None:
    """Option 1, on accounts with nothing of it, all the way and back."""
    check = lambda what, good, detail="": world.check(f"guide, one stack: {what}", good, detail)
    first = world.state()
    world.collect()
    report = world.report()
    check("nothing is done at first", "done" not in states(report).split() and report["status"] == 1, states(report))
    plan, ran = world.plan()
    check("it is planned", plan is not None and ran.returncode == 0, outcome(ran))
    if plan is None:
        return

    wrong = world.run(MANAGEMENT, "bash", str(world.scripts(plan, "run.sh")[0][1]))
    check("a script in the wrong account does nothing", wrong.returncode == 1 and world.state() == first, outcome(wrong))
    for account, script in world.scripts(plan, "run.sh"):
        ran = world.run(account, "bash", str(script))
        check(f"run.sh of {account} goes through", ran.returncode == 0, outcome(ran))

    # What the stack made is known only now, as it would be to a person.
    stack = world.clients("cloudformation", LOG_ARCHIVE).describe_stacks(StackName="ExpelLogStack")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    check("the stack's outputs", outputs.get("RoleARN") == ROLE and outputs.get("SqsURL", "").endswith("/expel-queue"), outputs)
    what_moto_leaves_out(world, plan)
    world.notification_key = outputs["NotificationKeyARN"]
    world.values(YOUR_OPTION="1", YOUR_NOTIFICATION_KEY_ARN=outputs["NotificationKeyARN"])
    done = world.state()
    world.collect()
    report = world.report()
    check("then every step is done and all would work", states(report) == DONE and report["status"] == 0,
          json.dumps([report["steps"], report["works"]], indent=1))
    kept = done["notification"].get("QueueConfigurations") == first["notification"].get("QueueConfigurations")
    check("the bucket's own notification is kept", kept, done["notification"])
    again, ran = world.plan()
    check("then nothing is left to plan", again is None and ran.returncode == 0, outcome(ran))
    for account, script in world.scripts(plan, "run.sh"):
        ran = world.run(account, "bash", str(script))
        check(f"run.sh of {account} once more changes nothing",
              ran.returncode == 0 and "done:" not in ran.stdout and world.state() == done, outcome(ran))

    for account, script in reversed(world.scripts(plan, "rollback.sh")):
        ran = world.run(account, "bash", str(script))
        check(f"rollback.sh of {account} goes through", ran.returncode == 0, outcome(ran))
    back = world.state()
    # The key is kept, so that nothing encrypted with it is lost.
    back["notification key"] = first["notification key"]
    check("then all is as it was at first", back == first, json.dumps([first, back], indent=1, default=str))


def what_moto_leaves_out(world: World, plan: Path) -> None:
    """moto's CloudFormation makes neither policies of topics and queues nor subscriptions: made here, from the template."""
    template = json.loads(next(plan.glob("*/documents/*-stack.json")).read_text())
    known = {"Topic": TOPIC, "Queue.Arn": QUEUE, "S3LogBucketARN": f"arn:aws:s3:::{BUCKET}", "TopicName": "expel-topic",
             "AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": LOG_ARCHIVE}

    def resolve(node):
        if isinstance(node, list):
            return [resolve(each) for each in node]
        if not isinstance(node, dict):
            return node
        match node:
            case {"Ref": name}:
                return known[name]
            case {"Fn::GetAtt": [resource, attribute]}:
                return known[f"{resource}.{attribute}"]
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda name: known[name.group(1)], text)
        return {name: resolve(value) for name, value in node.items()}

    part = lambda name, *members: {member: resolve(template["Resources"][name]["Properties"][member]) for member in members}
    sns, sqs = world.clients("sns", LOG_ARCHIVE), world.clients("sqs", LOG_ARCHIVE)
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy",
                             AttributeValue=json.dumps(part("TopicPolicy", "PolicyDocument")["PolicyDocument"]))
    sqs.set_queue_attributes(QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{LOG_ARCHIVE}/expel-queue", Attributes={
        "Policy": json.dumps(part("QueuePolicy", "PolicyDocument")["PolicyDocument"])})
    raw = template["Resources"]["Subscription"]["Properties"]["RawMessageDelivery"]
    sns.subscribe(**part("Subscription", "TopicArn", "Protocol", "Endpoint"),
                  Attributes={"RawMessageDelivery": str(raw).lower()})


def something_changed_in_between(world: World) -> None:
    """A policy that was changed after it was collected is not written over."""
    sns = world.clients("sns", LOG_ARCHIVE)
    sns.create_topic(Name="expel-topic")
    world.collect()
    plan, ran = world.plan()
    assert plan is not None, outcome(ran)
    policy = json.loads(sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["Policy"])
    policy["Id"] = "changed-by-somebody"
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(policy))
    account, script = world.scripts(plan, "run.sh")[0]
    ran = world.run(account, "bash", str(script))
    stored = json.loads(sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["Policy"])
    world.check("guide: what has changed since it was collected is not written over",
                ran.returncode == 1 and stored == policy and "changed since it was collected" in ran.stderr, outcome(ran))


ACCESS = {"Status": "DISABLED"}


def reset_moto(endpoint: str) -> None:
    """Nothing is there any more, and the next accounts and keys get the ids that are told of above."""
    from moto.kms import models as kms
    from moto.organizations import utils as organizations

    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"))
    accounts, keys = iter((MANAGEMENT, LOG_ARCHIVE, *MEMBERS)), iter(KEYS)
    organizations.make_random_account_id = lambda: next(accounts)
    kms.generate_key_id = lambda multi_region=False: next(keys)
    ACCESS["Status"] = "DISABLED"


def mend_moto() -> None:
    """Things that moto forgets, or has not yet, and AWS does not."""
    from moto.cloudformation.models import CloudFormationBackend, StackInstances
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.cloudtrail.models import Trail
    from moto.core.responses import ActionResult, EmptyResult
    from moto.iam.models import ManagedPolicy, iam_backends
    from moto.sqs.models import Queue

    # A queue's policy, whenever another attribute is set.
    set_attributes = Queue._set_attributes

    def keeping(queue, attributes, now=None):
        before = getattr(queue, "_policy_json", None)
        set_attributes(queue, attributes, now)
        if before and "Policy" not in attributes:
            queue._policy_json = before

    # A managed policy, when its stack is deleted.
    def delete(_, arn, template, account, region):
        backend = iam_backends[account]["aws"]
        for role in backend.roles.values():
            role.managed_policies.pop(arn, None)
        backend.managed_policies.pop(arn, None)

    # That the bucket of a trail may be another account's.
    Trail.check_bucket_exists = lambda trail: None

    # Whether StackSets may work in the organization.
    def set_access(status):
        def answer(response):
            ACCESS["Status"] = status
            return EmptyResult()
        return answer

    CloudFormationResponse.describe_organizations_access = lambda response: ActionResult(dict(ACCESS))
    CloudFormationResponse.activate_organizations_access = set_access("ENABLED")
    CloudFormationResponse.deactivate_organizations_access = set_access("DISABLED")

    # Which accounts a service-managed StackSet leaves out: those that it is told, and the management account.
    create_instances = StackInstances.create_instances

    def chosen(instances, accounts, regions, parameters, deployment_targets, permission_model):
        assert permission_model == "SERVICE_MANAGED" and ACCESS["Status"] == "ENABLED", (permission_model, ACCESS)
        assert deployment_targets["AccountFilterType"] == "DIFFERENCE", deployment_targets
        left_out = [MANAGEMENT, *deployment_targets["Accounts"]]
        accounts = [each.id for each in instances.org_backend.accounts if each.id not in left_out]
        return create_instances(instances, accounts, regions, parameters, {}, permission_model)

    # And that its stacks go by the same targets; here, all of them.
    delete_instances = CloudFormationBackend.delete_stack_instances

    def all_of(backend, name, accounts, regions):
        stacks = backend.describe_stack_set(name).stack_instances
        return delete_instances(backend, name, [each.account_id for each in stacks], regions)

    StackInstances.create_instances = chosen
    CloudFormationBackend.delete_stack_instances = all_of
    Queue._set_attributes = keeping
    ManagedPolicy.delete_from_cloudformation_json = classmethod(delete)


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
    check("a script in the wrong account does nothing", len(wrong) == 1 and wrong[0][2] == first, wrong)
    names = [command for command, done, _ in scripts if command.endswith("run.sh") and not done.returncode]
    runs = [state for command, _, state in scripts if command in names]
    # Log Archive, the management account, and both once more.
    check("both scripts are run twice", len(names) == 4 and names[:2] == names[2:], names)
    if len(runs) == 4:
        check("the second time changes nothing", runs[1] == runs[2] == runs[3], json.dumps(runs, indent=1, default=str))
        done = runs[1]
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


def run(check, environment, scratch: Path, endpoint: str, clients, key_policy: str) -> None:
    mend_moto()
    for name in ("chapter", "one stack"):
        reset_moto(endpoint)
        folder = scratch / name.replace(" ", "-")
        folder.mkdir()
        sessions = {account: clients.session_in(account) for account in (MANAGEMENT, LOG_ARCHIVE, *MEMBERS)}
        # The default is bound, as the loop goes on to other sessions.
        client = lambda service, account, sessions=sessions: clients.client(service, sessions[account])
        world = World(check, environment, folder, sessions, client)
        world.start(key_policy)
        if name == "chapter":
            the_chapter(world)
            world.values(YOUR_NOTIFICATION_KEY_ARN=world.notification_key)
            something_changed_in_between(world)
        else:
            world.values(YOUR_OPTION="1")
            one_stack_and_back(world)


def lint_templates(check, environment, scratch: Path) -> None:
    """cfn-lint on what `render --as cloudformation` prints."""
    for arguments in (["step1"], ["step1", "--variant", "member-account"], ["step4"]):
        rendered = subprocess.run(["polmerge", "render", *arguments, "--as", "cloudformation"], env=environment, text=True,
                                  capture_output=True, timeout=PATIENCE)
        template = scratch / "template.json"
        template.write_text(rendered.stdout)
        ran = subprocess.run(["cfn-lint", "--non-zero-exit-code", "warning", str(template)], env=environment, text=True,
                             capture_output=True, timeout=PATIENCE)
        check(f"render {' '.join(arguments)} --as cloudformation: cfn-lint has nothing to say",
              rendered.returncode == 0 and ran.returncode == 0 and not ran.stdout.strip(), outcome(rendered) + outcome(ran))
