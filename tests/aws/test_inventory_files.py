"""Inventory files are downloaded completely, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.aws.inventory_files import InventoryFilesApi, _md5_of
from s3_monitor.model.errors import AwsError
from s3_monitor.simulator import Bucket, Fault, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.canned_responses import object_list, server
from tests.collect.fixtures import ACCOUNT, Clients

REGION = "eu-west-1"
CONTENT = bytes(range(256)) * 9000
MD5 = hashlib.md5(CONTENT).hexdigest()
FILES = {
    "p/logs/daily/2026-11-20T01-00Z/manifest.json": b"{}",
    "p/logs/daily/2026-11-21T01-00Z/manifest.json": b"{}",
    "p/logs/daily/data/a.parquet": CONTENT,
    "p/logs/daily/hive/dt=2026-11-20-01-00/symlink.txt": b"",
    "p/logs/a b+ü/x": b"",
    "p/logs/z": b"",
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    bucket = Bucket("dest", REGION, datetime(2024, 1, 1, tzinfo=UTC), objects=FileList(FILES))
    with Simulator(make_account(ACCOUNT, [bucket])) as running:
        yield running


def test_folders_are_found_without_their_content(simulator: Simulator) -> None:
    api = InventoryFilesApi(Clients(simulator.url))

    def folders(prefix: str) -> list[str]:
        return api.list_folders("dest", prefix, REGION)

    assert folders("p/logs/daily/") == [
        f"p/logs/daily/{name}/" for name in ("2026-11-20T01-00Z", "2026-11-21T01-00Z", "data", "hive")
    ]
    assert folders("p/logs/") == ["p/logs/a b+ü/", "p/logs/daily/"]
    assert folders("nowhere/") == []
    assert api.calls.calls().requests == {"ListObjectsV2": 3}


def test_more_folders_than_a_page_holds_are_all_found() -> None:
    files = {f"p/{number:04d}/x": b"" for number in range(2100)}
    bucket = Bucket("dest", REGION, datetime(2024, 1, 1, tzinfo=UTC), objects=FileList(files))
    with Simulator(make_account(ACCOUNT, [bucket])) as running:
        found = InventoryFilesApi(Clients(running.url)).list_folders("dest", "p/", REGION)
    assert found == [f"p/{number:04d}/" for number in range(2100)]


def test_folders_behind_pages_of_files_alone_are_found() -> None:
    files = {f"{number:04d}": b"" for number in range(1100)} | {"p/x": b"", "q/x": b""}
    bucket = Bucket("dest", REGION, datetime(2024, 1, 1, tzinfo=UTC), objects=FileList(files))
    with Simulator(make_account(ACCOUNT, [bucket])) as running:
        assert InventoryFilesApi(Clients(running.url)).list_folders("dest", "", REGION) == ["p/", "q/"]


def test_lists_of_folders_with_repeated_pages_end() -> None:
    answer = object_list("2026-11-21T03:04:05.000Z", token="t")
    with (
        server(lambda operation, asked: (200, answer)) as url,
        pytest.raises(AwsError, match="the pages repeat"),
    ):
        InventoryFilesApi(Clients(url)).list_folders("dest", "", REGION)


def download(simulator: Simulator, into: Path, *, size: int = len(CONTENT), md5: str = MD5) -> dict[str, int]:
    api = InventoryFilesApi(Clients(simulator.url))
    api.download("dest", "p/logs/daily/data/a.parquet", size, md5, REGION, into)
    return api.calls.calls().requests


def test_a_file_is_downloaded_unchanged(simulator: Simulator, tmp_path: Path) -> None:
    assert download(simulator, tmp_path / "file") == {"GetObject": 1}
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("action", ["cut", "reset", "malformed"])
def test_a_truncated_download_is_retried(simulator: Simulator, tmp_path: Path, action: str) -> None:
    simulator.faults.add(Fault(action, operation="GetObject", first=2))  # type: ignore[arg-type]
    counted = download(simulator, tmp_path / "file")
    assert counted["GetObject"] == 3
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"md5": "0" * 32}, "its MD5 is not the MD5 in its manifest"),
        ({"size": 5}, "its size is not the 5 bytes in its manifest"),
        ({"size": 10**9}, "its size is not the 1,000,000,000 bytes in its manifest"),
    ],
)
def test_a_file_that_differs_from_its_manifest_is_deleted(
    simulator: Simulator, tmp_path: Path, fields: dict[str, object], why: str
) -> None:
    with pytest.raises(AwsError, match=why) as failure:
        download(simulator, tmp_path / "file", **fields)  # type: ignore[arg-type]
    assert failure.value.kind == "broken"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "kind"), [("deny", "denied"), ("cut", "unreachable"), ("throttle", "throttled"), ("error", "broken")]
)
def test_a_file_that_cannot_be_downloaded_is_an_error_with_the_reason(
    simulator: Simulator, tmp_path: Path, fault: str, kind: str
) -> None:
    simulator.faults.add(Fault(fault, operation="GetObject"))  # type: ignore[arg-type]
    with pytest.raises(AwsError) as failure:
        download(simulator, tmp_path / "file")
    assert failure.value.kind == kind
    assert list(tmp_path.iterdir()) == []


def small(simulator: Simulator, key: str, largest: int) -> bytes:
    return InventoryFilesApi(Clients(simulator.url)).read_small_object("dest", key, REGION, largest)


def test_a_small_object_is_read_unless_it_is_large(simulator: Simulator) -> None:
    assert small(simulator, "p/logs/daily/2026-11-20T01-00Z/manifest.json", 2) == b"{}"
    with pytest.raises(AwsError, match="more than 1,000 bytes"):
        small(simulator, "p/logs/daily/data/a.parquet", 1000)


def test_an_object_that_does_not_exist_is_missing(simulator: Simulator) -> None:
    with pytest.raises(AwsError) as failure:
        small(simulator, "p/nothing", 1000)
    assert failure.value.kind == "missing"


@pytest.mark.parametrize(
    ("headers", "verified"),
    [
        ({"ETag": f'"{MD5}"'}, True),
        ({"ETag": f'"{MD5}"', "ServerSideEncryption": "AES256"}, True),
        ({"ETag": f'"{MD5}-3"'}, False),
        ({"ETag": f'"{MD5}"', "ServerSideEncryption": "aws:kms"}, False),
        ({"ETag": f'"{MD5}"', "SSECustomerAlgorithm": "AES256"}, False),
        ({}, False),
    ],
)
def test_an_etag_is_an_md5_only_without_keys_and_parts(headers: dict[str, str], verified: bool) -> None:
    assert _md5_of(headers) == (MD5 if verified else "")


def test_without_an_md5_in_a_manifest_that_of_the_etag_is_verified(simulator: Simulator, tmp_path: Path) -> None:
    api = InventoryFilesApi(Clients(simulator.url))
    assert api.download("dest", "p/logs/daily/data/a.parquet", len(CONTENT), "", REGION, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
