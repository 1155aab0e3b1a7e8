"""An inventory's files are fetched in batches of bounded size."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.prefetch import BATCH_BYTES, aggregate_batches, batches, prefetch_batches
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.objects.manifest import DataFile, InvalidReportError


def files_of(*sizes: int) -> list[DataFile]:
    return [DataFile(str(number), size, "") for number, size in enumerate(sizes)]


@given(st.lists(st.integers(0, 12), max_size=20), st.integers(1, 10))
def test_batches_have_all_files_in_order_within_the_limit_unless_it_is_one_file(sizes: list[int], most: int) -> None:
    files = files_of(*sizes)
    found = batches(files, most)
    assert [file for batch in found for file in batch] == files
    assert all(batch and (len(batch) == 1 or sum(file.size for file in batch) <= most) for batch in found)


@pytest.mark.parametrize(
    ("sizes", "most", "lengths"),
    [([], 4, []), ([2, 2, 1], 4, [2, 1]), ([2, 2, 0, 1], 4, [3, 1]), ([5, 1, 5], 4, [1, 1, 1]), ([1] * 8, 4, [4, 4])],
)
def test_a_batch_is_as_large_as_the_limit_allows(sizes: list[int], most: int, lengths: list[int]) -> None:
    assert [len(batch) for batch in batches(files_of(*sizes), most)] == lengths


def test_a_batch_has_up_to_a_gibibyte() -> None:
    assert [len(batch) for batch in batches(files_of(2**29, 2**29, 1))] == [2, 1]


def is_free(temp_dir: BoundedTempDir, size: int) -> bool:
    """Return whether this number of bytes can be reserved."""
    done = threading.Event()

    def reserve() -> None:
        with temp_dir.reserve(1), temp_dir.reserve(size - 1):
            done.set()

    threading.Thread(target=reserve, daemon=True).start()
    return done.wait(5)


class Fetches:
    """Writes the key of each file; the file ``fail`` cannot be fetched."""

    def __init__(self, fail: str = "") -> None:
        self.fail = fail
        self.keys: list[str] = []
        self.changed = threading.Condition()
        self.folders: set[Path] = set()

    def __call__(self, file: DataFile, path: Path) -> None:
        with self.changed:
            self.keys.append(file.key)
            self.folders.add(path.parent)
            self.changed.notify_all()
        if file.key == self.fail:
            raise OSError(f"no {file.key}")
        path.write_text(file.key)

    def is_fetched(self, key: str, seconds: float) -> bool:
        """Wait for a file. Return False if it is not fetched in this time."""
        with self.changed:
            return self.changed.wait_for(lambda: key in self.keys, seconds)

    @property
    def left(self) -> list[Path]:
        """Return the folders that exist."""
        return [folder for folder in self.folders if folder.exists()]


def test_each_batch_is_stored_until_the_next_is_requested() -> None:
    fetch, temp_dir = Fetches(), BoundedTempDir(100)
    earlier: list[Path] = []
    received = []
    for paths in prefetch_batches(files_of(2, 2, 1, 4), fetch, temp_dir, 4):
        assert not any(path.exists() for path in earlier)
        received.append([path.read_text() for path in paths])
        earlier += paths
    assert received == [["0", "1"], ["2"], ["3"]]
    assert fetch.left == []
    temp_dir.clear()


def test_without_files_nothing_is_fetched() -> None:
    assert list(prefetch_batches([], Fetches(), BoundedTempDir(1))) == []


def test_the_next_batch_is_fetched_while_one_is_read() -> None:
    fetch, temp_dir = Fetches(), BoundedTempDir(8)
    batches_read = prefetch_batches(files_of(4, 4), fetch, temp_dir, 4)
    next(batches_read)
    assert fetch.is_fetched("1", 30)
    assert len(list(batches_read)) == 1
    temp_dir.clear()


def test_the_next_batch_waits_until_there_is_room() -> None:
    fetch, temp_dir = Fetches(), BoundedTempDir(7)
    batches_read = prefetch_batches(files_of(4, 4), fetch, temp_dir, 4)
    next(batches_read)
    assert not fetch.is_fetched("1", 0.05)
    assert len(list(batches_read)) == 1
    temp_dir.clear()


@pytest.mark.parametrize(("fail", "received"), [("0", 0), ("1", 1), ("2", 2)])
def test_an_error_is_raised_for_its_batch_and_nothing_remains(fail: str, received: int) -> None:
    fetch, temp_dir = Fetches(fail), BoundedTempDir(8)
    read = []
    with pytest.raises(OSError, match=f"no {fail}"):
        for paths in prefetch_batches(files_of(4, 4, 4), fetch, temp_dir, 4):
            read.append(paths)
    assert len(read) == received
    assert fetch.left == []
    assert is_free(temp_dir, 8)
    temp_dir.clear()


def test_reading_that_ends_early_leaves_no_file() -> None:
    fetch, temp_dir = Fetches(), BoundedTempDir(8)
    batches_read = prefetch_batches(files_of(4, 4, 4), fetch, temp_dir, 4)
    next(batches_read)
    batches_read.close()  # type: ignore[attr-defined]  # a generator
    assert fetch.left == []
    assert is_free(temp_dir, 8)
    assert "2" not in fetch.keys
    temp_dir.clear()


@pytest.mark.parametrize(("fail", "name"), [(0, "f0"), (1, "f1"), (2, "f2"), (3, None)])
def test_an_invalid_file_is_named_in_any_batch(fail: int, name: str | None) -> None:
    files = [DataFile(f"below/f{number}", BATCH_BYTES, "") for number in range(3)]
    temp_dir, targets = BoundedTempDir(4 * BATCH_BYTES), list[str]()

    def write(paths: list[Path], folder: Path, target: Path) -> None:
        if len(targets) == fail:
            raise InvalidReportError("damaged")
        targets.append(target.name)
        target.write_text("groups")

    if name is None:
        found = aggregate_batches(files, Fetches(), temp_dir, write)
        assert [path.name for path in found] == targets == [f"00000{number}.parquet" for number in range(3)]
    else:
        with pytest.raises(InvalidReportError, match=f"^{name}: damaged$"):
            aggregate_batches(files, Fetches(), temp_dir, write)
    temp_dir.clear()
