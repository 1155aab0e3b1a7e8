"""The options of the command line: their limits, their order, and what they select."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import KeyPattern, Selection
from s3_monitor.plan.options import PlanOptions, Settings, buckets_of, checked, keys_of
from tests.plan.company import NOW

REGIONS = ["us-east-1", "eu-west-1"]
KEYS = ("s3://logs/2026/*",)


def check(**fields: Any) -> PlanOptions:
    return checked(PlanOptions(**fields), REGIONS, NOW)


def test_selections_are_sorted_without_duplicates_and_types_are_spelled_as_in_cloudwatch() -> None:
    found = check(
        regions=("us-east-1", "eu-west-1", "us-east-1"),
        buckets=("b", "a", "b"),
        storage_types=("standardSTORAGE", "glacierstorage", "StandardStorage"),
    )
    assert found.regions == ("eu-west-1", "us-east-1")
    assert found.buckets == ("a", "b")
    assert found.storage_types == ("GlacierStorage", "StandardStorage")


@pytest.mark.parametrize(
    ("fields", "objects"),
    [
        ({}, None),
        ({"buckets": ("logs",)}, None),
        ({"buckets": ("s3://logs/",)}, None),
        ({"buckets": ("s3://logs/*",)}, None),
        ({"buckets": KEYS}, "listing"),
        ({"buckets": ("logs",), "regex": "a"}, "listing"),
        ({"buckets": KEYS, "objects": "inventory"}, "inventory"),
        ({"regex": "a", "objects": "inventory"}, "inventory"),
        ({"objects": "off"}, "off"),
    ],
)
def test_selected_keys_are_listed_unless_another_source_is_chosen(fields: dict[str, Any], objects: str | None) -> None:
    assert check(**fields).objects == objects


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"regex": "a"}, "--regex lists every object of every bucket"),
        ({"regex": "a", "buckets": ("logs",), "objects": "off"}, "--objects off cannot be combined"),
        ({"buckets": KEYS, "objects": "off"}, "--objects off cannot be combined"),
        ({"regex": "(", "buckets": ("logs",)}, "regex"),
        ({"buckets": ("s3://UPPER_@/a",)}, "not a bucket"),
    ],
)
def test_a_selection_of_keys_that_cannot_be_read_is_rejected(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check(**fields)


@pytest.mark.parametrize(
    ("buckets", "keys"),
    [
        ((), ()),
        (("logs", "raw-*"), ()),
        (("s3://logs", "s3://raw/", "s3://other/*", "s3://more/**"), ()),
        (("s3://logs/a*", "raw"), (KeyPattern("logs", "a*"), KeyPattern("raw", ""))),
        (("s3://logs/a", "s3://raw/"), (KeyPattern("logs", "a"), KeyPattern("raw", ""))),
    ],
)
def test_keys_are_selected_if_any_pattern_restricts_them(
    buckets: tuple[str, ...], keys: tuple[KeyPattern, ...]
) -> None:
    assert keys_of(PlanOptions(buckets=buckets)) == keys


def test_patterns_of_buckets_are_sorted_and_without_keys() -> None:
    assert buckets_of(PlanOptions(buckets=("s3://logs/b", "raw", "s3://logs/a", "s3://all-*"))) == (
        "all-*",
        "logs",
        "raw",
    )


@pytest.mark.parametrize("field", ["profile", "regions", "buckets", "storage_types", "regex"])
def test_a_text_may_have_1500_characters(field: str) -> None:
    def fields(length: int) -> dict[str, Any]:
        text = "x" * length
        return {field: text if field in ("profile", "regex") else (text,)}

    def message(length: int) -> str:
        with pytest.raises(UserError) as caught:
            check(**fields(length), as_of=NOW + timedelta(days=1))
        return str(caught.value)

    assert "1,500 characters" not in message(1500).partition(", got")[0]
    assert message(1501).endswith("must have at most 1,500 characters, got 1,501")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime(2026, 11, 20, 3), datetime(2026, 11, 20, 3, tzinfo=UTC)),
        (datetime(2026, 11, 20, 3, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 11, 20, 1, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_utc(given: datetime | None, expected: datetime | None) -> None:
    found = check(as_of=given).as_of
    assert found == expected
    assert found is None or found.tzinfo is UTC


SETTINGS: dict[str, Any] = {
    "history_days": 7,
    "last_modified": "all",
    "objects": "auto",
    "versions": True,
    "details": True,
    "requests": True,
    "costs": "billed",
}
GIVEN: dict[str, Any] = {
    "history_days": 0,
    "last_modified": "off",
    "objects": "off",
    "versions": False,
    "details": False,
    "requests": False,
    "costs": "list",
}


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_each_option_that_is_given_replaces_that_of_the_file(name: str) -> None:
    file = Settings(**SETTINGS)
    found = PlanOptions(profile="p", **{name: GIVEN[name]}).over(file)
    assert found == PlanOptions(profile="p", **{**SETTINGS, name: GIVEN[name]})


def test_the_selection_has_the_options_that_are_given_and_the_defaults_of_the_others() -> None:
    assert PlanOptions().selection() == Selection()
    fields: Sequence[str] = [name for name in Selection.__struct_fields__ if name in PlanOptions.__struct_fields__]
    assert set(fields) == set(Selection.__struct_fields__)
    found = PlanOptions(profile="p", history_days=0, versions=True, max_shards=3, shards="s.yaml").selection()
    assert found == replace(Selection(), profile="p", history_days=0, versions=True, max_shards=3, shards="s.yaml")
