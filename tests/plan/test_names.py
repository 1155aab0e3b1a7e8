from __future__ import annotations

import pytest

from s3_monitor.plan.names import did_you_mean, is_name, name_from, nearest


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
