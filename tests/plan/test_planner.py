from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.failure import AwsFailure, NoCredentials, UserError
from s3_monitor.model.plan import Access, ListingRule, Plan, Quotas, Unit, read, shards_tsv, write
from s3_monitor.model.problem import gap
from s3_monitor.model.series import Window
from s3_monitor.plan.choices import Choices
from s3_monitor.plan.names import is_name
from s3_monitor.plan.patterns import NO_BUCKET, matching
from s3_monitor.plan.planner import NothingPlanned, make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_lines import Document
from tests.plan.inquiries import Account, Memory

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
DENIED = AwsFailure("denied", "ListBuckets", "no", advice="allow s3:ListAllMyBuckets")
LOST = NoCredentials("no AWS credentials found", "name a profile")
BUCKETS = {"logs-a": "us-east-1", "logs-b": "us-east-1", "raw": "eu-west-1"}
MAIN = Account(
    "111122223333", BUCKETS, {"us-east-1": {"StandardStorage", "NewStorage"}, "eu-west-1": {"GlacierStorage"}}
)
ARCHIVE = Account("444455556666", {"vault": "eu-west-2"})
COMPANY = {"": MAIN, "archive": ARCHIVE, "444455556666": ARCHIVE}
ROLE = "arn:aws:iam::444455556666:role/reader"


def plan(text: str | None = None, accounts: Any = COMPANY, **choices: Any) -> Plan:
    file = None if text is None else ShardsFile(Document("shards.yaml", text.encode()))
    return make_plan(Choices(**choices), file, Memory(accounts), NOW)


def units(made: Plan) -> dict[str, list[str]]:
    """Shard → its units, each as REGION KINDS."""
    return {
        shard.name: [f"{unit.region} {unit.id.rpartition('/')[2]}" for unit in shard.units] for shard in made.shards
    }


# what is asked


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
    assert made.problems == ()


def test_the_rest_unit_takes_every_type_that_no_other_unit_names() -> None:
    (rest,) = [unit for unit in plan(split_by="storage-type", regions=("us-east-1",)).units if unit.rest]
    assert (rest.types, rest.except_) == (None, ("NewStorage", "StandardStorage"))


def test_the_rest_unit_of_chosen_types_asks_no_byte_series() -> None:
    chosen, rest = plan(storage_types=("GlacierStorage",), regions=("us-east-1",)).units
    assert (chosen.types, chosen.rest) == (("GlacierStorage",), False)
    assert (rest.types, rest.except_, rest.rest) == ((), (), True)


def test_a_region_whose_types_cannot_be_had_stays_whole_with_a_note() -> None:
    slow = Account(
        "1", BUCKETS, MAIN.types, {"storage_types:us-east-1": AwsFailure("throttled", "ListMetrics", "slow")}
    )
    made = plan(accounts={"": slow}, split_by="storage-type")
    assert units(made) == {
        "s3-glacierstorage": ["eu-west-1 GlacierStorage"],
        "s3-rest": ["eu-west-1 rest", "us-east-1 all"],
    }
    (problem,) = made.problems
    assert (problem.severity, problem.where) == ("note", "1/us-east-1")


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


def test_each_access_is_asked_once_and_only_what_is_needed() -> None:
    memory = Memory(COMPANY)
    text = "shards: [{name: a}, {name: b, regions: [us-east-1]}, {name: c, buckets: [raw]}]"
    make_plan(Choices(), ShardsFile(Document("x", text.encode())), memory, NOW)
    assert sorted(question for _, question in memory.asked if question != "home") == ["buckets", "identity"]


# shards.yaml


def test_entries_are_families_of_shards_with_their_agents() -> None:
    made = plan(
        f"""
defaults: {{agent: any}}
shards:
  - {{name: dev, split_by: region}}
  - {{name: archive, profile: archive, storage_types: [GlacierStorage], buckets: ["v*"]}}
  - {{name: prod, role_arn: "{ROLE}", agent: aws-prod, credentials: key, timeout_minutes: 30}}
"""
    )
    assert units(made) == {
        "archive": ["eu-west-2 GlacierStorage", "eu-west-2 rest"],
        "dev-eu-west-1": ["eu-west-1 all"],
        "dev-us-east-1": ["us-east-1 all"],
        "prod": ["eu-west-2 all"],
    }
    assert shards_tsv(made).splitlines() == [
        "archive\tany\t\t60",
        "dev-eu-west-1\tany\t\t60",
        "dev-us-east-1\tany\t\t60",
        "prod\taws-prod\tkey\t30",
    ]
    assert made.accesses == (Access(), Access(profile="archive"), Access(role_arn=ROLE, credentials="key"))
    assert [made.accesses[shard.units[0].access].profile for shard in made.shards] == ["archive", None, None, None]
    assert made.shard("archive").units[0].buckets == ("v*",)


ENTRIES = """
defaults: {profile: main}
shards:
  - {name: dev}
  - {name: archive, profile: archive, regions: [eu-west-2], buckets: ["v*"], storage_types: [GlacierStorage]}
"""
TWO = {"main": MAIN, "archive": ARCHIVE, "other": MAIN}


@pytest.mark.parametrize(
    ("choices", "entries"),
    [
        ({}, {"archive", "dev"}),
        ({"profile": "other"}, {"dev"}),
        ({"profile": "archive"}, {"archive", "dev"}),
        ({"regions": ("us-east-1",)}, {"dev"}),
        ({"storage_types": ("StandardStorage",)}, {"dev"}),
        ({"buckets": ("vault",)}, {"archive"}),
        ({"buckets": ("raw",)}, {"dev"}),
        ({"buckets": ("*a*",)}, {"archive", "dev"}),
    ],
)
def test_the_command_line_narrows_every_entry(choices: dict[str, Any], entries: set[str]) -> None:
    assert {shard.name for shard in plan(ENTRIES, TWO, **choices).shards} == entries


def test_a_profile_on_the_command_line_stands_in_for_the_default_one() -> None:
    assert plan(ENTRIES, TWO, profile="other").accesses == (Access(profile="other"),)


def test_split_by_on_the_command_line_counts_for_all() -> None:
    made = plan(ENTRIES, TWO, split_by="region")
    assert [shard.name for shard in made.shards] == ["archive-eu-west-2", "dev-eu-west-1", "dev-us-east-1"]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"profile": "nobody"}, "-p nobody: no shard of shards.yaml uses this profile"),
        ({"regions": ("us-est-1",)}, "-r us-est-1: no such region"),
        ({"storage_types": ("StandardStorag",)}, "-s StandardStorag: no such storage type"),
        ({"buckets": ("absent",)}, "-b absent: there is no such bucket"),
        ({"buckets": ("arn:aws:s3:::raw",)}, "-b 'arn:aws:s3:::raw': not a bucket"),
        ({"buckets": ("",)}, "-b '': not a bucket"),
        ({"max_shards": 0}, "--max-shards 0"),
        ({"history_days": 456}, "--history-days 456"),
    ],
)
def test_choices_that_cannot_be_followed_are_the_users_mistake(choices: dict[str, Any], message: str) -> None:
    text = "shards: [{name: archive, profile: archive}]"
    with pytest.raises(UserError) as caught:
        plan(text, **choices)
    assert message in str(caught.value)


def test_entries_that_have_nothing_in_common_with_a_choice_are_the_users_mistake() -> None:
    with pytest.raises(UserError, match="-r us-east-1: no shard of the shards file asks for that"):
        plan("shards: [{name: a, regions: [eu-west-1]}]", regions=("us-east-1",))


def test_mistyped_names_are_answered_with_the_nearest() -> None:
    for choices, near in (
        ({"regions": ("us-eastt-1",)}, "us-east-1"),
        ({"storage_types": ("standart storage",)}, "StandardStorage"),
        ({"buckets": ("logs-aa",)}, "logs-a"),
    ):
        with pytest.raises(UserError) as caught:
            plan(**choices)
        assert near in caught.value.advice


def test_globs_of_both_are_met_by_the_buckets_that_match_both() -> None:
    made = plan('shards: [{name: a, buckets: ["logs-*"]}]', buckets=("*-b",))
    assert [unit.buckets for unit in made.units] == [("logs-b",)]


def test_globs_that_nothing_matches_still_make_a_plan_that_asks_for_nothing() -> None:
    made = plan('shards: [{name: a, buckets: ["logs-*"]}, {name: b, profile: archive}]', buckets=("*-zzz",))
    assert [(unit.region, unit.buckets) for unit in made.units] == [("us-east-1", (NO_BUCKET,))]


def test_a_bucket_that_the_file_names_and_nobody_holds_is_noted() -> None:
    made = plan("shards: [{name: a, buckets: [raw, rwa]}]")
    assert [(problem.severity, problem.where) for problem in made.problems] == [("note", "111122223333/rwa")]


def test_two_families_that_meet_in_a_name_are_refused() -> None:
    types = {"us-east-1": {"HolographicStorage"}}
    with pytest.raises(
        UserError, match="two shards would be named a-holographicstorage, of a and a-holographicstorage"
    ):
        plan(
            "shards: [{name: a, split_by: storage-type}, {name: a-holographicstorage}]",
            {"": Account("1", {"x": "us-east-1"}, types)},
        )


# what goes wrong


def test_one_account_of_two_denied_is_a_gap_and_the_rest_is_planned() -> None:
    denied = Account("999988887777", failures={"buckets": DENIED})
    made = plan(ENTRIES, {"main": MAIN, "archive": denied}, split_by="none", buckets=())
    assert {shard.name for shard in made.shards} == {"archive", "dev"}  # archive names its regions
    made = plan("shards: [{name: a}, {name: b, profile: x}]", {"": MAIN, "x": denied})
    assert {shard.name for shard in made.shards} == {"a"}
    assert made.problems == (gap("999988887777", "ListBuckets: no", "allow s3:ListAllMyBuckets"),)


def test_without_the_list_of_buckets_the_regions_that_are_named_are_asked() -> None:
    denied = Account("1", failures={"buckets": DENIED})
    made = plan(accounts={"": denied}, regions=("us-east-1", "eu-west-1"), buckets=("anything",))
    assert {unit.region for unit in made.units} == {"us-east-1", "eu-west-1"}
    assert [problem.severity for problem in made.problems] == ["gap"]


@pytest.mark.parametrize(
    ("access", "place"),
    [("profile: x", "profile x"), (f'role_arn: "{ROLE}"', "444455556666"), ("credentials: x", "credentials x")],
)
def test_an_account_that_cannot_be_opened_is_named_as_well_as_can_be(access: str, place: str) -> None:
    lost = Account("?", failures={"identity": LOST})
    made = plan(f"shards: [{{name: a}}, {{name: b, {access}}}]", {"": MAIN, "x": lost, "444455556666": lost})
    assert made.problems == (gap(place, "no AWS credentials found", "name a profile"),)


def test_no_account_at_all_is_the_failure_itself() -> None:
    with pytest.raises(NoCredentials) as lost:
        plan(accounts={"": Account("1", failures={"identity": LOST})})
    assert lost.value is LOST
    with pytest.raises(AwsFailure) as denied:
        plan(accounts={"": Account("1", failures={"buckets": DENIED})})
    assert denied.value is DENIED


TWO_ENTRIES = "shards: [{name: a}, {name: b, profile: x}]"


def test_of_several_accounts_none_with_credentials_is_no_credentials() -> None:
    lost = Account("1", failures={"identity": LOST})
    with pytest.raises(NoCredentials, match="none of 2 accounts can be opened: no AWS credentials found"):
        plan(TWO_ENTRIES, {"": lost, "x": lost})


def test_of_several_accounts_none_that_answers_is_nothing_planned_with_every_reason() -> None:
    accounts = {"": Account("1", failures={"identity": LOST}), "x": Account("2", failures={"buckets": DENIED})}
    with pytest.raises(NothingPlanned) as caught:
        plan(TWO_ENTRIES, accounts)
    assert {problem.where for problem in caught.value.problems} == {"default credentials", "2"}


def test_a_bucket_whose_region_is_unknown_is_a_gap() -> None:
    made = plan(accounts={"": Account("1", {"a": "us-east-1", "b": None, "c": None})}, buckets=("a", "b"))
    assert [(problem.severity, problem.where) for problem in made.problems] == [("gap", "1/b")]


def test_many_buckets_without_a_region_are_one_gap() -> None:
    made = plan(accounts={"": Account("1", {f"b{number:03}": None for number in range(500)})})
    (problem,) = made.problems
    assert "500 buckets" in problem.what
    assert len(problem.what) < 300


def test_regions_of_another_partition_are_a_gap_where_others_are_planned_and_a_mistake_where_none_is() -> None:
    china = Account("2", {"x": "cn-north-1"}, partition="aws-cn")
    made = plan("shards: [{name: a}, {name: b, profile: x, regions: [us-east-1]}]", {"": MAIN, "x": china})
    assert [shard.name for shard in made.shards] == ["a"]
    assert made.problems[0].where == "2"
    with pytest.raises(UserError, match="us-east-1: not a region of its partition, aws-cn"):
        plan(accounts={"": china}, regions=("us-east-1",))


def test_regions_of_another_partition_say_where_to_sign_in() -> None:
    gov = Account("3", {"x": "us-gov-west-1"}, partition="aws-us-gov")
    made = plan(accounts={"": gov}, regions=("us-gov-west-1",))
    assert made.accesses == (Access(region="us-gov-west-1"),)
    assert [unit.partition for unit in made.units] == ["aws-us-gov"]


# when, and how deep


@pytest.mark.parametrize(
    ("days", "window"),
    [
        (None, Window(date(2026, 10, 23), 31)),
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
    assert (plan().listing, plan().selection.history_days) == (ListingRule("auto", 1000, None), 30)
    assert (plan(text).listing, plan(text).selection.history_days) == (ListingRule("all", 7, 9), 90)
    made = plan(text, history_days=0, last_modified="off")
    assert (made.listing, made.selection.history_days) == (ListingRule("off", 7, 9), 0)


def test_quotas_that_the_file_does_not_name_are_awss() -> None:
    assert plan().quotas == plan("shards: [{name: a}]").quotas == Quotas(25, 50, 396_000)
    assert plan("quotas: {get_metric_data: 10}\nshards: [{name: a}]").quotas == Quotas(25, 10, 396_000)
    assert plan("defaults: {quotas: {list_metrics: 0.5}}\nshards: [{name: a}]").quotas == Quotas(0.5, 50, 396_000)


def test_the_plan_says_what_was_chosen_and_what_was_asked() -> None:
    made = plan(storage_types=("standardstorage",), buckets=("raw",), shards="shards.yaml", max_shards=3)
    assert made.selection.storage_types == ("StandardStorage",)
    assert (made.selection.buckets, made.selection.shards, made.selection.max_shards) == (("raw",), "shards.yaml", 3)
    assert made.calls.requests["identity"] == 1


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = plan(split_by="storage-type", buckets=("raw",))
    write(made, tmp_path)
    assert read(tmp_path / "plan.json")[0] == made
    assert (tmp_path / "shards.tsv").read_text() == "s3-glacierstorage\t\t\t60\ns3-rest\t\t\t60\n"


# invariants

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
    """How many units ask the byte series of this type and bucket."""
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
def test_however_it_is_split_every_series_is_asked_once_and_every_bucket_has_a_rest_unit(
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
