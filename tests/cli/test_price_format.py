"""The texts of `s3-monitor prices`."""

from __future__ import annotations

from s3_monitor.cli.price_format import format_losses, format_skipped
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
