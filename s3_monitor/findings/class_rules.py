"""Findings about bytes that may be cheaper in another storage class."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from s3_monitor.findings.facts import BucketFacts, difference, total
from s3_monitor.findings.finding import Finding, fee_scope, scope_of
from s3_monitor.findings.rule import Measure, Rule
from s3_monitor.findings.storage_rules import BILLED_SIZE, GB
from s3_monitor.model.object_stats import AGE_EDGES, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.request_metrics import DOWNLOADED, RequestMetrics
from s3_monitor.money.list_pricing import Exact, to_dollars
from s3_monitor.money.marginal_prices import PlacePrices, as_exact
from s3_monitor.money.storage_types import types_of_class

MB = 2**20
MONTH_DAYS = 30
_PAYBACK_MONTHS = 12  # a transition that takes longer to pay back is not recommended
_MINIMUM_AGE = 30  # days; AWS: Standard-IA bills 30 days at least, Intelligent-Tiering moves objects after 30 days
_STANDARD, _IA, _GIR = "StandardStorage", "StandardIAStorage", "GlacierInstantRetrievalStorage"
_FREQUENT, _INFREQUENT = "IntelligentTieringFAStorage", "IntelligentTieringIAStorage"
_INT = "INTELLIGENT_TIERING"
_TIERS: Final = types_of_class(_INT)
_READS: Final = ("GetRequests", "HeadRequests", "SelectRequests")
_OLD = bisect_right(AGE_EDGES, _MINIMUM_AGE)  # the first bin of these ages
_LARGE = bisect_right(SIZE_EDGES, BILLED_SIZE)


def per_month(metrics: RequestMetrics, names: Sequence[str]) -> float:
    """Return the sum of request metrics, scaled to 30 days."""
    sums = metrics.sums
    return sum([sums.get(name, 0) for name in names]) * MONTH_DAYS / metrics.days


def cost_of(amount: float, price: int) -> int:
    """Return the cost of an amount of requests, in 10^-76 USD."""
    return round(amount * 1_000_000) * price // 1_000_000


def ia_candidate(facts: BucketFacts) -> Finding | None:
    """Return what old and large objects in Standard save in Standard-IA."""
    stats = facts.objects
    if stats is None or stats.ages is None or stats.sizes is None or not _stays_in_standard(facts):
        return None
    least_size, size, objects = _old_and_large(stats)
    if not size:
        return None
    read = reads = reading = None
    most = facts.saving(_STANDARD, _IA, size)
    if facts.requests is not None:
        read, reads = per_month(facts.requests, (DOWNLOADED,)), per_month(facts.requests, _READS)
        reading = _reading_cost(facts, read, reads) if read or reads else 0
    once = _transition_cost(facts, "STANDARD_IA", objects)
    if most is None or (reading or 0) >= most or (once or 0) > most * _PAYBACK_MONTHS:
        return None  # it is read too often, or its objects are too small
    scope = scope_of((_STANDARD,), "current")
    values = (objects, size, read, reads)
    if facts.requests is None:
        return facts.bounded("ia-candidate", "at-most", None, most, scope, values, missing="requests", once=once)
    least = facts.saving(_STANDARD, _IA, least_size)
    return facts.bounded("ia-candidate", "range", difference(least, reading), most, scope, values, once=once)


def _old_and_large(stats: ObjectStats) -> tuple[int, int, int]:
    """Return the bytes in Standard that are old and large, at least and at most, and their objects, at most."""
    standard, every = stats.classes.get("STANDARD"), stats.current
    if standard is None:
        return 0, 0, 0
    old, large = (stats.ages or ())[_OLD:], (stats.sizes or ())[_LARGE:]
    old_size, large_size = sum([one.size for one in old]), sum([one.size for one in large])
    objects = min(standard.objects, sum([one.objects for one in old]), sum([one.objects for one in large]))
    least = max(0, standard.size + old_size + large_size - 2 * every.size)
    return least, min(standard.size, old_size, large_size), objects


def _sum_from(bins: Sequence[Amount] | None, first: int) -> Amount:
    """Return the sum of the bins from an index on."""
    rest = (bins or ())[first:]
    return Amount(sum([one.objects for one in rest]), sum([one.size for one in rest]))


def _reading_cost(facts: BucketFacts, read: float, reads: float) -> Exact | None:
    """Return what reading all these bytes costs more in Standard-IA."""
    infrequent, present = facts.prices.of_class("STANDARD_IA"), facts.prices.of_class("STANDARD").get
    if infrequent.retrieval is None or infrequent.get is None or present is None:
        return None
    return cost_of(read, infrequent.retrieval) // GB + cost_of(reads, infrequent.get - present)


def int_candidate(facts: BucketFacts) -> Finding | None:
    """Return what Standard may save in Intelligent-Tiering, if nothing is known about the access."""
    if facts.requests is not None or not _stays_in_standard(facts):
        return None
    if facts.age is not None and facts.age < _MINIMUM_AGE:
        return None
    moved = _movable(facts)
    price, scope = facts.prices.monitoring, _scope_of_standard(facts)
    values = (moved.size, moved.objects, moved.size / (moved.objects or 1))
    saving = facts.saving(_STANDARD, _INFREQUENT, moved.size)
    if price is None:  # the saving without the fee is an upper bound, which is close to it only for large objects
        if values[2] < MB or _is_replaced(facts):
            return None
        return facts.bounded("int-candidate", "at-most", None, saving, scope, values, missing="prices")
    fee = price * moved.objects
    high = difference(saving, fee)
    low = difference(facts.saving(_STANDARD, _FREQUENT, moved.size), fee)
    once = _transition_cost(facts, _INT, moved.objects)
    if high is None or (once or 0) > high * _PAYBACK_MONTHS or _is_replaced(facts):
        return None
    return facts.bounded("int-candidate", "range", low, high, scope, values, missing="requests", once=once)


def _is_replaced(facts: BucketFacts) -> bool:
    """Return whether most bytes in Standard were written in the last 30 days, so that they may not live that long."""
    history = facts.bucket.sizes[_STANDARD].values()[: _MINIMUM_AGE + 1]
    least = min(value for value in history if value is not None)
    return 2 * least < facts.sizes[_STANDARD]


def _scope_of_standard(facts: BucketFacts) -> int:
    """Return the scope of current objects in Standard, or of all bytes if a listing does not separate them."""
    return scope_of((_STANDARD,)) if facts.objects is None else scope_of((_STANDARD,), "current")


def _movable(facts: BucketFacts) -> Amount:
    """Return the bytes in Standard, and the largest number of objects that Intelligent-Tiering would monitor."""
    size, count = int(facts.sizes[_STANDARD]), facts.bucket.objects
    if facts.objects is not None:
        standard = facts.objects.classes.get("STANDARD", Amount())
        if facts.objects.sizes is not None:
            large = _sum_from(facts.objects.sizes, _LARGE)
            return Amount(min(large.objects, standard.objects), min(large.size, standard.size, size))
        size, count = min(standard.size, size), standard.objects
    most = size // BILLED_SIZE
    return Amount(most if count is None else min(int(count), most), size)


def int_small(facts: BucketFacts) -> Finding | None:
    """Return the objects in Intelligent-Tiering that are too small to be monitored."""
    stats = facts.objects
    if stats is None or stats.sizes is None or not _only_intelligent_tiering(stats):
        return None
    small = stats.sizes[0] + stats.sizes[1]
    if small.objects * 10 < stats.current.objects or not small.objects:
        return None
    values = (small.objects, small.size, stats.current.objects)
    return facts.finding("int-small", "exact", 0.0, 0.0, scope_of((_FREQUENT,), "current"), values)


def int_fee(facts: BucketFacts) -> Finding | None:
    """Return the monitoring fee of Intelligent-Tiering minus what its tiers save, if the fee is larger."""
    stats, price = facts.objects, facts.prices.monitoring
    fee = billed = None if facts.bill is None else facts.bill.monitoring
    if fee is None and price is not None and stats is not None and _only_intelligent_tiering(stats):
        fee = price * _sum_from(stats.sizes, _LARGE).objects
    if not fee:
        return None
    more = difference(fee, tier_saving(facts.sizes, facts.prices))
    usd = to_dollars(fee)
    values = (None if billed is None else usd, usd if billed is None else None, tiered_size(facts.sizes))
    return facts.exact("int-fee", more, fee_scope("monitoring"), values, _TIERS)


def tier_saving(sizes: Mapping[str, Exact | float], prices: PlacePrices) -> Exact | None:
    """Return what the bytes in the tiers of Intelligent-Tiering cost less than in the Frequent Access tier."""
    held = [(name, as_exact(sizes[name])) for name in _TIERS if name != _FREQUENT and sizes.get(name)]
    frequent = prices.added(_FREQUENT, sum(size for _, size in held))
    return difference(frequent, total(*(prices.removed(name, size) for name, size in held)))


def tiered_size(sizes: Mapping[str, Exact | float]) -> float:
    """Return the bytes in tiers other than Frequent Access."""
    return float(sum(sizes.get(name, 0) for name in _TIERS if name != _FREQUENT))


def replica(facts: BucketFacts) -> Finding | None:
    """Return what the replicas in Standard save in a cheaper class."""
    replicas = None if facts.objects is None else facts.objects.replicas
    if not (facts.copied_from or (replicas and replicas.size)) or not _stays_in_standard(facts):
        return None
    size = int(facts.sizes[_STANDARD])
    if facts.bucket.objects is None or facts.bucket.objects * BILLED_SIZE > facts.size:
        return None  # AWS does not move smaller objects
    copied = min(size, sum(bytes_ for _, bytes_ in facts.copied_from) if replicas is None else replicas.size)
    # Storage Lens does not state the classes of replicas: they may be in another class of the bucket.
    low = 0 if replicas is None or facts.size > size else facts.saving(_STANDARD, _IA, copied)
    high = facts.saving(_STANDARD, _GIR, copied)
    names = ", ".join(name for name, _ in facts.copied_from) or None
    return facts.bounded("replica", "range", low, high, scope_of((_STANDARD,), "current"), (names, copied))


def _stays_in_standard(facts: BucketFacts) -> bool:
    """Return whether no lifecycle rule already moves or deletes all objects."""
    return (
        facts.bucket.kind == "general-purpose" and facts.coverage("move") != "all" and facts.coverage("expire") != "all"
    )


def _transition_cost(facts: BucketFacts, storage_class: str, objects: int) -> Exact | None:
    price = facts.prices.of_class(storage_class).transition
    return None if price is None else price * objects


def _only_intelligent_tiering(stats: ObjectStats) -> bool:
    """Return whether all current objects are in Intelligent-Tiering and their sizes are known."""
    return (
        stats.sizes is not None
        and bool(stats.classes)
        and all(name.partition(":")[0] == _INT for name in stats.classes)
    )


_MOVE_RULE = '{"ID": "%s", "Status": "Enabled", "Filter": {}, "Transitions": [{"Days": %d, "StorageClass": "%s"}]}'

RULES: Final = (
    Rule(
        "ia-candidate",
        "Old objects for Standard-IA",
        "Objects in Standard of at least 128 KB have not been modified for 30 days, they are not read too often, and "
        "no lifecycle rule moves or deletes all objects.",
        "Add a lifecycle rule that moves objects to Standard-IA after 30 days. Reading then costs a retrieval fee.",
        (
            Measure("objects of at least 128 KB and 30 days, at most", "objects", "objects"),
            Measure("their data, at most", "bytes", "objects"),
            Measure("bytes read in 30 days", "bytes", "request metrics"),
            Measure("read requests in 30 days", "requests", "request metrics"),
        ),
        ia_candidate,
        frozenset({_STANDARD}),
        needs=("objects",),
        lifecycle_rule=_MOVE_RULE % ("standard-ia-after-30-days", 30, "STANDARD_IA"),
    ),
    Rule(
        "int-candidate",
        "Data for Intelligent-Tiering",
        "The bucket holds large objects in Standard, most of them for 30 days, their access is unknown, and no "
        "lifecycle rule moves or deletes all objects. The range is from all data read often to none read in 30 days.",
        "Add a lifecycle rule that moves objects to Intelligent-Tiering. Reading is free of retrieval fees.",
        (
            Measure("bytes in Standard", "bytes", "CloudWatch"),
            Measure("objects that would be monitored, at most", "objects", "CloudWatch"),
            Measure("average object, at least", "bytes", "CloudWatch"),
        ),
        int_candidate,
        frozenset({_STANDARD}),
        lifecycle_rule=_MOVE_RULE % ("intelligent-tiering", 0, _INT),
    ),
    Rule(
        "int-small",
        "Small objects in Intelligent-Tiering",
        "At least a tenth of the objects in Intelligent-Tiering are below 128 KB. They stay in the Frequent Access "
        "tier, without a fee and without a saving.",
        "Combine small objects, or exclude them from the transition (ObjectSizeGreaterThan).",
        (
            Measure("objects below 128 KB", "objects", "objects"),
            Measure("their data", "bytes", "objects"),
            Measure("all objects", "objects", "objects"),
        ),
        int_small,
        frozenset(_TIERS),
        needs=("objects",),
    ),
    Rule(
        "int-fee",
        "Fee of Intelligent-Tiering above its saving",
        "The monitoring fee of the objects is larger than what their tiers save compared with Frequent Access.",
        "Move the objects to Standard, and do not move new objects of this size to Intelligent-Tiering.",
        (
            Measure("billed monitoring fee", "USD", "bill"),
            Measure("monitoring fee of the objects", "USD", "objects"),
            Measure("bytes in cheaper tiers", "bytes", "CloudWatch"),
        ),
        int_fee,
        frozenset(_TIERS),
    ),
    Rule(
        "replica",
        "Replicas in Standard",
        "Other buckets of the report replicate into this bucket, or Storage Lens has replicas in it; its copies are in "
        "Standard, and no lifecycle rule "
        "moves or deletes all objects. The range is from no change to all copies in Glacier Instant Retrieval.",
        "Set a cheaper storage class in the replication rule, and move the existing copies with a lifecycle rule.",
        (
            Measure("replicated from", "", "configuration"),
            Measure("copies in Standard, at most", "bytes", "CloudWatch"),
        ),
        replica,
        frozenset({_STANDARD}),
        lifecycle_rule=_MOVE_RULE % ("standard-ia-after-30-days", 30, "STANDARD_IA"),
    ),
)
