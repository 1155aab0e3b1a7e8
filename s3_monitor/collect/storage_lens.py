"""A shard of Storage Lens → its part: object statistics from the export, as far as they were read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from s3_monitor.collect.lens_export import LensDelivery, LensExportReader
from s3_monitor.collect.problem_log import cause_of
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.worker_pool import Task
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.part import Part, Status
from s3_monitor.model.patterns import matcher
from s3_monitor.model.problem import Problem
from s3_monitor.model.storage_lens import LensBucket, LensCoverage, LensData, LensQuery, merge_lens_buckets

_LISTS, _READS = 4, 3  # of one account: folders and files; a manifest and two files


def expected(query: LensQuery) -> CallCounts:
    """Return the calls for an export of one account. The number of its files is not known."""
    calls = CallCounts()
    calls.count("GetCallerIdentity")
    calls.count("ListObjectsV2", _LISTS)
    calls.count("GetObject", _READS)
    if not query.export.scopes:
        calls.count("GetStorageLensConfiguration")
    return calls


def collect_lens(context: ShardContext, query: LensQuery) -> Part:
    """Read the export and return its part."""
    lens = LensCollector(query, context)
    context.log(f"{context.shard.name}: Storage Lens export {lens.location}{context.plan.exports.by_athena}")
    context.run_reader(Task(lens.read, lens.on_result, lens.on_done), "storage-lens-interrupted")
    data = lens.data()
    status: Status = "complete" if data.complete else "partial" if data.buckets else "failed"
    buckets = "1 bucket" if len(data.buckets) == 1 else f"{len(data.buckets):,} buckets"
    return context.create_part(buckets, status, lens=data)


class LensCollector:
    """The buckets received so far. Used only by the thread of the pool, except for ``read``."""

    def __init__(self, query: LensQuery, context: ShardContext) -> None:
        self._query, self._export, self._context = query, query.export, context
        self._matchers: dict[tuple[str, str], list[Callable[[str], bool]]] = {}  # by account and region
        for unit in context.plan.units:
            if unit.rest:
                self._matchers.setdefault((unit.account, unit.region), []).append(matcher(unit.buckets))
        self._buckets: dict[tuple[str, str, str], LensBucket] = {}
        self._coverage: set[LensCoverage] = set()
        self._is_complete = False

    @property
    def location(self) -> str:
        """Return the URL of the export."""
        return "s3://" + "/".join(filter(None, (self._export.bucket, self._export.prefix)))

    def read(self) -> Iterator[Problem | LensDelivery]:
        """Yield the problems of the export, and the content of each delivery."""
        account = self._context.connect(self._context.plan.accesses[self._query.access])
        caller = account.identity().account
        accounts = {account_id for account_id, _ in self._matchers}
        yield from LensExportReader(account, caller, self._export, accounts, self._context).read()

    def on_result(self, result: Problem | LensDelivery) -> None:
        """Handle a problem, or the content of a delivery. Exports of an account and its organization overlap."""
        if isinstance(result, Problem):
            self._context.problems.add(result)
            return
        self._coverage.update(result.coverage)
        for bucket in result.buckets:
            matchers = self._matchers.get((bucket.account, bucket.region), ())
            if any(matches(bucket.name) for matches in matchers):
                key = (bucket.account, bucket.region, bucket.name)
                self._buckets[key] = merge_lens_buckets(self._buckets.get(key), bucket)

    def on_done(self, error: Exception | None) -> None:
        """Handle the end: report why the data is incomplete."""
        problems = self._context.problems
        if error is not None:
            problems.report("storage-lens-unreadable", location=self.location, cause=cause_of(error))
        else:
            codes = {problem.code for problem in problems.problems()}
            self._is_complete = codes <= {"storage-lens-skipped", "storage-lens-old"}

    def data(self) -> LensData:
        """Return the data as far as it was received."""
        buckets = [self._buckets[key] for key in sorted(self._buckets)]
        return LensData(self._is_complete, buckets, sorted(self._coverage))
