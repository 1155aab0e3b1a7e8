"""report.md: at most 20 lines for chat and mail, with totals, changes and gaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.output import write_atomically
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import EmptiedBucket, Summary
from s3_monitor.report import formats, sums
from s3_monitor.report.comparison import Comparison
from s3_monitor.report.problem_groups import group_problems
from s3_monitor.report.reconciliation import reconcile
from s3_monitor.report.site_folder import MARKDOWN_TITLE
from s3_monitor.trends import CostJump, Trends

LINES = 20
_MOVERS, _GAPS, _GROUPS = 3, 3, 3
# Characters with a meaning in Markdown, HTML or chats (@name, #channel).
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~@&])")
# Addresses that Markdown turns into links.
_LINKED = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|www)([:.])")


def write_markdown(out: Path, summary: Summary, trends: Trends | None, comparisons: Sequence[Comparison] = ()) -> None:
    """Write report.md. Raises OSError."""
    text = "\n".join(report_lines(summary, trends, comparisons)) + "\n"
    write_atomically(out / "report.md", text.encode("utf-8", "replace"))


def report_lines(summary: Summary, trends: Trends | None, comparisons: Sequence[Comparison] = ()) -> list[str]:
    """Return the lines of report.md, at most LINES."""
    return list(_lines(summary, trends, comparisons))[:LINES]


def _lines(summary: Summary, trends: Trends | None, comparisons: Sequence[Comparison]) -> Iterator[str]:
    def money(amount: float) -> str:
        return formats.money(amount, summary.currency)

    totals = summary.totals
    cost = "cost unknown" if totals.cost is None else f"**{sums.cost_text(totals, summary.currency)} per month**"
    size = "size unknown" if totals.size is None else sums.size_text(totals)
    objects = "objects unknown"
    if totals.objects is not None:
        objects = f"{sums.objects_text(totals, formats.short_count)} objects"
    yield f"{MARKDOWN_TITLE}{formats.day(summary.as_of.date())}"
    yield ""
    of_cost, of_objects = sums.cost_remark(totals), sums.objects_remark(totals)
    remarks = ["list price of storage"]
    remarks += [f"the cost {of_cost}"] if of_cost else []
    remarks += [f"the object count {of_objects}"] if of_objects else []
    yield f"{cost}, {size}, {objects} in {formats.plural(totals.buckets, 'bucket')} ({'; '.join(remarks)})"
    if any(estimate.cost for estimate in summary.not_included):
        yield f"- not included, estimated: {sums.not_included_text(summary.not_included, summary.currency)}"
    if trends is not None and trends.compared:
        for change in trends.total.changes:
            if change.cost is not None and change.size is not None:
                changed = f"{formats.change(change.cost, money)} per month, {formats.change(change.size, formats.size)}"
                yield f"- {change.days}-day change: {changed}"
        if trends.next_month:
            month, forecast = formats.month(trends.next_month.first), trends.next_month.cost
            middle = sums.cost_text(totals, summary.currency, forecast.middle)
            jump = _jump(trends.next_month.jump, money)
            range_ = f"80% range {money(forecast.low)} to {money(forecast.high)}"
            yield f"- forecast for {month}: {middle} ({range_}){jump}"
        if remark := sums.trend_remark(totals, trends.total):
            yield f"- changes and forecast {remark}"
        if difference := reconcile(totals, trends):
            parts = [
                f"{text} ({formats.change(part.cost, money)} per month, {formats.change(part.size, formats.size)})"
                for text, part in difference.parts
            ]
            if parts:
                day = formats.day(trends.days[trends.newest])
                yield f"- changes end on {day}, which differs from the totals by {', by '.join(parts)}"
    for comparison in comparisons[:2]:
        day = formats.day(comparison.as_of.date())
        yield f"- since the report of {day}: {_comparison(comparison, summary.currency)}"
    if summary.bill:
        yield f"- {_bill(summary.bill)}"
    groups = sorted(summary.by_region.items(), key=lambda item: (-(item[1].cost or 0), item[0]))[:_GROUPS]
    if len(summary.by_region) > 1:
        shown = [
            f"{escaped(name)} {sums.cost_text(group, summary.currency)}"
            for name, group in groups
            if group.cost is not None
        ]
        yield f"- most expensive regions: {', '.join(shown)}" if shown else "- cost by region: unknown"
    if trends is not None and trends.compared:
        for word, movers in (("increase", trends.top_increases), ("decrease", trends.top_decreases)):
            for mover in movers[:_MOVERS]:
                if mover.cost_change is None:
                    amount = f"{formats.change(mover.size_change or 0, formats.size)} (no price)"
                else:
                    amount = f"{formats.change(mover.cost_change, money)} per month"
                yield f"- {word}: {escaped(mover.record.name)} {amount} in 30 days"
    if summary.emptied:
        yield f"- {_emptied(summary.emptied, summary.currency)}"
    yield ""
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    if not gaps:
        yield f"All data collected. {formats.plural(len(summary.problems), 'note')}."
        return
    yield f"**Incomplete data**: {formats.plural(len(gaps), 'gap')}"
    for group in group_problems(gaps)[:_GAPS]:
        place = escaped(formats.clip(group.places[0], 80))
        more = f" and {group.count - 1:,} more" if group.count > 1 else ""
        where = f" ({place}{more})" if place else ""
        yield f"- {escaped(formats.clip(group.first.message, 120))}{where}"


def _emptied(emptied: Sequence[EmptiedBucket], currency: str) -> str:
    """Return the emptied buckets and what they last stored."""
    names = [escaped(bucket.name) for bucket in emptied[:_MOVERS]] + ["…"] * (len(emptied) > _MOVERS)
    size = formats.size(sum(bucket.last_known.total_size for bucket in emptied))
    text = sums.last_known_text((bucket.last_known for bucket in emptied), currency)
    cost = "cost unknown" if text == sums.UNKNOWN else f"{text} per month"
    return f"emptied: {', '.join(names)} (last stored {size}, {cost}; not included in the totals)"


def _jump(jump: CostJump | None, money: Callable[[float], str]) -> str:
    if jump is None:
        return ""
    change = f"{formats.change(jump.cost, money)} per month on {formats.day(jump.day)}"
    return f"; {change} may repeat" if jump.may_repeat else f"; excludes the one-time change of {change}"


def _bill(bill: BillSummary) -> str:
    """Return the bill in one line, with its list price and the unattributed charges."""
    month = formats.month(bill.month)
    if bill.billed is None or bill.unattributed is None:
        return f"bill of {month}: unknown"
    at_list = ""
    if bill.list_ is not None:
        listed = formats.at_least(formats.balance(bill.list_, bill.currency), bill.list_is_lower_bound)
        at_list = f", list price {listed}"
    unattributed = formats.balance(bill.unattributed, bill.currency)
    return f"bill of {month}: {formats.balance(bill.billed, bill.currency)}{at_list}; {unattributed} unattributed"


def _comparison(change: Comparison, currency: str) -> str:
    if change.cost is None:
        return f"not compared: {escaped('; '.join(change.excluded))}"
    cost = formats.change(change.cost, lambda amount: formats.money(amount, currency))
    size = "" if change.size is None else f", {formats.change(change.size, formats.size)}"
    excluded = (
        f", excluding {formats.plural(change.excluded_count, change.dimension)} with different coverage"
        if change.excluded
        else ""
    )
    remarks = f" ({'; '.join(change.remarks)})" if change.remarks else ""
    emptied = ""
    if change.causes is not None and change.causes.emptied_buckets:
        amount = formats.change(change.causes.emptied, lambda amount: formats.money(amount, currency))
        emptied = f", of which {amount} from {formats.plural(change.causes.emptied_buckets, 'emptied bucket')}"
    return f"{cost} per month{size}{emptied}{excluded}{remarks}"


def escaped(text: str) -> str:
    """Return a text as one line of Markdown that is shown as written."""
    return _LINKED.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", one_line(" ".join(text.split()))))
