"""A temporary folder of bounded size, deleted when the work ends."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BoundedTempDir:
    """Any thread may use it. The folder is created on first use, in the system's folder for them (TMPDIR)."""

    def __init__(self, max_bytes: int) -> None:
        """``max_bytes``: reserved at the same time; a larger reservation waits until there is no other."""
        self._max_bytes = max_bytes
        self._used = 0
        self._changed = threading.Condition()
        self._folder: Path | None = None
        self._cleared = False

    def create_folder(self, name: str) -> Path:
        """Create a folder in it. Raises OSError if that fails, and after ``clear``."""
        with self._changed:
            if self._cleared:
                raise OSError("temporary files are no longer kept")
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="s3-monitor-"))
            return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))

    @contextmanager
    def reserve(self, size: int) -> Iterator[None]:
        """Wait until ``size`` bytes are free, and reserve them."""
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + size <= self._max_bytes)
            self._used += size
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()

    def clear(self) -> None:
        """Delete the folder. Threads of an interrupted run that still write to it fail."""
        with self._changed:
            self._cleared = True
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
