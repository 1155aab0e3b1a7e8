"""A report of S3 Inventory by its manifest: checked against its checksum, never by what lies in the data folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, cast, get_args

import msgspec

from s3_monitor.model.bounds import MAX_TIME

Format = Literal["CSV", "ORC", "Parquet"]
VERSION = "2016-11-30"
LATEST = MAX_TIME - 7 * 86_400  # rows may be dated some days later, and fit into a part as well
LARGEST = 64 << 20  # bytes of a manifest.json: a file's entry is some 200, and a file holds some million objects
# AWS: a report's folder is named by the time its making began. Folders beside it: data and hive.
_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}Z")
_MD5 = re.compile(r"[0-9a-f]{32}")
# AWS: a Parquet schema is a message, `optional int64 size;` a column; an ORC schema `struct<bucket:string,…>`.
_PARQUET_COLUMN = re.compile(r"(?:optional|required)\s+\w+(?:\(\d+\))?\s+(\w+)[^;]*;")
_ORC_COLUMN = re.compile(r"(\w+)\s*:")


# AWS: all of them where it is of all versions, else none. Without one it cannot be told what is current.
_OF_VERSIONS = ("versionid", "islatest", "isdeletemarker")


class InvalidReportError(Exception):
    """A report that cannot be used, and what can be done about it. ``file``: the data file at fault, by its place
    among those that were read; ``None``: not known."""

    def __init__(
        self, what: str, advice: str = "the next report may be whole; if not, set the inventory up anew"
    ) -> None:
        super().__init__(what)
        self.advice = advice
        self.file: int | None = None

    def in_file(self, names: Sequence[str]) -> InvalidReportError:
        """The same with the name of the data file at fault, where that is known."""
        number = 0 if len(names) == 1 else self.file
        if number is None:
            return self
        return InvalidReportError(f"{names[number].rpartition('/')[2]}: {self}", self.advice)


class DataFile(msgspec.Struct, frozen=True, rename={"md5": "MD5checksum"}):
    """One file of a report: ``size`` in bytes as it lies in S3, ``md5`` in hexadecimal."""

    key: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    md5: str


class Manifest(msgspec.Struct, frozen=True):
    """What a report holds. ``at``: when it was made, seconds since 1970 UTC. ``destination``: the bucket it is in.
    ``columns``: the names of its columns as ``column`` makes them, in order."""

    bucket: str
    destination: str
    at: int
    format: Format
    columns: tuple[str, ...]
    files: tuple[DataFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def date(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d")


class _Written(msgspec.Struct, rename="camel"):
    """manifest.json, as AWS writes it."""

    source_bucket: str
    destination_bucket: str
    version: str
    creation_timestamp: str | int
    file_format: str
    file_schema: str
    files: list[DataFile]


# Made here, not where it is used: msgspec prepares a type on its first use, and two threads at once may crash it.
_WRITTEN = msgspec.json.Decoder(_Written)


def report_folders(prefixes: Iterable[str]) -> list[str]:
    """Of the folders below a configuration's, those of reports. Their names sort as their dates do."""
    dated = [prefix for prefix in prefixes if _FOLDER.fullmatch(prefix.rstrip("/").rpartition("/")[2])]
    return sorted(dated, key=lambda prefix: prefix.rstrip("/").rpartition("/")[2], reverse=True)


def read_manifest(content: bytes, checksum: bytes, bucket: str, latest: int = LATEST) -> Manifest:
    """A manifest.json that its manifest.checksum vouches for, and that is of ``bucket``. BadReport, also where it was
    created after ``latest``, in seconds since 1970 UTC.

    AWS: the checksum is the MD5 of manifest.json in hexadecimal.
    """
    said = checksum.decode("ascii", "replace").strip().strip('"').lower()
    if said != md5_hex(content):
        raise InvalidReportError("manifest.checksum is not that of manifest.json")
    try:
        written = _WRITTEN.decode(content)
    except msgspec.DecodeError as error:
        raise InvalidReportError(f"manifest.json is not as AWS writes it: {error}") from error
    if written.version != VERSION:
        raise InvalidReportError(
            f"manifest.json is of version {written.version[:40]!r}", f"this program knows {VERSION}"
        )
    if written.source_bucket != bucket:
        raise InvalidReportError(
            f"the inventory is of another bucket: {written.source_bucket[:80]!r}", "name its own place"
        )
    if len({file.key for file in written.files}) < len(written.files):
        raise InvalidReportError("manifest.json names a file twice")
    format_ = _format(written.file_format)
    return Manifest(
        bucket=bucket,
        destination=written.destination_bucket.rpartition(":")[2],
        at=_seconds(written.creation_timestamp, min(latest, LATEST)),
        format=format_,
        columns=parse_schema(format_, written.file_schema),
        files=tuple(_checked(file) for file in written.files),
    )


def parse_schema(format_: Format, schema: str) -> tuple[str, ...]:
    """The columns of a fileSchema in order. BadReport where one that every inventory has is missing."""
    if format_ == "CSV":
        names = schema.split(",")
    elif format_ == "Parquet":
        names = _PARQUET_COLUMN.findall(schema)
    else:
        names = _ORC_COLUMN.findall(schema.partition("<")[2])
    found = tuple(normalize_column(name) for name in names)
    if missing := {"bucket", "key"} - set(found):
        raise InvalidReportError(f"its fileSchema has no column {min(missing)}")
    if (told := set(_OF_VERSIONS) & set(found)) and (missing := {"islatest", "isdeletemarker"} - told):
        raise InvalidReportError(f"its fileSchema has the column {min(told)} and not {min(missing)}")
    if len(set(found)) < len(found):
        raise InvalidReportError("its fileSchema names a column twice")
    return found


def normalize_column(name: str) -> str:
    """One name for what AWS calls LastModifiedDate in CSV and last_modified_date elsewhere: lastmodifieddate."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def md5_hex(content: bytes) -> str:
    """As hexadecimal digits. AWS's choice of checksum, against accidents rather than attackers."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _format(name: str) -> Format:
    for known in get_args(Format):
        if name.lower() == known.lower():
            return cast(Format, known)
    raise InvalidReportError(f"its files are in the format {name[:40]!r}", "CSV, ORC and Parquet can be read")


def _seconds(moment: str | int, latest: int) -> int:
    """AWS: milliseconds since 1970 UTC, as text."""
    text = str(moment)
    if not text.isascii() or not text.isdigit() or len(text) > 15 or not 0 < int(text) // 1000 <= latest:
        end = datetime.fromtimestamp(latest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise InvalidReportError(f"its creationTimestamp must be milliseconds from 1970 to {end}, got {text[:40]!r}")
    return int(text) // 1000


def _checked(file: DataFile) -> DataFile:
    """No format has files of 0 bytes: one without rows has a header, or gzip's."""
    if not file.size:
        raise InvalidReportError(f"{file.key[:200]}: its size must be 1 byte or more, got 0")
    if not _MD5.fullmatch(file.md5.lower()):
        raise InvalidReportError(f"{file.key[:200]}: its MD5checksum is {file.md5[:40]!r}")
    return msgspec.structs.replace(file, md5=file.md5.lower())
