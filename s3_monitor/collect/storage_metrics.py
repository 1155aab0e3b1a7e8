"""One account and region: its series are found, and their points asked for by 500 while the finding goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.daily_bins import DailyBinner
from s3_monitor.collect.metric_queries import BATCH, ListMetricsQuery, includes, list_metrics_queries
from s3_monitor.collect.problem_log import Cause, ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit
from s3_monitor.model.problem import gap
from s3_monitor.model.problem_catalogue import Severity
from s3_monitor.model.responses import (
    ALL_TYPES,
    BUCKET_SIZE,
    OBJECT_COUNT,
    MetricDataPage,
    MetricDataResult,
    SeriesName,
)
from s3_monitor.model.series import Series, Window, pack

_TIMES_AGAIN = 4  # that a series is asked for of which CloudWatch says it had an internal error

_INVALID = "CloudWatch sent a value that is not a number from 0 to 2^62"

_WHAT = {BUCKET_SIZE: "which storage types its buckets have", OBJECT_COUNT: "which of its buckets have an object count"}


class StorageMetricsCollector:
    """What CloudWatch says of the buckets of one account and region. Used by the folding thread alone.

    ``sizes``: {bucket: {storage type: Series}}, ``counts``: {bucket: Series}; null where the series exists and its
    points did not arrive (yet). ``arrived``: the metrics whose list of series arrived whole. ``cut``: series of
    which only some points arrived.
    """

    def __init__(
        self,
        where: str,
        name: str,
        units: Sequence[Unit],
        window: Window,
        losses: ProblemLog,
        tally: CallCounter,
        on_count: Callable[[str, Series], None],
        on_settled: Callable[[], None],
        on_complete: Callable[[], None],
    ) -> None:
        """``on_count`` is called with each object count; ``on_settled`` once all of them are known; ``on_complete``
        whenever no request to CloudWatch is open, failed ones included."""
        self.where = where
        self.sizes: dict[str, dict[str, Series | None]] = {}
        self.counts: dict[str, Series | None] = {}
        self.cut: set[SeriesName] = set()
        self.arrived = {BUCKET_SIZE, OBJECT_COUNT}
        self._name = name
        self._units = [(unit, matcher(unit.buckets)) for unit in units]
        self._chains = list_metrics_queries(units)
        self._open_chains = set(self._chains)
        self._failed_chains: dict[Cause, set[str]] = {}
        self._open_batches = 0
        self._settled = False
        self._window = window
        self._days = DailyBinner(window)
        self._losses = losses
        self._tally = tally
        self._on_count, self._on_settled, self._on_complete = on_count, on_settled, on_complete
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit
        self._chain_lane: ConcurrencyLimit
        self._pending: list[SeriesName] = []
        self._partial: dict[SeriesName, dict[int, float]] = {}
        self._invalid: dict[SeriesName, set[int]] = {}  # days whose value is not an amount
        self._why: dict[SeriesName, Cause] = {}
        self._internal_errors: Counter[SeriesName] = Counter()
        self._no_more: Cause | None = None  # why no points are asked for any more
        # Which units ask a storage type ("" for the counts), as matchers of buckets; one that matches all: true.
        self._askers: dict[str, list[Callable[[str], bool]] | bool] = {}

    def ask(self, account: Account, chain_lane: ConcurrencyLimit, points_lane: ConcurrencyLimit) -> None:
        """Start asking. All regions share both lanes."""
        self._account = account
        self._lane = points_lane
        self._chain_lane = chain_lane
        if not self._chains:
            self._on_settled()
        for chain in self._chains:
            self._chain_lane.ask(
                Task(partial(self._series, chain), self._found, partial(self._chain_ended, chain), about=self)
            )

    def _series(self, chain: ListMetricsQuery) -> Iterator[list[SeriesName]]:
        return self._account.series(self._name, chain.metric, chain.storage_type, chain.bucket, self._tally.count)

    def _found(self, page: list[SeriesName]) -> None:
        for series in page:
            if not self._asked(series):
                continue
            bucket = series.bucket
            if series.metric == OBJECT_COUNT:
                if bucket in self.counts:
                    continue
                self.counts[bucket] = None
            else:
                types = self.sizes.setdefault(bucket, {})
                if series.storage_type in types:
                    continue
                types[series.storage_type] = None
            self._pending.append(series)
        self._ask_points()

    def _asked(self, series: SeriesName) -> bool:
        askers = self._askers.get(series.storage_type)
        if askers is None:
            askers = self._askers[series.storage_type] = self._who_asks(series.storage_type)
        if isinstance(askers, bool):
            return askers
        return any(matches(series.bucket) for matches in askers)

    def _who_asks(self, storage_type: str) -> list[Callable[[str], bool]] | bool:
        of_counts = storage_type == ALL_TYPES
        units = [pair for pair in self._units if (pair[0].rest if of_counts else includes(pair[0], storage_type))]
        if any(not unit.buckets for unit, _ in units):
            return True
        return [matches for _, matches in units]

    def _chain_ended(self, chain: ListMetricsQuery, error: Exception | None) -> None:
        self._open_chains.discard(chain)
        if error is not None:
            self.arrived.discard(chain.metric)
            cause = cause_of(error)
            if cause.kind == "unreachable":
                self._give_up(cause)
            else:
                self._failed_chains.setdefault(cause, set()).add(chain.metric)
        self._ask_points()
        self._settle()

    def _give_up(self, cause: Cause) -> None:
        """A region that does not answer: nothing more is asked of it, nor waited for."""
        self._no_more = cause
        self.arrived.difference_update(chain.metric for chain in self._open_chains)
        self._open_chains.clear()
        self._open_batches = 0
        self._pending.clear()
        self._chain_lane.drop(self, under_way=True)
        self._lane.drop(self, under_way=True)
        what = f"{cause.text}: nothing more was asked of CloudWatch there"
        self._losses.add(gap(self.where, what, cause.advice))

    def _ask_points(self) -> None:
        """Whole batches while more series may come; at the end the rest."""
        last = not self._open_chains
        while len(self._pending) >= BATCH or (last and self._pending):
            batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
            if self._no_more is not None:
                continue
            self._open_batches += 1
            self._lane.ask(
                Task(partial(self._points, batch), partial(self._came, batch), partial(self._ended, batch), self)
            )

    def _points(self, batch: list[SeriesName]) -> Iterator[MetricDataPage]:
        window = self._window
        return self._account.points(self._name, batch, window.start, window.end, self._tally.count)

    def _came(self, batch: list[SeriesName], page: MetricDataPage) -> None:
        for message in page.messages:
            self._losses.add(gap(self.where, f"GetMetricData says: {message}"))
        for answer in page.answers:
            self._fold(batch[answer.place], answer)

    def _fold(self, name: SeriesName, answer: MetricDataResult) -> None:
        known = self._of(name)
        if known is None and answer.status == "Complete" and name not in self._partial:
            series = self._days.daily(answer.times, answer.values)
            if series is not None:
                self._keep(name, series)
                return
        points = self._partial.pop(name, None) or {}
        if known is not None:
            # A later page may name a series again, with more points or none: they add up.
            points = dict(known.points())
        invalid = self._invalid.pop(name, None) or set()
        twice = self._days.put(points, invalid, answer.times, answer.values)
        if invalid:
            self._invalid[name] = invalid
        if twice:
            self._losses.lose(
                self.where,
                [_path(name)],
                alone="CloudWatch gave two values for a day: the larger is taken",
                together="series came with two values for a day: the larger is taken",
                severity="note",
            )
        if answer.status == "Complete":
            self._keep(name, pack(points))
        elif answer.status == "PartialData":
            self._partial[name] = points
        else:
            self._why[name] = _said(answer)
            self._invalid.pop(name, None)
            if answer.status == "InternalError" and self._internal_errors[name] < _TIMES_AGAIN:
                self._internal_errors[name] += 1
                self._pending.append(name)  # AWS: to be asked again

    def _keep(self, name: SeriesName, series: Series) -> None:
        self._set(name, series)
        if name.metric == OBJECT_COUNT:
            self._on_count(name.bucket, series)

    def _set(self, name: SeriesName, series: Series | None) -> None:
        if name.metric == BUCKET_SIZE:
            self.sizes[name.bucket][name.storage_type] = series
        else:
            self.counts[name.bucket] = series

    def _ended(self, batch: list[SeriesName], error: Exception | None) -> None:
        self._open_batches -= 1
        if error is None:
            self._tally.metrics(len(batch))
            cause = Cause("GetMetricData left them out", "run this shard again", "")
        else:
            cause = cause_of(error)
            if cause.kind == "unreachable":
                self._give_up(cause)
            elif cause.hopeless:
                # The batches that wait would be refused like this one.
                self._no_more = cause
                self._open_batches -= len(self._lane.drop(self, under_way=False))
        for name in batch:
            if name in self._partial or self._of(name) is None:
                self._why.setdefault(name, cause)
        self._ask_points()
        self._settle()

    def _of(self, name: SeriesName) -> Series | None:
        return self.sizes[name.bucket][name.storage_type] if name.metric == BUCKET_SIZE else self.counts[name.bucket]

    def _settle(self) -> None:
        if not self._settled and not self._open_chains and not self._open_batches and OBJECT_COUNT in self.arrived:
            self._settled = True
            self._on_settled()
        if self.complete:
            self._on_complete()

    @property
    def complete(self) -> bool:
        """Whether no request to CloudWatch is open."""
        return not self._open_chains and not self._open_batches

    def close(self) -> None:
        """When nothing more comes: keep what came in part, and say what did not come."""
        self.arrived.difference_update(chain.metric for chain in self._open_chains)
        for name, points in self._partial.items():
            # Points that came before an answer broke off are true, if not all.
            self.cut.add(name)
            self._keep(name, pack(points))
        for cause, metrics in self._failed_chains.items():
            unknown = " and ".join(what for metric, what in _WHAT.items() if metric in metrics)
            self._losses.add(gap(self.where, f"{cause.text}: {unknown} is unknown", cause.advice))
        invalid = set(self._close_invalid())
        for name in self._missing():
            if name in invalid:
                continue
            why = self._why.get(name) or self._no_more
            # A region that was given up has its own gap, and so has an interruption.
            if why is not None and why.kind != "unreachable":
                self._lost(name, why)

    def _close_invalid(self) -> Iterator[SeriesName]:
        """Report days whose values are not amounts. Yield the series of which the newest figure is unknown."""
        for name, days in self._invalid.items():
            series = self._of(name)
            left = days.difference(day for day, _ in series.points()) if series else ()
            if series is None or not left:
                continue
            if series.day > max(left):
                what = f"{_INVALID}: these days are missing"
                self._lose(name, what, f"series have days without a figure: {_INVALID}", "note")
                continue
            if series.day < 0:
                self._set(name, None)
            else:
                self.cut.add(name)
            self._lose(
                name,
                f"Could not read the newest figure: {_INVALID}",
                f"series are without their newest figure: {_INVALID}",
            )
            yield name

    def _lose(self, name: SeriesName, alone: str, together: str, severity: Severity = "gap") -> None:
        self._losses.lose(self.where, [_path(name)], alone=alone, together=together, severity=severity)

    def _missing(self) -> Iterator[SeriesName]:
        yield from self.cut
        for bucket, types in self.sizes.items():
            if None in types.values():
                yield from (SeriesName(BUCKET_SIZE, bucket, type_) for type_, series in types.items() if series is None)
        for bucket, count in self.counts.items():
            if count is None:
                yield SeriesName(OBJECT_COUNT, bucket, ALL_TYPES)

    def _lost(self, name: SeriesName, cause: Cause) -> None:
        self._losses.lose(
            self.where,
            [_path(name)],
            alone=f"its points did not arrive: {cause.text}",
            together=f"series did not arrive: {cause.text}",
            advice=cause.advice,
        )


def _said(answer: MetricDataResult) -> Cause:
    text = f"GetMetricData says {answer.status}" + (f": {answer.message}" if answer.message else "")
    advice = "allow cloudwatch:GetMetricData to the role or user" if answer.status == "Forbidden" else ""
    return Cause(text, advice, "")


def _path(name: SeriesName) -> str:
    return f"{name.bucket}/{name.storage_type}"
