"""The accounts of an organization, read from the simulator page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.session import Connection
from s3_monitor.model.errors import AwsError
from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.model.plan import Access
from s3_monitor.simulator import Bucket, Member, Organization, Simulator
from s3_monitor.simulator.accounts import make_account

MANAGEMENT = "111122223333"
UNIT = "ou-ab12-11111111"
JOINED = datetime(2026, 1, 2, tzinfo=UTC)
MEMBERS = tuple(Member(f"{222200000000 + number}", "Web", units=(UNIT,), joined=JOINED) for number in range(45))
ORGANIZATION = Organization(
    MANAGEMENT,
    (*MEMBERS, Member("333300000000", "Old", "CLOSED"), Member(MANAGEMENT, "Payer")),
    units={UNIT: "Prod"},
    empty_every=2,
)


@pytest.fixture
def read(environment: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[AwsAccount]:
    """Serve an organization, and return the account that lists it."""
    created = datetime(2025, 1, 1, tzinfo=UTC)
    account = make_account(MANAGEMENT, [Bucket("bills", "us-east-1", created)])
    with Simulator(account, organization=getattr(request, "param", ORGANIZATION)) as simulator:
        for name, value in simulator.env().items():
            environment.setenv(name, value)
        yield AwsAccount(Connection(Access()))


def accounts(read: AwsAccount) -> list[OrganizationAccount]:
    return [account for page in read.organization_pages() for account in page]


def test_all_pages_are_read_and_empty_pages_do_not_end_the_list(read: AwsAccount) -> None:
    assert [len(page) for page in read.organization_pages()] == [20, 0, 20, 0, 7]
    assert [account.id for account in accounts(read)] == [member.id for member in ORGANIZATION.members]


def test_an_account_has_its_units_and_the_management_account(read: AwsAccount) -> None:
    first, *_, closed, management = accounts(read)
    assert first == OrganizationAccount(
        "222200000000", "Web", "ACTIVE", "aws", MANAGEMENT, ("r-ab12", UNIT), int(JOINED.timestamp())
    )
    assert (first.is_open, first.is_management) == (True, False)
    assert (closed.is_open, closed.state) == (False, "CLOSED")
    assert management.is_management
    assert read.unit_name(UNIT) == "Prod"


@pytest.mark.parametrize("read", [replace(ORGANIZATION, has_state=False)], indirect=True)
def test_the_state_is_the_former_status_where_aws_sends_no_state(read: AwsAccount) -> None:
    first, *_, closed, _ = accounts(read)
    assert (first.state, first.units) == ("ACTIVE", None)
    assert (closed.state, closed.is_open) == ("SUSPENDED", False)


@pytest.mark.parametrize("read", [replace(ORGANIZATION, management="999999999999")], indirect=True)
def test_an_account_that_may_not_list_the_accounts_is_denied(read: AwsAccount) -> None:
    with pytest.raises(AwsError) as caught:
        accounts(read)
    assert (caught.value.kind, caught.value.operation) == ("denied", "ListAccounts")
    assert "organizations:ListAccounts" in caught.value.advice


@pytest.mark.parametrize("read", [None], indirect=True)
def test_an_account_without_an_organization_is_an_error(read: AwsAccount) -> None:
    with pytest.raises(AwsError, match="not a member of an organization"):
        accounts(read)
