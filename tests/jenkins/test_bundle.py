"""The bundle: everything an agent needs but Python, and what happens where an agent is not what it was built for."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import REPOSITORY, TARGETS

posix_only = pytest.mark.skipif(os.name != "posix", reason="private folders need POSIX permissions")


def run(
    bundle: Path, *arguments: str, cache: Path | None = None, timeout: float | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """As an agent does: nothing of this project or its virtual environment in sight."""
    clean = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **environment}
    if cache is not None:
        clean["S3_MONITOR_CACHE"] = str(cache)
    base = [sys._base_executable, "-s", str(bundle), *arguments]  # type: ignore[attr-defined]
    return subprocess.run(
        base, env=clean, cwd=bundle.parent, capture_output=True, text=True, check=False, timeout=timeout
    )


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """jenkins/bundle.py as a module."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    for name in ("bundle", "launcher"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("bundle")


def rebuilt(bundle: Path, to: Path, **files: str) -> Path:
    """Return the bundle with some files replaced."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            new.writestr(name, files.pop(name) if name in files else old.read(name))
        for name, text in files.items():
            new.writestr(name, text)
    return to


@pytest.mark.parametrize("verb", ["plan", "collect", "aggregate"])
def test_every_command_of_the_pipeline_starts_on_a_bare_python(bundle: Path, tmp_path: Path, verb: str) -> None:
    done = run(bundle, verb, "--help", cache=tmp_path / "cache")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: s3-monitor" in done.stdout


def test_the_bundle_passes_arguments_and_the_exit_status(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "collect", "--plan", "no plan.json", "--shard", "a b", "--out", "x", cache=tmp_path / "cache")
    assert done.returncode == 2
    assert "no plan.json" in done.stderr and "Traceback" not in done.stderr


PROGRAM_ENDS = {
    "sys.exit(3)": (3, ""),
    "sys.exit()": (0, ""),
    "sys.exit('a reason')": (1, "a reason\n"),
    "pass": (0, ""),
    # A thread that still waits for a response does not delay the end.
    "threading.Thread(target=threading.Event().wait).start(); sys.exit(5)": (5, ""),
}


def test_the_bundle_keeps_the_exit_status_and_the_output_of_the_program(bundle: Path, tmp_path: Path) -> None:
    program = "import sys, threading\nsys.stdout.write('x' * 100_000)\nexec(sys.argv[1])\n"
    ending = rebuilt(bundle, tmp_path / "ending.pyz", **{"site/s3_monitor/__main__.py": program})
    for end, (status, errors) in PROGRAM_ENDS.items():
        done = run(ending, end, cache=tmp_path / "cache", timeout=60)
        assert (done.returncode, len(done.stdout), done.stderr) == (status, 100_000, errors), end


def test_the_bundle_is_small_enough_for_two_hundred_copies_per_night(bundle: Path) -> None:
    assert bundle.stat().st_size < 5_000_000


def test_the_bundle_has_no_tests_no_compiler_input_and_no_unused_services(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
    assert not [name for name in names if re.search(r"\.(pyc|pyi|c|h)$|/tests?/|botocore/data/ec2/", name)]
    assert len(names) == len(set(names))


def test_the_bundle_has_no_simulated_account_and_the_demo_names_what_has_one(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert not [name for name in archive.namelist() if "simulator" in name]
    done = run(bundle, "demo", "--out", str(tmp_path / "demo"), cache=tmp_path / "cache")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("s3-monitor: error: this installation has no simulated account")
    assert "make demo" in done.stderr and not (tmp_path / "demo").exists()


def test_the_bundle_has_the_model_of_every_service_that_the_program_uses(bundle: Path) -> None:
    asked = set()
    for module in (REPOSITORY / "s3_monitor" / "aws").glob("*.py"):
        asked |= set(re.findall(r'client\((?:clients, )?\s*"([a-z0-9-]+)"', module.read_text(encoding="utf-8")))
    with zipfile.ZipFile(bundle) as archive:
        held = {name.split("/")[3] for name in archive.namelist() if re.search(r"/data/[^/]+/[^/]+/service-2", name)}
    assert {"s3", "cloudwatch", "sts"} <= asked <= held
    assert {"sso", "sso-oidc", "sts"} <= held, "the credential chain"


def test_the_same_sources_give_the_same_bytes(bundle: Path, tmp_path: Path, script: ModuleType) -> None:
    built = script.build_bundle(tmp_path / "again.pyz", list(TARGETS), [])
    assert (tmp_path / "again.pyz").read_bytes() == bundle.read_bytes()
    assert built[0] == script.this_target()


def test_an_unsupported_python_is_rejected_with_both_targets(bundle: Path, tmp_path: Path, script: ModuleType) -> None:
    foreign = rebuilt(bundle, tmp_path / "foreign.pyz", **{"targets.txt": "cp399-linux-riscv64-gnu"})
    done = run(foreign, "--version", cache=tmp_path / "cache")
    assert done.returncode == 2
    assert f"is {script.this_target()}; the bundle was built for cp399-linux-riscv64-gnu" in done.stderr
    assert f"S3_MONITOR_TARGETS={script.this_target()}" in done.stderr
    assert not (tmp_path / "cache").exists()


def python_of(version: str) -> str:
    found = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    if not found:
        pytest.skip(f"Python {version} is not installed")
    return str(found[0])


SCRIPTS = ("credentials", "plan", "check_prices", "pending", "aggregate", "notify")


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_bundle_runs_the_scripts_of_the_pipeline(bundle: Path, tmp_path: Path, script: str) -> None:
    done = run(bundle, "jenkins", script, "--help", cache=tmp_path / "cache")
    assert done.returncode == 0 and done.stdout.startswith("usage: ")
    assert not (tmp_path / "cache").exists(), "only the program is unpacked"


@pytest.mark.parametrize("script", ["bundle", *SCRIPTS])
@pytest.mark.parametrize("version", ["2.7", "3.10"])
def test_a_script_rejects_an_old_python_in_one_line(version: str, script: str) -> None:
    command = [python_of(version), str(REPOSITORY / "jenkins" / "start.py"), script, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"needs CPython 3.11 or newer, found {version} (" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("script", ["bundle", *SCRIPTS])
def test_a_script_starts_with_its_arguments(script: str) -> None:
    command = [sys.executable, str(REPOSITORY / "jenkins" / "start.py"), script, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and f"usage: {script}.py" in done.stdout


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_other_pythons_run_the_bundle_or_are_rejected(bundle: Path, tmp_path: Path, version: str) -> None:
    done = subprocess.run(
        [python_of(version), str(bundle), "--version"],
        env={"S3_MONITOR_CACHE": str(tmp_path / "cache"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if tuple(map(int, version.split("."))) < (3, 11):
        assert done.returncode == 2 and f"needs CPython 3.11 or newer, found {version} (" in done.stderr
        assert "Traceback" not in done.stderr and "SyntaxError" not in done.stderr
    else:
        assert done.returncode == 0 and done.stdout.startswith("s3-monitor, version")


def test_two_executors_may_unpack_at_the_same_time(bundle: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run(bundle, "--version", cache=cache), range(4)))
    assert [one.returncode for one in done] == [0] * 4
    assert len(list(cache.iterdir())) == 1, "one folder, nothing half unpacked"


@pytest.mark.parametrize("damage", ["a file removed", "a folder removed", "a file truncated", "an empty folder left"])
def test_damaged_files_of_an_unpacked_bundle_are_restored(bundle: Path, tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    assert run(bundle, "--version", cache=cache).returncode == 0
    (folder,) = cache.iterdir()
    before = sizes_in(folder)
    if damage == "a file removed":
        (folder / "s3_monitor" / "cli" / "main.py").unlink()
    elif damage == "a folder removed":
        shutil.rmtree(folder / "botocore" / "data" / "cloudwatch")
    elif damage == "a file truncated":
        (folder / "s3_monitor" / "__init__.py").write_bytes(b"")
    else:
        shutil.rmtree(folder)
        folder.mkdir()
    assert "version" in run(bundle, "--version", cache=cache).stdout
    assert sizes_in(folder) == before


def sizes_in(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


@posix_only
def test_a_cache_folder_that_is_a_symbolic_link_is_not_used(bundle: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir(mode=0o700)
    link.symlink_to(target, target_is_directory=True)
    done = run(bundle, "--version", cache=link, XDG_CACHE_HOME=str(tmp_path / "own"))
    assert done.returncode == 0
    assert not list(target.iterdir())
    assert list((tmp_path / "own" / "s3-monitor").iterdir())


def test_each_bundle_has_its_own_folder(bundle: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    other = rebuilt(bundle, tmp_path / "other.pyz", **{"site/s3_monitor/__init__.py": '__version__ = "99"\n'})
    assert run(bundle, "--version", cache=cache).returncode == 0
    assert "version 99" in run(other, "--version", cache=cache).stdout
    assert len(list(cache.iterdir())) == 2


@posix_only
def test_the_cache_belongs_to_the_user(bundle: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run(bundle, "--version", cache=cache)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@posix_only
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_cache_that_others_can_write_to_is_not_used(bundle: Path, tmp_path: Path, mode: int) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    done = run(bundle, "--version", cache=shared, XDG_CACHE_HOME=str(tmp_path / "own"))
    assert done.returncode == 0
    assert not list(shared.iterdir())
    assert list((tmp_path / "own" / "s3-monitor").iterdir())


def test_an_agent_without_a_cache_runs_the_bundle_and_deletes_its_files(bundle: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (temporary / f"s3-monitor-{os.getuid() if hasattr(os, 'getuid') else 'user'}").write_text("not a folder either")
    done = run(bundle, "--version", cache=blocked, XDG_CACHE_HOME=str(blocked), TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert len(list(temporary.iterdir())) == 1


def test_a_bundle_with_paths_outside_its_folder_is_not_unpacked(bundle: Path, tmp_path: Path) -> None:
    hostile = rebuilt(bundle, tmp_path / "hostile.pyz", **{"site/../../escaped.py": "pass"})
    assert run(hostile, "--version", cache=tmp_path / "cache").returncode != 0
    assert not list(tmp_path.rglob("escaped.py"))


def test_unused_bundles_are_removed(bundle: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    old, recent, foreign = cache / f"cp311-x-{'0' * 64}", cache / f"cp311-x-{'1' * 64}", cache / "somebody-elses"
    for folder in (old, recent, foreign):
        folder.mkdir()
    os.utime(old, (0, 0))
    os.utime(foreign, (0, 0))
    run(bundle, "--version", cache=cache)
    assert not old.exists() and recent.exists() and foreign.exists()


def test_an_extra_is_included_for_the_named_targets(bundle: Path, tmp_path: Path, script: ModuleType) -> None:
    question = ("-b", "s3://logs/x", "--regex", "(", "--dry-run")
    without = run(bundle, *question, cache=tmp_path / "cache")
    assert without.returncode == 2 and ".[regex]" in without.stderr
    assert script.build_bundle(tmp_path / "more.pyz", [], ["regex"]) == [script.this_target()]
    more = run(tmp_path / "more.pyz", *question, cache=tmp_path / "cache")
    assert more.returncode == 2 and "missing )" in more.stderr


def test_an_unknown_extra_is_rejected_before_any_installation(tmp_path: Path, script: ModuleType) -> None:
    with pytest.raises(script.BundleError, match="extras must be of inventory, orc, regex; got duck"):
        script.build_bundle(tmp_path / "more.pyz", [], ["duck"])


def test_the_extras_are_those_of_pyproject(script: ModuleType) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_users = {name: found for name, found in project["optional-dependencies"].items() if name != "dev"}
    assert {name: [distribution] for name, distribution in script.EXTRAS.items()} == {
        name: [re.split("[<>=]", requirement)[0] for requirement in found] for name, found in of_users.items()
    }
    locked = script.select_entries(script.LOCK_OF_EXTRAS.read_text(encoding="utf-8"), script.EXTRAS.values())
    assert all(f"{name}==" in locked for name in script.EXTRAS.values())


@pytest.mark.parametrize("target", ["cp311-amiga-m68k", "", "cp27-linux-x86_64-gnu", "../../x", "cp312-linux-x86_64"])
def test_an_unknown_target_is_rejected(script: ModuleType, target: str) -> None:
    with pytest.raises(script.BundleError, match="a target must be like"):
        script.pip_platform(target)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("cp312-linux-aarch64-gnu", {"manylinux_2_28_aarch64", "manylinux2014_aarch64", "cp312", "3.12"}),
        ("cp313-linux-x86_64-musl", {"musllinux_1_2_x86_64", "cp313"}),
        ("cp311-macos-aarch64", {"macosx_11_0_arm64"}),
        ("cp311-windows-x86_64", {"win_amd64"}),
    ],
)
def test_a_target_becomes_options_of_pip(script: ModuleType, target: str, options: set[str]) -> None:
    assert options <= set(script.pip_platform(target))


def test_other_systems_get_their_own_native_files(bundle: Path, script: ModuleType) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert {script.this_target(), *TARGETS} <= set(archive.read("targets.txt").decode().split())
        for target in TARGETS:
            assert [name for name in archive.namelist() if name.startswith(f"native/{target}/msgspec/_core.")]


def test_an_agent_without_pip_gets_the_command_that_installs_it(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = subprocess.run(
        [str(python), str(REPOSITORY / "jenkins" / "bundle.py"), "--out", str(tmp_path / "x.pyz")],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},  # nothing kept anywhere
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "has no pip" in done.stderr and "python3-pip" in done.stderr
    assert not (tmp_path / "x.pyz").exists()


def test_files_that_do_not_match_the_lock_are_rejected(tmp_path: Path, script: ModuleType) -> None:
    wrong = f"six==1.17.0 --hash=sha256:{'0' * 64}\n"
    with pytest.raises(script.BundleError, match=r"pip could not install requirements\.lock"):
        script.pip_install(wrong, tmp_path / "site", [])


@posix_only
def test_a_cache_that_is_a_link_is_not_used(bundle: Path, tmp_path: Path) -> None:
    """Who owns the link can lead it elsewhere later, also where it leads to a private folder now."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(private)
    done = run(bundle, "--version", cache=link, XDG_CACHE_HOME=str(tmp_path / "own"))
    assert done.returncode == 0
    assert not list(private.iterdir())
    assert list((tmp_path / "own" / "s3-monitor").iterdir())


@posix_only
def test_a_private_folder_is_one_that_only_this_user_can_write_to(tmp_path: Path, script: ModuleType) -> None:
    launcher = importlib.import_module("launcher")
    made = {mode: tmp_path / f"{mode:o}" for mode in (0o700, 0o755, 0o750, 0o720, 0o702)}
    for mode, folder in made.items():
        folder.mkdir()
        folder.chmod(mode)
    (tmp_path / "file").touch(mode=0o600)
    (tmp_path / "link").symlink_to(made[0o700])
    assert {mode: launcher.is_private(folder) for mode, folder in made.items()} == {
        0o700: True, 0o755: True, 0o750: True, 0o720: False, 0o702: False,
    }  # fmt: skip
    assert [launcher.is_private(tmp_path / name) for name in ("file", "link", "new/folder", "file/x")] == [
        False, False, True, False,
    ]  # fmt: skip
