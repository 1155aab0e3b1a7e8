"""Inventories as AWS delivers them: data files of all formats and manifests; and their statistics in plain Python."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import msgspec
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

from s3_monitor.model.object_stats import Amount, ObjectStats, Prefix

# AWS's names in CSV, in ORC and Parquet, their type, and whether every inventory has them.
COLUMNS = {
    "Bucket": ("bucket", pa.string(), "required binary bucket (UTF8)"),
    "Key": ("key", pa.string(), "required binary key (UTF8)"),
    "VersionId": ("version_id", pa.string(), "optional binary version_id (UTF8)"),
    "IsLatest": ("is_latest", pa.bool_(), "optional boolean is_latest"),
    "IsDeleteMarker": ("is_delete_marker", pa.bool_(), "optional boolean is_delete_marker"),
    "Size": ("size", pa.int64(), "optional int64 size"),
    "LastModifiedDate": (
        "last_modified_date", pa.timestamp("ms"), "optional int64 last_modified_date (TIMESTAMP_MILLIS)",
    ),
    "ETag": ("e_tag", pa.string(), "optional binary e_tag (UTF8)"),
    "StorageClass": ("storage_class", pa.string(), "optional binary storage_class (UTF8)"),
    "IsMultipartUploaded": ("is_multipart_uploaded", pa.bool_(), "optional boolean is_multipart_uploaded"),
    "ReplicationStatus": ("replication_status", pa.string(), "optional binary replication_status (UTF8)"),
    "EncryptionStatus": ("encryption_status", pa.string(), "optional binary encryption_status (UTF8)"),
    "IntelligentTieringAccessTier": (
        "intelligent_tiering_access_tier", pa.string(), "optional binary intelligent_tiering_access_tier (UTF8)",
    ),
    "BucketKeyStatus": ("bucket_key_status", pa.string(), "optional binary bucket_key_status (UTF8)"),
    "ChecksumAlgorithm": ("checksum_algorithm", pa.string(), "optional binary checksum_algorithm (UTF8)"),
}  # fmt: skip
VERSIONED = ("VersionId", "IsLatest", "IsDeleteMarker")
OPTIONAL = tuple(name for name in COLUMNS if name not in ("Bucket", "Key", *VERSIONED))
USUAL = ("Size", "LastModifiedDate", "StorageClass")
_ORC_TYPES = {pa.string(): "string", pa.bool_(): "boolean", pa.int64(): "bigint", pa.timestamp("ms"): "timestamp"}
_EXTENSIONS = {"CSV": "csv.gz", "ORC": "orc", "Parquet": "parquet"}


class Item(NamedTuple):
    """A version of an object, or a delete marker, whose size is null."""

    key: str
    size: int | None = 0
    modified: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    class_: str | None = "STANDARD"
    latest: bool = True
    marker: bool = False
    encryption: str | None = "SSE-S3"
    tier: str | None = None


def columns(fields: Sequence[str], versions: bool) -> list[str]:
    return ["Bucket", "Key", *(VERSIONED if versions else ()), *(name for name in OPTIONAL if name in fields)]


def schema(format_: str, names: Sequence[str]) -> str:
    """Return a manifest's fileSchema."""
    if format_ == "CSV":
        return ", ".join(names)
    if format_ == "ORC":
        return "struct<" + ",".join(f"{COLUMNS[name][0]}:{_ORC_TYPES[COLUMNS[name][1]]}" for name in names) + ">"
    return "message s3.inventory { " + " ".join(f" {COLUMNS[name][2]};" for name in names) + "}"


def data_file(format_: str, bucket: str, items: Iterable[Item], names: Sequence[str]) -> bytes:
    rows = [_row(bucket, number, item) for number, item in enumerate(items)]
    if format_ == "CSV":
        return gzip.compress("".join(_csv_line(row, names) for row in rows).encode(), 1)
    table = pa.table({COLUMNS[name][0]: pa.array([row[name] for row in rows], COLUMNS[name][1]) for name in names})
    buffer = io.BytesIO()
    if format_ == "ORC":
        pa.orc.write_table(table, buffer)
    else:
        pa.parquet.write_table(table, buffer, compression="snappy")
    return buffer.getvalue()


def _row(bucket: str, number: int, item: Item) -> dict[str, Any]:
    return {
        "Bucket": bucket,
        "Key": item.key,
        "VersionId": f"v{number}",
        "IsLatest": item.latest,
        "IsDeleteMarker": item.marker,
        "Size": item.size,
        "LastModifiedDate": item.modified.replace(tzinfo=None),
        "ETag": None if item.marker else f"{number:032x}",
        "StorageClass": item.class_,
        "IsMultipartUploaded": False,
        "ReplicationStatus": None,
        "EncryptionStatus": item.encryption,
        "IntelligentTieringAccessTier": item.tier,
        "BucketKeyStatus": "DISABLED",
        "ChecksumAlgorithm": None,
    }


def _csv_line(row: dict[str, Any], names: Sequence[str]) -> str:
    """Write CSV with all values quoted, keys URL-encoded with + for a space, and null as an empty value."""
    texts = []
    for name in names:
        value = row[name]
        if name == "Key":
            text = quote_plus(value, safe="/*-._")
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, datetime):
            text = value.isoformat(timespec="milliseconds") + "Z"
        else:
            text = "" if value is None else str(value)
        texts.append(f'"{text}"')
    return ",".join(texts) + "\n"


def report(
    format_: str,
    bucket: str,
    items: Sequence[Item],
    *,
    made: datetime,
    destination: str = "inventories",
    prefix: str = "",
    id_: str = "nightly",
    fields: Sequence[str] = OPTIONAL,
    versions: bool = False,
    files: int = 2,
) -> dict[str, bytes]:
    """Return the objects of a report in the destination bucket, by key. All dates share one data folder."""
    root = f"{prefix.rstrip('/')}/{bucket}/{id_}/".lstrip("/")
    names = columns(fields, versions)
    objects: dict[str, bytes] = {}
    listed = []
    for number in range(files):
        content = data_file(format_, bucket, items[number::files], names)
        token = hashlib.md5(f"{made}{number}".encode()).hexdigest()
        key = f"{root}data/{token}.{_EXTENSIONS[format_]}"
        objects[key] = content
        listed.append({"key": key, "size": len(content), "MD5checksum": hashlib.md5(content).hexdigest()})
    manifest = json.dumps(
        {
            "sourceBucket": bucket,
            "destinationBucket": f"arn:aws:s3:::{destination}",
            "version": "2016-11-30",
            "creationTimestamp": str(int(made.timestamp() * 1000)),
            "fileFormat": format_,
            "fileSchema": schema(format_, names),
            "files": listed,
        }
    ).encode()
    dated = f"{root}{made:%Y-%m-%dT%H-%MZ}/"
    objects[f"{dated}manifest.json"] = manifest
    objects[f"{dated}manifest.checksum"] = hashlib.md5(manifest).hexdigest().encode()
    links = "\n".join(f"s3://{destination}/{file['key']}" for file in listed)
    objects[f"{root}hive/dt={made:%Y-%m-%d-%H-%M}/symlink.txt"] = links.encode()
    return objects


def said_of(
    items: Iterable[Item], at: int, *, versions: bool, fields: Sequence[str] = OPTIONAL, depth: int = 2, top: int = 20
) -> ObjectStats:
    """Return the statistics of an inventory of these objects, computed in plain Python."""
    items = list(items)
    current = [item for item in items if item.latest and not item.marker]
    old = [item for item in items if not item.latest and not item.marker]
    midnight = at // 86400 * 86400
    times = [int(item.modified.timestamp()) for item in current]
    dated = "LastModifiedDate" in fields

    def total(chosen: Iterable[Item]) -> Amount:
        sizes = [item.size or 0 for item in chosen]
        return Amount(len(sizes), sum(sizes))

    def classes(chosen: Iterable[Item]) -> dict[str, Amount]:
        chosen = list(chosen)
        return {
            name: total(i for i in chosen if _name(i, fields) == name)
            for name in sorted({_name(i, fields) for i in chosen})
        }

    def age(item: Item) -> float:
        return (at - item.modified.timestamp()) / 86400

    def days_ago(item: Item) -> int:
        return max(0, (midnight - int(item.modified.timestamp()) // 86400 * 86400) // 86400)

    size_edges = [0, 1, 131072, 1048576, 16777216, 134217728, 1073741824, 17179869184, float("inf")]
    age_edges = [float("-inf"), 1, 7, 30, 90, 180, 365, 730, float("inf")]
    groups: dict[int, dict[str, list[Item]]] = {d: {} for d in range(depth + 1)}
    for item in current if depth else ():
        parts = item.key.split("/")
        if len(parts) == 1:
            groups[0].setdefault("", []).append(item)
        for d in range(1, min(depth, len(parts) - 1) + 1):
            groups[d].setdefault("/".join(parts[:d]) + "/", []).append(item)
    prefixes = [
        Prefix(name, classes(groups[d][name]))
        for d in range(depth + 1)
        for name in sorted(groups[d], key=lambda name: (-total(groups[d][name]).size, name))[:top]
    ]
    return ObjectStats(
        source="inventory",
        at=at,
        complete=True,
        current=total(current),
        classes=classes(current),
        sizes=tuple(
            total(i for i in current if low <= (i.size or 0) < high) for low, high in itertools.pairwise(size_edges)
        ),
        ages=tuple(total(i for i in current if low <= age(i) < high) for low, high in itertools.pairwise(age_edges))
        if dated
        else None,
        recent=tuple(total(i for i in current + old if days_ago(i) == day) for day in range(4)) if dated else None,
        newest=max(times, default=None) if dated else None,
        oldest=min(times, default=None) if dated else None,
        noncurrent=total(old) if versions else None,
        noncurrent_classes=classes(old),
        delete_markers=sum(item.marker for item in items) if versions else None,
        prefixes=tuple(prefixes),
        encryption={
            name: sum(i.encryption == name for i in current) for name in sorted({str(i.encryption) for i in current})
        }
        if "EncryptionStatus" in fields
        else None,
    )


def said_of_classes(items: Iterable[Item], at: int, *, versions: bool) -> ObjectStats:
    """Return the statistics of a query for storage classes only."""
    fields = ("Size", "LastModifiedDate", "StorageClass")
    said = said_of(items, at, versions=versions, fields=fields, depth=0)
    return msgspec.structs.replace(said, sizes=None, ages=None, recent=None, prefixes=None)


def _name(item: Item, fields: Sequence[str]) -> str:
    tiered = item.tier and "IntelligentTieringAccessTier" in fields
    return f"{item.class_}:{item.tier}" if tiered else str(item.class_)
