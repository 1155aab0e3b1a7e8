"""Temporary files are bounded, and gone at the end."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from s3_monitor.collect.temp_dir import BoundedTempDir


def test_all_folders_are_in_one_folder_that_is_removed_at_the_end() -> None:
    temp_dir = BoundedTempDir(10)
    first, second = temp_dir.create_folder("groups"), temp_dir.create_folder("groups")
    assert first != second and first.is_dir() and second.is_dir()
    assert first.name.startswith("groups-")
    parent = first.parent
    assert second.parent == parent and parent.name.startswith("s3-monitor-")
    (first / "file").write_text("x")
    temp_dir.clear()
    assert not parent.exists()


def test_no_folder_is_created_after_the_end_and_none_without_need() -> None:
    temp_dir = BoundedTempDir(10)
    temp_dir.clear()
    temp_dir.clear()
    with pytest.raises(OSError, match="no longer kept"):
        temp_dir.create_folder("groups")


def _try_reserve(temp_dir: BoundedTempDir, size: int) -> tuple[threading.Thread, threading.Event]:
    """Reserve in a thread. Return the thread, which ends with the reservation, and an event set after it."""
    done = threading.Event()

    def reserve() -> None:
        with temp_dir.reserve(size):
            done.set()

    thread = threading.Thread(target=reserve, daemon=True)
    thread.start()
    return thread, done


@pytest.mark.parametrize(("used", "size"), [([], 10), ([], 11), ([], 1000), ([4], 6), ([4, 5], 1), ([0], 11)])
def test_a_reservation_within_the_bound_or_without_others_does_not_wait(used: list[int], size: int) -> None:
    temp_dir = BoundedTempDir(10)
    with ExitStack() as stack:
        for other in used:
            stack.enter_context(temp_dir.reserve(other))
        assert _try_reserve(temp_dir, size)[1].wait(30)


@pytest.mark.parametrize(("used", "size"), [([4], 7), ([4, 5], 2), ([10], 1), ([11], 1), ([1], 1000)])
def test_a_reservation_beyond_the_bound_waits_until_enough_is_free(used: list[int], size: int) -> None:
    temp_dir = BoundedTempDir(10)
    with ExitStack() as stack:
        for other in used:
            stack.enter_context(temp_dir.reserve(other))
        thread, done = _try_reserve(temp_dir, size)
        assert not done.wait(0.05)
    assert done.wait(30)
    thread.join(30)
    with temp_dir.reserve(10):
        assert not _try_reserve(temp_dir, 1)[1].wait(0.05)


def test_what_was_reserved_is_free_again_after_an_error() -> None:
    temp_dir = BoundedTempDir(10)
    with pytest.raises(ZeroDivisionError), temp_dir.reserve(10):
        raise ZeroDivisionError
    assert _try_reserve(temp_dir, 10)[1].wait(30)


def test_files_of_others_in_the_system_folder_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "other").write_text("x")
    temp_dir = BoundedTempDir(10)
    assert temp_dir.create_folder("a").parent.parent == tmp_path
    temp_dir.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
