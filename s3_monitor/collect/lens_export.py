"""A Storage Lens export: finds its newest complete delivery and reads the buckets, in a worker thread."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.athena_statements import AthenaStatements
from s3_monitor.collect.export_bucket import ExportBucket, MissingFileError
from s3_monitor.collect.prefetch import aggregate_batches
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.exports import lens_duckdb, lens_sql
from s3_monitor.exports.delivery import Delivery
from s3_monitor.exports.export_table import lens_table_ddl, table_name
from s3_monitor.exports.lens_manifest import COLUMNS, LARGEST, VERSION, newest_days, owner_folders, read_manifest
from s3_monitor.exports.lens_result import end_of, lens_buckets, row_of_texts
from s3_monitor.exports.lens_sql import LensRow
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import LensScope, StorageLensExport
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.storage_lens import LensBucket, LensCoverage
from s3_monitor.objects import duckdb_engine
from s3_monitor.objects.athena_table import join_lines
from s3_monitor.objects.manifest import InvalidReportError
from s3_monitor.objects.sql_dialect import ATHENA

_MAX_DELIVERIES = 5  # tried
_OLD_DAYS = 4  # AWS: the export is daily, with the metrics of the previous day


class LensDelivery(NamedTuple):
    """The content of a delivery."""

    buckets: list[LensBucket]
    coverage: list[LensCoverage]
    """What it covers; empty: unknown."""


class LensExportReader:
    """Reads the newest complete delivery of each account or organization in the location of an export."""

    def __init__(
        self,
        account: Account,
        caller: str,
        export: StorageLensExport,
        accounts: Collection[str],
        context: ShardContext,
    ) -> None:
        """``caller``: the id of ``account``; ``accounts``: the ids of the accounts whose buckets are read."""
        self._account, self._caller = account, caller
        self._export, self._accounts, self._context = export, accounts, context
        self._bucket = ExportBucket(account, export.bucket, export.region)
        self._athena = AthenaStatements(account, export.region, context.plan.exports, context.statements)
        self._base = f"{export.prefix}/StorageLens/" if export.prefix else "StorageLens/"

    def read(self) -> Iterator[Problem | LensDelivery]:
        """Yield problems, and the content of each delivery. Raises AwsError and OSError."""
        found = False
        failure: AwsError | None = None
        for owner in owner_folders(self._bucket.folders(self._base), self._base, self._accounts):
            root = f"{owner}{self._export.config}/{VERSION}/"
            manifests = f"{root}manifests/"
            if folders := self._bucket.folders(manifests):
                found = True
                try:
                    yield from self._newest(root, newest_days(folders, manifests, self._context.plan.today))
                except AwsError as error:
                    if error.kind not in ("denied", "refused"):  # others concern all accounts
                        raise
                    failure = failure or error
        if failure is not None:
            raise failure
        if not found:
            yield self._problem("storage-lens-not-found", self._base, config=self._export.config)

    def _newest(self, root: str, days: list[date]) -> Iterator[Problem | LensDelivery]:
        """Yield the problems of newer deliveries, then the newest complete delivery."""
        skipped: list[tuple[date, InvalidReportError]] = []
        for day in days[:_MAX_DELIVERIES]:
            try:
                content = self._bucket.read(f"{root}manifests/dt={day}/manifest.json", LARGEST)
            except MissingFileError:  # AWS: it is the last file of a delivery
                continue
            try:
                result = self._read(content, day, root.removeprefix(self._base).partition("/")[0])
            except InvalidReportError as error:
                skipped.append((day, error))
            else:
                yield from self._skipped("storage-lens-skipped", root, skipped)
                age = (self._context.plan.today - day).days
                if age > _OLD_DAYS:
                    yield self._problem("storage-lens-old", root, day=day, days=age)
                yield result
                return
        if skipped:
            yield from self._skipped("storage-lens-damaged", root, skipped)
        else:
            yield self._problem("storage-lens-not-delivered", root, day=self._context.plan.today)

    def _read(self, content: bytes, day: date, owner: str) -> Problem | LensDelivery:
        """Return the content of a delivery, or a problem if Athena could cost too much.

        Raises InvalidReportError if the delivery is damaged, and AwsError.
        """
        delivery = self._bucket.stored(read_manifest(content, self._export.config, day))
        if excess := self._context.excess(self._athena, delivery.size, str(day)):
            return self._problem("storage-lens-too-expensive", delivery.folder, **excess)
        query = self._query_athena if self._context.plan.exports.engine == "athena" else self._query_duckdb
        origin = delivery.origin(self._export.bucket)
        with closing(query(delivery)) as rows:
            buckets = list(lens_buckets(rows, day, origin))
        scope = self._scope(owner, delivery.account)
        if scope is None:
            return LensDelivery(buckets, [])
        # An account of the plan may be outside the organization, unless it has a row.
        accounts = {bucket.account for bucket in buckets} if owner.startswith("o-") else {owner}
        return LensDelivery(buckets, [LensCoverage(account, end_of(day), origin, scope) for account in accounts])

    def _scope(self, owner: str, account: str) -> LensScope | None:
        """Return what the configuration of an owner covers; None: unknown. ``account``: that of the configuration."""
        if owner in self._export.scopes or account != self._caller:
            return self._export.scopes.get(owner)
        try:
            scopes = self._account.storage_lens_scopes(account, self._export.config, self._export.region)
        except AwsError as error:
            self._context.log(f"Could not read the buckets that the Storage Lens configuration covers: {error}")
            return None
        return scopes.get(owner)

    def _query_duckdb(self, delivery: Delivery) -> Generator[LensRow]:
        """Download the files and aggregate them in batches."""
        if missing := duckdb_engine.missing_library(delivery.format):
            raise missing
        temp_dir = self._context.temp_dir

        def write(paths: list[Path], folder: Path, target: Path) -> None:
            lens_duckdb.write_groups(paths, delivery, self._accounts, folder, target)

        groups = aggregate_batches(delivery.files, self._bucket.download, temp_dir, write)
        return lens_duckdb.read_result(groups, temp_dir.create_folder("result"))

    def _query_athena(self, delivery: Delivery) -> Generator[LensRow]:
        """Query the table of the export, as far as it has rows of these files."""
        table, database = table_name(self._export, self._export.config), self._context.plan.exports.database
        # The folder of all accounts, since one table may have the exports of several.
        ddl = lens_table_ddl(delivery, table, database, self._url(self._base))
        columns = self._athena.columns(table, ddl)
        if missing := [name for name in COLUMNS if name not in columns]:
            what = f"table {database}.{table} has no column {' and no column '.join(missing)}"
            raise AwsError("refused", "StartQueryExecution", what, advice=f"create it with: {join_lines(ddl)}")
        names = dict(zip(COLUMNS, COLUMNS, strict=True))
        keys = [file.key for file in delivery.files if file.size]
        source = self._athena.source(table, names, self._export.bucket, keys)
        groups = lens_sql.groups_sql(source, self._accounts, ATHENA)
        result = self._athena.run(lens_sql.result_sql(groups, ATHENA))
        if not result.rows:
            what = f"table {database}.{table} has no buckets of the plan in the files of the delivery"
            raise AwsError("refused", "StartQueryExecution", what, advice="check the table's LOCATION")
        return (row_of_texts(row) for row in result.rows)

    def _url(self, prefix: str) -> str:
        return f"s3://{self._export.bucket}/{prefix}"

    def _problem(self, code: str, root: str, **values: Any) -> Problem:
        return create_problem(code, location=self._url(root), **values)

    def _skipped(self, code: str, root: str, skipped: list[tuple[date, InvalidReportError]]) -> Iterator[Problem]:
        for day, error in skipped:
            yield self._problem(code, root, delivery=str(day), error=error)
