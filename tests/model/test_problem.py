"""Problems: their order, their places and their effects."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.problem import Problem, has_gap, hides_totals, in_order
from s3_monitor.model.problem_catalogue import CATALOGUE
from tests.problems import gap, note

NAMES = st.none() | st.sampled_from(["a", "b", "c/d"])
PROBLEMS = st.builds(
    Problem,
    code=st.sampled_from(sorted(CATALOGUE)),
    severity=st.sampled_from(["gap", "note"]),
    account=NAMES,
    region=NAMES,
    bucket=NAMES,
    storage_type=NAMES,
    shard=NAMES,
    count=st.none() | st.integers(0, 3),
    message=st.sampled_from(["x", "y"]),
    advice=NAMES,
)


@given(st.lists(PROBLEMS), st.randoms(use_true_random=False))
def test_the_same_set_of_problems_has_one_order(problems: list[Problem], random_: random.Random) -> None:
    shuffled = random_.sample([*problems, *problems], 2 * len(problems))
    ordered = in_order(problems)
    assert in_order(shuffled) == ordered == in_order(ordered)
    assert set(ordered) == set(problems) and len(ordered) == len(set(problems))
    assert [problem.severity for problem in ordered] == sorted(problem.severity for problem in ordered)
    assert has_gap(problems) == any(problem.severity == "gap" for problem in problems)


@given(PROBLEMS)
def test_a_problem_is_read_as_it_was_written(problem: Problem) -> None:
    assert msgspec.json.decode(msgspec.json.encode(problem), type=Problem) == problem


def test_fields_that_do_not_apply_are_null() -> None:
    written = msgspec.json.decode(msgspec.json.encode(gap("111122223333", "denied")))
    assert written == {
        "code": "denied",
        "severity": "gap",
        "affects": ["cost", "size"],
        "account": "111122223333",
        "region": None,
        "bucket": None,
        "storage_type": None,
        "shard": None,
        "count": None,
        "message": "denied",
        "advice": None,
    }


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "denied"),
        ({"account": "1"}, "1: denied"),
        ({"account": "1", "region": "r", "bucket": "b", "storage_type": "S"}, "1/r/b/S: denied"),
        ({"region": "r", "storage_type": "S"}, "r/S: denied"),
        ({"shard": "dev"}, "shard dev: denied"),
        ({"shard": "dev", "account": "1", "region": "r"}, "shard dev (1/r): denied"),
    ],
)
def test_the_place_precedes_the_message(fields: dict[str, str], text: str) -> None:
    problem = Problem(code="x", severity="gap", message="denied", **fields)  # type: ignore[arg-type]
    assert problem.text == text


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (gap("1", "x", affects=("cost",)), True),
        (gap("1", "x", affects=("objects", "size")), True),
        (gap("1", "x", affects=("objects", "last_modified", "configuration", "requests", "bill")), False),
        (gap("1", "x", affects=()), False),
        (note("1", "x"), False),
    ],
)
def test_only_a_gap_of_cost_or_size_hides_totals(problem: Problem, expected: bool) -> None:
    assert hides_totals(problem.severity, problem.affects) is expected
