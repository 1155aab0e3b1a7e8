"""The billed amounts of the groups of a summary: sums of the amounts of their buckets, in millionths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report.bill_export import BilledBucket
from s3_monitor.report.tag_groups import ENCRYPTION, label_of, tag_key

Groups = Mapping[str, Group]


class _Sum:
    """The sum of known amounts, in millionths, and the number of unknown ones."""

    __slots__ = ("micros", "unknown")

    def __init__(self) -> None:
        self.micros: int | None = None
        self.unknown = 0

    def add(self, amount: float | None) -> None:
        if amount is None:
            self.unknown += 1
        else:
            self.micros = (self.micros or 0) + round(amount * 1_000_000)

    def applied(self, group: Group) -> Group:
        billed = None if self.micros is None else self.micros / 1_000_000
        return msgspec.structs.replace(group, billed_cost=billed, unbilled_buckets=self.unknown)


def add_billed(
    summary: Summary,
    records: Sequence[ResolvedBucket],
    billed: Sequence[BilledBucket],
    dimensions: Sequence[str],
    units: Mapping[str, str],
) -> Summary:
    """Return the summary with the billed amounts of all groups.

    ``dimensions``: the tags and ENCRYPTION, as far as the summary has groups of them. ``units``: account →
    organizational unit.
    """
    amounts = [bucket.total for bucket in billed]

    def by(groups: Groups, key: Callable[[ResolvedBucket], str]) -> dict[str, Group]:
        sums: dict[str, _Sum] = {name: _Sum() for name in groups}
        for record, amount in zip(records, amounts, strict=True):
            if (of_group := sums.get(key(record))) is not None:
                of_group.add(amount)
        return {name: sums[name].applied(group) for name, group in groups.items()}

    total = by({"": summary.totals}, lambda record: "")[""]
    changes: dict[str, Any] = {
        "totals": total,
        "by_account": by(summary.by_account, lambda record: record.account),
        "by_region": by(summary.by_region, lambda record: record.region),
        "by_storage_type": _by_type(summary.by_storage_type, records, billed),
    }
    if isinstance(summary.by_ou, dict):
        changes["by_ou"] = by(summary.by_ou, lambda record: units.get(record.account, ""))
    if isinstance(summary.by_encryption, dict):
        changes["by_encryption"] = by(summary.by_encryption, label_of(ENCRYPTION))
    if isinstance(summary.by_tag, dict):
        keys = {tag_key(dimension): dimension for dimension in dimensions if dimension != ENCRYPTION}
        changes["by_tag"] = {name: by(groups, label_of(keys[name])) for name, groups in summary.by_tag.items()}
    return msgspec.structs.replace(summary, **changes)


def _by_type(groups: Groups, records: Sequence[ResolvedBucket], billed: Sequence[BilledBucket]) -> dict[str, Group]:
    """Return the groups of storage types. A bucket without an amount for a type that it holds is unknown."""
    sums: dict[str, _Sum] = {name: _Sum() for name in groups}
    for record, bucket in zip(records, billed, strict=True):
        for name in {*record.types, *bucket.lines}:
            if name in sums:
                sums[name].add(bucket.lines.get(name))
    return {name: sums[name].applied(group) for name, group in groups.items()}
