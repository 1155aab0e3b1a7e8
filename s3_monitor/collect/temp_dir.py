"""Files on the way: a folder that goes when the work ends, and a bound on what lies in it."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BoundedTempDir:
    """Any thread may use it. The folder is made where the system keeps temporary files (TMPDIR), when it is first
    needed. ``most``: bytes that may lie there at once; something larger has the place for itself."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._changed = threading.Condition()
        self._folder: Path | None = None
        self._cleared = False

    def folder(self, name: str) -> Path:
        """A folder of its own below. OSError where it cannot be made, or all is over."""
        with self._changed:
            if self._cleared:
                raise OSError("temporary files are no longer kept")
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="s3-monitor-"))
            return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Waits until there is room for so many bytes, and holds it."""
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + size <= self._most)
            self._used += size
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()

    def clear(self) -> None:
        """At the end, also of an interrupted run: threads that still write fail from here on."""
        with self._changed:
            self._cleared = True
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
