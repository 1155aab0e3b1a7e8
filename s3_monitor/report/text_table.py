"""Tables of buckets or groups for terminals and chats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats, sums
from s3_monitor.report.markdown import escaped
from s3_monitor.report.sums import Sum
from s3_monitor.report.tag_groups import ENCRYPTION, TAG

Form = Literal["json", "table", "csv", "markdown"]
Units = Literal["bytes", "iec", "si"]
Kind = Literal["text", "count", "size", "money", "share"]


Cell = str | float | Sum | None


class TextTable(msgspec.Struct, frozen=True):
    """A table; None in a cell is unknown."""

    headings: list[str]
    kinds: list[Kind]
    """Kind of each column."""
    rows: list[list[Cell]]
    currency: str
    """Of the amounts."""


def list_buckets(buckets: Iterable[Bucket], currency: str) -> TextTable:
    """Return the table of buckets."""
    return TextTable(
        headings=[
            "bucket",
            "region",
            "account",
            "state",
            "size",
            "objects",
            "monthly cost",
            "created",
            "last modified",
        ],
        kinds=["text", "text", "text", "text", "size", "count", "money", "text", "text"],
        rows=[
            [
                *(one.name, one.region, one.account, one.state, sums.bucket_size(one)),
                *(one.num_objects, sums.bucket_cost(one)),
                *(_day(one.creation_date), _day(one.last_modified)),
            ]
            for one in buckets
        ],
        currency=currency,
    )


def groups_by(summary: Summary, by: str) -> dict[str, Group]:
    """Return the groups of summary.json. ``by``: region, account, storage-type, or a dimension of tag_groups."""
    plain = {"region": summary.by_region, "account": summary.by_account, "storage-type": summary.by_storage_type}
    if by in plain:
        return plain[by]
    if by == ENCRYPTION:
        return summary.by_encryption if isinstance(summary.by_encryption, dict) else {}
    return summary.by_tag.get(by.removeprefix(TAG), {}) if isinstance(summary.by_tag, dict) else {}


def list_groups(summary: Summary, by: str, *, totals: bool = False) -> TextTable:
    """Return the table of groups, the most expensive first. ``totals``: add a last row with the totals."""
    groups, total = groups_by(summary, by), summary.totals.cost
    rows = [_group_row(name, groups[name], total) for name in sums.by_cost(groups)]
    if totals:
        rows.append(_group_row("all", summary.totals, total))
    headings = [by, "buckets", "size", "objects", "monthly cost", "share"]
    return TextTable(headings, ["text", "count", "size", "count", "money", "share"], rows, summary.currency)


def _group_row(name: str, group: Group, total: float | None) -> list[Cell]:
    return [
        *(name, group.buckets, sums.size(group), sums.objects(group), sums.cost(group)),
        group.cost / total if group.cost is not None and total else None,
    ]


def format_table(table: TextTable, form: Literal["table", "markdown"], units: Units) -> str:
    """Return a table as text with a final newline."""
    shown = [
        [_shown(table.currency, kind, cell, units) for kind, cell in zip(table.kinds, row, strict=True)]
        for row in table.rows
    ]
    return _markdown(table, shown) if form == "markdown" else _table(table, shown)


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


def _table(table: TextTable, shown: Sequence[Sequence[str]]) -> str:
    """Align texts to the left and numbers to the right, without colors."""
    rows = [table.headings, *shown]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headings))]
    lines = [
        "  ".join(
            cell.ljust(width) if kind == "text" else cell.rjust(width)
            for cell, width, kind in zip(row, widths, table.kinds, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _day(time: str | None) -> str | None:
    return None if time is None else time[:10]
