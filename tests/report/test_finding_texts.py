"""The texts of findings and unusual changes, and the levels of findings.sarif."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import msgspec
import pytest

from s3_monitor.findings.finding import Finding
from s3_monitor.model.change import Anomaly
from s3_monitor.model.finding import Evidence
from s3_monitor.report import sarif
from s3_monitor.report.finding_text import anomaly_text, evidence_text, value_text
from s3_monitor.report.findings_json import entry

DAY, OTHER = date(2026, 11, 28), date(2026, 11, 27)
ANOMALY = Anomaly("b", "1", "r", DAY, "grew", 2.0**41, 47.1, "bytes", 3.0 * 2**30, 2.0**30, 20)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "+2.00 TiB, +EUR 47.10 per month on 2026-11-28 (usually +3.00 GiB per day)"),
        ({"cost": None}, "+2.00 TiB on 2026-11-28 (usually +3.00 GiB per day)"),
        (
            {"cost": -1.0, "size": -1024.0, "usual": 0.0},
            "−1.00 KiB, −EUR 1.00 per month on 2026-11-28 (usually no change per day)",
        ),
        (
            {"size": 0.0, "measure": "cost", "usual": 0.5},
            "+EUR 47.10 per month on 2026-11-28 (usually +EUR 0.50 per day)",
        ),
    ],
)
def test_an_unusual_change_is_compared_in_its_measure(changes: dict[str, Any], text: str) -> None:
    assert anomaly_text(msgspec.structs.replace(ANOMALY, **changes), "EUR") == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "bytes", "unknown"),
        ("versioning is off", "", "versioning is off"),
        (2.0**30, "bytes", "1.00 GiB"),
        (1.5, "USD", "EUR 1.50"),
        (1, "days", "1 day"),
        (90, "days", "90 days"),
        (1234, "objects", "1,234"),
        (0, "", "0"),
    ],
)
def test_a_value_of_the_evidence_has_its_unit(value: Any, unit: Any, text: str) -> None:
    assert value_text(Evidence("n", value, unit, "CloudWatch", None), "EUR") == text


def test_the_evidence_has_each_day_once_in_a_row() -> None:
    evidence = [
        Evidence("a", 1, "objects", "CloudWatch", DAY),
        Evidence("b", 2, "objects", "CloudWatch", DAY),
        Evidence("c", 3, "objects", "list prices", None),
        Evidence("d", 4, "objects", "objects", DAY),
        Evidence("e", 5, "objects", "objects", OTHER),
        Evidence("f", 6, "objects", "CloudWatch", DAY),
    ]
    found = entry(Finding("rrs", "1", "r", "b", "exact", 2.0, 2.0, 0, (7,), {}), None)
    assert evidence_text(msgspec.structs.replace(found, evidence=evidence), "USD") == (
        "a: 1 (CloudWatch, 2026-11-28); b: 2; c: 3; d: 4; e: 5 (objects, 2026-11-27); f: 6 (CloudWatch, 2026-11-28)"
    )


@pytest.mark.parametrize(
    ("bucket", "high", "level", "uri", "place"),
    [
        ("b", 2.0, "warning", "s3://b", "b"),
        ("b", 0.0, "note", "s3://b", "b"),
        ("b", None, "note", "s3://b", "b"),
        (None, 2.0, "warning", "s3://1/r", "1 r"),
        ("a b<", 2.0, "warning", "s3://a/b%3C", "a b<"),
    ],
)
def test_results_without_a_saving_are_notes(
    bucket: str | None, high: float | None, level: str, uri: str, place: str
) -> None:
    file = io.BytesIO()
    sarif.write(file, [Finding("rrs", "1", "r", bucket, "exact", high, high, 0, (7,), {})], "USD")
    (result,) = json.loads(file.getvalue())["runs"][0]["results"]
    assert result["level"] == level
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": uri}}}]
    assert result["message"]["text"].startswith(f"{place}: ")
    assert result["partialFingerprints"] == {"bucket": f"1/r/{bucket or ''}"}
