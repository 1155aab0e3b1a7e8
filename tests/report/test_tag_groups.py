"""Buckets by tag and by encryption: every bucket once, exact sums, and hostile values literally."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import BucketConfig, Encryption
from s3_monitor.model.plan import ReportRule
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from s3_monitor.report.tag_groups import EMPTY, MOST_KEYS, NO_TAG, UNKNOWN, label_of, tag_keys
from tests.merge import fixtures
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, unit
from tests.report.builder import bucket

KMS = Encryption("aws:kms", "k")
A = "a"


def tagged(tags: dict[str, str] | None, encryption: Encryption | None = KMS) -> BucketConfig:
    return BucketConfig(encryption=encryption, tags=tags)


def reported(truths: list[Truth], keys: tuple[str, ...] | None = None, details: bool = True) -> Summary:
    made = plan([unit(), unit("west", region="eu-west-1")], details=details)
    made = msgspec.structs.replace(made, report=ReportRule(group_by_tags=keys))
    _, summary = buckets_and_summary(
        merge(made, fixtures.digest(made), [part(made, "s0", truths)]), bundled_prices(), fixtures.AS_OF
    )
    return summary


def stored(name: str, gib: int, details: BucketConfig | None, region: str = fixtures.REGION) -> Truth:
    return Truth(name, {"StandardStorage": {LAST: float(gib * GIB)}}, {LAST: 10}, details=details, region=region)


TRUTHS = [
    stored("one", 100, tagged({"team": A, "owner": "x"})),
    stored("two", 60_000, tagged({"team": A}, Encryption("AES256"))),
    stored("three", 7, tagged({"team": "b"})),
    stored("four", 1, tagged({})),
    stored("five", 2, tagged(None, None)),
    stored("six", 3, None),
    stored("seven", 5, tagged({"team": A}), "eu-west-1"),
]


def test_every_bucket_is_in_one_group_of_a_tag() -> None:
    summary = reported(TRUTHS)
    assert isinstance(summary.by_tag, dict)
    assert summary.by_tag.keys() == {"team"}  # two buckets share no owner
    groups = summary.by_tag["team"]
    assert {name: group.buckets for name, group in groups.items()} == {A: 3, "b": 1, NO_TAG: 1, UNKNOWN: 2}
    assert groups[A].size == 60_105 * GIB
    assert sum(group.size or 0 for group in groups.values()) == summary.totals.size
    assert sum(group.objects or 0 for group in groups.values()) == summary.totals.objects


def test_a_group_costs_what_its_buckets_cost_at_the_tiers_that_all_fill_together() -> None:
    summary = reported(TRUTHS)
    held = 100 + 60_000 + 7 + 1 + 2 + 3
    pool = Decimal("0.023") * 51_200 + Decimal("0.022") * (held - 51_200)
    expected = pool * 60_100 / held + Decimal("0.023") * 5  # eu-west-1 is a pool of its own
    assert isinstance(summary.by_tag, dict)
    assert summary.by_tag["team"][A].cost == pytest.approx(float(expected), abs=2e-6)


def test_unknown_encryption_is_a_separate_group() -> None:
    summary = reported(TRUTHS)
    assert isinstance(summary.by_encryption, dict)
    assert {name: group.buckets for name, group in summary.by_encryption.items()} == {
        "AES256": 1, "aws:kms": 4, UNKNOWN: 2,
    }  # fmt: skip


def test_without_details_there_are_no_groups_of_labels() -> None:
    summary = reported(TRUTHS, details=False)
    assert (summary.by_tag, summary.by_encryption) == (UNSET, UNSET)


def test_chosen_keys_are_groups_even_if_no_bucket_has_them() -> None:
    summary = reported(TRUTHS, ("nobody-has-this", "owner"))
    assert isinstance(summary.by_tag, dict)
    assert {key: set(groups) for key, groups in summary.by_tag.items()} == {
        "nobody-has-this": {NO_TAG, UNKNOWN}, "owner": {"x", NO_TAG, UNKNOWN},
    }  # fmt: skip


def found(*tags: dict[str, str]) -> list[Bucket]:
    return [bucket(f"b{number}", details=tagged(each)) for number, each in enumerate(tags)]


@pytest.mark.parametrize(
    ("tags", "keys"),
    [
        ([], []),
        ([{"a": "1"}, {"a": "2"}], []),  # as good as a name: no two share a value
        ([{"a": "1"}, {"a": "1"}], ["a"]),
        ([{"aws:stack": "1"}, {"aws:stack": "1"}], []),
        ([{f"k{n:02d}": "x" for n in range(20)}] * 2 + [{"k19": "y"}], [f"k{n:02d}" for n in range(9)] + ["k19"]),
    ],
)
def test_without_a_choice_keys_with_shared_values_are_groups(tags: list[dict[str, str]], keys: list[str]) -> None:
    assert tag_keys(found(*tags), None) == keys
    assert len(keys) <= MOST_KEYS


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ({"t": "v"}, "v"),
        ({"t": ""}, EMPTY),
        ({}, NO_TAG),
        (None, UNKNOWN),
        ({"t": NO_TAG}, f"“{NO_TAG}”"),
        ({"t": UNKNOWN}, f"“{UNKNOWN}”"),
        ({"t": "<script>"}, "<script>"),
    ],
)
def test_a_bucket_has_a_label_for_each_value_of_a_tag(tags: dict[str, str] | None, label: str) -> None:
    assert label_of("tag:t")(bucket(details=tagged(tags))) == label


@pytest.mark.parametrize("details", [UNSET, None, BucketConfig()])
def test_a_bucket_without_configuration_is_unknown(details: object) -> None:
    assert label_of("tag:t")(bucket(details=details)) == UNKNOWN
    assert label_of("encryption")(bucket(details=details)) == UNKNOWN
