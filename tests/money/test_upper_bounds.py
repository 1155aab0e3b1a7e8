"""The storage types whose cost is an upper bound."""

from __future__ import annotations

from s3_monitor.money.list_pricing import upper_bounds
from s3_monitor.money.price_book import bundled_prices

ONE, OTHER, SEPARATE = "111122223333", "444455556666", "777788889999"
FAMILIES = {ONE: "aws", OTHER: "aws", SEPARATE: "/separate"}
GB, RRS, STANDARD = 2**30, "ReducedRedundancyStorage", "StandardStorage"  # the first 1,024 GB of RRS have a known price


def test_only_types_with_bytes_in_an_exceeded_pool_are_upper_bounds() -> None:
    usage = {
        (ONE, "eu-west-1"): {RRS: 1000 * GB, STANDARD: 9000 * GB, "TomorrowsStorage": GB},
        (OTHER, "eu-west-1"): {RRS: 25 * GB},  # the same pool
        (ONE, "us-east-1"): {RRS: 1024 * GB},
        (SEPARATE, "eu-west-1"): {RRS: 1000 * GB},
        (OTHER, "us-east-1"): {RRS: 0, STANDARD: GB},
    }
    expected = {(ONE, "eu-west-1"): {RRS}, (OTHER, "eu-west-1"): {RRS}}
    assert upper_bounds(usage, FAMILIES, bundled_prices()) == expected


def test_pools_with_all_tiers_do_not_hide_the_others() -> None:
    sizes = {STANDARD: GB, RRS: 2000 * GB, "StandardIAStorage": GB}
    for names in (sizes, reversed(sizes)):
        usage = {(ONE, "eu-west-1"): {name: sizes[name] for name in names}}
        assert upper_bounds(usage, FAMILIES, bundled_prices()) == {(ONE, "eu-west-1"): {RRS}}


def test_a_pool_up_to_the_known_band_is_exact() -> None:
    usage = {(ONE, "eu-west-1"): {RRS: 1024 * GB}}
    assert upper_bounds(usage, FAMILIES, bundled_prices()) == {}
