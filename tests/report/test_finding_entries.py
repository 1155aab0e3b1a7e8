"""The entries of findings.json: evidence, the change, and what would make an amount known."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding, scope_of
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.policies import PolicyException
from s3_monitor.report.findings_json import entry, known_by

DAY = date(2026, 11, 21)


def finding(**fields: Any) -> Finding:
    values: dict[str, Any] = {
        "id": "rrs", "account": "1", "region": "r", "bucket": "b", "kind": "exact", "low": 2.0, "high": 2.0,
        "scope": scope_of(("ReducedRedundancyStorage",)), "values": (7,), "dates": {"CloudWatch": DAY},
    }  # fmt: skip
    return Finding(**values | fields)


@pytest.mark.parametrize(
    ("objects", "requests"), [(None, None), (0, 1), (1, 1), (1000, 1), (1001, 2), (2500.0, 3), (10**6, 1000)]
)
def test_unknown_objects_are_known_by_a_request_for_1000_of_them(objects: float | None, requests: int | None) -> None:
    found = known_by(finding(missing="objects"), objects)
    assert found is not None and found.per == "run"
    price = CallCounts({"ListObjectVersions": 1}).usd
    assert found.usd == (None if requests is None else pytest.approx(float(requests * price)))


@pytest.mark.parametrize(
    ("missing", "usd", "per"), [("requests", 4.8, "month"), ("prices", None, "run"), ("bill", None, "run")]
)
def test_other_missing_data_has_its_price(missing: Any, usd: float | None, per: str) -> None:
    found = known_by(finding(missing=missing), 5)
    assert found is not None and found.how
    assert (found.usd, found.per) == (None if usd is None else pytest.approx(usd), per)
    assert known_by(finding(), 5) is None


def test_an_entry_has_everything_that_is_known_of_a_finding() -> None:
    found = entry(finding(once=0.5), None)
    assert (found.id, found.bucket, found.account, found.region, found.kind) == ("rrs", "b", "1", "r", "exact")
    assert (found.usd_month, found.usd_month_low, found.usd_month_high, found.usd_once) == (2.0, 2.0, 2.0, 0.5)
    assert found.bytes_of == ["ReducedRedundancyStorage"]
    (measure,) = RULES["rrs"].evidence
    assert [msgspec.structs.astuple(one) for one in found.evidence] == [
        (measure.name, 7, measure.unit, "CloudWatch", DAY)
    ]
    assert (found.lifecycle_rule, found.known_by, found.exception) == (None, None, None)


def test_values_that_are_unknown_are_left_out_and_have_no_day_without_their_source() -> None:
    values = (5, 6, None, 8)
    found = entry(finding(id="ia-candidate", values=values, dates={"objects": DAY}), None)
    assert [(one.value, one.as_of) for one in found.evidence] == [(5, DAY), (6, DAY), (8, None)]


def test_the_change_names_the_bucket_for_a_shell_and_the_exception_its_end() -> None:
    silenced = PolicyException(bucket="b", reason="migration", until=DAY)
    found = entry(finding(bucket="it's", exception=silenced), None)
    assert "s3://'it'\"'\"'s'" in found.fix or "'it'\"'\"'s'" in found.fix
    assert found.exception is not None
    assert (found.exception.reason, found.exception.until) == ("migration", DAY)
    assert "{bucket}" not in entry(finding(bucket=None), None).fix
