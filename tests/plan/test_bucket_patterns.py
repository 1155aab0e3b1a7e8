from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.plan.bucket_patterns import NO_BUCKET, intersect, matching, zone_region

NAMES = ["logs-a", "logs-b", "logs-prod", "prod", "raw-prod"]


@pytest.mark.parametrize(("ours", "theirs", "common"), [
    ([], [], ()),
    (["logs-*"], [], ("logs-*",)),
    ([], ["prod"], ("prod",)),
    (["logs-*"], ["logs-*"], ("logs-*",)),
    (["logs-*"], ["logs-a", "prod"], ("logs-a",)),
    (["prod", "logs-a"], ["*"], ("logs-a", "prod")),
    (["*"], ["logs-?"], ("logs-?",)),
    (["logs-*"], ["*-prod"], ("logs-prod",)),
    (["logs-*"], ["raw*"], (NO_BUCKET,)),
    (["logs-a"], ["logs-b"], (NO_BUCKET,)),
])  # fmt: skip
def test_two_choices_of_buckets_have_this_in_common(
    ours: list[str], theirs: list[str], common: tuple[str, ...]
) -> None:
    assert intersect(ours, theirs, NAMES) == common


_pattern = st.text(alphabet="ab*?", min_size=1, max_size=4)
_patterns = st.lists(_pattern, max_size=3)


@given(_patterns, _patterns, st.sets(st.text(alphabet="ab", min_size=1, max_size=4)))
def test_what_is_common_matches_just_what_both_match(ours: list[str], theirs: list[str], names: set[str]) -> None:
    common = intersect(ours, theirs, names)
    assert set(matching(common, names)) == set(matching(ours, names)) & set(matching(theirs, names))


@pytest.mark.parametrize(("pattern", "region"), [
    ("data--use1-az4--x-s3", "us-east-1"),
    ("*--apne1-az1--x-s3", "ap-northeast-1"),
    ("d--usgw1-az1--x-s3", "us-gov-west-1"),
    ("d--use1-bos1-az1--x-s3", "us-east-1"),
    ("data", None),
    ("data--nowhere1-az4--x-s3", None),
])  # fmt: skip
def test_the_name_of_a_directory_bucket_contains_its_zone(pattern: str, region: str | None) -> None:
    assert zone_region(pattern, ["us-east-1", "ap-northeast-1", "us-gov-west-1"]) == region
