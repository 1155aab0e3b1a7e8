"""Notes on missing prices, upper bounds and old prices."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from s3_monitor.model.problem import Problem
from s3_monitor.money.list_pricing import Usage, rates_for
from s3_monitor.money.price_book import PriceBook, bundled_prices
from s3_monitor.money.price_notes import oldest_price, price_notes
from s3_monitor.money.storage_types import storage_types
from tests.money.lists import bulk, complete, read

GIB, TIB = 2**30, 2**40
ONE, OTHER = "111122223333", "444455556666"
FAMILIES = {ONE: "us", OTHER: "us"}
BUNDLED, TYPES = bundled_prices(), storage_types()
NEW = read(bulk(*complete("us-east-1"))).price_book


def notes(usage: Usage, price_book: PriceBook = BUNDLED, today: date = BUNDLED.published) -> list[Problem]:
    return price_notes(usage, rates_for(usage, FAMILIES, price_book), FAMILIES, price_book, today)


def said(usage: Usage) -> set[tuple[str, str, str]]:
    return {(note.place, note.code, note.message) for note in notes(usage)}


def test_bytes_without_a_price_are_noted_once_with_the_reason() -> None:
    usage = {
        (ONE, "us-east-1"): {"TomorrowsStorage": GIB, "StandardStorage": GIB},
        (OTHER, "us-east-1"): {"TomorrowsStorage": GIB, "YesterdaysStorage": 0},
        (ONE, "cn-north-1"): {"StandardStorage": GIB},
        (ONE, "eu-west-1"): {"ExpressOneZoneStorage": GIB},
        (ONE, "ap-east-2"): {"StandardStorage": 51 * TIB, "GlacierStagingStorage": 1},
    }
    assert said(usage) == {
        ("us-east-1/TomorrowsStorage", "storage-type-unknown", "No price: unknown storage type"),
        (
            "cn-north-1/StandardStorage",
            "region-not-in-price-list",
            "No price: the price list of 2024-09-25 does not have this region",
        ),
        (
            "eu-west-1/ExpressOneZoneStorage",
            "price-not-listed",
            "No price: the price list of 2024-09-25 does not have this storage type in this region",
        ),
        (
            "ap-east-2/StandardStorage",
            "price-bands-not-listed-bounded",
            "No price: the price list has only the first 51,200 GB of the pool; "
            "more costs at most 0.0225 USD per GB-month",
        ),
        (
            "ap-east-2/GlacierStagingStorage",
            "last-price-band-not-listed",
            "No price: only the price of the last volume tier of its pool applies, which is not in the price list",
        ),
    }


@pytest.mark.parametrize(("size", "is_noted"), [(0, False), (512 * GIB, False), (512 * GIB + 1, True)])
def test_a_pool_beyond_the_first_band_is_noted_as_an_upper_bound(size: int, is_noted: bool) -> None:
    """The accounts of one bill share the pool: 1,024 GB of Reduced Redundancy are the first tier."""
    usage = {
        (ONE, "eu-west-1"): {"ReducedRedundancyStorage": 512 * GIB},
        (OTHER, "eu-west-1"): {"ReducedRedundancyStorage": size},
    }
    message = (
        "The cost of pool ReducedRedundancyStorage is an upper bound: only the price of the first 1,024 GB is known"
    )
    assert said(usage) == ({("eu-west-1", "cost-upper-bound", message)} if is_noted else set())


@pytest.mark.parametrize(("days", "is_noted"), [(0, False), (365, False), (366, True), (788, True)])
def test_prices_older_than_a_year_are_noted(days: int, is_noted: bool) -> None:
    usage = {(ONE, "us-east-1"): {"StandardStorage": GIB}}
    found = notes(usage, today=BUNDLED.published + timedelta(days=days))
    assert [note.code for note in found] == ["prices-old"] * is_noted


def test_the_oldest_price_in_use_decides_and_its_regions_are_named() -> None:
    price_book = msgspec.structs.replace(
        NEW,
        regions={**BUNDLED.regions, **NEW.regions},
        sources={**BUNDLED.sources, **NEW.sources},
    )
    both = {(ONE, "us-east-1"): {"StandardStorage": GIB}, (ONE, "eu-west-1"): {"StandardStorage": GIB}}
    assert oldest_price(both, price_book) == date(2024, 9, 25)
    (note,) = notes(both, price_book, NEW.published)
    assert note.code == "region-prices-old"
    assert note.message.startswith("The oldest prices in use (eu-west-1) are of 2024-09-25, 671 days before the data")
    of_new = {(ONE, "us-east-1"): {"StandardStorage": GIB}, (ONE, "eu-west-1"): {"StandardStorage": 0}}
    assert oldest_price(of_new, price_book) == NEW.published
    assert notes(of_new, price_book, NEW.published) == []
    assert oldest_price({}, price_book) == price_book.published
