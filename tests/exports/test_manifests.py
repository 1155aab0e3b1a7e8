"""The manifests of billing and Storage Lens exports: where they are, the newest, and what they must contain."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from s3_monitor.exports.billing_manifest import is_root, manifest_folders, manifests, read_manifest
from s3_monitor.exports.delivery import Delivery, StoredKey, file_name, without_duplicates
from s3_monitor.exports.lens_manifest import COLUMNS, newest_days, owner_folders
from s3_monitor.exports.lens_manifest import read_manifest as read_lens_manifest
from s3_monitor.model.exports import BillingKind
from s3_monitor.objects.manifest import DataFile, InvalidReportError

# folders and keys of billing exports


@pytest.mark.parametrize(
    ("kind", "prefix", "folders", "expected"),
    [
        ("cur2", "p/x/", ["p/x/data/", "p/x/metadata/"], True),
        ("focus", "p/x/", ["p/x/metadata/"], True),
        ("cur2", "p/x/", ["p/x/data/"], False),
        ("cur2", "p/x/", ["p/x/20261101-20261201/"], False),
        ("cur", "p/x/", ["p/x/other/", "p/x/20261101-20261201/"], True),
        ("cur", "p/x/", ["p/x/x/"], True),
        ("cur", "p/x/", ["p/x/metadata/"], False),
        ("cur", "p/x/", ["p/x/20261101/"], False),
        ("cur", "p/x/", [], False),
    ],
)
def test_an_export_is_recognized_by_its_folders(
    kind: BillingKind, prefix: str, folders: list[str], expected: bool
) -> None:
    assert is_root(kind, prefix, folders) is expected


@pytest.mark.parametrize(
    ("kind", "month", "folders"),
    [
        ("cur2", date(2026, 2, 1), ["p/x/metadata/BILLING_PERIOD=2026-02/"]),
        ("focus", date(2026, 12, 1), ["p/x/metadata/BILLING_PERIOD=2026-12/"]),
        ("cur", date(2026, 2, 1), ["p/x/20260201-20260301/", "p/x/x/year=2026/month=2/", "p/x/year=2026/month=2/"]),
        ("cur", date(2026, 12, 1), ["p/x/20261201-20270101/", "p/x/x/year=2026/month=12/", "p/x/year=2026/month=12/"]),
        ("cur", date(2027, 1, 1), ["p/x/20270101-20270201/", "p/x/x/year=2027/month=1/", "p/x/year=2027/month=1/"]),
    ],
)
def test_the_manifests_of_a_month_are_in_these_folders(kind: BillingKind, month: date, folders: list[str]) -> None:
    assert manifest_folders(kind, "p/x/", month) == folders


def stored(*names: str) -> list[StoredKey]:
    """Return keys below ``f/``. A time may follow an @."""
    return [StoredKey(f"f/{name}", 1, time) for name, _, time in (text.partition("@") for text in names)]


@pytest.mark.parametrize(
    ("kind", "keys", "newest_first"),
    [
        ("cur2", ["2026-11-01/x-Manifest.json@9", "2026-11-02/x-Manifest.json@1"],
         ["2026-11-02/x-Manifest.json", "2026-11-01/x-Manifest.json"]),
        ("cur2", ["2026-11-01/x-Manifest.json@9", "x-Manifest.json@1"],
         ["x-Manifest.json", "2026-11-01/x-Manifest.json"]),
        ("cur", ["id1/x-Manifest.json@1", "id0/x-Manifest.json@2"], ["id0/x-Manifest.json", "id1/x-Manifest.json"]),
        ("cur", ["a/x-Manifest.json@1", "b/x-Manifest.json@1"], ["b/x-Manifest.json", "a/x-Manifest.json"]),
        ("cur", ["id1/x-Manifest.json@9", "x-Manifest.json@1", "y-Manifest.json@2"],
         ["y-Manifest.json", "x-Manifest.json", "id1/x-Manifest.json"]),
        ("cur2", ["Manifest.json@1", "xManifest.json@1", "x-Manifest.json.bak@1", "manifest.json@1", "a.parquet@1"],
         ["Manifest.json"]),
    ],
)  # fmt: skip
def test_the_manifest_in_the_folder_itself_and_the_newest_delivery_come_first(
    kind: BillingKind, keys: list[str], newest_first: list[str]
) -> None:
    found = manifests(kind, "f/", stored(*keys))
    assert [key.key for key in found] == [f"f/{name}" for name in newest_first]


# content of billing manifests


@pytest.mark.parametrize(
    ("kind", "content", "delivery"),
    [
        (
            "cur2",
            {"dataFiles": ["s3://b/p/1.parquet", "p/2.parquet"], "executionId": "e", "columns": ["a", {"name": "b"}]},
            Delivery("e", "Parquet", (DataFile("p/1.parquet", -1, ""), DataFile("p/2.parquet", -1, "")), ("a", "b")),
        ),
        ("cur", {"reportKeys": ["1.csv.zip"]}, Delivery("", "CSV", (DataFile("1.csv.zip", -1, ""),))),
        ("focus", {"dataFiles": ["1.csv.gz"]}, Delivery("", "CSV", (DataFile("1.csv.gz", -1, ""),))),
        (
            "cur",
            {"reportKeys": ["1.csv"], "assemblyId": "a", "columns": [{"category": "lineItem", "name": "UsageType"}]},
            Delivery("a", "CSV", (DataFile("1.csv", -1, ""),), ("lineItem/UsageType",)),
        ),
        (
            "cur",
            {"reportKeys": ["s3://b/1.csv"], "columns": ["a", 7]},
            Delivery("", "CSV", (DataFile("s3://b/1.csv", -1, ""),)),
        ),
        ("cur", {"reportKeys": ["1.csv"], "columns": [{"name": 7}]}, Delivery("", "CSV", (DataFile("1.csv", -1, ""),))),
    ],
)
def test_a_manifest_has_the_files_and_the_names_of_all_columns_or_none(
    kind: BillingKind, content: dict[str, Any], delivery: Delivery
) -> None:
    assert read_manifest(kind, json.dumps(content).encode()) == delivery


@pytest.mark.parametrize(
    ("kind", "content", "message", "advice"),
    [
        ("cur2", {}, "does not have AWS's form", "wait"),
        ("cur", {"dataFiles": ["a.csv"]}, "does not have AWS's form", "wait"),
        ("cur2", {"dataFiles": []}, "must name a file in dataFiles, got none", "next delivery"),
        ("cur", {"reportKeys": []}, "must name a file in reportKeys, got none", "next delivery"),
        ("cur2", {"dataFiles": ["s3://b/a.csv", "s3://c/a.csv"]}, "names a file twice in dataFiles", "next delivery"),
        ("cur2", {"dataFiles": ["a.csv", "b.parquet"]}, "files of one format, got CSV and Parquet", "wait"),
        ("cur", {"reportKeys": ["p/a.orc"]}, "must be .csv.gz, .csv, .zip or .parquet, got 'a.orc'", "as Parquet"),
        ("cur", {"reportKeys": ["p/" + "a" * 201]}, f"got '{'a' * 200}'", "GZIP"),
    ],
)
def test_a_manifest_of_another_form_is_rejected(
    kind: BillingKind, content: dict[str, Any], message: str, advice: str
) -> None:
    with pytest.raises(InvalidReportError) as caught:
        read_manifest(kind, json.dumps(content).encode())
    assert message in str(caught.value)
    assert advice in caught.value.advice


# files


def delivery_of(*files: DataFile) -> Delivery:
    return Delivery("d", "CSV", files)


def test_the_files_of_a_delivery_have_the_sizes_of_the_bucket() -> None:
    files = delivery_of(DataFile("a", -1, ""), DataFile("b", 0, "m"), DataFile("c", 7, ""))
    sizes = {"a": 5, "b": 0, "c": 7, "other": 1}
    found = files.with_sizes(sizes)
    assert found.files == (DataFile("a", 5, ""), DataFile("b", 0, "m"), DataFile("c", 7, ""))
    assert found.size == 12
    assert found.origin("bills") == "s3://bills/ (CSV, 3 files, 12 B)"


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"p/a": 5}, "half delivered: 2 of 3 files are missing: b"),
        ({}, "half delivered: 3 of 3 files are missing: a"),
        ({"p/a": 5, "p/b": 6, "p/c": 7}, "b must have 1,000 bytes, got 6"),
        ({"p/a": 5, "p/b": 1000, "p/c": 0}, "c must have 7 bytes, got 0"),
    ],
)
def test_a_delivery_with_missing_or_other_files_is_rejected(sizes: dict[str, int], message: str) -> None:
    files = delivery_of(DataFile("p/a", -1, ""), DataFile("p/b", 1000, ""), DataFile("p/c", 7, ""))
    with pytest.raises(InvalidReportError) as caught:
        files.with_sizes(sizes)
    assert str(caught.value) == message
    assert caught.value.advice == "wait for the next delivery"


@pytest.mark.parametrize(
    ("keys", "prefix"),
    [
        (["a/b/1", "a/b/2"], "a/b/"),
        (["a/b1", "a/b2"], "a/"),
        (["a/b/1", "a/c/1", "a/b/2"], "a/"),
        (["a/1"], "a/"),
        (["1", "2"], ""),
        (["/1", "/2"], "/"),
    ],
)
def test_the_folder_of_a_delivery_is_the_common_prefix_of_its_keys(keys: list[str], prefix: str) -> None:
    assert delivery_of(*(DataFile(key, 1, "") for key in keys)).folder == prefix


def test_the_name_of_a_file_has_at_most_200_characters() -> None:
    assert (file_name("p/q/a.csv"), file_name("a.csv"), file_name("p/" + "x" * 201)) == ("a.csv", "a.csv", "x" * 200)


def test_files_without_duplicates_keep_their_order() -> None:
    assert without_duplicates(iter(["b", "a"]), "files") == ("b", "a")


# Storage Lens


@pytest.mark.parametrize(
    ("folder", "is_owner"),
    [
        ("p/111122223333/", True),
        ("p/444455556666/", False),
        ("p/o-abcdefghij/", True),
        (f"p/o-{'a' * 32}/", True),
        ("p/o-abcdefghi/", False),
        (f"p/o-{'a' * 33}/", False),
        ("p/11112222333/", False),
        ("p/x111122223333/", False),
    ],
)
def test_organizations_and_the_selected_accounts_have_folders(folder: str, is_owner: bool) -> None:
    assert owner_folders([folder], "p/", ["111122223333"]) == ([folder] if is_owner else [])


def test_folders_of_owners_are_sorted() -> None:
    folders = ["p/o-abcdefghij/", "p/222222222222/", "p/111111111111/"]
    assert owner_folders(folders, "p/", ["111111111111", "222222222222"]) == [
        "p/111111111111/",
        "p/222222222222/",
        "p/o-abcdefghij/",
    ]


def test_deliveries_up_to_a_day_are_ordered_the_newest_first() -> None:
    days = ["2026-11-20", "2026-02-30", "2026-11-22", "2026-11-21", "2026-11-23", "2025-12-31"]
    folders = [*(f"p/dt={day}/" for day in days), "p/2026-11-19/", "p/dt=2026-11-18"]
    assert newest_days(folders, "p/", date(2026, 11, 22)) == [
        date(2026, 11, 22),
        date(2026, 11, 21),
        date(2026, 11, 20),
        date(2025, 12, 31),
    ]


DAY = date(2026, 11, 21)
SCHEMA = ",".join(("version_number", *COLUMNS))


def lens(**changes: Any) -> bytes:
    content = {
        "sourceAccountId": "111122223333",
        "configId": "daily",
        "reportVersion": "V_1",
        "reportDate": "2026-11-21",
        "reportFormat": "CSV",
        "reportSchema": SCHEMA,
        "reportFiles": [{"key": "p/1.csv", "size": 7, "md5Checksum": "AB" * 16}],
        **changes,
    }
    return json.dumps(content).encode()


def test_a_manifest_of_storage_lens_has_its_day_files_and_columns() -> None:
    found = read_lens_manifest(lens(), "daily", DAY)
    file = DataFile("p/1.csv", 7, "ab" * 16)
    assert found == Delivery("2026-11-21", "CSV", (file,), ("version_number", *COLUMNS), "111122223333")
    columns = "; ".join(f"optional binary {name} (UTF8)" for name in COLUMNS)
    parquet = read_lens_manifest(
        lens(reportFormat="Parquet", reportSchema=f"message s3 {{ {columns}; }}"), "daily", DAY
    )
    assert (parquet.format, parquet.columns) == ("Parquet", COLUMNS)
    spaced = read_lens_manifest(lens(reportSchema=SCHEMA.replace(",", " , ").upper()), "daily", DAY)
    assert spaced.columns == found.columns


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"configId": None}, "does not have AWS's form"),
        ({"reportDate": "2026-13-01"}, "does not have AWS's form"),
        ({"reportDate": "2026-11-20"}, "its manifest must be of 2026-11-21, got 2026-11-20"),
        ({"reportFiles": [{"key": "a", "size": 1}]}, "does not have AWS's form"),
        ({"configId": "x" * 81}, f"configuration '{'x' * 80}'"),
        ({"reportVersion": "V_2"}, "must be V_1 and CSV or Parquet, got V_2 and CSV"),
        ({"reportFormat": "ORC"}, "must be V_1 and CSV or Parquet, got V_1 and ORC"),
        ({"reportVersion": "x" * 21, "reportFormat": "y" * 21}, f"got {'x' * 20} and {'y' * 20}"),
        ({"reportSchema": SCHEMA.replace("bucket_name", "x")}, "it has no column bucket_name"),
        ({"reportSchema": "x"}, " and no column "),
        ({"reportFiles": []}, "must name a file in reportFiles, got none"),
        ({"reportFiles": [{"key": "a", "size": 1, "md5Checksum": "x"}] * 2}, "names a file twice in reportFiles"),
    ],
)
def test_a_manifest_of_storage_lens_of_another_form_is_rejected(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidReportError) as caught:
        read_lens_manifest(lens(**changes), "daily", DAY)
    assert message in str(caught.value)
    if "AWS's form" not in message:
        assert str(caught.value).endswith(message) or message == " and no column "
