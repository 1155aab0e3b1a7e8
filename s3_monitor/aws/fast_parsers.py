"""Fast parsers and serializers for the largest requests and responses.

botocore visits its model for every field of a request and response. For GetMetricData, ListMetrics, ListBuckets and
ListObjectsV2, which are sent thousands of times, this takes most of the CPU time. Complete calls with botocore and with
this module (two busy cores): 500 series of 4 days 47 and 4 ms, of 30 days 83 and 7 ms; 500 metrics 11 and 4 ms; 1,000
keys 46 and 28 ms. botocore's events allow a handler to read a response first: pages of metrics and keys become records
under ``Page``. Responses of S3 in any other form are left to ``response_checks``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from s3_monitor.aws import list_xml, metrics_json, response_checks

_METRICS: dict[str, Callable[[bytes], metrics_json.MetricsPage | metrics_json.ResultsPage]] = {
    "GetMetricData": metrics_json.decode_results,
    "ListMetrics": metrics_json.decode_metrics,
}
_KEYS = {"ListObjectsV2": list_xml.objects, "ListObjectVersions": list_xml.versions}


def install(events: Any) -> None:
    """Register the parsers at the events of a session or client. A session must not have clients yet."""
    for event, handler in (
        ("provide-client-params.cloudwatch.GetMetricData", _set_queries_aside),
        ("before-call.cloudwatch.GetMetricData", _write_queries),
        ("before-parse.cloudwatch.*", _read_metrics),
        ("before-parse.s3.*", _read_s3),
    ):
        events.register(event, handler, unique_id=f"s3-monitor-{event}")


def _set_queries_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    context["queries"] = params["MetricDataQueries"]
    return {**params, "MetricDataQueries": []}


def _write_queries(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    body = msgspec.json.decode(params["body"])
    body["MetricDataQueries"] = context.pop("queries")
    params["body"] = msgspec.json.encode(body)


@response_checks.guarded
def _read_metrics(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Read a page of metrics as ``Page``."""
    if response_dict["status_code"] < 300 and operation_model.name in _METRICS:
        page = _METRICS[operation_model.name](response_dict["body"])
        customized_response_dict.update(Page=page, NextToken=page.next_token)
        response_dict["body"] = b"{}"


@response_checks.guarded
def _read_s3(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Read a page of keys as ``Page``, without a dict per object, and a page of buckets."""
    if response_dict["status_code"] >= 300:
        return
    name, body = operation_model.name, response_dict["body"]
    if name == "ListBuckets" and (buckets := list_xml.buckets(body)) is not None:
        customized_response_dict.update(
            Buckets=buckets.buckets, Unreadable=buckets.unreadable, ContinuationToken=buckets.token
        )
    elif name in _KEYS and (page := _KEYS[name](body)) is not None:
        customized_response_dict.update(Page=page, NextContinuationToken=next(iter(page.token), None))
    else:
        return
    response_dict["body"] = b"<Parsed/>"
