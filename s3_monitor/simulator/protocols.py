"""AWS's wire protocols: AWS JSON 1.0 and 1.1, query, and REST JSON.

Operations take typed parameters and return dictionaries with AWS's member names.
"""

import itertools
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import msgspec

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response

T = TypeVar("T")
Moment = float | str  # a timestamp in a request: epoch seconds or ISO 8601
_request_numbers = itertools.count(1)


class Times:
    """A list of epoch seconds, encoded once for all series that share it."""

    def __init__(self, seconds: tuple[int, ...]) -> None:
        self.seconds = seconds

    @cached_property
    def json(self) -> msgspec.Raw:
        """The list as JSON numbers."""
        return msgspec.Raw(msgspec.json.encode([float(second) for second in self.seconds]))


def seconds_of(moment: Moment) -> float:
    """Return the epoch seconds of a timestamp."""
    if isinstance(moment, str):
        try:
            parsed = datetime.fromisoformat(moment)
        except ValueError as error:
            raise AwsError("ValidationError", f"timestamp {moment!r} is not ISO 8601") from error
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    return float(moment)


def request_id() -> str:
    """Return a request id in AWS's format."""
    return f"00000000-5115-4000-8000-{next(_request_numbers):012d}"


class Json:
    """AWS JSON: the operation in X-Amz-Target, parameters and result as JSON."""

    def __init__(self, version: str, *, query_compatible: bool = False) -> None:
        self._content_type = f"application/x-amz-json-{version}"
        self._query_compatible = query_compatible

    def operation(self, request: Request) -> str:
        return request.headers.get("x-amz-target", "").rpartition(".")[2]

    def decode(self, request: Request, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(request.body or b"{}", type=kind)
        except msgspec.ValidationError as error:
            raise AwsError("ValidationError", str(error)) from error
        except msgspec.DecodeError as error:
            raise AwsError("SerializationException", str(error)) from error

    def encode(self, operation: str, result: dict[str, Any]) -> Response:
        body = msgspec.json.encode(result, enc_hook=_json_hook)
        return Response(200, body, self._content_type, {"x-amzn-RequestId": request_id()})

    def error(self, error: AwsError) -> Response:
        body = msgspec.json.encode({"__type": error.code, "message": error.message, **error.fields})
        headers = _error_headers(error, self._query_compatible)
        return Response(error.status, body, self._content_type, headers)


class Query:
    """AWS query: a form with Action and flattened parameters; responses in XML."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def operation(self, request: Request) -> str:
        return _form(request).get("Action", "")

    def decode(self, request: Request, kind: type[T]) -> T:
        try:
            return msgspec.convert(_unflatten(_form(request)), kind, strict=False)
        except msgspec.ValidationError as error:
            raise AwsError("ValidationError", str(error)) from error

    def encode(self, operation: str, result: dict[str, Any]) -> Response:
        number = request_id()
        body = (
            f'<{operation}Response xmlns="{self._namespace}"><{operation}Result>'
            f"{_xml(result)}</{operation}Result>"
            f"<ResponseMetadata><RequestId>{number}</RequestId></ResponseMetadata></{operation}Response>"
        )
        return Response(200, body.encode(), "text/xml", {"x-amzn-RequestId": number})

    def error(self, error: AwsError) -> Response:
        number = request_id()
        kind = "Sender" if error.status < 500 else "Receiver"
        detail = {"Type": kind, "Code": error.code, "Message": error.message, **error.fields}
        body = (
            f'<ErrorResponse xmlns="{self._namespace}"><Error>{_xml(detail)}</Error>'
            f"<RequestId>{number}</RequestId></ErrorResponse>"
        )
        return Response(error.status, body.encode(), "text/xml", {"x-amzn-RequestId": number})


def rest_json(result: dict[str, Any]) -> Response:
    """Return a response of a REST JSON service."""
    body = msgspec.json.encode(result, enc_hook=_json_hook)
    return Response(200, body, "application/json", {"x-amzn-RequestId": request_id()})


def rest_json_error(error: AwsError) -> Response:
    """Return an error response of a REST JSON service: the code is in a header."""
    body = msgspec.json.encode({"message": error.message, **error.fields})
    headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id(), **error.headers}
    return Response(error.status, body, "application/json", headers)


def _error_headers(error: AwsError, query_compatible: bool) -> dict[str, str]:
    headers = {"x-amzn-RequestId": request_id(), **error.headers}
    if query_compatible:
        headers["x-amzn-query-error"] = f"{error.code};{'Sender' if error.status < 500 else 'Receiver'}"
    return headers


def _json_hook(value: object) -> object:
    if isinstance(value, Times):
        return value.json
    raise TypeError(f"not JSON: {type(value).__name__}")


def _form(request: Request) -> dict[str, str]:
    return {**request.query, **dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))}


def _unflatten(form: dict[str, str]) -> dict[str, Any]:
    """Convert dotted names to nested dictionaries, and NAME.member.1 to lists."""
    tree: dict[str, Any] = {}
    for name, value in form.items():
        *parents, leaf = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                raise AwsError("MalformedInput", f"{name} is both a value and a structure")
        node[leaf] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    members = node.get("member")
    if len(node) == 1 and isinstance(members, dict) and all(key.isdigit() for key in members):
        return [_lists(members[key]) for key in sorted(members, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def _xml(value: Any) -> str:
    match value:
        case dict():
            return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
        case list() | tuple():
            return "".join(f"<member>{_xml(item)}</member>" for item in value)
        case bool():
            return "true" if value else "false"
        case _:
            return escape(str(value))
