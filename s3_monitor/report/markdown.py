"""report.md: at most 20 lines for chat and mail, with totals, changes and gaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from msgspec import UnsetType

from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.change import CostJump, PeriodChange
from s3_monitor.model.comparison import ReportComparison
from s3_monitor.model.output import write_atomically
from s3_monitor.model.policy_result import PolicyResult
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import EmptiedBucket, Summary
from s3_monitor.report import formats, sums
from s3_monitor.report.finding_text import anomaly_text, totals_text
from s3_monitor.report.policy_text import count_policies, violated_names
from s3_monitor.report.problem_groups import group_problems
from s3_monitor.report.reconciliation import LEAST, reconcile
from s3_monitor.report.site_folder import MARKDOWN_TITLE
from s3_monitor.report.status import status_of
from s3_monitor.trends import Trends
from s3_monitor.trends.periods import BucketChange

LINES = 20
Format = Callable[[float], str]
_MOVERS, _GAPS, _GROUPS, _ANOMALIES = 4, 3, 3, 2
# Characters with a meaning in Markdown, HTML or chats (@name, #channel).
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~@&])")
# Addresses that Markdown turns into links.
_LINKED = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|www)([:.])")


def write_markdown(
    out: Path, summary: Summary, trends: Trends | None, comparisons: Sequence[ReportComparison] = ()
) -> None:
    """Write report.md. Raises OSError."""
    text = "\n".join(report_lines(summary, trends, comparisons)) + "\n"
    write_atomically(out / "report.md", text.encode("utf-8", "replace"))


def report_lines(summary: Summary, trends: Trends | None, comparisons: Sequence[ReportComparison] = ()) -> list[str]:
    """Return the lines of report.md, at most LINES. The gaps are always among them."""
    money = partial(formats.money, currency=summary.currency)
    changes = {period: change for period, change in trends.changes.items() if change} if trends else {}
    recent = next((period for period in ("7d", "1d", "30d", "90d") if period in changes), "")
    lines = [
        f"{MARKDOWN_TITLE}{formats.day(summary.as_of.date())}",
        "",
        *(_recent(changes.pop(recent), trends.movers[recent], money) if trends and recent else ()),
        *_totals(summary),
        *(_changes(summary, trends, changes.values(), money) if trends and recent else ()),
        *(_comparison(comparison, money) for comparison in comparisons[:2]),
        *([_bill(summary.bill)] if summary.bill else ()),
        *(
            f"- unusual: {escaped(anomaly.bucket)} {anomaly_text(anomaly, summary.currency)}"
            for anomaly in (summary.anomalies or ())[:_ANOMALIES]
        ),
        *_regions(summary),
        *([_emptied(summary.emptied, summary.currency)] if summary.emptied else ()),
    ]
    end = ["", *([_policies(summary.policies)] if summary.policies else ()), *_completeness(summary)]
    return lines[: LINES - len(end)] + end


def _recent(change: PeriodChange, movers: Iterable[BucketChange], money: Format) -> Iterator[str]:
    """Yield what changed in a period and why."""
    causes = sorted(change.causes.items(), key=lambda item: (-abs(item[1].cost or 0), -abs(item[1].size)))
    parts = [
        f"{cause} {formats.change(part.size, formats.size) if part.cost is None else formats.change(part.cost, money)}"
        for cause, part in causes
        if part.cost is None or abs(part.cost) >= LEAST
    ]
    days = formats.plural(_days(change), "day")
    yield f"**{_amounts(change, money)} in {days}**" + (f": {', '.join(parts)}" if parts else "")
    for mover in (bucket.mover for bucket in islice(movers, _MOVERS)):
        if mover.cost is None:
            yield f"- {escaped(mover.name)} {formats.change(mover.size, formats.size)} (no price): {mover.cause}"
        elif abs(mover.cost) >= LEAST:
            yield f"- {escaped(mover.name)} {formats.change(mover.cost, money)} per month: {mover.cause}"
    yield ""


def _days(change: PeriodChange) -> int:
    return (change.last - change.first).days


def _amounts(change: PeriodChange, money: Format) -> str:
    size = formats.change(change.size, formats.size)
    return size if change.cost is None else f"{formats.change(change.cost, money)} per month, {size}"


def _totals(summary: Summary) -> Iterator[str]:
    totals = summary.totals
    cost = "cost unknown" if totals.cost is None else f"**{sums.cost_text(totals, summary.currency)} per month**"
    size = "size unknown" if totals.size is None else sums.size(totals).text(formats.size)
    objects = "objects unknown"
    if totals.objects is not None:
        objects = f"{sums.objects(totals).text(formats.short_count)} objects"
    of_cost, of_objects = sums.cost(totals).remark, sums.objects(totals).remark
    remarks = ["list price of storage"]
    remarks += [f"the cost {of_cost}"] if of_cost else []
    remarks += [f"the object count {of_objects}"] if of_objects else []
    yield f"{cost}, {size}, {objects} in {formats.plural(totals.buckets, 'bucket')} ({'; '.join(remarks)})"
    if any(estimate.cost for estimate in summary.not_included):
        yield f"- not included, estimated: {sums.not_included_text(summary.not_included, summary.currency)}"
    if not isinstance(summary.findings, UnsetType) and summary.findings.totals.findings:
        found = summary.findings.totals
        yield f"- savings: {totals_text(found, summary.currency)} ({formats.plural(found.findings, 'finding')})"


def _changes(summary: Summary, trends: Trends, others: Iterable[PeriodChange], money: Format) -> Iterator[str]:
    """Yield the changes over other periods, the forecast, and what both exclude."""
    if parts := [f"{_days(change)}-day change: {_amounts(change, money)}" for change in others]:
        yield f"- {'; '.join(parts)}"
    if trends.next_month:
        forecast = trends.next_month
        month, middle = formats.month(forecast.month), sums.cost_text(summary.totals, summary.currency, forecast.cost)
        range_ = f"80% range {money(forecast.low)} to {money(forecast.high)}"
        yield f"- forecast for {month}: {middle} ({range_}){_jump(forecast.jump, money)}"
    if remark := sums.trend_remark(summary.totals, trends.total):
        yield f"- changes and forecast {remark}"
    difference = reconcile(summary.totals, trends)
    if difference and difference.parts:
        parts = [
            f"{text} ({formats.change(part.cost, money)} per month, {formats.change(part.size, formats.size)})"
            for text, part in difference.parts
        ]
        day = formats.day(trends.days[trends.newest])
        yield f"- changes end on {day}, which differs from the totals by {', by '.join(parts)}"


def _regions(summary: Summary) -> Iterator[str]:
    groups = sorted(summary.by_region.items(), key=lambda item: (-(item[1].cost or 0), item[0]))[:_GROUPS]
    costs = [
        f"{escaped(name)} {sums.cost_text(group, summary.currency)}" for name, group in groups if group.cost is not None
    ]
    if len(summary.by_region) > 1:
        yield f"- most expensive regions: {', '.join(costs)}" if costs else "- cost by region: unknown"


def _policies(policies: Sequence[PolicyResult]) -> str:
    """Return how many policies are violated, and their names."""
    names = [escaped(formats.clip(name, 60)) for name in violated_names(policies)]
    return f"Policies: {count_policies(policies)}" + (f". Violated: {', '.join(names)}" if names else "")


def _completeness(summary: Summary) -> Iterator[str]:
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    if not gaps:
        yield f"All data collected. {formats.plural(len(summary.problems), 'note')}."
        return
    yield f"**{escaped(status_of(summary, ()).text)}**: {formats.plural(len(gaps), 'gap')}"
    for group in group_problems(gaps)[:_GAPS]:
        place = escaped(formats.clip(group.places[0], 80))
        more = f" and {group.count - 1:,} more" if group.count > 1 else ""
        where = f" ({place}{more})" if place else ""
        yield f"- {escaped(formats.clip(group.first.message, 120))}{where}"


def _emptied(emptied: Sequence[EmptiedBucket], currency: str) -> str:
    """Return the emptied buckets and what they last stored."""
    names = [escaped(bucket.name) for bucket in emptied[:_MOVERS]] + ["…"] * (len(emptied) > _MOVERS)
    size = formats.size(sum(bucket.last_known.total_size for bucket in emptied))
    text = sums.last_known_cost(bucket.last_known for bucket in emptied).text(partial(formats.money, currency=currency))
    cost = "cost unknown" if text == sums.UNKNOWN else f"{text} per month"
    return f"- emptied: {', '.join(names)} (last stored {size}, {cost}; not included in the totals)"


def _jump(jump: CostJump | None, money: Format) -> str:
    if jump is None:
        return ""
    change = f"{formats.change(jump.cost, money)} per month on {formats.day(jump.day)}"
    return f"; {change} may repeat" if jump.may_repeat else f"; excludes the one-time change of {change}"


def _bill(bill: BillSummary) -> str:
    """Return the bill in one line, with its list price and the unattributed charges."""
    month = formats.month(bill.month)
    if bill.billed is None or bill.unattributed is None:
        return f"- bill of {month}: unknown"
    at_list = ""
    if bill.list_ is not None:
        listed = formats.bounded(formats.money(bill.list_, bill.currency), bill.list_is_lower_bound)
        at_list = f", list price {listed}"
    unattributed = formats.money(bill.unattributed, bill.currency)
    return f"- bill of {month}: {formats.money(bill.billed, bill.currency)}{at_list}; {unattributed} unattributed"


def _comparison(comparison: ReportComparison, money: Format) -> str:
    start = f"- since the report of {formats.day(comparison.as_of.date())}:"
    if comparison.cost is None:
        return f"{start} not compared: {escaped('; '.join(comparison.excluded))}"
    size = "" if comparison.size is None else f", {formats.change(comparison.size, formats.size)}"
    excluded = ""
    if comparison.excluded:
        places = formats.plural(comparison.excluded_count, comparison.dimension)
        excluded = f", excluding {places} with different coverage"
    remarks = f" ({'; '.join(comparison.remarks)})" if comparison.remarks else ""
    emptied = ""
    if comparison.causes is not None and comparison.causes.emptied_buckets:
        buckets = formats.plural(comparison.causes.emptied_buckets, "emptied bucket")
        emptied = f", including {formats.change(comparison.causes.emptied, money)} from {buckets}"
    return f"{start} {formats.change(comparison.cost, money)} per month{size}{emptied}{excluded}{remarks}"


def escaped(text: str) -> str:
    """Return a text as one line of Markdown that is shown as written."""
    return _LINKED.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", one_line(" ".join(text.split()))))
