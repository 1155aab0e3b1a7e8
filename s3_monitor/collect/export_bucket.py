"""A bucket with exports or inventories: its folders, keys, manifests and data files, read in a worker thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from s3_monitor.collect.account import Account
from s3_monitor.exports.delivery import Delivery, StoredKey
from s3_monitor.model.errors import DAMAGED, AwsError
from s3_monitor.model.responses import ListKeysRequest
from s3_monitor.objects.manifest import DataFile, InvalidReportError


class MissingFileError(InvalidReportError):
    """A file does not exist."""


class ExportBucket:
    """A bucket and the account that reads it. All methods raise AwsError, and InvalidReportError for unusable files."""

    def __init__(self, account: Account, name: str, region: str) -> None:
        """``region``: of the bucket; empty: that of the credentials, from which requests are redirected."""
        self._account, self.name, self._region = account, name, region
        self.unverified: set[Path] = set()
        """Downloaded files without a known MD5."""

    def folders(self, prefix: str) -> list[str]:
        """Return the prefixes one "/" below a prefix, each with its "/" at the end."""
        return self._account.list_folders(self.name, prefix, self._region)

    def keys(self, prefix: str) -> Iterator[StoredKey]:
        """Yield the objects below a prefix."""
        request: ListKeysRequest | None = ListKeysRequest(prefix)
        while request is not None:
            page = self._account.keys_page(self.name, self._region, request)
            yield from map(StoredKey, page.keys, page.sizes, page.times)
            request = request._replace(token=page.token) if page.token else None

    def stored(self, delivery: Delivery) -> Delivery:
        """Return the delivery with the sizes of its files, which must all be in the bucket."""
        return delivery.with_sizes({stored.key: stored.size for stored in self.keys(delivery.folder)})

    def read(self, key: str, max_bytes: int) -> bytes:
        """Return a small object."""
        with _faults_of_files():
            return self._account.read_small_object(self.name, key, self._region, max_bytes)

    def download(self, file: DataFile, path: Path) -> None:
        """Write a data file to a path. Its size, and its MD5 if it is known, are verified. Any thread may call it."""
        with _faults_of_files():
            if not self._account.download(self.name, file.key, file.size, file.md5, self._region, path):
                self.unverified.add(path)


@contextmanager
def _faults_of_files() -> Iterator[None]:
    """Raise InvalidReportError for a missing or damaged file. Other errors are those of the request."""
    try:
        yield
    except AwsError as error:
        if error.operation == "GetObject" and error.kind == "missing":
            raise MissingFileError(str(error), error.advice) from error
        if error.operation == "GetObject" and error.code == DAMAGED:
            raise InvalidReportError(str(error), error.advice) from error
        raise
