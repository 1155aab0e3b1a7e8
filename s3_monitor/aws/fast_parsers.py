"""Fast parsers and serializers for the largest requests and responses.

botocore visits its model for every field of a request and response. For GetMetricData, ListMetrics, ListBuckets and
ListObjectsV2, which are sent thousands of times, this takes most of the CPU time. Complete calls with botocore and with
this module (two busy cores): 500 series of 4 days 47 and 4 ms, of 30 days 83 and 7 ms; 500 metrics 11 and 4 ms; 1,000
keys 46 and 25 ms. botocore's events allow a handler to read a response first: pages of metrics and keys become records
under ``Page``. Responses in any other form are left to ``response_checks``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from s3_monitor.aws import buckets_xml, metrics_json, object_keys_xml, response_checks, retries
from s3_monitor.aws.error_codes import THROTTLED
from s3_monitor.model.responses import KeysPage


def install(client: Any) -> Any:
    """Return the client with these parsers and the check of responses. May be repeated."""
    response_checks.install(client.meta.events)
    retries.install(client.meta.events)
    service = client.meta.service_model.service_name
    if service == "cloudwatch":
        _register(client, "provide-client-params.cloudwatch.GetMetricData", _set_queries_aside)
        _register(client, "before-call.cloudwatch.GetMetricData", _write_queries)
        _register(client, "before-parse.cloudwatch.GetMetricData", _read_metrics)
        _register(client, "before-parse.cloudwatch.ListMetrics", _read_metrics)
        client.meta.events.register_first("needs-retry.cloudwatch", _retry_throttled, unique_id="s3-monitor-again")
    elif service == "s3":
        _register(client, "before-parse.s3.*", _read_s3)
    return client


def _register(client: Any, event: str, handler: Callable[..., Any]) -> None:
    client.meta.events.register(event, handler, unique_id=f"s3-monitor-{event}")


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
    """Read a page of metrics as ``Page``; see metrics_json."""
    page = metrics_json.decode(operation_model.name, response_dict["body"]) if _succeeded(response_dict) else None
    if page is not None:
        customized_response_dict["Page"] = page
        response_dict["body"] = b"{}"


def _retry_throttled(response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
    """Retry throttling with error codes that botocore does not recognize."""
    if response is not None:
        http, parsed = response
        if parsed.get("Error", {}).get("Code") in THROTTLED:
            http.status_code = 503


@response_checks.guarded
def _read_s3(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Read a page of keys as ``Page``, without a dict per object."""
    if not _succeeded(response_dict):
        return
    name, body = operation_model.name, response_dict["body"]
    if name == "ListBuckets" and (buckets := buckets_xml.buckets(body)) is not None:
        customized_response_dict["Buckets"] = buckets.buckets
        customized_response_dict["Unreadable"] = buckets.unreadable
        if buckets.token is not None:
            customized_response_dict["ContinuationToken"] = buckets.token
    elif name in _KEYS and (page := _KEYS[name](body)) is not None:
        customized_response_dict["Page"] = page
    else:
        return
    response_dict["body"] = b"<Parsed/>"


_KEYS: dict[str, Callable[[bytes], KeysPage | None]] = {
    "ListObjectsV2": object_keys_xml.objects,
    "ListObjectVersions": object_keys_xml.versions,
}


def _succeeded(response_dict: dict[str, Any]) -> bool:
    return bool(response_dict["status_code"] == 200)
