"""Plans of a monitoring account: units of the accounts that are linked to it."""

from __future__ import annotations

from s3_monitor.model.errors import AwsError
from tests.plan.canned_discovery import Account
from tests.plan.company import plan, units

LINKED = {"us-east-1": {"222222222222", "333333333333"}, "eu-west-1": {"222222222222"}}
MONITOR = Account("111111111111", {"own": "us-east-1"}, linked=LINKED)
ENTRY = "shards: [{name: monitor, cross_account: true}]"


def test_linked_accounts_are_read_only_if_requested() -> None:
    assert {unit.account for unit in plan("shards: [{name: monitor}]", {"": MONITOR}).units} == {"111111111111"}


def test_each_linked_account_and_region_is_a_unit_of_the_same_shard() -> None:
    made = plan(ENTRY, {"": MONITOR})
    assert [shard.name for shard in made.shards] == ["monitor"]
    assert [(unit.account, unit.region, unit.linked) for unit in made.units] == [
        ("111111111111", "us-east-1", False),
        ("222222222222", "eu-west-1", True),
        ("222222222222", "us-east-1", True),
        ("333333333333", "us-east-1", True),
    ]
    assert {unit.access for unit in made.units} == {0}
    assert [unit.weight for unit in made.units] == [1, 0, 0, 0]  # their buckets are not listed


def test_entries_before_the_monitoring_account_have_no_linked_accounts() -> None:
    other = Account("444444444444", {"other": "us-east-1"}, linked=LINKED)
    made = plan("shards: [{name: a, profile: x}, {name: monitor, cross_account: true}]", {"": MONITOR, "x": other})
    assert [shard.name for shard in made.shards if any(unit.linked for unit in shard.units)] == ["monitor"]


def test_linked_accounts_can_be_split_by_region() -> None:
    made = plan("shards: [{name: m, cross_account: true, split_by: region}]", {"": MONITOR})
    assert units(made) == {"m-eu-west-1": ["eu-west-1 all"], "m-us-east-1": ["us-east-1 all"] * 3}


def test_the_limits_of_linked_accounts_are_a_note() -> None:
    (note,) = [problem for problem in plan(ENTRY, {"": MONITOR}).problems if problem.code == "linked-account-limits"]
    assert (note.severity, note.account) == ("note", "111111111111")
    assert note.message.startswith("2 linked accounts")


def test_a_region_whose_linked_accounts_cannot_be_listed_is_a_gap() -> None:
    denied = AwsError("denied", "ListMetrics", "no")
    disabled = AwsError("invalid-credentials", "ListMetrics", "no")
    failures = {"linked_accounts:eu-west-1": denied, "linked_accounts:eu-west-2": disabled}
    made = plan(ENTRY, {"": Account("111111111111", {"own": "us-east-1"}, linked=LINKED, failures=failures)})
    gaps = [(problem.code, problem.region) for problem in made.problems if problem.severity == "gap"]
    assert gaps == [("linked-accounts-unlisted", "eu-west-1")]
    assert {unit.region for unit in made.units} == {"us-east-1"}


def test_patterns_of_buckets_apply_to_linked_accounts() -> None:
    made = plan("shards: [{name: m, cross_account: true, buckets: ['own', 'b-*']}]", {"": MONITOR})
    assert {unit.buckets for unit in made.units if unit.linked} == {("b-*", "own")}
