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

    def question(self, pages: Any, about: object = None) -> Task:
        return Task(lambda: pages() if callable(pages) else pages, self._fold, self._end, about)

    def _fold(self, page: Any) -> None:
        self.pages.append(page)
        self.threads.add(threading.get_ident())

    def _end(self, error: Exception | None) -> None:
        self.ends.append(error)
        self.threads.add(threading.get_ident())


@pytest.fixture
def diary() -> Diary:
    return Diary()


def forever() -> Iterator[int]:
    threading.Event().wait()
    yield 0


def test_every_page_is_folded_in_order_by_the_caller(diary: Diary) -> None:
    crew = WorkerPool()
    crew.start(diary.question([1, 2, 3]))
    crew.fold(threading.Event())
    assert (diary.pages, diary.ends) == ([1, 2, 3], [None])
    assert diary.threads == {threading.get_ident()}


def test_what_a_question_raises_is_its_end_and_its_pages_stay(diary: Diary) -> None:
    def pages() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    crew = WorkerPool()
    crew.start(diary.question(pages))
    crew.fold(threading.Event())
    assert diary.pages == [1]
    assert [str(error) for error in diary.ends] == ["no"]


def test_an_answer_may_lead_to_further_questions(diary: Diary) -> None:
    crew = WorkerPool()
    further = Task(lambda: ["two"], diary.pages.append, lambda error: None)
    crew.start(Task(lambda: ["one"], lambda page: crew.start(further), lambda error: None))
    crew.fold(threading.Event())
    assert diary.pages == ["two"]


def test_a_lane_has_no_more_under_way_than_its_limit(diary: Diary) -> None:
    crew, lock = WorkerPool(), threading.Lock()
    now, most = 0, 0

    def pages() -> Iterator[int]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        yield 1
        with lock:
            now -= 1

    lane = ConcurrencyLimit(crew, 3)
    for _ in range(50):
        lane.ask(diary.question(pages))
    crew.fold(threading.Event())
    assert len(diary.ends) == 50
    assert most <= 3


def test_what_is_dropped_is_not_waited_for_and_its_place_is_free(diary: Diary) -> None:
    crew = WorkerPool()
    lane = ConcurrencyLimit(crew, 2)
    for _ in range(5):
        lane.ask(diary.question(forever, about="a"))
    lane.ask(diary.question([1], about="b"))
    assert len(lane.drop("a", under_way=True)) == 5
    crew.fold(threading.Event())
    assert (diary.pages, diary.ends) == ([1], [None])


def test_what_is_under_way_may_be_let_finish(diary: Diary) -> None:
    crew = WorkerPool()
    lane = ConcurrencyLimit(crew, 1)
    for _ in range(3):
        lane.ask(diary.question([1], about="a"))
    assert len(lane.drop("a", under_way=False)) == 2
    crew.fold(threading.Event())
    assert diary.ends == [None]


def test_a_stop_ends_the_folding_though_a_question_hangs(diary: Diary) -> None:
    crew, stop = WorkerPool(), threading.Event()
    crew.start(diary.question(forever))
    crew.start(Task(lambda: [1], lambda page: stop.set(), lambda error: None))
    crew.fold(stop)
    assert diary.ends == []


@pytest.mark.parametrize("in_lane", [False, True])
def test_a_page_that_cannot_be_folded_ends_its_question_and_no_other(diary: Diary, in_lane: bool) -> None:
    crew, fault = WorkerPool(), OverflowError("too large")
    lane = ConcurrencyLimit(crew, 1)

    def fold(page: Any) -> None:
        raise fault

    for question in (Task(lambda: [1, 2], fold, diary._end), diary.question([3])):
        lane.ask(question) if in_lane else crew.start(question)
    crew.fold(threading.Event())
    assert diary.pages == [3]
    assert len(diary.ends) == 2 and fault in diary.ends and None in diary.ends
