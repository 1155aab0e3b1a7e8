"""S3: the files of inventories, fetched and proved by their checksums. Nothing is listed but folders of reports."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from s3_monitor.aws.api_calls import Clients, Count, api_call, checked_token, instrumented_client
from s3_monitor.model.errors import DAMAGED, AwsError

T = TypeVar("T")
_PIECE = 1 << 20
# botocore retries requests, not bodies that break off on the way.
_ATTEMPTS = 4


def folders(clients: Clients, bucket: str, prefix: str, region: str, count: Count) -> list[str]:
    """The prefixes one "/" further down, each with its "/" at the end. AwsFailure.

    AWS: ListObjectsV2 with a delimiter, whatever lies in the folders; the permission is s3:ListBucket.
    """
    client = instrumented_client(clients, "s3", region)
    question: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
    found: list[str] = []
    while True:
        with api_call("ListObjectsV2", count):
            answer = client.list_objects_v2(**question)
            if "Page" in answer:  # keys alone, read as such by ``wire``
                token = next(iter(answer["Page"].token), None)
            else:
                found += [item["Prefix"] for item in answer.get("CommonPrefixes", [])]
                token = answer["NextContinuationToken"] if answer.get("IsTruncated") else None
            more = checked_token("ListObjectsV2", question, "ContinuationToken", token)
        if not more:
            return found


def small_object(clients: Clients, bucket: str, key: str, region: str, largest: int, count: Count) -> bytes:
    """A whole object of at most ``largest`` bytes. AwsFailure: of kind ``missing`` where there is none."""

    def read() -> bytes:
        content = bytearray()
        for piece in _pieces(clients, bucket, key, region, count):
            content += piece
            if len(content) > largest:
                what = f"{key}: more than {largest:,} bytes, which is more than it can be"
                raise AwsError("refused", "GetObject", what)
        return bytes(content)

    return _again(read)


def download(
    clients: Clients, bucket: str, key: str, size: int, md5: str, region: str, into: Path, count: Count
) -> None:
    """An object as a file, once its size in bytes and MD5 are as they should be. AwsFailure.

    Never more than ``size`` bytes are written; a file that cannot be had whole is not left behind.
    """

    def fetch() -> None:
        try:
            with into.open("wb") as file:
                _write(file, _pieces(clients, bucket, key, region, count), key, size, md5)
        except BaseException:
            into.unlink(missing_ok=True)
            raise

    _again(fetch)


def _write(file: IO[bytes], pieces: Iterator[bytes], key: str, size: int, md5: str) -> None:
    digest = hashlib.md5(usedforsecurity=False)  # AWS's choice
    written = 0
    for piece in pieces:
        written += len(piece)
        if written > size:
            break
        digest.update(piece)
        file.write(piece)
    if written != size:
        raise _damaged(f"{key}: not the {size:,} bytes that its manifest says")
    if digest.hexdigest() != md5:
        raise _damaged(f"{key}: its MD5 is not the one that its manifest says")


def _damaged(what: str) -> AwsError:
    advice = "the file was changed or damaged: wait for the next report"
    return AwsError("broken", "GetObject", what, code=DAMAGED, advice=advice)


def _pieces(clients: Clients, bucket: str, key: str, region: str, count: Count) -> Iterator[bytes]:
    client = instrumented_client(clients, "s3", region)
    with api_call("GetObject", count):
        body = client.get_object(Bucket=bucket, Key=key)["Body"]
        yield from body.iter_chunks(_PIECE)


def _again(fetch: Callable[[], T]) -> T:
    """Once more where the way was at fault."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return fetch()
        except AwsError as failure:
            if failure.kind not in ("unreachable", "broken") or attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")
