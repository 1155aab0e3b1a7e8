"""metrics.prom, read with prometheus-client's parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.policy_result import PolicyResult
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import metrics
from s3_monitor.report.data import build_report_data
from tests.merge.fixtures import AS_OF, GIB, LAST, Truth, digest, part
from tests.policies.fixtures import bucket
from tests.trends.test_trends import asked, flat

DOCS = Path(__file__).resolve().parents[2] / "docs" / "prometheus.md"
STANDARD, UNKNOWN = "StandardStorage", "TomorrowsStorage"
Samples = dict[str, list[tuple[dict[str, str], float]]]


def samples(*truths: Truth, top: int = 1000, details: bool = False) -> Samples:
    one = asked(details=details)
    one = msgspec.structs.replace(one, report=msgspec.structs.replace(one.report, top=top))
    facts = merge(one, digest(one), [part(one, "s0", truths)])
    data = build_report_data(facts, bundled_prices(), AS_OF)
    chosen = metrics.most_expensive((one for chunk in data.buckets() for one in chunk), top)
    text = metrics.encode(facts, data.summary, chosen).decode()
    assert text.endswith("# EOF\n")
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    }


def test_each_bucket_has_its_bytes_cost_and_objects_by_storage_type() -> None:
    found = samples(Truth("logs", {STANDARD: flat(), UNKNOWN: flat(5)}, {29: 7}))
    place = {"account": "111122223333", "region": "us-east-1", "bucket": "logs", "kind": "general-purpose"}
    assert found["s3_bucket_size_bytes"] == [
        ({**place, "storage_class": "STANDARD", "storage_type": STANDARD}, GIB),
        ({**place, "storage_class": "", "storage_type": UNKNOWN}, 5),
    ]
    assert [value for _, value in found["s3_bucket_monthly_cost"]] == [0.023], "unknown is left out, not 0"
    assert found["s3_bucket_objects"] == [(place, 7)]
    assert found["s3_total_size_bytes"] == [({}, GIB + 5)]
    assert found["s3_region_buckets"] == [({"region": "us-east-1"}, 1)]
    assert ({"severity": "note", "code": "storage-type-unknown"}, 1) in found["s3_monitor_problems"]


def test_a_bucket_without_figures_has_no_bytes_and_no_objects() -> None:
    found = samples(Truth("young", created=int(AS_OF.timestamp())), Truth("logs", {STANDARD: flat()}, {29: 7}))
    assert {labels["bucket"] for labels, _ in found["s3_bucket_objects"]} == {"logs"}
    assert found["s3_total_unknown_buckets"] == [({}, 1)]


@pytest.mark.parametrize("days", [[29], [26], [26, 29]])
def test_the_data_timestamp_is_the_end_of_the_newest_day_with_figures(days: list[int]) -> None:
    found = samples(*(Truth(f"b{day}", {STANDARD: {day: GIB}}) for day in days))
    midnight = AS_OF.replace(hour=0, minute=0, second=0, microsecond=0)
    end = midnight - timedelta(days=29 - max(days))
    assert found["s3_monitor_data_timestamp_seconds"] == [({}, end.timestamp())]


def test_the_data_timestamp_is_left_out_without_figures() -> None:
    assert samples(Truth("young", created=int(AS_OF.timestamp())))["s3_monitor_data_timestamp_seconds"] == []


def test_only_the_most_expensive_buckets_have_metrics_of_their_own() -> None:
    found = samples(*(Truth(f"b{index}", {STANDARD: flat(GIB * (index + 1))}) for index in range(30)), top=3)
    assert [labels["bucket"] for labels, _ in found["s3_bucket_size_bytes"]] == ["b27", "b28", "b29"]
    assert found["s3_total_buckets"] == [({}, 30)]


def test_tags_are_labels_and_distinct() -> None:
    tags = {"cost-center": "42", "cost.center": "44", "cost_center": "43", "Owner": 'a"b\\c\nd'}
    truths = [Truth(name, {STANDARD: flat()}, {29: 7}, details=BucketConfig(tags=tags)) for name in ("logs", "media")]
    (labels, _), _ = samples(*truths, details=True)["s3_bucket_objects"]
    assert {name: value for name, value in labels.items() if name.startswith("tag_")} == {
        "tag_Owner": 'a"b\\c\\nd',
        "tag_cost_center": "42",
        "tag_cost_center_2": "44",
        "tag_cost_center_3": "43",
    }


@settings(max_examples=50)
@given(st.dictionaries(st.text(min_size=1, max_size=20), st.integers(0, 2**60), min_size=1, max_size=4))
def test_any_name_and_amount_can_be_read_back(sizes: Mapping[str, int]) -> None:
    found = samples(*(Truth(name, {STANDARD: {LAST: size}}) for name, size in sizes.items()))
    assert sum(value for _, value in found["s3_bucket_size_bytes"]) == pytest.approx(sum(sizes.values()))


def test_the_documented_metrics_and_rules_exist() -> None:
    found = samples(Truth("logs", {STANDARD: flat()}, {29: 7}))
    text = DOCS.read_text(encoding="utf-8")
    names = set(re.findall(r"\bs3_(?:bucket|total|forecast|monitor)_[a-z_]*[a-z]\b", text))
    assert names <= found.keys()
    rules = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert [len(group["rules"]) for group in rules[1]["groups"]] == [3]


def test_changes_run_times_and_calls_have_their_values() -> None:
    found = samples(Truth("logs", {STANDARD: flat(GIB) | {29: 3 * GIB}}))
    assert [(labels, value) for labels, value in found["s3_total_monthly_cost_change"] if labels["period"] == "1d"] == [
        ({"period": "1d", "cause": "grew", "currency": "USD"}, pytest.approx(0.046))
    ]
    assert found["s3_monitor_shard_duration_seconds"] == [({"shard": "s0"}, 1)]
    assert found["s3_monitor_api_calls"] == [({"operation": "ListMetrics"}, 2)]
    assert found["s3_monitor_api_cost"] == [({"currency": "USD"}, pytest.approx(7e-5))]
    assert found["s3_monitor_complete"] == [({}, 1)]
    assert found["s3_monitor_run_timestamp_seconds"] == [({}, AS_OF.timestamp())]
    assert {labels["bound"] for labels, _ in found["s3_forecast_monthly_cost"]} == {"low", "expected", "high"}


def test_buckets_of_equal_cost_are_chosen_by_size_name_and_account() -> None:
    buckets = [
        bucket("b", 1.0, 5.0), bucket("a", 1.0, 5.0, account="2"), bucket("a", 1.0, 5.0, account="1"),
        bucket("c", None, 9.0), bucket("d", None, None), bucket("e", 1.0, 6.0), bucket("f", 2.0, 1.0),
    ]  # fmt: skip
    chosen = [(one.name, one.account) for one in metrics.most_expensive(buckets, 9)]
    owner = buckets[0].account
    assert chosen == [
        ("f", owner), ("e", owner), ("a", "1"), ("a", "2"), ("b", owner), ("c", owner), ("d", owner),
    ]  # fmt: skip
    assert len(metrics.most_expensive(buckets, 2)) == 2


def test_each_policy_is_1_with_its_status() -> None:
    one = asked()
    facts = merge(one, digest(one), [part(one, "s0", [])])
    results = [
        PolicyResult(f"p{index}", kind, "x", "fail", status, "", 0, 0, 0, 0, [])  # type: ignore[arg-type]
        for index, (kind, status) in enumerate([("rule", "pass"), ("budget", "fail")])
    ]
    summary = msgspec.structs.replace(build_report_data(facts, bundled_prices(), AS_OF).summary, policies=results)
    text = metrics.encode(facts, summary, []).decode()
    lines = [line for line in text.splitlines() if line.startswith("s3_monitor_policy{")]
    assert lines == [
        's3_monitor_policy{kind="rule",name="p0",status="pass"} 1.0',
        's3_monitor_policy{kind="budget",name="p1",status="fail"} 1.0',
    ]
