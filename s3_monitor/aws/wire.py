"""The long requests and answers read and written quickly; only here botocore's own reading is gone around.

botocore walks its model for every field of a question and of an answer. For GetMetricData, ListMetrics, ListBuckets
and ListObjectsV2, of which this program asks thousands, that walk is most of its CPU. Whole calls, before and after
(one machine, two busy cores, times already parsed fast): 500 series of 4 days 47 ms, 4 ms; of 30 days 83 ms, 7 ms; 500
metrics 11 ms, 4 ms; 1,000 keys 46 ms, 23 ms. botocore's events let a caller read an answer first: buckets come under
the same names with times as they were sent (see timestamps), pages of metrics and keys as records, under ``Page``.
Retries, signing, errors, and whatever is not a whole and well-formed answer are left to botocore.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from botocore.handlers import _handle_200_error  # type: ignore[attr-defined]

from s3_monitor.aws import buckets_xml, keys_xml, metrics_json
from s3_monitor.aws.errors import THROTTLED
from s3_monitor.model.answers import KeysPage

_S3_ANSWERS = "before-parse.s3.*"
_NO_JSON = msgspec.json.encode({"message": "the answer could not be understood: it is no JSON"})


def quicken(client: Any) -> Any:
    """The same client, with this module's reading. To do it twice changes nothing."""
    service = client.meta.service_model.service_name
    protocol = client.meta.service_model.resolved_protocol
    if service == "cloudwatch" and protocol == "json":
        _register(client, "provide-client-params.cloudwatch.GetMetricData", _set_queries_aside)
        _register(client, "before-call.cloudwatch.GetMetricData", _write_queries)
        _register(client, "before-parse.cloudwatch.GetMetricData", _read_metrics)
        _register(client, "before-parse.cloudwatch.ListMetrics", _read_metrics)
        client.meta.events.register_first("needs-retry.cloudwatch", _try_again, unique_id="s3-monitor-again")
    elif service == "cloudwatch":
        _register(client, "provide-client-params.cloudwatch.GetMetricData", _plain_queries)
    elif service == "s3" and protocol == "rest-xml":
        # botocore looks into every answer of S3, which it parses for that, whether it is an error in disguise: from now
        # on only into what this module leaves. Handlers of one event name alone are called in this order.
        client.meta.events.unregister(_S3_ANSWERS, _handle_200_error)
        client.meta.events.register_last(_S3_ANSWERS, _handle_200_error, unique_id="s3-monitor-disguise")
        _register(client, _S3_ANSWERS, _read_s3)
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


def _plain_queries(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    """For botocore to write."""
    return {**params, "MetricDataQueries": msgspec.to_builtins(params["MetricDataQueries"])}


def _read_metrics(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """As ``Page``: see metrics_json."""
    if response_dict["status_code"] != 200:
        return
    page = metrics_json.decode(operation_model.name, response_dict["body"])
    if page is not None:
        customized_response_dict["Page"] = page
        response_dict["body"] = b"{}"
    elif not metrics_json.is_json(response_dict["body"]):
        # Half an answer, or a proxy's page: asked for again, which botocore does with S3's answers alone.
        response_dict["status_code"], response_dict["body"] = 500, _NO_JSON


def _try_again(response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
    """What botocore does not try again, though it passes: no JSON, and a throttle by a name that it does not know."""
    if response is not None:
        http, parsed = response
        if parsed["ResponseMetadata"]["HTTPStatusCode"] == 500:
            http.status_code = 500
        elif parsed.get("Error", {}).get("Code") in THROTTLED:
            http.status_code = 503


def _read_s3(operation_model: Any, **answer: Any) -> None:
    read = {"ListBuckets": _read_buckets, "ListObjectsV2": _read_objects, "ListObjectVersions": _read_versions}
    if operation_model.name in read:
        read[operation_model.name](**answer)


def _read_buckets(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    page = buckets_xml.buckets(response_dict["body"]) if response_dict["status_code"] == 200 else None
    if page is not None:
        customized_response_dict["Buckets"] = page.buckets
        if page.token is not None:
            customized_response_dict["ContinuationToken"] = page.token
        response_dict["body"] = b"<Read/>"


def _read_objects(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    body = response_dict["body"]
    first, last = body.find(b"<Contents>"), body.rfind(b"</Contents>")  # without objects -1: all is looked at
    if b"<CommonPrefixes>" in body[:first] + body[last:]:
        return  # few, and with names to decode
    _read_keys(keys_xml.objects, response_dict, customized_response_dict)


def _read_versions(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    _read_keys(keys_xml.versions, response_dict, customized_response_dict)


def _read_keys(
    read: Callable[[bytes], KeysPage | None], response_dict: dict[str, Any], customized_response_dict: dict[str, Any]
) -> None:
    """The page as ``Page``: a dict an object would be built and thrown away."""
    page = read(response_dict["body"]) if response_dict["status_code"] == 200 else None
    if page is not None:
        customized_response_dict["Page"] = page
        response_dict["body"] = b"<Read/>"
