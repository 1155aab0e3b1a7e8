"""The line of policies on the overview and in report.md, and their table on the Savings page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.policies import Budget, PolicyException, PolicyRule
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import build_report_data
from s3_monitor.report.markdown import report_lines
from s3_monitor.report.pages import write_pages
from tests.merge import fixtures
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, unit
from tests.policies.fixtures import NOW, bucket, evaluate

PLAN = plan([unit("a")])
HOSTILE = "<b>x</b>&"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    facts = merge(PLAN, fixtures.digest(PLAN), [part(PLAN, "s0", [Truth("logs", {"StandardStorage": {LAST: GIB}})])])
    report = build_report_data(facts, bundled_prices(), fixtures.AS_OF)
    exception = PolicyException(bucket="old*", reason=HOSTILE, until=NOW.date())
    rule = PolicyRule(id="versioned", name=HOSTILE, exceptions=(exception,))
    settings = {"logs": "none", "old": "none", "unread": None}
    buckets = [bucket(name, details=BucketConfig(versioning=value)) for name, value in settings.items()]  # type: ignore[arg-type]
    policies = [
        evaluate(Budget(name="all", max_objects=99, max_size="1 TiB"), buckets).result,
        evaluate(rule, buckets).result,
    ]
    summary = msgspec.structs.replace(report.summary, policies=policies)
    out = tmp_path_factory.mktemp("report")
    rows = [row for chunk in report.buckets() for row in chunk]
    write_pages(out, rows, summary, report.totals, report.trends, top=10, findings=report.findings)
    (out / "report.md").write_text("\n".join(report_lines(summary, report.trends)), "utf-8")
    return out


def test_the_overview_and_report_md_name_the_violated_policies(folder: Path) -> None:
    index = (folder / "index.html").read_text("utf-8")
    assert (
        '<a href="savings.html#policies">Policies</a>: 1 violated, 1 passed.'
        " Violated: <bdi>&lt;b&gt;x&lt;/b&gt;&amp;</bdi>" in index
    )
    assert "Policies: 1 violated, 1 passed. Violated: \\<b\\>x\\</b\\>\\&" in (folder / "report.md").read_text("utf-8")
    savings = (folder / "savings.html").read_text("utf-8")
    assert "versioning is off" in savings and "<b>x" not in savings
