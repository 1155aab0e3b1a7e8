"""Build s3-monitor.pyz: the program, its dependencies and the scripts of the pipeline in one file.

An agent that runs it needs only Python.

Expects: the repository that contains this script, and pip with a package index. Produces: one file, run as
`python3 s3-monitor.pyz COMMAND …`. Only this script uses a package index, on the agent that plans. It installs
requirements.lock, checks the hash of every file, and keeps the files that the commands load.

    python3 jenkins/bundle.py --out s3-monitor.pyz
    python3 jenkins/bundle.py --out s3-monitor.pyz --extra inventory
    python3 jenkins/bundle.py --out s3-monitor.pyz --target cp312-linux-aarch64-gnu --target cp313-linux-x86_64-musl
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from launcher import private_caches, this_target

REPOSITORY = Path(__file__).resolve().parent.parent
LOCK = REPOSITORY / "requirements.lock"
LOCK_OF_EXTRAS = REPOSITORY / "requirements-extras.lock"
MINORS = ("cp311", "cp312", "cp313", "cp314")  # agents often have different Python versions on the same system

# Distributions that require native code. The optional native code of others (PyYAML, MarkupSafe) is larger than all
# other files together, and speeds up nothing that takes time here.
NATIVE = ("msgspec",)

# Extras of pyproject.toml that some settings need. They have native code of tens of megabytes, so they are optional.
EXTRAS = {"inventory": "duckdb", "orc": "pyarrow", "regex": "google-re2"}

# The services of botocore that the program and the credential chain use, of 400.
SERVICES = (
    "athena", "ce", "cloudwatch", "dynamodb", "iam", "organizations", "pricing", "s3", "s3control", "s3tables",
    "s3vectors", "signin", "sso", "sso-oidc", "sts",
)  # fmt: skip

# Installed files that no command loads without a terminal.
LEFT_OUT = re.compile(
    r"""(^|/)(__pycache__|tests?)/ | \.(pyc|pyi|pyx|c|h|exe|so|pyd)$ | ^bin/
    | \.dist-info/(RECORD|INSTALLER|REQUESTED|WHEEL)$
    | ^(pygments|markdown_it|mdurl)/            # rich: syntax colours and Markdown
    | ^dateutil/zoneinfo/                       # its own copy of the time zones
    | ^boto3/(examples|data/(?!dynamodb|s3)) | ^botocore/data/.*/(examples|waiters)-.*
    """,
    re.VERBOSE,
)

_PIP_PLATFORMS = {
    ("linux", "gnu"): ("manylinux_2_28_{}", "manylinux_2_17_{}", "manylinux2014_{}"),
    ("linux", "musl"): ("musllinux_1_2_{}", "musllinux_1_1_{}"),
    ("macos", ""): ("macosx_14_0_{}", "macosx_11_0_{}", "macosx_10_13_{}", "macosx_10_9_{}"),
    ("windows", ""): ("win_{}",),
}
_PIP_MACHINES = {("macos", "aarch64"): "arm64", ("windows", "x86_64"): "amd64", ("windows", "aarch64"): "arm64"}


class BundleError(Exception):
    """An error to print without a traceback, with advice."""


Contents = dict[str, bytes]  # path in the bundle -> content


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("s3-monitor.pyz"), metavar="FILE")
    parser.add_argument(
        "--target",
        action="append",
        default=re.split(r"[,\s]+", os.environ.get("S3_MONITOR_TARGETS", "")),
        metavar="TARGET",
        help="Additional target (also S3_MONITOR_TARGETS, separated by commas or spaces). May be repeated. Always "
        f"included: {MINORS[0]} to {MINORS[-1]} on this system ({this_target()}).",
    )
    parser.add_argument(
        "--extra",
        action="append",
        default=re.split(r"[,\s]+", os.environ.get("S3_MONITOR_EXTRAS", "")),
        metavar="EXTRA",
        help=f"Extra to include: {', '.join(EXTRAS)} (also S3_MONITOR_EXTRAS, separated by commas or spaces). May be "
        "repeated. With an extra, the bundle is only for this Python and those of --target, because extras are large.",
    )
    arguments = parser.parse_args()
    try:
        wanted, extras = ([word for word in words if word] for words in (arguments.target, arguments.extra))
        targets = build_bundle(arguments.out, wanted, extras)
    except BundleError as error:
        print_line(f"error: {error}")
        return 2
    print_line(f"{arguments.out}, {arguments.out.stat().st_size:,} bytes, for {', '.join(targets)}")
    return 0


def build_bundle(out: Path, wanted: list[str], extras: list[str]) -> list[str]:
    """Write the bundle, and return its targets.

    Raises BundleError for an unknown extra, and if this system or a wanted target cannot be supported.
    """
    if unknown := set(extras) - EXTRAS.keys():
        raise BundleError(f"extras must be of {', '.join(EXTRAS)}; got {', '.join(sorted(unknown))}")
    named = [EXTRAS[extra] for extra in sorted(set(extras))]
    added = select_entries(LOCK_OF_EXTRAS.read_text(encoding="utf-8"), named) if named else ""
    contents = dependencies(LOCK.read_text(encoding="utf-8"), added, wanted)
    contents |= read_files("", Path(__file__).parent, script_files())
    contents["__main__.py"] = Path(__file__).with_name("start.py").read_bytes()
    contents |= read_files("site/", REPOSITORY, program_files())
    write_archive(out, contents)
    return contents["targets.txt"].decode().split()


def dependencies(lock: str, added: str, wanted: list[str]) -> Contents:
    """Return all files except the program, from the agent's cache if the lock and this script are unchanged.

    ``added`` has the lock entries of extras.
    """
    recipe = [lock, added, this_target(), *wanted, Path(__file__).read_text(encoding="utf-8")]
    name = f"dependencies-{hashlib.sha256(chr(0).join(recipe).encode()).hexdigest()}.zip"
    caches = private_caches()
    for cache in caches:
        if (cache / name).is_file():
            os.utime(cache / name)
            with zipfile.ZipFile(cache / name) as archive:
                return {entry: archive.read(entry) for entry in archive.namelist()}
    contents = install(lock, added, wanted)
    if caches:
        try:
            write_archive(caches[0] / name, contents)
        except OSError as error:
            print_line(f"could not cache the dependencies: {error}")
    return contents


def install(lock: str, added: str, wanted: list[str]) -> Contents:
    """Install the locked distributions for each target from the package index, and return their files."""
    here = this_target()
    python = here.split("-")[0]
    usual = [] if added else [here.replace(python, minor) for minor in MINORS]
    targets = []
    with tempfile.TemporaryDirectory(prefix="s3-monitor-bundle-") as scratch:
        site = Path(scratch, "site")
        # Markers are ignored, so that the bundle also has what other Python versions and systems need.
        pip_install(re.sub(r" *;[^\\\n]*", " ", lock), site, [])
        contents = read_files("site/", site, pure_files(site))
        for target in dict.fromkeys([here, *wanted, *usual]):
            native = Path(scratch, target)
            try:
                pip_install(
                    select_entries(lock, NATIVE) + added, native, [] if target == here else pip_platform(target)
                )
            except BundleError as error:
                if target == here or target in wanted:
                    raise
                print_line(f"skipped {target}: {str(error).splitlines()[-1].strip()}")
                continue
            targets.append(target)
            contents |= read_files(f"native/{target}/", native, native_files(native))
    contents["targets.txt"] = "\n".join(targets).encode()
    return contents


def pip_install(requirements: str, into: Path, platform: list[str]) -> None:
    """Install locked requirements: only wheels, and only those of the lock."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False, encoding="utf-8") as listed:
        listed.write(requirements)
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile",
        "--no-user", "--target", str(into), *platform, "--requirement", listed.name,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our words
    finally:
        Path(listed.name).unlink()
    if "No module named pip" in done.stderr:
        raise BundleError(
            f"{sys.executable} has no pip, which the agent that plans needs.\n"
            "  Install it (Debian: apt-get install python3-pip), or set PYTHON to a Python that has it."
        )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise BundleError("\n  ".join(["pip could not install requirements.lock", *errors]))


def pip_platform(target: str) -> list[str]:
    """Return pip's options for a target other than this system. Raises BundleError for an unknown one."""
    found = re.fullmatch(r"cp3(\d+)-(linux|macos|windows)-(x86_64|aarch64)-?(gnu|musl|)", target)
    key = (found[2], found[4]) if found else ("", "")
    if found is None or key not in _PIP_PLATFORMS:
        raise BundleError(
            f"a target must be like {this_target()}, got {target!r}; the error of an agent names its target"
        )
    machine = _PIP_MACHINES.get((found[2], found[3]), found[3])
    options = ["--implementation", "cp", "--python-version", f"3.{found[1]}", "--abi", f"cp3{found[1]}"]
    return [*options, *(word for name in _PIP_PLATFORMS[key] for word in ("--platform", name.format(machine)))]


def select_entries(lock: str, names: Iterable[str]) -> str:
    """Return the entries of these distributions in a lock file, with their hashes."""
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return "".join(entry for entry in entries if entry.startswith(tuple(f"{name}==" for name in names)))


def pure_files(site: Path) -> Iterator[Path]:
    """Yield the installed files that are needed, without native distributions, with licenses and metadata."""
    for path in files_under(site):
        name = path.relative_to(site).as_posix()
        service = re.match(r"botocore/data/([^/]+)/", name)
        unneeded = LEFT_OUT.search(name) or (service and service[1] not in SERVICES)
        if not unneeded and not name.startswith(tuple(f"{native}/" for native in NATIVE)):
            yield path


def native_files(native: Path) -> Iterator[Path]:
    """Return the files of native distributions, without type stubs."""
    return (path for path in files_under(native) if not path.name.endswith(".pyi"))


def program_files() -> Iterator[Path]:
    """Yield the files of the program, without the simulated account of the demo."""
    for path in files_under(REPOSITORY / "s3_monitor"):
        name = path.relative_to(REPOSITORY).as_posix()
        if not LEFT_OUT.search(name) and not name.startswith("s3_monitor/simulator/"):
            yield path


def script_files() -> Iterator[Path]:
    """Yield the scripts of this folder that the pipeline runs from the bundle, and the launcher."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in ("bundle.py", "library_step.py", "start.py"):
            yield path


def files_under(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read_files(prefix: str, base: Path, paths: Iterable[Path]) -> Contents:
    """Return the content of files by their path relative to ``base``, with a prefix."""
    return {prefix + path.relative_to(base).as_posix(): path.read_bytes() for path in paths}


def write_archive(out: Path, contents: Contents) -> None:
    """Write a reproducible archive: agents recognize a bundle that they have unpacked by its digest."""
    with tempfile.NamedTemporaryFile(prefix=f".{out.name}.", dir=out.resolve().parent, delete=False) as stream:
        archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
        archive.close()
    Path(stream.name).replace(out)


def print_line(line: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(f"jenkins/bundle.py: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
