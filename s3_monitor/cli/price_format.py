"""Text of prices, price changes, and skipped entries of price lists, for the `prices` commands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from s3_monitor.model.safe_text import align_columns
from s3_monitor.money.price_book import Price, PriceBook, Tier, exact_tiers
from s3_monitor.money.price_changes import PriceChange, describe_move, format_tiers
from s3_monitor.money.skip_reasons import SkippedEntries, SkipReason

_MOST_EXAMPLES = 20  # of skipped entries, for each reason


def format_prices(price_book: PriceBook, regions: Collection[str]) -> Iterator[str]:
    """Yield the sources, then one row per price: region, price, unit, tiers, source, date.

    ``regions``: empty means all.
    """
    yield f"{price_book.source}, published {price_book.published}, in {price_book.currency}"
    for key, source in sorted(price_book.sources.items()):
        remark = f": {source.remark}" if source.remark else ""
        yield f"source {key}: {source.title}, {source.date}{remark}"
    rows = []
    for region in sorted({*price_book.regions, *price_book.charges}):
        if not regions or region in regions:
            pools, charges = price_book.regions.get(region, {}), price_book.charges.get(region, {})
            rows += [_row(price_book, region, name, "GB-Mo", price) for name, price in sorted(pools.items())]
            rows += [_row(price_book, region, name, charge.unit, charge) for name, charge in sorted(charges.items())]
    yield ""
    yield from align_columns([("region", "price", "unit", "tiers", "source", "date"), *rows])


def _row(price_book: PriceBook, region: str, name: str, unit: str, price: Price) -> tuple[str, ...]:
    bound = f", at most {price.tiers[-1].price:f} above" if price.exact_to is not None else ""
    tiers = format_tiers(exact_tiers(price)) + bound
    return (region, name, unit, tiers, price.source, price_book.sources[price.source].date)


def format_changes(changes: Sequence[PriceChange]) -> Iterator[str]:
    """Yield one row per changed price."""
    rows = [
        (change.region, change.name, _tiers(change.before), _tiers(change.after), describe_move(change))
        for change in changes
    ]
    yield from align_columns([("region", "price", "before", "after", "move"), *rows])


def _tiers(tiers: Sequence[Tier] | None) -> str:
    return "unknown" if tiers is None else format_tiers(tiers)


def format_skipped(skips: SkippedEntries, *, losses_only: bool) -> Iterator[str]:
    """Yield each reason why entries of price lists are not used, followed by examples of their usage types."""
    for reason, counter in sorted(skips.entries.items()):
        if reason.is_loss or not losses_only:
            yield f"{_reason_text(skips, reason)}:"
            usage_types = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
            yield from (f"  {count:,} {usage_type}" for usage_type, count in usage_types[:_MOST_EXAMPLES])
            if len(usage_types) > _MOST_EXAMPLES:
                yield f"  … and {len(usage_types) - _MOST_EXAMPLES:,} more"


def format_losses(skips: SkippedEntries) -> str:
    """Return the reasons why entries with prices could not be used, in one sentence; empty: all were used."""
    return "; ".join(_reason_text(skips, reason) for reason in sorted(skips.entries) if reason.is_loss)


def _reason_text(skips: SkippedEntries, reason: SkipReason) -> str:
    """Return e.g. ``2 entries: tiers leave a gap``."""
    count = skips.entries[reason].total()
    return f"{count:,} {'entry' if count == 1 else 'entries'}: {reason.text}"
