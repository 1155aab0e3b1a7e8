"""Statistics of the objects of buckets at list prices: ``objects`` in buckets.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.object_stats import AGE_EDGES, LENS_EDGES, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.priced_object_stats import Bin, CountBin, PrefixShare, PricedAmount, PricedObjectStats
from s3_monitor.money.list_pricing import Exact, Rate, line_cost, to_dollars
from s3_monitor.money.storage_types import allocate_to_types, overhead_types, types_of_class
from s3_monitor.objects.cloudwatch_difference import cloudwatch_difference
from s3_monitor.report.utc_text import utc_text

_STANDARD = "STANDARD"


def price_object_stats(
    record: ResolvedBucket, stats: ObjectStats, rates: Mapping[str, Rate], day: int | None
) -> PricedObjectStats:
    """Price the statistics of the objects of a bucket.

    ``day``: the day of CloudWatch's figures, in days since 1970, to compare them with; None: do not compare.
    """
    is_known = record.state != "incomplete"
    pricing = _Pricing(record.lines if is_known else None, rates)
    noncurrent = stats.noncurrent
    return PricedObjectStats(
        source=stats.source,
        as_of=utc_text(stats.at) or "",
        complete=stats.complete,
        cut=stats.cut,
        keys=stats.keys,
        origin=stats.origin,
        current=pricing.amount(stats.current, stats.classes),
        classes=pricing.amounts(stats.classes),
        noncurrent=None if noncurrent is None else pricing.amount(noncurrent, stats.noncurrent_classes),
        noncurrent_classes=pricing.amounts(stats.noncurrent_classes),
        delete_markers=stats.delete_markers,
        multipart=pricing.uploads(stats.multipart),
        old_multipart=pricing.uploads(stats.old_multipart),
        encrypted=_count(stats.encrypted),
        replicas=_count(stats.replicas),
        replicated=_count(stats.replicated),
        locked=_count(stats.locked),
        all_sizes=None
        if stats.all_sizes is None
        else [CountBin(*one) for one in zip((*LENS_EDGES, None), stats.all_sizes, strict=True)],
        settings=stats.settings,
        newest=utc_text(stats.newest),
        oldest=utc_text(stats.oldest),
        sizes=_bins(SIZE_EDGES, stats.sizes),
        ages=_bins(AGE_EDGES, stats.ages),
        prefixes=None
        if stats.prefixes is None
        else [_prefix(prefix.prefix, prefix.classes, pricing) for prefix in stats.prefixes],
        encryption=stats.encryption,
        difference=cloudwatch_difference(record.lines, day, stats, overhead_types())
        if day is not None and is_known and stats.complete
        else None,
    )


def objects_by_type(record: ResolvedBucket) -> dict[str, float]:
    """Return the collected number of objects of each storage type of a bucket, with all versions if these are known.

    Left out are overheads, types of a class that has several types, and all types if not everything was read.
    """
    stats = record.object_stats
    if stats is None or not stats.complete:
        return {}
    counts: dict[str, int] = {}
    unclear = set(overhead_types())
    for name, amount in [*stats.classes.items(), *stats.noncurrent_classes.items()]:
        types = types_of_class(name)
        if len(types) == 1:
            counts[types[0]] = counts.get(types[0], 0) + amount.objects
        unclear.update(types if len(types) > 1 else ())
    return {name: float(counts.get(name, 0)) for name in record.types if name not in unclear}


class _Pricing:
    """Prices bytes of storage classes at the rates of the storage types of a bucket."""

    def __init__(self, lines: Mapping[str, float] | None, rates: Mapping[str, Rate]) -> None:
        """``lines``: storage type → bytes; None: some may be missing."""
        self._lines, self._rates = lines, rates

    def cost(self, sizes: Mapping[str, int]) -> float | None:
        if self._lines is None and any(len(types_of_class(name)) > 1 for name in sizes):
            return None  # the storage types of the class depend on the missing lines
        amounts = [
            line_cost(self._rates.get(name), size) for name, size in allocate_to_types(sizes, self._lines or {}).items()
        ]
        known: list[Exact] = [amount for amount in amounts if amount is not None]
        return to_dollars(sum(known)) if len(known) == len(amounts) else None

    def amount(self, amount: Amount, classes: Mapping[str, Amount]) -> PricedAmount:
        return PricedAmount(amount.objects, amount.size, self.cost({name: one.size for name, one in classes.items()}))

    def uploads(self, amount: Amount | None) -> PricedAmount | None:
        return None if amount is None else self.amount(amount, {_STANDARD: amount})

    def amounts(self, classes: Mapping[str, Amount]) -> dict[str, PricedAmount]:
        return {name: self.amount(amount, {name: amount}) for name, amount in classes.items()}


def _count(amount: Amount | None) -> int | None:
    return None if amount is None else amount.objects


def _prefix(prefix: str, classes: Mapping[str, Amount], pricing: _Pricing) -> PrefixShare:
    share = pricing.amount(sum(classes.values(), Amount()), classes)
    return PrefixShare(prefix, prefix.count("/"), share.objects, share.size, share.cost)


def _bins(edges: Sequence[int], amounts: Iterable[Amount] | None) -> list[Bin] | None:
    if amounts is None:
        return None
    return [Bin(edge, one.objects, one.size) for edge, one in zip([*edges, None], amounts, strict=False)]
