"""IAM: the actions that each operation requires, and SimulatePrincipalPolicy."""

from collections.abc import Mapping
from typing import Any

import msgspec

from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.credentials import Caller
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.protocols import Query
from s3_monitor.simulator.service import Call, Refusal, World, query_refusal

# AWS: the names of actions differ from those of operations. GetCallerIdentity requires none.
ACTIONS: Mapping[str, frozenset[str]] = {
    operation: frozenset(actions.split())
    for operation, actions in {
        "s3:ListBuckets": "s3:ListAllMyBuckets",
        "s3:HeadBucket": "s3:ListBucket",
        "s3:ListObjects": "s3:ListBucket",
        "s3:ListObjectsV2": "s3:ListBucket",
        "s3:ListObjectVersions": "s3:ListBucketVersions",
        "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
        "s3:ListParts": "s3:ListMultipartUploadParts",
        "s3:GetObject": "s3:GetObject",
        "s3:GetBucketLocation": "s3:GetBucketLocation",
        "s3:GetBucketVersioning": "s3:GetBucketVersioning",
        "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
        "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
        "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketPolicyStatus": "s3:GetBucketPolicyStatus",
        "s3:GetBucketTagging": "s3:GetBucketTagging",
        "s3:ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
        "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
        "s3:GetStorageLensConfiguration": "s3:GetStorageLensConfiguration",
        "s3:ListStorageLensConfigurations": "s3:ListStorageLensConfigurations",
        "s3express:ListObjectsV2": "",  # allowed by the session
        "s3express:GetBucketEncryption": "s3express:GetEncryptionConfiguration",
        "s3express:GetBucketLifecycleConfiguration": "s3express:GetLifecycleConfiguration",
        "s3express:ListBucketInventoryConfigurations": "s3express:GetInventoryConfiguration",
        "s3express:ListBucketMetricsConfigurations": "s3express:GetMetricsConfiguration",
        "s3express:CreateSession": "s3express:CreateSession",
        "s3express:ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
        "s3tables:ListTableBuckets": "s3tables:ListTableBuckets",
        "s3vectors:ListVectorBuckets": "s3vectors:ListVectorBuckets",
        "monitoring:ListMetrics": "cloudwatch:ListMetrics",
        "monitoring:GetMetricData": "cloudwatch:GetMetricData",
        "ce:GetCostAndUsage": "ce:GetCostAndUsage",
        "ce:ListCostAllocationTags": "ce:ListCostAllocationTags",
        "iam:SimulatePrincipalPolicy": "iam:SimulatePrincipalPolicy",
        "organizations:ListAccounts": "organizations:ListAccounts",
        "organizations:DescribeOrganizationalUnit": "organizations:DescribeOrganizationalUnit",
        "sts:AssumeRole": "sts:AssumeRole",
        "sts:GetCallerIdentity": "",
    }.items()
}


def required_actions(service: str, operation: str) -> frozenset[str]:
    """Return the IAM actions that an operation requires. ``service``: its signing name."""
    return ACTIONS.get(f"{service}:{operation}", frozenset())


class SimulatePrincipalPolicyInput(msgspec.Struct, rename="pascal"):
    policy_source_arn: str
    action_names: list[str]


class Iam:
    """IAM."""

    names = ("iam",)

    def __init__(self, world: World) -> None:
        self._protocol = Query("https://iam.amazonaws.com/doc/2010-05-08/")

    def operation(self, request: Request, name: str) -> str:
        return self._protocol.operation(request)

    def bucket(self, request: Request) -> str | None:
        return None

    def answer(self, call: Call) -> Response | None:
        if call.operation != "SimulatePrincipalPolicy":
            return None
        request = self._protocol.decode(call.request, SimulatePrincipalPolicyInput)
        missing = _missing(call.caller, request.policy_source_arn)
        results: list[dict[str, Any]] = [
            {
                "EvalActionName": action,
                "EvalResourceName": "*",
                "EvalDecision": "implicitDeny" if action in missing else "allowed",
            }
            for action in request.action_names
        ]
        return self._protocol.encode(call.operation, {"EvaluationResults": results, "IsTruncated": "false"})

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        return query_refusal("iam", why, operation, arn)

    def error(self, request: Request, error: AwsError) -> Response:
        return self._protocol.error(error)


def _missing(caller: Caller, arn: str) -> frozenset[str]:
    """Return the actions that no policy of a user or role in the caller's account allows."""
    account: Account = caller.account
    if arn == account.arn("iam", f"user/{account.user}"):
        return account.missing
    for role in account.roles:
        if arn == account.arn("iam", f"role/{role.name}"):
            return role.missing
    raise AwsError("NoSuchEntity", f"The entity {arn} cannot be found.", 404)
