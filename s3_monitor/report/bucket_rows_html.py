"""Table rows without a template: a report has tens of thousands, and a template's calls per figure take time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache

from markupsafe import Markup, escape

from s3_monitor.model.bucket import Bucket
from s3_monitor.report import formats, glossary, sums
from s3_monitor.report.bucket_rows import BucketRow
from s3_monitor.report.view import View

_GAP = '<abbr class="unknown" title="data of this day is missing">unknown</abbr>'


class BucketRowsHtml:
    """Renders buckets as rows of tables of class ``buckets``.

    These rows are most of a report. They are short HTML: the style sheet formats columns by position, and optional
    quotes and end tags are omitted.
    """

    def __init__(self, view: View) -> None:
        self._currency = view.summary.currency
        self._many_accounts = view.many_accounts
        self._has_charts = view.has_charts
        self._has_last_modified = view.has_last_modified
        self._escape = cache(lambda text: str(escape(text)))  # of the few accounts, regions and reasons

    def __call__(self, row: BucketRow, folder: str) -> Markup:
        """Return the row of a bucket. ``folder``: path from the page to the folder of bucket pages."""
        bucket = row.bucket
        name = _isolated(bucket.name)
        if row.page:
            name = f"<a href={folder}{row.page}.html>{name}</a>"
        if bucket.state != "measured":
            name += f' <span class="chip {bucket.state}">{bucket.state}</span>'
        if bucket.kind != "general-purpose":
            name += f" <span class=chip>{bucket.kind}</span>"
        unknown = "" if row.why == "" else f'<abbr class=unknown title="{self._escape(row.why)}">unknown</abbr>'
        cost, size = sums.bucket_cost(bucket, row.why), sums.bucket_size(bucket, row.why)
        share = ""
        if cost.value is not None:
            share = "–" if row.share is None else formats.share(row.share).replace("<", "&lt;").replace(">", "&gt;")
        bar = "" if cost.value is None else f" class={bar_class(row.bar)}"
        title = "" if size.value is None else f' title="{formats.exact(size.value)}"'
        cost_cells = f"<td>{self._sum(cost, self._money) or unknown}<td{bar}>{share}"
        size_cell = f"<td{title}>{self._sum(size, formats.size) or unknown}"
        objects = unknown if bucket.num_objects is None else formats.count(bucket.num_objects)
        cells = [f"<tr><th scope=row>{name}{cost_cells}{size_cell}<td>{objects}"]
        if self._has_charts:
            cells.append(f"<td>{self._change(bucket)}<td>{spark_svg(row.spark)}")
        cells.append(f"<td>{self._escape(bucket.region)}")
        if self._many_accounts:
            cells.append(f"<td>{self._escape(bucket.account)}")
        cells.append(_date(bucket.creation_date))
        if self._has_last_modified:
            cells.append(_date(bucket.last_modified))
        cells.append("\n")
        return Markup("".join(cells))  # noqa: S704  # its texts are escaped above

    def _change(self, bucket: Bucket) -> str:
        """Return the 30-day change in cost, or in bytes without a price."""
        if bucket.size_change_30d is None:
            return "–"
        if bucket.cost_change_30d is None:
            return formats.change(bucket.size_change_30d, formats.size)
        return formats.change(bucket.cost_change_30d, self._money).replace("<", "&lt;")

    def _money(self, amount: float) -> str:
        return formats.money(amount, self._currency)

    def _sum(self, total: sums.Sum, form: Callable[[float], str]) -> str:
        """Return a sum as HTML, with its remark if it is a bound; empty if it is unknown."""
        if total.value is None:
            return ""
        shown = total.text(form).replace("<", "&lt;").replace(">", "&gt;")
        is_bound = total.is_lower_bound or total.is_upper_bound
        return f'<abbr title="{self._escape(total.remark)}">{shown}</abbr>' if is_bound else shown


def day_rows(days: Sequence[date], columns: Iterable[tuple[Sequence[float | None], str]], currency: str) -> Markup:
    """Return the rows of a table of class ``daily``, the newest day first.

    ``columns``: the values per day of each, and whether they are ``size`` or ``money``.
    """
    forms: dict[str, Callable[[float], str]] = {
        "size": lambda value: f' title="{formats.exact(value)}">{formats.size(value)}',
        "money": lambda value: ">" + formats.money(value, currency).replace("<", "&lt;"),
    }
    rows = [f"<tr><th scope=row>{day.isoformat()}" for day in days]
    for values, kind in columns:
        form = forms[kind]
        rows = [
            f"{row}<td{'>' + _GAP if value is None else form(value)}" for row, value in zip(rows, values, strict=True)
        ]
    return Markup("".join(f"{row}\n" for row in reversed(rows)))  # noqa: S704  # figures only


def class_strip(row: BucketRow) -> Markup:
    """Return a bar as long as the bucket's share of the total cost, with its storage classes in their colors."""
    costs: dict[int, float] = {}
    for name, line in row.bucket.storage.items():
        color = glossary.storage_type(name).color
        costs[color] = costs.get(color, 0.0) + (line.cost or 0.0)
    whole = sum(costs.values())
    if not whole or row.share is None:
        return Markup("")
    scale = 100 * row.share / whole
    parts, start = [], 0.0
    for color, cost in sorted(costs.items()):
        parts.append(f'<rect class=c{color} x="{start:.2f}" width="{cost * scale:.2f}" height="8"/>')
        start += cost * scale
    names = ", ".join(
        f"{glossary.CLASSES[color]} {formats.share(cost / whole)}" for color, cost in costs.items() if cost
    )
    svg = f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{escape(names)}">'
    return Markup(f"{svg}{''.join(parts)}</svg>")  # noqa: S704  # figures, and names escaped above


def bar_class(percent: float) -> str:
    """Return the class of a cell with a bar of this length."""
    return f"p{percent:.0f}"


def spark_svg(path: str) -> Markup:
    """Return a sparkline as HTML."""
    return Markup(f'<svg role=none><path d="{path}"/></svg>' if path else "")  # noqa: S704  # of sparklines.py


def _isolated(name: str) -> str:
    """Isolate names in right-to-left scripts; ASCII names, which are nearly all, have none."""
    return str(escape(name)) if name.isascii() else f"<bdi>{escape(name)}</bdi>"


def _date(time: str | None) -> str:
    return "<td class=u>unknown" if time is None else f"<td>{time[:10]}"
