"""Builds s3-monitor.pyz: the program with everything it needs, so that an agent needs Python and nothing else.

Expects: the repository it lies in, and pip with a package index. Produces: one file, run as
`python3 s3-monitor.pyz VERB …`. Only this script talks to a package index, on the agent that plans; it installs
requirements.lock, every file checked against its hash, and keeps of it what the verbs load.

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
MINORS = ("cp311", "cp312", "cp313", "cp314")  # agents of one company rarely agree on more than the system

# Distributions with native code that Python cannot do without. Those of the others (PyYAML's, MarkupSafe's) only
# make things faster that no verb here spends time on, and weigh more than all the rest.
NATIVE = ("msgspec",)

# What some settings need besides, as pyproject.toml has it: native, of tens of megabytes, and so only if asked for.
EXTRAS = {"inventory": "duckdb", "orc": "pyarrow", "regex": "google-re2"}

# Of botocore's 400 services, those the program and the credential chain talk to.
SERVICES = (
    "account", "athena", "ce", "cloudwatch", "dynamodb", "organizations", "pricing", "s3", "s3control", "s3tables",
    "s3vectors", "signin", "sso", "sso-oidc", "sts",
)  # fmt: skip

# What is installed with the rest, but loaded by no verb away from a terminal.
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
    """What went wrong, with advice: for people, no traceback."""


Contents = dict[str, bytes]  # a file's path inside the bundle: its bytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("s3-monitor.pyz"), metavar="FILE")
    parser.add_argument(
        "--target",
        action="append",
        default=re.split(r"[,\s]+", os.environ.get("S3_MONITOR_TARGETS", "")),
        metavar="TARGET",
        help="Build for this one too (also S3_MONITOR_TARGETS, by comma or space). May be repeated. Always built "
        f"for: every Python from {MINORS[0]} to {MINORS[-1]} on a system like this one, {this_target()}",
    )
    parser.add_argument(
        "--extra",
        action="append",
        default=re.split(r"[,\s]+", os.environ.get("S3_MONITOR_EXTRAS", "")),
        metavar="EXTRA",
        help=f"What settings need besides: {', '.join(EXTRAS)} (also S3_MONITOR_EXTRAS, by comma or space). May be "
        "repeated. With any, the bundle is for Pythons like this one and those of --target only: each adds much.",
    )
    arguments = parser.parse_args()
    try:
        wanted, extras = ([word for word in words if word] for words in (arguments.target, arguments.extra))
        targets = build(arguments.out, wanted, extras)
    except BundleError as error:
        say(f"error: {error}")
        return 2
    say(f"{arguments.out}, {arguments.out.stat().st_size:,} bytes, for {', '.join(targets)}")
    return 0


def build(out: Path, wanted: list[str], extras: list[str]) -> list[str]:
    """Write the bundle; the targets it serves. BundleError where this one or a wanted one cannot be built for, or an
    extra is none."""
    if unknown := set(extras) - EXTRAS.keys():
        raise BundleError(f"{', '.join(sorted(unknown))}: no such extra; there are {', '.join(EXTRAS)}")
    named = [EXTRAS[extra] for extra in sorted(set(extras))]
    added = only(LOCK_OF_EXTRAS.read_text(encoding="utf-8"), named) if named else ""
    contents = dependencies(LOCK.read_text(encoding="utf-8"), added, wanted)
    for name, script in (("__main__.py", "start.py"), ("launcher.py", "launcher.py")):
        contents[name] = Path(__file__).with_name(script).read_bytes()
    contents |= read("site/", REPOSITORY, program_files())
    write_archive(out, contents)
    return contents["targets.txt"].decode().split()


def dependencies(lock: str, added: str, wanted: list[str]) -> Contents:
    """All but the program, from the agent's cache while the lock and this script stay: no index every night.
    ``added``: the entries of extras' distributions."""
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
            say(f"not kept for the next build: {error}")
    return contents


def install(lock: str, added: str, wanted: list[str]) -> Contents:
    """The locked distributions for each target, from the package index."""
    here = this_target()
    python = here.split("-")[0]
    usual = [] if added else [here.replace(python, minor) for minor in MINORS]
    targets = []
    with tempfile.TemporaryDirectory(prefix="s3-monitor-bundle-") as scratch:
        site = Path(scratch, "site")
        # Without the markers: what only another Python or system needs is for the agents that are one.
        pip_install(re.sub(r" *;[^\\\n]*", " ", lock), site, [])
        contents = read("site/", site, pure_files(site))
        for target in dict.fromkeys([here, *wanted, *usual]):
            native = Path(scratch, target)
            try:
                pip_install(only(lock, NATIVE) + added, native, [] if target == here else pip_platform(target))
            except BundleError as error:
                if target == here or target in wanted:
                    raise
                say(f"not for {target}: {str(error).splitlines()[-1].strip()}")
                continue
            targets.append(target)
            contents |= read(f"native/{target}/", native, native_files(native))
    contents["targets.txt"] = "\n".join(targets).encode()
    return contents


def pip_install(requirements: str, into: Path, platform: list[str]) -> None:
    """Install locked requirements, wheels only, none that the lock does not name."""
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
    """pip's options for a target that is not the one it runs on."""
    found = re.fullmatch(r"cp3(\d+)-(linux|macos|windows)-(x86_64|aarch64)-?(gnu|musl|)", target)
    key = (found[2], found[4]) if found else ("", "")
    if found is None or key not in _PIP_PLATFORMS:
        raise BundleError(f"{target} is not a target; an agent's own is what its error named, like {this_target()}")
    machine = _PIP_MACHINES.get((found[2], found[3]), found[3])
    options = ["--implementation", "cp", "--python-version", f"3.{found[1]}", "--abi", f"cp3{found[1]}"]
    return [*options, *(word for name in _PIP_PLATFORMS[key] for word in ("--platform", name.format(machine)))]


def only(lock: str, names: Iterable[str]) -> str:
    """The lock's entries of these distributions, hashes and all."""
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return "".join(entry for entry in entries if entry.startswith(tuple(f"{name}==" for name in names)))


def pure_files(site: Path) -> Iterator[Path]:
    """What is installed and needed, native distributions apart; licences and metadata stay."""
    for path in files_under(site):
        name = path.relative_to(site).as_posix()
        service = re.match(r"botocore/data/([^/]+)/", name)
        unneeded = LEFT_OUT.search(name) or (service and service[1] not in SERVICES)
        if not unneeded and not name.startswith(tuple(f"{native}/" for native in NATIVE)):
            yield path


def native_files(native: Path) -> Iterator[Path]:
    return (path for path in files_under(native) if not path.name.endswith(".pyi"))


def program_files() -> Iterator[Path]:
    for path in files_under(REPOSITORY / "s3_monitor"):
        if not LEFT_OUT.search(path.relative_to(REPOSITORY).as_posix()):
            yield path


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read(prefix: str, base: Path, paths: Iterable[Path]) -> Contents:
    return {prefix + path.relative_to(base).as_posix(): path.read_bytes() for path in paths}


def write_archive(out: Path, contents: Contents) -> None:
    """The same files give the same bytes, sorted and without times: an agent recognises a bundle it has unpacked."""
    with tempfile.NamedTemporaryFile(prefix=f".{out.name}.", dir=out.resolve().parent, delete=False) as stream:
        archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
        archive.close()
    Path(stream.name).replace(out)


def say(line: str) -> None:
    sys.stderr.write(f"jenkins/bundle.py: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
