"""Threads that ask while one thread, the caller's, folds the answers: what is known changes in one thread only."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# How long a stop may go unnoticed while no answer comes.
_LOOK_UP_SECONDS = 0.1


class Task:
    """``pages`` is run in a thread of the crew; ``fold`` is given each of its pages, ``end`` at last what it raised
    or null, both in the folding thread. ``about`` is what a lane drops it by."""

    def __init__(
        self,
        pages: Callable[[], Iterable[Any]],
        fold: Callable[[Any], None],
        end: Callable[[Exception | None], None],
        about: object = None,
    ) -> None:
        self.pages = pages
        self.fold = fold
        self.end = end
        self.about = about
        self.dropped = False
        self.lane: ConcurrencyLimit | None = None


class WorkerPool:
    """As many threads as there are questions under way. They are daemons: one that hangs holds up nobody."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        # A question, whether it has ended, and a page or what it ended with.
        self._answers: queue.SimpleQueue[tuple[Task, bool, Any]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads = 0
        self._under_way = 0
        self._stopped = False

    def start(self, question: Task) -> None:
        self._under_way += 1
        self._asked.put(question)
        if not self._idle.acquire(blocking=False):
            self._threads += 1
            threading.Thread(target=self._work, name=f"asking-{self._threads}", daemon=True).start()

    def drop(self, question: Task) -> None:
        """Its answers are no longer waited for, nor folded."""
        if not question.dropped:
            question.dropped = True
            self._under_way -= 1

    def fold(self, stop: threading.Event) -> None:
        """Fold answers until there is nothing under way, or until ``stop``: then nothing more is asked."""
        try:
            while self._under_way and not stop.is_set():
                try:
                    question, ended, answer = self._answers.get(timeout=_LOOK_UP_SECONDS)
                except queue.Empty:
                    continue
                if question.dropped:
                    continue
                if ended:
                    self._end(question, answer)
                else:
                    self._fold(question, answer)
                del answer
        finally:
            self._stopped = True
            for _ in range(self._threads):
                self._asked.put(None)

    def _fold(self, question: Task, answer: Any) -> None:
        """Fold a page. One that cannot be folded ends its question and no other."""
        try:
            question.fold(answer)
        except Exception as error:
            self._end(question, error)

    def _end(self, question: Task, error: Exception | None) -> None:
        self.drop(question)
        if question.lane is None:
            question.end(error)
            return
        # The end may drop what waits: only then the next one starts.
        with question.lane.ending(question):
            question.end(error)

    def _work(self) -> None:
        # Nothing of a question stays here while the thread waits for another: a page is megabytes.
        while self._ask(self._asked.get()):
            pass

    def _ask(self, question: Task | None) -> bool:
        """False where there are no more."""
        if question is None:
            return False
        error: Exception | None = None
        try:
            for page in question.pages():
                if self._stopped or question.dropped:
                    break
                self._answers.put((question, False, page))
        except Exception as caught:
            error = caught
        self._idle.release()
        self._answers.put((question, True, error))
        return True


class ConcurrencyLimit:
    """Questions of which at most ``limit`` are under way; the others wait their turn."""

    def __init__(self, crew: WorkerPool, limit: int) -> None:
        self._crew = crew
        self._limit = limit
        self._waiting: deque[Task] = deque()
        self._under_way: set[Task] = set()

    @property
    def idle(self) -> int:
        """How many more could be under way."""
        return self._limit - len(self._under_way) - len(self._waiting)

    def ask(self, question: Task) -> None:
        question.lane = self
        self._waiting.append(question)
        self._start()

    def drop(self, about: object, *, under_way: bool) -> list[Task]:
        """Forget the questions about something: those that wait and, if so said, also those under way."""
        gone = [question for question in self._waiting if question.about == about]
        self._waiting = deque(question for question in self._waiting if question.about != about)
        if under_way:
            begun = [question for question in self._under_way if question.about == about]
            for question in begun:
                self._crew.drop(question)
                self._under_way.discard(question)
            gone += begun
        self._start()
        return gone

    @contextmanager
    def ending(self, question: Task) -> Iterator[None]:
        self._under_way.discard(question)
        yield
        self._start()

    def _start(self) -> None:
        while self._waiting and len(self._under_way) < self._limit:
            question = self._waiting.popleft()
            self._under_way.add(question)
            self._crew.start(question)
