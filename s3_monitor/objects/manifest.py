"""The manifest of an S3 Inventory report, which is verified against its checksum and names the data files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar, cast, get_args

import msgspec

from s3_monitor.model.bounds import MAX_TIME

T = TypeVar("T")

Format = Literal["CSV", "ORC", "Parquet"]
VERSION = "2016-11-30"
LATEST = MAX_TIME - 7 * 86_400  # rows may be some days newer, and parts store times up to MAX_TIME
LARGEST = 64 << 20  # bytes of a manifest.json, which has about 200 per data file of about a million objects
# AWS: the folder of a report is named by the time when its generation began. Other folders are data and hive.
_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}Z")
_MD5 = re.compile(r"[0-9a-f]{32}")
# AWS: a Parquet schema is a message with columns `optional int64 size;`, an ORC schema is `struct<bucket:string,…>`.
_PARQUET_COLUMN = re.compile(r"(?:optional|required)\s+\w+(?:\(\d+\))?\s+(\w+)[^;]*;")
_ORC_COLUMN = re.compile(r"(\w+)\s*:")

# AWS: an inventory of all versions has all of these columns, others have none.
_VERSION_COLUMNS = ("versionid", "islatest", "isdeletemarker")


class InvalidReportError(Exception):
    """A report cannot be used."""

    def __init__(
        self, what: str, advice: str = "wait for the next report; if that fails too, recreate the inventory"
    ) -> None:
        super().__init__(what)
        self.advice = advice
        self.file: int | None = None
        """The index of the data file at fault among those that were read. None: unknown."""

    def in_file(self, names: Sequence[str]) -> InvalidReportError:
        """Return the error with the name of the data file at fault, if it is known."""
        index = 0 if len(names) == 1 else self.file
        if index is None:
            return self
        return InvalidReportError(f"{names[index].rpartition('/')[2]}: {self}", self.advice)


@contextmanager
def file_at_fault(index: int) -> Iterator[None]:
    """Add the index of a data file to the InvalidReportErrors about it."""
    try:
        yield
    except InvalidReportError as error:
        error.file = index
        raise


def read_files(files: Sequence[Path], read: Callable[[Sequence[Path]], T]) -> T:
    """Return the result of ``read`` for data files.

    If it raises an InvalidReportError without the file at fault, each file is read alone to find it.
    """
    try:
        return read(files)
    except InvalidReportError as error:
        for index, file in enumerate(files if error.file is None and len(files) > 1 else ()):
            with file_at_fault(index):
                read([file])
        raise


class DataFile(msgspec.Struct, frozen=True, rename={"md5": "MD5checksum"}):
    """A data file of a report."""

    key: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    """Bytes of the object in S3."""
    md5: str
    """In hexadecimal."""


class Manifest(msgspec.Struct, frozen=True):
    """The content of a manifest."""

    bucket: str
    at: int
    """When the report was created, seconds since 1970 UTC."""
    format: Format
    columns: tuple[str, ...]
    """Normalized names (see ``normalize_column``), in order."""
    files: tuple[DataFile, ...]

    @property
    def size(self) -> int:
        """The bytes of all data files."""
        return sum(file.size for file in self.files)

    @property
    def date(self) -> str:
        """The UTC day on which the report was created."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d")


class _ManifestJson(msgspec.Struct, rename="camel"):
    """The fields of manifest.json."""

    source_bucket: str
    destination_bucket: str
    version: str
    creation_timestamp: str | int
    file_format: str
    file_schema: str
    files: list[DataFile]


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_MANIFEST_JSON = msgspec.json.Decoder(_ManifestJson)


def report_folders(prefixes: Iterable[str]) -> list[str]:
    """Return the folders of reports among ``prefixes``, the newest first."""
    dated = [prefix for prefix in prefixes if _FOLDER.fullmatch(prefix.rstrip("/").rpartition("/")[2])]
    return sorted(dated, key=lambda prefix: prefix.rstrip("/").rpartition("/")[2], reverse=True)


def read_manifest(content: bytes, checksum: bytes, bucket: str, latest: int = LATEST) -> Manifest:
    """Verify and decode a manifest.json. Raises InvalidReportError.

    ``bucket``: the bucket that the inventory must describe. ``latest``: the latest permitted creation time, in seconds
    since 1970 UTC. AWS: the checksum is the MD5 of manifest.json in hexadecimal.
    """
    if checksum.decode("ascii", "replace").strip().strip('"').lower() != md5_hex(content):
        raise InvalidReportError("manifest.checksum does not match manifest.json")
    try:
        manifest = _MANIFEST_JSON.decode(content)
    except msgspec.DecodeError as error:
        raise InvalidReportError(f"manifest.json does not have AWS's form: {error}") from error
    if manifest.version != VERSION:
        raise InvalidReportError(f"the version of manifest.json must be {VERSION}, got {manifest.version[:40]!r}")
    if manifest.source_bucket != bucket:
        raise InvalidReportError(
            f"the inventory is of another bucket: {manifest.source_bucket[:80]!r}",
            "correct the location of the inventory",
        )
    if len({file.key for file in manifest.files}) < len(manifest.files):
        raise InvalidReportError("manifest.json lists a file twice")
    format_ = _format(manifest.file_format)
    return Manifest(
        bucket=bucket,
        at=_seconds(manifest.creation_timestamp, min(latest, LATEST)),
        format=format_,
        columns=parse_schema(format_, manifest.file_schema),
        files=tuple(_checked(file) for file in manifest.files),
    )


def parse_schema(format_: Format, schema: str) -> tuple[str, ...]:
    """Return the columns of a fileSchema in order. Raises InvalidReportError if a required column is missing."""
    if format_ == "CSV":
        names = schema.split(",")
    elif format_ == "Parquet":
        names = _PARQUET_COLUMN.findall(schema)
    else:
        names = _ORC_COLUMN.findall(schema.partition("<")[2])
    columns = tuple(normalize_column(name) for name in names)
    if missing := {"bucket", "key"} - {*columns}:
        raise InvalidReportError(f"its fileSchema has no column {min(missing)}")
    present = {*_VERSION_COLUMNS} & {*columns}
    if present and (missing := {"islatest", "isdeletemarker"} - present):
        raise InvalidReportError(f"its fileSchema has the column {min(present)} but not {min(missing)}")
    if len({*columns}) < len(columns):
        raise InvalidReportError("its fileSchema has a column twice")
    return columns


def normalize_column(name: str) -> str:
    """Return a name for all formats: lastmodifieddate for LastModifiedDate (CSV) and last_modified_date (others)."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def md5_hex(content: bytes) -> str:
    """Return the MD5 in hexadecimal, which AWS uses to detect accidental damage."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _format(name: str) -> Format:
    for format_ in get_args(Format):
        if name.lower() == format_.lower():
            return cast(Format, format_)
    raise InvalidReportError(f"its file format must be CSV, ORC or Parquet, got {name[:40]!r}")


def _seconds(moment: str | int, latest: int) -> int:
    """Convert a creationTimestamp. AWS: milliseconds since 1970 UTC, as text."""
    text = str(moment)
    if not text.isascii() or not text.isdigit() or len(text) > 15 or not 0 < int(text) // 1000 <= latest:
        end = datetime.fromtimestamp(latest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise InvalidReportError(f"its creationTimestamp must be milliseconds from 1970 to {end}, got {text[:40]!r}")
    return int(text) // 1000


def _checked(file: DataFile) -> DataFile:
    """Verify a file entry. No format has files of 0 bytes, since a file without rows has a header."""
    if not file.size:
        raise InvalidReportError(f"{file.key[:200]}: its size must be 1 byte or more, got 0")
    if not _MD5.fullmatch(file.md5.lower()):
        raise InvalidReportError(
            f"{file.key[:200]}: its MD5checksum must be 32 hexadecimal digits, got {file.md5[:40]!r}"
        )
    return msgspec.structs.replace(file, md5=file.md5.lower())
