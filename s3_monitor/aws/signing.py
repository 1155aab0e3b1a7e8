"""Clients that several accounts share: each call is signed with the credentials of its role.

Creating clients takes most of the time and memory of an account, so roles use the clients of the connection that
assumes them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from s3_monitor.aws.retries import Renewal, Response


class Signer(NamedTuple):
    """What signs the calls of a role with a shared client."""

    credentials: Any
    renewal: Renewal
    sessions: Any
    """The cache of sessions for directory buckets, if the client is one of S3; None otherwise."""


class _Current(threading.local):
    """The signer of the current call of this thread; None: the credentials of the client."""

    signer: Signer | None = None


_current = _Current()


@contextmanager
def signed_by(signer: Signer | None) -> Iterator[None]:
    """Sign the requests of this thread as a role; None: with the credentials of the client."""
    before, _current.signer = _current.signer, signer
    try:
        yield
    finally:
        _current.signer = before


def install(client: Any) -> Any:
    """Return the client, which signs as ``signed_by`` determines."""
    service, events = client.meta.service_model.service_id.hyphenize(), client.meta.events
    events.register(f"before-sign.{service}", _sign, unique_id="s3-monitor-sign")
    events.register(f"before-send.{service}", _sending, unique_id="s3-monitor-sending-role")
    events.register_first(f"needs-retry.{service}", _renew, unique_id="s3-monitor-renew-role")
    return client


def _sign(request: Any, **_: Any) -> None:
    signer = _current.signer
    if signer is None:
        return
    context = request.context.setdefault("signing", {})
    context["request_credentials"] = signer.credentials
    if context.get("identity_cache") is not None:  # a request to a directory bucket, signed with a session
        context["identity_cache"] = signer.sessions


def _sending(request: Any, **_: Any) -> None:
    if _current.signer is not None:
        _current.signer.renewal.sending(request)


def _renew(response: Response, request_dict: dict[str, Any], **_: Any) -> int | None:
    return None if _current.signer is None else _current.signer.renewal.renew(response, request_dict)
