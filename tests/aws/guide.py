"""The ten steps of the guide from end to end: collect, check, plan, run, check again, run again, roll back.

Used by `run` in this folder, which plays the two accounts with moto's server.
"""

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
    trail_key: str = ""
    notification_key: str = ""

    def run(self, account: str | None, *command: str) -> subprocess.CompletedProcess:
        environment = self.environment | (self.sessions[account] if account else {})
        return subprocess.run(command, env=environment, cwd=self.scratch, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def polmerge(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run(None, "polmerge", "guide", *arguments)

    def start(self, key_policy: str) -> None:
        """The accounts as they are before the first step: a trail's key, a bucket with a notification of its own."""
        kms, archive_kms = self.clients("kms", MANAGEMENT), self.clients("kms", LOG_ARCHIVE)
        self.trail_key = kms.create_key(Policy=key_policy)["KeyMetadata"]["Arn"]
        self.notification_key = archive_kms.create_key()["KeyMetadata"]["Arn"]
        self.clients("organizations", MANAGEMENT).create_organization(FeatureSet="ALL")
        other = self.clients("sqs", LOG_ARCHIVE).create_queue(QueueName="other")["QueueUrl"]
        assert other
        s3 = self.clients("s3", LOG_ARCHIVE)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [{
            "Id": "other", "QueueArn": f"arn:aws:sqs:{REGION}:{LOG_ARCHIVE}:other", "Events": ["s3:ObjectRemoved:*"]}]})

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

    def report(self) -> dict:
        ran = self.polmerge("check", "--values", "guide.toml", "--from", "accounts", "--format", "json")
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
        notification = archive["s3"].get_bucket_notification_configuration(Bucket=BUCKET)
        return {
            "trail key": json.loads(self.clients("kms", MANAGEMENT).get_key_policy(
                KeyId=self.trail_key, PolicyName="default")["Policy"]),
            "notification key": or_none(lambda: json.loads(archive["kms"].get_key_policy(
                KeyId=self.notification_key, PolicyName="default")["Policy"])),
            "roles": [or_none(lambda: role(archive["iam"])), or_none(lambda: role(self.clients("iam", MANAGEMENT)))],
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


def steps_from_nothing_and_back(world: World, name: str, way: str) -> None:
    """Option `way`, on accounts with nothing of it, all the way and back."""
    check = lambda what, good, detail="": world.check(f"guide, {name}: {what}", good, detail)
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

    if way == "1":
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
    if way == "1":
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


def mend_moto() -> None:
    """Two things that moto forgets and AWS does not."""
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

    Queue._set_attributes = keeping
    ManagedPolicy.delete_from_cloudformation_json = classmethod(delete)


def run(check, environment, scratch: Path, endpoint: str, clients, key_policy: str) -> None:
    mend_moto()
    for name, way in (("by hand", "2"), ("one stack", "1")):
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"))
        folder = scratch / f"guide-{way}"
        folder.mkdir()
        os.makedirs(folder / "plan", exist_ok=True)
        sessions = {account: clients.session_in(account) for account in (MANAGEMENT, LOG_ARCHIVE)}
        # The default is bound, as the loop goes on to other sessions.
        client = lambda service, account, sessions=sessions: clients.client(service, sessions[account])
        world = World(check, environment, folder, sessions, client)
        world.start(key_policy)
        if way == "1":
            world.values(YOUR_OPTION="1")
        else:
            world.values(YOUR_NOTIFICATION_KEY_ARN=world.notification_key)
        steps_from_nothing_and_back(world, name, way)
        if way == "2":
            something_changed_in_between(world)


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
