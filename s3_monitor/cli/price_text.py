"""Prices as text: `prices show`, `diff`, and what a reading left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from s3_monitor.money.accepting import moved
from s3_monitor.money.changes import Change, tiers_text
from s3_monitor.money.prices import Matrix, Tier
from s3_monitor.money.reading import Reading

_EXAMPLES = 20  # of what was left out, for each reason


def describe(matrix: Matrix, regions: Collection[str]) -> Iterator[str]:
    """Where they are from, then a row a price: region, price, unit, tiers."""
    yield f"{matrix.source}, published {matrix.published}, in {matrix.currency}"
    for key, source in sorted(matrix.sources.items()):
        remark = f": {source.remark}" if source.remark else ""
        yield f"source {key}: {source.title}, {source.date}{remark}"
    rows = []
    for region in sorted({*matrix.regions, *matrix.charges}):
        if not regions or region in regions:
            pools, charges = matrix.regions.get(region, {}), matrix.charges.get(region, {})
            rows += [(region, name, "GB-Mo", tiers_text(price.tiers)) for name, price in sorted(pools.items())]
            rows += [(region, name, charge.unit, tiers_text(charge.tiers)) for name, charge in sorted(charges.items())]
    yield ""
    yield from table([("region", "price", "unit", "tiers"), *rows])


def differences(found: Sequence[Change]) -> Iterator[str]:
    """A row a change."""
    rows = [
        (change.region, change.name, _known(change.before), _known(change.after), moved(change)) for change in found
    ]
    yield from table([("region", "price", "before", "after", "move"), *rows])


def left_out(reading: Reading, *, lost_only: bool) -> Iterator[str]:
    """What of the lists is not in the matrix: a line a reason, and the usage types of it."""
    for why, counter in reading.left.items():
        if why.lost or not lost_only:
            yield f"{sum(counter.values()):,} {why.why}:"
            most = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
            yield from (f"  {count:,} {what}" for what, count in most[:_EXAMPLES])
            if len(most) > _EXAMPLES:
                yield f"  … and {len(most) - _EXAMPLES:,} more"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns side by side, the last as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _known(tiers: Sequence[Tier] | None) -> str:
    return "not known" if tiers is None else tiers_text(tiers)
