"""Names in the shards file that match nothing in the account are reported."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.model.errors import AwsError, IncompleteList, UserError
from s3_monitor.model.identity import AccountBucket
from tests.plan.canned_discovery import Account
from tests.plan.company import plan

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("entry", "code", "place", "named"),
    [
        ("buckets: [raw, rwa]", "named-bucket-missing", f"{ACCOUNT}/rwa", "entry a"),
        ('buckets: ["logs-*", "typo-*"]', "shard-pattern-unmatched", ACCOUNT, "typo-*"),
        ('buckets: ["typo-*"]', "shard-pattern-unmatched", ACCOUNT, "typo-*"),
        ("regions: [ap-northeast-1, eu-west-2]", "shard-regions-without-buckets", ACCOUNT, "ap-northeast-1, eu-west-2"),
        ('regions: [us-east-1], buckets: ["r*"]', "shard-regions-without-buckets", ACCOUNT, "us-east-1"),
        (
            "regions: [us-east-1], buckets: [raw, logs-a]",
            "bucket-outside-shard-regions",
            f"{ACCOUNT}/eu-west-1/raw",
            "entry a",
        ),
    ],
)
def test_a_name_is_a_gap_and_a_pattern_or_region_is_a_note(entry: str, code: str, place: str, named: str) -> None:
    made = plan(f"shards: [{{name: a, {entry}}}, {{name: everything}}]")
    (problem,) = made.problems
    assert (problem.code, problem.place) == (code, place)
    assert named in problem.message and problem.advice


def test_every_entry_that_matches_nothing_is_reported_also_where_all_do() -> None:
    made = plan('shards: [{name: a, buckets: ["x-*"]}, {name: b, buckets: ["y-*"]}, {name: c, buckets: [z]}]')
    assert len(made.problems) == 3
    for name in "abc":
        assert any(f"entry {name} " in f"{problem.message} " for problem in made.problems)


@pytest.mark.parametrize(
    ("entry", "choices"),
    [
        ('buckets: ["logs-*"]', {}),
        ("regions: [us-east-1, ap-northeast-1]", {}),
        ('buckets: ["typo-*"]', {"buckets": ("raw",)}),
        ("buckets: [rwa]", {"buckets": ("raw",)}),
        ('buckets: ["x--use1-az4--x-s3"]', {}),
    ],
)
def test_what_matches_something_or_is_not_selected_is_not_reported(entry: str, choices: dict[str, Any]) -> None:
    assert plan(f"shards: [{{name: a, {entry}}}, {{name: everything}}]", **choices).problems == ()


def test_a_region_of_the_command_line_may_hold_nothing() -> None:
    assert plan(regions=("ap-northeast-1",)).problems == ()


@pytest.mark.parametrize("shards", [None, "shards: [{name: everything}]"])
def test_a_glob_of_the_command_line_that_matches_nothing_is_a_note(shards: str | None) -> None:
    (problem,) = plan(shards, buckets=("raw", "typo-*")).problems
    assert (problem.code, problem.message) == ("selected-pattern-unmatched", "No bucket matches typo-*")


@pytest.mark.parametrize(("place", "is_suggested"), [(4999, True), (5000, False)])
def test_a_name_is_compared_with_five_thousand_names_of_the_same_first_letter(place: int, is_suggested: bool) -> None:
    """Comparing more would take seconds."""
    names = [f"b{number:05}" for number in range(5001)]
    names[place] = f"b{place:05}-production-logs"
    with pytest.raises(UserError, match="-b bproduction-logs: no such bucket") as caught:
        plan(
            accounts={"": Account("1", {"other": "us-east-1", **dict.fromkeys(names, "us-east-1")})},
            buckets=("bproduction-logs",),
        )
    assert (names[place] in caught.value.advice) == is_suggested


def test_a_name_that_begins_with_another_letter_is_not_suggested() -> None:
    with pytest.raises(UserError) as caught:
        plan(buckets=("zogs-a",))
    assert caught.value.advice == ""


DENIED = AwsError("denied", "ListBuckets", "no")
INCOMPLETE = Account("9", failures={"buckets": IncompleteList("ListBuckets", 2, [AccountBucket("a", 1, "us-east-1")])})


@pytest.mark.parametrize(
    "entry", ["buckets: [absent]", 'buckets: ["absent-*"]', "regions: [us-east-1, eu-west-1], buckets: [absent]"]
)
def test_nothing_is_missing_from_an_incomplete_list_of_buckets(entry: str) -> None:
    made = plan(f"shards: [{{name: a, {entry}}}]", {"": INCOMPLETE})
    assert {problem.code for problem in made.problems} == {"bucket-list-incomplete"}
