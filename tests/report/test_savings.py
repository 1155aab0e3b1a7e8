"""Findings in findings.json, findings.sarif, report.md and on the pages."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.finding import FINDING_IDS
from s3_monitor.model.policies import Budget, Policies, PolicyException, PolicyRule
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import findings_json, pages, sarif
from s3_monitor.report.data import ReportData, build_report_data
from s3_monitor.report.finding_text import amount_text
from s3_monitor.report.findings_json import entry, object_counts
from s3_monitor.report.markdown import report_lines
from tests.findings.fixtures import AS_OF, GB, TB, bucket, config, merged
from tests.report.builder import HOSTILE
from tests.report.reader import text_of
from tools.schemas import schemas


@pytest.fixture(scope="module")
def data() -> MergedData:
    """Buckets with a finding of each kind, one with a hostile name."""
    return merged(
        [
            bucket("padded", {"StandardIASizeOverhead": 100 * GB}, details=config(tags={"team": "data"})),
            bucket("large", {"StandardStorage": 4 * TB}, objects=1_000_000, details=config(versioning="enabled")),
            bucket(HOSTILE[0], {"ReducedRedundancyStorage": 2 * TB}),
        ],
        details=True,
        group_by_tags=("team",),
    )


@pytest.fixture(scope="module")
def report(data: MergedData) -> ReportData:
    return build_report_data(data, bundled_prices(), AS_OF)


@pytest.fixture(scope="module")
def written(data: MergedData, report: ReportData) -> dict[str, Any]:
    file = io.BytesIO()
    findings_json.write(file, report.summary, report.findings, object_counts(data))
    return dict(json.loads(file.getvalue()))


def test_every_id_has_one_rule_with_as_many_measures_as_values(report: ReportData) -> None:
    assert sorted(RULES) == sorted(FINDING_IDS)
    assert all(len(one.values) == len(RULES[one.id].evidence) for one in report.findings)


def test_findings_json_follows_its_schema_and_has_the_largest_first(written: dict[str, Any]) -> None:
    Draft202012Validator(json.loads(schemas()["findings.json"])).validate(written)
    highs = [one["usd_month_high"] for one in written["findings"]]
    known = [high for high in highs if high is not None]
    assert known == sorted(known, reverse=True)
    assert highs[len(known) :] == [None] * (len(highs) - len(known))
    assert written["totals"]["findings"] == len(highs)


def test_each_kind_states_only_the_amounts_that_it_has(written: dict[str, Any]) -> None:
    found = {one["kind"]: one for one in written["findings"] if one["kind"] != "unknown" or one["bucket"] == "large"}
    amounts = {kind: [one[f"usd_month{end}"] for end in ("", "_low", "_high")] for kind, one in found.items()}
    assert amounts["exact"] == [pytest.approx(1.25)] * 3
    assert amounts["at-most"] == [pytest.approx(2.048), 0, pytest.approx(2.048)]
    assert amounts["range"] == [None, pytest.approx(-2.5), pytest.approx(4096 * 0.0105 - 2.5)]
    assert amounts["unknown"] == [None] * 3
    # A listing of a million versions takes a thousand requests of 0.005 USD per thousand.
    assert found["unknown"]["known_by"]["usd"] == pytest.approx(0.005)


def test_evidence_has_a_source_and_a_day(written: dict[str, Any]) -> None:
    padding = next(one for one in written["findings"] if one["id"] == "small-objects")["evidence"][0]
    expected = {"name": "padding that is billed", "value": 100 * GB, "unit": "bytes", "source": "CloudWatch"}
    assert padding == expected | {"as_of": "2026-11-21"}


def test_no_findings_are_an_empty_list(report: ReportData) -> None:
    file = io.BytesIO()
    findings_json.write(file, report.summary, [], {})
    assert json.loads(file.getvalue())["findings"] == []


def test_sarif_has_a_rule_for_each_result(report: ReportData) -> None:
    file = io.BytesIO()
    sarif.write(file, report.findings, "USD")
    log = json.loads(file.getvalue())
    (run,) = log["runs"]
    ids = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0"
    assert {result["ruleId"] for result in run["results"]} <= ids
    assert len(run["results"]) == len(report.findings)
    assert {result["level"] for result in run["results"]} == {"note", "warning"}
    assert all(result["locations"] and result["message"]["text"] for result in run["results"])


def test_the_sums_by_tag_cover_the_buckets_of_each_value(report: ReportData) -> None:
    sums = report.summary.findings
    assert not isinstance(sums, msgspec.UnsetType)
    assert not isinstance(sums.by_tag, msgspec.UnsetType)
    assert {value: of.findings for value, of in sums.by_tag["team"].items()} == {
        "data": 2, "(no tag)": 3, "(unknown)": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "low", "high", "text"),
    [
        ("exact", 1.5, 1.5, "$1.50"),
        ("exact", 0.0001, 0.0001, "<$0.01"),
        ("at-most", 0.0, 12.0, "at most $12.00"),
        ("at-most", None, 12.0, "at most $12.00"),
        ("range", -2.0, 12.0, "−$2.00 to $12.00"),
        ("unknown", None, None, "unknown"),
    ],
)
def test_amounts_show_what_is_certain(kind: Any, low: float | None, high: float | None, text: str) -> None:
    finding = Finding("rrs", "1" * 12, "us-east-1", "b", kind, low, high, 0, (), {})
    assert amount_text(entry(finding, None), "USD") == text


def test_report_md_has_a_line_about_savings(report: ReportData) -> None:
    lines = [line for line in report_lines(report.summary, None) if line.startswith("- savings")]
    assert lines == ["- savings: $1.25 to $43.81 per month, 3 findings of unknown amount (6 findings)"]


def test_an_exception_silences_a_finding_until_its_last_day(data: MergedData) -> None:
    for until, excepted in ((AS_OF.date(), 1), (AS_OF.date() - timedelta(days=1), 0)):
        exception = PolicyException(bucket="pad*", reason="moves next month", until=until)
        rule = PolicyRule(id="small-objects", severity="warn", exceptions=(exception,))
        report = build_report_data(data, bundled_prices(), AS_OF, policies=Policies(rules=(rule,)))
        sums = report.summary.findings
        assert not isinstance(sums, msgspec.UnsetType)
        assert (sums.excepted, sums.totals.findings, "small-objects" in sums.by_id) == (
            excepted,
            6 - excepted,
            not excepted,
        )
        file = io.BytesIO()
        findings_json.write(file, report.summary, report.findings, {})
        padding = [one for one in json.loads(file.getvalue())["findings"] if one["id"] == "small-objects"]
        expected = {"reason": "moves next month", "until": until.isoformat()} if excepted else None
        assert [one["exception"] for one in padding] == [expected]


def test_the_page_lists_exceptions_and_the_results_of_policies(data: MergedData, tmp_path: Path) -> None:
    exception = PolicyException(bucket="padded", reason="<b>moves</b> next month", until=AS_OF.date())
    policies = Policies(
        budgets=(Budget(name="small", max_usd_month=1),),
        rules=(PolicyRule(id="small-objects", exceptions=(exception,)),),
    )
    report = build_report_data(data, bundled_prices(), AS_OF, policies=policies)
    buckets = [one for chunk in report.buckets() for one in chunk]
    pages.write_pages(tmp_path, buckets, report.summary, report.totals, findings=report.findings)
    text = text_of(tmp_path, "savings.html")
    assert "Budgets and policies" in text
    assert "small budget fail max_usd_month" in text
    assert "padded Padding of small objects $1.25 <b>moves</b> next month 2026-11-22" in text


@pytest.fixture(scope="module")
def site(report: ReportData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("savings")
    buckets = [one for chunk in report.buckets() for one in chunk]
    pages.write_pages(out, buckets, report.summary, report.totals, findings=report.findings)
    return out


def test_the_page_about_savings_shows_amounts_evidence_and_the_change(site: Path) -> None:
    text = (site / "savings.html").read_text("utf-8")
    for part in ("$1.25", "at most $2.05", "−$2.50 to $40.51", "Padding of small objects", "100 GiB", "2026"):
        assert part in text
    assert "By tag <bdi>team</bdi>" in text
    assert HOSTILE[0] not in text


def test_the_page_of_a_bucket_has_its_findings(site: Path) -> None:
    shown = [path.read_text("utf-8") for path in (site / "buckets").glob("*padded*.html")]
    assert len(shown) == 1
    assert "Padding of small objects" in shown[0]
    assert "$1.25" in shown[0]


def test_a_report_without_findings_has_no_link_to_the_page(report: ReportData, tmp_path: Path) -> None:
    without: Summary = msgspec.structs.replace(report.summary, findings=msgspec.UNSET)
    buckets = [one for chunk in report.buckets() for one in chunk]
    pages.write_pages(tmp_path, buckets, without, report.totals)
    assert not (tmp_path / "savings.html").exists()
    assert "savings.html" not in (tmp_path / "index.html").read_text("utf-8")
