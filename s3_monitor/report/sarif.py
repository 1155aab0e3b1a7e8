"""Write report/findings.sarif (SARIF 2.1.0), which the Warnings plugin of Jenkins and other tools read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any
from urllib.parse import quote

import msgspec

from s3_monitor import __version__
from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.report.finding_text import amount_text, evidence_text
from s3_monitor.report.findings_json import entry, write_elements

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 10_000


def write(file: IO[bytes], findings: Sequence[Finding], currency: str) -> None:
    """Write the largest findings, at most MAX_RESULTS: tools for SARIF keep all of them in memory."""
    driver = {"name": "s3-monitor", "semanticVersion": __version__, "rules": _rules()}
    head = msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}}]})
    file.write(head.removesuffix(b"}]}") + b',"results":[')
    write_elements(file, _results(findings[:MAX_RESULTS], currency))
    file.write(b"]}]}\n")


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.condition},
            "help": {"text": rule.fix.replace("{bucket}", "BUCKET")},
        }
        for rule in RULES.values()
    ]


def _results(findings: Sequence[Finding], currency: str) -> Iterator[dict[str, Any]]:
    for finding in findings:
        shown = entry(finding, None)
        amount = f"{amount_text(shown, currency)} per month. {evidence_text(shown, currency)}"
        place = finding.bucket or f"{finding.account} {finding.region}"
        uri = f"s3://{quote(place.replace(' ', '/'))}"
        yield {
            "ruleId": finding.id,
            "level": "warning" if finding.high else "note",
            "message": {"text": f"{place}: {RULES[finding.id].title}: {amount}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}}}],
            "partialFingerprints": {"bucket": f"{finding.account}/{finding.region}/{finding.bucket or ''}"},
        }
