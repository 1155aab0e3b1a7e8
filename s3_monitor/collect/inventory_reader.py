"""Reads the newest usable inventory of a bucket, or returns why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from s3_monitor.collect.athena_statements import AthenaStatements
from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.export_bucket import ExportBucket, MissingFileError
from s3_monitor.collect.prefetch import aggregate_batches
from s3_monitor.collect.problem_log import ENDS_REGION, Cause, cause_of
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.athena import NO_TABLE, StatementFailure
from s3_monitor.model.bounds import CLOCK_DIFFERENCE
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.errors import AwsError
from s3_monitor.model.object_stats import DAY, ObjectStats
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.objects import athena_table, duckdb_engine, manifest
from s3_monitor.objects.inventory_query import InventoryQuery, ResultRow
from s3_monitor.objects.inventory_result import inventory_stats, missing_fields
from s3_monitor.objects.inventory_selection import InventoryLocation, location_of, sort_by_preference, unusable_reason
from s3_monitor.objects.key_filter import key_filter_for, key_patterns
from s3_monitor.objects.manifest import InvalidReportError, Manifest

MAX_AGE_DAYS = 8  # AWS: inventories are delivered daily or weekly
_MAX_REPORTS = 5  # tried per location
_CONFIGURATIONS = "ListBucketInventoryConfigurations"
_LOCATION_ERRORS = ("denied", "missing")  # another location may be readable
# Whether there is an inventory: the codes of problems end with them.
_UNREADABLE, _UNAVAILABLE = "unreadable", "unavailable"
_CHECKSUM_BYTES = 64  # more than a manifest.checksum has


class _Report(NamedTuple):
    """A complete report."""

    location: InventoryLocation
    folder: str
    manifest: Manifest

    @property
    def url(self) -> str:
        """Return the URL of its folder."""
        return f"s3://{self.location.bucket}/{self.folder}"


class InventoryReader:
    """Reads the newest usable inventory of one bucket, in a worker thread."""

    def __init__(self, region: AccountRegion, bucket: str, context: ShardContext) -> None:
        self._calls = CallCounter(parent=region.account.calls)
        self._account, self._region = region.account.metered(self._calls), region.region
        self._bucket, self._place = bucket, region.place
        self._rule, self._as_of = context.plan.objects, context.as_of
        self._latest = int((context.now + CLOCK_DIFFERENCE).timestamp())
        self._temp_dir = context.temp_dir
        self._athena = AthenaStatements(self._account, self._region, self._rule.inventory, context.statements)
        self._problems: list[Problem] = []
        self._reasons: list[Cause] = []
        # With `inventory`, old reports are read only if no location has a newer one; None: now they are read.
        self._postponed: list[Iterator[_Report]] | None = []

    def read(self) -> Iterator[Problem | ObjectStats | Cause]:
        """Yield the problems of its inventories, then the object statistics or why there are none.

        Raises AwsError, of kind ``missing``, if the bucket does not exist, and if requests about other buckets would
        fail, too.
        """
        for reports in self._reports_by_location():
            try:
                stats = self._read_first_usable(reports)
            except AwsError as error:
                self._add_error(error)
                if error.kind in _LOCATION_ERRORS and not isinstance(error, StatementFailure):
                    continue
                break
            except OSError as error:  # it would fail for another report, too
                self._reasons.append(cause_of(error)._replace(kind=_UNREADABLE))
                break
            if stats is not None:
                yield from self._problems
                yield stats
                return
        yield next((reason for reason in self._reasons if reason.kind == _UNREADABLE), self._reasons[0])

    def _add_reason(self, reason: str, advice: str, *, broken: bool = False) -> None:
        self._reasons.append(Cause(reason, advice, _UNREADABLE if broken else _UNAVAILABLE))

    def _add_error(self, error: AwsError) -> None:
        if error.kind in ENDS_REGION:
            raise error
        self._add_reason(str(error), error.advice, broken=True)

    def _reports_by_location(self) -> Iterator[Iterator[_Report]]:
        """Yield the reports of each location, best location first; at the end those that were postponed."""
        try:
            for location in self._locations():
                yield self._reports(location)
        except AwsError as error:
            if error.kind == "missing" and error.operation == _CONFIGURATIONS:
                raise
            self._add_error(error)
        postponed, self._postponed = self._postponed, None
        yield from postponed or ()

    def _locations(self) -> Iterator[InventoryLocation]:
        """Yield the locations of its reports, best first."""
        if (location := self._configured_location()) is not None:
            yield from self._locations_below(location)
            return
        inventories = self._account.read_inventories(self._bucket, self._region)
        usable = sort_by_preference(inventories, versions=self._rule.versions)
        for inventory in usable:
            yield location_of(inventory, self._bucket)
        if not usable:
            why = "; ".join(filter(None, map(unusable_reason, inventories))) or "the bucket has no inventory"
            self._add_reason(why, "set up an S3 Inventory of it, with Size, LastModifiedDate and StorageClass")

    def _configured_location(self) -> InventoryLocation | None:
        """Return the location that shards.yaml names for the bucket."""
        for pattern, url in self._rule.inventory.places:
            if fnmatchcase(self._bucket, pattern):
                bucket, _, prefix = url.removeprefix("s3://").partition("/")
                return InventoryLocation(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")
        return None

    def _locations_below(self, location: InventoryLocation) -> list[InventoryLocation]:
        """Return the folders of reports: the location may be one, or contain BUCKET/ID/ or ID/."""
        bucket = self._files(location)
        folders = bucket.folders(location.prefix)
        if manifest.report_folders(folders):
            return [location]
        of_bucket = f"{location.prefix}{self._bucket}/"
        if of_bucket in folders:
            folders = bucket.folders(of_bucket)
        if not folders:
            self._add_reason(f"{location} has no inventory of the bucket", "check inventory.places in shards.yaml")
        return [InventoryLocation(location.bucket, folder) for folder in folders]

    def _files(self, location: InventoryLocation) -> ExportBucket:
        return ExportBucket(self._account, location.bucket, self._region)

    def _read_first_usable(self, reports: Iterator[_Report]) -> ObjectStats | None:
        """Return the statistics of the newest report of a location that is not damaged, if it is usable."""
        for report in reports:
            if self._postponed is not None and self._rule.mode == "inventory" and self._age(report) >= MAX_AGE_DAYS:
                self._postponed.append(chain((report,), reports))
                return None
            if reason := self._unusable(report):
                self._reasons.append(reason)
                return None
            try:
                return self._read(report)
            except InvalidReportError as error:
                self._skip(report.folder, error)
        if not self._reasons:
            self._add_reason("no complete report yet", "AWS delivers the first within 48 hours")
        return None

    def _reports(self, location: InventoryLocation) -> Iterator[_Report]:
        """Yield the reports, newest first. AWS: a report without a checksum is still being written."""
        bucket = self._files(location)
        for folder in manifest.report_folders(bucket.folders(location.prefix))[:_MAX_REPORTS]:
            try:
                checksum = bucket.read(f"{folder}manifest.checksum", _CHECKSUM_BYTES)
                content = bucket.read(f"{folder}manifest.json", manifest.LARGEST)
                read = manifest.read_manifest(content, checksum, self._bucket, self._latest)
                yield _Report(location, folder, read)
            except MissingFileError:
                continue
            except InvalidReportError as error:
                self._skip(folder, error)

    def _skip(self, folder: str, error: InvalidReportError) -> None:
        """Report a damaged report. The previous report is read instead."""
        date = folder.rstrip("/").rpartition("/")[2]
        self._add_reason(f"report of {date}: {error}", error.advice, broken=True)
        account, region = self._place
        create = partial(create_problem, "inventory-report-skipped", account=account, region=region)
        self._problems.append(create(bucket=self._bucket, date=date, error=error))

    def _unusable(self, report: _Report) -> Cause | None:
        """Return why a report cannot be read."""
        read = report.manifest
        age = self._age(report)
        if self._rule.mode == "auto" and age >= MAX_AGE_DAYS:
            what = f"the newest report is of {read.date}, {age:,} days old"
            return Cause(what, "is it still delivered?", _UNAVAILABLE)
        if missing := missing_fields(read.columns):
            what = f"the report has no {' and no '.join(missing)}"
            return Cause(what, "add the field to the inventory", _UNAVAILABLE)
        if self._uses_athena:
            return self._too_expensive(read)
        if library := duckdb_engine.missing_library(read.format):
            return Cause(str(library), library.advice, _UNREADABLE)
        return None

    def _age(self, report: _Report) -> int:
        """Return the age in days."""
        return (self._as_of - report.manifest.at) // DAY

    def _too_expensive(self, read: Manifest) -> Cause | None:
        """Return the reason if a query could cost more than allowed."""
        dollars = self._athena.excess(read.size)
        if dollars is None:
            return None
        before = f" after {self._athena.spent:.6f} USD" if self._athena.spent else ""
        what = (
            f"Athena could cost {dollars:.6f} USD{before}, more than inventory.max_usd ({self._rule.inventory.max_usd})"
        )
        return Cause(what, "raise inventory.max_usd in shards.yaml, or leave engine at duckdb", _UNAVAILABLE)

    def _read(self, report: _Report) -> ObjectStats:
        read, rule = report.manifest, self._rule
        classes_only = rule.inventory.answers == "classes"
        depth = 0 if classes_only else rule.depth
        filters = key_patterns(rule, self._bucket), rule.regex, classes_only, read.bucket
        query = InventoryQuery(read.at, read.columns, read.format == "CSV", depth, rule.top, *filters)
        rows, cost = self._query_athena(report, query) if self._uses_athena else self._query_duckdb(report, query)
        origin = f"{report.url} ({read.format}, {len(read.files):,} files, {cost})"
        stats = inventory_stats(rows, query, origin=origin, requests=self._calls.calls().total)
        return msgspec.structs.replace(stats, keys=key_filter_for(rule, self._bucket).text) if rule.narrowed else stats

    @property
    def _uses_athena(self) -> bool:
        return self._rule.inventory.engine == "athena"

    def _query_duckdb(self, report: _Report, query: InventoryQuery) -> tuple[list[ResultRow], str]:
        """Download the files. Return the rows of the result and the amount of data."""
        read, temp_dir = report.manifest, self._temp_dir

        def write(paths: list[Path], folder: Path, target: Path) -> None:
            duckdb_engine.write_groups(paths, read.format, query, folder, target)

        groups = aggregate_batches(read.files, self._files(report.location).download, temp_dir, write)
        rows = duckdb_engine.read_result(groups, query, temp_dir.create_folder("result"))
        return rows, f"{read.size:,} bytes fetched"

    def _query_athena(self, report: _Report, query: InventoryQuery) -> tuple[list[ResultRow], str]:
        """Query the table. Return the rows of the result, and the amount of data and its cost."""
        rule = self._rule.inventory
        sql = athena_table.build_query(rule, report.manifest, report.folder, query)
        try:
            result = self._athena.run(sql)
        except AwsError as error:
            if error.code == NO_TABLE:
                ddl = athena_table.build_table_ddl(rule, report.manifest, str(report.location))
                error.advice = f"run this in Athena, once: {athena_table.join_lines(ddl)}"
            raise
        if not result.rows and report.manifest.files and not self._rule.narrowed:
            what = f"Athena's table has no row of the inventory of {report.manifest.date}, which has files"
            raise AwsError("refused", "StartQueryExecution", what, advice="check the table's LOCATION and its dt")
        cost = f"{result.scanned:,} bytes scanned by Athena, {athena_table.query_cost(result.scanned):.6f} USD"
        return athena_table.parse_rows(result.rows), cost
