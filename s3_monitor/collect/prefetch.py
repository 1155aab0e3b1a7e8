"""An inventory's files on this machine, a batch at a time: the next is fetched while one is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.objects.manifest import DataFile

BATCH_BYTES = 1 << 30
_FILES_AT_ONCE = 8


def batches(files: Sequence[DataFile], most: int = BATCH_BYTES) -> list[list[DataFile]]:
    """Files in their order, each batch of at most so many bytes, or of one file."""
    found: list[list[DataFile]] = []
    size = 0
    for file in files:
        if not found or size + file.size > most:
            found.append([])
            size = 0
        found[-1].append(file)
        size += file.size
    return found


def prefetch_batches(
    files: Sequence[DataFile], fetch: Callable[[DataFile, Path], None], scratch: BoundedTempDir, most: int = BATCH_BYTES
) -> Iterator[list[Path]]:
    """The files of each batch, in order; they are gone when the next batch is asked for. ``fetch`` writes one file,
    called from several threads; what it raises is raised here."""
    left = batches(files, most)
    with ThreadPoolExecutor(1) as ahead:
        coming: Future[_Batch] | None = None
        try:
            while left or coming is not None:
                batch = (coming or ahead.submit(_Batch, left.pop(0), fetch, scratch)).result()
                coming = None
                with batch:
                    coming = ahead.submit(_Batch, left.pop(0), fetch, scratch) if left else None
                    yield batch.paths
        finally:
            if coming is not None and not coming.cancel() and coming.exception() is None:
                coming.result().close()


class _Batch(ExitStack):
    """Files that lie here until it is closed."""

    def __init__(
        self, files: Sequence[DataFile], fetch: Callable[[DataFile, Path], None], scratch: BoundedTempDir
    ) -> None:
        super().__init__()
        try:
            self.enter_context(scratch.room(sum(file.size for file in files)))
            folder = scratch.folder("inventory")
            self.callback(shutil.rmtree, folder, ignore_errors=True)
            # Names of our own: keys are anybody's.
            self.paths = [folder / f"{number:06d}" for number in range(len(files))]
            with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
                under_way = [pool.submit(fetch, file, path) for file, path in zip(files, self.paths, strict=True)]
                try:
                    for one in under_way:
                        one.result()
                except BaseException:
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise
        except BaseException:
            self.close()
            raise
