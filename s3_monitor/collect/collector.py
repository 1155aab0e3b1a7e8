"""The base class of all collectors: how they send requests, and their error policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from s3_monitor.collect.account import Account
from s3_monitor.collect.problem_log import ENDS_REGION, Cause, ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.errors import RequestBudgetExhausted

Subject = TypeVar("Subject")


class AccountRegion(NamedTuple):
    """One region of a connected account."""

    account: Account
    account_id: str
    region: str
    problems: ProblemLog

    @property
    def place(self) -> tuple[str, str]:
        """Return the account id and the region."""
        return self.account_id, self.region


class Collector(Generic[Subject]):
    """Reads one kind of data about the buckets of one account and region. Used only by the thread of the pool.

    A request is about a subject, usually the name of a bucket. The error policy:

    - The service is unreachable or rejects the credentials: no further request can succeed. Stop, with one gap.
    - The bucket no longer exists: a note.
    - The budget of list requests is exhausted: see the subclass.
    - The request was denied or failed otherwise: a gap for the bucket.
    """

    _ends_region: ClassVar[frozenset[str]] = ENDS_REGION
    """The kinds of errors after which the collector stops."""
    _code: ClassVar[str]
    """The code of the problem that a failed request causes."""

    def __init__(self, region: AccountRegion, limit: ConcurrencyLimit) -> None:
        self.place = region.place
        self._account, self._region, self._problems = region.account, region.region, region.problems
        self._limit = limit
        self._has_stopped = False

    def _request(
        self,
        subject: Subject,
        run: Callable[[], Iterable[Any]],
        on_result: Callable[[Any], None],
        limit: ConcurrencyLimit | None = None,
    ) -> None:
        """Start a task about a subject, unless the collector has stopped."""
        if not self._has_stopped:
            (limit or self._limit).start(Task(run, on_result, partial(self._on_done, subject), owner=self))

    def _request_one(self, subject: Subject, call: Callable[[], Any], on_result: Callable[[Any], None]) -> None:
        """Do the same for a call with one result."""
        self._request(subject, partial(_yield_result, call), on_result)

    def _on_done(self, subject: Subject, error: Exception | None) -> None:
        """Handle the end of a task: the error policy."""
        if error is None:
            return
        if isinstance(error, RequestBudgetExhausted):
            self._on_budget_exhausted(subject)
            return
        cause = cause_of(error)
        if cause.kind in self._ends_region:
            self._stop(cause)
        elif cause.kind == "missing":
            self._on_missing(subject, cause)
        else:
            self._on_failure(subject, cause)

    def _stop(self, cause: Cause) -> None:
        """Drop all requests, and report one gap for their buckets."""
        if self._has_stopped:
            return
        self._has_stopped = True
        buckets = self._abandon(1 + len(self._limit.drop(self, running=True)), cause)
        self._report(self._code, at_least=buckets, cause=cause)

    def _abandon(self, requests: int, cause: Cause) -> int:
        """Return the number of buckets without data, given the number of requests that failed or were dropped."""
        return requests

    def _on_missing(self, subject: Subject, cause: Cause) -> None:
        self._problems.add_for_bucket("bucket-deleted", self.place, str(subject))

    def _on_budget_exhausted(self, subject: Subject) -> None:
        """Handle a request that was not sent. By default without a problem: the shard has one."""

    def _on_failure(self, subject: Subject, cause: Cause) -> None:
        self._problems.add_for_bucket(self._code, self.place, str(subject), cause=cause)

    def _report(self, code: str, **values: Any) -> None:
        """Report a problem of the region."""
        account, region = self.place
        self._problems.report(code, account=account, region=region, **values)


def _yield_result(call: Callable[[], Any]) -> Iterator[Any]:
    yield call()
