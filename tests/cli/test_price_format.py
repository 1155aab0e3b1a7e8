"""The texts of `s3-monitor prices`."""

from __future__ import annotations

from s3_monitor.cli.price_format import REASONS, losses, skipped
from s3_monitor.money.skip_reasons import SkippedEntries, SkipReason


def test_every_reason_has_a_sentence_of_its_own() -> None:
    assert set(REASONS) == set(SkipReason)
    assert len(set(REASONS.values())) == len(SkipReason)


def test_losses_are_counted_by_reason_and_other_entries_are_no_losses() -> None:
    skips = SkippedEntries()
    for place in range(25):
        skips.add(SkipReason.TIER_GAP, f"TimedStorage-ByteHrs in region-{place:02}")
    skips.add(SkipReason.UNEXPECTED_UNIT, "Requests-Tier1")
    skips.add(SkipReason.OTHER_SERVICE, "BoxUsage")
    assert (skips.lost, losses(skips)) == (
        26,
        "25 entries: tiers leave a gap; 1 entry: " + REASONS[SkipReason.UNEXPECTED_UNIT],
    )
    lines = list(skipped(skips, losses_only=True))
    assert lines[0] == "25 entries: tiers leave a gap:"
    assert lines[21] == "  … and 5 more"
    assert not any("BoxUsage" in line for line in lines)
    assert any("BoxUsage" in line for line in skipped(skips, losses_only=False))
