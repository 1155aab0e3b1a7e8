"""The time bins of object statistics: one set of edges for ages and for the last UTC days."""

from __future__ import annotations

from s3_monitor.model.object_stats import AGE_EDGES, DAY, RECENT_DAYS


class AgeBins:
    """Bins of last-modified times. A time is in bin n if n edges are before it."""

    def __init__(self, at: int) -> None:
        """``at``: the time that ages are relative to, seconds since 1970 UTC."""
        self.at = at
        midnight = at // DAY * DAY
        ages = [(at - days * DAY) * 1000 for days in AGE_EDGES]
        days = [(midnight - day * DAY) * 1000 - 1 for day in range(RECENT_DAYS)]
        self.edges = sorted({*ages, *days})
        """Milliseconds since 1970 UTC, ascending: for each age edge the time of exactly that age, and for each recent
        day the last millisecond before it."""
        self._ages = [self.edges.index(edge) for edge in ages]
        self._days = [self.edges.index(edge) for edge in days]

    def age_bin(self, time_bin: int) -> int:
        """Return the index of the age bin."""
        return sum(time_bin <= edge for edge in self._ages)

    def recent_day(self, time_bin: int) -> int | None:
        """Return how many UTC days ago, or None if longer than RECENT_DAYS ago; 0 also includes later times."""
        return next((day for day, edge in enumerate(self._days) if time_bin > edge), None)
