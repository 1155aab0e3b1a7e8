"""Rows that a report has tens of thousands of, without a template: a call for each figure is what takes time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from markupsafe import Markup, escape

from s3_monitor.report import formats, glossary
from s3_monitor.report.bucket_rows import BucketRow
from s3_monitor.report.view import View

_GAP = '<abbr class="unknown" title="data of this day is missing">unknown</abbr>'


class BucketRowsHtml:
    """A bucket in a table of class ``buckets``, as HTML; it reads the same in every order.

    Tens of thousands of rows are most of a report: what a column's place in its table says is said by the style sheet,
    values stand without quotes, and cells and rows without end tags, as HTML allows.
    """

    def __init__(self, view: View) -> None:
        self._currency = view.summary.currency
        self._many_accounts = view.many_accounts
        self._drawn = view.has_charts
        self._modified_known = view.has_last_modified
        self._shared: dict[str, str] = {}

    def __call__(self, row: BucketRow, folder: str) -> Markup:
        """``folder`` leads from the page to the folder of the buckets' pages."""
        bucket = row.bucket
        name = _isolated(bucket.name)
        if row.page:
            name = f"<a href={folder}{row.page}.html>{name}</a>"
        if bucket.state != "measured":
            name += f' <span class="chip {bucket.state}">{bucket.state}</span>'
        if bucket.kind != "general-purpose":
            name += f" <span class=chip>{bucket.kind}</span>"
        unknown = "" if row.why == "" else f'<abbr class=unknown title="{self._known(row.why)}">unknown</abbr>'
        cost, size = bucket.least_cost, bucket.least_size
        if cost is None:
            cost_cells = f"<td>{unknown}<td>"
        else:
            share = "–" if row.share is None else formats.share(row.share).replace("<", "&lt;").replace(">", "&gt;")
            is_lower, is_upper = bucket.total_cost is None, bucket.cost_is_upper_bound
            reason = row.why if is_lower else glossary.UPPER_BOUND
            shown = self._least(self._money(cost), reason, is_lower, is_upper)
            cost_cells = f"<td>{shown}<td class={bar_class(row.bar)}>{share}"
        if size is None:
            size_cell = f"<td>{unknown}"
        else:
            shown = self._least(formats.size(size), row.why, bucket.total_size is None)
            size_cell = f'<td title="{formats.exact(size)}">{shown}'
        objects = unknown if bucket.num_objects is None else formats.count(bucket.num_objects)
        cells = [f"<tr><th scope=row>{name}{cost_cells}{size_cell}<td>{objects}"]
        if self._drawn:
            growth = "–" if row.month is None else formats.change(row.month, formats.size)
            cells.append(f"<td>{growth}<td>{spark_svg(row.spark)}")
        cells.append(f"<td>{self._known(bucket.region)}")
        if self._many_accounts:
            cells.append(f"<td>{self._known(bucket.account)}")
        cells.append(_date(bucket.creation_date))
        if self._modified_known:
            cells.append(_date(bucket.last_modified))
        cells.append("\n")
        return Markup("".join(cells))  # noqa: S704  # its texts are escaped above

    def _money(self, amount: float) -> str:
        return formats.money(amount, self._currency)

    def _least(self, text: str, why: str, lower_bound: bool, upper_bound: bool = False) -> str:
        """Return a figure as HTML, with the reason where it is a bound."""
        shown = formats.bounded(text, lower_bound, upper_bound).replace("<", "&lt;").replace(">", "&gt;")
        return f'<abbr title="{self._known(why)}">{shown}</abbr>' if lower_bound or upper_bound else shown

    def _known(self, text: str) -> str:
        """Escaped once: accounts, regions and reasons are few."""
        found = self._shared.get(text)
        if found is None:
            found = self._shared[text] = _text(text)
        return found


def day_rows(days: Sequence[date], columns: Iterable[tuple[Sequence[float | None], str]], currency: str) -> Markup:
    """The rows of a table of class ``daily``, the newest day first. ``columns``: a value a day, and ``size`` or
    ``money``."""
    forms: dict[str, Callable[[float], str]] = {
        "size": lambda value: f' title="{formats.exact(value)}">{formats.size(value)}',
        "money": lambda value: ">" + formats.money(value, currency).replace("<", "&lt;"),
    }
    written = [f"<tr><th scope=row>{day.isoformat()}" for day in days]
    for values, kind in columns:
        form = forms[kind]
        written = [
            f"{row}<td{'>' + _GAP if value is None else form(value)}"
            for row, value in zip(written, values, strict=True)
        ]
    return Markup("".join(f"{row}\n" for row in reversed(written)))  # noqa: S704  # figures only


def bar_class(percent: float) -> str:
    """The class of a cell that begins with a bar so long."""
    return f"p{percent:.0f}"


def spark_svg(path: str) -> Markup:
    return Markup(f'<svg role=none><path d="{path}"/></svg>' if path else "")  # noqa: S704  # of sparks.py


def _text(text: str) -> str:
    return str(escape(text))


def _isolated(name: str) -> str:
    """What is written from right to left must not move what stands beside it. ASCII cannot, nor can names in S3."""
    return _text(name) if name.isascii() else f"<bdi>{_text(name)}</bdi>"


def _date(written: str | None) -> str:
    return "<td class=u>unknown" if written is None else f"<td>{written[:10]}"
