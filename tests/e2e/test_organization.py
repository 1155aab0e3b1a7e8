"""A company from plan to report: an organization with closed, denied and equally named accounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from s3_monitor.simulator import Bucket, Member, ObjectList, Organization, Role, Series, Simulator
from s3_monitor.simulator.accounts import Account, make_account
from tests.e2e.conftest import Program
from tests.e2e.test_permissions import actions_of, allowed

MANAGEMENT, WEB, DATA, LAB, OLD = (f"{number}00000000000" for number in range(1, 6))
PROD, TEAM = "ou-ab12-11111111", "ou-ab12-22222222"
GIB = 2**30
READER = Role("s3-monitor-reader", external_id="some-id")


def account(number: str, *roles: Role) -> Account:
    day = datetime.now(UTC).date().toordinal() - 1
    bucket = Bucket(
        f"bucket-{number}",
        "eu-west-1",
        datetime(2025, 1, 1, tzinfo=UTC),
        sizes={"StandardStorage": Series(day - 40, day, GIB)},
        count=Series(day - 40, day, 1),
        objects=ObjectList(1, datetime(2026, 1, 1, tzinfo=UTC)),
    )
    return make_account(number, [bucket], access_key=f"AKIASIMULATED{number[:8]}", roles=roles)


ACCOUNTS = [
    account(MANAGEMENT),
    account(WEB, READER),
    account(DATA, READER),
    account(LAB, Role("s3-monitor-reader", denied_by="organization")),
]
ORGANIZATION = Organization(
    MANAGEMENT,
    (
        Member(MANAGEMENT, "Payer"),
        Member(WEB, "Production", units=(PROD,)),
        Member(DATA, "production", units=(PROD, TEAM)),
        Member(LAB, "Lab"),
        Member(OLD, "Old", "SUSPENDED"),
    ),
    units={PROD: "Prod", TEAM: "Data"},
    empty_every=2,
)


def test_a_company_is_reported_by_account_and_unit(monitor: Program, tmp_path: Path) -> None:
    (tmp_path / "shards.yaml").write_text("organization: {external_id: some-id, split_by: region}\n")
    with Simulator(ACCOUNTS, organization=ORGANIZATION) as simulator:
        done = monitor("run", "--shards", "shards.yaml", "--max-shards", 1, "--out", "out", env=simulator.env())
        used = actions_of(simulator)
    assert done.status == 3, done.err
    assert used | {"s3express:ListAllMyDirectoryBuckets"} == {
        action for policy in ("storage", "assume-role", "organization") for action in allowed(policy)
    }
    summary = json.loads((tmp_path / "out" / "report" / "summary.json").read_text())
    buckets = json.loads((tmp_path / "out" / "report" / "buckets.json").read_text())
    assert [(one["account"], one["total_size"]) for one in buckets] == [
        (MANAGEMENT, GIB),
        (WEB, GIB),
        (DATA, GIB),
    ]
    units = {name: (unit["buckets"], unit["size"], unit["complete"]) for name, unit in summary["by_ou"].items()}
    assert units == {"Prod": (1, GIB, True), "Prod/Data": (1, GIB, True), "Root": (1, GIB, False)}
    problems = {(one["code"], one["account"], one["severity"]) for one in summary["problems"]}
    assert {("account-closed", OLD, "note"), ("role-denied-by-organization", LAB, "gap")} <= problems
    assert [one for one in problems if one[2] == "gap"] == [("role-denied-by-organization", LAB, "gap")]
    assert "some-id" not in (tmp_path / "out" / "plan" / "plan.json").read_text()
    assert "some-id" not in done.err
