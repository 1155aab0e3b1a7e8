"""The sections of summary.json about trends: changes with their causes, daily sums, and the forecast."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from s3_monitor.model.change import DailyHistory, DailySums, SumChange
from s3_monitor.model.summary import Summary
from s3_monitor.trends import Trends
from s3_monitor.trends.daily_totals import DailyTotals

_MAX_MOVERS = 25  # per period


def add_trends(summary: Summary, trends: Trends) -> Summary:
    """Return the summary with its sections about trends."""
    return msgspec.structs.replace(
        summary,
        changes=trends.changes,
        movers={
            period: [change.mover for change in changes[:_MAX_MOVERS]] for period, changes in trends.movers.items()
        },
        group_changes={
            "account": _group_changes(trends, trends.by_account),
            "region": _group_changes(trends, trends.by_region),
            "storage_type": _group_changes(trends, trends.by_storage_type),
        },
        moved=trends.transitions,
        history=DailyHistory(
            first=trends.days[0],
            total=_sums(trends.total),
            by_storage_class={name: _sums(daily) for name, daily in trends.by_class.items()},
        ),
        forecast=trends.next_month,
    )


def _group_changes(trends: Trends, groups: Mapping[str, DailyTotals]) -> dict[str, dict[str, SumChange]]:
    """Return name → period → change, of the periods that the history covers."""
    return {
        name: {f"{days}d": trends.change(daily, before) for days, before in trends.before.items()}
        for name, daily in groups.items()
    }


def _sums(daily: DailyTotals) -> DailySums:
    return DailySums([None if size is None else float(size) for size in daily.sizes], daily.costs)
