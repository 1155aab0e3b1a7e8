"""Responses of ListBuckets, in the form of AWS and in other forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.aws.list_xml import buckets
from tests.collect.canned_responses import bucket_list

names = st.text(st.sampled_from("abz019.-"), min_size=1, max_size=9)
TWO = bucket_list(("a", "us-east-1"), ("b", None), token="more")


def buckets_of(text: str) -> tuple[list[tuple[str, str | None]], str | None]:
    page = buckets(text.encode())
    assert page is not None
    assert {one["CreationDate"] for one in page.buckets} <= {"2020-05-04T15:13:08.000Z"}
    return [(one["Name"], one.get("BucketRegion") or None) for one in page.buckets], page.token


@given(st.lists(st.tuples(names, st.sampled_from(["us-east-1", "eu-west-1", None]))), st.none() | names)
def test_every_bucket_is_read_with_its_fields(listed: list[tuple[str, str | None]], token: str | None) -> None:
    assert buckets_of(bucket_list(*listed, token=token)) == (listed, token)


@pytest.mark.parametrize(
    ("text", "first", "token"),
    [
        (TWO.replace("><", ">\n  <"), "a", "more"),
        (TWO.replace("</Bucket>", "<BucketArn>arn:aws:s3:::x</BucketArn></Bucket>"), "a", "more"),
        (TWO.replace("<Bucket>", "<Bucket><Later>y</Later>"), "a", "more"),
        (TWO.replace(' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ""), "a", "more"),
        (TWO.replace("<Name>a<", "<Name>a&amp;b&lt;c<"), "a&b<c", "more"),
        (TWO.replace("<Name>a<", "<Name><![CDATA[a<b]]><"), "a<b", "more"),
        (TWO.replace("<ContinuationToken>more<", "<ContinuationToken>m&amp;e<"), "a", "m&e"),
        (TWO.replace("<ContinuationToken>more</ContinuationToken>", "<ContinuationToken/>"), "a", ""),
    ],
)
def test_other_forms_are_read_too(text: str, first: str, token: str) -> None:
    assert buckets_of(text) == ([(first, "us-east-1"), ("b", None)], token)


@pytest.mark.parametrize(
    "malformed",
    [
        "<Bucket/>",
        "<Bucket><Name/></Bucket>",
        "<Bucket><Name>c</Name><Name>d</Name></Bucket>",
        "<Bucket><Name><b>c</b></Name></Bucket>",
        "<Bucket><Name>c</Name><BucketRegion/><BucketRegion/></Bucket>",
    ],
)
def test_a_malformed_entry_is_counted_and_does_not_cost_the_others(malformed: str) -> None:
    page = buckets(TWO.replace("<Buckets>", f"<Buckets>{malformed}").encode())
    assert page is not None
    assert ([one["Name"] for one in page.buckets], page.token, page.unreadable) == (["a", "b"], "more", 1)
    with pytest.raises(ValueError, match="without a name"):
        buckets(bucket_list().replace("<Buckets>", f"<Buckets>{malformed}").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        TWO[:-1],
        TWO[: len(TWO) // 2],
        TWO.replace("<Name>a</Name>", "<Name>a</Nome>"),
        "<Error><Code>No</Code></Error>",
    ],
)
def test_an_incomplete_response_is_left_to_botocore(text: str) -> None:
    assert buckets(text.encode()) is None
