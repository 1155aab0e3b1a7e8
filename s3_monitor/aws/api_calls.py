"""Calls of clients: every request is counted, throttling is reported, and errors are translated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from typing import Any, Protocol, Self, TypeVar

from botocore import xform_name

from s3_monitor.aws.error_translation import translated
from s3_monitor.aws.rate_limiter import MetricDataLimiter, RateLimiter, RateLimits, RegionLimits
from s3_monitor.aws.retries import is_throttled
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.errors import AwsError, RequestBudgetExhausted
from s3_monitor.model.identity import Identity

T = TypeVar("T")


class Clients(Protocol):
    """A connection to an account, which creates boto3 clients. See ``report_requests``."""

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in the home region by default."""

    def identity(self) -> Identity:
        """Return the account and partition of the credentials."""


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
        self.client = connection.client

    def metered(self, calls: CallCounter, list_budget: RequestBudget | None = None) -> Self:
        """Return the same account with its calls counted by ``calls`` and its listings limited by ``list_budget``.

        The methods that list objects, versions, uploads or parts raise RequestBudgetExhausted if the budget forbids
        another request.
        """
        account = copy(self)
        account.calls = calls
        account._list_budget = list_budget or self._list_budget
        return account

    def limits(self, region: str) -> RegionLimits:
        """Return the rate limits of the account in a region."""
        return self._rate_limits.of(self._account_id, region)

    @contextmanager
    def call(
        self,
        operation: str,
        limiter: RateLimiter | MetricDataLimiter | None = None,
        amount: float = 1.0,
        *,
        allowed: Callable[[], bool] | None = None,
    ) -> Iterator[None]:
        """Wrap one call of a client and the parsing of its response.

        Every request sent is counted, retries included. The call waits for ``limiter`` once, and every request that AWS
        throttled slows it down; ``amount``: of its quota. ``allowed`` is called before every request. Raises AwsError
        if the call failed or its response could not be parsed, MissingCredentialsError if the request could not be
        signed, and RequestBudgetExhausted if ``allowed`` returned False.
        """
        if limiter:
            limiter.wait(amount)
        _current.attempted = lambda: self.calls.count(operation)
        _current.throttled = limiter.slow_down if limiter else None
        _current.allowed = allowed
        try:
            with translated(operation):
                yield
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            what = f"could not read the response: {type(error).__name__}: {error}"
            raise AwsError("broken", operation, what, advice="try again later") from error
        finally:
            _current.attempted = _current.throttled = _current.allowed = None

    def list_call(self, operation: str) -> AbstractContextManager[None]:
        """Wrap a call that the list budget limits."""
        return self.call(operation, allowed=self._list_budget.take if self._list_budget else None)

    def pages(
        self,
        client: Any,
        operation: str,
        request: dict[str, Any],
        read: Callable[[dict[str, Any]], T],
        page_field: str = "NextToken",
        request_field: str | None = None,
        *,
        call: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> Iterator[T]:
        """Yield the pages of a list, converted by ``read``.

        ``page_field``: the field of a response for the token of the next page; ``request_field``: that of the request,
        if its name differs. ``call`` wraps each call, instead of ``self.call``. Raises AwsError for a repeated token:
        pages would repeat forever.
        """
        send = getattr(client, xform_name(operation))
        seen: set[str] = set()
        while True:
            with call() if call else self.call(operation):
                response = send(**request)
                page, next_token = read(response), response.get(page_field)
                if response.get("IsTruncated") is False:
                    next_token = None
                elif response.get("IsTruncated") and not next_token:
                    raise ValueError(f"a truncated page must have a {page_field}")
                if str(next_token) in seen:
                    raise repeated_pages(operation)
            yield page
            if not next_token:
                return
            seen.add(str(next_token))
            request = {**request, request_field or page_field: next_token}


def repeated_pages(operation: str) -> AwsError:
    """Return the error of a page whose token is that of an earlier page."""
    return AwsError("broken", operation, "the pages repeat", advice="try again later")


class _Current(threading.local):
    """The current call of this thread: botocore's events do not refer to it."""

    attempted: Callable[[], None] | None = None
    throttled: Callable[[], None] | None = None
    allowed: Callable[[], bool] | None = None


_current = _Current()


def report_requests(client: Any) -> Any:
    """Return the client, with its requests reported to ``AwsApi.call``."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-send.{service}", _sending, unique_id="s3-monitor-sending-call")
    client.meta.events.register(f"response-received.{service}", _received, unique_id="s3-monitor-received")
    return client


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
