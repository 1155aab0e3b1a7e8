"""Worker threads run tasks and one thread handles their results; hung and dropped tasks do not block the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task, WorkerPool


class Handler:
    """Records what is handled, and in which thread."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[Exception | None] = []
        self.threads: set[int] = set()

    def task(self, results: Any, owner: object = None) -> Task:
        run = results if callable(results) else lambda: results
        return Task(run, self._on_result, self.on_done, owner)

    def _on_result(self, result: Any) -> None:
        self.results.append(result)
        self.threads.add(threading.get_ident())

    def on_done(self, error: Exception | None) -> None:
        self.errors.append(error)
        self.threads.add(threading.get_ident())


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def pool() -> WorkerPool:
    return WorkerPool()


def hang() -> Iterator[int]:
    threading.Event().wait()
    yield 0


def test_every_result_is_handled_in_order_by_the_caller(pool: WorkerPool, handler: Handler) -> None:
    pool.start(handler.task([1, 2, 3]))
    pool.run(threading.Event())
    assert (handler.results, handler.errors) == ([1, 2, 3], [None])
    assert handler.threads == {threading.get_ident()}


def test_an_error_ends_its_task_and_the_results_before_it_are_kept(pool: WorkerPool, handler: Handler) -> None:
    def fail() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    pool.start(handler.task(fail))
    pool.run(threading.Event())
    assert handler.results == [1]
    assert [str(error) for error in handler.errors] == ["no"]


def test_a_result_may_start_further_tasks(pool: WorkerPool, handler: Handler) -> None:
    second = handler.task(["two"])
    pool.start(Task(lambda: ["one"], lambda result: pool.start(second), lambda error: None))
    pool.run(threading.Event())
    assert handler.results == ["two"]


def test_idle_threads_run_the_next_tasks(pool: WorkerPool, handler: Handler) -> None:
    threads: set[int] = set()

    def note_thread() -> Iterator[int]:
        threads.add(threading.get_ident())
        yield len(threads)

    limit = ConcurrencyLimit(pool, 2)
    for _ in range(50):
        limit.start(handler.task(note_thread))
    pool.run(threading.Event())
    assert len(handler.results) == 50
    assert len(threads) <= 2


def test_no_more_tasks_run_at_the_same_time_than_the_limit(pool: WorkerPool, handler: Handler) -> None:
    lock = threading.Lock()
    running, most = 0, 0

    def run() -> Iterator[int]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        yield 1
        with lock:
            running -= 1

    limit = ConcurrencyLimit(pool, 3)
    assert limit.idle == 3
    for _ in range(50):
        limit.start(handler.task(run))
    assert limit.idle == -47
    pool.run(threading.Event())
    assert len(handler.errors) == 50
    assert most <= 3


def test_dropped_tasks_do_not_block_the_end_and_free_their_place(pool: WorkerPool, handler: Handler) -> None:
    limit = ConcurrencyLimit(pool, 2)
    for _ in range(5):
        limit.start(handler.task(hang, owner="a"))
    limit.start(handler.task([1], owner="b"))
    assert len(limit.drop("a", running=True)) == 5
    pool.run(threading.Event())
    assert (handler.results, handler.errors) == ([1], [None])


def test_running_tasks_continue_if_only_the_waiting_ones_are_dropped(pool: WorkerPool, handler: Handler) -> None:
    limit = ConcurrencyLimit(pool, 1)
    for owner in ("a", "b", "a", "a"):
        limit.start(handler.task([owner], owner=owner))
    assert len(limit.drop("a", running=False)) == 2
    pool.run(threading.Event())
    assert handler.results == ["a", "b"]


def test_tasks_dropped_by_the_end_of_another_do_not_start(pool: WorkerPool, handler: Handler) -> None:
    limit = ConcurrencyLimit(pool, 1)
    limit.start(Task(lambda: [1], lambda result: None, lambda error: drop(), owner="a"))
    limit.start(handler.task([2], owner="a"))

    def drop() -> None:
        limit.drop("a", running=True)

    pool.run(threading.Event())
    assert handler.results == []


def test_a_stop_ends_the_run_although_a_task_hangs(pool: WorkerPool, handler: Handler) -> None:
    stop = threading.Event()
    pool.start(handler.task(hang))
    pool.start(Task(lambda: [1], lambda result: stop.set(), lambda error: None))
    pool.run(stop)
    assert handler.errors == []


@pytest.mark.parametrize("is_limited", [False, True])
def test_a_result_that_cannot_be_handled_ends_its_task_and_no_other(
    pool: WorkerPool, handler: Handler, is_limited: bool
) -> None:
    fault = OverflowError("too large")
    limit = ConcurrencyLimit(pool, 1)

    def fail(result: Any) -> None:
        raise fault

    for task in (Task(lambda: [1, 2], fail, handler.on_done), handler.task([3])):
        limit.start(task) if is_limited else pool.start(task)
    pool.run(threading.Event())
    assert handler.results == [3]
    assert len(handler.errors) == 2 and fault in handler.errors and None in handler.errors


def test_a_task_ends_at_its_next_result_after_the_stop(pool: WorkerPool) -> None:
    stop, has_stopped, has_ended = threading.Event(), threading.Event(), threading.Event()
    further: list[str] = []

    def run() -> Iterator[int]:
        try:
            yield 1
            assert has_stopped.wait(30)
            yield 2
            further.append("requested after the stop")
            yield 3
        finally:
            has_ended.set()

    pool.start(Task(run, lambda result: stop.set(), lambda error: None))
    pool.run(stop)
    has_stopped.set()
    assert has_ended.wait(30)
    assert further == []


def test_the_threads_end_after_the_run(pool: WorkerPool) -> None:
    threads: list[threading.Thread] = []
    both_run = threading.Barrier(2, timeout=30)

    def run() -> Iterator[int]:
        threads.append(threading.current_thread())
        both_run.wait()
        yield 1

    for _ in range(2):
        pool.start(Task(run, lambda result: None, lambda error: None))
    pool.run(threading.Event())
    for thread in threads:
        thread.join(10)
    assert [(thread.name, thread.is_alive()) for thread in sorted(threads, key=lambda thread: thread.name)] == [
        ("worker-1", False),
        ("worker-2", False),
    ]
