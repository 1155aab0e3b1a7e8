"""The summaries of earlier builds, as lines of text that the Jenkinsfile keeps in a variable of each build."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

VARIABLE_LIMIT = 100_000  # characters; the limit of Linux for a variable is 131,072 bytes
_SUMMARY_LIMIT = 50_000_000  # bytes after decompression
_FIELDS = ("as_of", "format", "complete", "currency", "prices", "selection")
_GROUPS = ("by_account", "by_region", "by_storage_type")
_SUMS = ("size", "cost", "unpriced_size", "unknown_buckets", "upper_bound_size")
_PROBLEM = ("severity", "affects", "account", "region")
_EMPTIED = ("name", "account", "region")
_SAME_SELECTION = ("profile", "regions", "buckets", "storage_types", "shards", "regex")

Summary = Mapping[str, Any]


def encode(summary: Summary) -> str:
    """Return the fields that a comparison needs as one line of text; '' if they are too long for a variable."""
    kept = {name: summary[name] for name in _FIELDS if name in summary}
    kept["totals"] = _only(summary["totals"], _SUMS)
    for dimension in _GROUPS:
        kept[dimension] = {name: _only(group, _SUMS) for name, group in summary[dimension].items()}
    gaps = [_only(problem, _PROBLEM) for problem in summary["problems"] if problem["severity"] == "gap"]
    kept["problems"] = [gap for number, gap in enumerate(gaps) if gap not in gaps[:number]]
    kept["emptied"] = [_only(bucket, _EMPTIED) for bucket in summary.get("emptied", [])]
    content = json.dumps(kept, separators=(",", ":")).encode()
    line = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    return line if len(line) <= VARIABLE_LIMIT else ""


def decode(line: str) -> dict[str, Any] | None:
    """Return the summary of a line; None if the line is damaged."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(line, validate=True), _SUMMARY_LIMIT)
        summary = json.loads(content) if unpacker.eof else None
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return None
    return summary if isinstance(summary, dict) else None


def newest_earlier(lines: Iterable[str], plan: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the first summary of an earlier day with the selection of the plan; None if there is none.

    A build that is started again on the same day thus has the same comparison.
    """
    for line in lines:
        summary = decode(line)
        if summary is not None and _is_comparable(summary, plan):
            return summary
    return None


def _is_comparable(summary: Summary, plan: Mapping[str, Any]) -> bool:
    """Return whether the summary is of an earlier day and has the same selection."""
    then, now = summary.get("selection"), plan.get("selection")
    if not isinstance(then, dict) or not isinstance(now, dict):
        return False
    is_same = all(then.get(name) == now.get(name) for name in _SAME_SELECTION)
    return is_same and str(summary.get("as_of"))[:10] < str(plan.get("as_of"))[:10]


def _only(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record}
