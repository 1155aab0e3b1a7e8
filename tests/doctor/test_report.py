"""What a diagnosis concludes from its checks, and its text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from s3_monitor.doctor.checks import DiagnosisTarget, Subject
from s3_monitor.doctor.permissions import concrete
from s3_monitor.doctor.report import (
    AccountReport,
    Check,
    DoctorReport,
    EnvironmentCheck,
    MissingAction,
    fixing_policy,
    is_complete,
    missing_actions,
)
from s3_monitor.doctor.text import lines
from s3_monitor.model.identity import Identity
from s3_monitor.model.plan import Access


def check(result: Any = "yes", action: str = "s3:ListBucket", **fields: Any) -> Check:
    values = {"options": ("storage", "objects"), "source": "request", "provides": "dates", **fields}
    return Check(action=action, result=result, **values)


DENIED = check("no", denied_by="")
FAILED = check("unknown")
UNTRIED = check("unknown", source=None)


@pytest.mark.parametrize(
    ("checks", "result"),
    [
        ((), None),
        ((check(options=("costs",)),), None),
        ((check(region="us-east-1"),), None),
        ((check(),), "yes"),
        ((check(region="eu-west-1"), check(region="us-east-1", result="no")), "yes"),
        ((check(), DENIED), "no"),
        ((FAILED, DENIED), "no"),
        ((check(), FAILED), "unknown"),
        ((check(), UNTRIED), "yes"),
        ((UNTRIED, UNTRIED), "unknown"),
    ],
)
def test_an_option_is_available_in_a_region_if_nothing_is_denied_or_failed(
    checks: tuple[Check, ...], result: str | None
) -> None:
    assert AccountReport(checks=checks).result("objects", "eu-west-1") == result


@pytest.mark.parametrize(
    ("checks", "missing"),
    [
        ([check(), FAILED, UNTRIED], ()),
        ([DENIED], (MissingAction("s3:ListBucket", ("storage", "objects"), ("dates",), ()),)),
        (
            [check("no", denied_by="identity-policy", action="a")],
            (MissingAction("a", ("storage", "objects"), ("dates",), ()),),
        ),
        ([check("no", denied_by="resource-policy"), check("no", denied_by="organization")], ()),
        (
            [
                check("no", "b", denied_by="", region="us-east-1", provides="x"),
                check("no", "b", denied_by="", region="eu-west-1", provides="x"),
                check("no", "b", denied_by="", region="eu-west-1", provides="y", options=("requests", "details")),
                check("no", "a", denied_by="", options=("costs",)),
            ],
            (
                MissingAction("a", ("costs",), ("dates",), ()),
                MissingAction(
                    "b", ("storage", "details", "requests", "objects"), ("x", "y"), ("eu-west-1", "us-east-1")
                ),
            ),
        ),
    ],
)
def test_an_action_is_missing_if_a_policy_of_the_role_can_allow_it(
    checks: list[Check], missing: tuple[MissingAction, ...]
) -> None:
    assert missing_actions(checks) == missing


def test_the_policy_allows_what_is_missing_and_nothing_else() -> None:
    checks = [
        check("no", "s3:ListBucket", denied_by=""),
        check("no", "cloudwatch:ListMetrics", denied_by="", options=("storage",)),
        check("no", "s3:GetBucketTagging", denied_by="resource-policy", options=("details",)),
        check("yes", "cloudwatch:GetMetricData", options=("storage",)),
    ]
    assert fixing_policy(checks, missing_actions(checks), "aws-cn", {}) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["cloudwatch:ListMetrics"], "Resource": ["*"]},
            {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws-cn:s3:::*"]},
        ],
    }
    assert fixing_policy(checks, (), "aws", {}) is None


def test_only_the_partition_of_the_resource_itself_is_replaced() -> None:
    text = "arn:aws:s3:::BUCKET/arn:aws:x"
    assert concrete(text, "aws-cn", {"BUCKET": "b"}) == "arn:aws-cn:s3:::b/arn:aws:x"


OK, BAD = EnvironmentCheck("clock", True, "fine"), EnvironmentCheck("clock", False, "late", "set it")


@pytest.mark.parametrize(
    ("environment", "account", "complete"),
    [
        ((OK,), AccountReport(checks=(check(),)), True),
        ((), AccountReport(checks=(UNTRIED,)), True),
        ((OK, BAD), AccountReport(), False),
        ((OK,), AccountReport(error="no"), False),
        ((OK,), AccountReport(disabled_regions=("af-south-1",)), False),
        ((OK,), AccountReport(checks=(check(), DENIED)), False),
        ((OK,), AccountReport(checks=(FAILED,)), False),
        ((OK,), AccountReport(checks=(check("no", options=("costs",)), check("unknown", options=("costs",)))), True),
    ],
)
def test_a_diagnosis_is_complete_if_nothing_is_missing_for_the_options_in_use(
    environment: tuple[EnvironmentCheck, ...], account: AccountReport, complete: bool
) -> None:
    assert is_complete(("storage",), environment, [AccountReport(), account]) is complete


@pytest.mark.parametrize(
    ("access", "caller", "principal"),
    [
        (Access(role_arn="arn:aws:iam::1:role/r"), "arn:aws:sts::1:assumed-role/x/s", "arn:aws:iam::1:role/r"),
        (Access(), "arn:aws:iam::1:user/u", "arn:aws:iam::1:user/u"),
        (Access(), "arn:aws-cn:sts::1:assumed-role/name/session", "arn:aws-cn:iam::1:role/name"),
    ],
)
def test_the_policies_of_the_role_behind_a_session_are_simulated(access: Access, caller: str, principal: str) -> None:
    account: Any = None
    subject = Subject(
        account, access, Identity("1", "aws"), "us-east-1", caller, date(2026, 11, 22), DiagnosisTarget(), {}
    )
    assert subject.principal == principal


def report(*accounts: AccountReport, options: Any = ("storage", "details", "objects")) -> DoctorReport:
    return DoctorReport(tool="1", complete=False, options=options, environment=(OK, BAD), accounts=accounts)


def test_the_text_has_the_machine_then_each_account_with_its_regions_and_missing_actions() -> None:
    missing = (
        MissingAction("s3:ListBucket", ("storage",), ("dates", "ages"), ("eu-west-1", "us-east-1")),
        MissingAction("s3:GetObject", ("objects",), ("reports",), ("eu-west-1",)),
    )
    account = AccountReport(
        account="111122223333",
        caller="arn:aws:iam::111122223333:user/u",
        regions=("eu-west-1", "us-east-1", "af-south-1"),
        disabled_regions=("af-south-1",),
        checks=(
            check("no", region="eu-west-1", denied_by="resource-policy", message="no", advice="allow it"),
            check("no", "s3:B", region="eu-west-1", denied_by="resource-policy", message="no", advice="allow it"),
            check("no", "s3:B", region="us-east-1", denied_by="resource-policy", message="no", advice="allow it"),
            check("no", region="us-east-1", denied_by="identity-policy", message="hidden"),
            check("unknown", "s3:C", options=("costs",), source=None, message="not tried"),
        ),
        missing=missing,
        policy={"Version": "1"},
    )
    assert list(lines(report(account, AccountReport(profile="p", error="expired", advice="log in")))) == [
        "clock  ok       fine",
        "clock  PROBLEM  late (set it)",
        "",
        "Account 111122223333 (arn:aws:iam::111122223333:user/u)",
        "  region      storage      objects      (costs)",
        "  eu-west-1   no           no           unknown",
        "  us-east-1   no           no           unknown",
        "  af-south-1  not enabled  not enabled  not enabled",
        "  Missing actions:",
        "    action         options  provides     regions",
        "    s3:ListBucket  storage  dates; ages  all",
        "    s3:GetObject   objects  reports      eu-west-1",
        "  Denied by another policy:",
        "    s3:ListBucket, s3:B: no (allow it)",
        "  Unknown:",
        "    s3:C: not tried",
        "  A policy that allows them:",
        "  {",
        '    "Version": "1"',
        "  }",
        "",
        "Account unknown (profile p)",
        "  expired (log in)",
        "",
        "Options in parentheses are not in use, and do not affect the exit status.",
    ]


def test_an_account_without_regions_has_one_row_and_options_without_a_check_a_dash() -> None:
    account = AccountReport(role_arn="arn:aws:iam::1:role/r", checks=(check(options=("costs",)),))
    assert list(lines(report(account, options=("costs",))))[2:] == [
        "",
        "Account unknown (arn:aws:iam::1:role/r)",
        "  region  costs",
        "  all     yes",
    ]
    split = AccountReport(
        regions=("a", "b"), checks=(check(region="a", options=("costs",)), check(region="b", options=("details",)))
    )
    assert list(lines(report(split, options=("costs", "details"))))[3:] == [
        "Account unknown (default credentials)",
        "  region  details  costs",
        "  a       -        yes",
        "  b       yes      -",
    ]
