"""The cache of connections: created once, bounded, and without errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from s3_monitor.cli.once_cache import OnceCache


def test_threads_that_need_the_same_value_create_it_once() -> None:
    cache, created = OnceCache[int, object](10), []
    together = threading.Barrier(8)

    def get(_: int) -> object:
        together.wait()
        return cache.get(1, lambda: created.append(1) or object())

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(get, range(8)))
    assert len(created) == 1
    assert len({id(value) for value in values}) == 1


def test_the_oldest_value_is_removed() -> None:
    cache = OnceCache[int, int](2)
    for key in (1, 2, 3):
        cache.get(key, lambda key=key: key)  # type: ignore[misc]
    assert cache.get(3, lambda: 30) == 3
    assert cache.get(1, lambda: 10) == 10


@pytest.mark.parametrize(("most", "created"), [(1, [2]), (2, [1, 2])])
def test_as_many_values_are_kept_as_the_limit_allows(most: int, created: list[int]) -> None:
    cache = OnceCache[int, str](most)
    assert [cache.get(key, lambda: "first") for key in (1, 2)] == ["first", "first"]
    assert [key for key in (2, 1) if cache.get(key, lambda: "again") == "first"] == sorted(created, reverse=True)


def test_an_error_is_not_cached() -> None:
    cache = OnceCache[int, int](2)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get(1, fail)
    assert cache.get(1, lambda: 5) == 5
