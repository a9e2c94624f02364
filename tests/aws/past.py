"""Accounts with a past, from discover to roll-back, over plans of which the first ones are interrupted.

Another Region; a trail with a prefix; a role under a path, which Expel may assume already; a bucket that notifies others of
another prefix; a topic that exists; policies in one line, and with line ends of Windows.
"""

import json
from pathlib import Path

from world import DONE, LOG_ARCHIVE, MANAGEMENT, MEMBERS, World, outcome, states

REGION = "eu-west-1"
BUCKET = "organization-logs"
ROLE = "arn:aws:iam::222222222222:role/security/ExpelAssumeRole"
EXTERNAL_ID = "0f0e0d0c-0b0a-0908-0706-050403020100"
# Fails at the call of BREAK_AT, once AWS has done it if BREAK is `after`: as if the network went away.
BROKEN = """#!/bin/bash
case " $* " in
*" $BREAK_AT "*)
  [ "$BREAK" != after ] || {aws} "$@" >/dev/null
  printf '\\nCould not connect to the endpoint URL\\n' >&2
  exit 255
  ;;
esac
exec {aws} "$@"
"""


class PastWorld(World):
    def start(self, key_policy: str) -> None:
        self.start_organization(json.dumps(json.loads(key_policy), separators=(",", ":")))
        s3, sns, iam = (self.clients(name, LOG_ARCHIVE) for name in ("s3", "sns", "iam"))
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.clients("sqs", LOG_ARCHIVE).create_queue(QueueName="inventory")
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [{
            "Id": "inventory", "QueueArn": f"arn:aws:sqs:{REGION}:{LOG_ARCHIVE}:inventory", "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "config/"}]}}}]})
        sns.create_topic(Name="expel-topic")
        owner = {"Version": "2012-10-17", "Statement": [{
            "Sid": "owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{LOG_ARCHIVE}:root"},
            "Action": "sns:Publish", "Resource": self.topic}]}
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy",
                                 AttributeValue=json.dumps(owner, indent=2).replace("\n", "\r\n"))
        sns.create_topic(Name="alarms")
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::012205512454:user/ExpelCloudService"},
            "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}}]}
        iam.create_role(RoleName="ExpelAssumeRole", Path="/security/", AssumeRolePolicyDocument=json.dumps(trust))
        cloudtrail = self.clients("cloudtrail", MANAGEMENT)
        cloudtrail.create_trail(Name="organization", S3BucketName=BUCKET, S3KeyPrefix="trail", KmsKeyId=self.trail_key,
                                IsMultiRegionTrail=True)
        # Another one writes to a bucket that Log Archive does not have.
        cloudtrail.create_trail(Name="before-control-tower", S3BucketName="old-logs", IsMultiRegionTrail=True)

    def texts(self) -> dict[str, str]:
        """The policies that are kept as they are written, to the byte."""
        topic = self.clients("sns", LOG_ARCHIVE).get_topic_attributes(TopicArn=self.topic)["Attributes"]
        key = self.clients("kms", MANAGEMENT).get_key_policy(KeyId=self.trail_key, PolicyName="default")
        return {"topic": topic["Policy"], "trail key": key["Policy"]}


def check_key(world: PastWorld, check) -> None:
    """A key that is pending deletion, or disabled, is not a good one, and no plan uses it."""
    # moto takes a key to be deleted by its id alone.
    kms, key = world.clients("kms", LOG_ARCHIVE), world.notification_key.rsplit("/", 1)[1]
    before = world.state()
    for what, change in (("pending deletion", lambda: kms.schedule_key_deletion(KeyId=key)),
                         ("disabled", lambda: kms.cancel_key_deletion(KeyId=key))):
        change()
        world.collect()
        report = world.report()
        step, answers = report["steps"][6], {each["text"]: each["answer"] for each in report["works"]}
        good = step["state"] == "different" and f"is {what}" in step["detail"] and report["status"] == 1
        check(f"a notification key that is {what} is not done", good, json.dumps([step, answers], indent=1))
        check("and would not work", "yes" not in [answer for text, answer in answers.items() if "key" in text], answers)
        plan, ran = world.plan()
        check("and no plan uses it", plan is None and ran.returncode == 1 and what in ran.stdout, outcome(ran))
    kms.enable_key(KeyId=key)
    world.collect()
    check("enabled again, it is done", states(world.report()) == DONE and world.state() == before)


def accounts_with_a_past(check, environment, scratch: Path, sessions, clients, key_policy: str) -> None:
    world = PastWorld(check, environment, scratch, sessions, clients, REGION, BUCKET)
    world.start(key_policy)
    broken = scratch / "broken"
    broken.mkdir()
    aws = next(Path(folder) / "aws" for folder in environment["PATH"].split(":") if (Path(folder) / "aws").exists())
    (broken / "aws").write_text(BROKEN.replace("{aws}", str(aws)))
    (broken / "aws").chmod(0o755)
    check = lambda what, good, detail="": world.check(f"guide, a past: {what}", good, detail)
    first, texts = world.state(), world.texts()

    for account, name in ((MANAGEMENT, "management"), (LOG_ARCHIVE, "log-archive")):
        script = world.polmerge("discover", name)
        (scratch / "discover.sh").write_text(script.stdout)
        ran = world.run(account, "bash", "discover.sh")
        # Log Archive is asked for the buckets of both trails.
        unread = [line for line in ran.stderr.splitlines() if "(NoSuchBucket)" not in line]
        check(f"discover reads the {name} account", script.returncode == 0 and not script.stderr
              and ran.returncode == 0 and not unread, outcome(script) + outcome(ran))
    ran = world.polmerge("init", "--from", "discovered", "-o", "guide.toml")
    text = (scratch / "guide.toml").read_text() if ran.returncode == 0 else outcome(ran)
    found = dict(line.split(" = ", 1) for line in text.splitlines() if line.startswith("YOUR_"))
    wanted = {
        "YOUR_CLOUDTRAIL_KEY_ARN": world.trail_key, "YOUR_EXPEL_ROLE_ARN": ROLE, "YOUR_S3_ARN": f"arn:aws:s3:::{BUCKET}",
        "YOUR_SQS_QUEUE_ARN": world.queue, "YOUR_TOPIC_ARN": world.topic, "YOUR_WORKBENCH_EXTERNAL_ID": EXTERNAL_ID,
    }
    check("init fills in every value", {name: json.loads(value) for name, value in found.items()} == wanted, text)
    check("and says nothing of the bucket that does not count", "NoSuchBucket" not in text, text)
    check("and nothing was changed", world.state() == first and world.texts() == texts)

    plans, printed = [], ""
    # Stopped before the alias, the third plan takes the key over: moto has no id for one more.
    for at, when in (("create-queue", "after"), ("create-alias", "before"),
                     ("put-bucket-notification-configuration", "before"), ("", "")):
        world.collect()
        plan, ran = world.plan()
        if plan is None:
            check("it is planned", False, outcome(ran))
            return
        plans.append(plan)
        for account, script in world.scripts(plan, "run.sh"):
            breaks = {"BREAK_AT": at, "BREAK": when, "PATH": f"{broken}:{environment['PATH']}"} if at else {}
            ran = world.run(account, "bash", str(script), **breaks)
            printed += ran.stdout
            if at:
                check(f"plan {plan.name} stops at {at}", ran.returncode != 0 and "connect" in ran.stderr, outcome(ran))
                break
            check(f"run.sh of {account} goes through", ran.returncode == 0, outcome(ran))
        # What a person does with the line that is printed.
        key = f'YOUR_NOTIFICATION_KEY_ARN = "{world.notification_key}"'
        if key in printed and key not in text:
            text += f"\n{key}\n"
            (scratch / "guide.toml").write_text(text)
    world.collect()
    report = world.report()
    check("then every step is done and all would work", states(report) == DONE and report["status"] == 0,
          json.dumps([report["steps"], report["works"]], indent=1))
    check("only log files of the trail are sent", "for prefix `trail/AWSLogs/" in report["steps"][7]["detail"], report["steps"][7])
    check_key(world, check)
    done = world.state()
    kept = done["notification"].get("QueueConfigurations") == first["notification"].get("QueueConfigurations")
    check("the bucket's own notification is kept", kept, done["notification"])
    paths = [clients("iam", account).get_role(RoleName="ExpelAssumeRole")["Role"]["Path"]
             for account in (MANAGEMENT, LOG_ARCHIVE, *MEMBERS)]
    check("every account has the role under its path", set(paths) == {"/security/"}, paths)

    scripts = [each for plan in plans for each in world.scripts(plan, "rollback.sh")]
    started = [(account, script) for account, script in scripts if (script.parent / "made").exists()]
    check("five scripts were run", len(started) == 5, started)
    for index, (account, script) in enumerate(started[:-1]):
        ran = world.run(account, "bash", str(script))
        later = ", then ".join("/".join(each.parts[-3:]) for _, each in reversed(started[index + 1:]))
        refused = ran.returncode == 1 and f"first undo what was run later, with {later}\n" in ran.stderr
        check(f"{script.parent.parent.name}/{script.parent.name}: rollback.sh names what was run later, and does nothing",
              refused and world.state() == done, outcome(ran))
    undone = []
    for account, script in reversed(started):
        ran = world.run(account, "bash", str(script))
        check(f"{script.parent.parent.name}/{script.parent.name}: rollback.sh goes through", ran.returncode == 0, outcome(ran))
        undone += [line for line in ran.stdout.splitlines() if line.startswith("undone: ")]
        if "the key alias/expel-notifications" in ran.stdout:
            check("the value that is gone with the key is named", "remove YOUR_NOTIFICATION_KEY_ARN from" in ran.stdout, ran.stdout)
    back = world.state()
    back["notification key"] = first["notification key"]  # it is to be deleted in 30 days
    check("then all is as it was at first", back == first, json.dumps([first, back], indent=1, default=str))
    check("to the byte", world.texts() == texts, [world.texts(), texts])
    made = [line for line in undone if line.endswith((": the queue", ": the role", "accounts of the organization"))]
    check("what plans share is undone once", len(made) == len(set(made)) == 3, undone)
