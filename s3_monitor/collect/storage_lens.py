"""A shard of Storage Lens → its part: object statistics from the export, as far as they were read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from s3_monitor.collect.account import Account
from s3_monitor.collect.export_context import ExportContext
from s3_monitor.collect.lens_export import LensExportReader
from s3_monitor.collect.part_check import create_part
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import Task
from s3_monitor.model.call_counts import CallCounter, CallCounts
from s3_monitor.model.object_stats import merge_object_stats
from s3_monitor.model.part import Part
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access, Plan, Shard
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.storage_lens import LensBucket, LensData, LensQuery

_LISTS, _READS = 4, 3  # of one account: folders and files; a manifest and two files
_DISK_ADVICE = "free space in the folder for temporary files, or name another with TMPDIR"


def expected() -> CallCounts:
    """Return the calls for an export of one account. The number of its files is not known."""
    calls = CallCounts()
    calls.count("GetCallerIdentity")
    calls.count("ListObjectsV2", _LISTS)
    calls.count("GetObject", _READS)
    return calls


def collect_lens(
    plan: Plan,
    digest: str,
    shard: Shard,
    query: LensQuery,
    connect: Callable[[Access], Account],
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    log: Callable[[str], None],
) -> Part:
    """Read the export and return its part: see collect_shard. No error of AWS is raised."""
    started, start = now(), time.monotonic()
    calls, context = CallCounter(), ExportContext.of(plan, stop, log)
    collector = LensCollector(plan, query, context)
    log(f"{shard.name}: Storage Lens export {collector.location}{context.reading.by_athena}")
    read = partial(collector.read, connect, calls)
    context.run(Task(read, collector.on_result, collector.on_done))
    if stop.is_set():
        collector.problems.add(create_problem("storage-lens-interrupted"))
    data, problems = collector.data(), collector.problems.problems()
    part = create_part(
        plan,
        digest,
        shard,
        started=started,
        finished=now(),
        status="complete" if data.complete else "partial" if data.buckets else "failed",
        problems=problems,
        calls=calls.calls(),
        lens=data,
    )
    buckets = "1 bucket" if len(data.buckets) == 1 else f"{len(data.buckets):,} buckets"
    log(f"{shard.name}: {buckets}, {part.calls.total:,} calls, {time.monotonic() - start:.1f} s, {part.status}")
    return part


class LensCollector:
    """The buckets received so far. Used only by the thread of the pool, except for ``read``."""

    def __init__(self, plan: Plan, query: LensQuery, context: ExportContext) -> None:
        self.problems = ProblemLog()
        self._access, self._export, self._context = plan.accesses[query.access], query.export, context
        self._matchers: dict[tuple[str, str], list[Callable[[str], bool]]] = {}  # by account and region
        for unit in plan.units:
            if unit.rest:
                self._matchers.setdefault((unit.account, unit.region), []).append(matcher(unit.buckets))
        self._buckets: dict[tuple[str, str, str], LensBucket] = {}
        self._is_complete = False

    @property
    def location(self) -> str:
        """Return the URL of the export."""
        return "s3://" + "/".join(filter(None, (self._export.bucket, self._export.prefix)))

    def read(self, connect: Callable[[Access], Account], calls: CallCounter) -> Iterator[Problem | list[LensBucket]]:
        """Yield the problems of the export, and the buckets of each delivery."""
        account = connect(self._access).metered(calls)
        account.identity()
        accounts = {account_id for account_id, _ in self._matchers}
        yield from LensExportReader(account, self._export, accounts, self._context).read()

    def on_result(self, result: Problem | list[LensBucket]) -> None:
        """Handle a problem, or the buckets of a delivery. Exports of an account and its organization overlap."""
        if isinstance(result, Problem):
            self.problems.add(result)
            return
        for bucket in result:
            matchers = self._matchers.get((bucket.account, bucket.region), ())
            if any(matches(bucket.name) for matches in matchers):
                key = (bucket.account, bucket.region, bucket.name)
                other = self._buckets.get(key)
                stats = merge_object_stats(other.stats if other else None, bucket.stats)
                self._buckets[key] = LensBucket(*key, stats)

    def on_done(self, error: Exception | None) -> None:
        """Handle the end: report why the data is incomplete."""
        if isinstance(error, OSError):
            # Without the names of temporary files, which differ between runs.
            self._add_unreadable(f"could not store the files: {error.strerror or error}", _DISK_ADVICE)
        elif error is not None:
            cause = cause_of(error)
            self._add_unreadable(cause.text, cause.advice)
        else:
            codes = {problem.code for problem in self.problems.problems()}
            self._is_complete = codes <= {"storage-lens-skipped", "storage-lens-old"}

    def _add_unreadable(self, detail: str, advice: str) -> None:
        location = self.location
        self.problems.add(create_problem("storage-lens-unreadable", location=location, detail=detail, advice=advice))

    def data(self) -> LensData:
        """Return the data as far as it was received."""
        return LensData(self._is_complete, [self._buckets[key] for key in sorted(self._buckets)])
