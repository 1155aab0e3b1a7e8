"""An account whose buckets are lists of keys: the rules of listings, without HTTP."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, TypeVar

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.problem_log import ProblemLog
from s3_monitor.collect.worker_pool import ConcurrencyLimit, WorkerPool
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.plan import ListingRule, ObjectsRule
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadPartsPage, UploadsPage
from tests.collect.fixtures import ACCOUNT, NOW, plan_of, unit

T = TypeVar("T")
REGION = "us-east-1"
NOON = "2026-11-20T12:00:00.000Z"
NOON_SECONDS = 1_795_176_000


def page_of(
    keys: Iterable[str], token: tuple[str, ...] = (), *, classes: Sequence[str] = (), markers: Sequence[str] = ()
) -> KeysPage:
    """Return a page of objects of 2 bytes."""
    keys = list(keys)
    return KeysPage(
        keys, [2] * len(keys), classes or ["STANDARD"] * len(keys), [NOON] * len(keys), None, markers, token
    )


class ListedAccount:
    """``keys``: by bucket, or pages or errors in the order of the requests. ``budget``: of list requests."""

    def __init__(
        self,
        keys: Mapping[str, Sequence[Any] | Exception],
        *,
        uploads: Sequence[UploadsPage | Exception] = (UploadsPage([]),),
        parts: Sequence[UploadPartsPage | Exception] = (),
        budget: int | None = None,
    ) -> None:
        self._keys = dict(keys)
        self._uploads, self._parts, self._budget = list(uploads), list(parts), budget
        self._lock = threading.Lock()
        self.requests: list[tuple[str, ListKeysRequest]] = []
        self.upload_requests: list[tuple[Any, ...]] = []
        self.part_requests: list[tuple[Any, ...]] = []

    def _take(self) -> None:
        if self._budget is not None:
            if not self._budget:
                raise RequestBudgetExhausted
            self._budget -= 1

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage:
        assert region == REGION
        with self._lock:
            self._take()
            self.requests.append((bucket, request))
            found = self._keys[bucket]
            if isinstance(found, Exception):
                raise found
            if found and not isinstance(found[0], str):
                pages: list[KeysPage | Exception] = found  # type: ignore[assignment]
                return _result(pages)
        found = [key for key in found if key.startswith(request.prefix)]
        start = bisect_right(found, request.token[0] if request.token else request.after)
        keys = found[start : start + request.most]
        return page_of(keys, (keys[-1],) if found[start + request.most :] else ())

    def uploads_page(self, bucket: str, region: str, prefix: str, token: tuple[str, ...]) -> UploadsPage:
        with self._lock:
            self._take()
            self.upload_requests.append((bucket, region, prefix, token))
            return _result(self._uploads)

    def parts_page(self, bucket: str, region: str, upload: tuple[str, str], token: tuple[str, ...]) -> UploadPartsPage:
        with self._lock:
            self.part_requests.append((bucket, region, upload, token))
            return _result(self._parts)


def _result(responses: list[T | Exception]) -> T:
    response = responses.pop(0)
    if isinstance(response, Exception):
        raise response
    return response


class ListingRun:
    """A region and a context with the limits that listings use."""

    def __init__(
        self, account: ListedAccount, *, objects: ObjectsRule | None = None, listing: ListingRule | None = None,
        limit: int = 4,
    ) -> None:  # fmt: skip
        self.log, self.pool, self.stop = ProblemLog(), WorkerPool(), threading.Event()
        plan = plan_of([unit()], objects=objects, listing=listing or ListingRule())
        self.context: Any = SimpleNamespace(
            object_lists=ConcurrencyLimit(self.pool, limit), plan=plan, as_of=int(NOW.timestamp())
        )
        reading: Any = account
        self.region = AccountRegion(reading, ACCOUNT, REGION, self.log)

    def run(self) -> None:
        self.pool.run(self.stop)

    @property
    def problems(self) -> list[tuple[str, str | None]]:
        return [(problem.code, problem.bucket) for problem in self.log.problems()]

    @property
    def messages(self) -> list[str]:
        return [problem.message for problem in self.log.problems()]
