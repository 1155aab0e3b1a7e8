"""Rules about findings and properties, and their exceptions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Lifecycle, PublicAccessBlock
from s3_monitor.model.change import Anomaly
from s3_monitor.model.policies import PolicyException, PolicyRule
from s3_monitor.model.priced_object_stats import PricedAmount, PricedObjectStats
from s3_monitor.model.problem import create_problem
from s3_monitor.model.problem_type import Affected
from s3_monitor.model.request_metrics import RequestCosts
from tests.policies.fixtures import ACCOUNT, NOW, REGION, bucket, evaluate, result
from tests.problems import gap
from tests.report import builder

TODAY = NOW.date()
Kind = Literal["exact", "at-most", "range", "unknown"]
LISTED = PricedObjectStats(
    "listing", "2026-11-22 00:00:00+00:00", True, "", "", "", PricedAmount(1, 1, 0.0), {}, None, {}, None, None, None,
    None, None, None, None, None, None, None, None, None, None, None, None, None,
)  # fmt: skip


def finding(kind: Kind = "exact", low: float | None = 12.5, high: float | None = 12.5, **fields: Any) -> Finding:
    values = {"id": "mpu-no-abort", "account": ACCOUNT, "region": REGION, "bucket": "logs", **fields}
    return Finding(**values, kind=kind, low=low, high=high, scope=1, values=(), dates={})


@pytest.mark.parametrize(
    ("rule", "details", "status"),
    [
        ({"id": "encrypted"}, BucketConfig(encryption=Encryption("AES256")), "pass"),
        ({"id": "encrypted", "methods": ("aws:kms",)}, BucketConfig(encryption=Encryption("AES256")), "fail"),
        ({"id": "encrypted", "methods": ("aws:kms",)}, BucketConfig(encryption=Encryption("aws:kms")), "pass"),
        ({"id": "encrypted"}, BucketConfig(encryption=None), "unknown"),
        ({"id": "versioned"}, BucketConfig(versioning="enabled"), "pass"),
        ({"id": "versioned"}, BucketConfig(versioning="suspended"), "fail"),
        ({"id": "versioned"}, BucketConfig(versioning="none"), "fail"),
        ({"id": "public-access-blocked"}, BucketConfig(public_access_block=PublicAccessBlock(*[True] * 4)), "pass"),
        (
            {"id": "public-access-blocked"},
            BucketConfig(public_access_block=PublicAccessBlock(True, True, True, False)),
            "fail",
        ),
        ({"id": "public-access-blocked"}, BucketConfig(public_access_block="none"), "fail"),
        ({"id": "lifecycle-present"}, BucketConfig(lifecycle=Lifecycle(2, disabled=1)), "pass"),
        ({"id": "lifecycle-present"}, BucketConfig(lifecycle=Lifecycle(1, disabled=1)), "fail"),
        ({"id": "lifecycle-present"}, BucketConfig(lifecycle="none"), "fail"),
        ({"id": "tags-present", "tags": ("team",)}, BucketConfig(tags={"team": "data"}), "pass"),
        ({"id": "tags-present", "tags": ("team", "owner")}, BucketConfig(tags={"team": "data"}), "fail"),
        ({"id": "tags-present", "tags": ("team",)}, BucketConfig(tags={"team": ""}), "fail"),
        ({"id": "tags-present", "tags": ("team",)}, None, "unknown"),
        ({"id": "tags-present", "tags": ("team",)}, UNSET, "unknown"),
    ],
)
def test_a_property_passes_fails_or_is_unknown(rule: dict[str, Any], details: Any, status: str) -> None:
    assert result(PolicyRule(**rule), [bucket(details=details)]).status == status
    assert result(PolicyRule(**rule, severity="warn"), [bucket(details=details)]).status == (
        "warn" if status == "fail" else status
    )


def test_properties_that_a_directory_bucket_does_not_have_are_not_required() -> None:
    directory = bucket("d--use1-az4--x-s3", kind="directory", details=BucketConfig(lifecycle="none"))
    assert evaluate(PolicyRule(id="versioned"), [directory, bucket(details=None)]).result.passed == 1
    assert result(PolicyRule(id="lifecycle-present"), [directory]).status == "fail"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"last_modified": "2026-11-20 03:04:05+00:00"}, "pass"),
        ({"last_modified": "2026-11-20 03:04:04+00:00"}, "fail"),
        ({"last_modified": None}, "unknown"),
        ({"last_modified": None, "state": "empty"}, "fail"),
        ({"last_modified": "2026-11-22 00:00:00+00:00", "state": "emptied"}, "fail"),
    ],
)
def test_the_newest_object_must_be_recent(fields: dict[str, Any], status: str) -> None:
    rule = PolicyRule(id="recently-modified", name="fresh", max_age_days=2)
    assert result(rule, [bucket(**fields)]).status == status


@pytest.mark.parametrize(
    ("found", "at_least", "status"),
    [
        (finding(), None, "fail"),
        (finding(), 12.5, "fail"),
        (finding(), 12.51, "pass"),
        (finding("at-most", 0.0, 40.0), None, "fail"),
        (finding("at-most", 0.0, 40.0), 10, "unknown"),
        (finding("at-most", 0.0, 40.0), 40, "unknown"),
        (finding("at-most", 0.0, 40.0), 50, "pass"),
        (finding("range", 5.0, 40.0), 5, "fail"),
        (finding("range", 5.0, 40.0), 10, "unknown"),
        (finding("range", -5.0, 4.0), 10, "pass"),
        (finding("unknown", None, None), None, "unknown"),
        (finding("unknown", None, None), 10, "unknown"),
        (finding(bucket="other"), None, "pass"),
        (finding(id="rrs"), None, "pass"),
    ],
)
def test_a_threshold_counts_only_what_is_certain(found: Finding, at_least: float | None, status: str) -> None:
    rule = PolicyRule(id="mpu-no-abort", at_least_usd=at_least)
    assert result(rule, [bucket(details=BucketConfig())], [found]).status == status


@pytest.mark.parametrize(
    ("id_", "fields", "status"),
    [
        ("mpu-no-abort", {}, "unknown"),  # the configuration is not known
        ("mpu-no-abort", {"details": BucketConfig()}, "pass"),
        ("mpu-no-abort", {"details": BucketConfig(), "state": "incomplete"}, "unknown"),
        ("rrs", {}, "pass"),  # no bytes of the storage type
        ("no-access", {}, "unknown"),
        ("small-objects", {"details": BucketConfig()}, "pass"),
        ("small-objects", {}, "pass"),
        ("replica", {}, "unknown"),  # the sources are in the configuration of buckets
        ("replica", {"details": BucketConfig()}, "pass"),
        ("no-access", {"requests": RequestCosts(30, {}, 0.0, 0.0, 0.0, 0.0)}, "pass"),
        ("no-access", {"requests": RequestCosts(1, {}, 0.0, 0.0, 0.0, 0.0, "storage-lens")}, "unknown"),
        ("ia-candidate", {}, "unknown"),  # the objects are not known
        ("ia-candidate", {"objects": LISTED}, "pass"),
        ("ia-candidate", {"objects": msgspec.structs.replace(LISTED, complete=False)}, "unknown"),
        ("ia-candidate", {"objects": msgspec.structs.replace(LISTED, keys="logs/*")}, "unknown"),
        ("delete-markers", {"objects": LISTED}, "unknown"),
        ("delete-markers", {"details": BucketConfig()}, "unknown"),
        ("delete-markers", {"objects": LISTED, "details": BucketConfig()}, "pass"),
    ],
)
def test_the_absence_of_a_finding_passes_only_if_its_data_is_known(
    id_: str, fields: dict[str, Any], status: str
) -> None:
    assert result(PolicyRule(id=id_), [bucket(**fields)]).status == status


@pytest.mark.parametrize(
    ("cost", "at_least", "status"),
    [
        (5.0, None, "fail"),
        (-5.0, None, "fail"),
        (5.0, 5, "fail"),
        (5.0, 6, "pass"),
        (-5.0, 1, "pass"),
        (None, 1, "unknown"),
    ],
)
def test_an_unexplained_change_is_a_violation(cost: float | None, at_least: float | None, status: str) -> None:
    anomaly = Anomaly("logs", ACCOUNT, REGION, TODAY, "grew", 9e9, cost, "bytes", 1.0, 2.0, 30)
    rule = PolicyRule(id="no-anomaly", at_least_usd=at_least)
    evaluated = evaluate(rule, [bucket(), bucket("other"), bucket(account="9")], anomalies=[anomaly])
    assert evaluated.result.status == status
    not_passed = [(case.name, case.account) for case in evaluated.cases if case.status != "pass"]
    assert not_passed == ([] if status == "pass" else [("logs", ACCOUNT)])
    assert result(rule, [bucket()], anomalies=[]).status == "pass"
    assert result(rule, [bucket()]).status == "unknown"


def test_findings_about_accounts_are_cases_of_their_place() -> None:
    fee = finding(id="unused-features", bucket=None)
    evaluated = evaluate(PolicyRule(id="unused-features"), [bucket()], [fee], bill=builder.bill())
    assert [(case.name, case.status) for case in evaluated.cases] == [(f"{ACCOUNT}/{REGION}", "fail")]
    assert result(PolicyRule(id="unused-features"), [bucket()], bill=builder.bill()).status == "pass"
    assert result(PolicyRule(id="unused-features"), [bucket()]).status == "unknown"


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"id": "versioned"}, "unknown"),
        ({"id": "mpu-no-abort"}, "unknown"),
        ({"id": "recently-modified", "max_age_days": 9}, "unknown"),
        ({"id": "versioned", "account": ACCOUNT}, "pass"),
    ],
)
def test_a_rule_does_not_pass_if_an_account_is_missing(rule: dict[str, Any], status: str) -> None:
    denied = create_problem("account-inaccessible", account="444455556666", detail="denied")
    good = bucket(details=BucketConfig(versioning="enabled"))
    found = result(PolicyRule(**rule), [good], (), [denied])
    assert (found.status, found.passed) == (status, 1)
    assert status == "pass" or denied.text in found.message
    bad = bucket("bad", details=BucketConfig(versioning="none"))
    assert result(PolicyRule(id="versioned"), [good, bad], (), [denied]).status == "fail"


def test_sizes_that_are_missing_do_not_matter_for_a_property() -> None:
    unreachable = create_problem("cloudwatch-unreachable", account=ACCOUNT, region=REGION, detail="timeout")
    good = bucket(details=BucketConfig(versioning="enabled"))
    assert result(PolicyRule(id="versioned"), [good], (), [unreachable]).status == "pass"
    assert result(PolicyRule(id="mpu-no-abort"), [good], (), [unreachable]).status == "unknown"


@pytest.mark.parametrize(
    ("rule", "affects", "status"),
    [
        ({"id": "versioned"}, "configuration", "unknown"),
        ({"id": "versioned"}, "last_modified", "pass"),
        ({"id": "recently-modified", "max_age_days": 9}, "last_modified", "unknown"),
        ({"id": "recently-modified", "max_age_days": 9}, "configuration", "pass"),
        ({"id": "no-anomaly"}, "size", "unknown"),
        ({"id": "no-anomaly"}, "configuration", "pass"),
        ({"id": "rrs"}, "cost", "unknown"),
        ({"id": "rrs"}, "last_modified", "pass"),
    ],
)
def test_a_gap_matters_only_for_rules_that_need_its_data(rule: dict[str, Any], affects: Affected, status: str) -> None:
    buckets = [bucket(details=BucketConfig(versioning="enabled"))]
    evaluated = evaluate(PolicyRule(**rule), buckets, (), [gap(ACCOUNT, "denied", affects=(affects,))], anomalies=[])
    assert evaluated.result.status == status
    assert evaluated.cases[0].name == ("other buckets" if status == "unknown" else "logs")


@pytest.mark.parametrize(("versioning", "status"), [("none", "unknown"), ("enabled", "pass")])
def test_a_bucket_of_unknown_tags_violates_no_rule_but_may_pass(versioning: Any, status: str) -> None:
    rule = PolicyRule(id="versioned", tag={"team": "web"})
    evaluated = evaluate(rule, [bucket(details=BucketConfig(versioning=versioning), tags=None)])
    message = "tags or storage types unknown" if status == "unknown" else ""
    assert [(case.status, case.message) for case in evaluated.cases] == [(status, message)]


def test_a_rule_shows_the_cases_that_do_not_pass_in_the_order_of_their_severity() -> None:
    kept = (exception("old", 60), exception("other", -1))
    configs = {"good": "enabled", "old": "none", "bad": "suspended"}
    buckets = [bucket(name, details=BucketConfig(versioning=value)) for name, value in configs.items()]  # type: ignore[arg-type]
    evaluated = evaluate(PolicyRule(id="versioned", name="Versions", exceptions=kept), [*buckets, bucket("unread")])
    found = evaluated.result
    assert (found.name, found.kind, found.id) == ("Versions", "rule", "versioned")
    assert (found.passed, found.violated, found.unknown, found.excepted) == (1, 1, 1, 1)
    shown = [("bad", "fail"), ("unread", "unknown"), ("old", "excepted")]
    assert [(case.name, case.status) for case in found.cases] == shown
    assert [(case.name, case.status) for case in evaluated.cases] == [*shown, ("good", "pass")]
    assert found.message == "bad: versioning is suspended"
    without_bad = result(PolicyRule(id="versioned", exceptions=kept), buckets[:2])
    assert (without_bad.status, without_bad.message) == ("warn", "the exception of other ended on 2026-11-21")


def exception(name: str, days: int, **fields: Any) -> PolicyException:
    return PolicyException(bucket=name, reason="migration", until=TODAY + timedelta(days=days), **fields)


@pytest.mark.parametrize(
    ("excepted", "status", "state"),
    [
        (exception("logs", 60), "pass", "active"),
        (exception("lo*", 0), "pass", "ending"),
        (exception("logs", 14), "pass", "ending"),
        (exception("logs", 15), "pass", "active"),
        (exception("logs", -1), "fail", "expired"),
        (exception("other", 60), "fail", "unused"),
        (exception("logs", 60, account=ACCOUNT), "pass", "active"),
        (exception("logs", 60, account="9"), "fail", "unused"),
    ],
)
def test_an_exception_counts_until_its_end_and_is_reported(excepted: PolicyException, status: str, state: str) -> None:
    rule = PolicyRule(id="mpu-no-abort", exceptions=(excepted,))
    evaluated = evaluate(rule, [bucket()], [finding()])
    found = evaluated.result
    assert (found.status, found.exceptions[0].status) == (status, state)
    assert (found.excepted, found.violated) == ((1, 0) if status == "pass" else (0, 1))
    assert status != "pass" or "migration" in evaluated.cases[0].message


def test_an_expired_exception_is_a_warning_where_nothing_is_violated() -> None:
    rule = PolicyRule(id="mpu-no-abort", exceptions=(exception("logs", -1),))
    found = result(rule, [bucket(details=BucketConfig())])
    assert (found.status, found.message) == ("warn", "the exception of logs ended on 2026-11-21")


def test_violated_cases_come_first_and_are_limited() -> None:
    many = [bucket(f"b{number:04}", details=BucketConfig(versioning="none")) for number in range(1200)]
    evaluated = evaluate(PolicyRule(id="versioned"), [bucket("a", details=BucketConfig(versioning="enabled")), *many])
    assert (evaluated.result.violated, evaluated.result.passed) == (1200, 1)
    assert [len(evaluated.result.cases), len(evaluated.cases)] == [100, 1001]
    assert (evaluated.cases[0].name, evaluated.cases[-1].name) == ("b0000", "a")
    assert evaluated.result.message == "b0000: versioning is off (and 1,199 more)"


def test_a_rule_that_selects_nothing_is_unknown() -> None:
    assert result(PolicyRule(id="versioned", account="9"), [bucket()]).status == "unknown"


def test_dates_are_written_as_in_the_file() -> None:
    until = date(2027, 1, 31)
    rule = PolicyRule(id="rrs", exceptions=(PolicyException(bucket="x", reason="y", until=until),))
    assert result(rule, [bucket()]).exceptions[0].until == until
