"""The buckets, or their groups, as a table for people: for terminals, spreadsheets and chats."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats
from s3_monitor.report.labels import ENCRYPTION, TAG
from s3_monitor.report.markdown import escaped

Form = Literal["json", "table", "csv", "markdown"]
Units = Literal["bytes", "iec", "si"]

Cell = str | float | None


class Listing(msgspec.Struct, frozen=True):
    """``numbers``: which columns hold numbers. None in a row is unknown. Amounts are in ``currency``."""

    headings: list[str]
    numbers: list[bool]
    rows: list[list[Cell]]
    currency: str = "USD"


def of_buckets(buckets: Iterable[Bucket], currency: str = "USD") -> Listing:
    cost = _cost_heading(currency)
    return Listing(
        headings=["bucket", "region", "account", "state", "size", "objects", cost, "created", "last_modified"],
        numbers=[False, False, False, False, True, True, True, False, False],
        rows=[
            [
                *(one.name, one.region, one.account, one.state, one.total_size, one.num_objects, one.total_cost),
                *(_day(one.creation_date), _day(one.last_modified)),
            ]
            for one in buckets
        ],
        currency=currency,
    )


def groups_of(summary: Summary, by: str) -> dict[str, Group]:
    """The groups of summary.json: ``region``, ``account``, ``storage-type``, or a dimension of report.labels."""
    plain = {"region": summary.by_region, "account": summary.by_account, "storage-type": summary.by_storage_type}
    if by in plain:
        return plain[by]
    if by == ENCRYPTION:
        return summary.by_encryption if isinstance(summary.by_encryption, dict) else {}
    return summary.by_tag.get(by.removeprefix(TAG), {}) if isinstance(summary.by_tag, dict) else {}


def of_groups(summary: Summary, by: str, *, totals: bool = False) -> Listing:
    """Dearest first, with the share of the whole cost. ``totals``: all of them in a last row."""
    groups, whole = groups_of(summary, by), summary.totals.cost
    order = sorted(groups, key=lambda name: (-(groups[name].cost or 0), -(groups[name].size or 0), name))
    rows: list[list[Cell]] = []
    for name in order:
        one = groups[name]
        share = one.cost / whole if one.cost is not None and whole else None
        rows.append([name, one.buckets, one.size, one.objects, one.cost, share])
    if totals:
        sums = summary.totals
        rows.append(["all", sums.buckets, sums.size, sums.objects, sums.cost, 1.0 if sums.cost else None])
    headings = [by, "buckets", "size", "objects", _cost_heading(summary.currency), "share"]
    return Listing(headings, [False, *[True] * 5], rows, summary.currency)


def _cost_heading(currency: str) -> str:
    return f"{currency.lower()}_month"


def written(listing: Listing, form: Form, units: Units) -> str:
    """As text with a final newline. ``form``: csv, markdown or table; json is model.bucket's."""
    if form == "csv":
        return _csv(listing, units)
    shown = [
        [_shown(listing, heading, cell, units) for heading, cell in zip(listing.headings, row, strict=True)]
        for row in listing.rows
    ]
    if form == "markdown":
        return _markdown(listing, shown)
    return _table(listing, shown)


def _csv(listing: Listing, units: Units) -> str:
    """Numbers are plain (sizes in bytes where units are bytes); an empty cell is unknown."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [f"{heading}_bytes" if heading == "size" and units == "bytes" else heading for heading in listing.headings]
    )
    for row in listing.rows:
        writer.writerow([_plain(heading, cell, units) for heading, cell in zip(listing.headings, row, strict=True)])
    return out.getvalue()


def _plain(heading: str, cell: Cell, units: Units) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # What a spreadsheet would take for a formula gets an apostrophe in front.
        return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    if heading == "size" and units != "bytes":
        return _size(cell, units)
    return str(int(cell)) if float(cell).is_integer() else f"{cell:.6f}"


def _shown(listing: Listing, heading: str, cell: Cell, units: Units) -> str:
    if cell is None:
        return "unknown"
    if isinstance(cell, str):
        return formats.visible(cell)
    forms: dict[str, Callable[[float], str]] = {
        "size": lambda value: _size(value, units),
        _cost_heading(listing.currency): lambda value: formats.money(value, listing.currency),
        "share": formats.share,
    }
    return forms.get(heading, formats.count)(cell)


def _size(value: float, units: Units) -> str:
    if units == "bytes":
        return formats.count(value)
    return formats.size(value) if units == "iec" else formats.size_si(value)


def _markdown(listing: Listing, shown: Sequence[Sequence[str]]) -> str:
    lines = [
        f"| {' | '.join(escaped(heading) for heading in listing.headings)} |",
        f"|{'|'.join('---:' if number else '---' for number in listing.numbers)}|",
        *(f"| {' | '.join(escaped(cell) for cell in row)} |" for row in shown),
    ]
    return "\n".join(lines) + "\n"


def _table(listing: Listing, shown: Sequence[Sequence[str]]) -> str:
    """Columns side by side, numbers to the right; without colours, so that it may go into a file."""
    rows = [listing.headings, *shown]
    widths = [max(len(row[column]) for row in rows) for column in range(len(listing.headings))]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, listing.numbers, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _day(written_: str | None) -> str | None:
    return None if written_ is None else written_[:10]
