"""Plans in which accounts, buckets or regions could not be read."""

from __future__ import annotations

import pytest

from s3_monitor.model.errors import AwsError, IncompleteList, MissingCredentialsError, UserError
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.planner import NothingPlanned
from tests.plan.canned_discovery import Account
from tests.plan.company import ENTRIES, MAIN, ROLE, plan
from tests.problems import codes

DENIED = AwsError("denied", "ListBuckets", "no", advice="allow s3:ListAllMyBuckets")
LOST = MissingCredentialsError("no AWS credentials found", "name a profile")


def test_one_account_of_two_denied_is_a_gap_and_the_rest_is_planned() -> None:
    denied = Account("999988887777", failures={"buckets": DENIED})
    made = plan(ENTRIES, {"main": MAIN, "archive": denied}, split_by="none", buckets=())
    assert {shard.name for shard in made.shards} == {"archive", "dev"}  # archive names its regions
    made = plan("shards: [{name: a}, {name: b, profile: x}]", {"": MAIN, "x": denied})
    assert {shard.name for shard in made.shards} == {"a"}
    assert made.problems == (create_problem("bucket-list-incomplete", account="999988887777", error=DENIED),)


@pytest.mark.parametrize("chosen", [(), ("logs-a",), ("elsewhere",), ("x*",)])
def test_an_incomplete_list_of_buckets_is_a_gap_and_its_buckets_are_planned(chosen: tuple[str, ...]) -> None:
    incomplete = IncompleteList("ListBuckets", 2, [AccountBucket("logs-a", 1_600_000_000, "us-east-1")])
    made = plan(accounts={"": Account("1", failures={"buckets": incomplete})}, buckets=chosen)
    assert {unit.region for unit in made.units} == {"us-east-1"}
    assert made.problems == (create_problem("bucket-list-incomplete", account="1", error=incomplete),)


def test_without_the_list_of_buckets_the_named_regions_are_read() -> None:
    denied = Account("1", failures={"buckets": DENIED})
    made = plan(accounts={"": denied}, regions=("us-east-1", "eu-west-1"), buckets=("anything",))
    assert {unit.region for unit in made.units} == {"us-east-1", "eu-west-1"}
    assert [problem.severity for problem in made.problems] == ["gap"]


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ("profile: x", create_problem("credentials-unusable", credentials="profile x", error=LOST)),
        (f'role_arn: "{ROLE}"', create_problem("account-inaccessible", account="444455556666", error=LOST)),
        ("credentials: x", create_problem("credentials-unusable", credentials="credentials x", error=LOST)),
    ],
)
def test_an_inaccessible_account_is_named_by_its_role_or_profile(access: str, expected: Problem) -> None:
    lost = Account("?", failures={"identity": LOST})
    made = plan(f"shards: [{{name: a}}, {{name: b, {access}}}]", {"": MAIN, "x": lost, "444455556666": lost})
    assert made.problems == (expected,)


def test_a_single_inaccessible_account_is_the_error_itself() -> None:
    with pytest.raises(MissingCredentialsError) as lost:
        plan(accounts={"": Account("1", failures={"identity": LOST})})
    assert lost.value is LOST
    with pytest.raises(AwsError) as denied:
        plan(accounts={"": Account("1", failures={"buckets": DENIED})})
    assert denied.value is DENIED


TWO_ENTRIES = "shards: [{name: a}, {name: b, profile: x}]"


def test_of_several_accounts_none_with_credentials_is_no_credentials() -> None:
    lost = Account("1", failures={"identity": LOST})
    with pytest.raises(MissingCredentialsError, match="none of 2 accounts can be opened: no AWS credentials found"):
        plan(TWO_ENTRIES, {"": lost, "x": lost})


def test_if_no_account_can_be_read_planning_fails_with_every_reason() -> None:
    accounts = {"": Account("1", failures={"identity": LOST}), "x": Account("2", failures={"buckets": DENIED})}
    with pytest.raises(NothingPlanned) as caught:
        plan(TWO_ENTRIES, accounts)
    assert codes(caught.value.problems) == [("credentials-unusable", ""), ("bucket-list-incomplete", "2")]
    assert "Could not use default credentials" in str(caught.value)


@pytest.mark.parametrize(("count", "more"), [(2, ""), (5, ""), (6, "; and 1 more"), (9, "; and 4 more")])
def test_five_reasons_are_in_the_message_and_all_among_the_problems(count: int, more: str) -> None:
    accounts = {f"p{number}": Account(f"{number}", failures={"buckets": DENIED}) for number in range(count)}
    with pytest.raises(NothingPlanned) as caught:
        plan(f"shards: [{', '.join(f'{{name: s{name}, profile: {name}}}' for name in accounts)}]", accounts)
    assert len(caught.value.problems) == count
    text = str(caught.value)
    assert f"none of {count} accounts could be read: " in text
    assert text.count("Could not") == min(count, 5)
    assert (text[text.rindex("; and") :] if "; and" in text else "") == more


def test_five_different_reasons_without_credentials_are_in_the_message() -> None:
    accounts = {
        f"p{number}": Account(f"{number}", failures={"identity": MissingCredentialsError(f"reason {number}", "login")})
        for number in range(7)
    }
    with pytest.raises(MissingCredentialsError) as caught:
        plan(f"shards: [{', '.join(f'{{name: s{name}, profile: {name}}}' for name in accounts)}]", accounts)
    reasons = "; ".join(f"reason {number}" for number in range(5))
    assert str(caught.value) == f"none of 7 accounts can be opened: {reasons}"
    assert caught.value.advice == "login"


def test_a_bucket_whose_region_is_unknown_is_a_gap() -> None:
    made = plan(accounts={"": Account("1", {"a": "us-east-1", "b": None, "c": None})}, buckets=("a", "b"))
    assert codes(made.problems) == [("bucket-region-unknown", "1/b")]


def test_many_buckets_without_a_region_are_one_gap() -> None:
    made = plan(accounts={"": Account("1", {f"b{number:03}": None for number in range(500)})})
    (problem,) = made.problems
    assert (problem.code, problem.place, problem.count) == ("bucket-region-unknown", "1", 500)
    assert len(problem.message) < 300


def test_regions_of_another_partition_are_a_gap_where_others_are_planned_and_a_mistake_where_none_is() -> None:
    china = Account("2", {"x": "cn-north-1"}, partition="aws-cn")
    made = plan("shards: [{name: a}, {name: b, profile: x, regions: [us-east-1]}]", {"": MAIN, "x": china})
    assert [shard.name for shard in made.shards] == ["a"]
    assert codes(made.problems) == [("region-outside-partition", "2"), ("shard-regions-without-buckets", "2")]
    with pytest.raises(UserError, match="must be in the account's partition aws-cn, got us-east-1"):
        plan(accounts={"": china}, regions=("us-east-1",))


def test_regions_of_another_partition_have_advice_about_credentials() -> None:
    gov = Account("3", {"x": "us-gov-west-1"}, partition="aws-us-gov")
    made = plan(accounts={"": gov}, regions=("us-gov-west-1",))
    assert made.accesses == (Access(region="us-gov-west-1"),)
    assert [unit.partition for unit in made.units] == ["aws-us-gov"]
