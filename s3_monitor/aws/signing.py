"""Clients that several accounts share: each call is signed with the credentials of its role.

Creating clients takes most of the time and memory of an account, so roles use the clients of the connection that
assumes them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from s3_monitor.aws.retries import Renewal, Response


class _Current(threading.local):
    """The role of the current call of this thread; None: the credentials of the client."""

    credentials: Any = None
    renewal: Renewal | None = None


_current = _Current()


@contextmanager
def signed_by(credentials: Any, renewal: Renewal | None) -> Iterator[None]:
    """Sign the requests of this thread with other credentials; None: with those of the client."""
    before = _current.credentials, _current.renewal
    _current.credentials, _current.renewal = credentials, renewal
    try:
        yield
    finally:
        _current.credentials, _current.renewal = before


def install(client: Any) -> Any:
    """Return the client, which signs with the credentials of ``signed_by``."""
    service, events = client.meta.service_model.service_id.hyphenize(), client.meta.events
    events.register(f"before-sign.{service}", _sign, unique_id="s3-monitor-sign")
    events.register(f"before-send.{service}", _sending, unique_id="s3-monitor-sending-role")
    events.register_first(f"needs-retry.{service}", _renew, unique_id="s3-monitor-renew-role")
    return client


def _sign(request: Any, **_: Any) -> None:
    if _current.credentials is not None:
        request.context.setdefault("signing", {})["request_credentials"] = _current.credentials


def _sending(request: Any, **_: Any) -> None:
    if _current.renewal is not None:
        _current.renewal.sending(request)


def _renew(response: Response, request_dict: dict[str, Any], **_: Any) -> int | None:
    return None if _current.renewal is None else _current.renewal.renew(response, request_dict)
