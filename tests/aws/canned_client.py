"""Clients with canned responses, for rules that depend on the content of responses and requests alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from s3_monitor.model.identity import Identity

# An operation as botocore names its method → its responses in order. The last is repeated.
Responses = Mapping[str, list[Any]]


def failure(code: str, message: str = "no", status: int = 400) -> ClientError:
    """Return an error of AWS."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Operation")


class CannedClients:
    """A connection whose clients return canned responses; an exception among them is raised."""

    def __init__(self, responses: Responses) -> None:
        self._left = {operation: list(left) for operation, left in responses.items()}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.regions: list[tuple[str, str | None]] = []

    def identity(self) -> Identity:
        return Identity("111122223333", "aws")

    def client(self, service: str, region: str | None = None) -> Any:
        self.regions.append((service, region))
        meta = SimpleNamespace(region_name=region or "us-east-1", endpoint_url="https://example.com")
        return SimpleNamespace(meta=meta, **{name: self._operation(name) for name in self._left})

    def _operation(self, name: str) -> Callable[..., Any]:
        def send(**request: Any) -> Any:
            self.requests.append((name, request))
            left = self._left[name]
            response = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(response, Exception):
                raise response
            return response

        return send
