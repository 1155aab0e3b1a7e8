"""One delivery of an export: the data files that its manifest names, compared with those in the bucket."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from s3_monitor.objects.manifest import DataFile, InvalidReportError

Format = Literal["CSV", "Parquet"]
_WAIT = "wait for the next delivery"


class StoredKey(NamedTuple):
    """An object in the bucket of an export."""

    key: str
    size: int
    """Bytes."""
    time: str
    """Last-modified time as S3 writes it: text order is time order."""


class Delivery(NamedTuple):
    """The content of a manifest."""

    id: str
    """Execution, assembly or date, unique among the deliveries of an export."""
    format: Format
    files: tuple[DataFile, ...]
    """Size -1: not in the manifest. MD5 empty: not in the manifest."""
    columns: tuple[str, ...] = ()
    """Names of the columns in order, as far as the manifest has them."""
    account: str = ""
    """The account of the configuration; empty: unknown."""

    @property
    def folder(self) -> str:
        """Return the longest prefix of all keys that ends with a slash, or is empty."""
        keys = [file.key for file in self.files]
        common = posixpath.commonprefix([min(keys), max(keys)])
        return common[: common.rfind("/") + 1]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)

    def origin(self, bucket: str) -> str:
        """Return the location, format and number of files, for users."""
        files = "1 file" if len(self.files) == 1 else f"{len(self.files):,} files"
        return f"s3://{bucket}/{self.folder} ({self.format}, {files}, {self.size:,} B)"

    def with_sizes(self, sizes: Mapping[str, int]) -> Delivery:
        """Return the delivery with the sizes of its files. Raises InvalidReportError if one is missing or has another.

        ``sizes``: bytes of the objects in the bucket, by key. A manifest is delivered after its files, so a file that
        is missing was removed, or the delivery was copied partially.
        """
        missing = [file.key for file in self.files if file.key not in sizes]
        if missing:
            count = f"{len(missing):,} of {len(self.files):,}"
            raise InvalidReportError(f"half delivered: {count} files are missing: {file_name(missing[0])}", _WAIT)
        for file in self.files:
            if file.size not in (-1, sizes[file.key]):
                what = f"{file_name(file.key)} must have {file.size:,} bytes, got {sizes[file.key]:,}"
                raise InvalidReportError(what, _WAIT)
        return self._replace(files=tuple(DataFile(file.key, sizes[file.key], file.md5) for file in self.files))


def without_duplicates(keys: Iterable[str], what: str) -> tuple[str, ...]:
    """Return the keys. Raises InvalidReportError if there are none, or a key occurs twice: its rows would count twice.

    ``what``: the name of their list in the manifest.
    """
    found = tuple(keys)
    if not found:
        raise InvalidReportError(f"its manifest must name a file in {what}, got none", _WAIT)
    if len({*found}) < len(found):
        raise InvalidReportError(f"its manifest names a file twice in {what}", _WAIT)
    return found


def file_name(key: str) -> str:
    """Return the end of a key, for messages."""
    return key.rpartition("/")[2][:200]
