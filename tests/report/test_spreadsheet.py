"""buckets.csv: what a spreadsheet and a parser make of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec
import pytest

from s3_monitor.model.bucket import Bucket, StorageLine, in_chunks
from s3_monitor.report.spreadsheet import COLUMNS, pieces

BUCKET = Bucket(
    "logs", "2020-05-04 15:13:08+00:00", "us-east-1", {"StandardStorage": StorageLine(2.0**60, 0.000001)},
    2.0**60, 0.000001, 658.0, None, "111122223333", "general-purpose", "measured", None,
)  # fmt: skip


def rows(*buckets: Bucket) -> list[dict[str, str]]:
    text = b"".join(pieces(in_chunks(buckets))).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def changed(**changes: Any) -> Bucket:
    return msgspec.structs.replace(BUCKET, **changes)


def test_a_row_for_each_storage_type_with_numbers_as_json_has_them() -> None:
    lines = {"GlacierStorage": StorageLine(1.5, None, 7.0), "StandardStorage": StorageLine(2.0**60, 0.000001)}
    two = rows(changed(storage=lines))
    assert [row["storage_type"] for row in two] == ["GlacierStorage", "StandardStorage"]
    assert [row["size_bytes"] for row in two] == ["1.5", "1.152921504606847e18"]
    assert [row["cost_usd_month"] for row in two] == ["", "1e-6"]
    assert [row["objects"] for row in two] == ["7.0", ""]
    assert [row["bucket_objects"] for row in two] == ["658.0", "658.0"]


@pytest.mark.parametrize(("size", "cost", "cells"), [(0.0, 0.0, ("0.0", "0.0")), (None, None, ("", ""))])
def test_a_bucket_without_lines_has_a_row_of_its_own(
    size: float | None, cost: float | None, cells: tuple[str, str]
) -> None:
    (row,) = rows(changed(storage={}, total_size=size, total_cost=cost))
    assert (row["storage_type"], row["size_bytes"], row["cost_usd_month"]) == ("", *cells)


@pytest.mark.parametrize("text", ['a"b', "a,b", "a\r\nb", " a", "ключ", "a;b", "'", "", "\x00"])
def test_any_text_comes_back_as_it_was(text: str) -> None:
    (row,) = rows(changed(name=text, region=text, storage={text: StorageLine(1.0, 1.0)}))
    assert (row["bucket"], row["region"], row["storage_type"]) == (text, text, text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_calculate_is_text(text: str) -> None:
    (row,) = rows(changed(account=text))
    assert row["account"] == f"'{text}"


def test_lines_end_as_rfc_4180_has_it_and_all_have_all_columns() -> None:
    content = b"".join(pieces([[BUCKET]]))
    assert content.startswith(",".join(COLUMNS).encode() + b"\r\n")
    assert content.endswith(b"\r\n")
    assert {line.count(b",") for line in content.splitlines()} == {len(COLUMNS) - 1}
