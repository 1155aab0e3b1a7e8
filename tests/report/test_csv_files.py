"""buckets.csv and storage.csv: how spreadsheets and parsers read them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.safe_text import one_line
from s3_monitor.report import csv_cells
from s3_monitor.report.csv_files import BUCKETS, STORAGE, Columns, CsvFile, group_table
from tests.report import builder

BUCKET = builder.bucket("logs", known_cost=0.92)
FILES = [BUCKETS, STORAGE]


def written(file: CsvFile, buckets: Sequence[Bucket], columns: Columns) -> bytes:
    return file.heading(columns) + file.rows(buckets, columns)


def rows(file: CsvFile, *buckets: Bucket, columns: Columns = Columns("USD")) -> list[dict[str, str]]:  # noqa: B008
    text = written(file, buckets, columns).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def changed(**changes: Any) -> Bucket:
    return msgspec.structs.replace(BUCKET, **changes)


def test_buckets_csv_has_one_row_per_bucket_named_as_in_json() -> None:
    lines = {"GlacierStorage": StorageLine(1.5, None, 7.0), "StandardStorage": StorageLine(2.0**60, 1e-12)}
    found = [changed(storage=lines), changed(storage={}), BUCKET]
    written = rows(BUCKETS, *found)
    assert len(written) == len(found)
    assert set(written[0]) - {"currency"} <= {field.name for field in msgspec.structs.fields(Bucket)}
    assert written[2] == {
        "name": "logs",
        "creation_date": "2020-05-04T15:13:08Z",
        "region": "us-east-1",
        "total_size": "42949672960",
        "total_cost": "0.92",
        "known_cost": "0.92",
        "currency": "USD",
        "num_objects": "658",
        "last_modified": "2026-11-16T22:53:00Z",
        "account": "111122223333",
        "kind": "general-purpose",
        "state": "measured",
        "as_of": "2026-11-21",
        "size_change_30d": "",
        "cost_change_30d": "",
        "cause_30d": "",
    }


def test_storage_csv_has_one_row_per_bucket_and_storage_type() -> None:
    lines = {"GlacierStorage": StorageLine(1.5, None, 7.4), "StandardStorage": StorageLine(2.0**60, 1e-12)}
    written = rows(STORAGE, changed(storage=lines), changed(storage={}), columns=Columns("CNY"))
    assert [(row["name"], row["storage_type"]) for row in written] == [
        ("logs", "GlacierStorage"),
        ("logs", "StandardStorage"),
    ]
    assert [row["size"] for row in written] == ["1.5", str(2**60)]
    assert [row["cost"] for row in written] == ["", "1e-12"]
    assert [row["num_objects"] for row in written] == ["7", ""]
    assert {row["currency"] for row in written} == {"CNY"}


@pytest.mark.parametrize(("value", "cell"), [(0.0, "0"), (None, "")])
def test_zero_is_a_number_and_unknown_is_an_empty_cell(value: float | None, cell: str) -> None:
    (row,) = rows(BUCKETS, changed(total_size=value, num_objects=value, size_change_30d=value))
    assert (row["total_size"], row["num_objects"], row["size_change_30d"]) == (cell, cell, cell)


def test_tags_are_a_json_column_if_the_configuration_was_requested() -> None:
    tags = {"team": '=cmd|"x"', "b": "ключ"}
    known, unknown = rows(BUCKETS, changed(tags=tags), changed(tags=None), columns=Columns("USD", tags=True))
    assert json.loads(known["tags"]) == tags
    assert unknown["tags"] == ""


@given(st.lists(st.none() | st.floats(0, 2.0**62), min_size=1))
def test_counts_and_integral_sizes_are_integers(values: list[float | None]) -> None:
    for value, count, size in zip(values, csv_cells.counts(values), csv_cells.sizes(values), strict=True):
        assert re.fullmatch(r"\d*", count)
        assert (count, size) == ("", "") if value is None else (int(count), float(size)) == (round(value), value)
        assert value is None or not value.is_integer() or re.fullmatch(r"\d+", size)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("text", ['a"b', "a,b", " a", "ключ", "a;b", "'", "", r"a\u202e"])
def test_any_text_survives_a_csv_round_trip(file: CsvFile, text: str) -> None:
    (row,) = rows(file, changed(name=text, region=text, storage={text: StorageLine(1.0, 1.0)}))
    assert (row["name"], row["region"], row.get("storage_type", text)) == (text, text, text)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\xa0@x", "＝1", "＋1", "－1", "＠x"],
)
@pytest.mark.parametrize("file", FILES)
def test_formulas_of_spreadsheets_are_text(file: CsvFile, text: str) -> None:
    (row,) = rows(file, changed(name=text, account=text, storage={text: StorageLine(1.0, 1.0)}))
    assert (row["name"], row["account"]) == (f"'{text}", f"'{text}")


HIDDEN = ["a\u202eb", "\u200b=1", "\ufeff", "\x1b[31m", "a\x9bm", "a\r\nb", "\t=1", "\ud800", "\u3164"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("text", HIDDEN)
def test_hidden_characters_in_cells_are_shown_as_escapes(file: CsvFile, text: str) -> None:
    (row,) = rows(file, changed(name=text, region=text, storage={text: StorageLine(1.0, 1.0)}))
    shown = one_line(text)
    assert shown != text
    assert (row["name"], row["region"], row.get("storage_type", shown)) == (shown, shown, shown)


def test_tags_with_hidden_characters_survive_a_csv_round_trip() -> None:
    tags = {"team\u202e": "a\u200bb\x9b"}
    content = written(BUCKETS, [changed(tags=tags)], Columns("USD", tags=True)).decode()
    assert one_line(content.replace("\r\n", "")) == content.replace("\r\n", "")
    assert json.loads(next(csv.DictReader(io.StringIO(content, newline="")))["tags"]) == tags


@given(st.text(max_size=12))
def test_no_text_cell_starts_like_a_formula_or_contains_hidden_characters(text: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(csv_cells.texts([text])[0], newline=""), strict=True)) or [""]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell in (one_line(text), f"'{one_line(text)}")


@pytest.mark.parametrize("file", FILES)
def test_lines_follow_rfc_4180_and_have_all_columns(file: CsvFile) -> None:
    for columns in (Columns("USD"), Columns("USD", tags=True, billed_currency="EUR")):
        content = written(file, [BUCKET, BUCKET], columns)
        assert content.count(b"\r\n") == content.count(b"\n") == 3
        assert content.endswith(b"\r\n")
        assert len({line.count(b",") for line in content.splitlines()}) == 1


def test_groups_are_written_with_what_their_sums_exclude() -> None:
    unpriced = builder.bucket("b", storage={"New": StorageLine(7.0, None)}, total_size=7.0, total_cost=None)
    groups = builder.summary([BUCKET, unpriced, builder.unknown("c", "young")]).by_region
    text = group_table("region", {**groups, "=x": groups["us-east-1"]}, "USD").decode()
    written = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["region"] for row in written] == ["'=x", "us-east-1"]
    assert {key: value for key, value in written[1].items() if key != "region"} == {
        "buckets": "3",
        "size": "42949672967",
        "objects": "1316",
        "cost": "0.92",
        "currency": "USD",
        "unpriced_size": "7",
        "unknown_buckets": "1",
        "unknown_objects": "1",
        "complete": "true",
    }


def test_days_are_iso_dates() -> None:
    assert csv_cells.days([date(2026, 11, 2), None]) == ["2026-11-02", ""]
