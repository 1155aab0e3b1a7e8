"""Downloads the files of an inventory or export in batches: the next batch while one is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.objects.manifest import DataFile, InvalidReportError

BATCH_BYTES = 1 << 30
_FILES_AT_ONCE = 8


def batches(files: Sequence[DataFile], most: int = BATCH_BYTES) -> list[list[DataFile]]:
    """Split files in their order into batches of at most ``most`` bytes, or of one file."""
    result: list[list[DataFile]] = []
    size = 0
    for file in files:
        if not result or size + file.size > most:
            result.append([])
            size = 0
        result[-1].append(file)
        size += file.size
    return result


def prefetch_batches(
    files: Sequence[DataFile],
    fetch: Callable[[DataFile, Path], None],
    temp_dir: BoundedTempDir,
    most: int = BATCH_BYTES,
) -> Iterator[list[Path]]:
    """Yield the paths of each batch, in order. They are deleted when the next batch is requested.

    ``fetch`` writes one file and is called by several threads. Its errors are raised here.
    """
    waiting = batches(files, most)
    with ThreadPoolExecutor(1) as pool:
        following: Future[_Batch] | None = None
        try:
            while waiting or following is not None:
                batch = (following or pool.submit(_Batch, waiting.pop(0), fetch, temp_dir)).result()
                following = None
                with batch:
                    following = pool.submit(_Batch, waiting.pop(0), fetch, temp_dir) if waiting else None
                    yield batch.paths
        finally:
            if following is not None and not following.cancel() and following.exception() is None:
                following.result().close()


def aggregate_batches(
    files: Sequence[DataFile],
    fetch: Callable[[DataFile, Path], None],
    temp_dir: BoundedTempDir,
    write: Callable[[list[Path], Path, Path], object],
) -> list[Path]:
    """Download files in batches, aggregate each batch to groups, and return the files with groups.

    ``write(paths, folder, target)`` writes the groups of a batch to the Parquet file ``target``, or to several files in
    ``folder``. The InvalidReportErrors that it raises get the name of the file at fault, if it is known.
    """
    folder = temp_dir.create_folder("groups")
    done = 0
    for number, paths in enumerate(prefetch_batches(files, fetch, temp_dir)):
        try:
            write(paths, folder, folder / f"{number:06d}.parquet")
        except InvalidReportError as error:
            raise error.in_file([file.key for file in files[done : done + len(paths)]]) from error
        done += len(paths)
    return sorted(folder.glob("*.parquet"))


class _Batch(ExitStack):
    """Downloaded files, deleted on exit."""

    def __init__(
        self, files: Sequence[DataFile], fetch: Callable[[DataFile, Path], None], temp_dir: BoundedTempDir
    ) -> None:
        super().__init__()
        try:
            self.enter_context(temp_dir.reserve(sum(file.size for file in files)))
            folder = temp_dir.create_folder("inventory")
            self.callback(shutil.rmtree, folder, ignore_errors=True)
            # Numbered names: keys are untrusted.
            self.paths = [folder / f"{number:06d}" for number in range(len(files))]
            with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
                downloads = [pool.submit(fetch, file, path) for file, path in zip(files, self.paths, strict=True)]
                try:
                    for download in downloads:
                        download.result()
                except BaseException:
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise
        except BaseException:
            self.close()
            raise
