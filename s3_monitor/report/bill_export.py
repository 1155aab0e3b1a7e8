"""What a billing export adds to the bill: usage groups, unattributed charges by type, and other attributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillMonth, CostQuery, ExportedCharges
from s3_monitor.model.bill_summary import BillSummary, Comparison, ExportSummary, GroupCharges, UnattributedCharges
from s3_monitor.model.bucket import BilledCharges
from s3_monitor.money.attribution import Attribution, BucketShare
from s3_monitor.money.export_attribution import ExportAttribution
from s3_monitor.money.list_pricing import UNIT, Exact
from s3_monitor.money.rounding import apportion, round_to_units
from s3_monitor.report.utc_text import utc_text

MICRO = UNIT // 10**6  # the last decimal of billed amounts in files


class BilledBucket(NamedTuple):
    """The billed amounts of a bucket, in the currency of the bill."""

    total: float | None
    """None: unknown."""
    lines: Mapping[str, float]
    """Storage type → amount. A storage type that is not present has an unknown amount."""
    charges: BilledCharges | None = None
    """From a billing export; None: unknown."""


def apportion_usd(amounts: Sequence[Exact], total: float | None = None) -> list[float]:
    """Round to millionths that add up to the total, by default to the rounded sum."""
    micros = apportion(amounts, MICRO, None if total is None else round(total * 1_000_000))
    return [micro / 1_000_000 for micro in micros]


def export_summary(
    bill: BillSummary, attribution: ExportAttribution, query: CostQuery, month: BillMonth, facts: MergedData
) -> ExportSummary:
    """Return the section of the export, in millionths that add up to the amounts of the bill."""
    exported = month.exported
    if not isinstance(exported, ExportedCharges):
        raise TypeError("the month must have exported charges")
    unattributed = attribution.unattributed()
    amounts = {type_: sum_.usd for type_, sum_ in unattributed.items()}
    net = sum(sum_.net for sum_ in unattributed.values()) + attribution.net
    return ExportSummary(
        origin=exported.origin,
        net=round_to_units(net, MICRO) / 1_000_000 if exported.has_net else None,
        groups=[GroupCharges(*row) for row in _rounded(attribution.groups, bill.attributed)],
        unattributed=[UnattributedCharges(*row) for row in _rounded(amounts, bill.unattributed)],
        comparison=[*_comparison(bill, query, month, facts)],
    )


def _rounded(amounts: Mapping[str, Exact], total: float | None) -> list[tuple[str, float]]:
    """Return the amounts rounded such that they add up to the total, the largest first."""
    names = sorted(amounts)
    rows = zip(names, apportion_usd([amounts[name] for name in names], total or 0.0), strict=True)
    return sorted(rows, key=lambda row: (-abs(row[1]), row[0]))


def _comparison(bill: BillSummary, query: CostQuery, month: BillMonth, facts: MergedData) -> Iterator[Comparison]:
    """Yield the same bill, attributed by bytes, by tag if the export has tags, and by its charges."""
    tags = [query.export.tag] if query.export is not None and month.tagged is not UNSET else []
    total = round((bill.billed or 0) * 1_000_000)
    for tag in ("", *tags):
        other_query = msgspec.structs.replace(query, export=None, tag=tag)
        other = Attribution(other_query, month, facts.plan.window)
        for record in facts.buckets if facts.all_keys is None else facts.all_keys:
            other.add(record.account, record.region, record.name, record.sizes)
        attributed = round_to_units(sum(other.attributed.values()), MICRO)
        yield Comparison(other_query.costs, attributed / 1_000_000, (total - attributed) / 1_000_000)
    yield Comparison("exported", bill.attributed or 0.0, bill.unattributed or 0.0)


def with_charges(
    records: Sequence[ResolvedBucket],
    buckets: Sequence[BilledBucket],
    shares: Sequence[BucketShare],
    requests: Mapping[tuple[str, str], int] | None,
) -> Iterator[BilledBucket]:
    """Yield the billed amounts of buckets with their charges by usage group, which add up to the total.

    ``requests``: account and bucket → time of the last request; None: not in the export.
    """
    for record, bucket, share in zip(records, buckets, shares, strict=True):
        if bucket.total is None or share.groups is None:
            yield bucket
            continue
        names = sorted(share.groups)
        usd = apportion_usd([share.groups[name] for name in names], bucket.total)
        last = UNSET if requests is None else utc_text(requests.get((record.account, record.name)))
        groups = dict(zip(names, usd, strict=True))
        net = round_to_units(share.net or 0, MICRO) / 1_000_000
        yield bucket._replace(charges=BilledCharges(net, groups, last))
