"""The ten steps of the guide from end to end: collect, check, plan, run, check again, run again, roll back.

Option 2 is what the book's chapter shows, option 1 is here. Used by `run` in this folder.
"""

import json
import re
import subprocess
from pathlib import Path

from chapter import the_chapter
from mended import mend_moto, reset_moto
from past import REGION as PAST_REGION, accounts_with_a_past
from world import (BUCKET, DONE, LOG_ARCHIVE, MANAGEMENT, MEMBERS, PATIENCE, QUEUE, REGION, ROLE, TOPIC, World, outcome,
                   states)


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


def step1_as_a_stack(world: World) -> None:
    """Step 1 as a template, made a stack by the commands of the article: in the management account."""
    rendered = world.run(None, "polmerge", "render", "step1", "--as", "cloudformation")
    (world.scratch / "role.json").write_text(rendered.stdout)
    ran = world.run(MANAGEMENT, "aws", "cloudformation", "create-stack", "--stack-name", "ExpelIAMStack", "--capabilities",
                    "CAPABILITY_NAMED_IAM", "--template-body", "file://role.json", "--parameters",
                    "ParameterKey=WorkbenchExternalID,ParameterValue=00000000-0000-0000-0000-000000000000")
    made = world.state()["roles"][1]
    good = ran.returncode == 0 and isinstance(made, dict) and made["attached"] == 1
    world.check("guide: step 1 as a stack makes the role and its policy", good, f"{outcome(ran)}{made}")
    stack = world.clients("cloudformation", MANAGEMENT).describe_stacks(StackName="ExpelIAMStack")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    world.check("guide: and tells its ARN", outputs.get("RoleARN") == ROLE.replace(LOG_ARCHIVE, MANAGEMENT), outputs)


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
    # They are none of others, which keep rollback.sh from deleting the stack.
    for whole in plan.glob("*/made/*-stack.whole"):
        whole.unlink()


def the_key_is_created(world: World) -> None:
    """Option 2 without a key: one plan creates it and carries its ARN on."""
    check = lambda what, good, detail="": world.check(f"guide, a new key: {what}", good, detail)
    first = world.state()
    world.values()
    world.collect()
    plan, ran = world.plan()
    check("it is planned", plan is not None and ran.returncode == 0, outcome(ran))
    if plan is None:
        return
    printed = ""
    for account, script in world.scripts(plan, "run.sh"):
        ran = world.run(account, "bash", str(script))
        check(f"run.sh of {account} goes through", ran.returncode == 0, outcome(ran))
        printed += ran.stdout
    check("its ARN is printed", f'YOUR_NOTIFICATION_KEY_ARN = "{world.notification_key}"' in printed, printed)
    done = world.state()
    check("topic and queue have it", done["topic"].get("KmsMasterKeyId") == world.notification_key
          and done["queue"].get("KmsMasterKeyId") == world.notification_key, done)
    world.collect()
    _, again = world.plan()
    check("without the value, it is named and not created again",
          again.returncode == 1 and world.notification_key in again.stdout, outcome(again))
    world.values(YOUR_NOTIFICATION_KEY_ARN=world.notification_key)
    world.collect()
    report = world.report()
    check("then every step is done", states(report) == DONE and report["status"] == 0,
          json.dumps([report["steps"], report["works"]], indent=1))
    # What another team adds to the bucket in the meantime stays.
    s3 = world.clients("s3", LOG_ARCHIVE)
    siem = world.clients("sqs", LOG_ARCHIVE).create_queue(QueueName="siem")["QueueUrl"]
    now = s3.get_bucket_notification_configuration(Bucket=BUCKET)
    theirs = {"QueueConfigurations": [{"Id": "siem", "QueueArn": QUEUE.replace("expel-queue", "siem"),
                                       "Events": ["s3:ObjectRemoved:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=theirs | {
        "TopicConfigurations": now["TopicConfigurations"]})
    for account, script in reversed(world.scripts(plan, "rollback.sh")):
        ran = world.run(account, "bash", str(script))
        check(f"rollback.sh of {account} goes through", ran.returncode == 0, outcome(ran))
    back = world.state()
    check("the notification of another team stays", back["notification"] == theirs, back["notification"])
    back["notification"] = first["notification"]
    world.clients("sqs", LOG_ARCHIVE).delete_queue(QueueUrl=siem)
    key = world.clients("kms", LOG_ARCHIVE).describe_key(KeyId=world.notification_key)["KeyMetadata"]
    check("the key is to be deleted", key["KeyState"] == "PendingDeletion", key)
    back["notification key"] = first["notification key"]
    check("then all is as it was at first", back == first, json.dumps([first, back], indent=1, default=str))


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


def run(check, environment, scratch: Path, endpoint: str, clients, key_policy: str) -> None:
    mend_moto()
    for name in ("chapter", "new key", "one stack", "a past"):
        reset_moto(endpoint)
        folder = scratch / name.replace(" ", "-")
        folder.mkdir()
        sessions = {account: clients.session_in(account) for account in (MANAGEMENT, LOG_ARCHIVE, *MEMBERS)}
        region = PAST_REGION if name == "a past" else REGION
        # The defaults are bound, as the loop goes on to others.
        client = lambda service, account, sessions=sessions, region=region: clients.client(
            service, sessions[account], region)
        if name == "a past":
            accounts_with_a_past(check, environment, folder, sessions, client, key_policy)
            continue
        world = World(check, environment, folder, sessions, client)
        world.start(key_policy)
        if name == "chapter":
            the_chapter(world)
            world.values(YOUR_NOTIFICATION_KEY_ARN=world.notification_key)
            something_changed_in_between(world)
        elif name == "new key":
            the_key_is_created(world)
        else:
            world.values(YOUR_OPTION="1")
            one_stack_and_back(world)
            step1_as_a_stack(world)


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
