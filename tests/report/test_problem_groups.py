"""Problems that are one entry on the pages."""

from __future__ import annotations

from s3_monitor.model.problem import create_problem
from s3_monitor.report.problem_groups import group_problems, split_message
from tests.problems import gap, note

HERE = {"account": "111122223333", "region": "eu-west-1"}


def test_problems_with_the_same_code_and_advice_are_one_group() -> None:
    problems = [note(f"111122223333/eu-west-1/logs-{index}", f"{index} objects", "list it") for index in range(1, 9)]
    problems.append(note("111122223333/eu-west-1/logs-9", "too new"))
    first, second = group_problems(problems)
    assert (first.count, first.first.message, first.first.advice) == (8, "1 objects", "list it")
    assert first.places[:2] == ["111122223333/eu-west-1/logs-1", "111122223333/eu-west-1/logs-2"]
    assert (second.count, second.first.message) == (1, "too new")


def test_the_problems_of_a_region_come_before_those_of_buckets() -> None:
    denied = [gap(f"111122223333/eu-west-1/logs-{index}", "denied") for index in range(9)]
    lost = [gap("shard a", "no part"), gap("111122223333/sa-east-1", "throttled")]
    assert [group.first.message for group in group_problems([*denied, *lost])] == ["throttled", "no part", "denied"]


def test_names_and_numbers_in_messages_do_not_separate_problems() -> None:
    names = [["a", "b", "c"], ["d", "e"], ["f"]]
    problems = [create_problem("bucket-emptied", **HERE, names=some) for some in names]  # type: ignore[arg-type]
    (group,) = group_problems(problems)
    assert (group.count, group.varies) == (3, True)


def test_gaps_and_notes_are_never_in_one_group() -> None:
    groups = group_problems([gap("1", "x"), note("2", "x")])
    assert [group.first.severity for group in groups] == ["gap", "note"]


def test_another_code_or_another_advice_is_another_group() -> None:
    problems = [
        gap("1", "denied", "allow it"),
        gap("2", "denied", "contact the owner"),
        gap("3", "throttled", "allow it"),
    ]
    assert [group.count for group in group_problems(problems)] == [1, 1, 1]


def test_a_group_states_whether_its_messages_differ() -> None:
    same, varied = group_problems(
        [gap("1", "2 calls"), gap("2", "3 calls"), *(gap(f"3/r/x{index}", "denied") for index in range(3))]
    )[::-1]
    assert (same.first.message, same.varies) == ("denied", False)
    assert (varied.first.message, varied.varies) == ("2 calls", True)


def test_the_message_of_aws_is_separated_from_the_sentence() -> None:
    denied = create_problem("tags-unreadable", **HERE, bucket="a", detail="GetBucketTagging: denied: no")  # type: ignore[arg-type]
    assert split_message(denied) == ("Could not read the tags", "GetBucketTagging: denied: no")
    many = create_problem("tags-unreadable", **HERE, names=["a", "b"], detail="denied")  # type: ignore[arg-type]
    assert split_message(many) == ("Could not read the tags of 2 buckets (a, b)", "denied")
    assert split_message(gap("1", "a: b")) == ("a: b", "")
