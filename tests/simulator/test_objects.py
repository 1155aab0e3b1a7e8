"""Lists of objects that are generated on request."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.simulator import ObjectList

NEWEST = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
FOLDERS = st.sets(st.text("aä% &<", max_size=4).map(lambda name: name + "/"), min_size=1)
LISTS = st.builds(
    ObjectList,
    count=st.integers(1, 500),
    newest=st.just(NEWEST),
    folders=FOLDERS.map(lambda folders: tuple(sorted(folders))),
    seed=st.integers(0, 2**31),
)


@given(LISTS, st.data())
def test_keys_ascend_and_one_object_is_the_newest(objects: ObjectList, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(0, len(objects) - 1), max_size=20))
    keys = [objects.key(number) for number in sorted(set(numbers))]
    assert keys == sorted(set(keys))
    assert objects[objects.newest_index].last_modified == NEWEST
    for number in set(numbers) - {objects.newest_index}:
        assert NEWEST - timedelta(days=366) < objects[number].last_modified < NEWEST


@given(LISTS, st.text("aä/% &<0", max_size=5))
def test_a_prefix_finds_the_keys_that_start_with_it(objects: ObjectList, prefix: str) -> None:
    expected = [number for number in range(len(objects)) if objects.key(number).startswith(prefix)]
    assert list(objects.under(prefix)) == expected


@given(LISTS, st.data())
def test_after_a_key_comes_the_next(objects: ObjectList, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(objects) - 1))
    assert objects.after(objects.key(number)) == number + 1
    assert objects.after(objects.key(number)[:-1]) == number


def test_folders_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="do not come after"):
        ObjectList(3, NEWEST, folders=("b/", "a/"))


def test_billions_cost_nothing() -> None:
    objects = ObjectList(3_000_000_000, NEWEST)
    key = objects.key(2_999_999_999)
    assert objects.after(key) == 3_000_000_000
    assert objects.at_or_after(key) == 2_999_999_999


def test_an_empty_list_has_no_newest_object() -> None:
    assert ObjectList().last_modified is None
    assert list(ObjectList().under("")) == []
