"""What is known of buckets' objects, with its money: the ``objects`` of buckets.json."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import msgspec
from msgspec import UNSET

from s3_monitor.merge.merged_data import BucketRecord
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.object_stats import AGE_EDGES, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.priced_object_stats import Bin, PrefixShare, PricedAmount, PricedObjectStats
from s3_monitor.money.list_pricing import Exact, Rate, line_cost, to_dollars
from s3_monitor.money.storage_classes import allocate_to_types
from s3_monitor.money.storage_types import overhead_types, types_of_class
from s3_monitor.objects.cloudwatch_difference import cloudwatch_difference

_EPOCH = date(1970, 1, 1)
Time = Callable[[int | None], str | None]
_STANDARD = "STANDARD"


def with_contents(
    bucket: Bucket, record: BucketRecord, rates: Mapping[str, Rate], time: Time, narrowed: bool
) -> Bucket:
    """The bucket with what is known of its objects, and its storage lines with their counts."""
    objects = record.contents
    if objects is None:
        return msgspec.structs.replace(bucket, objects=None)
    lines = record.lines if record.state != "incomplete" else None
    day = None
    if not narrowed and lines is not None and bucket.as_of is not None and objects.complete:
        day = (bucket.as_of - _EPOCH).days
    return msgspec.structs.replace(
        bucket,
        storage=_counted(bucket.storage, objects) if objects.complete else bucket.storage,
        objects=_contents(objects, _Pricing(lines, rates), time, record, day),
    )


class _Pricing:
    """Bytes by storage class at the rates of the storage types that hold them in this bucket."""

    def __init__(self, lines: Mapping[str, float] | None, rates: Mapping[str, Rate]) -> None:
        """``lines``: storage type → bytes; ``None``: some of them are unknown."""
        self._lines, self._rates = lines, rates

    def cost(self, sizes: Mapping[str, int]) -> float | None:
        if self._lines is None and any(len(types_of_class(name)) > 1 for name in sizes):
            return None  # only the complete lines tell which of its storage types hold a class
        amounts = [
            line_cost(self._rates.get(name), size) for name, size in allocate_to_types(sizes, self._lines or {}).items()
        ]
        known: list[Exact] = [amount for amount in amounts if amount is not None]
        return to_dollars(sum(known)) if len(known) == len(amounts) else None

    def share(self, amount: Amount, classes: Mapping[str, Amount]) -> PricedAmount:
        return PricedAmount(amount.objects, amount.size, self.cost({name: one.size for name, one in classes.items()}))

    def shares(self, classes: Mapping[str, Amount]) -> dict[str, PricedAmount]:
        return {name: self.share(amount, {name: amount}) for name, amount in classes.items()}


def _contents(
    objects: ObjectStats, pricing: _Pricing, time: Time, record: BucketRecord, day: int | None
) -> PricedObjectStats:
    """``day``: that of CloudWatch's figures, in days since 1970; null where there is nothing to compare with."""
    noncurrent, multipart = objects.noncurrent, objects.multipart
    return PricedObjectStats(
        source=objects.source,
        as_of=time(objects.at) or "",
        complete=objects.complete,
        cut=objects.cut,
        keys=objects.keys,
        origin=objects.origin,
        current=pricing.share(objects.current, objects.classes),
        classes=pricing.shares(objects.classes),
        noncurrent=None if noncurrent is None else pricing.share(noncurrent, objects.noncurrent_classes),
        noncurrent_classes=pricing.shares(objects.noncurrent_classes),
        delete_markers=objects.delete_markers,
        multipart=None if multipart is None else pricing.share(multipart, {_STANDARD: multipart}),
        newest=time(objects.newest),
        oldest=time(objects.oldest),
        sizes=_bins(SIZE_EDGES, objects.sizes),
        ages=_bins(AGE_EDGES, objects.ages),
        prefixes=None
        if objects.prefixes is None
        else [_prefix(one.prefix, one.classes, pricing) for one in objects.prefixes],
        encryption=objects.encryption,
        difference=None if day is None else cloudwatch_difference(record.lines, day, objects, overhead_types()),
    )


def _prefix(prefix: str, classes: Mapping[str, Amount], pricing: _Pricing) -> PrefixShare:
    share = pricing.share(sum(classes.values(), Amount()), classes)
    return PrefixShare(prefix, prefix.count("/"), share.objects, share.size, share.cost)


def _bins(edges: Sequence[int], amounts: Iterable[Amount] | None) -> list[Bin] | None:
    if amounts is None:
        return None
    return [Bin(edge, one.objects, one.size) for edge, one in zip([*edges, None], amounts, strict=False)]


def _counted(storage: Mapping[str, StorageLine], objects: ObjectStats) -> dict[str, StorageLine]:
    """Objects by storage type, with all versions where these are known. Not where a class may be in several types,
    nor where archived objects are counted already."""
    counts: dict[str, int] = {}
    unclear: set[str] = set()
    for name, amount in [*objects.classes.items(), *objects.noncurrent_classes.items()]:
        types = types_of_class(name)
        if len(types) == 1:
            counts[types[0]] = counts.get(types[0], 0) + amount.objects
        unclear.update(types if len(types) > 1 else ())
    unclear |= overhead_types()
    return {
        name: line
        if (line.num_objects is not UNSET and line.num_objects is not None) or name in unclear
        else msgspec.structs.replace(line, num_objects=float(counts.get(name, 0)))
        for name, line in storage.items()
    }
