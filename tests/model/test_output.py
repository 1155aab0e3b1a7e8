"""Output files are complete or absent, keep what links and modes there are, and leave nothing behind."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from s3_monitor.model.output import (
    atomic_writer,
    check_writable,
    exclusive,
    flush_to_disk,
    remove_leftovers,
    write_atomically,
)

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
LEFTOVER = ".s3-monitor-0123456789abcdef.tmp"


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt), atomic_writer(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]


@posix
@pytest.mark.parametrize("before", [0o600, 0o640, 0o664, 0o444, 0o400])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, before: int, umask: None) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(before)
    write_atomically(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", before)


@posix
def test_a_new_file_honours_the_umask(tmp_path: Path, umask: None) -> None:
    write_atomically(tmp_path / "private", b"")
    os.umask(0o027)
    write_atomically(tmp_path / "group", b"", durable=False)
    assert (mode(tmp_path / "private"), mode(tmp_path / "group")) == (0o600, 0o640)


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "data").mkdir()
    target, second, link = tmp_path / "data" / "a.json", tmp_path / "data" / "second", tmp_path / "link"
    second.symlink_to("a.json")
    link.symlink_to(Path("data") / "second")
    if exists:
        target.write_bytes(b"old")
    check_writable(link)
    write_atomically(link, b"new")
    assert (link.is_symlink(), second.is_symlink(), target.read_bytes()) == (True, True, b"new")
    assert names(tmp_path) == ["data", "link"]
    assert names(tmp_path / "data") == ["a.json", "second"]


@posix
def test_a_loop_of_links_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_atomically(tmp_path / "a", b"new")


@posix
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    check_writable(pipe)
    write_atomically(pipe, b"new" * 100_000)
    reader.join()
    assert received == [b"new" * 100_000]
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can make devices")
def test_a_device_is_written_to(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        pytest.skip("devices do not work in this folder")
    write_atomically(device, b"new")
    assert device.is_char_device()
    assert names(tmp_path) == ["null"]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
@pytest.mark.parametrize("prefix", ["/dev/fd", "/proc/self/fd"])
def test_a_descriptor_is_written_to_where_it_stands(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "log"
    with path.open("wb", buffering=0) as file:
        file.write(b"before ")
        check_writable(Path(prefix, str(file.fileno())))
        write_atomically(Path(prefix, str(file.fileno())), b"new")
        file.write(b" after")
    assert path.read_bytes() == b"before new after"


@posix
@pytest.mark.parametrize("name", ["folder", "none/a.json", "file/a.json", "/dev/fd/987"])
def test_what_cannot_be_written_is_an_error_before_and_while_writing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        check_writable(tmp_path / name)
    with pytest.raises(OSError):
        write_atomically(tmp_path / name, b"new")


@pytest.fixture
def others_folder() -> Iterator[Path]:
    """Return a folder in which this process may not create files."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    folder.chmod(0o755 if is_root else 0o700)
    yield folder
    if is_root:
        os.setresuid(0, 0, 0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def give_up_write_permission(folder: Path) -> None:
    if os.geteuid() == 0:
        os.setresuid(12345, 12345, 0)
    else:
        folder.chmod(0o500)


@posix
def test_a_writable_file_is_written_where_its_folder_is_not_writable(others_folder: Path) -> None:
    path = others_folder / "a.json"
    path.write_bytes(b"older and longer")
    path.chmod(0o666)
    give_up_write_permission(others_folder)
    check_writable(path)
    write_atomically(path, b"new")
    assert (path.read_bytes(), names(others_folder)) == (b"new", ["a.json"])


@posix
@pytest.mark.parametrize("exists", [False, True])
def test_a_file_without_write_permission_is_an_error_beforehand(others_folder: Path, exists: bool) -> None:
    path = others_folder / "a.json"
    if exists:
        path.write_bytes(b"old")
        path.chmod(0o444)
    give_up_write_permission(others_folder)
    with pytest.raises(PermissionError):
        check_writable(path)
    with pytest.raises(PermissionError):
        write_atomically(path, b"new")


WRITER = """
import sys
from pathlib import Path
from s3_monitor.model.output import atomic_writer
with atomic_writer(Path(sys.argv[1])) as file:
    file.write(b"half of it")
    file.flush()
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process that writes out/a.json."""
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", WRITER, str(tmp_path / "out" / "a.json")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "writing\n"
        yield process
        process.kill()


@posix
def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    writer.kill()
    writer.wait()
    assert len(names(tmp_path / "out")) == 1
    write_atomically(tmp_path / "out" / "b.json", b"new")
    assert names(tmp_path / "out") == ["b.json"]


def test_what_a_running_process_writes_is_not_removed(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    write_atomically(tmp_path / "out" / "b.json", b"new")
    remove_leftovers(tmp_path / "out")
    writer.communicate("\n")
    assert names(tmp_path / "out") == ["a.json", "b.json"]
    assert (tmp_path / "out" / "a.json").read_bytes() == b"half of it"


@posix
def test_only_files_of_our_own_making_are_removed(tmp_path: Path) -> None:
    (tmp_path / LEFTOVER).touch()
    kept = [".s3-monitor-notes.tmp", ".a.json.12345678.tmp", f"{LEFTOVER}.bak", "a.tmp"]
    for name in kept:
        (tmp_path / name).touch()
    linked = ".s3-monitor-aaaaaaaaaaaaaaaa.tmp"
    (tmp_path / linked).symlink_to("a.tmp")
    pipe = ".s3-monitor-bbbbbbbbbbbbbbbb.tmp"
    os.mkfifo(tmp_path / pipe)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted([*kept, linked, pipe])


@posix
def test_a_folder_is_written_by_one_process_at_a_time(tmp_path: Path) -> None:
    entered, release, order = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        with exclusive(tmp_path, lambda: None):
            entered.set()
            release.wait()
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    with exclusive(tmp_path, release.set):  # waiting lets the first one end
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


@posix
def test_waiting_for_a_folder_ends(tmp_path: Path) -> None:
    waits: list[bool] = []
    with (
        exclusive(tmp_path, lambda: None),
        pytest.raises(TimeoutError, match="another process"),
        exclusive(tmp_path, lambda: waits.append(True), patience=0.2),
    ):
        pass
    assert waits == [True]


@posix
@pytest.mark.parametrize("durable", [True, False])
def test_only_the_owner_can_read_a_private_file_with_any_umask(tmp_path: Path, durable: bool, umask: None) -> None:
    os.umask(0)
    write_atomically(tmp_path / "private", b"", durable=durable, private=True)
    write_atomically(tmp_path / "public", b"", durable=durable)
    assert (mode(tmp_path / "private"), mode(tmp_path / "public")) == (0o600, 0o666)


def test_errors_have_the_number_that_the_system_gives_them(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, number in ((tmp_path / "folder", errno.EISDIR), (tmp_path / "none" / "file", errno.ENOENT)):
        with pytest.raises(OSError) as raised:
            check_writable(path)
        assert raised.value.errno == number


def test_content_is_flushed_before_the_file_gets_its_name(tmp_path: Path) -> None:
    """In the block the target is as before; right after it the content is complete, although nothing closed it."""
    path = tmp_path / "a.json"
    with atomic_writer(path) as file:
        file.write(b"x" * 10)
        assert not path.exists()
        flush_to_disk(file)
        (temporary,) = tmp_path.iterdir()
        assert temporary.read_bytes() == b"x" * 10
    assert path.read_bytes() == b"x" * 10


def test_a_writer_removes_leftovers_and_makes_public_files_by_default(tmp_path: Path, umask: None) -> None:
    os.umask(0)
    (tmp_path / LEFTOVER).touch()
    with atomic_writer(tmp_path / "a.json", durable=False) as file:
        file.write(b"1")
    assert (tmp_path / LEFTOVER).exists()
    with atomic_writer(tmp_path / "a.json") as file:
        file.write(b"2")
    with atomic_writer(tmp_path / "b.json") as file:
        file.write(b"3")
    assert names(tmp_path) == ["a.json", "b.json"]
    if os.name == "posix":
        assert mode(tmp_path / "b.json") == 0o666


@posix
@pytest.mark.parametrize("durable", [True, False])
def test_content_that_does_not_fit_leaves_the_old_file(tmp_path: Path, durable: bool) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError) as raised:
            write_atomically(path, b"x" * 100, durable=durable)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.errno == errno.EFBIG
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["a.json"])


def test_the_first_error_is_raised_after_the_temporary_file_was_removed(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_writer(tmp_path / "a.json"):
        (temporary,) = tmp_path.iterdir()
        temporary.unlink()
        raise KeyboardInterrupt
    assert names(tmp_path) == []


@posix
def test_a_pipe_is_flushed_without_a_disk() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as target:
        target.write(b"content")
        flush_to_disk(target)
        assert source.read(7) == b"content"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can change owners")
def test_an_existing_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    write_atomically(path, b"new")
    status = path.stat()
    assert (path.read_bytes(), status.st_uid, status.st_gid) == (b"new", 12345, 23456)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        (tmp_path / LEFTOVER).touch()
        remove_leftovers(tmp_path)
        write_atomically(tmp_path / "a.json", b"new")
        with exclusive(tmp_path, lambda: None):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
