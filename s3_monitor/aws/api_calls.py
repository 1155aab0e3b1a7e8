"""Calls of clients: every request is counted, throttling is reported, and errors are translated."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from typing import Any, Protocol, Self, TypeVar

from s3_monitor.aws.error_translation import translated
from s3_monitor.aws.fast_parsers import install
from s3_monitor.aws.rate_limiter import RateLimits, RegionLimits
from s3_monitor.aws.retries import is_throttled
from s3_monitor.model.call_counter import CallCounter, RequestBudget
from s3_monitor.model.errors import AwsError, RequestBudgetExhausted

T = TypeVar("T")


class Clients(Protocol):
    """A connection that creates boto3 clients."""

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in the home region by default."""


class AwsApi:
    """Sends the requests of one account and counts them.

    Each subclass holds the operations of one service; ``AwsAccount`` combines them. Any thread may call a method. It
    waits for the response and raises AwsError, or UserError without valid credentials. Generators yield each page as
    it is received, so that pages received before an error remain valid.
    """

    def __init__(
        self, connection: Clients, rate_limits: RateLimits | None = None, calls: CallCounter | None = None
    ) -> None:
        """``rate_limits`` are shared by all accounts of a process, since two connections may lead to one account."""
        self._connection = connection
        self._rate_limits = rate_limits or RateLimits()
        self._account_id = ""  # until AwsAccount.identity
        self._list_budget: RequestBudget | None = None
        self.calls = calls or CallCounter()

    def metered(self, calls: CallCounter, list_budget: RequestBudget | None = None) -> Self:
        """Return the same account with its calls counted by ``calls`` and its listings limited by ``list_budget``.

        The methods that list objects, versions, uploads or parts raise RequestBudgetExhausted if the budget forbids
        another request.
        """
        account = copy(self)
        account.calls = calls
        account._list_budget = list_budget or self._list_budget
        return account

    def client(self, service: str, region: str | None) -> Any:
        """Return a client whose requests are counted and whose long responses are parsed fast."""
        return instrumented_client(self._connection, service, region)

    def limits(self, region: str) -> RegionLimits:
        """Return the rate limits of the account in a region."""
        return self._rate_limits.of(self._account_id, region)

    def call(
        self,
        operation: str,
        throttled: Callable[[str], None] | None = None,
        allowed: Callable[[], bool] | None = None,
    ) -> AbstractContextManager[None]:
        """Count and translate one call: see ``api_call``."""
        return api_call(operation, self.calls.count, throttled, allowed)

    def list_call(self, operation: str) -> AbstractContextManager[None]:
        """Count and translate a call that the list budget limits."""
        return self.call(operation, allowed=self._list_budget.take if self._list_budget else None)


class _Current(threading.local):
    """The current call of this thread: botocore's events do not refer to it."""

    attempted: Callable[[], None] | None = None
    throttled: Callable[[], None] | None = None
    allowed: Callable[[], bool] | None = None


_current = _Current()
_registering = threading.Lock()
_instrumented: weakref.WeakSet[Any] = weakref.WeakSet()


def instrumented_client(clients: Clients, service: str, region: str | None) -> Any:
    """Return a client whose requests are reported to ``api_call`` and whose long responses are parsed fast."""
    client = clients.client(service, region)
    if client in _instrumented:
        return client
    service_id = client.meta.service_model.service_id.hyphenize()
    with _registering:  # two registrations would count each request twice
        for event, handler in ((f"before-send.{service_id}", _sending), (f"response-received.{service_id}", _received)):
            client.meta.events.register(event, handler, unique_id=f"s3-monitor-{event}")
        install(client)
        _instrumented.add(client)
    return client


@contextmanager
def api_call(
    operation: str,
    count: Callable[[str], None] | None = None,
    throttled: Callable[[str], None] | None = None,
    allowed: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Wrap one call of an instrumented client and the parsing of its response.

    ``count(operation)`` is called for every request sent, retries included, and ``throttled(operation)`` for every
    request that AWS throttled. ``allowed`` is called before every request. Raises AwsError if the call failed or its
    response could not be parsed, MissingCredentialsError if the request could not be signed, and
    RequestBudgetExhausted if ``allowed`` returned False.
    """
    _current.attempted = (lambda: count(operation)) if count else None
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


def advance_page(operation: str, token: T, current: T) -> T:
    """Return the token of the next page. Raises AwsError if it equals the current one: pages would repeat forever."""
    if token and token == current:
        raise AwsError("broken", operation, "the pages repeat", advice="try again later")
    return token


def checked_token(operation: str, request: dict[str, Any], field: str, token: str | None) -> bool:
    """Set the token of the next page in a request; return whether there is a next page. Raises AwsError."""
    request[field] = advance_page(operation, token, request.get(field))
    return bool(token)


def _sending(**_: Any) -> None:
    """Check the budget before a request is sent."""
    if _current.allowed is not None and not _current.allowed():
        raise RequestBudgetExhausted("no more requests may be sent")


def _received(parsed_response: dict[str, Any] | None, exception: Exception | None = None, **_: Any) -> None:
    """Count a request after its response or error."""
    if isinstance(exception, RequestBudgetExhausted):
        return  # not sent
    if _current.attempted is not None:
        _current.attempted()
    if _current.throttled is not None and parsed_response is not None and is_throttled(parsed_response):
        _current.throttled()
