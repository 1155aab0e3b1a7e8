"""Usage types of charges other than storage: requests, retrieval, S3 Select, monitoring, egress, buckets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar

from s3_monitor.money.price_list import DEEP_ARCHIVE, STORAGE, TRANSFER
from s3_monitor.money.storage_types import pools, storage_classes

T = TypeVar("T")
ChargeKind = Literal["requests", "retrieval", "select", "uploads", "monitoring", "egress", "buckets"]
EGRESS = "DataTransfer-Out-Bytes"
MONITORING = "Monitoring-Automation-INT"
BUCKETS = "Global-Bucket-Hrs"

_S3 = frozenset({STORAGE, DEEP_ARCHIVE})
_RULES: tuple[tuple[ChargeKind, re.Pattern[str], frozenset[str]], ...] = (
    # Tier1 to Tier6, also of a storage class (SIA-) or an access tier of Intelligent-Tiering (INT-DAA-).
    ("requests", re.compile(r"Requests-(?:[A-Z]+-)*Tier[0-9]+|AdditionalRequests?-[A-Z]+(?:-[A-Za-z0-9]+)*"), _S3),
    (
        "retrieval",
        re.compile(r"Retrieval-[A-Z]+|(?:Standard|Expedited|Bulk)-Retrieval-Bytes|Peak-?Restore(?:-[A-Za-z0-9]+)*"),
        _S3,
    ),
    # S3 Select: data scanned and data returned, with or without a storage class before or behind the bytes.
    ("select", re.compile(r"Select-?(?:Scanned|Returned)(?:-[A-Z]+)*-?Bytes(?:-[A-Z]+)*"), _S3),
    # AWS: Express One Zone charges per GB for the part of a request above 512 KB.
    ("uploads", re.compile(r"Upload-XZ"), _S3),
    ("monitoring", re.compile(re.escape(MONITORING)), _S3),
    ("buckets", re.compile(re.escape(BUCKETS)), _S3),
    ("egress", re.compile(re.escape(EGRESS)), frozenset({TRANSFER})),
)
# Units of the prices. A price per 1,000 requests or per TB must not be taken for one of these.
_UNITS: dict[ChargeKind, frozenset[str]] = {
    "requests": frozenset({"requests", "request", "api requests", "api calls"}),
    "retrieval": frozenset({"gb"}),
    "select": frozenset({"gb"}),
    "uploads": frozenset({"gb"}),
    "monitoring": frozenset({"objects", "object"}),
    "egress": frozenset({"gb"}),
}


def is_unit(kind: ChargeKind, unit: str) -> bool:
    """Return whether a price of this kind may have this unit."""
    return kind not in _UNITS or unit.casefold() in _UNITS[kind]


# AWS: usage types begin with the billing code of their region, EU- or APN1-; in us-east-1 they have no prefix.
_PREFIXED = re.compile(r"([A-Z]{2,5}[0-9]{0,2}-)(.+)")


class Recognized(NamedTuple):
    """A usage type of a price list."""

    prefix: str
    """Prefix of the region."""
    usage_type: str
    """Usage type without the prefix; empty: not in a price book."""
    kind: ChargeKind | None
    """Kind of charge; None: storage."""


@lru_cache(1 << 14)  # lists of a hundred thousand products have some thousand usage types
def recognize(service: str, usage_type: str) -> Recognized:
    """Parse a usage type of a price list.

    It must match completely: Tables-, Vectors- and Files-TimedStorage-ByteHrs differ from TimedStorage-ByteHrs.
    """
    stripped = _PREFIXED.fullmatch(usage_type)
    for prefix, own in (("", usage_type), *([stripped.groups()] if stripped else [])):
        storage = service in _S3 and own in pools()
        kinds = (kind for kind, pattern, services in _RULES if service in services and pattern.fullmatch(own))
        kind = None if storage else next(kinds, None)
        if storage or kind:
            return Recognized(prefix, own, kind)
    return Recognized("", "", None)


def key(usage_type: str, operation: str = "") -> str:
    """Return the key of a charge in a price book.

    AWS: a usage type may have a price per operation (Requests-Tier3 of RestoreObject and of S3-GlacierTransition).
    """
    return f"{usage_type}:{operation}" if operation else usage_type


class ClassCharges(NamedTuple, Generic[T]):
    """The charges of a storage class other than storage: their keys in a price book, or their prices."""

    put: T
    """PUT, COPY, POST or LIST request."""
    get: T
    """GET or any other request."""
    transition: T
    """Lifecycle transition of an object into the class."""
    retrieval: T
    """Retrieved GB."""


def requests_of(storage_class: str) -> ClassCharges[tuple[str, ...]]:
    """Return the keys of the charges of a storage class, such as GLACIER_IR. Raises KeyError for another name.

    The likeliest key is the first: price lists of some years name other operations.
    """
    row = storage_classes()[storage_class]
    code = f"{row.request_code}-" if row.request_code else ""
    put = f"Requests-{code}Tier1"
    operations = ("PutObject", "PostObject", "CopyObject") if code else ()
    return ClassCharges(
        put=(put, *(key(put, operation) for operation in operations)),
        get=(f"Requests-{code}Tier2",),
        transition=(row.transition, row.transition.partition(":")[0]) if row.transition else (),
        retrieval=row.retrieval,
    )
