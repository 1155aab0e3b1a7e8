"""The conditions on which an imported price book replaces the current price book."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from s3_monitor.money.price_book import PriceBook, Tier, bundled_prices
from s3_monitor.money.price_changes import (
    PriceChange,
    compare_prices,
    describe_move,
    format_tiers,
    keep_other_regions,
    largest_move,
    missing_prices,
    newer_versions,
    services_of,
    validation_errors,
)
from s3_monitor.money.price_list import PriceListVersion, parse_date
from tests.money.lists import Sold, bulk, complete, egress, flat, read

OLD = read(bulk(*complete("us-east-1"), *complete("eu-west-1"))).price_book


def price_book(*sold: Sold, version: str = "20260728131000") -> PriceBook:
    return read(bulk(*sold, version=version)).price_book


def tiers(*pairs: tuple[str | None, str]) -> tuple[Tier, ...]:
    return tuple(Tier(None if upto is None else Decimal(upto), Decimal(price)) for upto, price in pairs)


def test_the_same_prices_are_accepted() -> None:
    assert validation_errors(OLD, OLD, ["us-east-1", "eu-west-1"]) == []
    assert compare_prices(OLD, OLD) == []


@pytest.mark.parametrize("place", range(len(complete("us-east-1"))))
def test_each_missing_pool_is_named(place: int) -> None:
    whole = complete("us-east-1")
    without = price_book(*whole[:place], *whole[place + 1 :])
    found = list(missing_prices(OLD, without, ["us-east-1"]))
    assert len(found) == (1 if "TimedStorage" in whole[place].usage else 0)


def test_express_one_zone_is_required_only_where_aws_sells_it() -> None:
    before = price_book(*complete("us-west-2", express=False))
    assert list(missing_prices(before, before, ["us-west-2"])) == []
    charged = price_book(*complete("us-west-2", express=False), complete("us-west-2")[-1])
    assert list(missing_prices(before, charged, ["us-west-2"])) == [("us-west-2", "ExpressOneZoneStorage")]
    had_it = price_book(*complete("us-west-2"))
    assert list(missing_prices(had_it, before, ["us-west-2"])) == [("us-west-2", "ExpressOneZoneStorage")]


def test_a_missing_requested_region_lacks_every_pool() -> None:
    only = price_book(*complete("us-east-1"))
    assert len(list(missing_prices(OLD, only, ["us-east-1", "eu-west-1"]))) == 13
    assert validation_errors(OLD, only, ["us-east-1"]) == []


@pytest.mark.parametrize(
    ("factor", "accepted"),
    [("1.2", True), ("1.200001", False), ("0.8", True), ("0.799999", False), ("1.05", True), ("0.5", False)],
)
def test_a_price_may_move_by_at_most_20_percent(factor: str, accepted: bool) -> None:
    moved = price_book(*complete("us-east-1", factor))
    assert (validation_errors(OLD, moved, ["us-east-1"]) == []) == accepted


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (tiers((None, "1")), tiers((None, "1.1")), "0.1"),
        (tiers(("10", "1"), (None, "0.5")), tiers(("10", "1"), (None, "0.6")), "0.2"),
        (tiers(("10", "1"), (None, "0.5")), tiers(("20", "1"), (None, "0.5")), "1"),  # a tier that begins later
        (tiers((None, "1")), tiers(("10", "1"), (None, "0.7")), "-0.3"),  # a tier more
        (tiers((None, "1")), tiers((None, "1.0")), "0"),
        (tiers((None, "0")), tiers((None, "0.1")), "Infinity"),
        (tiers((None, "0")), tiers((None, "0")), "0"),
        (tiers((None, "1")), tiers((None, "0")), "-1"),
        (tiers(("10", "1")), tiers(("5", "1.1"), (None, "9")), "8"),
        # A free allowance is compared with nothing, a price that becomes free is.
        (tiers((None, "1")), tiers(("1", "0"), (None, "1")), "0"),
        (tiers(("1", "0"), (None, "1")), tiers((None, "1.1")), "0.1"),
        (tiers(("1", "0"), (None, "1")), tiers(("1", "0"), (None, "0")), "-1"),
        (tiers(("1", "0"), ("10", "1")), tiers(("100", "0"), (None, "1.5")), None),
        # A list that ends in its free tiers has no allowance, and amounts below 1 are compared too.
        (tiers(("0.5", "0")), tiers(("0.5", "1"), (None, "2")), "Infinity"),
        (tiers(("0.5", "1"), (None, "1")), tiers(("0.5", "2"), (None, "1")), "1"),
    ],
)
def test_the_move_is_that_of_the_tier_that_moved_most(
    before: tuple[Tier, ...], after: tuple[Tier, ...], move: str | None
) -> None:
    assert largest_move(before, after) == (None if move is None else Decimal(move))


def test_charges_may_be_new_but_may_not_move_by_more_than_20_percent() -> None:
    dearer = [replace(one, prices=flat("0.00001")) if one.usage == "Requests-Tier1" else one for one in complete()]
    assert validation_errors(OLD, price_book(*dearer), ["us-east-1"]) == [
        "us-east-1: Requests-Tier1: 100.0% more expensive: 0.000005 → 0.00001"
    ]
    assert validation_errors(OLD, price_book(*complete(), egress(flat("0.09"))), ["us-east-1"]) == []


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (None, "1", "new"),
        ("1", None, "removed"),
        ("0", "1", "no longer free"),
        ("1", "1", "no change where both have a price"),
        ("0.02", "0.025", "25.0% more expensive"),
        ("0.025", "0.02", "20.0% cheaper"),
    ],
)
def test_a_move_is_described_in_percent_or_by_how_the_price_changed(
    before: str | None, after: str | None, move: str
) -> None:
    old, new = (None if price is None else tiers((None, price)) for price in (before, after))
    change = PriceChange("us-east-1", "StandardStorage", old, new, largest_move(old, new) if old and new else None)
    assert describe_move(change) == move


YUAN = price_book(*(replace(one, currency="CNY") for one in complete()))


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([], ""),
        ([(None, "0.0000004")], "0.0000004"),
        ([("51200", "0.023")], "0.023 to 51200"),
        ([("51200", "0.023"), ("512000", "0.022"), (None, "0.021")], "0.023 to 51200, 0.022 to 512000, then 0.021"),
    ],
)
def test_tiers_are_written_with_their_limits(pairs: list[tuple[str | None, str]], text: str) -> None:
    assert format_tiers(tiers(*pairs)) == text


def test_another_currency_is_an_error() -> None:
    assert validation_errors(OLD, YUAN, ["us-east-1"]) == ["currency must be that of the prices in use, USD, got CNY"]


def test_regions_that_were_not_requested_are_kept_with_their_sources() -> None:
    new = price_book(*complete("us-east-1", "1.1"), version="20261001000000")
    both = keep_other_regions(OLD, new, ["us-east-1"])
    assert both.regions["us-east-1"] == new.regions["us-east-1"]
    assert both.regions["eu-west-1"] == OLD.regions["eu-west-1"]
    assert both.charges == {"us-east-1": new.charges["us-east-1"], "eu-west-1": OLD.charges["eu-west-1"]}
    assert keep_other_regions(OLD, YUAN, ["us-east-1"]) is YUAN
    used = {price.source for pools in both.regions.values() for price in pools.values()}
    assert used <= set(both.sources)


@pytest.mark.parametrize(
    ("service", "version", "is_newer"),
    [
        ("AmazonS3", "20260728131000", False),
        ("AmazonS3", "20260728131001", True),
        ("AmazonS3", "20260601000000", False),
        ("AmazonS3", "", False),  # only the day is known, and it is the same
        ("", "20261001000000", True),
    ],
)
def test_versions_decide_which_list_is_newer(service: str, version: str, is_newer: bool) -> None:
    published = parse_date(version or "20260728")
    assert published is not None
    issue = PriceListVersion(service, version, published)
    assert newer_versions(price_book(*complete()), [issue]) == ([issue] if is_newer else [])


def test_prices_without_a_list_have_the_date_of_the_price_book() -> None:
    day_itself = PriceListVersion("AmazonS3", "20240925120000", bundled_prices().published)
    later = PriceListVersion("AmazonS3", "20240926000000", bundled_prices().published)
    assert newer_versions(bundled_prices(), [day_itself, later]) == [later]
    assert services_of(bundled_prices()) == ["AmazonS3", "AmazonS3GlacierDeepArchive"]
    assert "AWSDataTransfer" in services_of(
        read(bulk(*complete()), bulk(egress(flat("1")), offer="AWSDataTransfer")).price_book
    )


def test_partly_refreshed_prices_are_as_old_as_their_oldest_list() -> None:
    new = price_book(*complete("us-east-1"), version="20261001000000")
    both = keep_other_regions(bundled_prices(), new, ["us-east-1"])
    issue = PriceListVersion("AmazonS3", "20261001000000", new.published)
    assert newer_versions(both, [issue]) == [issue]
    assert newer_versions(new, [issue]) == []


def test_prices_of_several_lists_are_as_old_as_the_oldest() -> None:
    new = price_book(*complete("us-east-1"), version="20261001000000")
    issue = PriceListVersion("AmazonS3", "20261001000000", new.published)
    assert newer_versions(new, [issue]) == []
    assert newer_versions(keep_other_regions(OLD, new, ["us-east-1"]), [issue]) == [issue]
