"""STS: the account of the credentials."""

from __future__ import annotations

from typing import Any

from s3_monitor.aws.error_translation import translated
from s3_monitor.model.bounds import ACCOUNT, PARTITION
from s3_monitor.model.errors import AwsError
from s3_monitor.model.identity import Identity


def caller_identity(client: Any) -> Identity:
    """Return the account and partition of a client's credentials. AWS: requires no permission."""
    operation = "GetCallerIdentity"
    with translated(operation):
        answer = client.get_caller_identity()
    account, arn = answer.get("Account") or "", answer.get("Arn") or ""
    prefix, _, rest = arn.partition(":")
    partition = rest.partition(":")[0]
    if not ACCOUNT.fullmatch(account) or prefix != "arn" or not PARTITION.fullmatch(partition):
        raise AwsError("broken", operation, "the response names no account and partition", advice="try again later")
    return Identity(account=account, partition=partition)
