"""S3: the files of inventories, downloaded and verified by their checksums."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.errors import DAMAGED, AwsError

P = ParamSpec("P")
T = TypeVar("T")
_CHUNK = 1 << 20
# botocore retries requests, but not bodies that end early.
_ATTEMPTS = 4
_MD5 = re.compile(r"[0-9a-f]{32}")


def _retried(fetch: Callable[P, T]) -> Callable[P, T]:
    """Call a function again after an error of the connection or the server."""

    @wraps(fetch)
    def retried(*arguments: P.args, **named: P.kwargs) -> T:
        for _ in range(_ATTEMPTS - 1):
            try:
                return fetch(*arguments, **named)
            except AwsError as failure:
                if failure.kind not in ("unreachable", "broken"):
                    raise
        return fetch(*arguments, **named)

    return retried


class InventoryFilesApi(AwsApi):
    """The operations of S3 that find and download the files of an inventory."""

    def list_folders(self, bucket: str, prefix: str, region: str) -> list[str]:
        """Return the prefixes one "/" below a prefix, each with its "/" at the end.

        AWS: ListObjectsV2 with a delimiter; the permission is s3:ListBucket.
        """
        client = self.client("s3", region)
        request = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
        fields = "NextContinuationToken", "ContinuationToken"
        return list(chain.from_iterable(self.pages(client, "ListObjectsV2", request, _folders, *fields)))

    @_retried
    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> bytes:
        """Return an object of at most ``max_bytes``. Raises AwsError, of kind ``missing`` if there is none."""
        content = bytearray()
        for chunk in self._chunks(bucket, key, region):
            content += chunk
            if len(content) > max_bytes:
                what = f"{key}: more than {max_bytes:,} bytes, which is more than it can be"
                raise AwsError("refused", "GetObject", what)
        return bytes(content)

    @_retried
    def download(self, bucket: str, key: str, size: int, md5: str, region: str, path: Path) -> bool:
        """Write an object to a file. Raises AwsError if its size in bytes or MD5 differ from the given ones.

        ``md5``: empty: that of the ETag, if it is one. At most ``size`` bytes are written. The file of an incomplete
        object is removed. Returns whether the MD5 was verified.
        """
        headers: dict[str, Any] = {}
        try:
            with path.open("wb") as file:
                found = _write(file, self._chunks(bucket, key, region, headers), key, size)
            expected = md5 or _md5_of(headers)
            if expected and found != expected:
                raise _damaged(f"{key}: its MD5 is not the MD5 in its {'manifest' if md5 else 'ETag'}")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return bool(expected)

    def _chunks(self, bucket: str, key: str, region: str, headers: dict[str, Any] | None = None) -> Iterator[bytes]:
        """Yield the content. ``headers``: filled from the response."""
        client = self.client("s3", region)
        with self.call("GetObject"):
            response = client.get_object(Bucket=bucket, Key=key)
            if headers is not None:
                headers.update(response)
            yield from response["Body"].iter_chunks(_CHUNK)


def _folders(response: dict[str, Any]) -> list[str]:
    return [item["Prefix"] for item in response.get("CommonPrefixes", [])]


def _md5_of(headers: dict[str, Any]) -> str:
    """Return the MD5 in the ETag; empty: none. AWS: neither with KMS or customer keys, nor after a multipart upload."""
    etag = str(headers.get("ETag", "")).strip('"').lower()
    is_md5 = headers.get("ServerSideEncryption") in (None, "AES256") and not headers.get("SSECustomerAlgorithm")
    return etag if is_md5 and _MD5.fullmatch(etag) else ""


def _write(file: IO[bytes], chunks: Iterator[bytes], key: str, size: int) -> str:
    """Write the chunks and return their MD5. Raises AwsError if there are more or fewer bytes than ``size``."""
    digest = hashlib.md5(usedforsecurity=False)  # AWS: the checksum in manifests
    written = 0
    for chunk in chunks:
        written += len(chunk)
        if written > size:
            break
        digest.update(chunk)
        file.write(chunk)
    if written != size:
        raise _damaged(f"{key}: its size is not the {size:,} bytes in its manifest")
    return digest.hexdigest()


def _damaged(what: str) -> AwsError:
    advice = "the file was changed or damaged: wait for the next report"
    return AwsError("broken", "GetObject", what, code=DAMAGED, advice=advice)
