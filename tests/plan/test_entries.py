"""What the entries of shards.yaml become, and how the command line narrows them."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access, shards_tsv
from s3_monitor.plan.bucket_patterns import NO_BUCKET
from tests.plan.canned_discovery import Account
from tests.plan.company import ENTRIES, ROLE, TWO, plan, units


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


def test_a_profile_on_the_command_line_replaces_the_default_profile() -> None:
    assert plan(ENTRIES, TWO, profile="other").accesses == (Access(profile="other"),)


def test_split_by_on_the_command_line_counts_for_all() -> None:
    made = plan(ENTRIES, TWO, split_by="region")
    assert [shard.name for shard in made.shards] == ["archive-eu-west-2", "dev-eu-west-1", "dev-us-east-1"]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"profile": "absent"}, "-p absent: no shard of shards.yaml uses this profile"),
        ({"regions": ("us-est-1",)}, "-r us-est-1: no such region"),
        ({"storage_types": ("StandardStorag",)}, "-s StandardStorag: no such storage type"),
        ({"buckets": ("absent",)}, "-b absent: no such bucket"),
        ({"buckets": ("arn:aws:s3:::raw",)}, "-b 'arn:aws:s3:::raw': not a bucket"),
        ({"buckets": ("",)}, "-b '': not a bucket"),
        ({"profile": "a\udcff"}, "-p must be UTF-8 text, got 'a\\udcff'"),
        ({"regions": ("\ud800",)}, "-r must be UTF-8 text"),
        ({"buckets": ("s3://logs/\udcff",)}, "-b must be UTF-8 text"),
        ({"storage_types": ("\udcff",)}, "-s must be UTF-8 text"),
        ({"regex": "\udcff"}, "--regex must be UTF-8 text"),
        ({"profile": "x" * 10**6}, "-p must have at most 1,500 characters, got 1,000,000"),
    ],
)
def test_impossible_selections_are_wrong_usage(choices: dict[str, Any], message: str) -> None:
    text = "shards: [{name: archive, profile: archive}]"
    with pytest.raises(UserError) as caught:
        plan(text, **choices)
    assert message in str(caught.value)


def test_entries_without_an_intersection_are_wrong_usage() -> None:
    with pytest.raises(UserError, match="-r us-east-1: no shard of the shards file includes it"):
        plan("shards: [{name: a, regions: [eu-west-1]}]", regions=("us-east-1",))


def test_mistyped_names_get_the_nearest_names() -> None:
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


def test_globs_without_a_match_give_a_plan_without_requests() -> None:
    made = plan('shards: [{name: a, buckets: ["logs-*"]}, {name: b, profile: archive}]', buckets=("*-zzz",))
    assert [(unit.region, unit.buckets) for unit in made.units] == [("us-east-1", (NO_BUCKET,))]


def test_two_families_that_meet_in_a_name_are_refused() -> None:
    types = {"us-east-1": {"HolographicStorage"}}
    with pytest.raises(
        UserError, match="two shards would be named a-holographicstorage, of a and a-holographicstorage"
    ):
        plan(
            "shards: [{name: a, split_by: storage-type}, {name: a-holographicstorage}]",
            {"": Account("1", {"x": "us-east-1"}, types)},
        )
