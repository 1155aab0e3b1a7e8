"""The manifests of billing exports: Data Exports (CUR 2.0, FOCUS) and the legacy Cost and Usage Report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from s3_monitor.exports.delivery import Delivery, Format, StoredKey, without_duplicates
from s3_monitor.model.bill import first_of_month
from s3_monitor.model.exports import BillingKind
from s3_monitor.objects.manifest import DataFile, InvalidReportError

LARGEST = 64 << 20  # bytes of a manifest
_MANIFEST = re.compile(r"(?:[^/]*-)?Manifest\.json")
_PERIOD = re.compile(r"\d{8}-\d{8}")


class _DataExport(msgspec.Struct, rename="camel"):
    """The used fields of a manifest of Data Exports."""

    data_files: list[str]
    execution_id: str = ""
    columns: list[Any] = []


class _Report(msgspec.Struct, rename="camel"):
    """The used fields of a manifest of the legacy report."""

    report_keys: list[str]
    assembly_id: str = ""
    columns: list[Any] = []


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_DATA_EXPORT, _REPORT = msgspec.json.Decoder(_DataExport), msgspec.json.Decoder(_Report)


def is_root(kind: BillingKind, prefix: str, folders: Iterable[str]) -> bool:
    """Return whether a prefix with these folders is that of an export of this kind.

    AWS: the legacy report has a folder for each month; with the integration of Athena, a folder of its own name.
    """
    names = {folder.rstrip("/").rpartition("/")[2] for folder in folders}
    if kind == "cur":
        own = prefix.rstrip("/").rpartition("/")[2]
        return own in names or any(map(_PERIOD.fullmatch, names))
    return "metadata" in names


def manifest_folders(kind: BillingKind, root: str, month: date) -> list[str]:
    """Return the prefixes that may contain the manifests of a month. ``root``: the prefix of the export, with its "/".

    AWS: the end of a period in the legacy report is the first day of the next month.
    """
    if kind != "cur":
        return [f"{root}metadata/BILLING_PERIOD={month:%Y-%m}/"]
    after = first_of_month(month + timedelta(days=31))
    name = root.rstrip("/").rpartition("/")[2]
    partition = f"year={month.year}/month={month.month}/"
    return [f"{root}{month:%Y%m%d}-{after:%Y%m%d}/", f"{root}{name}/{partition}", f"{root}{partition}"]


def manifests(kind: BillingKind, folder: str, keys: Iterable[StoredKey]) -> list[StoredKey]:
    """Return the manifests among the keys below a folder, the newest first.

    AWS: the manifest in the folder itself is that of the newest delivery; each delivery that keeps the previous ones
    has a copy in its own folder, which Data Exports names by the time of the delivery.
    """
    found = [key for key in keys if _MANIFEST.fullmatch(key.key.rpartition("/")[2])]

    def order(key: StoredKey) -> tuple[bool, str, str]:
        name, is_newest = key.key.removeprefix(folder), "/" not in key.key.removeprefix(folder)
        return is_newest, key.time if kind == "cur" or is_newest else name, name

    return sorted(found, key=order, reverse=True)


def read_manifest(kind: BillingKind, content: bytes) -> Delivery:
    """Decode a manifest. Raises InvalidReportError."""
    try:
        if kind == "cur":
            report = _REPORT.decode(content)
            keys, id_, columns = report.report_keys, report.assembly_id, report.columns
        else:
            export = _DATA_EXPORT.decode(content)
            keys, id_, columns = [_key(url) for url in export.data_files], export.execution_id, export.columns
    except msgspec.DecodeError as error:
        raise InvalidReportError(f"its manifest does not have AWS's form: {error}") from error
    keys = list(without_duplicates(keys, "reportKeys" if kind == "cur" else "dataFiles"))
    return Delivery(id_, _format(keys), tuple(DataFile(key, -1, "") for key in keys), _column_names(columns))


def _key(url: str) -> str:
    """Return the key of a URL s3://BUCKET/KEY. The bucket may have been replaced when the export was copied."""
    if not url.startswith("s3://"):
        return url
    return url.removeprefix("s3://").partition("/")[2]


def _format(keys: Iterable[str]) -> Format:
    formats = {_format_of(key) for key in keys}
    if len(formats) > 1:
        raise InvalidReportError("its manifest must name files of one format, got CSV and Parquet")
    return formats.pop()


def _format_of(key: str) -> Format:
    if key.endswith(".parquet"):
        return "Parquet"
    if key.endswith((".csv.gz", ".csv", ".zip")):
        return "CSV"
    raise InvalidReportError(
        f"a data file must be .csv.gz, .csv, .zip or .parquet, got {key.rpartition('/')[2][:200]!r}",
        "have the export delivered as GZIP-compressed CSV or as Parquet",
    )


def _column_names(columns: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of the columns. AWS: the legacy report has a category and a name for each."""
    names = []
    for column in columns:
        if isinstance(column, str):
            names.append(column)
        elif isinstance(column, dict) and isinstance(column.get("name"), str):
            names.append("/".join(filter(None, (str(column.get("category", "")), column["name"]))))
        else:
            return ()
    return tuple(names)
