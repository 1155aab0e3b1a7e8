"""Rows that a report has tens of thousands of, without a template: a call for each figure is what takes time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from markupsafe import Markup, escape

from s3_monitor.report import formats
from s3_monitor.report.lines import Row
from s3_monitor.report.view import View

_GAP = '<abbr class="unknown" title="a gap: figures of this day are missing">unknown</abbr>'
_UNKNOWN = '<span class="unknown">unknown</span>'


class BucketRows:
    """A bucket in a table, as HTML; it reads the same in every order."""

    def __init__(self, view: View) -> None:
        self._currency = view.summary.currency
        self._many_accounts = view.many_accounts
        self._drawn = view.drawn
        self._modified_known = view.modified_known
        self._shared: dict[str, str] = {}

    def __call__(self, row: Row, root: str) -> Markup:
        """``root`` leads from the page to the report's folder."""
        bucket = row.bucket
        name = f"<bdi>{_text(bucket.name)}</bdi>"
        if row.page:
            name = f'<a href="{root}buckets/{row.page}.html">{name}</a>'
        if bucket.state != "measured":
            name += f' <span class="chip {bucket.state}">{bucket.state}</span>'
        if row.emptied:
            name += f' <span class="chip" title="the figures of {bucket.as_of}, the last known">emptied</span>'
        if bucket.kind != "general-purpose":
            name += f' <span class="chip">{bucket.kind}</span>'
        unknown = "" if row.why == "" else f'<abbr class="unknown" title="{self._known(row.why)}">unknown</abbr>'
        if bucket.total_cost is None:
            cost = f'<td class="n">{unknown}</td><td class="b"></td>'
        else:
            share = "–" if row.share is None else formats.share(row.share).replace("<", "&lt;").replace(">", "&gt;")
            bar = f'<svg class="bar" aria-hidden="true"><rect width="{f"{row.bar:.1f}".removesuffix(".0")}%"/></svg>'
            cost = f'<td class="n">{self._money(bucket.total_cost)}</td><td class="b">{bar}{share}</td>'
        if bucket.total_size is None:
            size = f'<td class="n">{unknown}</td>'
        else:
            size = f'<td class="n" title="{formats.exact(bucket.total_size)}">{formats.size(bucket.total_size)}</td>'
        objects = unknown if bucket.num_objects is None else formats.count(bucket.num_objects)
        cells = [f'<tr><th scope="row">{name}</th>{cost}{size}<td class="n">{objects}</td>']
        if self._drawn:
            growth = "–" if row.month is None else formats.change(row.month, formats.size)
            cells.append(f'<td class="n">{growth}</td><td class="s">{spark_svg(row.spark)}</td>')
        cells.append(f"<td>{self._known(bucket.region)}</td>")
        if self._many_accounts:
            cells.append(f"<td>{self._known(bucket.account)}</td>")
        cells.append(f'<td class="w">{_date(bucket.creation_date)}</td>')
        if self._modified_known:
            cells.append(f'<td class="w">{_date(bucket.last_modified)}</td>')
        # HTML: a cell ends where the next begins. In seventy thousand rows its end tags are megabytes.
        html = "".join(cells).replace("</td>", "").replace("</th>", "")
        return Markup(f"{html}</tr>\n")  # noqa: S704  # its texts are escaped above

    def _money(self, amount: float) -> str:
        return formats.money(amount, self._currency).replace("<", "&lt;")

    def _known(self, text: str) -> str:
        """Escaped once: accounts, regions and reasons are few."""
        found = self._shared.get(text)
        if found is None:
            found = self._shared[text] = _text(text)
        return found


def day_rows(days: Sequence[date], columns: Iterable[tuple[Sequence[float | None], str]], currency: str) -> Markup:
    """The rows of a table day by day, the newest first. ``columns``: a value a day, and ``size`` or ``money``."""
    forms: dict[str, Callable[[float], str]] = {
        "size": lambda value: f' title="{formats.exact(value)}">{formats.size(value)}',
        "money": lambda value: ">" + formats.money(value, currency).replace("<", "&lt;"),
    }
    written = [f'<tr><th scope="row">{day.isoformat()}</th>' for day in days]
    for values, kind in columns:
        form = forms[kind]
        written = [
            f'{row}<td class="n"{">" + _GAP if value is None else form(value)}</td>'
            for row, value in zip(written, values, strict=True)
        ]
    return Markup("".join(f"{row}</tr>\n" for row in reversed(written)))  # noqa: S704  # figures only


def spark_svg(path: str) -> Markup:
    return Markup(f'<svg class="spark" aria-hidden="true"><path d="{path}"/></svg>' if path else "")  # noqa: S704  # of sparks.py


def _text(text: str) -> str:
    return str(escape(formats.visible(text)))


def _date(written: str | None) -> str:
    return _UNKNOWN if written is None else written[:10]
