"""What moto forgets, or has not yet, and AWS does not."""

import json
import urllib.request

from world import KEYS, LOG_ARCHIVE, MANAGEMENT, MEMBERS

ACCESS = {"Status": "DISABLED"}


def reset_moto(endpoint: str) -> None:
    """Nothing is there any more, and the next accounts and keys get the ids that world.py names."""
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
    from moto.kms.models import KmsBackend
    from moto.sqs.models import Queue

    # That a key's policy is a text, also where a template has it as an object.
    create_key = KmsBackend.create_key

    def with_text(backend, policy, *rest, **more):
        return create_key(backend, json.dumps(policy) if isinstance(policy, dict) else policy, *rest, **more)

    KmsBackend.create_key = with_text

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
