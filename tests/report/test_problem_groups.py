"""Which problems are told together."""

from __future__ import annotations

from s3_monitor.model.problem import gap, note
from s3_monitor.report.problem_groups import group_problems


def test_problems_that_differ_only_in_place_and_numbers_are_told_once() -> None:
    problems = [
        note(f"111122223333/eu-west-1/logs-{index}", f"logs-{index} has {index * 1000:,} objects", "list it")
        for index in range(1, 9)
    ]
    problems.append(note("111122223333/eu-west-1/logs-9", "too new", ""))
    first, second = group_problems(problems)
    assert (first.count, first.what, first.advice) == (8, "logs-1 has 1,000 objects", "list it")
    assert first.places[:2] == ["111122223333/eu-west-1/logs-1", "111122223333/eu-west-1/logs-2"]
    assert (second.count, second.what) == (1, "too new")


def test_what_is_missing_of_a_whole_region_comes_before_what_is_of_single_buckets() -> None:
    denied = [gap(f"111122223333/eu-west-1/logs-{index}", "denied") for index in range(9)]
    lost = [gap("shard a", "no part arrived"), gap("111122223333/sa-east-1", "throttled")]
    assert [group.what for group in group_problems([*denied, *lost])] == ["throttled", "no part arrived", "denied"]


def test_the_buckets_that_a_note_names_do_not_make_it_another() -> None:
    notes = [
        note("111122223333/eu-west-1", "3 buckets (a, b, c) without figures"),
        note("111122223333/us-east-1", "1 bucket (d) without figures"),
        note("111122223333/us-west-2", "no bucket (because) without figures"),
    ]
    assert [group.count for group in group_problems(notes)] == [2, 1]


def test_gaps_and_notes_are_never_told_together() -> None:
    assert {group.severity for group in group_problems([gap("a", "x"), note("b", "x")])} == {"gap", "note"}


def test_other_words_or_other_advice_is_another_problem() -> None:
    problems = [gap("a", "denied", "allow it"), gap("b", "denied", "ask the owner"), gap("c", "throttled", "allow it")]
    assert [group.count for group in group_problems(problems)] == [1, 1, 1]


def test_a_group_says_whether_its_members_differ() -> None:
    same, varied = group_problems(
        [gap("a", "2 calls"), gap("b", "3 calls"), *(gap(f"x{index}", "denied") for index in range(3))]
    )
    assert (same.what, same.varied) == ("denied", False)
    assert (varied.what, varied.varied) == ("2 calls", True)
