"""Write report/findings.json, with a finding per line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import IO

import msgspec
from msgspec import UnsetType

from s3_monitor.findings.finding import Finding
from s3_monitor.model.finding import FindingsFile, FindingTotals
from s3_monitor.model.safe_text import in_json
from s3_monitor.model.summary import Summary
from s3_monitor.report.finding_entries import ObjectCounts, entries, rule_texts

_CHUNK = 1000


def write(file: IO[bytes], summary: Summary, findings: Sequence[Finding], objects: ObjectCounts) -> None:
    """Write the file in chunks, so that memory does not grow with the number of findings."""
    sums = summary.findings
    totals = FindingTotals(0, 0, 0.0, 0.0, 0) if isinstance(sums, UnsetType) else sums.totals
    head = msgspec.json.encode(FindingsFile(summary.as_of, summary.currency, totals, rule_texts()))
    file.write(in_json(head.removesuffix(b"]}")))
    encode = msgspec.json.Encoder().encode
    rest = entries(findings, objects)
    separator = b"\n"
    while lines := [encode(entry) for entry in islice(rest, _CHUNK)]:
        file.write(separator + in_json(b",\n".join(lines)))
        separator = b",\n"
    file.write(b"]}\n" if separator == b"\n" else b"\n]}\n")
