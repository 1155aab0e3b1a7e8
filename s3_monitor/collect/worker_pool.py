"""Worker threads that send requests, while one thread, the caller's, handles their results.

concurrent.futures cannot replace them: its threads are joined when the process ends, so that a hung request would
block the end, while these are daemons. And a future has one result, while a task here yields each page as soon as it
is received, to be handled in one thread, which needs no locks.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_STOP_CHECK_SECONDS = 0.1


@dataclass(eq=False, slots=True)
class Task:
    """A request, or several in sequence, and the functions that handle its results.

    ``run`` yields results in a worker thread. The thread of ``WorkerPool.run`` calls ``on_result`` with each result,
    then ``on_done`` with the error that ``run`` or ``on_result`` raised, or ``None``.
    """

    run: Callable[[], Iterable[Any]]
    on_result: Callable[[Any], None]
    on_done: Callable[[Exception | None], None]
    owner: object = None
    """See ``ConcurrencyLimit.drop``."""
    is_dropped: bool = field(default=False, init=False)
    limit: ConcurrencyLimit | None = field(default=None, init=False)


class WorkerPool:
    """Starts a thread per running task; idle threads are used again."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        # A task, whether it is done, and its result or error.
        self._results: queue.SimpleQueue[tuple[Task, bool, Any]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads = 0
        self._running = 0
        self._is_stopped = False

    def start(self, task: Task) -> None:
        """Run a task in an idle thread, or in a new one."""
        self._running += 1
        self._tasks.put(task)
        if not self._idle.acquire(blocking=False):
            self._threads += 1
            threading.Thread(target=self._work, name=f"worker-{self._threads}", daemon=True).start()

    def drop(self, task: Task) -> None:
        """Ignore the further results of a task."""
        if not task.is_dropped:
            task.is_dropped = True
            self._running -= 1

    def run(self, stop: threading.Event) -> None:
        """Handle results until no task is running, or until ``stop`` is set: then no further request is sent."""
        try:
            while self._running and not stop.is_set():
                try:
                    task, is_done, result = self._results.get(timeout=_STOP_CHECK_SECONDS)
                except queue.Empty:
                    continue
                if task.is_dropped:
                    continue
                if is_done:
                    self._end(task, result)
                else:
                    self._handle(task, result)
                del result
        finally:
            self._is_stopped = True
            for _ in range(self._threads):
                self._tasks.put(None)

    def _handle(self, task: Task, result: Any) -> None:
        """Handle a result. An error ends its task, but no other task."""
        try:
            task.on_result(result)
        except Exception as error:
            self._end(task, error)

    def _end(self, task: Task, error: Exception | None) -> None:
        self.drop(task)
        if task.limit is not None:
            task.limit.release(task)
        task.on_done(error)
        if task.limit is not None:  # on_done may drop tasks that wait: the next one starts only after it
            task.limit.start_waiting()

    def _work(self) -> None:
        # A separate function for each task: a thread that waits must not keep a result, which may take megabytes.
        while self._run_next(self._tasks.get()):
            pass

    def _run_next(self, task: Task | None) -> bool:
        """Run a task. Return False if there is none."""
        if task is None:
            return False
        error: Exception | None = None
        try:
            for result in task.run():
                if self._is_stopped or task.is_dropped:
                    break
                self._results.put((task, False, result))
        except Exception as caught:
            error = caught
        self._idle.release()
        self._results.put((task, True, error))
        return True


class ConcurrencyLimit:
    """Runs at most ``limit`` tasks at the same time; the others wait in order."""

    def __init__(self, pool: WorkerPool, limit: int) -> None:
        self._pool = pool
        self._limit = limit
        self._waiting: deque[Task] = deque()
        self._running: set[Task] = set()

    @property
    def idle(self) -> int:
        """The number of tasks that could start at once."""
        return self._limit - len(self._running) - len(self._waiting)

    def start(self, task: Task) -> None:
        """Run a task as soon as the limit allows."""
        task.limit = self
        self._waiting.append(task)
        self.start_waiting()

    def drop(self, owner: object, *, running: bool) -> list[Task]:
        """Drop the waiting tasks of an owner, and also those running if requested. Return the dropped tasks."""
        dropped = [task for task in self._waiting if task.owner is owner]
        self._waiting = deque(task for task in self._waiting if task.owner is not owner)
        if running:
            for task in [task for task in self._running if task.owner is owner]:
                self._pool.drop(task)
                self._running.discard(task)
                dropped.append(task)
        self.start_waiting()
        return dropped

    def release(self, task: Task) -> None:
        """Remove a task from those running."""
        self._running.discard(task)

    def start_waiting(self) -> None:
        """Start the next tasks, as far as the limit allows."""
        while self._waiting and len(self._running) < self._limit:
            task = self._waiting.popleft()
            self._running.add(task)
            self._pool.start(task)
