from __future__ import annotations

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.plan.names import check_exists, did_you_mean, is_name, name_from, nearest


@pytest.mark.parametrize(("text", "valid"), [
    ("a", True), ("0", True), ("dev-us-east-1", True), ("a.b_c-d", True), ("a" * 100, True),
    ("", False), ("-a", False), (".a", False), ("A", False), ("a b", False), ("a/b", False), ("a\n", False),
    ("ä", False), ("a" * 101, False),
])  # fmt: skip
def test_names_of_shards_are_safe_everywhere(text: str, valid: bool) -> None:
    assert is_name(text) is valid


@pytest.mark.parametrize(("text", "name"), [
    ("user1-dev", "user1-dev"), ("My Profile", "my-profile"), ("../../etc", "etc"), ("Grüße", "gr-e"),
    ("", "s3"), ("---", "s3"), ("x" * 300, "x" * 100), ("dev-IntelligentTieringDAAStorage", None),
])  # fmt: skip
def test_any_text_gives_a_valid_name(text: str, name: str | None) -> None:
    made = name_from(text, "s3")
    assert is_name(made)
    assert made == (name or text.lower())


def test_the_nearest_names_are_found_in_any_case() -> None:
    known = ["StandardStorage", "StandardIAStorage", "GlacierStorage"]
    assert nearest("standartstorage", known)[0] == "StandardStorage"
    assert nearest("us-est-1", ["us-west-1", "us-west-2", "us-east-1"])[0] == "us-east-1"
    assert nearest("zzz", known) == []
    assert did_you_mean("zzz", known) == "one of: GlacierStorage, StandardIAStorage, StandardStorage"
    assert did_you_mean("zzz", [f"bucket-{number}" for number in range(1000)]) == ""


def test_up_to_three_names_are_suggested_the_most_similar_and_longest_common_beginning_first() -> None:
    names = ["bucket-a", "bucket-b", "bucket-c", "bucket-d", "other"]
    assert nearest("bucket-x", names) == ["bucket-a", "bucket-b", "bucket-c"]
    assert nearest("ab", ["xb", "ax"]) == []
    assert nearest("abc", ["xbc", "abx"]) == ["abx", "xbc"]
    assert nearest("BUCKET-D", names)[0] == "bucket-d"
    assert did_you_mean("bucket-d", ["bucket-d", "bucket-e"]) == "did you mean bucket-d or bucket-e?"


@pytest.mark.parametrize(("count", "is_listed"), [(1, True), (40, True), (41, False)])
def test_without_a_similar_name_up_to_forty_are_listed(count: int, is_listed: bool) -> None:
    known = [f"{number:02}" for number in range(count)]
    assert did_you_mean("zzz", known) == (f"one of: {', '.join(known)}" if is_listed else "")


def test_a_name_that_does_not_exist_is_an_error_with_similar_names() -> None:
    check_exists("-r", ["us-east-1"], ["us-east-1", "us-east-2"], "region")
    with pytest.raises(UserError, match="-r us-eat-1: no such region") as caught:
        check_exists("-r", ["us-east-1", "us-eat-1"], ["us-east-1"], "region")
    assert caught.value.advice == "did you mean us-east-1?"


def test_a_name_has_at_most_a_hundred_characters_and_no_separators_around_it() -> None:
    assert name_from("." + "x" * 101, "s3") == "x" * 100
    assert name_from("_a_", "s3") == "a"
