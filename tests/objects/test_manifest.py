"""The validation of manifests, and the order of reports."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from s3_monitor.objects.manifest import InvalidReportError, Manifest, parse_schema, read_manifest, report_folders
from tests.objects import reports
from tests.objects.reports import Item

MADE = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def written(**changes: Any) -> bytes:
    objects = reports.report("Parquet", "logs", [Item("a", 1)], made=MADE)
    manifest = json.loads(next(content for key, content in objects.items() if key.endswith("manifest.json")))
    return json.dumps({name: value for name, value in {**manifest, **changes}.items() if value is not None}).encode()


def checked(content: bytes) -> Manifest:
    return read_manifest(content, hashlib.md5(content).hexdigest().encode(), "logs")


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
def test_a_manifest_lists_the_files_and_columns_of_a_report(format_: str) -> None:
    objects = reports.report(format_, "logs", [Item("a", 1)], made=MADE, prefix="daily", versions=True)
    (folder,) = [key.removesuffix("manifest.json") for key in objects if key.endswith("manifest.json")]
    found = read_manifest(objects[f"{folder}manifest.json"], objects[f"{folder}manifest.checksum"], "logs")
    assert (found.bucket, found.at, found.format) == ("logs", 1795222800, format_)
    assert found.columns[:6] == ("bucket", "key", "versionid", "islatest", "isdeletemarker", "size")
    assert len(found.columns) == len(reports.COLUMNS)
    data = [(file.key, file.size, file.md5) for file in found.files]
    assert data == [
        (key, len(content), hashlib.md5(content).hexdigest()) for key, content in objects.items() if "/data/" in key
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sourceBucket": "other"}, "of another bucket: 'other'"),
        ({"version": "2031-01-01"}, "must be 2016-11-30, got '2031-01-01'"),
        ({"fileFormat": "Avro"}, "got 'Avro'"),
        ({"fileSchema": "message s3.inventory { required binary key (UTF8);}"}, "no column bucket"),
        ({"fileSchema": ""}, "no column bucket"),
        ({"creationTimestamp": "yesterday"}, "creationTimestamp must be .*, got 'yesterday'"),
        ({"creationTimestamp": "9" * 30}, "creationTimestamp must be .*, got '999"),
        ({"creationTimestamp": "9" * 13}, "creationTimestamp must be .*, got '999"),
        ({"creationTimestamp": "0"}, "creationTimestamp must be .*, got '0'"),
        ({"creationTimestamp": "-5"}, "creationTimestamp must be .*, got '-5'"),
        ({"creationTimestamp": None}, "does not have AWS's form"),
        ({"files": [{"key": "k", "size": -1, "MD5checksum": "0" * 32}]}, "does not have AWS's form"),
        ({"files": [{"key": "k", "size": 0, "MD5checksum": "0" * 32}]}, "k: its size must be 1 byte or more, got 0"),
        ({"files": [{"key": "k", "size": 1, "MD5checksum": "short"}]}, "got 'short'"),
        ({"files": [{"key": "k", "size": 1}]}, "does not have AWS's form"),
        ({"files": "all"}, "does not have AWS's form"),
        ({"files": [{"key": "k", "size": 1, "MD5checksum": "0" * 32}] * 2}, "lists a file twice"),
        ({"fileFormat": "CSV", "fileSchema": "Bucket, Key, VersionId"}, "column versionid but not is"),
        ({"fileFormat": "CSV", "fileSchema": "Bucket, Key, IsDeleteMarker"}, "isdeletemarker but not islatest"),
    ],
)
def test_an_invalid_manifest_is_rejected(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidReportError, match=why):
        checked(written(**changes))


def test_a_report_from_the_future_is_rejected() -> None:
    content = written()
    sums = hashlib.md5(content).hexdigest().encode()
    at = int(MADE.timestamp())
    assert read_manifest(content, sums, "logs", at).at == at
    with pytest.raises(InvalidReportError, match="from 1970 to 2026-11-21T00:59:59Z"):
        read_manifest(content, sums, "logs", at - 1)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"version": "2016-11-30"}'])
def test_content_that_is_not_a_manifest_is_rejected(content: bytes) -> None:
    with pytest.raises(InvalidReportError, match="does not have AWS's form"):
        checked(content)


def test_a_manifest_with_another_checksum_is_rejected() -> None:
    for checksum in (b"", b"0" * 32, b"\xff"):
        with pytest.raises(InvalidReportError, match=r"manifest\.checksum does not match"):
            read_manifest(written(), checksum, "logs")


def test_a_checksum_may_end_with_a_line_feed() -> None:
    content = written()
    assert read_manifest(content, hashlib.md5(content).hexdigest().upper().encode() + b"\n", "logs").at == 1795222800


@pytest.mark.parametrize(
    ("names", "index", "text"),
    [
        (["data/a.gz"], None, "a.gz: damaged"),
        (["data/a.gz", "data/b.gz"], 1, "b.gz: damaged"),
        (["data/a.gz", "data/b.gz"], None, "damaged"),
    ],
)
def test_an_error_names_the_data_file_if_it_is_known(names: list[str], index: int | None, text: str) -> None:
    error = InvalidReportError("damaged")
    error.file = index
    assert str(error.in_file(names)) == text


def test_reports_are_ordered_by_the_dates_of_their_folders() -> None:
    folders = [
        "p/2026-11-20T01-00Z/",
        "p/2026-11-21T01-00Z/",
        "p/data/",
        "p/hive/",
        "p/2026-11-21/",
        "p/2025-12-31T23-59Z/",
    ]
    assert report_folders(folders) == ["p/2026-11-21T01-00Z/", "p/2026-11-20T01-00Z/", "p/2025-12-31T23-59Z/"]


@pytest.mark.parametrize(
    ("format_", "schema"),
    [
        ("CSV", "Bucket, Key, Size"),
        ("CSV", '"Bucket","Key","Size"'),
        ("ORC", "struct<bucket:string,key:string,size:bigint>"),
        ("Parquet", "message s3.inventory {\n  required binary bucket (STRING);\n  required binary key (UTF8);\n"
         "  optional int64 size (INTEGER(64,true));\n}"),
    ],
)  # fmt: skip
def test_a_schema_lists_its_columns(format_: str, schema: str) -> None:
    assert parse_schema(format_, schema) == ("bucket", "key", "size")  # type: ignore[arg-type]


def test_a_repeated_column_is_rejected() -> None:
    with pytest.raises(InvalidReportError, match="twice"):
        parse_schema("CSV", "Bucket, Key, Size, SIZE")
