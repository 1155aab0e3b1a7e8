"""Which entries of a price list are left out by design, and which are damaged."""

from __future__ import annotations

from s3_monitor.money.skip_reasons import SkipReason

BY_DESIGN = {
    "other-service", "other-usage", "other-place", "other-operation", "other-transfer", "no-terms", "superseded",
}  # fmt: skip


def test_entries_of_other_products_and_older_lists_are_left_out_by_design() -> None:
    assert {reason.value for reason in SkipReason if not reason.is_loss} == BY_DESIGN
    assert len({reason.value for reason in SkipReason}) == len(SkipReason) > len(BY_DESIGN)
