"""report/findings.json: findings with their texts, one per line."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import IO, Final

import msgspec
from msgspec import UnsetType

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding, Missing, scope_names
from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.finding import (
    Evidence,
    FindingEntry,
    FindingException,
    FindingRuleText,
    FindingsFile,
    FindingTotals,
    KnownBy,
)
from s3_monitor.model.safe_text import in_json
from s3_monitor.model.summary import Summary
from s3_monitor.money.other_prices import CUSTOM_METRIC, REQUEST_METRICS

_KEYS_PER_REQUEST = 1000
_CHUNK = 1000
_METRICS_USD: Final = float(CUSTOM_METRIC * REQUEST_METRICS)
_HOW: Final[Mapping[Missing, str]] = {
    "objects": "a listing with versions (--objects listing --versions) or a Storage Lens export",
    "requests": "request metrics of the bucket (a metrics configuration without a filter, and --requests)",
    "prices": "a price list with all prices of the region (--prices)",
    "bill": "the bill by bucket",
}

ObjectCounts = Mapping[tuple[str, str, str | None], float | None]


def object_counts(facts: MergedData) -> ObjectCounts:
    """Return the number of objects of each bucket."""
    return {(bucket.account, bucket.region, bucket.name): bucket.objects for bucket in facts.buckets}


def entry(finding: Finding, objects: float | None) -> FindingEntry:
    """Return the entry of a finding. ``objects``: number of objects of the bucket; None: unknown."""
    rule = RULES[finding.id]
    return FindingEntry(
        finding.id,
        finding.bucket,
        finding.account,
        finding.region,
        finding.kind,
        finding.amount,
        finding.low,
        finding.high,
        finding.once,
        list(scope_names(finding.scope)),
        [
            Evidence(measure.name, value, measure.unit, measure.source, finding.dates.get(measure.source))
            for measure, value in zip(rule.evidence, finding.values, strict=False)
            if value is not None
        ],
        rule.fix.replace("{bucket}", shlex.quote(finding.bucket or "")),
        rule.lifecycle_rule,
        known_by(finding, objects),
        None if finding.exception is None else FindingException(finding.exception.reason, finding.exception.until),
    )


def known_by(finding: Finding, objects: float | None) -> KnownBy | None:
    """Return what would make the amount known, and what it costs; None: nothing is missing."""
    if not finding.missing:
        return None
    if finding.missing == "objects":
        requests = None if objects is None else max(1, -(-int(objects) // _KEYS_PER_REQUEST))
        usd = None if requests is None else float(CallCounts({"ListObjectVersions": requests}).usd)
        return KnownBy(_HOW["objects"], usd, "run")
    if finding.missing == "requests":
        return KnownBy(_HOW["requests"], _METRICS_USD, "month")
    return KnownBy(_HOW[finding.missing], None, "run")


def write(file: IO[bytes], summary: Summary, findings: Sequence[Finding], objects: ObjectCounts) -> None:
    """Write the file."""
    sums = summary.findings
    totals = FindingTotals(0, 0, 0.0, 0.0, 0) if isinstance(sums, UnsetType) else sums.totals
    rules = {str(rule.id): FindingRuleText(rule.title, rule.condition) for rule in RULES.values()}
    head = msgspec.json.encode(FindingsFile(summary.as_of, summary.currency, totals, rules))
    file.write(in_json(head.removesuffix(b"]}")))
    write_elements(file, (entry(finding, objects.get(finding.key)) for finding in findings))
    file.write(b"\n]}\n" if findings else b"]}\n")


def write_elements(file: IO[bytes], elements: Iterable[object]) -> None:
    """Write elements of a list, one per line, in chunks, so that memory does not grow with their number."""
    encoded = map(msgspec.json.Encoder().encode, elements)
    separator = b"\n"
    while lines := [*islice(encoded, _CHUNK)]:
        file.write(separator + in_json(b",\n".join(lines)))
        separator = b",\n"
