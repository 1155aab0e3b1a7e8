"""Advice about errors of AWS, from their codes and messages. No other module interprets AWS's messages.

The message of a denial contains the denied action and the kind of policy. The advice is to allow the action only if no
policy allows it; an explicit deny or a policy of the organization is named instead.
"""

from __future__ import annotations

import re

from s3_monitor.aws.error_codes import CLOCK, HTML
from s3_monitor.model.bucket_config import PROPERTIES
from s3_monitor.model.errors import DeniedBy, ErrorKind

# Operations that botocore calls to get credentials.
CREDENTIAL_CALLS = frozenset(
    ("AssumeRole", "AssumeRoleWithWebIdentity", "GetRoleCredentials", "CreateToken", "CreateOAuth2Token")
)
# The operations whose IAM action has the same name, by the prefix of the action.
_SAME_NAMES = {
    "athena": "GetQueryExecution GetQueryResults StartQueryExecution StopQueryExecution",
    "ce": "GetCostAndUsage ListCostAllocationTags",
    "cloudwatch": "GetMetricData ListMetrics",
    "dynamodb": "BatchWriteItem CreateTable DescribeTable GetItem PutItem Query",
    "iam": "SimulatePrincipalPolicy",
    "organizations": "DescribeOrganizationalUnit ListAccounts",
    "pricing": "GetProducts ListPriceLists",
    "s3": "GetObject GetStorageLensConfiguration ListStorageLensConfigurations",
    "s3express": "CreateSession",
    "s3tables": "ListTableBuckets",
    "s3vectors": "ListVectorBuckets",
    "sts": "AssumeRole AssumeRoleWithWebIdentity",
}
_IAM_ACTIONS = {
    **{operation: f"{prefix}:{operation}" for prefix, names in _SAME_NAMES.items() for operation in names.split()},
    **{row.operation: row.action for row in PROPERTIES},
    "HeadBucket": "s3:ListBucket",
    "ListBuckets": "s3:ListAllMyBuckets",
    "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
}

# The first pattern that a message matches decides; {0} is its group.
_MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (
            r"not enabled for cost explorer|cost explorer (?:is )?not enabled|enable cost explorer",
            "open Cost Explorer once in the Billing console of the management account (the payer), allow member "
            "accounts to use it there, and wait a day",
        ),
        (
            r"linked account (?:doesn't|does not) have access|only (?:available|accessible) (?:to|from|in) the "
            r"(?:payer|management|master)|(?:payer|management|master) account (?:only|can)",
            "use credentials of the management account (the payer)",
        ),
        (
            r"not activated in this region|region .{0,40}(?:disabled|not enabled|not opted)|not opted[- ]in",
            "enable the region in the account, or exclude it",
        ),
        (
            r"signature (?:expired|not yet current)|request time and the current time|request has expired",
            "set the clock of this machine: AWS rejects requests with a wrong time",
        ),
        (
            r"multi-?factor ?auth\w* (?:failed|is required|required)|(?:must|requires?) .{0,40}\bmfa\b",
            "the policy requires MFA: run `aws sts get-session-token` with a code, or use a role without MFA",
        ),
        (
            r"encrypted with .{0,80}key|kms\.disabled|kms key .{0,80}disabled",
            "the KMS key cannot be used: check that it exists, is enabled, and that its policy allows kms:Decrypt",
        ),
    )
)
_BY_CODE = {
    **dict.fromkeys(CLOCK, "set the clock of this machine: AWS rejects requests with a wrong time"),
    **dict.fromkeys(("OptInRequired", "RegionDisabledException"), "enable the region in the account, or exclude it"),
    **dict.fromkeys(
        ("SubscriptionRequiredException", "NotSignedUp"),
        "the account is not signed up for this service: complete its registration in the AWS console",
    ),
    **dict.fromkeys(
        ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"),
        "check the secret access key, and the clock of this machine",
    ),
    HTML: "the response is from a proxy, firewall or login page instead of AWS: check HTTPS_PROXY and NO_PROXY",
}
_DENY = re.compile(r"explicit deny(?: in (?:an? |the )?(?P<by>[\w -]*?(?:polic(?:y|ies)|boundary)))?", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"because no (?P<by>[\w -]+?(?:policy|boundary)) allows", re.IGNORECASE)
_ACTION = re.compile(
    r"(?:perform(?: the)?(?: action)?:?|allows? the|permissions?:?|action:?)\s+[\"'`]?"
    r"([a-z][a-z0-9-]+:[A-Z][A-Za-z0-9]*)"
)
_ANY_ACTION = re.compile(
    r"(?<![:\w-])((?:s3|s3express|s3tables|s3vectors|kms|glue|athena|lakeformation|cloudwatch|ce|pricing|dynamodb|sts|sso"
    r"|account|organizations|iam):[A-Z][A-Za-z0-9]*)"
)
# Word in the name of a policy → its kind, and who can change it.
_POLICIES: dict[str, tuple[DeniedBy | None, str]] = {
    "service control": ("organization", "the organization's administrator can change it (SCP)"),
    "resource control": ("organization", "the organization's administrator can change it (RCP)"),
    "endpoint": ("endpoint-policy", "change the policy of the VPC endpoint"),
    "boundary": ("boundary", "change the permissions boundary of the role or user"),
    "session": ("session-policy", "change the session policy that the role is assumed with"),
    "resource-based": ("resource-policy", "change the policy of the bucket, key or other resource"),
    "bucket": ("resource-policy", "change the policy of the bucket"),
    "key": ("resource-policy", "change the policy of the KMS key"),
    "trust": ("resource-policy", "change that policy"),
    "identity-based": (None, "change the policies of the role or user"),
}
_NOT_ENABLED = re.compile(r"not (?:enabled|activated|opted)", re.IGNORECASE)


def advice_for(kind: ErrorKind, operation: str, code: str, message: str, *, directory: bool = False) -> str:
    """Return advice about a failed request. ``message``: the message of AWS, possibly empty.

    ``directory``: whether it is about a directory bucket.
    """
    if kind in ("denied", "invalid-credentials", "refused") and (special := _by_message(message)):
        return special
    if kind == "denied":
        return _about_denial(operation, code, message, directory)
    if kind == "throttled":
        return "run fewer shards of this account at once, or raise the quota"
    if kind == "expired":
        return "renew the credentials, or use a role that refreshes its own"
    if code in _BY_CODE:
        return _BY_CODE[code]
    if kind == "invalid-credentials":
        return "check that the region is enabled in the account and in its partition, otherwise renew the credentials"
    return "try again later" if kind == "broken" else ""


def login_advice(operation: str, code: str, message: str) -> str:
    """Return advice about a role that cannot be assumed or a login that cannot be used."""
    if special := _by_message(message):
        return special
    if _DENY.search(message) or (_NOT_ALLOWED.search(message) and "identity-based" not in message):
        return _about_denial(operation, code, message)
    if code in CLOCK:
        return _BY_CODE[code]
    if operation == "AssumeRole":
        return "the role must exist and trust this caller (with the external id), and the caller needs sts:AssumeRole"
    if operation == "AssumeRoleWithWebIdentity":
        return "the role must exist and trust the web identity"
    return "log in again, e.g. `aws sso login --profile PROFILE`; the login must include this account and role"


def denied_action(operation: str, message: str, directory: bool = False) -> str:
    """Return the IAM action in the message of AWS, else that of the operation."""
    named = _ACTION.search(message) or _ANY_ACTION.search(message)
    action = named[1] if named else _IAM_ACTIONS.get(operation, operation)
    # AWS: the actions on directory buckets have another prefix.
    return f"s3express:{action.removeprefix('s3:')}" if directory and action.startswith("s3:") else action


def denied_by(message: str) -> DeniedBy:
    """Return the policy that denies a request, from the message of AWS."""
    explicit, missing = _DENY.search(message), _NOT_ALLOWED.search(message)
    kind, _ = _policy((explicit or missing or {"by": None})["by"] or "")
    if kind is not None:
        return kind
    if explicit:
        return "explicit-deny"
    if missing:
        return "identity-policy"
    return "not-enabled" if _NOT_ENABLED.search(message) else ""


def _by_message(message: str) -> str:
    return next((advice for pattern, advice in _MESSAGES if pattern.search(message)), "")


def _about_denial(operation: str, code: str, message: str, directory: bool = False) -> str:
    if code in ("AllAccessDisabled", "AccountProblem"):
        return "contact AWS support: the account is blocked"
    action = denied_action(operation, message, directory)
    if denied := _DENY.search(message):
        what = f"denies {action} explicitly, and allowing it elsewhere has no effect"
        policy = denied["by"]
        return f"a statement in the {policy} {what}: {_policy(policy)[1]}" if policy else f"a policy {what}"
    missing = _NOT_ALLOWED.search(message)
    if missing and "identity-based" not in missing["by"]:
        return f"no {missing['by']} allows {action}: {_policy(missing['by'])[1]}"
    if action.startswith("kms:"):
        return f"allow {action} to the role or user, and in the policy of the KMS key"
    return f"allow {action} to the role or user"


def _policy(name: str) -> tuple[DeniedBy | None, str]:
    return next((policy for word, policy in _POLICIES.items() if word in name.lower()), (None, "change that policy"))
