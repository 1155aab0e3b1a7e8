"""What AWS bills besides storage, by usage type: requests, retrieval, S3 Select, monitoring, egress, buckets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from s3_monitor.money.price_list import DEEP_ARCHIVE, STORAGE, TRANSFER
from s3_monitor.money.storage_types import pools, storage_classes

ChargeKind = Literal["requests", "retrieval", "select", "uploads", "monitoring", "egress", "buckets"]
EGRESS = "DataTransfer-Out-Bytes"
MONITORING = "Monitoring-Automation-INT"
BUCKETS = "Global-Bucket-Hrs"

_S3 = frozenset({STORAGE, DEEP_ARCHIVE})
_RULES: tuple[tuple[ChargeKind, re.Pattern[str], frozenset[str]], ...] = (
    # Tier1 to Tier6, those of a storage class (SIA-) and of an access tier of Intelligent-Tiering (INT-DAA-) included.
    ("requests", re.compile(r"Requests-(?:[A-Z]+-)*Tier[0-9]+|AdditionalRequests?-[A-Z]+(?:-[A-Za-z0-9]+)*"), _S3),
    (
        "retrieval",
        re.compile(r"Retrieval-[A-Z]+|(?:Standard|Expedited|Bulk)-Retrieval-Bytes|Peak-?Restore(?:-[A-Za-z0-9]+)*"),
        _S3,
    ),
    # S3 Select: data scanned and data returned, with or without a storage class before or behind the bytes.
    ("select", re.compile(r"Select-?(?:Scanned|Returned)(?:-[A-Z]+)*-?Bytes(?:-[A-Z]+)*"), _S3),
    # AWS: Express One Zone charges what exceeds 512 KB of a request by the GB.
    ("uploads", re.compile(r"Upload-XZ"), _S3),
    ("monitoring", re.compile(re.escape(MONITORING)), _S3),
    ("buckets", re.compile(re.escape(BUCKETS)), _S3),
    ("egress", re.compile(re.escape(EGRESS)), frozenset({TRANSFER})),
)
# What a price of each kind is for one of. A price for 1,000 requests or for a TB would be off by that factor.
_UNITS: dict[ChargeKind, frozenset[str]] = {
    "requests": frozenset({"requests", "request", "api requests", "api calls"}),
    "retrieval": frozenset({"gb"}),
    "select": frozenset({"gb"}),
    "uploads": frozenset({"gb"}),
    "monitoring": frozenset({"objects", "object"}),
    "egress": frozenset({"gb"}),
}


def kind_of(service: str, usage_type: str) -> ChargeKind | None:
    """What a usage type, without its region's prefix, is charged for; None: nothing that a matrix holds."""
    return next(
        (kind for kind, pattern, services in _RULES if service in services and pattern.fullmatch(usage_type)), None
    )


def kind_on_bill(usage_type: str) -> ChargeKind | None:
    """As ``kind_of``, whatever the service: bills do not have the price lists' services."""
    return next((kind for kind, pattern, _ in _RULES if pattern.fullmatch(usage_type)), None)


def is_unit(kind: ChargeKind, unit: str) -> bool:
    """Return whether a price of this kind may have this unit."""
    return kind not in _UNITS or unit.casefold() in _UNITS[kind]


# AWS: usage types begin with the billing code of their region, EU- or APN1-; those of us-east-1 with nothing.
_PREFIXED = re.compile(r"([A-Z]{2,5}[0-9]{0,2}-)(.+)")


class Recognized(NamedTuple):
    """``prefix``: the region's. ``kind``: None for storage. ``usage_type``, without the prefix: empty for what no
    matrix holds."""

    prefix: str
    usage_type: str
    kind: ChargeKind | None


@lru_cache(1 << 14)  # lists of a hundred thousand products have some thousand usage types
def recognize(service: str, usage_type: str) -> Recognized:
    """What a usage type of a list is. It is matched whole: Tables-, Vectors- and Files-TimedStorage-ByteHrs are other
    things than TimedStorage-ByteHrs."""
    stripped = _PREFIXED.fullmatch(usage_type)
    for prefix, own in (("", usage_type), *([stripped.groups()] if stripped else [])):
        storage = service in _S3 and own in pools()
        kind = None if storage else kind_of(service, own)
        if storage or kind:
            return Recognized(prefix, own, kind)
    return Recognized("", "", None)


def key(usage_type: str, operation: str = "") -> str:
    """Under which name a matrix has a charge. AWS: a usage type has several prices, told apart by the operation
    (Requests-Tier3 of RestoreObject and of S3-GlacierTransition)."""
    return f"{usage_type}:{operation}" if operation else usage_type


class RequestPrices(NamedTuple):
    """Keys of a storage class's charges, the likeliest first: lists of different years name different operations."""

    put: tuple[str, ...]  # PUT, COPY, POST, LIST
    get: tuple[str, ...]  # GET and all others
    transition: tuple[str, ...]  # lifecycle transitions into it
    retrieval: tuple[str, ...]  # a GB read back


def requests_of(storage_class: str) -> RequestPrices:
    """Return the keys of the prices of a storage class (STANDARD, GLACIER_IR …). Raises KeyError if it is unknown."""
    row = storage_classes()[storage_class]
    code = f"{row.request_code}-" if row.request_code else ""
    put = f"Requests-{code}Tier1"
    operations = ("PutObject", "PostObject", "CopyObject") if code else ()
    return RequestPrices(
        put=(put, *(key(put, operation) for operation in operations)),
        get=(f"Requests-{code}Tier2",),
        transition=(row.transition, row.transition.partition(":")[0]) if row.transition else (),
        retrieval=row.retrieval,
    )
