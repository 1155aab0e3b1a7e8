"""A bucket's newest whole inventory: found, fetched and read; or why there is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.inventory_unavailable import InventoryUnavailable
from s3_monitor.collect.prefetch import prefetch_batches
from s3_monitor.collect.problem_log import ENDS_REGION
from s3_monitor.collect.running_statements import RunningStatements
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.model.athena import NO_TABLE, Statement, StatementFailure, StatementResult
from s3_monitor.model.bounds import CLOCK_DIFFERENCE
from s3_monitor.model.call_counter import CallCounter
from s3_monitor.model.errors import DAMAGED, AwsError
from s3_monitor.model.object_stats import DAY, ObjectStats
from s3_monitor.model.plan import ObjectsRule
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.objects import athena_table, duckdb_engine, manifest
from s3_monitor.objects.inventory_result import inventory_stats, missing_fields
from s3_monitor.objects.inventory_selection import InventoryLocation, location_of, sort_by_preference, unusable_reason
from s3_monitor.objects.inventory_sql import InventoryQuery, ResultRow
from s3_monitor.objects.key_filter import key_filter_for, key_patterns
from s3_monitor.objects.manifest import DataFile, InvalidReportError, Manifest

YOUNG_DAYS = 8  # AWS: inventories come daily or weekly
_REPORTS_TRIED = 5
_CONFIGURATIONS = "ListBucketInventoryConfigurations"
_OF_ONE_PLACE = ("denied", "missing")  # what says nothing of other destinations
_FREE = "free space in the folder for temporary files, or name another with TMPDIR"
_SUMS = 64  # bytes of a manifest.checksum, generously


class _Found(NamedTuple):
    """A whole report. ``folder``: its own."""

    place: InventoryLocation
    folder: str
    manifest: Manifest

    @property
    def url(self) -> str:
        return f"s3://{self.place.bucket}/{self.folder}"


class InventorySettings(NamedTuple):
    """What the inventory readers of a shard share."""

    rule: ObjectsRule
    as_of: int
    """The time that ages of inventories refer to, in seconds since 1970 UTC."""
    now: datetime
    temp_dir: BoundedTempDir
    stop: threading.Event
    statements: RunningStatements


class InventoryReader:
    """Reads the newest usable inventory of one bucket, in a worker thread."""

    def __init__(self, region: AccountRegion, bucket: str, settings: InventorySettings) -> None:
        self._calls = CallCounter(parent=region.account.calls)
        self._account, self._region = region.account.metered(self._calls), region.region
        self._bucket, self._place = bucket, region.place
        self._rule, self._as_of = settings.rule, settings.as_of
        self._latest = int((settings.now + CLOCK_DIFFERENCE).timestamp())
        self._temp_dir, self._stop, self._statements = settings.temp_dir, settings.stop, settings.statements
        self._spent = Decimal(0)  # USD, for Athena
        self._reasons: list[InventoryUnavailable] = []
        # Reports too old, to be taken if no other can answer; null: now they are.
        self._old: list[Iterator[_Found]] | None = []

    def read(self) -> Iterator[Problem | ObjectStats | InventoryUnavailable]:
        """Yield the problems of its inventories, then the object statistics or why there are none.

        Raises AwsError, of kind ``missing``, if the bucket does not exist, and if requests about other buckets would
        fail, too.
        """
        said: list[Problem] = []
        for reports in self._choices(said):
            try:
                found = self._first_usable(reports, said)
            except AwsError as failure:
                self._failed(failure)
                if failure.kind in _OF_ONE_PLACE and not isinstance(failure, StatementFailure):
                    continue
                break
            except OSError as error:
                # Another report would find the same folder full.
                self._cannot(f"could not store the files: {_os_message(error)}", _FREE, broken=True)
                break
            if found is not None:
                yield from said
                yield found
                return
        yield next((absent for absent in self._reasons if absent.broken), self._reasons[0])

    def _failed(self, failure: AwsError) -> None:
        if failure.kind in ENDS_REGION:
            raise failure
        self._cannot(str(failure), failure.advice, broken=True)

    def _choices(self, said: list[Problem]) -> Iterator[Iterator[_Found]]:
        """The reports of each place, the best place first; then the old ones that were put off, for none is younger."""
        try:
            for place in self._places():
                yield self._reports(place, said)
        except AwsError as failure:
            if failure.kind == "missing" and failure.operation == _CONFIGURATIONS:
                raise
            self._failed(failure)
        old, self._old = self._old, None
        yield from old or ()

    def _places(self) -> Iterator[InventoryLocation]:
        """Where its reports lie, the best first."""
        given = self._given()
        if given is not None:
            yield from self._below(given)
            return
        inventories = self._account.read_inventories(self._bucket, self._region)
        fit = sort_by_preference(inventories, versions=self._rule.versions)
        for inventory in fit:
            yield location_of(inventory, self._bucket)
        if not fit:
            why = "; ".join(filter(None, map(unusable_reason, inventories))) or "the bucket has no inventory"
            self._cannot(why, "set up an S3 Inventory of it, with Size, LastModifiedDate and StorageClass")

    def _given(self) -> InventoryLocation | None:
        """The place that shards.yaml names for it."""
        for pattern, url in self._rule.inventory.places:
            if fnmatchcase(self._bucket, pattern):
                bucket, _, prefix = url.removeprefix("s3://").partition("/")
                return InventoryLocation(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")
        return None

    def _below(self, given: InventoryLocation) -> list[InventoryLocation]:
        """A destination holds BUCKET/ID/, and that the reports; any of the three may have been named."""
        here = self._folders(given.prefix, given.bucket)
        if manifest.report_folders(here):
            return [given]
        mine = f"{given.prefix}{self._bucket}/"
        if mine in here:
            here = self._folders(mine, given.bucket)
        if not here:
            self._cannot(f"{given} has no inventory of the bucket", "check inventory.places in shards.yaml")
        return [InventoryLocation(given.bucket, prefix) for prefix in here]

    def _first_usable(self, reports: Iterator[_Found], said: list[Problem]) -> ObjectStats | None:
        """The newest whole report of a place, unless it cannot answer."""
        for found in reports:
            if self._old is not None and self._rule.mode == "inventory" and self._age(found) >= YOUNG_DAYS:
                self._old.append(chain((found,), reports))
                return None
            if reason := self._unfit(found):
                self._reasons.append(reason)
                return None
            try:
                return self._read(found)
            except InvalidReportError as bad:
                self._damaged(found.folder, str(bad), bad.advice, said)
            except AwsError as failure:
                # A request that failed says nothing about the report.
                if failure.operation != "GetObject" or not (failure.kind == "missing" or failure.code == DAMAGED):
                    raise
                self._damaged(found.folder, str(failure), failure.advice, said)
        if not self._reasons:
            self._cannot("no complete report yet", "AWS delivers the first within 48 hours")
        return None

    def _reports(self, place: InventoryLocation, said: list[Problem]) -> Iterator[_Found]:
        """Newest first. One that is being written has no checksum yet."""
        for folder in manifest.report_folders(self._folders(place.prefix, place.bucket))[:_REPORTS_TRIED]:
            try:
                checksum = self._small(place.bucket, f"{folder}manifest.checksum", _SUMS)
                content = self._small(place.bucket, f"{folder}manifest.json", manifest.LARGEST)
                yield _Found(place, folder, manifest.read_manifest(content, checksum, self._bucket, self._latest))
            except AwsError as failure:
                if failure.kind != "missing":
                    raise
            except InvalidReportError as bad:
                self._damaged(folder, str(bad), bad.advice, said)

    def _damaged(self, folder: str, what: str, advice: str, said: list[Problem]) -> None:
        name = folder.rstrip("/").rpartition("/")[2]
        self._cannot(f"report of {name}: {what}", advice, broken=True)
        account, region = self._place
        said.append(
            create_problem(
                "inventory-report-skipped",
                account=account,
                region=region,
                bucket=self._bucket,
                date=name,
                detail=what,
                advice=advice,
            )
        )

    def _unfit(self, found: _Found) -> InventoryUnavailable | None:
        report = found.manifest
        age = self._age(found)
        if self._rule.mode == "auto" and age >= YOUNG_DAYS:
            return InventoryUnavailable(
                f"the newest report is of {report.date}, {age:,} days old", "is it still delivered?", False
            )
        if missing := missing_fields(report.columns):
            return InventoryUnavailable(
                f"the report has no {' and no '.join(missing)}", "add the field to the inventory", False
            )
        if self._athena:
            return self._too_dear(report)
        if lack := duckdb_engine.missing_library(report.format):
            return InventoryUnavailable(str(lack), lack.advice, True)
        return None

    def _age(self, found: _Found) -> int:
        """In days."""
        return (self._as_of - found.manifest.at) // DAY

    def _too_dear(self, report: Manifest) -> InventoryUnavailable | None:
        """The columns asked for are at most all of them, so the files' bytes are the most that can be scanned. Text is
        packed: Athena bills what it reads of the file."""
        dollars, most = athena_table.query_cost(report.size), self._rule.inventory.max_usd
        if self._spent + dollars <= Decimal(str(most)):
            return None
        before = f" after {self._spent:.6f} USD" if self._spent else ""
        what = f"Athena could cost {dollars:.6f} USD{before}, more than inventory.max_usd ({most})"
        return InventoryUnavailable(what, "raise inventory.max_usd in shards.yaml, or leave engine at duckdb", False)

    def _read(self, found: _Found) -> ObjectStats:
        report = found.manifest
        rule, text = self._rule, report.format == "CSV"
        patterns = key_patterns(rule, self._bucket)
        classes = rule.inventory.answers == "classes"
        depth = 0 if classes else rule.depth
        chosen = patterns, rule.regex, classes, report.bucket
        question = InventoryQuery(report.at, report.columns, text, depth, rule.top, *chosen)
        by = self._by_athena if self._athena else self._by_duckdb
        rows, cost = by(found, question)
        origin = f"{found.url} ({report.format}, {len(report.files):,} files, {cost})"
        objects = inventory_stats(rows, question, origin=origin, requests=self._calls.calls().total)
        return (
            msgspec.structs.replace(objects, keys=key_filter_for(rule, self._bucket).text) if rule.narrowed else objects
        )

    @property
    def _athena(self) -> bool:
        return self._rule.inventory.engine == "athena"

    def _by_duckdb(self, found: _Found, question: InventoryQuery) -> tuple[list[ResultRow], str]:
        """The rows of the answer, and what they cost."""
        report = found.manifest
        folder = self._temp_dir.create_folder("groups")
        groups: list[Path] = []
        read = 0
        for files in prefetch_batches(report.files, partial(self._fetch, found.place.bucket), self._temp_dir):
            groups.append(folder / f"{len(groups):06d}.parquet")
            try:
                duckdb_engine.write_groups(files, report.format, question, folder, groups[-1])
            except InvalidReportError as bad:
                raise bad.in_file([file.key for file in report.files[read : read + len(files)]]) from bad
            read += len(files)
        rows = duckdb_engine.read_result(groups, question, folder) if groups else []
        return rows, f"{report.size:,} bytes fetched"

    def _by_athena(self, found: _Found, question: InventoryQuery) -> tuple[list[ResultRow], str]:
        rule = self._rule.inventory
        sql = athena_table.build_query(rule, found.manifest, found.folder, question)
        asked = Statement(sql, rule.workgroup, rule.database, rule.output)
        try:
            answer = self._run(asked)
        except AwsError as failure:
            if failure.code == NO_TABLE:
                made = athena_table.build_table_ddl(rule, found.manifest, str(found.place))
                failure.advice = f"run this in Athena, once: {athena_table.join_lines(made)}"
            raise
        if not answer.rows and found.manifest.files and not self._rule.narrowed:
            what = f"Athena's table has no row of the inventory of {found.manifest.date}, which has files"
            raise AwsError("refused", "StartQueryExecution", what, advice="check the table's LOCATION and its dt")
        cost = f"{answer.scanned:,} bytes scanned by Athena, {athena_table.query_cost(answer.scanned):.6f} USD"
        return athena_table.parse_rows(answer.rows), cost

    def _run(self, asked: Statement) -> StatementResult:
        """Run a statement and count what AWS bills for it, whatever becomes of it."""
        scanned: int | None = None
        with self._statements.running():
            try:
                answer = self._account.run_statement(self._region, asked, self._stop)
                scanned = answer.scanned
            except StatementFailure as failure:
                scanned = failure.scanned
                raise
            finally:
                if scanned is not None:
                    self._spent += athena_table.query_cost(scanned)
                    self._calls.count_scanned(athena_table.billed_mb(scanned))
        return answer

    def _cannot(self, reason: str, advice: str, *, broken: bool = False) -> None:
        self._reasons.append(InventoryUnavailable(reason, advice, broken))

    def _folders(self, prefix: str, bucket: str) -> list[str]:
        return self._account.list_folders(bucket, prefix, self._region)

    def _small(self, bucket: str, key: str, largest: int) -> bytes:
        return self._account.read_small_object(bucket, key, self._region, largest)

    def _fetch(self, bucket: str, file: DataFile, into: Path) -> None:
        self._account.download(bucket, file.key, file.size, file.md5, self._region, into)


def _os_message(error: OSError) -> str:
    """Without the names of temporary files, which differ from run to run."""
    return error.strerror or str(error)
