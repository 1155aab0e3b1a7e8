"""Lines of buckets.json and buckets.csv straight from their records, where a bucket says no more than nearly all do.

Buckets of a place with the same storage types differ in names, times and figures only. What else they say is written
once, by the encoders that write any bucket, and then filled in: for a million in half the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET

from s3_monitor.merge import BucketRecord
from s3_monitor.model import bucket
from s3_monitor.model.bucket import Bucket, Kind, State, StorageLine
from s3_monitor.model.plan import Plan
from s3_monitor.money.bill import Rates
from s3_monitor.report import spreadsheet
from s3_monitor.report.priced import Columns, by_types, columns, in_buckets, time
from s3_monitor.report.totals import COUNTED_BY, UNKNOWN_STATES

_USUAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\n[A-Za-z0-9][A-Za-z0-9._-]*)*")  # names, a line each
_encode = msgspec.json.Encoder().encode
_GAP: Final[Any] = msgspec.Raw(b"0e0")  # a number that no encoder writes
_GAPS = re.compile(r"(?<=: )0e0(?=,?\n)")  # no text holds these, for in JSON it holds no line feed


class Text(NamedTuple):
    """Some buckets in both files, without what stands before the first, between two, and after the last."""

    json: bytes
    csv: bytes


class _Form(NamedTuple):
    """What some buckets have in common, with ``%s`` for the rest. ``bucket``: in buckets.json, for name, creation
    date, the figures of its lines, size, cost, objects and last-modified date. ``row``: the begin of each of its rows
    in buckets.csv, for name, both dates and objects. ``rows``: their ends, for the figures of the lines, each after a
    begin that is filled in then. ``lines``, ``figures``: how many of these."""

    bucket: str
    row: str
    rows: str
    lines: int
    figures: int


def are_plain(plan: Plan) -> bool:
    """Whether ``texts`` writes all that is said of the buckets of a plan."""
    return plan.objects.mode == "off" and not plan.requests and plan.bill is None


def texts(rates: Rates, plan: Plan) -> Callable[[Sequence[BucketRecord]], Text]:
    """What writes records, whose plan must be plain, the same bytes as their Buckets would be."""
    days = [plan.window.day(offset) for offset in range(plan.window.days)]
    rates_of = by_types(rates)

    @cache
    def form(account: str, region: str, kind: Kind, state: State, day: int | None, types: tuple[str, ...]) -> _Form:
        storage = {name: StorageLine(_GAP, _GAP, _GAP if name in COUNTED_BY else UNSET) for name in types}
        as_of = None if day is None else days[day]
        return _form(Bucket(_GAP, _GAP, region, storage, _GAP, _GAP, _GAP, _GAP, account, kind, state, as_of))

    def text(records: Sequence[BucketRecord]) -> Text:
        if not _are_usual(records):
            buckets = list(in_buckets(records, rates_of, days))
            return Text(bucket.members(buckets), spreadsheet.rows(buckets, billed=False))
        forms = [form(one.account, one.region, one.kind, one.state, one.day, one.types) for one in records]
        figures = columns(records, rates_of)
        lines, cells = map(iter, _written(_of_lines(figures)))
        totals = iter(_written([*chain.from_iterable(zip(*figures[3:], strict=True))])[0])
        of_json, of_csv = [], []
        for record, one, size, usd, count in zip(records, forms, totals, totals, totals, strict=True):
            created, modified = time(record.created), time(record.modified)
            dates = (f'"{created}"' if created else "null", f'"{modified}"' if modified else "null")
            whole = (*islice(lines, one.figures), size, usd, count)
            of_json.append(one.bucket % (f'"{record.name}"', dates[0], *whole, dates[1]))
            begin = one.row % (record.name, created or "", modified or "", "" if count == "null" else count)
            of_csv.append(one.rows % tuple(islice(cells, one.figures)) % ((begin,) * one.lines))
        return Text(",\n".join(of_json).encode(), "".join(of_csv).encode())

    return text


def _form(example: Bucket) -> _Form:
    """``example``: with gaps for what differs."""
    as_json = _GAPS.sub("%s", bucket.members([example]).decode().replace("%", "%%"))
    texts_of = {"account": _doubled(example.account), "region": _doubled(example.region)}
    begun = msgspec.structs.replace(example, **texts_of, creation_date="%s", last_modified="%s")
    begin = spreadsheet.begin(begun, "%s", "%s")
    if not example.storage:
        total = "" if example.state in UNKNOWN_STATES else "0.0"
        return _Form(as_json, begin, f"%%s,{spreadsheet.shared('')},{total},{total},\r\n", 1, 0)
    figures = sum(2 if line.num_objects is UNSET else 3 for line in example.storage.values())
    ends = [
        f"%%s,{_doubled(_doubled(spreadsheet.shared(name)))},%s,%s,{'' if line.num_objects is UNSET else '%s'}\r\n"
        for name, line in example.storage.items()
    ]
    return _Form(as_json, begin, "".join(ends), len(ends), figures)


def _doubled(text: str) -> str:
    """As ``%`` fills it in."""
    return text.replace("%", "%%")


def _of_lines(figures: Columns) -> list[float | None]:
    """Of each line its size, its cost, and where it counts them its objects."""
    if figures.objects.count(UNSET) == len(figures.objects):  # nearly always
        return [*chain.from_iterable(zip(figures.sizes, figures.costs, strict=True))]
    flat = chain.from_iterable(zip(figures.sizes, figures.costs, figures.objects, strict=True))
    return [figure for figure in flat if figure is not UNSET]


def _written(numbers: list[float | None]) -> tuple[list[str], list[str]]:
    """As they stand in buckets.json, and in buckets.csv, where a cell without a number is empty."""
    if not numbers:
        return [], []
    text = _encode(numbers).decode()[1:-1]
    written = text.split(",")
    return written, text.replace("null", "").split(",") if "null" in text else written


def _are_usual(records: Sequence[BucketRecord]) -> bool:
    """With names as S3 allows them, which stand in JSON and in tables as they are; and without details."""
    named = _USUAL.fullmatch("\n".join([record.name for record in records])) is not None
    return named and [record.details for record in records].count(UNSET) == len(records)
