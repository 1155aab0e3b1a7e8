"""What the plan reads, where and for how many days; any split reads everything once."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.errors import AwsError
from s3_monitor.model.plan import Access, ListingRule, Quotas, Unit, read, shards_tsv
from s3_monitor.model.plan_folder import write
from s3_monitor.model.series import Window
from s3_monitor.plan.bucket_patterns import matching
from s3_monitor.plan.names import is_name
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.planner import make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import Account, Memory
from tests.plan.company import ARCHIVE, BUCKETS, COMPANY, MAIN, NOW, plan, units


def test_without_a_shards_file_there_is_a_shard_for_each_region_that_holds_a_bucket() -> None:
    made = plan()
    assert units(made) == {"s3-eu-west-1": ["eu-west-1 all"], "s3-us-east-1": ["us-east-1 all"]}
    assert made.shards[1].units[0] == Unit(
        id="s3/111122223333/us-east-1/all",
        account="111122223333",
        partition="aws",
        region="us-east-1",
        access=0,
        rest=True,
        weight=2,
    )
    assert made.accesses == (Access(),)
    assert made.problems == ()


@pytest.mark.parametrize(
    ("choices", "shards"),
    [
        ({"split_by": "none"}, {"s3": ["eu-west-1 all", "us-east-1 all"]}),
        ({"split_by": "account"}, {"s3": ["eu-west-1 all", "us-east-1 all"]}),
        ({"regions": ("us-east-1",)}, {"s3-us-east-1": ["us-east-1 all"]}),
        ({"regions": ("us-west-2",)}, {"s3-us-west-2": ["us-west-2 all"]}),
        ({"buckets": ("raw",)}, {"s3-eu-west-1": ["eu-west-1 all"]}),
        ({"buckets": ("r*",)}, {"s3-eu-west-1": ["eu-west-1 all"]}),
        ({"buckets": ("data--apne1-az1--x-s3",)}, {"s3-ap-northeast-1": ["ap-northeast-1 all"]}),
        ({"buckets": ("nothing-*",)}, {"s3-us-east-1": ["us-east-1 all"]}),
        (
            {"storage_types": ("glacierstorage", "STANDARDSTORAGE"), "regions": ("eu-west-1",)},
            {"s3-eu-west-1": ["eu-west-1 GlacierStorage", "eu-west-1 StandardStorage", "eu-west-1 rest"]},
        ),
        (
            {"storage_types": ("GlacierStorage",), "split_by": "storage-type"},
            {
                "s3-glacierstorage": ["eu-west-1 GlacierStorage", "us-east-1 GlacierStorage"],
                "s3-rest": ["eu-west-1 rest", "us-east-1 rest"],
            },
        ),
        (
            {"split_by": "storage-type"},
            {
                "s3-glacierstorage": ["eu-west-1 GlacierStorage"],
                "s3-newstorage": ["us-east-1 NewStorage"],
                "s3-rest": ["eu-west-1 rest", "us-east-1 rest"],
                "s3-standardstorage": ["us-east-1 StandardStorage"],
            },
        ),
    ],
)
def test_the_command_line_narrows_and_splits(choices: dict[str, Any], shards: dict[str, list[str]]) -> None:
    made = plan(**choices)
    assert units(made) == shards
    assert {problem.code for problem in made.problems} <= {"selected-pattern-unmatched"}


def test_the_rest_unit_takes_every_type_that_no_other_unit_names() -> None:
    (rest,) = [unit for unit in plan(split_by="storage-type", regions=("us-east-1",)).units if unit.rest]
    assert (rest.types, rest.except_) == (None, ("NewStorage", "StandardStorage"))


def test_the_rest_unit_of_selected_types_reads_no_byte_series() -> None:
    chosen, rest = plan(storage_types=("GlacierStorage",), regions=("us-east-1",)).units
    assert (chosen.types, chosen.rest) == (("GlacierStorage",), False)
    assert (rest.types, rest.except_, rest.rest) == ((), (), True)


def test_a_region_with_unreadable_types_is_not_split_with_a_note() -> None:
    slow = Account("1", BUCKETS, MAIN.types, {"storage_types:us-east-1": AwsError("throttled", "ListMetrics", "slow")})
    made = plan(accounts={"": slow}, split_by="storage-type")
    assert units(made) == {
        "s3-glacierstorage": ["eu-west-1 GlacierStorage"],
        "s3-rest": ["eu-west-1 rest", "us-east-1 all"],
    }
    (problem,) = made.problems
    assert (problem.code, problem.place) == ("not-split-by-storage-type", "1/us-east-1")


def test_other_credentials_are_another_account() -> None:
    made = plan(
        "shards: [{name: a, credentials: one}, {name: b, credentials: two}, {name: c, credentials: two}]",
        {"one": MAIN, "two": ARCHIVE},
    )
    assert made.accesses == (Access(credentials="one"), Access(credentials="two"))
    assert {shard.name: {unit.account for unit in shard.units} for shard in made.shards} == {
        "a": {MAIN.number}, "b": {ARCHIVE.number}, "c": {ARCHIVE.number},
    }  # fmt: skip


def test_an_account_without_buckets_is_one_shard_of_its_home_region() -> None:
    made = plan(accounts={"": Account("1")})
    assert units(made) == {"s3-us-east-1": ["us-east-1 all"]}
    assert made.problems == ()


def test_each_access_is_read_once_and_only_as_needed() -> None:
    memory = Memory(COMPANY)
    text = "shards: [{name: a}, {name: b, regions: [us-east-1]}, {name: c, buckets: [raw]}]"
    make_plan(PlanOptions(), ShardsFile(Document("x", text.encode())), memory, NOW)
    asked = [question for _, question in memory.asked if question != "home"]
    assert sorted(question for question in asked if ":" not in question) == ["buckets", "identity"]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("days", "window"),
    [
        (None, Window(date(2026, 10, 19), 35)),
        (0, Window(date(2026, 11, 18), 5)),
        (4, Window(date(2026, 11, 18), 5)),
        (5, Window(date(2026, 11, 17), 6)),
        (455, Window(date(2025, 8, 24), 456)),
    ],
)
def test_the_window_is_today_and_the_days_before(days: int | None, window: Window) -> None:
    made = plan(history_days=days)
    assert made.window == window
    assert made.window.last == date(2026, 11, 22)
    assert made.as_of == NOW


def test_the_day_can_be_chosen() -> None:
    made = plan(as_of=datetime(2026, 1, 2), history_days=0)
    assert made.as_of == datetime(2026, 1, 2, tzinfo=UTC)
    assert made.window == Window(date(2025, 12, 29), 5)


def test_the_command_line_goes_before_the_file_and_the_file_before_the_defaults() -> None:
    text = "history_days: 90\nlast_modified: all\nlisting: {max_objects: 7, max_requests: 9}\nshards: [{name: a}]"
    assert (plan().listing, plan().selection.history_days) == (ListingRule("auto", 1000, None), 34)
    assert (plan(text).listing, plan(text).selection.history_days) == (ListingRule("all", 7, 9), 90)
    made = plan(text, history_days=0, last_modified="off")
    assert (made.listing, made.selection.history_days) == (ListingRule("off", 7, 9), 0)


def test_prefixes_that_the_file_does_not_name_are_the_twenty_largest_of_two_depths() -> None:
    asked = [plan(text).objects for text in (None, "shards: [{name: a}]", "prefixes: {depth: 0}\nshards: [{name: a}]")]
    assert [(rule.depth, rule.top) for rule in asked] == [(2, 20), (2, 20), (0, 20)]
    deeper = plan("defaults: {prefixes: {depth: 3, top: 7}}\nshards: [{name: a}]").objects
    assert (deeper.depth, deeper.top) == (3, 7)


def test_quotas_that_the_file_does_not_name_are_awss() -> None:
    assert plan().quotas == plan("shards: [{name: a}]").quotas == Quotas(25, 50, 396_000)
    assert plan("quotas: {get_metric_data: 10}\nshards: [{name: a}]").quotas == Quotas(25, 10, 396_000)
    assert plan("defaults: {quotas: {list_metrics: 0.5}}\nshards: [{name: a}]").quotas == Quotas(0.5, 50, 396_000)


def test_the_plan_contains_the_selection_and_the_requests() -> None:
    made = plan(storage_types=("standardstorage",), buckets=("raw",), shards="shards.yaml", max_shards=3)
    assert made.selection.storage_types == ("StandardStorage",)
    assert (made.selection.buckets, made.selection.shards, made.selection.max_shards) == (("raw",), "shards.yaml", 3)
    assert made.calls.requests["identity"] == 1


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = plan(split_by="storage-type", buckets=("raw",))
    write(made, tmp_path)
    assert read(tmp_path / "plan.json", NOW)[0] == made
    assert (tmp_path / "shards.tsv").read_text() == "s3-glacierstorage\t\t\t60\ns3-rest\t\t\t60\n"


_REGIONS = ["us-east-1", "us-east-2", "eu-west-1", "eu-central-1"]
_TYPES = ["StandardStorage", "GlacierStorage", "NewStorage"]
_accounts = st.builds(
    lambda number, regions, types: Account(
        str(number), {f"b-{number}-{index}": region for index, region in enumerate(regions)}, types
    ),
    st.integers(1, 3),
    st.lists(st.sampled_from(_REGIONS), max_size=6),
    st.dictionaries(st.sampled_from(_REGIONS), st.sets(st.sampled_from(_TYPES))),
)


def asked(units: Iterable[Unit], account: str, region: str, bucket: str, type_: str) -> int:
    """Return how many units read the byte series of this type and bucket."""
    return sum(
        (unit.account, unit.region) == (account, region)
        and bool(matching(unit.buckets, [bucket]))
        and (type_ in unit.types if unit.types is not None else type_ not in unit.except_)
        for unit in units
    )


@given(
    _accounts,
    _accounts,
    st.sampled_from(["region", "storage-type", "account", "none"]),
    st.none() | st.integers(1, 5),
    st.sets(st.sampled_from(["StandardStorage", "GlacierStorage"])),
    st.randoms(use_true_random=False),
)
def test_any_split_reads_every_series_once_and_every_bucket_has_a_rest_unit(
    one: Account, other: Account, split_by: str, max_shards: int | None, chosen: set[str], rng: random.Random
) -> None:
    entries = ["{name: a}", "{name: b, profile: x, agent: y}"]
    choices = {"split_by": split_by, "max_shards": max_shards, "storage_types": tuple(chosen)}
    made = plan(f"shards: [{', '.join(entries)}]", {"": one, "x": other}, **choices)
    by_entry = {name: [unit for unit in made.units if unit.id.startswith(f"{name}/")] for name in ("a", "b")}
    for name, account in (("a", one), ("b", other)):
        for bucket, region in account.buckets.items():
            assert region is not None
            for type_ in (*_TYPES, "NeverSeenStorage"):
                wanted = 0 if chosen and type_ not in chosen else 1
                assert asked(by_entry[name], account.number, region, bucket, type_) == wanted
            rests = [unit for unit in by_entry[name] if unit.region == region and unit.rest]
            assert len(rests) == 1
    assert len({unit.id for unit in made.units}) == len(made.units)
    assert all(shard.units and is_name(shard.name) for shard in made.shards)
    assert [shard.name for shard in made.shards] == sorted({shard.name for shard in made.shards})
    assert len(shards_tsv(made).splitlines()) == len(made.shards)
    if max_shards is not None:
        assert len(made.shards) <= max(max_shards, 2)
    again = plan(f"shards: [{', '.join(rng.sample(entries, 2))}]", {"": one, "x": other}, **choices)
    assert again.shards == made.shards
