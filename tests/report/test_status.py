"""The status follows from what gaps make unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.summary import Group
from s3_monitor.report.status import status_of
from tests.report.builder import bucket, summary

FOUND = [bucket("a", total_cost=3.0), bucket("b", region="eu-west-1", total_cost=1.0)]
NOTHING = Group(0, None, None, None, complete=False)


def problem(code: str, **place: Any) -> Problem:
    values = {"detail": "Access Denied", "advice": "allow it"} | place
    return create_problem(code, account="111122223333", **values)


DATE = problem("last-modified-unreadable", region="eu-west-1", bucket="b")
REGION = problem("storage-types-unlisted", region="eu-west-1")
ACCOUNT = problem("account-inaccessible")
CONFIGURATION = problem("bucket-too-new", region="us-east-1", bucket="a")


@pytest.mark.parametrize(
    ("problems", "level", "text"),
    [
        ([], "good", "Complete"),
        ([CONFIGURATION], "good", "Complete"),  # a note
        ([DATE], "warn", "Costs complete, 1 date missing"),
        ([DATE, problem("last-modified-unreadable", names=["c", "d", "e"])], "warn", "Costs complete, 4 dates missing"),
        ([create_problem("bill-missing", shard="bill")], "warn", "Costs complete, 1 bill missing"),
        ([REGION], "bad", "Cost incomplete: eu-west-1"),
        ([REGION, DATE], "bad", "Cost incomplete: eu-west-1"),
        ([ACCOUNT], "bad", "Cost incomplete: 111122223333"),
        (
            [problem("storage-types-unlisted", region=name) for name in ("a-1", "b-1", "c-1", "d-1")],
            "bad",
            "Cost incomplete: a-1, b-1 and 2 more",
        ),
        ([create_problem("no-usable-part")], "bad", "No usable data"),
    ],
)
def test_amber_and_red_follow_from_what_is_unknown(problems: Sequence[Problem], level: str, text: str) -> None:
    totals = {"totals": NOTHING} if text == "No usable data" else {}
    found = status_of(summary(FOUND, problems, **totals), FOUND)
    assert (found.level, found.text) == (level, text)


@pytest.mark.parametrize(
    ("problems", "buckets", "share"),
    [([DATE], 1, 0.25), ([REGION], 1, 0.25), ([ACCOUNT], 2, 1.0), ([REGION, DATE], 1, 0.25)],
)
def test_the_status_states_the_buckets_and_the_share_of_the_cost(
    problems: Sequence[Problem], buckets: int, share: float
) -> None:
    totals = {"totals": Group(2, 1.0, 1.0, 4.0)}
    found = status_of(summary(FOUND, problems, **totals), FOUND)
    assert (found.buckets, found.share) == (buckets, pytest.approx(share))
