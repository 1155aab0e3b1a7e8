"""The commands that fix tags, and what is wrong with a tag."""

from __future__ import annotations

import json
import shlex

import pytest

from s3_monitor.cli.tags import MOST_TAGS, TaggedBucket, activation_command, is_reserved


def bucket(**tags: str) -> TaggedBucket:
    return TaggedBucket("logs", "eu-west-1", tags)


def with_tags(own: int, of_aws: int = 0) -> TaggedBucket:
    tags = {f"k{number}": "v" for number in range(own)} | {f"aws:{number}": "v" for number in range(of_aws)}
    return bucket(**tags)


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        (bucket(name="logs"), ""),
        (bucket(name="other"), 'has the value "other"'),
        (bucket(name='a"b'), 'has the value "a\\"b"'),
        (bucket(), "has no such tag"),
        (bucket(Name="logs"), "has no such tag"),
        (with_tags(49), "has no such tag"),
        (with_tags(50), "has no such tag, and already 50 others, the maximum"),
        (with_tags(49, of_aws=5), "has no such tag"),
    ],
)
def test_a_tag_is_correct_if_its_value_is_the_name_of_the_bucket(tags: TaggedBucket, fault: str) -> None:
    assert tags.fault("name") == fault


@pytest.mark.parametrize(("own", "of_aws", "is_full"), [(49, 0, False), (50, 0, True), (51, 0, True), (49, 9, False)])
def test_a_bucket_has_room_for_fifty_tags_without_those_of_aws(own: int, of_aws: int, is_full: bool) -> None:
    tags = with_tags(own, of_aws)
    assert MOST_TAGS == 50
    assert tags.is_full("name") is is_full
    assert not tags.is_full("k0")


@pytest.mark.parametrize(
    ("key", "expected"), [("aws:x", True), ("AWS:x", True), ("aws:", True), ("awsx", False), ("x-aws:", False)]
)
def test_tags_that_begin_with_aws_are_reserved(key: str, expected: bool) -> None:
    assert is_reserved(key) is expected


def test_the_command_keeps_all_other_tags_and_quotes_them() -> None:
    words = shlex.split(bucket(team="d'a ta", name="old").command("name", "my profile"))
    assert words[:3] == ["aws", "s3api", "put-bucket-tagging"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    tags = json.loads(options.pop("--tagging"))
    assert options == {"--bucket": "logs", "--region": "eu-west-1", "--profile": "my profile"}
    assert tags == {"TagSet": [{"Key": "name", "Value": "logs"}, {"Key": "team", "Value": "d'a ta"}]}
    assert "--profile" not in bucket().command("name", None)


def test_the_command_that_activates_a_tag_names_the_region_and_the_profile() -> None:
    words = shlex.split(activation_command("na me", "us-east-1", "p"))
    assert words[:4] == ["aws", "ce", "update-cost-allocation-tags-status", "--cost-allocation-tags-status"]
    assert json.loads(words[4]) == [{"TagKey": "na me", "Status": "Active"}]
    assert words[5:] == ["--region", "us-east-1", "--profile", "p"]
    assert shlex.split(activation_command("n", "cn-northwest-1", None))[5:] == ["--region", "cn-northwest-1"]
