"""Sums of a page, compared with sums computed key by key."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.object_stats import SIZE_EDGES, Amount
from s3_monitor.objects.sums import ClassSums, merge_sums, sum_by_bin, sum_by_name

SIZES = st.one_of(st.integers(0, 2**40), st.sampled_from([edge + shift for edge in SIZE_EDGES for shift in (-1, 0, 1)]))
OBJECTS = st.lists(st.tuples(st.sampled_from(["STANDARD", "GLACIER", "GLACIER_IR"]), SIZES), max_size=30)


def one_by_one(objects: list[tuple[Hashable, int]]) -> dict[Hashable, Amount]:
    found: dict[Hashable, Amount] = {}
    for name, size in objects:
        found[name] = found.get(name, Amount()) + Amount(1, size)
    return found


@given(OBJECTS)
def test_a_page_is_summed_by_name(objects: list[tuple[str, int]]) -> None:
    assert sum_by_name([name for name, _ in objects], [size for _, size in objects]) == one_by_one([*objects])


@given(st.lists(SIZES))
def test_a_page_is_summed_by_size_bin(sizes: list[int]) -> None:
    found = {number: amount for number, amount in sum_by_bin(SIZE_EDGES, sizes).items() if amount.objects}
    assert found == one_by_one([(bisect_right(SIZE_EDGES, size), size) for size in sizes])


@given(OBJECTS, st.data())
def test_any_slice_of_a_page_is_summed_by_class(objects: list[tuple[str, int]], data: st.DataObject) -> None:
    classes = ClassSums([name for name, _ in objects], [size for _, size in objects])
    for _ in range(3 if objects else 0):
        start = data.draw(st.integers(0, len(objects) - 1))
        end = data.draw(st.integers(start + 1, len(objects)))
        assert classes.between(start, end) == one_by_one([*objects[start:end]])
        assert classes.size(start, end) == sum(size for _, size in objects[start:end])


@given(st.lists(OBJECTS))
def test_sums_of_pages_are_merged(pages: list[list[tuple[str, int]]]) -> None:
    assert merge_sums(one_by_one([*page]) for page in pages) == one_by_one([one for page in pages for one in page])
