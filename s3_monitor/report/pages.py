"""The pages of a report: index.html and everything it links to. Only this module uses jinja2.

The pages work under the header that Jenkins sends with archived HTML (``sandbox allow-same-origin; default-src 'none';
img-src 'self'; style-src 'self'``): no scripts, inline styles, data: images or external resources.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import UNSET, UnsetType

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.model.bill import is_gb_months
from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS, Bucket
from s3_monitor.model.comparison import ReportComparison
from s3_monitor.model.output import write_atomically
from s3_monitor.model.problem import Problem
from s3_monitor.model.safe_text import on_page
from s3_monitor.model.summary import Summary
from s3_monitor.money import usage_groups
from s3_monitor.report import (
    bucket_rows_html,
    charts,
    class_charts,
    finding_text,
    formats,
    glossary,
    object_rows,
    policy_text,
    sums,
)
from s3_monitor.report.bill_page import build_bill_view
from s3_monitor.report.bucket_config_text import bucket_config_lines, lens_settings_lines
from s3_monitor.report.problem_groups import split_message
from s3_monitor.report.site_folder import ASSETS, remove_pages
from s3_monitor.report.totals import ReportTotals
from s3_monitor.report.view import TOP, View, build_view, parse_time
from s3_monitor.trends import Trends

T = TypeVar("T")
_Files = Iterator[tuple[str, bytes]]

ROWS_PER_PAGE = 200  # of long tables
INDEX_GROUPS = 8  # accounts, regions, storage types on the overview
PAGE_GROUPS = 15  # on the pages of groups; further pages list all of them
INDEX_PROBLEMS = 2  # groups of gaps on the overview
PAGE_PROBLEMS = 10  # groups of gaps on the page of a region, an account, a storage type
GROUP_FOLDERS = {"account": "accounts", "region": "regions", "storage-type": "storage-types"}


def write_pages(
    out: Path,
    buckets: Sequence[Bucket],
    summary: Summary,
    totals: ReportTotals,
    trends: Trends | None = None,
    *,
    top: int = TOP,
    comparisons: Sequence[ReportComparison] = (),
    findings: Sequence[Finding] = (),
) -> None:
    """Write index.html, as the last file, and everything it links to into ``out``. Raises OSError.

    ``top``: number of the most expensive buckets that have a page each. ``comparisons``: with earlier reports.
    """
    site = _Site(build_view(buckets, summary, totals, trends, top, findings), comparisons)
    written, folders = {out / "index.html"}, set[Path]()
    for path, data in _files(site):
        target = out / path
        if target.parent not in folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            folders.add(target.parent)
        write_atomically(target, data, durable=False)
        written.add(target)
    remove_pages(out, written)
    write_atomically(out / "index.html", site.page("index.html", "index.html"))


def _files(site: _Site) -> _Files:
    """Yield the path and content of every file except the index."""
    view = site.view
    for name in ASSETS:
        yield f"assets/{name}", _asset(name)
    for chart in view.charts.values():
        yield f"charts/{chart.name}.svg", charts.render_svg(chart, class_charts.WIDE)
        yield f"charts/{chart.name}-narrow.svg", charts.render_svg(chart, class_charts.NARROW)
    for page in view.bucket_pages:
        for chart in page.charts:
            yield f"charts/{chart.name}.svg", charts.render_svg(chart, class_charts.SMALL)
    for name in ("method.html", "shards.html", "data.html"):
        yield name, site.page(name, name)
    if view.summary.bill:
        yield "bill.html", site.page("bill.html", "bill.html")
    if view.history or site.comparisons:
        yield "changes.html", site.page("changes.html", "changes.html")
    if view.savings:
        yield "savings.html", site.page("savings.html", "savings.html")
    if view.labels:
        yield "tags.html", site.page("tags.html", "tags.html")
    yield from site.groups()
    yield from site.lists()
    yield from site.problems()
    for bucket in view.bucket_pages:
        path = f"buckets/{bucket.row.page}.html"
        yield path, site.page("bucket.html", path, page=bucket)


def _asset(name: str) -> bytes:
    """Return an asset; the style sheet with the colors of the storage classes, which charts use too."""
    content = resources.files("s3_monitor.report").joinpath("assets", name).read_bytes()
    if name != "report.css":
        return content
    light, dark = (
        "".join(f" --c{index}: {colors[theme]};" for index, colors in enumerate(glossary.PALETTE)) for theme in (0, 1)
    )
    classes = "".join(
        f".c{index} {{ background: var(--c{index}); fill: var(--c{index}); }}\n"
        for index in range(len(glossary.PALETTE))
    )
    dark_only = f"@media screen and (prefers-color-scheme: dark) {{ :root {{{dark} }} }}"
    return content + f":root {{{light} }}\n{dark_only}\n{classes}".encode()


class _Site:
    """Renders the pages of a report."""

    def __init__(self, content: View, comparisons: Sequence[ReportComparison]) -> None:
        self.view = content
        self.comparisons = comparisons
        self._folders: dict[str, str] = GROUP_FOLDERS | {labels.dimension: "labels" for labels in content.labels}
        rows = content.groups | {labels.dimension: labels.rows for labels in content.labels}
        self._pages: dict[str, dict[str | None, str | None]] = {
            dimension: {row.key: row.page for row in members} for dimension, members in rows.items()
        }
        self._bucket_pages: dict[tuple[str | None, ...], tuple[str, str]] = {
            (page.row.bucket.account, page.row.bucket.region, page.row.bucket.name): (
                page.row.bucket.kind,
                f"buckets/{page.row.page}.html",
            )
            for page in content.bucket_pages
        }
        self._row = bucket_rows_html.BucketRowsHtml(content)
        currency, bill = content.summary.currency, content.summary.bill
        self._template = cache(create_environment(currency, bill.currency if bill else currency).get_template)
        self._shared: dict[str, object] = {
            "view": content,
            "summary": content.summary,
            "glossary": glossary,
            "savings_page": content.savings,
            "policy_text": policy_text,
            "orders": {order.name: order for order in content.sort_orders},
            "history": content.history,
            "comparisons": comparisons,
            "bill": build_bill_view(bill) if bill else None,
            "bucket_link": {
                key: page for key, (kind, page) in self._bucket_pages.items() if kind not in SEPARATE_NAMESPACE_KINDS
            },
            "problem_counts": Counter(problem.severity for problem in content.summary.problems),
            "folders": self._folders,
            "top": len(content.bucket_pages),
            "configured": bucket_config_lines,
            "lens_settings": lens_settings_lines,
            "formats": formats,
            "sums": sums,
            "object_rows": object_rows,
            "objects_requested": content.summary.selection.objects != "off",
            "today": content.summary.as_of.date(),
            "index_groups": INDEX_GROUPS,
            "page_groups": PAGE_GROUPS,
            "index_problems": INDEX_PROBLEMS,
            "page_problems": PAGE_PROBLEMS,
            "bucket_row": self._row,
            "spark": bucket_rows_html.spark_svg,
            "class_strip": bucket_rows_html.class_strip,
            "chart_columns": lambda chart, shown: [(layer.values[-shown:], chart.unit) for layer in chart.layers],
            "day_rows": lambda days, columns: bucket_rows_html.day_rows(days, columns, currency),
            "type_head": cache(lambda root, name: self._macros(root).type_name(name)),  # type: ignore[attr-defined]
            "group_link": cache(
                lambda root, dimension, key: self._macros(root).group_link(dimension, key)  # type: ignore[attr-defined]
            ),
            "place_page": self._place_page,
            "pages_of": self._pages,
        }
        # A page takes a millisecond; running the file of the macros for each page would be a large part of it.
        self._macros = cache(lambda root: self._template("_macros.html").make_module(self._shared | {"root": root}))

    def page(self, template: str, path: str, **values: object) -> bytes:
        """Return a page as bytes. ``path``: of the page in the folder of the report."""
        root = "../" * path.count("/")
        text = self._template(template).render({**self._shared, **values, "root": root, "m": self._macros(root)})
        return on_page(text).encode()

    def _lists(self, template: str, folder: str, stem: str, items: Sequence[object], **values: object) -> _Files:
        """Yield the pages of a long table."""
        for number, last, rows in paginate(items):
            path = f"{folder}/{_numbered(stem, number)}"
            yield path, self.page(template, path, rows=rows, number=number, last=last, stem=stem, **values)

    def groups(self) -> _Files:
        """Yield a page for each account, region, storage type and label, and the lists of many of them."""
        labels = [page for labels in self.view.labels for page in labels.pages]
        for page in [*self.view.group_pages, *labels]:
            path = f"{self._folders[page.row.dimension]}/{page.row.page}.html"
            yield path, self.page("group.html", path, page=page)
        lists = [(dimension, "all", rows) for dimension, rows in self.view.groups.items()]
        for dimension, stem, rows in [*lists, *((item.dimension, item.stem, item.rows) for item in self.view.labels)]:
            if len(rows) > INDEX_GROUPS:
                yield from self._lists("groups.html", self._folders[dimension], stem, rows, dimension=dimension)

    def lists(self) -> _Files:
        """Yield the lists of buckets in each order; a row is rendered once for all of them."""
        distinct = {id(row): row for rows in self.view.sorted_rows.values() for row in rows}
        rendered = {key: self._row(row, "") for key, row in distinct.items()}
        for order in self.view.sort_orders:
            if order.name == "modified" and not self.view.has_last_modified:
                continue
            for number, last, part in paginate(self.view.sorted_rows[order.name]):
                path = f"buckets/{_numbered(order.name, number)}"
                values = {"number": number, "last": last, "stem": order.name, "first": (number - 1) * ROWS_PER_PAGE + 1}
                rows = Markup("".join([rendered[id(row)] for row in part]))  # noqa: S704  # of bucket_rows_html.py
                yield path, self.page("buckets.html", path, order=order, rows=rows, count=len(part), **values)

    def _place_page(self, problem: Problem) -> str | None:
        """Return the page of the bucket, else of its region or account; None: none of them has a page."""
        if problem.shard is not None:
            return "shards.html"
        bucket = self._bucket_pages.get((problem.account, problem.region, problem.bucket))
        if bucket is not None:
            return bucket[1]
        for dimension, key in (("region", problem.region), ("account", problem.account)):
            if problem.account in self._pages["account"] and (page := self._pages[dimension].get(key)):
                return f"{GROUP_FOLDERS[dimension]}/{page}.html"
        return None

    def problems(self) -> _Files:
        """Yield the lists of gaps and notes."""
        for severity in ("gap", "note"):
            problems = [problem for problem in self.view.summary.problems if problem.severity == severity]
            shown, total = problems[: self.view.list_limit], len(problems)
            yield from self._lists("problems.html", "problems", severity + "s", shown, severity=severity, total=total)


def paginate(items: Sequence[T]) -> Iterator[tuple[int, int, Sequence[T]]]:
    """Yield the number of each page, the number of the last page, and the items; no items are one empty page."""
    last = max(1, math.ceil(len(items) / ROWS_PER_PAGE))
    for number in range(1, last + 1):
        yield number, last, items[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]


def _numbered(stem: str, number: int) -> str:
    return f"{stem}.html" if number == 1 else f"{stem}-{number}.html"


def page_window(number: int, last: int) -> list[int | None]:
    """Return the page numbers of a pager: first, last and adjacent pages, with None for omitted ones."""
    shown = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    window: list[int | None] = []
    for before, page in zip([0, *shown], shown, strict=False):
        if page > before + 1:
            window.append(None)
        window.append(page)
    return window


@cache
def create_environment(currency: str, bill_currency: str) -> Environment:
    """Return the environment of the templates, with the filters."""
    environment = Environment(
        loader=PackageLoader("s3_monitor.report"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    money = partial(formats.money, currency=currency)
    plain = ("age", "clip", "day", "exact", "moment", "month", "plural", "quantity", "short_day", "weekday")
    environment.filters |= {name: getattr(formats, name) for name in plain}
    environment.filters |= {
        "money": lambda amount, why="": unknown_html(why) if amount is None else money(amount),
        "usd": formats.money,
        "cost": lambda group, why="no known price": sum_html(sums.cost(group), money, why),
        "stored": lambda group, why="no data received": sum_html(sums.size(group), formats.size, why),
        "objects_of": lambda group, why="not available for any bucket", form=formats.count: sum_html(
            sums.objects(group), form, why
        ),
        "bucket_cost": lambda bucket, why: sum_html(sums.bucket_cost(bucket, why), money, why),
        "bucket_size": lambda bucket, why: sum_html(sums.bucket_size(bucket, why), formats.size, why),
        "line_cost": lambda line, why: sum_html(sums.line_cost(line), money, why),
        "last_cost": lambda last: sums.last_known_cost(last).text(money),
        "balance": lambda amount: formats.money(amount, bill_currency),
        "usage_group": usage_groups.title,
        "or_exact": lambda cents, exact: cents or exact,
        "usage_unit": lambda unit: "GB-months" if is_gb_months(unit) else unit,
        "money_change": lambda value: "–" if value is None else formats.change(value, money),
        "balance_change": lambda value: formats.change(value, lambda amount: formats.money(amount, bill_currency)),
        "size_change": lambda value: "–" if value is None else formats.change(value, formats.size),
        "share_change": lambda value: "" if value is None else formats.change(value, formats.share),
        "rate": lambda amount: formats.rate(amount, currency),
        "size": lambda value, why="": unknown_html(why) if value is None else formats.size(value),
        "count": lambda value, why="": unknown_html(why) if value is None else formats.count(value),
        "share": lambda value: "–" if value is None else formats.share(value),
        "objects": _objects,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "extent": _extent,
        "parsed": parse_time,
        "window": page_window,
        "numbered": _numbered,
        "bar": bucket_rows_html.bar_class,
        "camel": breakable_name,
        "rule_title": lambda finding: RULES[finding.id].title,
        "amount": partial(finding_text.amount_text, currency=currency),
        "evidence": partial(finding_text.evidence_text, currency=currency),
        "split_message": split_message,
    }
    return environment


def unknown_html(why: str) -> Markup:
    """Return the HTML of an unknown figure, with the reason as its title."""
    if not why:
        return Markup('<span class="unknown">unknown</span>')
    return Markup('<abbr class="unknown" title="{}">unknown</abbr>').format(why)


def sum_html(total: sums.Sum, form: Callable[[float], str], why: str) -> str | Markup:
    """Return a sum as HTML, with its remark as title if it is a bound, or ``why`` it is unknown."""
    if total.value is None:
        return unknown_html(why)
    text = total.text(form)
    if not total.is_lower_bound and not total.is_upper_bound:
        return text
    return Markup('<abbr class="least" title="{}">{}</abbr>').format(total.remark, text)


def breakable_name(name: str) -> Markup:
    """Return the API name of a storage type with line break opportunities between its words."""
    return Markup("<wbr>").join(re.split(r"(?<=[a-z])(?=[A-Z])", name))


def _objects(number: float | UnsetType | None) -> str | Markup:
    """Return the number of objects of a storage type, which only archive types have."""
    if number is UNSET:
        return "–"
    return unknown_html("no object count received") if number is None else formats.count(number)


def _extent(values: Sequence[float | None]) -> tuple[float, float]:
    """Return the lowest and the highest known value."""
    known = [value for value in values if value is not None]
    return min(known), max(known)
