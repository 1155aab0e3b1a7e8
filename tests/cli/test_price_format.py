"""The texts of `s3-monitor prices`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from s3_monitor.cli.price_format import align_columns, format_changes, format_losses, format_prices, format_skipped
from s3_monitor.money.price_book import Charge, PoolPrice, PriceBook, Source, Tier
from s3_monitor.money.price_changes import PriceChange
from s3_monitor.money.skip_reasons import SkippedEntries, SkipReason


def test_every_skip_reason_has_its_own_text() -> None:
    assert len({reason.text for reason in SkipReason}) == len(SkipReason)


def test_losses_are_counted_by_reason_and_exclude_entries_that_are_never_used() -> None:
    skips = SkippedEntries()
    for number in range(25):
        skips.add(SkipReason.TIER_GAP, f"TimedStorage-ByteHrs in region-{number:02}")
    skips.add(SkipReason.UNEXPECTED_UNIT, "Requests-Tier1")
    skips.add(SkipReason.OTHER_SERVICE, "BoxUsage")
    assert (skips.lost, format_losses(skips)) == (
        26,
        "25 entries: tiers leave a gap; 1 entry: " + SkipReason.UNEXPECTED_UNIT.text,
    )
    lines = list(format_skipped(skips, losses_only=True))
    assert lines[0] == "25 entries: tiers leave a gap:"
    assert lines[21] == "  … and 5 more"
    assert not any("BoxUsage" in line for line in lines)
    assert any("BoxUsage" in line for line in format_skipped(skips, losses_only=False))


def test_up_to_twenty_examples_are_printed_the_most_frequent_first() -> None:
    skips = SkippedEntries()
    for number in range(20):
        skips.add(SkipReason.TIER_GAP, f"type-{number:02}")
    for _ in range(2):
        skips.add(SkipReason.TIER_GAP, "type-19")
    lines = list(format_skipped(skips, losses_only=True))
    assert lines[:3] == ["22 entries: tiers leave a gap:", "  3 type-19", "  1 type-00"]
    assert len(lines) == 21
    skips.add(SkipReason.TIER_GAP, "type-20")
    assert list(format_skipped(skips, losses_only=True))[21:] == ["  … and 1 more"]
    assert format_losses(SkippedEntries()) == ""


def test_columns_are_aligned_and_lines_have_no_spaces_at_their_end() -> None:
    assert list(align_columns([("a", "bbb", "c"), ("dd", "e", ""), ("f", "", "")])) == ["a   bbb  c", "dd  e", "f"]


def tier(upto: str | None, price: str) -> Tier:
    return Tier(Decimal(upto) if upto else None, Decimal(price))


BOOK = PriceBook(
    source="AWS",
    published=date(2026, 11, 1),
    sources={"b": Source("Other", "2026-10-02", remark="partial"), "a": Source("List", "2026-11-01")},
    regions={
        "us-east-1": {
            "StandardStorage": PoolPrice("a", (tier("51200", "0.023"), tier(None, "0.022"))),
            "GlacierStorage": PoolPrice("b", (tier(None, "0.004"),), exact_to=Decimal(100)),
        },
        "eu-west-1": {"StandardStorage": PoolPrice("a", (tier(None, "0.024"),))},
    },
    charges={"us-east-1": {"Requests-Tier1": Charge("requests", "Requests", "a", (tier(None, "0.000005"),))}},
)


@pytest.mark.parametrize("regions", [[], ["us-east-1", "eu-west-1"]])
def test_prices_are_printed_by_region_and_name_after_their_sources(regions: list[str]) -> None:
    assert list(format_prices(BOOK, regions)) == [
        "AWS, published 2026-11-01, in USD",
        "source a: List, 2026-11-01",
        "source b: Other, 2026-10-02: partial",
        "",
        "region     price            unit      tiers                              source  date",
        "eu-west-1  StandardStorage  GB-Mo     0.024                              a       2026-11-01",
        "us-east-1  GlacierStorage   GB-Mo     0.004 to 100, at most 0.004 above  b       2026-10-02",
        "us-east-1  StandardStorage  GB-Mo     0.023 to 51200, then 0.022         a       2026-11-01",
        "us-east-1  Requests-Tier1   Requests  0.000005                           a       2026-11-01",
    ]
    assert len(list(format_prices(BOOK, ["eu-west-1"]))) == 6


def test_a_change_shows_both_prices_and_unknown_ones() -> None:
    old, new = (tier(None, "0.020"),), (tier(None, "0.025"),)
    changes = [
        PriceChange("us-east-1", "StandardStorage", old, new, Decimal("0.25")),
        PriceChange("us-east-1", "GlacierStorage", None, new, None),
    ]
    lines = list(format_changes(changes))
    assert lines[0].split() == ["region", "price", "before", "after", "move"]
    assert lines[1].split()[:4] == ["us-east-1", "StandardStorage", "0.020", "0.025"]
    assert lines[2].split()[:4] == ["us-east-1", "GlacierStorage", "unknown", "0.025"]
