"""The texts of the reasons in money.variance_reasons."""

from __future__ import annotations

from collections.abc import Iterable

from s3_monitor.money.variance_reasons import Cause, Reason

_SENTENCES = {
    Cause.EARLY_DELETION: "early deletion: removed before the minimum duration of its storage class",
    Cause.REQUESTS: "not storage: requests",
    Cause.RETRIEVAL: "not storage: retrieval",
    Cause.SELECT: "not storage: S3 Select",
    Cause.UPLOADS: "not storage: uploads",
    Cause.MONITORING: "not storage: Intelligent-Tiering monitoring",
    Cause.OBJECT_TAGS: "not storage: object tags",
    Cause.MANAGEMENT: "not storage: inventory, analytics, Storage Lens, batch operations or metadata",
    Cause.BUCKET_FEE: "not storage: fee for buckets",
    Cause.TRANSFER: "not storage: transfer",
    Cause.OTHER_STORAGE: "tables, vectors or files, which bucket metrics do not cover",
    Cause.OTHER: "not storage of buckets",
    Cause.CREDITS: "credits, refunds or tax",
    Cause.CREDITS_INCLUDED: "credits or refunds",
    Cause.CREDITS_WITHOUT_USAGE: "credits, refunds or tax: the line has no usage",
    Cause.NO_LIST_PRICE: "no known list price",
    Cause.NOT_ON_BILL: "not on the bill: free, not billed yet, or under another name",
    Cause.FREE: "free tier, or credits for the complete amount",
    Cause.VOLUME_TIERS: "volume tiers that accounts outside the plan fill too, or a discount",
    Cause.MISSING_REGION: "data of this region is missing: see the gaps",
    Cause.OTHER_ACCOUNT_TAGGED: "tags name buckets of another account",
    Cause.BILL_LAGS: "more bytes measured than billed: the bill is delayed, or counts days differently",
    Cause.DELETED_BUCKETS: "buckets deleted since",
    Cause.OUTSIDE_SELECTION: "buckets and storage types outside the selection",
    Cause.WITHOUT_BUCKET: "no bucket, or a bucket that is not in the report",
    Cause.UNTAGGED: "not tagged, or not with the name of a bucket",
    Cause.STAGING: "staging: parts of uploads that existed only between two daily figures",
    Cause.NOTHING_STORED_NOW: "no bucket has any bytes now: deleted or emptied buckets, objects of a few hours",
    Cause.UNSEEN_BYTES: (
        "bytes that the daily figures do not show: deleted or emptied buckets, restored copies, objects of a few hours"
    ),
    Cause.MONTH_OPEN: "the month is not closed yet",
}


def text(reasons: Iterable[Reason]) -> str:
    """Return the sentences of a line's reasons."""
    return "; ".join(map(_sentence, reasons))


def _sentence(reason: Reason) -> str:
    match reason.cause:
        case Cause.UNEXPECTED_UNIT:
            unit = repr(reason.unit[:30]) if reason.unit else "no unit"
            return f"not compared and not attributed: the quantity must be in GB-months, got {unit}"
        case Cause.ABOVE_LIST:
            return f"{reason.share:.1%} above the list price: a newer price list, or fewer accounts share its tiers"
        case Cause.DISCOUNT:
            return f"discount or credits: {reason.share:.1%} below the list price"
        case Cause.DAYS_NOT_AVAILABLE:
            if reason.days == 1:
                return "the last day's figures are not available yet"
            return f"the figures of the last {reason.days} days are not available yet"
    return _SENTENCES[reason.cause]
