"""Run the program in the bundle: `python3 s3-monitor.pyz …` on an agent. Uses only the standard library.

The bundle contains the program and its dependencies for several targets: Python versions on systems and architectures.
Native code cannot be loaded from an archive, and botocore reads its models as files. Each agent therefore unpacks the
bundle once, into a private folder named by the SHA-256 of the bundle, and runs it from there.

bundle.py stores this file in the archive, with start.py as __main__.py, and imports it for targets and caches.
"""

from __future__ import annotations

import hashlib
import os
import re
import runpy
import shutil
import sys
import sysconfig
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NoReturn

UNUSED_DAYS = 30  # a bundle that was not used for so long is removed
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "win32": "x86"}


def main() -> str | int | None:
    """Unpack the bundle if needed, run the program in this process, and return its exit status."""
    archive = Path(__file__).resolve().parent
    target = this_target()
    with zipfile.ZipFile(archive) as bundle:
        targets = bundle.read("targets.txt").decode("ascii").split()
        if target not in targets:
            sys.stderr.write(
                f"s3-monitor: error: {sys.executable} on this agent is {target}; "
                f"the bundle was built for {', '.join(targets)}.\n"
                "  Set PYTHON on this agent to a Python that it was built for,\n"
                f"  or S3_MONITOR_TARGETS={target} on the agent that plans.\n"
            )
            return 2
        folder, lasting = unpack(bundle, file_digest(archive), target)
    status: str | int | None = 0
    try:
        sys.path[0] = str(folder)  # instead of the archive
        runpy.run_module("s3_monitor", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code
    finally:
        if not lasting:
            shutil.rmtree(folder, ignore_errors=True)
    return status


def leave(status: str | int | None) -> NoReturn:
    """End this process at once. Python would first release its objects, which takes 0.2 s in each shard."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(status)  # reports that it could not flush
    if isinstance(status, str):
        sys.exit(status)  # prints the text
    os._exit(status or 0)


def this_target() -> str:
    """Return the target of this interpreter, such as cp311-linux-x86_64-gnu."""
    implementation = {"cpython": "cp", "pypy": "pp"}.get(sys.implementation.name, sys.implementation.name)
    free_threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    machine = sysconfig.get_platform().split("-")[-1].lower()
    parts = [
        f"{implementation}{sys.version_info[0]}{sys.version_info[1]}{free_threaded}",
        _SYSTEMS.get(sys.platform, sys.platform),
        _MACHINES.get(machine, machine),
    ]
    if sys.platform == "linux":
        parts.append("musl" if "musl" in str(sysconfig.get_config_var("EXT_SUFFIX")) else "gnu")
    return "-".join(parts)


def file_digest(archive: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def unpack(bundle: zipfile.ZipFile, digest: str, target: str) -> tuple[Path, bool]:
    """Return the folder with the unpacked files of the target, and whether it is kept after this process."""
    for cache in private_caches():
        folder = cache / f"{target}-{digest}"
        try:
            if not folder.is_dir():
                unpack_into(bundle, target, folder)
                remove_unused(cache)
            restore(bundle, target, folder)
            os.utime(folder)
        except OSError:
            continue  # full or read-only: try the next folder
        return folder, True
    folder = Path(tempfile.mkdtemp(prefix="s3-monitor-"))
    extract(bundle, target, folder)
    return folder, False


def private_caches() -> list[Path]:
    """Return the private folders of this user that are kept after a build, in order of preference. Creates them."""
    places = [os.environ.get("S3_MONITOR_CACHE", "")]
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - without a home pathlib raises
    places.append(str(Path(home, "s3-monitor")))
    places.append(str(Path(tempfile.gettempdir(), f"s3-monitor-{os.getuid() if hasattr(os, 'getuid') else 'user'}")))
    return [Path(place) for place in places if Path(place).is_absolute() and is_private(Path(place))]


def is_private(cache: Path) -> bool:
    """Return whether only this user can write to the folder. Creates it if needed."""
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = cache.lstat()
    except OSError:
        return False
    if cache.is_symlink() or not cache.is_dir():
        return False
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def unpack_into(bundle: zipfile.ZipFile, target: str, folder: Path) -> None:
    """Unpack to a temporary folder, then rename it: the folder is complete, also if other processes unpack it, too."""
    temporary = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        extract(bundle, target, temporary)
        temporary.rename(folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not folder.is_dir():  # no other process has unpacked it
            raise


def extract(bundle: zipfile.ZipFile, target: str, folder: Path) -> None:
    """Write the bundle's files for the target into an empty folder."""
    for path, entry in target_files(bundle, target).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(bundle.read(entry))


def restore(bundle: zipfile.ZipFile, target: str, folder: Path) -> None:
    """Restore files that a cleanup removed or truncated. Other processes may use the folder at the same time."""
    for path, entry in target_files(bundle, target).items():
        try:
            if (folder / path).stat().st_size == entry.file_size:
                continue
        except FileNotFoundError:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".unpacking-", dir=(folder / path).parent, delete=False) as stream:
            stream.write(bundle.read(entry))
        Path(stream.name).replace(folder / path)


def target_files(bundle: zipfile.ZipFile, target: str) -> dict[Path, zipfile.ZipInfo]:
    """Return the files of the bundle by path; native files of the target replace pure ones."""
    files = {}
    for prefix in ("site/", f"native/{target}/"):
        for entry in bundle.infolist():
            if not entry.filename.startswith(prefix):
                continue
            path = Path(entry.filename[len(prefix) :])
            if path.is_absolute() or path.drive or ".." in path.parts:
                raise ValueError(f"the bundle must not contain paths outside its folder, got {entry.filename}")
            files[path] = entry
    return files


def remove_unused(cache: Path) -> None:
    """Remove unused bundles and dependencies of earlier builds, and the remains of interrupted unpacking."""
    oldest = time.time() - UNUSED_DAYS * 86400
    for path in cache.iterdir():
        ours = re.search(r"^\.unpacking-|-[0-9a-f]{64}(\.zip)?$", path.name)
        if not ours or path.is_symlink() or path.lstat().st_mtime > oldest:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    leave(main())
