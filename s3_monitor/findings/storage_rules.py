"""Findings about what AWS adds to objects, and about expensive storage classes."""

from __future__ import annotations

from typing import Final, NamedTuple

from s3_monitor.findings.facts import BucketFacts, difference, total
from s3_monitor.findings.finding import Finding, scope_of
from s3_monitor.findings.rule import Measure, Rule
from s3_monitor.money.list_pricing import Exact
from s3_monitor.money.storage_types import INDEX_BYTES

GB = 2**30
BILLED_SIZE = 128 * 1024  # AWS: smaller objects are billed as 128 KB in the infrequent-access classes
_STANDARD = "StandardStorage"
_RRS, _EXPRESS = "ReducedRedundancyStorage", "ExpressOneZoneStorage"
_UNCHANGED_DAYS = 30
_OVERHEAD_SHARE = 20  # the overhead is at least a twentieth of the cost of the class
_PADDING: Final = (
    "StandardIASizeOverhead", "OneZoneIASizeOverhead", "GlacierIRSizeOverhead", "GlacierInstantRetrievalSizeOverhead",
)  # fmt: skip


class _Archive(NamedTuple):
    """The storage types of an archive class."""

    name: str
    data: str
    indexes: str
    metadata: str

    @property
    def types(self) -> tuple[str, ...]:
        return self.data, self.indexes, self.metadata


_ARCHIVES: Final = (
    _Archive("GLACIER", "GlacierStorage", "GlacierObjectOverhead", "GlacierS3ObjectOverhead"),
    _Archive("DEEP_ARCHIVE", "DeepArchiveStorage", "DeepArchiveObjectOverhead", "DeepArchiveS3ObjectOverhead"),
)
# Storage classes with a minimum billed size: their bytes, and the padding of small objects.
_PADDED: Final = {
    "STANDARD_IA": ("StandardIAStorage", "StandardIASizeOverhead"),
    "ONEZONE_IA": ("OneZoneIAStorage", "OneZoneIASizeOverhead"),
    "GLACIER_IR": ("GlacierInstantRetrievalStorage", "GlacierIRSizeOverhead"),
}


def small_objects(facts: BucketFacts) -> Finding | None:
    """Return the cost of the padding that AWS bills for objects below 128 KB."""
    sizes = facts.sizes
    types = tuple([name for name in _PADDING if sizes.get(name)])
    padding = sum([sizes[name] for name in types])
    cost = total(*[facts.prices.removed(name, sizes[name]) for name in types])
    return facts.exact("small-objects", cost, scope_of(types), (padding, padding / BILLED_SIZE), types)


def glacier_overhead(facts: BucketFacts) -> Finding | None:
    """Return the cost of the index and metadata of archived objects, if it is considerable."""
    found: list[_Archive] = []
    saving: Exact | None = 0
    for archive in _ARCHIVES:
        if not facts.sizes.get(archive.indexes):
            continue
        cost = _overhead_cost(facts, archive)
        data = facts.prices.removed(archive.data, facts.sizes.get(archive.data, 0))
        if cost is None or data is None or (cost and cost * _OVERHEAD_SHARE >= cost + data):
            found.append(archive)
            saving = total(saving, cost)
    if not found:
        return None
    objects = sum(_objects(facts, archive) for archive in found)
    data_size = sum(facts.sizes.get(archive.data, 0) for archive in found)
    types = tuple(name for archive in found for name in archive.types[1:])
    overhead = sum(facts.sizes.get(name, 0) for name in types)
    return facts.exact(
        "glacier-overhead", saving, scope_of(types), (objects, data_size, overhead, data_size / objects), types
    )


def archive_class_size(facts: BucketFacts) -> Finding | None:
    """Return what archived objects cost more than in Standard, because they are small."""
    found: list[_Archive] = []
    saving: Exact = 0
    once: Exact | None = 0
    for archive in _ARCHIVES:
        size = facts.sizes.get(archive.data, 0)
        if size >= BILLED_SIZE * _objects(facts, archive):  # far above the size at which both cost the same
            continue
        data = facts.prices.removed(archive.data, size)
        now = total(data, _overhead_cost(facts, archive))
        more = difference(now, facts.prices.added(_STANDARD, size))
        if more is not None and more > 0:
            found.append(archive)
            saving += more
            price = facts.prices.of_class(archive.name).retrieval
            once = None if price is None or once is None else once + price * int(size) // GB
    if not found:
        return None
    objects = sum(_objects(facts, archive) for archive in found)
    size = sum(facts.sizes.get(archive.data, 0) for archive in found)
    types = tuple(name for archive in found for name in archive.types)
    return facts.exact("archive-class-size", saving, scope_of(types), (objects, size, size / objects), types, once=once)


def _objects(facts: BucketFacts, archive: _Archive) -> float:
    return facts.sizes.get(archive.indexes, 0) / INDEX_BYTES


def _overhead_cost(facts: BucketFacts, archive: _Archive) -> Exact | None:
    removed, sizes = facts.prices.removed, facts.sizes
    indexes = removed(archive.indexes, sizes.get(archive.indexes, 0))
    return total(indexes, removed(archive.metadata, sizes.get(archive.metadata, 0)))


def sia_size(facts: BucketFacts) -> Finding | None:
    """Return what the small objects of an infrequent-access class cost more than in Standard."""
    stats = facts.objects
    if stats is None or stats.sizes is None or len(stats.classes) != 1:
        return None
    names = _PADDED.get(next(iter(stats.classes)))
    small = stats.sizes[0] + stats.sizes[1]
    if names is None or not small.objects:
        return None
    padding = small.objects * BILLED_SIZE - small.size
    now = total(facts.prices.removed(names[0], small.size), facts.prices.removed(names[1], padding))
    saving = difference(now, facts.prices.added(_STANDARD, small.size))
    return facts.exact(
        "sia-size",
        saving,
        scope_of(names),
        (small.objects, small.size, small.size / small.objects),
        (*names, _STANDARD),
    )


def rrs(facts: BucketFacts) -> Finding | None:
    """Return what Reduced Redundancy costs more than Standard."""
    size = facts.sizes[_RRS]
    return facts.exact("rrs", facts.saving(_RRS, _STANDARD, size), scope_of((_RRS,)), (size,), (_RRS, _STANDARD))


def express_leftover(facts: BucketFacts) -> Finding | None:
    """Return what unchanged bytes in Express One Zone cost more than in Standard."""
    size = facts.sizes[_EXPRESS]
    values = facts.bucket.sizes[_EXPRESS].values()
    days = next((age for age, value in enumerate(values) if value is not None and value != size), len(values))
    if days <= _UNCHANGED_DAYS:
        return None
    saving = facts.saving(_EXPRESS, _STANDARD, size)
    return facts.bounded("express-leftover", "at-most", 0, saving, scope_of((_EXPRESS,)), (size, days - 1))


RULES: Final = (
    Rule(
        "small-objects",
        "Padding of small objects",
        "The bucket has objects below 128 KB in a class that bills them as 128 KB.",
        "Combine small objects into objects of 128 KB or more before they move, or exclude them from the transition "
        "(ObjectSizeGreaterThan).",
        (
            Measure("padding that is billed", "bytes", "CloudWatch"),
            Measure("small objects, at least", "objects", "CloudWatch"),
        ),
        small_objects,
        frozenset(_PADDING),
    ),
    Rule(
        "glacier-overhead",
        "Overhead of archived objects",
        "The index and metadata of archived objects (40 KB each) are at least 5% of the cost of their class.",
        "Combine objects into archives, such as tar files, before they move.",
        (
            Measure("archived objects", "objects", "CloudWatch"),
            Measure("their data", "bytes", "CloudWatch"),
            Measure("index and metadata", "bytes", "CloudWatch"),
            Measure("average object", "bytes", "CloudWatch"),
        ),
        glacier_overhead,
        frozenset(name for archive in _ARCHIVES for name in archive.types[1:]),
    ),
    Rule(
        "archive-class-size",
        "Archived objects that are cheaper in Standard",
        "With index and metadata, the archived objects cost more than in Standard, because they are small.",
        "Restore the objects, copy them to Standard, and exclude small objects from the transition "
        "(ObjectSizeGreaterThan).",
        (
            Measure("archived objects", "objects", "CloudWatch"),
            Measure("their data", "bytes", "CloudWatch"),
            Measure("average object", "bytes", "CloudWatch"),
        ),
        archive_class_size,
        frozenset(archive.indexes for archive in _ARCHIVES),
    ),
    Rule(
        "sia-size",
        "Small objects that are cheaper in Standard",
        "All current objects are in one class with a minimum billed size, and those below 128 KB cost more than in "
        "Standard.",
        "Copy the objects below 128 KB to Standard, and exclude them from the transition (ObjectSizeGreaterThan).",
        (
            Measure("objects below 128 KB", "objects", "objects"),
            Measure("their data", "bytes", "objects"),
            Measure("average object", "bytes", "objects"),
        ),
        sia_size,
        frozenset(name for names in _PADDED.values() for name in names),
        needs=("objects",),
    ),
    Rule(
        "rrs",
        "Reduced Redundancy",
        "The bucket holds bytes in Reduced Redundancy, which costs more than Standard and is less durable.",
        "Copy the objects to Standard: aws s3 cp s3://{bucket} s3://{bucket} --recursive --storage-class STANDARD",
        (Measure("bytes in Reduced Redundancy", "bytes", "CloudWatch"),),
        rrs,
        frozenset({_RRS}),
    ),
    Rule(
        "express-leftover",
        "Unchanged data in Express One Zone",
        f"The bytes in Express One Zone have not changed for {_UNCHANGED_DAYS} days.",
        "Copy data that is no longer read often to a bucket in Standard, and delete it here.",
        (
            Measure("bytes in Express One Zone", "bytes", "CloudWatch"),
            Measure("unchanged for", "days", "CloudWatch"),
        ),
        express_leftover,
        frozenset({_EXPRESS}),
    ),
)
