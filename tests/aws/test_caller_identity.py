"""The identity of credentials: an account and a partition that a plan can hold, or an error."""

from __future__ import annotations

import pytest

from s3_monitor.aws.session import caller_identity
from s3_monitor.model.errors import AwsError
from s3_monitor.model.identity import Identity
from tests.aws.replies import replying
from tests.collect.fixtures import Clients


def identity(account: str, arn: str) -> Identity:
    body = (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account><Arn>{arn}</Arn>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    with replying(body.encode()) as replies:
        return caller_identity(Clients(replies.url).client("sts"))


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "aws-iso-b"])
def test_the_account_and_the_partition_are_read(partition: str) -> None:
    found = identity("123456789012", f"arn:{partition}:iam::123456789012:user/x")
    assert found == Identity("123456789012", partition)


@pytest.mark.parametrize(
    ("account", "arn"),
    [
        ("", "arn:aws:iam::123456789012:user/x"),
        ("../x", "arn:aws:iam::123456789012:user/x"),
        ("123456789012", ""),
        ("123456789012", "arn"),
        ("123456789012", "arn:"),
        ("123456789012", "arn::iam::1:user/x"),
        ("123456789012", "arn:AWS cloud:iam::1:user/x"),
        ("123456789012", "arn:../..:iam::1:user/x"),
    ],
)
def test_an_invalid_account_or_partition_is_an_error(account: str, arn: str) -> None:
    with pytest.raises(AwsError, match="names no account and partition"):
        identity(account, arn)
