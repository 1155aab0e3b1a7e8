"""Writing of files: complete or not at all, through links, pipes, devices and descriptors."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from s3_monitor.model.files import descriptor_of

_LEFTOVER = re.compile(r"\.s3-monitor-[0-9a-f]{16}\.tmp")
_ABANDONED_SECONDS = 86_400  # where files cannot be locked
_CANNOT_BE_REPLACED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        """Do nothing: Windows does not let others delete an open file."""

    def _is_abandoned(path: Path) -> bool:
        return path.stat().st_mtime < time.time() - _ABANDONED_SECONDS

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        """Lock the file for this process until it closes the file or ends. Raises BlockingIOError if it is locked."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_abandoned(path: Path) -> bool:
        """Return whether no process has the file open for writing. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            _lock(descriptor)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True


@contextmanager
def atomic_writer(path: Path, *, durable: bool = True, private: bool = False) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces ``path`` at the end, unless an exception is raised. Raises OSError.

    A link is followed: its target is replaced. An existing file keeps its mode, a new one honours the umask. Pipes,
    devices and descriptors (/dev/fd/N) are written to directly. ``durable``: the content reaches the disk before the
    name does, and temporary files that killed processes left in the folder are removed. ``private``: a new file is
    readable by its owner alone.
    """
    descriptor = descriptor_of(path)
    if descriptor is not None:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            yield file
        return
    existing = _status(path)
    if existing is not None and not stat.S_ISREG(existing.st_mode):
        with path.open("wb") as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    if durable:
        remove_leftovers(target.parent)
    with _replacing(target, existing, 0o600 if private else 0o666) as file:
        yield file
        if durable:
            flush_to_disk(file)


def flush_to_disk(file: IO[bytes]) -> None:
    """Wait until the content is on the disk, so that only renaming remains. Raises OSError."""
    file.flush()
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fsync(file.fileno())


def write_atomically(path: Path, content: bytes, *, durable: bool = True, private: bool = False) -> None:
    """Write the file completely or not at all; see ``atomic_writer``. Raises OSError."""
    try:
        with atomic_writer(path, durable=durable, private=private) as file:
            file.write(content)
    except OSError as error:
        if error.errno not in _CANNOT_BE_REPLACED or not path.is_file():
            raise
        # Only the content can be changed: the folder is not writable, or the file is a mount of its own (containers).
        with path.open("wb") as file:
            file.write(content)


def check_writable(path: Path) -> None:
    """Raise the OSError that writing ``path`` would raise, if it can be predicted. Write nothing."""
    descriptor = descriptor_of(path)
    if descriptor is not None:
        os.fstat(descriptor)
        return
    existing = _status(path)
    if existing is not None and stat.S_ISDIR(existing.st_mode):
        raise IsADirectoryError(21, "Is a directory")
    if existing is not None:
        if not os.access(path, os.W_OK):
            raise PermissionError(13, f"no permission to write to {path}")
        return
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise FileNotFoundError(2, f"no such folder: {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, f"no permission to write to {folder}")


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed processes left in the folder. Those of running processes are kept."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFTOVER.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                path = Path(entry.path)
                with contextlib.suppress(OSError):
                    if _is_abandoned(path):
                        path.unlink()


@contextmanager
def exclusive(folder: Path, on_wait: Callable[[], None], *, patience: float = 600) -> Iterator[None]:
    """Allow one process at a time to write into the folder. Raises TimeoutError after ``patience`` seconds.

    Without effect if the system cannot lock folders (Windows, some network file systems).
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _wait_for_lock(descriptor, on_wait, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, on_wait: Callable[[], None], deadline: float) -> None:
    is_reported = False
    while True:
        try:
            _lock(descriptor)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(110, "another process is writing into it") from None
            if not is_reported:
                on_wait()
                is_reported = True
            time.sleep(0.1)
        except OSError:  # the file system has no locks
            return
        else:
            return


def _status(path: Path) -> os.stat_result | None:
    """Return the status of the path's target; None if it does not exist. Raises OSError for a loop of links."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextmanager
def _replacing(target: Path, existing: os.stat_result | None, mode: int) -> Iterator[IO[bytes]]:
    descriptor, temporary = _create_temporary(target, mode if existing is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if existing is not None:
                _keep_owner_and_mode(temporary, existing)
            if sys.platform != "win32":  # still locked, so that no other process removes it as a leftover
                temporary.replace(target)
        if sys.platform == "win32":
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create_temporary(target: Path, mode: int) -> tuple[int, Path]:
    """Create a locked temporary file in the folder of ``target``; return its descriptor and its path."""
    while True:
        path = target.parent / f".s3-monitor-{os.urandom(8).hex()}.tmp"
        descriptor = os.open(path, _FLAGS, mode)
        with contextlib.suppress(OSError):
            _lock(descriptor)
        if sys.platform == "win32" or os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # removed as a leftover before it was locked


def _keep_owner_and_mode(temporary: Path, existing: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(temporary, existing.st_uid, existing.st_gid)
    temporary.chmod(stat.S_IMODE(existing.st_mode))
