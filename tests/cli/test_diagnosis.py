"""Accounts that `doctor` cannot open: an error of usage, or a part of the report."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.cli.diagnosis import diagnose
from s3_monitor.doctor.report import DoctorReport
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import REGIONS
from tests.plan.company import NOW

LOST = MissingCredentialsError("no AWS credentials found", "name a profile")
REFUSED = MissingCredentialsError("AssumeRole: no", "trust the caller", "")
UNREACHABLE = AwsError("unreachable", "GetCallerIdentity", "no", advice="check the network")
ROLE = "arn:aws:iam::444455556666:role/reader"
TWO = f"shards: [{{name: a, profile: p}}, {{name: b, role_arn: '{ROLE}'}}]"


class Closed:
    """A discovery whose accounts cannot be opened. ``failures``: in the order of the accesses."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    def known_regions(self, partition: str) -> list[str]:
        return REGIONS.get(partition, [])

    def account(self, access: Any) -> Any:
        raise self.failures[1 if access.role_arn else 0]


def report(*failures: Exception) -> DoctorReport:
    discovery: Any = Closed(*failures)
    return diagnose(PlanOptions(), ShardsFile(Document("shards.yaml", TWO.encode())), discovery, NOW, {})


@pytest.mark.parametrize("failures", [(LOST, LOST), (LOST, UserError("no such profile"))])
def test_without_any_credentials_nothing_is_reported(failures: tuple[Exception, ...]) -> None:
    with pytest.raises(UserError) as caught:
        report(*failures)
    assert caught.value is LOST


@pytest.mark.parametrize("failures", [(LOST, REFUSED), (UNREACHABLE, LOST), (UNREACHABLE, UNREACHABLE)])
def test_a_role_that_is_refused_and_an_error_of_aws_are_reported(failures: tuple[AwsError | UserError, ...]) -> None:
    found = report(*failures)
    assert not found.complete
    assert [(account.account, account.profile, account.role_arn) for account in found.accounts] == [
        (None, "p", None),
        ("444455556666", None, ROLE),
    ]
    assert [(account.error, account.advice) for account in found.accounts] == [
        (str(failure), failure.advice) for failure in failures
    ]


@pytest.mark.parametrize(("seconds", "ok"), [(300, True), (301, False)])
def test_the_clock_is_compared_with_the_response_that_rejected_a_request(seconds: int, ok: bool) -> None:
    headers = {"date": format_datetime(NOW - timedelta(seconds=seconds))}
    response: Any = {"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPHeaders": headers}}
    rejected = AwsError("denied", "GetCallerIdentity", "no")
    rejected.__cause__ = ClientError(response, "GetCallerIdentity")
    (clock, *_) = report(UNREACHABLE, rejected).environment
    assert (clock.name, clock.ok) == ("clock", ok)
    (unknown, *_) = report(UNREACHABLE, UNREACHABLE).environment
    assert unknown.message == "not checked: no response has a time"
