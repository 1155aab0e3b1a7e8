"""One call of a client: counted with its retries, its throttles reported as they happen, its failures translated."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from s3_monitor.aws.error_translation import translated
from s3_monitor.aws.fast_parsers import install
from s3_monitor.aws.retries import is_throttled
from s3_monitor.model.errors import AwsError, RequestBudgetExhausted

Count = Callable[[str], None]
RequestAllowed = Callable[[], bool]
T = TypeVar("T")


class Clients(Protocol):
    """What makes clients: a Connection."""

    def client(self, service: str, region: str | None = None) -> Any: ...


class _Current(threading.local):
    """The call that this thread is in: botocore's events do not say which of ours they belong to."""

    attempted: Callable[[], None] | None = None
    throttled: Callable[[], None] | None = None
    allowed: Callable[[], bool] | None = None


_current = _Current()
_registering = threading.Lock()
_watched: weakref.WeakSet[Any] = weakref.WeakSet()


def instrumented_client(clients: Clients, service: str, region: str | None) -> Any:
    """A client whose attempts ``asked`` sees, and whose long answers are read quickly."""
    client = clients.client(service, region)
    if client in _watched:
        return client
    service_id = client.meta.service_model.service_id.hyphenize()
    with _registering:  # twice at once would count twice
        for event, handler in ((f"before-send.{service_id}", _sending), (f"response-received.{service_id}", _received)):
            client.meta.events.register(event, handler, unique_id=f"s3-monitor-{event}")
        install(client)
        _watched.add(client)
    return client


@contextmanager
def api_call(
    operation: str,
    count: Count,
    throttled: Callable[[str], None] | None = None,
    allowed: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Around one call of a watched client, and around reading its answer. ``count(operation)`` for every request
    sent, ``throttled(operation)`` for every one that AWS turned down as one too many. AwsFailure where the call is
    given up or its answer is not as AWS describes it, NoCredentials where it cannot be signed (any more).
    ``allowed`` is asked before every request, retries too: Spent where one may not be sent."""
    _current.attempted = lambda: count(operation)
    _current.throttled = (lambda: throttled(operation)) if throttled else None
    _current.allowed = allowed
    try:
        with translated(operation):
            yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"could not read the response: {type(error).__name__}: {error}"
        raise AwsError("broken", operation, what, advice="try again later") from error
    finally:
        _current.attempted = _current.throttled = _current.allowed = None


def advance_page(operation: str, token: T, here: T) -> T:
    """The token of the page behind the one that was asked for by ``here``. AwsFailure where both are the same: to go
    on would give that page for ever, and count it every time."""
    if token and token == here:
        raise AwsError("broken", operation, "the pages repeat themselves", advice="try again later")
    return token


def checked_token(operation: str, question: dict[str, Any], field: str, token: str | None) -> bool:
    """Whether there is a page more: then the question asks for it. AwsFailure as above."""
    question[field] = advance_page(operation, token, question.get(field))
    return bool(token)


def _sending(**_: Any) -> None:
    """An attempt is about to begin."""
    if _current.allowed is not None and not _current.allowed():
        raise RequestBudgetExhausted("no more requests may be sent")


def _received(parsed_response: dict[str, Any] | None, exception: Exception | None = None, **_: Any) -> None:
    """An attempt has ended, with an answer or without."""
    if isinstance(exception, RequestBudgetExhausted):
        return  # it was never sent
    if _current.attempted is not None:
        _current.attempted()
    if _current.throttled is not None and parsed_response is not None and is_throttled(parsed_response):
        _current.throttled()
