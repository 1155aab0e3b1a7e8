"""The check of every response before it is used.

A login page of a proxy, a truncated document or the response of another service may have status 200. botocore's parsers
read most of them as an empty response: no versioning, no buckets, the last page. Here, botocore's parser runs with
stricter rules: the body must have the root element or member that AWS sends, and all of it must parse. Any other
response becomes a server error, which botocore retries like status 500.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
from botocore.handlers import _handle_200_error  # type: ignore[attr-defined]
from botocore.parsers import (
    JSONParser,
    QueryParser,
    ResponseParserError,
    ResponseParserFactory,
    RestJSONParser,
    RestXMLParser,
)

from s3_monitor.aws.error_codes import HTML, UNREADABLE
from s3_monitor.aws.list_xml import boolean, local_name
from s3_monitor.aws.timestamps import parse_timestamp

# AWS: the root element of each response of S3.
_ROOTS = {
    "CreateSession": "CreateSessionResult",
    "GetBucketEncryption": "ServerSideEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketPolicyStatus": "PolicyStatus",
    "GetBucketReplication": "ReplicationConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetPublicAccessBlock": "PublicAccessBlockConfiguration",
    "GetStorageLensConfiguration": "StorageLensConfiguration",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
    "ListStorageLensConfigurations": "ListStorageLensConfigurationsResult",
}
# AWS emulators derive it from the name of the operation.
_EMULATED = ("Response", "Result", "Output")
# AWS: a member that each response has, possibly an empty list.
_MEMBERS = {
    "CreateTable": "TableDescription",
    "DescribeOrganizationalUnit": "OrganizationalUnit",
    "DescribeTable": "Table",
    "GetCostAndUsage": "ResultsByTime",
    "GetProducts": "PriceList",
    "GetQueryExecution": "QueryExecution",
    "GetQueryResults": "ResultSet",
    "ListAccounts": "Accounts",
    "ListBuckets": "Buckets",
    "ListCostAllocationTags": "CostAllocationTags",
    "ListDirectoryBuckets": "Buckets",
    "ListPriceLists": "PriceLists",
    "ListTableBuckets": "tableBuckets",
    "ListVectorBuckets": "vectorBuckets",
    "Query": "Items",
    "Scan": "Items",
    "SimulatePrincipalPolicy": "EvaluationResults",
    "StartQueryExecution": "QueryExecutionId",
}
# Replacement of an already parsed body, for botocore's parser.
_PARSED = {"rest-xml": b"<Parsed/>", "json": b"{}", "rest-json": b"{}"}
_FAULT = "s3-monitor-fault"
_PAGE_STARTS = (b"<!doctype html", b"<html")

Reader = Callable[..., None]


def install(events: Any) -> None:
    """Check every response of a session's or client's events. A session must not have clients yet. May be repeated."""
    events.unregister("before-parse.s3.*", _handle_200_error)  # included in this check
    events.register("before-parse", _parse, unique_id="s3-monitor-parse")
    events.register_first("needs-retry.*.*", _report_fault, unique_id="s3-monitor-report-fault")


def guarded(read: Reader) -> Reader:
    """Convert exceptions of a reader of responses into a server error."""

    @wraps(read)
    def handler(operation_model: Any, response_dict: dict[str, Any], **arguments: Any) -> None:
        try:
            read(operation_model=operation_model, response_dict=response_dict, **arguments)
        except Exception as error:  # parsers raise various exceptions for malformed bytes, RecursionError included
            _replace(response_dict, arguments["customized_response_dict"], error)

    return handler


class _Unexpected(Exception):
    """A response that AWS does not send."""


@guarded
def _parse(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    if customized_response_dict:  # already read by a fast parser
        return
    operation, body = operation_model.name, response_dict["body"]
    protocol = operation_model.service_model.resolved_protocol
    if response_dict["status_code"] >= 300:
        _check_error(protocol, operation_model, response_dict)
        return
    shape = operation_model.output_shape
    if shape is None or operation_model.has_streaming_output or operation_model.http.get("method") == "HEAD":
        return
    roots = _roots(operation) if protocol == "rest-xml" else ()
    if protocol == "rest-xml" and _is_error(body):
        response_dict["status_code"] = 500  # S3 may report an error after it has sent status 200
        return
    if not body.strip():
        raise _Unexpected("an empty body")
    parsed = _parser(protocol, roots).parse(response_dict, shape)
    needed = {_MEMBERS.get(operation), *shape.required_members} - {None}
    if protocol == "rest-xml":
        needed = {name for name in needed if "location" not in shape.members[name].serialization}
    if missing := sorted(name for name in needed if parsed.get(name) is None):
        raise _Unexpected(f"no {missing[0]}")
    customized_response_dict.update(parsed)
    response_dict["body"] = _PARSED.get(protocol, body)


def _check_error(protocol: str, operation_model: Any, response_dict: dict[str, Any]) -> None:
    """Raise for an error page of a proxy: AWS sends errors in the protocol of the service."""
    if _is_page(response_dict["body"] or b""):
        raise _Unexpected("a web page")
    if response_dict["body"]:
        ResponseParserFactory().create_parser(protocol).parse(dict(response_dict), operation_model.output_shape)


def _replace(response_dict: dict[str, Any], customized: dict[str, Any], error: Exception) -> None:
    """Replace the response with a server error without a body, which is valid in every protocol."""
    status = response_dict["status_code"]
    if _is_page(response_dict["body"] or b""):
        code, message = HTML, f"got a web page (HTTP status {status}) instead of a response"
    else:
        code, message = UNREADABLE, f"could not read the response (HTTP status {status}): {_text(error)}"
    customized.clear()
    customized[_FAULT] = {"Code": code, "Message": message, "Status": status if status >= 300 else 500}
    response_dict["status_code"], response_dict["body"] = 500, b""


def _report_fault(response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
    """Set the status and error of an unreadable response, by which botocore decides about retries."""
    if response is None:
        return
    http, parsed = response
    fault = parsed.pop(_FAULT, None)
    if fault is not None:
        http.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"] = fault["Status"]
        parsed["Error"] = {"Code": fault["Code"], "Message": fault["Message"]}
    elif parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        http.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"]


@cache
def _roots(operation: str) -> tuple[str, ...]:
    if operation not in _ROOTS:
        return ()
    named = tuple(operation + ending for ending in _EMULATED)
    # AWS emulators without directory buckets list all buckets, which are filtered by name.
    other = ("ListAllMyBucketsResult",) if operation == "ListDirectoryBuckets" else ()
    return (_ROOTS[operation], *named, *other)


@cache
def _parser(protocol: str, roots: tuple[str, ...]) -> Any:
    if protocol == "rest-xml":
        return _StrictRestXml(roots)
    strict = {"json": _StrictJson, "rest-json": _StrictRestJson, "query": _StrictQuery}
    return strict[protocol](timestamp_parser=parse_timestamp)


class _StrictXml:
    """Requires booleans to be true or false: botocore reads any other text as false."""

    def _parse_shape(self, shape: Any, node: Any) -> Any:
        """Reject repeated elements, and elements instead of text: botocore would return a list or no text."""
        flat = shape.type_name in ("list", "map") and shape.serialization.get("flattened")
        if isinstance(node, list) and not flat:
            raise _Unexpected(f"{len(node)} elements of type {shape.name}")
        if isinstance(node, Element) and len(node) and shape.type_name not in ("structure", "list", "map"):
            raise _Unexpected(f"elements in {local_name(node.tag)[:50]}, which must be text")
        return super()._parse_shape(shape, node)  # type: ignore[misc]

    def _handle_boolean(self, shape: Any, node: Any) -> bool:
        return boolean(node if isinstance(node, str) else node.text or "")


class _StrictRestXml(_StrictXml, RestXMLParser):
    def __init__(self, roots: tuple[str, ...]) -> None:
        super().__init__(timestamp_parser=parse_timestamp)
        self._roots = roots

    def _parse_xml_string_to_dom(self, xml_string: bytes) -> Element:
        root: Element = super()._parse_xml_string_to_dom(xml_string)  # type: ignore[misc]
        if self._roots and local_name(root.tag) not in self._roots:
            raise _Unexpected(f"root element {local_name(root.tag)[:50]}, expected {self._roots[0]}")
        return root


class _StrictQuery(_StrictXml, QueryParser):
    pass


class _StrictJsonBody:
    """Requires a JSON object as the body: botocore reads other content as a message."""

    def _parse_body_as_json(self, body_contents: bytes) -> dict[str, Any]:
        return _OBJECT.decode(body_contents)


class _StrictJson(_StrictJsonBody, JSONParser):
    pass


class _StrictRestJson(_StrictJsonBody, RestJSONParser):
    pass


_INVALID_XML = re.compile(r"Unable to parse response \((.{1,80}?)\), invalid XML")
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def _is_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS)


def _is_error(body: bytes) -> bool:
    """Return whether the body is an error document of S3."""
    start = body[:400].lstrip()
    if start.startswith(b"<?xml"):
        start = start.partition(b"?>")[2].lstrip()
    return start.startswith((b"<Error>", b"<Error "))


def _text(error: Exception) -> str:
    if isinstance(error, _Unexpected):
        return str(error)
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, KeyError):
        return f"no {str(error.args[0])[:50]}"
    if isinstance(error, ResponseParserError) and (found := _INVALID_XML.search(str(error))):
        return f"invalid XML: {found[1]}"
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
