"""A bounded cache whose values are created once, although several threads need them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class OnceCache(Generic[K, V]):
    """Values by key. The oldest value is removed if there are too many."""

    def __init__(self, most: int) -> None:
        """``most``: largest number of values."""
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._creating: dict[K, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: K, create: Callable[[], V]) -> V:
        """Return the value of a key, created on first use. An exception of ``create`` is not cached."""
        with self._lock:
            creating = self._creating.setdefault(key, threading.Lock())
        with creating:
            if (existing := self._values.get(key)) is not None:
                return existing
            value = create()
            with self._lock:
                self._values[key] = value
                if len(self._values) > self._most:  # it can be created again
                    self._values.popitem(last=False)
            return value
