"""Storage Lens exports over real HTTP: the figures of buckets, the choice of a delivery, and the problems of others."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet
import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.shard import collect_shard
from s3_monitor.merge.parts import validate_part
from s3_monitor.model import part as parts
from s3_monitor.model.exports import ExportReading, LensScope, StorageLensExport
from s3_monitor.model.object_stats import LENS_EDGES, Amount, BucketSettings
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard, Unit
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.storage_lens import LensData, LensQuery
from s3_monitor.simulator import Bucket, Fault, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.canned_responses import server
from tests.collect.fixtures import ACCOUNT, NOW, UNPACED, Clients, plan_of, unit
from tests.collect.test_inventory_reader import WithAthena, execution, results
from tests.exports.lens_files import (
    ADVANCED,
    COLUMNS,
    DAY,
    EVERY_PITFALL,
    ORGANIZATION,
    OTHER,
    OWNER,
    SETTINGS,
    Metric,
    as_csv,
    as_parquet,
    export,
    metrics_of,
)

REORDERED = ("record_value", "new_column", *COLUMNS[:7], *COLUMNS[8:])
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
CSV = as_csv(EVERY_PITFALL)
WHOLE = export([CSV])


def collect(
    contents: Mapping[str, bytes],
    *faults: Fault,
    config: str = "daily",
    prefix: str = "lens",
    reading: ExportReading | None = None,
    athena: str = "",
    log: Callable[[str], None] = lambda line: None,
    configuration: str | None = None,
    scopes: dict[str, LensScope] | None = None,
    units: Sequence[Unit] = (unit(), unit("eu-west-1", buckets=("web",)), unit(id="other", account=OTHER)),
) -> Part:
    """Collect the export. The part is valid for its plan. ``configuration``: XML of its scope; None: there is none."""
    query = LensQuery(0, StorageLensExport("exports", config, prefix, "us-east-1", scopes=scopes or {}))
    bucket = Bucket("exports", "us-east-1", datetime(2024, 1, 1, tzinfo=UTC), objects=FileList(contents))
    lens = Shard("storage-lens", "", "", 30, (), lens=query)
    shards = (lens, Shard("s", "", "", 30, tuple(units)))
    plan = msgspec.structs.replace(plan_of(units), exports=reading or ExportReading(), shards=shards)
    owner = replace(make_account(ACCOUNT, [bucket]), storage_lens={config: configuration} if configuration else {})
    with Simulator(owner, today=NOW.date(), faults=faults) as simulator:
        clients = WithAthena(simulator.url, athena) if athena else Clients(simulator.url)
        account = AwsAccount(clients, RateLimits(UNPACED))
        part = collect_shard(
            plan, "digest", lens, lambda access: account,
            now=lambda: NOW, stop=threading.Event(), log=log,
        )  # fmt: skip
    assert parts.decode(parts.encode(part), "lens.json") == part
    validate_part(part, "lens.json", {"storage-lens": lens}, plan.window, "digest")
    return part


def data(part: Part) -> LensData:
    assert isinstance(part.lens, LensData)
    return part.lens


def names(part: Part) -> list[tuple[str, str, str]]:
    return [(bucket.account, bucket.region, bucket.name) for bucket in data(part).buckets]


def codes(part: Part) -> list[str]:
    return [problem.code for problem in part.problems]


@pytest.mark.parametrize(
    "contents",
    [
        WHOLE,
        export([as_csv(EVERY_PITFALL, header=False)]),
        export([as_csv(EVERY_PITFALL[:30]), as_csv(EVERY_PITFALL[30:])]),
        export([CSV, CSV]),
        export([as_parquet(EVERY_PITFALL[:30]), as_parquet(EVERY_PITFALL[30:])], format="Parquet"),
        export([CSV], owner=ORGANIZATION),
        export([CSV], owner=ORGANIZATION) | WHOLE,
        export([CSV], owner=ORGANIZATION) | export([as_csv(row for row in EVERY_PITFALL if row not in ADVANCED)]),
        export([as_csv(EVERY_PITFALL, end="\r\n")]),
        export([as_csv(EVERY_PITFALL, header=False, end="\r\n"), CSV]),
        export([b"\xef\xbb\xbf" + CSV]),
        export([CSV, b""]),
        export([as_csv([]), CSV]),
        export([as_csv(EVERY_PITFALL, columns=REORDERED)], reportSchema=",".join(REORDERED)),
        export([CSV], reportSchema=", ".join(COLUMNS).upper()),
        export([CSV], prefix="lens/StorageLensExpandedPrefixes/") | WHOLE,
        {key.replace("/StorageLens/", "/StorageLensExpandedPrefixes/"): b"x" for key in WHOLE} | WHOLE,
        WHOLE | {key.replace("daily", "weekly"): b"x" for key in WHOLE},
        WHOLE | {f"lens/StorageLens/{OWNER}/daily/V_1/reports/dt={DAY}/part-7.csv": as_csv(metrics_of("old"))},
        WHOLE | {f"lens/StorageLens/{OWNER}/daily/V_1/manifests/dt=2026-11-99/manifest.json": b"{"},
    ],
    ids=[
        "csv", "no-header", "two-files", "repeated-rows", "parquet", "organization", "both", "overlap", "crlf",
        "both-ends-of-lines", "byte-order-mark", "empty-file", "header-only", "other-columns", "upper-case",
        "below-another-prefix", "expanded-prefixes", "another-configuration", "file-of-an-earlier-delivery", "no-date",
    ],
)  # fmt: skip
def test_every_layout_gives_the_same_figures_of_the_buckets_of_the_plan(contents: dict[str, bytes]) -> None:
    part = collect(contents)
    assert (part.status, codes(part), data(part).complete) == ("complete", [], True)
    assert names(part) == [
        (OWNER, "eu-west-1", "web"),
        (OWNER, "us-east-1", "bare"),
        (OWNER, "us-east-1", "cold"),
        (OWNER, "us-east-1", "web"),
        (OTHER, "us-east-1", "other"),
    ]
    bare, cold, web = data(part).buckets[1:4]
    stats = web.stats
    assert (stats.source, stats.complete, stats.sizes, stats.ages, stats.prefixes) == (
        "storage-lens", True, None, None, None
    )  # fmt: skip
    assert stats.at // 86_400 == DAY.toordinal() - date(1970, 1, 1).toordinal()
    assert (stats.current, stats.classes) == (
        Amount(200, 2_000), {"GLACIER": Amount(100, 1_000), "STANDARD": Amount(100, 1_000)},
    )  # fmt: skip
    assert (stats.noncurrent, stats.delete_markers) == (Amount(20, 400), 14)
    assert (stats.multipart, stats.old_multipart) == (Amount(6, 60), Amount(4, 40))
    assert (stats.encrypted, stats.replicas, stats.replicated) == (Amount(180, 1_800), Amount(10, 100), Amount(8, 80))
    assert stats.locked == Amount(2, 22)
    assert cold.stats.classes == {"FUTURE_CLASS": Amount(100, 1_000)}
    assert stats.settings == BucketSettings(
        True, False, False, "BucketOwnerEnforced", False, False, lifecycle_rules=4, replication_rules=3
    )
    assert bare.stats.settings == BucketSettings(False, True, False, "ObjectWriter", False, False)
    assert stats.all_sizes is not None
    assert dict(zip((*LENS_EDGES, None), stats.all_sizes, strict=True)) == {
        **dict.fromkeys(LENS_EDGES, 0), 128 * 1024: 180, 1024**3: 7, None: 3
    }  # fmt: skip
    assert web.requests == RequestMetrics(1, {"GetRequests": 55, "BytesDownloaded": 4096}, "storage-lens")
    assert (cold.stats.settings, cold.stats.all_sizes, cold.requests) == (None, None, None)


def test_an_organization_has_the_buckets_of_all_its_accounts_and_regions() -> None:
    accounts, regions = [f"{number:012d}" for number in range(1, 21)], ["us-east-1", "eu-west-1", "sa-east-1"]
    rows = [
        row for account in accounts for region in regions for row in metrics_of("b", account=account, region=region)
    ]
    half = len(rows) // 2
    contents = export([as_csv(rows[half:]), as_csv(rows[:half])], owner=ORGANIZATION)
    planned = [
        unit(region, id=f"{account}-{region}", account=account) for account in accounts for region in regions[:2]
    ]
    part = collect(contents, units=planned)
    assert names(part) == [(account, region, "b") for account in accounts for region in sorted(regions[:2])]
    assert {bucket.stats.current for bucket in data(part).buckets} == {Amount(100, 1_000)}


def test_a_metric_without_a_row_is_0_if_the_bucket_has_another() -> None:
    part = collect(export([as_csv([Metric("web", "CurrentVersionObjectCount", 2), *SETTINGS])]))
    bare, web = [bucket.stats for bucket in data(part).buckets]
    assert (web.current, web.noncurrent, web.multipart) == (Amount(2, 0), Amount(), Amount())
    assert (bare.current, bare.classes, bare.delete_markers) == (Amount(), {}, 0)


def test_the_newest_delivery_with_a_manifest_is_read() -> None:
    newer = export([as_csv(metrics_of("new"))], day=AFTER, manifest=False)
    later_than_the_plan = export([as_csv(metrics_of("new"))], day=NOW.date() + timedelta(days=1))
    part = collect(WHOLE | newer | later_than_the_plan | export([as_csv(metrics_of("old"))], day=BEFORE))
    assert (codes(part), len(names(part))) == ([], 5)
    assert f"dt={DAY}" in data(part).buckets[0].stats.origin


def damaged(**changes: object) -> dict[str, bytes]:
    return export([CSV], day=AFTER, **changes)


FILES = json.loads(damaged()[f"lens/StorageLens/{OWNER}/daily/V_1/manifests/dt={AFTER}/manifest.json"])["reportFiles"]


@pytest.mark.parametrize(
    ("newer", "detail"),
    [
        (damaged(reportFiles=[{**FILES[0], "md5Checksum": "0" * 32}]), "its MD5 is not"),
        (damaged(reportFiles=[{**FILES[0], "size": 5}]), "must have 5 bytes"),
        (damaged(reportFiles=[{**FILES[0], "key": "gone"}]), "half delivered"),
        (damaged(reportFiles=[FILES[0], FILES[0]]), "twice"),
        (damaged(reportFiles=[]), "got none"),
        (damaged(reportSchema="version_number,bucket_name"), "no column aws_account_number"),
        (damaged(reportVersion="V_2"), "must be V_1"),
        (damaged(configId="weekly"), "configuration 'weekly'"),
        (damaged(reportDate=str(BEFORE)), f"must be of {AFTER}"),
        ({**damaged(), f"lens/StorageLens/{OWNER}/daily/V_1/manifests/dt={AFTER}/manifest.json": b"{"}, "AWS's form"),
        (export([as_csv([Metric("web", "ObjectCount", 1)]) + b"a,b\n"], day=AFTER), "could not read its files"),
        (export([as_csv([Metric("web", "EncryptedObjectCount", -1)])], day=AFTER), "metric_value must be"),
        (export([CSV.replace(b'"4096"', b'"many"')], day=AFTER), "metric_value must be"),
        (export([CSV.replace(b'"100"', b'"many"')], day=AFTER), "metric_value must be"),
        (export([as_csv([Metric("web", "EncryptedObjectCount", 1, "-")])], day=AFTER), "storage class must be"),
        (export([b"no parquet"], format="Parquet", day=AFTER), "could not read its files"),
    ],
    ids=["md5", "size", "missing", "twice", "empty", "column", "version", "config", "date", "manifest", "row",
         "negative", "text-of-requests", "text", "class", "parquet"],
)  # fmt: skip
def test_a_damaged_delivery_is_skipped_with_a_gap_and_an_older_one_is_read(
    newer: dict[str, bytes], detail: str
) -> None:
    part = collect(WHOLE | newer)
    (problem,) = part.problems
    assert (problem.code, problem.severity) == ("storage-lens-skipped", "gap")
    assert detail in problem.message
    assert (len(names(part)), data(part).complete) == (5, True)
    alone = collect(newer)
    assert (codes(alone), names(alone), alone.status) == (["storage-lens-damaged"], [], "failed")


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ({}, "storage-lens-not-found"),
        (export([CSV], config="other"), "storage-lens-not-found"),
        (export([CSV], manifest=False), "storage-lens-not-found"),
        (export([CSV], owner="999900001111"), "storage-lens-not-found"),
        (export([CSV], day=NOW.date() + timedelta(days=1)), "storage-lens-not-delivered"),
    ],
    ids=["nothing", "renamed", "never-complete", "of-another-account", "future"],
)
def test_an_export_without_a_delivery_is_a_gap(contents: dict[str, bytes], code: str) -> None:
    part = collect(contents)
    assert (codes(part), part.status, data(part).buckets) == ([code], "failed", [])


def test_an_old_delivery_is_used_with_a_note() -> None:
    part = collect(export([CSV], day=DAY - timedelta(days=10)))
    (problem,) = part.problems
    assert (problem.code, problem.severity, len(names(part))) == ("storage-lens-old", "note", 5)


def test_an_account_whose_export_may_not_be_read_does_not_hide_those_of_other_accounts() -> None:
    part = collect(WHOLE | export([CSV], owner=OTHER), Fault("deny", operation="GetObject", first=1))
    assert (codes(part), part.status) == (["storage-lens-unreadable"], "partial")
    assert len(names(part)) == 5


# What a configuration covers.

EVERYTHING = "<DataExport/>"
SOME = """<Include><Buckets><Arn>arn:aws:s3:::web</Arn></Buckets><Regions><Region>us-east-1</Region></Regions></Include>
<Exclude><Buckets><Arn>arn:aws:s3:::cold</Arn></Buckets><Regions><Region>eu-west-1</Region></Regions></Exclude>"""
OF_ORGANIZATION = f"<AwsOrg><Arn>arn:aws:organizations::{OWNER}:organization/{ORGANIZATION}</Arn></AwsOrg>"


def covered(part: Part) -> list[tuple[str, LensScope]]:
    return [(one.account, one.scope) for one in data(part).coverage]


@pytest.mark.parametrize(
    ("contents", "configuration", "expected"),
    [
        (WHOLE, None, []),
        (WHOLE, EVERYTHING, [(OWNER, LensScope())]),
        (WHOLE, SOME, [(OWNER, LensScope(("us-east-1",), ("web",), ("eu-west-1",), ("cold",)))]),
        (export([as_csv([])]), EVERYTHING, [(OWNER, LensScope())]),
        (WHOLE, OF_ORGANIZATION, []),
        (export([CSV], owner=ORGANIZATION), EVERYTHING, []),
        (
            export([CSV], owner=ORGANIZATION, sourceAccountId=OWNER),
            OF_ORGANIZATION,
            [(OWNER, LensScope()), (OTHER, LensScope())],
        ),
        (export([CSV], owner=ORGANIZATION, sourceAccountId=OTHER), OF_ORGANIZATION, []),
    ],
    ids=["none", "all", "some", "no-rows", "other-kind", "of-account", "organization", "of-another-account"],
)
def test_the_coverage_is_that_of_the_configuration(
    contents: dict[str, bytes], configuration: str | None, expected: list[tuple[str, LensScope]]
) -> None:
    part = collect(contents, configuration=configuration)
    assert (part.status, codes(part), covered(part)) == ("complete", [], expected)


def test_the_coverage_that_the_plan_has_needs_no_request() -> None:
    scope = LensScope(excluded_regions=("eu-west-1",))
    part = collect(WHOLE, scopes={OWNER: scope}, configuration=EVERYTHING)
    assert covered(part) == [(OWNER, scope)]
    assert "GetStorageLensConfiguration" not in part.calls.requests


def test_coverage_that_may_not_be_read_is_unknown_without_a_gap() -> None:
    lines: list[str] = []
    denied = Fault("deny", operation="GetStorageLensConfiguration")
    part = collect(WHOLE, denied, configuration=EVERYTHING, log=lines.append)
    assert (part.status, codes(part), covered(part)) == ("complete", [], [])
    assert any("AccessDenied" in line for line in lines)


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
def test_a_denied_request_is_a_gap_with_the_missing_permission(operation: str) -> None:
    part = collect(WHOLE, Fault("deny", operation=operation))
    (problem,) = part.problems
    assert (problem.code, part.status) == ("storage-lens-unreadable", "failed")
    assert problem.advice.startswith("allow s3:")


# Athena.


class Athena:
    """A server of Athena whose table ``lens_db.daily`` has the rows of one file. DuckDB runs the statements."""

    def __init__(self, key: str, *, account: str = "varchar", without: str = "", empty: bool = False) -> None:
        rows = pyarrow.parquet.read_table(io.BytesIO(as_parquet(EVERY_PITFALL)))  # noqa: F841  read by name
        self._duck = duckdb.connect()
        self._duck.execute("CREATE SCHEMA lens_db")
        self._duck.execute("CREATE MACRO array_join(texts, separator) AS array_to_string(texts, separator)")
        chosen = f"* REPLACE (CAST(aws_account_number AS {account}) AS aws_account_number)"
        chosen += f", 's3://exports/{'other' if empty else key}' AS \"$path\""
        self._duck.execute(f"CREATE TABLE lens_db.daily AS SELECT {chosen} FROM rows")
        if without:
            self._duck.execute(f"ALTER TABLE lens_db.daily DROP COLUMN {without}")
        self.statements: list[str] = []

    def respond(self, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
        if operation == "StartQueryExecution":
            self.statements.append(request["QueryString"])
            return 200, {"QueryExecutionId": "id"}
        if operation == "GetQueryExecution":
            return 200, execution()
        rows = self._duck.execute(self.statements[-1]).fetchall()
        return 200, results(*(tuple(_text(value) for value in row) for row in rows))


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


PARQUET = export([as_parquet(EVERY_PITFALL)], format="Parquet")
(KEY,) = [key for key in PARQUET if key.endswith(".par")]


def by_athena(config: str = "daily", contents: Mapping[str, bytes] = PARQUET, **table: Any) -> tuple[Part, list[str]]:
    """Return the part, and the statements after the lines of the log."""
    athena, lines = Athena(KEY, **table), list[str]()
    reading = ExportReading(engine="athena", database="lens_db")
    with server(athena.respond) as url:
        part = collect(contents, reading=reading, athena=url, log=lines.append, config=config)
    return part, [*lines, *athena.statements]


@pytest.mark.parametrize("account", ["varchar", "bigint"])
def test_athena_gives_the_same_figures_from_the_files_of_the_delivery(account: str) -> None:
    part, lines = by_athena(account=account)
    assert (part.status, data(part)) == ("complete", data(collect(PARQUET)))
    assert lines[0].endswith("s3://exports/lens, read by Athena: at most 1.00 USD")
    assert lines[1].startswith(f"{DAY}: Athena reads at most ") and lines[1].endswith("at most 0.000048 USD")
    assert f'"lens_db"."daily" WHERE "$path" IN (\'s3://exports/{KEY}\')' in lines[-1]
    assert part.calls.athena_mb == 40


@pytest.mark.parametrize(
    ("table", "detail", "advice"),
    [
        ({"without": "metric_value"}, "lens_db.daily has no column metric_value", "`metric_value` bigint"),
        ({"empty": True}, "has no buckets of the plan in the files of the delivery", "LOCATION"),
        (
            {"config": "Week.1", "contents": export([CSV], config="Week.1")},
            "lens_db.week_1 does not exist",
            "`metric_value` string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE "
            "LOCATION 's3://exports/lens/StorageLens/' TBLPROPERTIES ('skip.header.line.count' = '1')",
        ),
    ],
    ids=["column", "location", "table"],
)
def test_a_table_that_does_not_match_the_export_is_a_gap_with_advice(
    table: dict[str, Any], detail: str, advice: str
) -> None:
    part, _ = by_athena(**table)
    (problem,) = part.problems
    assert (problem.code, problem.severity, data(part).complete) == ("storage-lens-unreadable", "gap", False)
    assert detail in problem.message
    assert advice in problem.advice


def test_a_query_that_could_exceed_the_limit_is_not_sent() -> None:
    reading = ExportReading(engine="athena", max_usd=0.00001)
    part = collect(PARQUET, reading=reading, athena="http://athena.test")
    (problem,) = part.problems
    assert (problem.code, problem.severity, part.status) == ("storage-lens-too-expensive", "gap", "failed")
    assert "Athena could cost 0.000048 USD" in problem.message
