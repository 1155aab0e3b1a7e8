"""Doctor names exactly what is missing, by real requests to the simulator."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from s3_monitor.doctor import text
from s3_monitor.doctor.permissions import PERMISSIONS
from s3_monitor.model.errors import UserError
from s3_monitor.simulator import Simulator
from tests.doctor.conftest import ACCOUNT, ACTIONS, MEMBER, Doctor, role_arn, role_name

PROVIDES = {row.action: row.provides for row in PERMISSIONS}


@pytest.mark.parametrize("action", [action for action in ACTIONS if not action.startswith("ce:")])
def test_a_role_that_lacks_one_action_misses_exactly_that_action(doctor: Doctor, action: str) -> None:
    report = doctor(role_name(action))
    (account,) = [one for one in report.accounts if one.role_arn]
    assert [one.action for one in account.missing] == [action]
    assert account.policy is not None
    assert {name for statement in account.policy["Statement"] for name in statement["Action"]} == {action}
    assert account.missing[0].provides
    assert not report.complete
    written = "\n".join(text.lines(report))
    assert action in written and account.missing[0].provides[0] in written


@pytest.mark.parametrize("action", ["ce:GetCostAndUsage", "ce:ListCostAllocationTags"])
def test_the_permissions_of_the_bill_are_those_of_the_payer(doctor: Doctor, action: str) -> None:
    report = doctor(payer_role=role_name(action))
    (payer,) = [one for one in report.accounts if one.role_arn]
    assert [one.action for one in payer.missing] == [action]
    assert [one.missing for one in report.accounts if not one.role_arn] == [()]
    assert not report.complete


def test_a_role_with_all_policies_is_complete(doctor: Doctor) -> None:
    report = doctor("complete")
    assert report.complete
    assert {check.result for account in report.accounts for check in account.checks} == {"yes"}
    assert all(account.policy is None for account in report.accounts)


def test_actions_that_cannot_be_tried_are_unknown_without_simulation(doctor: Doctor) -> None:
    report = doctor("unsimulated", regions=("us-east-1",))
    (account,) = [one for one in report.accounts if one.role_arn]
    unknown = {check.action for check in account.checks if check.result == "unknown"}
    assert "s3express:CreateSession" in unknown
    assert account.missing == ()
    assert account.result("objects", "us-east-1") == "yes"


def test_a_directory_bucket_permission_is_simulated_where_there_is_no_such_bucket(doctor: Doctor) -> None:
    report = doctor(role_name("s3express:CreateSession"), regions=("us-east-1",))
    (account,) = [one for one in report.accounts if one.role_arn]
    assert [(one.action, one.regions) for one in account.missing] == [("s3express:CreateSession", ())]
    assert {check.source for check in account.checks if check.action == "s3express:CreateSession"} == {"simulation"}


def test_options_that_are_not_in_use_do_not_affect_completeness(doctor: Doctor) -> None:
    off: dict[str, Any] = {
        "details": False, "requests": False, "objects": "off", "versions": False, "costs": "list",
    }  # fmt: skip
    report = doctor("minimal", **off)
    assert report.options == ("storage",)
    assert report.complete
    assert "s3:GetBucketTagging" in {one.action for one in report.accounts[0].missing}
    assert "(details)" in "\n".join(text.lines(report))


def test_without_options_and_file_all_options_are_in_use(doctor: Doctor) -> None:
    unset = dict.fromkeys(("details", "requests", "objects", "versions", "costs"))
    assert doctor(**unset).options == (
        "storage", "details", "requests", "objects", "versions", "inventory", "costs",
    )  # fmt: skip


def test_a_denial_by_a_bucket_policy_is_not_a_missing_action(doctor: Doctor) -> None:
    report = doctor("complete", regions=("us-east-1",))
    (account,) = [one for one in report.accounts if one.role_arn]
    denied = [check for check in account.checks if check.result == "no"]
    assert [(check.action, check.denied_by) for check in denied] == [("s3:GetBucketTagging", "resource-policy")]
    assert (account.missing, account.policy) == ((), None)
    assert "Denied by another policy:" in "\n".join(text.lines(report))


def test_a_role_that_cannot_be_assumed_is_reported_with_its_reason(doctor: Doctor) -> None:
    report = doctor("denied-by-scp")
    (account,) = [one for one in report.accounts if one.role_arn]
    assert account.account == ACCOUNT
    assert "AssumeRole" in (account.error or "")
    assert "organization" in (account.advice or "")
    assert not report.complete


def test_a_region_that_is_not_enabled_is_reported(doctor: Doctor) -> None:
    report = doctor("complete", regions=("af-south-1", "eu-west-1"))
    (account,) = [one for one in report.accounts if one.role_arn]
    assert account.disabled_regions == ("af-south-1",)
    assert {check.region for check in account.checks} == {None, "eu-west-1"}
    assert not report.complete
    assert "not enabled" in "\n".join(text.lines(report))


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (290, True), (-290, True), (310, False), (-310, False)])
def test_the_clock_may_differ_by_five_minutes(doctor: Doctor, seconds: int, ok: bool) -> None:
    report = doctor("complete", clock_error=timedelta(seconds=seconds))
    (clock,) = [check for check in report.environment if check.name == "clock"]
    assert clock.ok is ok
    assert report.complete is ok


def test_an_endpoint_other_than_aws_is_named(doctor: Doctor) -> None:
    report = doctor("complete")
    (endpoint,) = [check for check in report.environment if check.name == "endpoint"]
    assert "AWS_ENDPOINT_URL" in endpoint.message and "127.0.0.1" in endpoint.message


def test_without_credentials_nothing_is_checked(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UserError):
        doctor(costs="list")


def test_no_request_changes_anything(doctor: Doctor, simulator: Simulator) -> None:
    doctor("complete")
    assert {operation.partition(":")[2] for operation in simulator.counters.by_operation()} <= {
        "AssumeRole", "CreateSession", "GetBucketEncryption", "GetBucketLifecycleConfiguration",
        "GetBucketPolicyStatus",
        "GetBucketReplication", "GetBucketTagging", "GetBucketVersioning", "GetCallerIdentity", "GetCostAndUsage",
        "GetMetricData", "GetObject", "GetPublicAccessBlock", "ListBucketInventoryConfigurations",
        "ListBucketMetricsConfigurations", "ListBuckets", "ListCostAllocationTags", "ListDirectoryBuckets",
        "ListMetrics", "ListMultipartUploads", "ListObjectVersions", "ListObjectsV2", "ListParts", "ListTableBuckets",
        "ListVectorBuckets", "SimulatePrincipalPolicy",
    }  # fmt: skip


def test_an_action_that_several_options_need_is_tried_once(doctor: Doctor, simulator: Simulator) -> None:
    simulator.counters.reset()
    doctor("complete")
    assert simulator.counters.total("ListDirectoryBuckets").calls == 1
    assert simulator.counters.total("GetBucketTagging").calls == 1
    assert json.dumps(simulator.counters.rows())


ORGANIZATION = {"details": False, "requests": False, "objects": "off", "versions": False, "costs": "list"}


def test_every_account_of_an_organization_is_checked(doctor: Doctor) -> None:
    report = doctor(file_text="organization: {}\n", **ORGANIZATION)
    assert report.options == ("storage", "organization")
    missing = {account.account: [one.action for one in account.missing] for account in report.accounts}
    assert missing == {ACCOUNT: [], MEMBER: ["cloudwatch:GetMetricData"]}
    (payer,) = [account for account in report.accounts if account.account == ACCOUNT]
    assert payer.result("organization", None) == "yes"


def test_an_organization_that_cannot_be_listed_is_checked_with_its_caller(doctor: Doctor) -> None:
    text = f"organization: {{role_arn: '{role_arn('without-organization')}'}}\n"
    report = doctor(file_text=text, **ORGANIZATION)
    (caller,) = report.accounts
    assert [one.action for one in caller.missing] == [
        "organizations:DescribeOrganizationalUnit",
        "organizations:ListAccounts",
    ]
    assert not report.complete


def test_the_location_of_an_export_is_checked_with_its_own_role(doctor: Doctor) -> None:
    for action in ("s3:GetObject", "s3:ListBucket"):
        export = f"{{kind: cur2, bucket: reports, region: eu-west-1, role_arn: '{role_arn(role_name(action))}'}}"
        report = doctor(file_text=f"shards: [{{name: a}}]\nexports: {{billing: {export}}}\n", **ORGANIZATION)
        (reader,) = [account for account in report.accounts if account.role_arn]
        assert [one.action for one in reader.missing] == [action]
        assert reader.policy is not None
        assert reader.policy["Statement"][0]["Resource"] == ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]


@pytest.mark.parametrize(
    ("action", "missing"),
    [("s3:GetStorageLensConfiguration", ["s3:GetStorageLensConfiguration"]), ("s3:ListStorageLensConfigurations", [])],
)
def test_a_storage_lens_export_that_the_file_names_needs_only_its_configuration(
    doctor: Doctor, action: str, missing: list[str]
) -> None:
    export = f"{{bucket: reports, config: daily, region: eu-west-1, role_arn: '{role_arn(role_name(action))}'}}"
    report = doctor(file_text=f"shards: [{{name: a}}]\nexports: {{storage_lens: [{export}]}}\n", **ORGANIZATION)
    (reader,) = [account for account in report.accounts if account.role_arn]
    assert [one.action for one in reader.missing] == missing
