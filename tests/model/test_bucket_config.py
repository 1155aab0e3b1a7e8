"""Merging results about one bucket does not depend on their order and number."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from s3_monitor.model.bucket_config import BucketConfig, Encryption, merge_bucket_configs

answers = st.builds(
    BucketConfig,
    versioning=st.sampled_from([UNSET, None, "none", "enabled"]),
    encryption=st.sampled_from([UNSET, None, Encryption("AES256"), Encryption("aws:kms", "k")]),
    tags=st.one_of(
        st.sampled_from([UNSET, None]), st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
    ),
)


@given(answers, answers, answers)
def test_uniting_does_not_depend_on_order_grouping_or_number(
    one: BucketConfig, two: BucketConfig, three: BucketConfig
) -> None:
    def both(left: BucketConfig, right: BucketConfig) -> BucketConfig:
        return merge_bucket_configs(left, right)[0]

    assert both(one, one) == one
    assert both(one, two) == both(two, one)
    assert both(both(one, two), three) == both(one, both(two, three))


def test_a_result_has_precedence_over_none() -> None:
    united, disagreed = merge_bucket_configs(
        BucketConfig(versioning=None, tags={"a": "b"}), BucketConfig(versioning="enabled")
    )
    assert united == BucketConfig(versioning="enabled", tags={"a": "b"})
    assert disagreed == []


def test_two_different_results_are_reported() -> None:
    united, disagreed = merge_bucket_configs(BucketConfig(tags={"a": "x"}), BucketConfig(tags={"a": "y"}))
    assert united.tags == {"a": "y"}
    assert disagreed == ["tags"]


def test_not_requested_unreadable_and_not_configured_differ_in_json() -> None:
    assert msgspec.json.encode(BucketConfig(versioning=None, lifecycle="none", tags={})) == (
        b'{"versioning":null,"lifecycle":"none","tags":{}}'
    )
