"""The line about a report in the build description, and the advice in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NAMED = 10  # names of shards in the log

Record = Mapping[str, Any]


def description(summary: Record) -> str:
    """Return the monthly cost, its change, and the numbers of gaps and violated policies."""
    gaps = sum(problem["severity"] == "gap" for problem in summary["problems"])
    violated = sum(policy["status"] == "fail" for policy in summary.get("policies") or [])
    phrases = [
        cost(summary["totals"], summary["currency"], bool(summary["complete"])),
        thirty_day_change(summary) or change_since(summary),
        f"{gaps:,} gap{'' if gaps == 1 else 's'}" if gaps else "no gaps",
        f"{violated:,} polic{'y' if violated == 1 else 'ies'} violated" if violated else "",
    ]
    return ", ".join(filter(None, phrases))


def cost(totals: Record, currency: str, complete: bool) -> str:
    """Return the monthly cost; ≥ if something is missing, ≤ for an upper bound, about if both."""
    amount = totals["cost"]
    if amount is None:
        return "cost unknown"
    lower = bool(totals["unpriced_size"] or totals["unknown_buckets"] or not complete)
    upper = bool(totals.get("upper_bound_size"))
    mark = {(False, False): "", (True, False): "≥ ", (False, True): "≤ ", (True, True): "about "}[lower, upper]
    if 0 < amount < 0.01:
        mark, shown = ("> ", "0") if lower else ("< ", "0.01")
    else:
        shown = f"{amount:,.0f}" if amount >= 1000 else f"{amount:,.2f}"
    return f"{mark}{f'${shown}' if currency == 'USD' else f'{shown} {currency}'} per month"


def thirty_day_change(summary: Record) -> str:
    """Return the 30-day change of the cost in percent, '' if the summary has none."""
    change = (summary.get("changes") or {}).get("30d") or {}
    amount, before = change.get("cost"), change.get("cost_before")
    return f"{percent(before + amount, before)} in 30 days" if before and amount is not None else ""


def change_since(summary: Record) -> str:
    """Return the change of the cost since the first earlier report in percent, '' if it is unknown."""
    for compared in summary.get("compared") or []:
        change, before = compared["cost"], compared["cost_before"]
        if before and change is not None:
            return f"{percent(before + change, before)} since {compared['as_of'][:10]}"
    return ""


def percent(now: float, then: float) -> str:
    """Return the change in percent: `+0.4%`, `-12%` or `unchanged`."""
    change = 100 * (now - then) / then
    if abs(change) < 0.05:
        return "unchanged"
    return f"{change:+,.0f}%" if abs(change) >= 10 else f"{change:+.1f}%"


def advice(shards: Sequence[Record], build_url: str) -> str:
    """Return how to collect the shards again whose data is missing, '' if there are none."""
    names = [shard["name"] for shard in shards if shard["status"] != "complete"]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    where = f"{build_url}restart/" if build_url else "the page of this build"
    verb = "is" if len(names) == 1 else "are"
    incomplete = f"{len(names)} of {len(shards)} shards {verb} not complete: {', '.join(names[:_NAMED])}{more}"
    return f"{incomplete}. To collect only these again, use Restart from Stage with the stage Collect: {where}"
