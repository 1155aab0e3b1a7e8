"""The simulated Cost Explorer, read by boto3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Billing, Bucket, Charge, Series, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.settings import Settings
from tests.collect.fixtures import Clients

TODAY = date(2026, 11, 22)
PAYER, MEMBER = "111122223333", "444455556666"
GIB = 2**30
OCTOBER = {"Start": "2026-10-01", "End": "2026-11-01"}
BY_TYPE = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}]


def bucket(name: str, type_: str, gib: int, **fields: Any) -> Bucket:
    """Return a series with a number of GiB from the first of October on."""
    series = Series(date(2026, 10, 1).toordinal(), TODAY.toordinal() - 1, gib * GIB)
    return Bucket(name, "eu-west-1", datetime(2026, 10, 1, tzinfo=UTC), {type_: series}, **fields)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    tagged = Settings(tags={"bucket_name": "alpha"})
    payer = make_account(PAYER, [bucket("alpha", "StandardStorage", 1024 * 60, settings=tagged)])
    member = make_account(MEMBER, [bucket("beta", "DeepArchiveStorage", 1000)], access_key="AKIASIMULATED00000002")
    charges = (Charge(MEMBER, "Tax", Decimal("3.5")),)
    with Simulator([payer, member], today=TODAY, billing=Billing(charges=charges, page=2)) as running:
        yield running


def asked(simulator: Simulator, **question: Any) -> list[dict[str, Any]]:
    ce = Clients(simulator.url).client("ce")
    metrics = ["UnblendedCost", "UsageQuantity"]
    whole = {"TimePeriod": OCTOBER, "Granularity": "MONTHLY", "Metrics": metrics, "GroupBy": BY_TYPE} | question
    groups: list[dict[str, Any]] = []
    while True:
        answer = ce.get_cost_and_usage(**whole)
        groups += [group for month in answer["ResultsByTime"] for group in month["Groups"]]
        if "NextPageToken" not in answer:
            return groups
        whole["NextPageToken"] = answer["NextPageToken"]


def amounts(groups: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[Decimal, Decimal]]:
    return {
        tuple(group["Keys"]): (
            Decimal(group["Metrics"]["UnblendedCost"]["Amount"]),
            Decimal(group["Metrics"]["UsageQuantity"]["Amount"]),
        )
        for group in groups
    }


def test_a_month_of_storage_goes_through_the_tiers_of_the_price_list(simulator: Simulator) -> None:
    assert amounts(asked(simulator)) == {
        ("EU-TimedStorage-ByteHrs",): (Decimal("1402.8800000000"), Decimal("61440.0000000000")),  # 50 TB, and 10
        ("EU-TimedStorage-GDA-ByteHrs",): (Decimal("0.9900000000"), Decimal("1000.0000000000")),
        ("Tax",): (Decimal("3.5"), Decimal("0")),
    }


def test_half_a_month_is_half_the_quantity(simulator: Simulator) -> None:
    period = {"Start": "2026-11-01", "End": "2026-11-16"}
    assert amounts(asked(simulator, TimePeriod=period))["EU-TimedStorage-GDA-ByteHrs",][1] == 500


def test_groups_and_filters_are_those_of_the_question(simulator: Simulator) -> None:
    accounts = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [PAYER]}}
    by_tag = [{"Type": "TAG", "Key": "bucket_name"}, *BY_TYPE]
    assert list(amounts(asked(simulator, GroupBy=by_tag, Filter=accounts))) == [
        ("bucket_name$alpha", "EU-TimedStorage-ByteHrs")
    ]
    deep = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon S3 Glacier Deep Archive"]}}
    assert list(amounts(asked(simulator, Filter={"And": [deep]}))) == [("EU-TimedStorage-GDA-ByteHrs",)]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2024-01-01", "End": "2026-11-01"}}, "ValidationException"),
        ({"GroupBy": BY_TYPE * 3}, "ValidationError"),
        ({"NextPageToken": "x"}, "InvalidNextTokenException"),
    ],
)
def test_what_aws_refuses_is_refused(simulator: Simulator, question: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        asked(simulator, **question)
    assert caught.value.response["Error"]["Code"] == code
