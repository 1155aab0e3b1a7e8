"""Threads ask, one thread folds; what hangs or is dropped is not waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task, WorkerPool


class Diary:
    """Writes down what is folded, and in which thread."""

    def __init__(self) -> None:
        self.pages: list[Any] = []
        self.ends: list[Exception | None] = []
        self.threads: set[int] = set()

    def question(self, pages: Any, owner: object = None) -> Task:
        return Task(lambda: pages() if callable(pages) else pages, self._on_result, self._on_done, owner)

    def _on_result(self, page: Any) -> None:
        self.pages.append(page)
        self.threads.add(threading.get_ident())

    def _on_done(self, error: Exception | None) -> None:
        self.ends.append(error)
        self.threads.add(threading.get_ident())


@pytest.fixture
def diary() -> Diary:
    return Diary()


def forever() -> Iterator[int]:
    threading.Event().wait()
    yield 0


def test_every_page_is_on_resulted_in_order_by_the_caller(diary: Diary) -> None:
    pool = WorkerPool()
    pool.start(diary.question([1, 2, 3]))
    pool.run(threading.Event())
    assert (diary.pages, diary.ends) == ([1, 2, 3], [None])
    assert diary.threads == {threading.get_ident()}


def test_what_a_question_raises_is_its_end_and_its_pages_stay(diary: Diary) -> None:
    def pages() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    pool = WorkerPool()
    pool.start(diary.question(pages))
    pool.run(threading.Event())
    assert diary.pages == [1]
    assert [str(error) for error in diary.ends] == ["no"]


def test_an_answer_may_lead_to_further_questions(diary: Diary) -> None:
    pool = WorkerPool()
    further = Task(lambda: ["two"], diary.pages.append, lambda error: None)
    pool.start(Task(lambda: ["one"], lambda page: pool.start(further), lambda error: None))
    pool.run(threading.Event())
    assert diary.pages == ["two"]


def test_a_limit_has_no_more_under_way_than_its_limit(diary: Diary) -> None:
    pool, lock = WorkerPool(), threading.Lock()
    now, most = 0, 0

    def pages() -> Iterator[int]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        yield 1
        with lock:
            now -= 1

    limit = ConcurrencyLimit(pool, 3)
    for _ in range(50):
        limit.start(diary.question(pages))
    pool.run(threading.Event())
    assert len(diary.ends) == 50
    assert most <= 3


def test_what_is_dropped_is_not_waited_for_and_its_place_is_free(diary: Diary) -> None:
    pool = WorkerPool()
    limit = ConcurrencyLimit(pool, 2)
    for _ in range(5):
        limit.start(diary.question(forever, owner="a"))
    limit.start(diary.question([1], owner="b"))
    assert len(limit.drop("a", running=True)) == 5
    pool.run(threading.Event())
    assert (diary.pages, diary.ends) == ([1], [None])


def test_what_is_under_way_may_be_let_finish(diary: Diary) -> None:
    pool = WorkerPool()
    limit = ConcurrencyLimit(pool, 1)
    for _ in range(3):
        limit.start(diary.question([1], owner="a"))
    assert len(limit.drop("a", running=False)) == 2
    pool.run(threading.Event())
    assert diary.ends == [None]


def test_a_stop_ends_the_on_resulting_though_a_question_hangs(diary: Diary) -> None:
    pool, stop = WorkerPool(), threading.Event()
    pool.start(diary.question(forever))
    pool.start(Task(lambda: [1], lambda page: stop.set(), lambda error: None))
    pool.run(stop)
    assert diary.ends == []


@pytest.mark.parametrize("in_limit", [False, True])
def test_a_page_that_cannot_be_on_resulted_ends_its_question_and_no_other(diary: Diary, in_limit: bool) -> None:
    pool, fault = WorkerPool(), OverflowError("too large")
    limit = ConcurrencyLimit(pool, 1)

    def fold(page: Any) -> None:
        raise fault

    for question in (Task(lambda: [1, 2], fold, diary._on_done), diary.question([3])):
        limit.start(question) if in_limit else pool.start(question)
    pool.run(threading.Event())
    assert diary.pages == [3]
    assert len(diary.ends) == 2 and fault in diary.ends and None in diary.ends
