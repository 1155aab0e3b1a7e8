"""The contents of the page about savings: which findings it lists, in which order, and what it leaves out."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from msgspec import UNSET, UnsetType

from s3_monitor.findings.finding import Finding
from s3_monitor.model.finding import FindingSums, FindingTotals
from s3_monitor.model.policies import PolicyException
from s3_monitor.report import findings_json
from s3_monitor.report.finding_text import totals_text
from s3_monitor.report.savings import TOP_FINDINGS, Savings, build_savings
from tests.report.builder import bucket, summary

SILENCED = PolicyException(bucket="*", reason="later", until=date(2027, 1, 1))


def finding(name: str | None = "a", high: float | None = 2.0, **fields: Any) -> Finding:
    values: dict[str, Any] = {
        "id": "rrs", "account": "111122223333", "region": "us-east-1", "bucket": name,
        "kind": "unknown" if high is None else "exact", "low": high, "high": high, "scope": 0, "values": (7,),
        "dates": {},
    }  # fmt: skip
    return Finding(**values | fields)


def totals(high: float) -> FindingTotals:
    return FindingTotals(1, 1, 0.0, high, 0)


def savings(*findings: Finding, **sums: Any) -> Savings:
    values = {"totals": totals(1.0), "excepted": 0, "by_id": {}, "by_account": {}} | sums
    found = build_savings(findings, FindingSums(**values), [bucket("a", num_objects=2500.0)], [bucket("a")])
    assert found is not None
    return found


def test_without_sums_there_is_no_page() -> None:
    assert build_savings([finding()], UNSET, [bucket("a")], [bucket("a")]) is None


@pytest.mark.parametrize(("number", "further"), [(0, 0), (199, 0), (200, 0), (201, 1), (250, 50)])
def test_the_200_largest_findings_are_listed_and_the_others_counted(number: int, further: int) -> None:
    found = savings(*(finding(f"b{index}", 1000.0 - index) for index in range(number)))
    assert ([entry.bucket for entry in found.top], found.further) == (
        [f"b{index}" for index in range(min(number, TOP_FINDINGS))],
        further,
    )
    assert TOP_FINDINGS == 200


def test_unknown_amounts_amounts_of_0_and_exceptions_are_not_among_the_largest() -> None:
    silenced = [finding(f"s{index}", exception=SILENCED) for index in range(201)]
    found = savings(finding("a"), finding("none", 0.0), finding("unknown", None), *silenced)
    assert [entry.bucket for entry in found.top] == ["a"]
    assert [entry.bucket for entry in found.excepted] == [f"s{index}" for index in range(200)]
    assert found.further == 0


def test_rules_and_tag_values_are_sorted_by_amount_and_name() -> None:
    by_id = {"rrs": totals(1.0), "small-objects": totals(3.0), "ia-candidate": totals(1.0)}
    tags = {"team": {"b": totals(1.0), "a": totals(1.0), "c": totals(2.0)}, "app": {"x": totals(0.5)}}
    found = savings(by_id=by_id, by_tag=tags)
    amounts = [(-sums.usd_month_high, rule.title) for rule, sums in found.rules]
    assert amounts == sorted(amounts) and len(amounts) == 3
    assert {rule.id for rule, _ in found.rules} == by_id.keys()
    assert [(key, [value for value, _ in values]) for key, values in found.tags] == [
        ("app", ["x"]), ("team", ["c", "a", "b"]),
    ]  # fmt: skip
    assert savings().tags == []


def test_the_findings_of_a_bucket_are_those_of_the_buckets_with_a_page() -> None:
    found = savings(
        finding("a"),
        finding("a", None, missing="objects"),
        finding("other"),
        finding(None),
        finding("a", exception=SILENCED),
    )
    key = ("111122223333", "us-east-1", "a")
    assert found.of_bucket.keys() == {key}
    assert [entry.usd_month for entry in found.of_bucket[key]] == [2.0, None, 2.0]
    known = found.of_bucket[key][1].known_by
    assert known is not None and known.usd == pytest.approx(3 * 0.005 / 1000)
    assert savings(finding("other")).of_bucket == {}


def test_what_makes_amounts_known_is_summed_by_rule_unless_a_part_is_unknown() -> None:
    listing = {"high": None, "missing": "objects"}
    found = savings(
        finding("a", **listing),
        finding("a", **listing),
        finding("small", id="small-objects", **listing),
        finding("a", id="small-objects", **listing),
        finding("ia", None, id="ia-candidate", missing="requests"),
        finding("priced", 2.0, id="ia-candidate", missing="requests"),
        finding("other", None, missing="objects", exception=SILENCED),
    )
    rows = {rule.id: (number, known.usd, known.per) for rule, number, known in found.unknown}
    assert rows == {
        "rrs": (2, pytest.approx(2 * 3 * 0.005 / 1000), "run"),
        "small-objects": (2, None, "run"),
        "ia-candidate": (1, pytest.approx(4.8), "month"),
    }


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        (UNSET, FindingTotals(0, 0, 0.0, 0.0, 0)),
        (FindingSums(FindingTotals(3, 2, 1.0, 9.0, 1), 0, {}, {}), FindingTotals(3, 2, 1.0, 9.0, 1)),
    ],
)
def test_findings_json_has_totals_of_0_where_findings_were_not_computed(
    sums: FindingSums | UnsetType, expected: FindingTotals
) -> None:
    file = io.BytesIO()
    findings_json.write(file, summary([bucket()], findings=sums), [], {})
    written = json.loads(file.getvalue())["totals"]
    assert {name: written[name] for name in ("findings", "buckets", "usd_month_low", "usd_month_high", "unknown")} == {
        name: getattr(expected, name) for name in ("findings", "buckets", "usd_month_low", "usd_month_high", "unknown")
    }


@pytest.mark.parametrize(
    ("low", "high", "unknown", "text"),
    [
        (2.0, 2.0, 0, "$2.00 per month"),
        (0.0, 0.0, 1, "$0.00 per month, 1 finding of unknown amount"),
        (0.0, 2.0, 2, "up to $2.00 per month, 2 findings of unknown amount"),
        (1.0, 2.0, 0, "$1.00 to $2.00 per month"),
    ],
)
def test_sums_of_findings_show_what_is_certain(low: float, high: float, unknown: int, text: str) -> None:
    assert totals_text(FindingTotals(3, 3, low, high, unknown), "USD") == text
