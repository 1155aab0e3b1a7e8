"""A billing export: finds the newest complete delivery of a month and reads its charges, in a worker thread."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from s3_monitor.collect.account import Account
from s3_monitor.collect.athena_statements import AthenaStatements
from s3_monitor.collect.export_bucket import ExportBucket
from s3_monitor.collect.prefetch import aggregate_batches
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.exports import billing_duckdb, billing_manifest, billing_sql, export_table
from s3_monitor.exports.billing_columns import Columns, columns_of
from s3_monitor.exports.billing_result import ExportedMonth, ExportSource, month_of
from s3_monitor.exports.billing_sql import ChargeGroup, ChargeQuery
from s3_monitor.exports.delivery import Delivery, file_name
from s3_monitor.model.bill import CostQuery, first_of_month
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.objects import duckdb_engine
from s3_monitor.objects.manifest import InvalidReportError, normalize_column
from s3_monitor.objects.sql_dialect import ATHENA

_MAX_DELIVERIES = 5  # tried for a month
_ATTEMPTS = 2  # at a delivery that is replaced while it is read
_FINAL_DAYS = 15  # AWS: the bill of a closed month may change for two weeks


class BillingExportReader:
    """Reads the months of a billing export. Problems are yielded before the month that they are about."""

    def __init__(self, account: Account, query: CostQuery, export: BillingExport, context: ShardContext) -> None:
        self._export, self._context = export, context
        self._query = ChargeQuery(export.kind, query.accounts, export.tag)
        self._bucket = ExportBucket(account, export.bucket, export.region)
        self._athena = AthenaStatements(account, export.region, context.plan.exports, context.statements)
        self._root: str | None = None

    @property
    def location(self) -> str:
        """Return the URL of the export."""
        path = [self._export.bucket, self._export.prefix, self._export.name] if self._root is None else []
        return "s3://" + ("/".join(filter(None, path)) or f"{self._export.bucket}/{self._root}")

    def find(self) -> Iterator[Problem]:
        """Find the prefix of the export; yield the problem if it cannot be found. Raises AwsError."""
        prefix, name = self._export.prefix, self._export.name
        base = f"{prefix}/" if prefix else ""
        folders = self._bucket.folders(base)
        if self._is_root(base, folders) and name in ("", prefix.rpartition("/")[2]):
            self._root = base
            return
        if name:
            root = f"{base}{name}/"
            self._root = root if self._is_root(root, self._bucket.folders(root)) else None
            roots = [] if self._root else self._roots(folders)
        else:
            roots = self._roots(folders)
            self._root = roots[0] if len(roots) == 1 else None
        if self._root is None:
            names = [root.rstrip("/").rpartition("/")[2] for root in roots]
            code = "billing-export-not-found" if name or not names else "billing-export-ambiguous"
            yield create_problem(code, location=self.location, exports=names or ["no export of this kind"])

    def _roots(self, folders: list[str]) -> list[str]:
        return [folder for folder in folders if self._is_root(folder, self._bucket.folders(folder))]

    def _is_root(self, prefix: str, folders: list[str]) -> bool:
        return billing_manifest.is_root(self._export.kind, prefix, folders)

    def read(self, month: date, *, required: bool) -> Iterator[Problem | ExportedMonth]:
        """Yield the problems of a month, and the month if it can be read.

        ``required``: a month without a delivery is a problem. Raises AwsError and OSError.
        """
        skipped: list[tuple[str, InvalidReportError]] = []
        found = False
        for key in self._manifests(month):
            found = True
            try:
                yield from self._read_delivery(key, month, skipped)
                return
            except InvalidReportError as error:
                skipped.append((key, error))
        if not found and required:
            yield create_problem("billing-export-not-delivered", location=self.location, month=f"{month:%Y-%m}")
        yield from self._skipped("billing-export-damaged", month, skipped)

    def _manifests(self, month: date) -> list[str]:
        """Return the keys of the manifests of a month, the newest first."""
        for folder in billing_manifest.manifest_folders(self._export.kind, self._root or "", month):
            found = billing_manifest.manifests(self._export.kind, folder, self._bucket.keys(folder))
            if found:
                return [key.key for key in found[:_MAX_DELIVERIES]]
        return []

    def _read_delivery(
        self, key: str, month: date, skipped: list[tuple[str, InvalidReportError]]
    ) -> Iterator[Problem | ExportedMonth]:
        """Yield the month. A delivery that was replaced while it was read is read again."""
        for _ in range(_ATTEMPTS):
            content = self._bucket.read(key, billing_manifest.LARGEST)
            delivery = self._bucket.stored(billing_manifest.read_manifest(self._export.kind, content))
            if excess := self._context.excess(self._athena, delivery.size, f"{month:%Y-%m}"):
                yield self._problem("billing-export-too-expensive", month, **excess)
                return
            result = self._query_charges(delivery, month)
            if self._bucket.read(key, billing_manifest.LARGEST) == content:
                break
        else:
            yield self._problem("billing-export-changed", month)
            return
        yield from self._skipped("billing-export-skipped", month, skipped)
        if empty := [file_name(file.key) for file in delivery.files if not file.size]:
            yield self._problem("billing-export-file-empty", month, delivery=delivery.id, files=empty)
        if (until := _missing_since(result.until, month)) and not result.month.estimated:
            yield create_problem("billing-export-ends-early", month=f"{month:%Y-%m}", until=until)
        yield result

    def _query_charges(self, delivery: Delivery, month: date) -> ExportedMonth:
        query = self._query_athena if self._context.plan.exports.engine == "athena" else self._query_duckdb
        groups, columns = query(delivery)
        source = ExportSource(
            month=month,
            origin=delivery.origin(self._bucket.name),
            has_requests=all({"operation", "start"} <= {*one.names} for one in columns),
            has_net=self._query.kind == "focus" or any("net" in one for one in columns),
            has_tags=any(one.tag or "tags" in one for one in columns),
        )
        final = first_of_month(month + timedelta(days=31)) + timedelta(days=_FINAL_DAYS)
        with closing(groups):  # it holds the connection to DuckDB, which other deliveries need
            return month_of(groups, source, estimated=self._context.plan.today < final)

    def _query_duckdb(self, delivery: Delivery) -> tuple[Generator[ChargeGroup], list[Columns]]:
        """Download the files and aggregate them in batches."""
        if missing := duckdb_engine.missing_library(delivery.format):
            raise missing
        bucket, columns = self._bucket, list[Columns]()

        def write(paths: list[Path], folder: Path, target: Path) -> None:
            nonlocal columns
            columns += billing_duckdb.write_groups(
                paths, delivery.format, self._query, folder, target, bucket.unverified
            )

        files = [file for file in delivery.files if file.size]
        groups = aggregate_batches(files, bucket.download, self._context.temp_dir, write)
        return billing_duckdb.read_result(groups, self._context.temp_dir.create_folder("result")), columns

    def _query_athena(self, delivery: Delivery) -> tuple[Generator[ChargeGroup], list[Columns]]:
        """Query the table of the export, as far as it has rows of these files."""
        export, root, bucket = self._export, self._root or "", self._bucket.name
        if any(file.key.endswith(".zip") for file in delivery.files):
            raise InvalidReportError(
                "Athena cannot read ZIP files", "have the report compressed with GZIP or as Parquet"
            )
        table = export_table.table_name(export, export.name or root.rstrip("/").rpartition("/")[2])
        location = f"s3://{bucket}/{root}{'' if export.kind == 'cur' else 'data/'}"
        database = self._context.plan.exports.database
        ddl = export_table.billing_table_ddl(export, delivery, table, database, location)
        found = self._athena.columns(table, ddl)
        names = {normalize_column(name): name for name in reversed(found)}
        types = {normalize_column(name): type_ for name, type_ in found.items()}
        columns = columns_of(export.kind, names, self._query.tag)
        read = sorted({name for some in columns.names.values() for name in some} | {columns.tag} - {""})
        keys = [file.key for file in delivery.files if file.size]
        source = self._athena.source(table, {name: names[name] for name in read}, bucket, keys)
        groups = billing_sql.groups_sql(self._query, columns, types, source, ATHENA)
        result = self._athena.run(billing_sql.result_sql(groups))
        if not result.rows:
            what = f"table {database}.{table} has no charges of S3 in the files of the delivery"
            raise AwsError("refused", "StartQueryExecution", what, advice="check the table's LOCATION")
        return (_group(row) for row in result.rows), [columns]

    def _problem(self, code: str, month: date, **values: Any) -> Problem:
        return create_problem(code, location=self.location, month=f"{month:%Y-%m}", **values)

    def _skipped(self, code: str, month: date, skipped: list[tuple[str, InvalidReportError]]) -> Iterator[Problem]:
        """Yield a problem for each damaged delivery. Copies of one manifest have the same error."""
        seen = set()
        for key, error in skipped:
            if str(error) not in seen:
                seen.add(str(error))
                name = key.removeprefix(self._root or "")
                yield create_problem(code, location=self.location, month=f"{month:%Y-%m}", delivery=name, error=error)


def _group(values: Sequence[str | None]) -> ChargeGroup:
    """Convert a row of Athena. Raises InvalidReportError if it does not match the query."""
    if len(values) != len(ChargeGroup._fields):
        raise InvalidReportError(f"Athena's row must have {len(ChargeGroup._fields)} values, got {len(values)}")
    return ChargeGroup(*values)  # type: ignore[arg-type]  # texts, which are checked when they are used


def _missing_since(until: str, month: date) -> str:
    """Return the last day with charges if the days after it are missing; empty: none is missing, or unknown."""
    try:
        end = date.fromisoformat(until[:10])
    except ValueError:
        return ""
    return str(end - timedelta(days=1)) if end < first_of_month(month + timedelta(days=31)) else ""
