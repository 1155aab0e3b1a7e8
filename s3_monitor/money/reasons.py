"""Why a line of the bill is not what list prices say: the likely cause, in words."""

from __future__ import annotations

import re
from typing import NamedTuple

# What is worth a word: a cent, and half a percent of the line.
_LEAST, _PART = 0.01, 0.005

# AWS: usage types, without the region's prefix.
_OTHER = (
    (re.compile(r"EarlyDelete-.*"), "early delete: removed before the least time that its class is charged for"),
    (re.compile(r"Requests-.*"), "not storage: requests"),
    (re.compile(r"Retrieval-.*|.*-Retrieval-Bytes|Select-.*"), "not storage: retrieval"),
    (re.compile(r"(?!TimedStorage).*-Bytes(-.*)?|.*DataTransfer.*|.*CloudFront.*"), "not storage: transfer"),
    (re.compile(r"Monitoring-Automation-.*"), "not storage: monitoring of Intelligent-Tiering"),
    (re.compile(r"(Tables|Vectors|Files|Annotation)-.*"), "tables, vectors, files: not in buckets' figures"),
    (re.compile(r"(Standard|Bulk|Expedited).*Retrieval.*"), "not storage: retrieval"),
    (re.compile(r"|NoUsageType|Tax.*"), "credits, refunds or tax"),
)


class Facts(NamedTuple):
    """Of a line, in USD and GB-months. ``own``: the usage type without prefix; ``storage``: that of a storage type.
    ``gone``: what deleted buckets explain. ``last``: the price of the pool's last tier, null where it has one only."""

    own: str
    storage: bool
    list_price: float | None
    billed: float
    attributed: float
    gone: float
    quantity: float
    observed: float
    last: float | None
    tagged: bool
    estimated: bool
    missing: bool
    narrowed: bool


def reason(line: Facts) -> str:
    """Causes, the likeliest of each kind; empty where nothing needs one."""
    if not line.storage:
        return _other(line) if line.billed else ""
    if line.quantity == 0 and line.billed:
        return "credits, refunds or tax: no usage stands behind it"
    known = [_price(line), _usage(line)]
    if any(known) and line.estimated:
        known.append("the month is not closed yet")
    return "; ".join(cause for cause in known if cause)


def _other(line: Facts) -> str:
    found = next((text for pattern, text in _OTHER if pattern.fullmatch(line.own)), "not storage of buckets")
    return f"{found}; credits or refunds" if line.billed < 0 and "credits" not in found else found


def _price(line: Facts) -> str:
    """The same bytes at another price."""
    if line.list_price is None:
        return "no list price is known" if line.billed else ""
    at_list = line.list_price
    if line.tagged or not at_list or not _matters(line.attributed - at_list, line):
        return ""
    if line.quantity == 0:
        return "not on the bill: free, not billed yet, or under another name"
    if line.billed == 0:
        return "free tier, or credits that pay for all of it"
    off = (line.attributed - at_list) / at_list
    if abs(off) < _PART:
        return ""
    if off > 0:
        return f"{off:.1%} above the list: another edition of it, or fewer accounts share its tiers"
    if line.last is not None and line.billed / line.quantity >= line.last * (1 - _PART):
        return "volume tiers that accounts outside the plan fill too, or a discount"
    return f"discount or credits: {-off:.1%} below the list"


def _usage(line: Facts) -> str:
    """The same price for other bytes."""
    rest = line.billed - line.attributed
    if not _matters(rest, line):
        return ""
    if line.missing:
        return "figures of this region are missing: see the gaps"
    if rest < 0:
        if line.tagged:
            return "tags name buckets of another account"
        return "more bytes seen than billed: the bill lags behind, or counts days otherwise"
    if line.gone >= rest / 2:
        return "buckets deleted since"
    if line.narrowed:
        return "buckets and storage types outside the selection"
    if line.tagged:
        return "not tagged, or not with a bucket's name"
    if line.own.endswith("Staging"):
        return "staging: parts of uploads that came and went between the daily figures"
    if not line.observed:
        return "no bucket holds any now: deleted or emptied buckets, objects of a few hours"
    return (
        "bytes that the daily figures do not show: deleted or emptied buckets, restored copies, objects of a few hours"
    )


def _matters(amount: float, line: Facts) -> bool:
    return abs(amount) >= max(_LEAST, _PART * max(abs(line.billed), abs(line.list_price or 0)))
