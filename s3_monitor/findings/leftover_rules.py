"""Findings about bytes and buckets that may no longer be needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from s3_monitor.findings.class_rules import cost_of, per_month
from s3_monitor.findings.facts import BucketFacts, difference, total
from s3_monitor.findings.finding import Finding, fee_scope, scope_of
from s3_monitor.findings.rule import Measure, Rule
from s3_monitor.model.object_stats import Amount
from s3_monitor.money.list_pricing import Exact, to_dollars
from s3_monitor.money.storage_types import allocate_to_types, storage_types
from s3_monitor.trends.daily_totals import class_of

_STANDARD, _GIR, _DEEP_ARCHIVE = "StandardStorage", "GlacierInstantRetrievalStorage", "DeepArchiveStorage"
_UPLOAD_TYPES: Final = (_STANDARD, "GlacierStagingStorage", "DeepArchiveStagingStorage")
_MANY_MARKERS = 1000  # AWS: keys per page of a listing
_KEY_BYTES = 1024  # AWS: the longest key; a delete marker is billed for its key
EMPTY_DAYS = 90
_UNUSED_DAYS = 30
# AWS: parts of uploads into archive classes are billed at the Standard rate until the upload is completed.
_UPLOADED_AT_STANDARD_RATES: Final = frozenset({"STANDARD", "GLACIER", "DEEP_ARCHIVE"})
_ARCHIVED: Final = ("GLACIER", "DEEP_ARCHIVE")
_ACCESS: Final = ("GetRequests", "HeadRequests", "SelectRequests", "PutRequests", "PostRequests", "DeleteRequests")
# AWS: reads and writes of objects call KMS; HEAD and LIST do not.
_ENCRYPTING: Final = ("GetRequests", "SelectRequests", "PutRequests", "PostRequests")
_BUCKET_KEY_SHARE = 99  # AWS: a bucket key reduces the requests to KMS by up to 99%


def mpu_no_abort(facts: BucketFacts) -> Finding | None:
    """Return the parts of incomplete multipart uploads that no lifecycle rule deletes."""
    covered = facts.coverage("abort-uploads")
    if covered in (None, "all") or not facts.size or facts.bucket.kind != "general-purpose":
        return None
    scope = scope_of(_UPLOAD_TYPES, "uploads")
    old = None if facts.objects is None else facts.objects.old_multipart
    uploads = facts.objects.multipart if facts.objects is not None and old is None else old
    if uploads is None:
        staging = sum(facts.sizes.get(name, 0) for name in _UPLOAD_TYPES[1:])
        return facts.unknown("mpu-no-abort", "objects", scope, (covered, None, None, staging))
    if not uploads.objects:
        return None
    cost = facts.prices.removed(_STANDARD, uploads.size)
    values = (covered, uploads.objects, uploads.size, None)
    # Recent uploads may still be completed, and parts in cheaper classes than Standard cost less.
    if old is None or not _UPLOADED_AT_STANDARD_RATES.issuperset(map(class_of, facts.sizes)):
        return facts.bounded("mpu-no-abort", "at-most", 0, cost, scope, values)
    return facts.exact("mpu-no-abort", cost, scope, values, (_STANDARD,))


def noncurrent_kept(facts: BucketFacts) -> Finding | None:
    """Return the cost of noncurrent versions that no lifecycle rule deletes."""
    versioning = facts.config.versioning if facts.config is not None else None
    if versioning not in ("enabled", "suspended") or not facts.size:
        return None
    if facts.coverage("expire-noncurrent") in (None, "all"):
        return None
    scope = scope_of(facts.bucket.types, "noncurrent")
    if facts.objects is None or facts.objects.noncurrent is None:
        return facts.unknown("noncurrent-kept", "objects", scope, (versioning, None, None))
    versions = facts.objects.noncurrent_classes
    found = sum(versions.values(), Amount())
    if not found.size:
        return None
    values = (versioning, found.objects, found.size)
    return facts.bounded("noncurrent-kept", "at-most", 0, _cost_of_classes(facts, versions), scope, values)


def _cost_of_classes(facts: BucketFacts, classes: Mapping[str, Amount]) -> Exact | None:
    sizes = allocate_to_types({name: amount.size for name, amount in classes.items()}, facts.sizes)
    return total(*(facts.prices.removed(name, size) for name, size in sizes.items()))


def delete_markers(facts: BucketFacts) -> Finding | None:
    """Return delete markers that slow down listings and that no lifecycle rule removes."""
    count = None if facts.objects is None else facts.objects.delete_markers
    if count is None or count < _MANY_MARKERS or count * 10 < (facts.bucket.objects or 0):
        return None
    if facts.coverage("remove-delete-markers") in (None, "all"):
        return None
    scope = scope_of((_STANDARD,), "noncurrent") | fee_scope("requests")
    if facts.requests is None:
        return facts.unknown("delete-markers", "requests", scope, (count, None))
    lists = per_month(facts.requests, ("ListRequests",))
    price = facts.prices.of_class("STANDARD").put
    keys = facts.prices.removed(_STANDARD, count * _KEY_BYTES)
    cost = None if price is None else total(keys, cost_of(lists, price))
    return facts.bounded("delete-markers", "at-most", 0, cost, scope, (count, lists))


def empty_bucket(facts: BucketFacts) -> Finding | None:
    """Return a bucket that has been empty for a long time, with its share of the fee for many buckets."""
    days = facts.empty_days
    if days is None or days < EMPTY_DAYS:
        return None
    scope, values = fee_scope("buckets"), (days,)
    usd = to_dollars(facts.bucket_fee or 0)
    return facts.finding("empty-bucket", "exact", usd, usd, scope, values)


def no_access(facts: BucketFacts) -> Finding | None:
    """Return the storage cost of a bucket whose objects are neither read nor written."""
    days = _days_without_access(facts)
    if days is None or (facts.age is not None and facts.age < _UNUSED_DAYS):
        return None
    sizes, removed = facts.sizes, facts.prices.removed
    objects = _objects_online(facts.bucket.types)
    size = int(sum([sizes[name] for name in objects]))
    if not size:
        return None
    cost = total(*[removed(name, size) for name, size in sizes.items()])
    now = total(*[removed(name, sizes[name]) for name in objects])
    cheaper = [difference(now, facts.prices.added(name, size)) for name in (_GIR, _DEEP_ARCHIVE)]
    savings = [None if amount is None else to_dollars(amount) for amount in cheaper]
    return facts.bounded("no-access", "at-most", 0, cost, scope_of(facts.bucket.types), (*days, facts.size, *savings))


@cache
def _objects_online(types: tuple[str, ...]) -> list[str]:
    """Return the storage types of objects that are not archived."""
    known = storage_types()
    return [
        name
        for name in types
        if name in known and known[name].contains == "objects" and known[name].storage_class not in _ARCHIVED
    ]


def _days_without_access(facts: BucketFacts) -> tuple[int | None, int | None] | None:
    """Return the days without access by request metrics and by the bill; None: there was access, or it is unknown."""
    days = None if facts.bill is None else facts.bill.days_since_request
    if days is not None:
        return (None, days) if days >= _UNUSED_DAYS else None
    metrics = facts.requests
    if metrics is None or metrics.days < _UNUSED_DAYS or any(metrics.sums.get(name) for name in _ACCESS):
        return None
    return metrics.days, None


def kms_no_bucket_key(facts: BucketFacts) -> Finding | None:
    """Return the cost of requests to KMS that a bucket key avoids."""
    encryption = facts.config.encryption if facts.config is not None else None
    if not encryption or encryption.method != "aws:kms" or encryption.bucket_key or not facts.size:
        return None
    scope = fee_scope("requests")
    if facts.requests is None:
        return facts.unknown("kms-no-bucket-key", "requests", scope, (None,))
    requests = per_month(facts.requests, _ENCRYPTING)
    price = facts.prices.kms_request
    saving = None if price is None else cost_of(requests, price) * _BUCKET_KEY_SHARE // 100
    return facts.bounded("kms-no-bucket-key", "at-most", 0, saving, scope, (requests,))


RULES: Final = (
    Rule(
        "mpu-no-abort",
        "Incomplete multipart uploads without a rule",
        "No enabled lifecycle rule deletes the incomplete multipart uploads of all keys, and the bucket has such "
        "uploads, or it is unknown whether it has.",
        "Add a lifecycle rule that deletes incomplete multipart uploads after 7 days.",
        (
            Measure("keys that a rule covers", "", "configuration"),
            Measure("incomplete uploads", "objects", "objects"),
            Measure("their parts", "bytes", "objects"),
            Measure("parts of uploads into archive classes", "bytes", "CloudWatch"),
        ),
        mpu_no_abort,
        needs=("config",),
        lifecycle_rule='{"ID": "abort-incomplete-uploads", "Status": "Enabled", "Filter": {}, '
        '"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}',
    ),
    Rule(
        "noncurrent-kept",
        "Noncurrent versions without a rule",
        "Versioning is enabled or suspended, no enabled lifecycle rule deletes the noncurrent versions of all keys, "
        "and the bucket has such versions, or it is unknown whether it has.",
        "If retention and legal holds permit it, add a lifecycle rule that deletes noncurrent versions. The amount is "
        "that of deleting all of them.",
        (
            Measure("versioning", "", "configuration"),
            Measure("noncurrent versions", "objects", "objects"),
            Measure("their data", "bytes", "objects"),
        ),
        noncurrent_kept,
        needs=("config",),
        lifecycle_rule='{"ID": "expire-noncurrent-versions", "Status": "Enabled", "Filter": {}, '
        '"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}',
    ),
    Rule(
        "delete-markers",
        "Delete markers without a rule",
        f"The bucket has at least {_MANY_MARKERS:,} delete markers, at least a tenth of its objects, and no enabled "
        "lifecycle rule removes those of all keys. They slow down listings.",
        "Add a lifecycle rule that removes delete markers without noncurrent versions.",
        (
            Measure("delete markers", "objects", "objects"),
            Measure("list requests in 30 days", "requests", "request metrics"),
        ),
        delete_markers,
        needs=("objects", "config"),
        lifecycle_rule='{"ID": "remove-delete-markers", "Status": "Enabled", "Filter": {}, '
        '"Expiration": {"ExpiredObjectDeleteMarker": true}}',
    ),
    Rule(
        "empty-bucket",
        "Empty bucket",
        f"The bucket has been empty for {EMPTY_DAYS} days. It costs nothing, unless the account has more than 2,000 "
        "buckets.",
        "If nothing writes to the bucket, redirects from it or reserves its name, delete it: aws s3 rb s3://{bucket}",
        (Measure("empty for, at least", "days", "CloudWatch"),),
        empty_bucket,
    ),
    Rule(
        "no-access",
        "No access",
        f"No object was read, written or deleted for {_UNUSED_DAYS} days, by request metrics or a billing export, and "
        "not all bytes are archived.",
        "If the data is needed, move it to Glacier Instant Retrieval or Glacier Deep Archive; otherwise delete it. The "
        "amount is that of deleting it.",
        (
            Measure("time without access", "days", "request metrics"),
            Measure("time without access, at least", "days", "bill"),
            Measure("bytes", "bytes", "CloudWatch"),
            Measure("saving in Glacier Instant Retrieval", "USD", "price list"),
            Measure("saving in Glacier Deep Archive", "USD", "price list"),
        ),
        no_access,
        needs=("access",),
    ),
    Rule(
        "kms-no-bucket-key",
        "KMS encryption without a bucket key",
        "The default encryption is aws:kms without an S3 Bucket Key, so that each read and write calls KMS.",
        "Enable the S3 Bucket Key. Copy existing objects to use it for them, too.",
        (Measure("requests that call KMS in 30 days", "requests", "request metrics"),),
        kms_no_bucket_key,
        needs=("config",),
    ),
)
