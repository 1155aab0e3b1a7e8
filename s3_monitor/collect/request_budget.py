"""How many list requests a shard may still send."""

from __future__ import annotations

import threading


class RequestBudget:
    """List requests left to a shard, retries included; any thread may take one. ``spent``: somebody was refused."""

    def __init__(self, requests: int | None) -> None:
        self.most = requests
        self._left = requests
        self._lock = threading.Lock()
        self.spent = False

    def take(self) -> bool:
        with self._lock:
            if self._left is None:
                return True
            if self._left == 0:
                self.spent = True
                return False
            self._left -= 1
            return True
