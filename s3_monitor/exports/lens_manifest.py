"""The manifests of Storage Lens exports: where they are, and what they contain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

import msgspec

from s3_monitor.exports.delivery import Delivery, without_duplicates
from s3_monitor.objects.manifest import DataFile, InvalidReportError

LARGEST = 16 << 20  # bytes of a manifest
VERSION = "V_1"
COLUMNS = (
    "aws_account_number", "aws_region", "storage_class", "record_type", "bucket_name", "metric_name", "metric_value",
)  # fmt: skip
_OWNER = re.compile(r"(?:([0-9]{12})|o-[a-z0-9]{10,32})/")
_DATE = re.compile(r"dt=(\d{4}-\d\d-\d\d)/")
# AWS: `message s3.storage.lens { required string version_number; …}`
_PARQUET_COLUMN = re.compile(r"(?:required|optional)\s+\w+\s+(\w+)")
_WAIT = "wait for the next delivery"


class _Manifest(msgspec.Struct, rename="camel"):
    """The used fields of manifest.json."""

    config_id: str
    report_version: str
    report_date: str
    report_format: str
    report_schema: str
    report_files: list[_File]
    source_account_id: str = ""


class _File(msgspec.Struct):
    """A data file. AWS: the key of the checksum differs from that of an inventory."""

    key: str
    size: int
    md5: str = msgspec.field(name="md5Checksum")


_MANIFEST = msgspec.json.Decoder(_Manifest)  # created at import, since two threads may not prepare a type at once


def owner_folders(folders: Iterable[str], prefix: str, accounts: Collection[str]) -> list[str]:
    """Return the folders below ``prefix`` of organizations and of these accounts, which have only their own buckets."""
    owners = {folder: _OWNER.fullmatch(folder.removeprefix(prefix)) for folder in folders}
    return sorted(folder for folder, owner in owners.items() if owner and (owner[1] is None or owner[1] in accounts))


def newest_days(folders: Iterable[str], prefix: str, last: date) -> list[date]:
    """Return the days of the deliveries below ``prefix`` up to the day ``last``, the newest first."""
    days = []
    for folder in folders:
        if match := _DATE.fullmatch(folder.removeprefix(prefix)):
            try:
                days.append(date.fromisoformat(match[1]))
            except ValueError:
                continue
    return sorted((day for day in days if day <= last), reverse=True)


def read_manifest(content: bytes, config: str, day: date) -> Delivery:
    """Decode the manifest of a configuration, by its id, and a day. Raises InvalidReportError."""
    try:
        manifest = _MANIFEST.decode(content)
        actual = date.fromisoformat(manifest.report_date)
    except (msgspec.DecodeError, ValueError) as error:
        raise InvalidReportError(f"its manifest does not have AWS's form: {error}", _WAIT) from error
    if manifest.config_id != config:
        raise InvalidReportError(
            f"it is an export of configuration {manifest.config_id[:80]!r}", "correct exports.storage_lens"
        )
    if manifest.report_version != VERSION or manifest.report_format not in ("CSV", "Parquet"):
        what = f"{manifest.report_version[:20]} and {manifest.report_format[:20]}"
        raise InvalidReportError(f"its version and format must be {VERSION} and CSV or Parquet, got {what}", _WAIT)
    is_csv = manifest.report_format == "CSV"
    columns = tuple(manifest.report_schema.split(",") if is_csv else _PARQUET_COLUMN.findall(manifest.report_schema))
    columns = tuple(name.strip().lower() for name in columns)
    if missing := [name for name in COLUMNS if name not in columns]:
        raise InvalidReportError(f"it has no column {' and no column '.join(missing)}", _WAIT)
    if actual != day:
        raise InvalidReportError(f"its manifest must be of {day}, got {actual}", _WAIT)
    without_duplicates((file.key for file in manifest.report_files), "reportFiles")
    files = tuple(DataFile(file.key, file.size, file.md5.lower()) for file in manifest.report_files)
    return Delivery(str(day), "CSV" if is_csv else "Parquet", files, columns, manifest.source_account_id)
