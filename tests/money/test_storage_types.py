"""The table of storage types is consistent in itself and with the price list."""

from __future__ import annotations

import pytest

from s3_monitor.money.price_book import bundled_prices
from s3_monitor.money.storage_types import (
    LAST_TIER,
    StorageType,
    allocate_to_types,
    overhead_types,
    pools,
    storage_classes,
    storage_types,
    types_of_class,
    usage_types,
)
from s3_monitor.money.usage_types import recognize, requests_of

TYPES, CLASSES = storage_types(), storage_classes()
PRICES = bundled_prices()
each_type = pytest.mark.parametrize("type_", TYPES.values(), ids=lambda type_: type_.name)
each_class = pytest.mark.parametrize("name", CLASSES)


@each_type
def test_a_pool_is_a_type_with_a_price_in_some_region(type_: StorageType) -> None:
    pool = type_.pool.removesuffix(LAST_TIER)
    assert TYPES[pool].pool == pool
    assert any(pool in prices for prices in PRICES.regions.values())


@each_type
def test_a_type_has_a_class_a_title_and_a_usage_type_that_price_lists_have(type_: StorageType) -> None:
    assert type_.storage_class in CLASSES
    assert type_.title
    assert type_.meaning
    pool = TYPES[type_.pool.removesuffix(LAST_TIER)]
    assert recognize("AmazonS3", usage_types()[pool.name]) == ("", pool.usage_type, None)


@each_type
def test_only_types_that_contain_objects_hold_a_class_and_overheads_are_named_so(type_: StorageType) -> None:
    assert bool(type_.holds) == (type_.contains == "objects")
    assert all(name.partition(":")[0] == type_.storage_class for name in type_.holds)
    assert (type_.name in overhead_types()) == type_.name.endswith("Overhead")
    assert (type_.contains == "uploads") == type_.name.endswith("StagingStorage")


@each_type
def test_other_types_that_a_row_names_are_in_the_table(type_: StorageType) -> None:
    assert type_.counted_by is None or TYPES[type_.counted_by].contains == "overhead"
    assert type_.renamed_to is None or TYPES[type_.renamed_to].usage_type == type_.usage_type


def test_titles_are_distinct() -> None:
    for titles in ([type_.title for type_ in TYPES.values()], [class_.title for class_ in CLASSES.values()]):
        assert len(set(titles)) == len(titles)


def test_archived_objects_are_counted_by_their_indexes() -> None:
    assert {name: type_.counted_by for name, type_ in TYPES.items() if type_.counted_by} == {
        "GlacierStorage": "GlacierObjectOverhead",
        "DeepArchiveStorage": "DeepArchiveObjectOverhead",
        "IntelligentTieringAAStorage": "IntAAObjectOverhead",
        "IntelligentTieringDAAStorage": "IntDAAObjectOverhead",
    }


def test_every_color_is_used_once() -> None:
    colors = [class_.colors for class_ in CLASSES.values() if class_.colors is not None]
    for theme in zip(*colors, strict=True):
        assert len(set(theme)) == len(colors)


@each_class
def test_a_class_has_a_type_and_prices_of_requests(name: str) -> None:
    assert types_of_class(name)
    prices = requests_of(name)
    assert prices.put
    assert prices.get


@pytest.mark.parametrize(
    ("storage_class", "types"),
    [
        ("GLACIER", ("GlacierStorage",)),
        ("INTELLIGENT_TIERING:FREQUENT", ("IntelligentTieringFAStorage",)),
        ("INTELLIGENT_TIERING:UNHEARD", types_of_class("INTELLIGENT_TIERING")),
        ("SNOW", ()),
    ],
)
def test_the_types_of_a_class_depend_on_its_access_tier(storage_class: str, types: tuple[str, ...]) -> None:
    assert types_of_class(storage_class) == types
    assert len(types_of_class("INTELLIGENT_TIERING")) == 5


@pytest.mark.parametrize(
    ("name", "days", "size"),
    [
        ("STANDARD", 0, 0),
        ("INTELLIGENT_TIERING", 0, 0),
        ("STANDARD_IA", 30, 128 * 1024),
        ("ONEZONE_IA", 30, 128 * 1024),
        ("GLACIER_IR", 90, 128 * 1024),
        ("GLACIER", 90, 0),
        ("DEEP_ARCHIVE", 180, 0),
    ],
)
def test_a_class_has_the_minimum_duration_and_size_that_aws_documents(name: str, days: int, size: int) -> None:
    assert (CLASSES[name].minimum_days, CLASSES[name].minimum_size) == (days, size)


FA, IA = "IntelligentTieringFAStorage", "IntelligentTieringIAStorage"


@pytest.mark.parametrize(
    ("sizes", "lines", "allocated"),
    [
        ({}, {FA: 1.0}, {}),
        ({"STANDARD": 7}, {}, {"StandardStorage": 7}),
        ({"STANDARD": 7}, {"StandardStorage": 3.0, "GlacierStorage": 9.0}, {"StandardStorage": 7}),
        ({"SNOW": 7}, {"StandardStorage": 3.0}, {"SNOW": 7}),
        ({"INTELLIGENT_TIERING": 7}, {}, {FA: 7}),
        ({"INTELLIGENT_TIERING": 7}, {"StandardStorage": 3.0}, {FA: 7}),
        ({"INTELLIGENT_TIERING": 7}, {IA: 0.5}, {FA: 7}),
        ({"INTELLIGENT_TIERING": 9}, {IA: 4.0, FA: 2.0}, {FA: 3, IA: 6}),
        ({"INTELLIGENT_TIERING": 10}, {IA: 1.0, FA: 1.0}, {FA: 5, IA: 5}),
        ({"INTELLIGENT_TIERING": 7}, {IA: 5.0}, {IA: 7}),
        ({"INTELLIGENT_TIERING": 1}, {IA: 2.0, FA: 1.0}, {FA: 0, IA: 1}),
        ({"INTELLIGENT_TIERING:FREQUENT": 3, "INTELLIGENT_TIERING": 9}, {IA: 4.0, FA: 2.0}, {FA: 6, IA: 6}),
    ],
)
def test_bytes_of_a_class_are_allocated_to_its_types_in_proportion_to_those_of_the_bucket(
    sizes: dict[str, int], lines: dict[str, float], allocated: dict[str, int]
) -> None:
    found = allocate_to_types(sizes, lines)
    assert found == allocated
    assert list(found) == sorted(found)


def test_a_usage_type_that_is_not_published_is_that_of_the_pool() -> None:
    assert usage_types()["IntAAObjectOverhead"] == TYPES["GlacierStorage"].usage_type
    assert usage_types().keys() == TYPES.keys()
    assert all(
        pools()[str(type_.usage_type)].name == type_.pool for type_ in TYPES.values() if type_.pool == type_.name
    )
