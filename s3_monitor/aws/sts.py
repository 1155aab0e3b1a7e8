"""STS: whose credentials these are."""

from __future__ import annotations

from typing import Any

from s3_monitor.aws.errors import translated
from s3_monitor.model.bounds import ACCOUNT
from s3_monitor.model.failure import AwsFailure
from s3_monitor.model.identity import Identity


def caller_identity(client: Any) -> Identity:
    """The account and partition that ``client``'s credentials belong to. AWS: needs no permission."""
    operation = "GetCallerIdentity"
    with translated(operation):
        answer = client.get_caller_identity()
    account, arn = answer.get("Account"), answer.get("Arn", "")
    if not isinstance(account, str) or not ACCOUNT.fullmatch(account) or not arn.startswith("arn:"):
        raise AwsFailure("broken", operation, "the answer names no account")
    return Identity(account=account, partition=arn.split(":")[1])
