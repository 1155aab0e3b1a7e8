"""Assembles the series of one account and region from the pages of ListMetrics and GetMetricData. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from s3_monitor.collect.daily_bins import DailyBinner
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, MetricDataResult, SeriesName
from s3_monitor.model.series import Series, Window, pack

_INVALID = {BUCKET_SIZE: "newest-size-invalid", OBJECT_COUNT: "newest-object-count-invalid"}


class SeriesPoints:
    """The listed series and their points in the window."""

    def __init__(self, window: Window, report: Callable[[str, SeriesName], None]) -> None:
        """``report`` is called with the code of each problem of a series."""
        self.sizes: dict[str, dict[str, Series | None]] = {}
        """{bucket: {storage type: series}}; ``None``: no point was received (yet)."""
        self.counts: dict[str, Series | None] = {}
        """{bucket: series}."""
        self.incomplete: set[SeriesName] = set()
        """Series without their newest points."""
        self._binner = DailyBinner(window)
        self._report = report
        self._partial: dict[SeriesName, dict[int, float]] = {}  # more pages follow
        self._invalid: dict[SeriesName, set[int]] = {}  # days whose value is not an amount

    def add_series(self, name: SeriesName) -> bool:
        """Add a listed series. Return False if it was listed before."""
        if name.metric == BUCKET_SIZE:
            types = self.sizes.setdefault(name.bucket, {})
            is_new = name.storage_type not in types
            types.setdefault(name.storage_type, None)
        else:
            is_new = name.bucket not in self.counts
            self.counts.setdefault(name.bucket, None)
        return is_new

    def add_result(self, name: SeriesName, result: MetricDataResult) -> Series | None:
        """Add the points of a page. Return the series if the result is its last one."""
        series = self._series(name)
        if series is None and result.status == "Complete" and name not in self._partial:
            plain = self._binner.daily(result.times, result.values)
            if plain is not None:
                self._set(name, plain)
                return plain
        points = self._partial.pop(name, None)
        if points is None:  # a later page may repeat a series, with further points
            points = dict(series.points()) if series else {}
        invalid = self._invalid.pop(name, set())
        if self._binner.add_points(points, invalid, result.times, result.values):
            self._report("datapoints-conflict", name)
        if result.status not in ("Complete", "PartialData"):
            return None
        if invalid:
            self._invalid[name] = invalid
        if result.status == "PartialData":
            self._partial[name] = points
            return None
        series = pack(points)
        self._set(name, series)
        return series

    def is_open(self, name: SeriesName) -> bool:
        """Return whether a series is not complete."""
        return name in self._partial or self._series(name) is None

    def close(self) -> Iterator[tuple[SeriesName, Series]]:
        """Complete the series whose further pages were not received, and yield them; report invalid points."""
        for name, points in self._partial.items():
            series = pack(points)
            self.incomplete.add(name)
            self._set(name, series)
            yield name, series

    def report_invalid(self) -> set[SeriesName]:
        """Report days whose values are not amounts. Return the series whose newest value is invalid."""
        names = set()
        for name, days in self._invalid.items():
            series = self._series(name)
            missing = days.difference(day for day, _ in series.points()) if series else ()
            if series is None or not missing:
                continue
            if series.day > max(missing):
                self._report("datapoint-invalid", name)
                continue
            if series.day < 0:
                self._set(name, None)
            else:
                self.incomplete.add(name)
            self._report(_INVALID[name.metric], name)
            names.add(name)
        return names

    def missing(self) -> Iterator[SeriesName]:
        """Yield the series without their newest points."""
        yield from self.incomplete
        for bucket, types in self.sizes.items():
            if None in types.values():
                yield from (SeriesName(BUCKET_SIZE, bucket, type_) for type_, series in types.items() if series is None)
        for bucket, count in self.counts.items():
            if count is None:
                yield SeriesName(OBJECT_COUNT, bucket, ALL_TYPES)

    def _series(self, name: SeriesName) -> Series | None:
        return self.sizes[name.bucket][name.storage_type] if name.metric == BUCKET_SIZE else self.counts[name.bucket]

    def _set(self, name: SeriesName, series: Series | None) -> None:
        if name.metric == BUCKET_SIZE:
            self.sizes[name.bucket][name.storage_type] = series
        else:
            self.counts[name.bucket] = series
