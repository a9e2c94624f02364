"""The accounts of the guide's end-to-end run, which `run` in this folder plays with moto's server."""

import json
import subprocess
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
    region: str = REGION
    bucket: str = BUCKET

    def __post_init__(self) -> None:
        self.topic, self.queue = (f"arn:aws:{service}:{self.region}:{LOG_ARCHIVE}:expel-{name}"
                                  for service, name in (("sns", "topic"), ("sqs", "queue")))
        self.trail_key, self.notification_key = (f"arn:aws:kms:{self.region}:{account}:key/{key}"
                                                 for account, key in zip((MANAGEMENT, LOG_ARCHIVE), KEYS))

    def run(self, account: str | None, *command: str, **more: str) -> subprocess.CompletedProcess:
        environment = self.environment | (self.sessions[account] if account else {}) | more
        return subprocess.run(command, env=environment, cwd=self.scratch, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def polmerge(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run(None, "polmerge", "guide", *arguments)

    def start(self, key_policy: str) -> None:
        """The accounts as they are before the first step: a trail and its key, a bucket with a notification of its own."""
        self.start_organization(key_policy)
        other = self.clients("sqs", LOG_ARCHIVE).create_queue(QueueName="other")["QueueUrl"]
        assert other
        s3 = self.clients("s3", LOG_ARCHIVE)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [{
            "Id": "other", "QueueArn": f"arn:aws:sqs:{REGION}:{LOG_ARCHIVE}:other", "Events": ["s3:ObjectRemoved:*"]}]})
        self.clients("cloudtrail", MANAGEMENT).create_trail(
            Name="aws-controltower-BaselineCloudTrail", S3BucketName=BUCKET, KmsKeyId=self.trail_key)

    def start_organization(self, key_policy: str) -> None:
        made = self.clients("kms", MANAGEMENT).create_key(Policy=key_policy)["KeyMetadata"]["Arn"]
        assert made == self.trail_key, made
        organizations = self.clients("organizations", MANAGEMENT)
        organizations.create_organization(FeatureSet="ALL")
        for account in (LOG_ARCHIVE, *MEMBERS):
            made = organizations.create_account(Email=f"{account}@example.com", AccountName=account)
            assert made["CreateAccountStatus"]["AccountId"] == account, made

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

        url = f"https://sqs.{self.region}.amazonaws.com/{LOG_ARCHIVE}/expel-queue"
        stack_sets = self.clients("cloudformation", MANAGEMENT)
        notification = archive["s3"].get_bucket_notification_configuration(Bucket=self.bucket)
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
                archive["sns"].get_topic_attributes(TopicArn=self.topic)["Attributes"], ("KmsMasterKeyId",))),
            "queue": or_none(lambda: attributes(
                archive["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
                ("KmsMasterKeyId", "MessageRetentionPeriod", "VisibilityTimeout"))),
            "subscriptions": or_none(lambda: [
                each["Endpoint"] for each in archive["sns"].list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]]),
            "ownership": or_none(lambda: archive["s3"].get_bucket_ownership_controls(Bucket=self.bucket)["OwnershipControls"]),
            "notification": {name: value for name, value in notification.items() if name != "ResponseMetadata"},
        }


def states(report: dict) -> str:
    return " ".join(step["state"] for step in report["steps"])


def outcome(ran: subprocess.CompletedProcess) -> str:
    return f"{ran.returncode}\n{ran.stdout}{ran.stderr}"


DONE = " ".join(["done"] * 9 + ["by-hand"])
