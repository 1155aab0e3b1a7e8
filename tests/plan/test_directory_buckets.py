"""Directory buckets in regions without other buckets are found, or a note states that they were not searched for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.planner import make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import Account, Memory
from tests.plan.company import MAIN, NOW, plan, units
from tests.problems import codes

FAST = {"fast--usw2-az1--x-s3": "us-west-2", "near--use1-az4--x-s3": "us-east-1"}
EXPRESS = msgspec.structs.replace(MAIN, directories=FAST)
ONLY = Account("111122223333", directories=FAST)


def looked(account: Account, text: str | None = None, **choices: Any) -> list[str]:
    """Return the regions that the plan searched."""
    memory = Memory({"": account})
    file = None if text is None else ShardsFile(Document("shards.yaml", text.encode()))
    make_plan(PlanOptions(**choices), file, memory, NOW)
    return [question.partition(":")[2] for _, question in memory.asked if question.startswith("directory_buckets")]


def test_a_region_with_directory_buckets_only_is_planned() -> None:
    made = plan(accounts={"": EXPRESS})
    assert units(made)["s3-us-west-2"] == ["us-west-2 all"]
    assert made.problems == ()


def test_an_account_with_directory_buckets_only_is_planned() -> None:
    assert sorted(units(plan(accounts={"": ONLY}))) == ["s3-us-east-1", "s3-us-west-2"]


@pytest.mark.parametrize("pattern", ["fast--*", "fast--usw2-az1--x-s3", "*--x-s3", "f*3"])
def test_a_pattern_that_matches_only_a_directory_bucket_finds_it(pattern: str) -> None:
    made = plan(accounts={"": EXPRESS}, buckets=(pattern,))
    assert "us-west-2 all" in [unit for found in units(made).values() for unit in found]


def test_only_regions_without_other_buckets_are_looked_at() -> None:
    assert looked(EXPRESS) == ["ap-northeast-1", "eu-central-1", "eu-west-2", "us-east-2", "us-west-2"]


@pytest.mark.parametrize(
    "choices",
    [
        {"buckets": ("raw",)},
        {"buckets": ("logs-*-prod",)},
        {"buckets": ("raw", "fast--usw2-az1--x-s3")},  # its zone is in its name
        {"regions": ("us-east-1",)},
        {"storage_types": ("StandardStorage",)},
    ],
)
def test_nothing_is_looked_up_where_the_selection_has_no_such_bucket(choices: dict[str, Any]) -> None:
    assert looked(EXPRESS, **choices) == []


def test_a_denied_search_is_sent_once_and_is_a_note() -> None:
    denied = AwsError("denied", "ListDirectoryBuckets", "no", advice="allow s3express:ListAllMyDirectoryBuckets")
    account = msgspec.structs.replace(EXPRESS, failures={"directory_buckets": denied})
    assert len(looked(account)) == 1
    (problem,) = plan(accounts={"": account}).problems
    assert (problem.code, problem.place) == ("directory-buckets-not-searched", "111122223333")
    assert problem.advice == denied.advice


def test_a_region_that_fails_is_a_note_and_the_others_are_found() -> None:
    failures = {"directory_buckets:us-east-2": AwsError("broken", "ListDirectoryBuckets", "HTTP 500")}
    made = plan(accounts={"": msgspec.structs.replace(EXPRESS, failures=failures)})
    (problem,) = made.problems
    assert problem.code == "directory-buckets-not-searched"
    assert "(us-east-2)" in problem.message
    assert "s3-us-west-2" in units(made)


def test_a_region_that_is_not_enabled_holds_nothing() -> None:
    failure = AwsError("invalid-credentials", "ListDirectoryBuckets", "InvalidAccessKeyId")
    account = msgspec.structs.replace(EXPRESS, failures={"directory_buckets:eu-central-1": failure})
    assert plan(accounts={"": account}).problems == ()


# ---- names that the selected regions exclude


def test_an_exact_name_in_another_region_is_a_note_that_names_the_region() -> None:
    made = plan(buckets=("raw",), regions=("us-east-1",))
    (problem,) = made.problems
    assert codes([problem]) == [("bucket-outside-selected-regions", "111122223333/eu-west-1/raw")]


@pytest.mark.parametrize(
    "choices",
    [
        {"buckets": ("raw",), "regions": ("eu-west-1",)},
        {"buckets": ("raw",), "regions": ("us-east-1", "eu-west-1")},
        {"buckets": ("raw",)},
        {"buckets": ("r*",), "regions": ("us-east-1",)},
    ],
)
def test_a_name_that_is_covered_and_a_glob_are_no_note(choices: dict[str, Any]) -> None:
    assert plan(**choices).problems == ()


def test_a_name_that_another_entry_covers_is_no_note() -> None:
    text = "shards: [{name: a, regions: [us-east-1]}, {name: b, regions: [eu-west-1]}]"
    assert plan(text, buckets=("raw",)).problems == ()


def test_a_name_in_the_shards_file_outside_of_its_entrys_regions_is_a_note() -> None:
    made = plan("shards: [{name: a, regions: [us-east-1], buckets: [raw, logs-a]}]")
    (problem,) = made.problems
    assert codes([problem]) == [("bucket-outside-shard-regions", "111122223333/eu-west-1/raw")]
    assert "entry a " in problem.message


def test_a_name_that_does_not_exist_stays_an_error() -> None:
    with pytest.raises(UserError, match="no such bucket"):
        plan(buckets=("absent",), regions=("us-east-1",))
