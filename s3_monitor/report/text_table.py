"""Tables of buckets or groups for terminals and chats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
from rich.cells import cell_len, set_cell_size

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats, glossary, sums
from s3_monitor.report.markdown import escaped
from s3_monitor.report.sort_orders import ORDERS, sort_buckets
from s3_monitor.report.sums import Sum
from s3_monitor.report.tag_groups import ENCRYPTION, TAG

Form = Literal["json", "table", "csv", "markdown"]
Units = Literal["bytes", "iec", "si"]
Kind = Literal["text", "count", "size", "money", "share"]


_MIN_NAME = 16  # characters of names on a narrow terminal
Cell = str | float | Sum | None


class TextTable(msgspec.Struct, frozen=True):
    """A table whose last row has the totals; None in a cell is unknown."""

    headings: list[str]
    kinds: list[Kind]
    """Kind of each column."""
    rows: list[list[Cell]]
    currency: str
    """Of the amounts."""
    optional: tuple[str, ...] = ()
    """Headings of columns that are left out on a narrow terminal, the first ones first."""


def list_buckets(buckets: Iterable[Bucket], summary: Summary, sort: str = "cost", top: int | None = None) -> TextTable:
    """Return the table of buckets. ``sort``: a name of ``sort_orders.ORDERS``; ``top``: number of buckets."""
    by_name = sorted(buckets, key=lambda bucket: (bucket.name, bucket.account))
    order = next(order for order in ORDERS if order.name == sort)
    totals = summary.totals
    rows: list[list[Cell]] = [
        [
            *(one.name, one.region, one.account, one.state, sums.bucket_size(one)),
            *(one.num_objects, sums.bucket_cost(one)),
            *(_day(one.creation_date), _day(one.last_modified)),
        ]
        for one in sort_buckets(by_name, order)[:top]
    ]
    figures = (sums.size(totals), sums.objects(totals), sums.cost(totals))
    rows.append([f"total ({formats.count(totals.buckets)})", "", "", "", *figures, "", ""])
    headings = ["bucket", "region", "account", "state", "size", "objects", "monthly cost", "created", "last modified"]
    kinds: list[Kind] = ["text", "text", "text", "text", "size", "count", "money", "text", "text"]
    optional = ("created", "last modified", "account", "state", "region", "objects")
    return TextTable(headings, kinds, rows, summary.currency, optional)


def groups_by(summary: Summary, by: str) -> dict[str, Group]:
    """Return the groups of summary.json. ``by``: region, account, storage-type, or a dimension of tag_groups."""
    plain = {"region": summary.by_region, "account": summary.by_account, "storage-type": summary.by_storage_type}
    if by in plain:
        return plain[by]
    if by == ENCRYPTION:
        return summary.by_encryption if isinstance(summary.by_encryption, dict) else {}
    return summary.by_tag.get(by.removeprefix(TAG), {}) if isinstance(summary.by_tag, dict) else {}


def list_groups(summary: Summary, by: str, sort: str = "cost", top: int | None = None) -> TextTable:
    """Return the table of groups. ``sort``: cost, size, objects or name; ``top``: number of groups."""
    groups, total = groups_by(summary, by), summary.totals.cost
    names = sorted(groups) if sort == "name" else sums.by_cost(groups)
    if sort in ("size", "objects"):
        names = sorted(names, key=lambda name: -(getattr(groups[name], sort) or 0))
    rows = [_group_row(_title(by, name), groups[name], total) for name in names[:top]]
    rows.append(_group_row("total", summary.totals, total))
    headings = [by, "buckets", "size", "objects", "monthly cost", "share"]
    return TextTable(
        headings, ["text", "count", "size", "count", "money", "share"], rows, summary.currency, ("share", "objects")
    )


def _title(by: str, name: str) -> str:
    """Return the name of a group for readers, with the name that the API has for a storage type."""
    return f"{glossary.storage_type(name).title} ({name})" if by == "storage-type" else name


def _group_row(name: str, group: Group, total: float | None) -> list[Cell]:
    return [
        *(name, group.buckets, sums.size(group), sums.objects(group), sums.cost(group)),
        group.cost / total if group.cost is not None and total else None,
    ]


def format_table(table: TextTable, form: Literal["table", "markdown"], units: Units, width: int | None = None) -> str:
    """Return a table as text with a final newline. ``width``: of the terminal; None: any."""
    shown = [
        [_shown(table.currency, kind, cell, units) for kind, cell in zip(table.kinds, row, strict=True)]
        for row in table.rows
    ]
    return _markdown(table, shown) if form == "markdown" else _table(table, shown, width)


def _shown(currency: str, kind: Kind, cell: Cell, units: Units) -> str:
    if cell is None:
        return sums.UNKNOWN
    if isinstance(cell, str):
        return one_line(cell)
    forms: dict[Kind, Callable[[float], str]] = {
        "size": lambda value: _size(value, units),
        "money": lambda value: formats.money(value, currency),
        "share": formats.share,
    }
    form = forms.get(kind, formats.count)
    return cell.text(form) if isinstance(cell, Sum) else form(cell)


def _size(value: float, units: Units) -> str:
    if units == "bytes":
        return formats.count(value)
    return formats.size(value) if units == "iec" else formats.size_si(value)


def _markdown(table: TextTable, shown: Sequence[Sequence[str]]) -> str:
    lines = [
        f"| {' | '.join(escaped(heading) for heading in table.headings)} |",
        f"|{'|'.join('---' if kind == 'text' else '---:' for kind in table.kinds)}|",
        *(f"| {' | '.join(escaped(cell) for cell in row)} |" for row in shown),
    ]
    return "\n".join(lines) + "\n"


def _table(table: TextTable, shown: Sequence[Sequence[str]], width: int | None) -> str:
    """Align texts to the left and numbers to the right, without colors."""
    columns = [list(cells) for cells in zip(table.headings, *shown, strict=True)]
    kinds = dict(zip(table.headings, table.kinds, strict=True))
    widths = [max(map(cell_len, cells)) for cells in columns]
    left_out = iter(table.optional)
    while width is not None and sum(widths) + 2 * (len(widths) - 1) > width:
        heading = next(left_out, None)
        if heading is None:
            widths[0] = max(_MIN_NAME, widths[0] - (sum(widths) + 2 * (len(widths) - 1) - width))
            break
        index = [cells[0] for cells in columns].index(heading)
        del columns[index], widths[index]
    aligned = [
        [_aligned(cell, size, kinds[cells[0]]) for cell in cells] for cells, size in zip(columns, widths, strict=True)
    ]
    return "".join("  ".join(row).rstrip() + "\n" for row in zip(*aligned, strict=True))


def _aligned(cell: str, width: int, kind: Kind) -> str:
    if cell_len(cell) > width:
        return set_cell_size(cell, width - 1) + "…"
    padding = " " * (width - cell_len(cell))
    return cell + padding if kind == "text" else padding + cell


def _day(time: str | None) -> str | None:
    return None if time is None else time[:10]
