"""Whose credentials the plan uses for whom."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import REPOSITORY


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    for name in ("credentials", "parameters", "launcher"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("credentials")


@pytest.mark.parametrize(
    ("used", "ids"),
    [
        ([""], []),
        (["", ""], []),
        (["key", "key"], [("same", "key")]),
        (["two", "one", "two"], [("each", "one"), ("each", "two")]),
        (["one", ""], [("each", "one")]),
    ],
)
def test_the_plan_needs_each_id_once(credentials: ModuleType, used: list[str], ids: list[tuple[str, str]]) -> None:
    assert credentials.required_ids(used) == ids


@pytest.mark.parametrize(
    ("lines", "profiles"),
    [
        ("", []),
        ("same\tkey\n", []),
        ("each\ta=b\neach\tc d\n", [("a=b", "s3-monitor-credentials-0"), ("c d", "s3-monitor-credentials-1")]),
    ],
)
def test_each_id_is_planned_with_a_profile_of_its_own(
    credentials: ModuleType, tmp_path: Path, lines: str, profiles: list[tuple[str, str]]
) -> None:
    (tmp_path / "credentials.txt").write_text(lines)
    assert credentials.alias_profiles(tmp_path / "credentials.txt") == profiles


def test_secret_files_key_pairs_and_the_configuration_of_the_agent_are_merged(
    credentials: ModuleType, tmp_path: Path
) -> None:
    own, one, two = tmp_path / "own", tmp_path / "one", tmp_path / "two"
    own.write_text("[default]\nregion = eu-west-1\n[profile dev]\nregion = us-east-1\n")
    one.write_text("[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/reader\ns3 =\n  max_queue_size = 5\n")
    two.write_text("[default]\naws_access_key_id = A\n[archive]\naws_access_key_id = B\naws_secret_access_key = C%d\n")
    assert credentials.merge_profiles({0: one, 2: two}, {1: ("K", "S%=")}, own) == (
        "[default]\nregion = eu-west-1\n\n"
        "[profile dev]\nregion = us-east-1\n\n"
        "[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/reader\ns3 = \n    max_queue_size = 5\n\n"
        "[profile s3-monitor-credentials-2]\naws_access_key_id = A\n\n"
        "[profile archive]\naws_access_key_id = B\naws_secret_access_key = C%d\n\n"
        "[profile s3-monitor-credentials-1]\naws_access_key_id = K\naws_secret_access_key = S%=\n"
    )


def test_a_profile_keeps_its_reference_to_the_default_of_its_file(credentials: ModuleType, tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.write_text("[default]\naws_access_key_id = A\n[profile prod]\nrole_arn = R\nsource_profile = default\n")
    merged = credentials.merge_profiles({0: one}, {}, tmp_path / "none")
    assert merged.endswith("[profile prod]\nrole_arn = R\nsource_profile = s3-monitor-credentials-0\n")


def test_a_profile_with_two_different_settings_is_rejected(credentials: ModuleType, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("[profile prod]\naws_access_key_id = A\n")
    two.write_text("[prod]\naws_access_key_id = B\n")
    with pytest.raises(credentials.InvalidInputError, match=r"\[profile prod\] is in two secret files"):
        credentials.merge_profiles({0: one, 1: two}, {}, tmp_path / "none")


def test_a_broken_secret_file_is_not_quoted(credentials: ModuleType, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("AKIASECRET wJalrSECRET\n")
    with pytest.raises(credentials.InvalidInputError) as refused:
        credentials.merge_profiles({0: secret}, {}, tmp_path / "none")
    assert "SECRET" not in str(refused.value)


def test_the_merged_file_is_private_and_deleted_after_the_command(credentials: ModuleType, tmp_path: Path) -> None:
    secret = tmp_path / "uuid" / "config"
    secret.parent.mkdir()
    secret.write_text("[profile prod]\naws_access_key_id = A\n")
    given = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "CREDENTIALS_FILE_0": str(secret), "CREDENTIALS_OF": "mine"}
    with credentials.merged_environment(given) as environment:
        merged = Path(environment["AWS_CONFIG_FILE"])
        assert merged.is_relative_to(secret.parent), "where Jenkins removes it"
        assert environment.keys() == {"AWS_CONFIG_FILE", "CREDENTIALS_OF"}
        if sys.platform != "win32":
            assert (merged.parent.stat().st_mode | merged.stat().st_mode) & 0o077 == 0
    assert list(tmp_path.rglob("*")) == [secret.parent, secret]


WAITS = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from credentials import merged_environment
with merged_environment(os.environ) as environment:
    print(environment["AWS_CONFIG_FILE"], flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
def test_an_abort_deletes_the_merged_file(tmp_path: Path) -> None:
    pair = {"CREDENTIALS_KEY_0": "A", "CREDENTIALS_SECRET_0": "B", "WORKSPACE_TMP": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(REPOSITORY / "jenkins")],
        env={"AWS_CONFIG_FILE": str(tmp_path / "none"), **pair},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process, process.stdout:
        merged = Path(process.stdout.readline().strip())
        assert "aws_secret_access_key = B" in merged.read_text()
        process.terminate()
    assert process.returncode == 143
    assert not list(tmp_path.iterdir())


def test_without_credentials_the_environment_is_unchanged(credentials: ModuleType) -> None:
    with credentials.merged_environment({"AWS_PROFILE": "dev"}) as environment:
        assert environment == {"AWS_PROFILE": "dev"}


WRONG = "shards:\n  - {name: dev, regionz: [eu-west-1]}\n"


def test_an_invalid_shards_file_is_rejected_with_its_reason_and_status_2(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "shards.yaml").write_text(WRONG)
    done = subprocess.run(
        [
            *(sys.executable, str(REPOSITORY / "jenkins" / "credentials.py"), "--program", str(bundle)),
            *("--out", "ids.txt", "--description", "description.txt"),
        ],
        env={"PATH": "/usr/bin:/bin", "S3_MONITOR_CACHE": str(tmp_path / "cache"), "SHARDS_FILE": "shards.yaml"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("jenkins/credentials.py: error: ")
    assert "shards.yaml:2: shards[0].regionz" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "description.txt").read_text().startswith("rejected: ")
    assert not (tmp_path / "ids.txt").exists()


BAD_TEXT = [
    ("Latin-1", "# Schlüssel\n[default]\n".encode("latin-1"), "must be UTF-8 text, line 1 is not"),
    ("Latin-1 below", "[default]\nregion = x\n# é\n".encode("latin-1"), "must be UTF-8 text, line 3 is not"),
    ("UTF-16", "[default]\n".encode("utf-16"), "must be UTF-8 text, line 1 is not"),
    ("UTF-16 without a mark", "[default]\n".encode("utf-16-le"), "must be UTF-8 text without"),
    ("a byte order mark", "[default]\n".encode("utf-8-sig"), "must be UTF-8 text without a byte order mark"),
    ("not a configuration", b"AKIASECRET wJalrSECRET\n", "is not an AWS configuration"),
]


@pytest.mark.parametrize(("content", "message"), [bad[1:] for bad in BAD_TEXT], ids=[bad[0] for bad in BAD_TEXT])
def test_a_file_that_cannot_be_read_is_rejected_by_name(
    credentials: ModuleType, tmp_path: Path, content: bytes, message: str
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("[profile prod]\naws_access_key_id = A\n")
    bad.write_bytes(content)
    with pytest.raises(credentials.InvalidInputError, match=f"^the secret file of the credentials 'aws-two' {message}"):
        credentials.merge_profiles({0: good, 1: bad}, {}, tmp_path / "none", {0: "aws-one", 1: "aws-two"})
    with pytest.raises(credentials.InvalidInputError, match=f"^{re.escape(str(bad))} {message}"):
        credentials.merge_profiles({0: good}, {}, bad)


@pytest.mark.skipif(sys.platform == "win32", reason="a program that prints its environment")
@pytest.mark.parametrize("script", ["plan", "aggregate", "check_prices"])
def test_an_invalid_secret_file_ends_each_script_with_status_2(tmp_path: Path, script: str) -> None:
    (tmp_path / "bad").write_bytes("[default]\n".encode("utf-16"))
    (tmp_path / "credentials.txt").write_text("each\taws-one\n")
    (tmp_path / "prices.tsv").write_text("dynamodb:prices\t\n")
    options = {
        "plan": ["--out", "plan", "--credentials", "credentials.txt"],
        "aggregate": ["--plan", "plan.json", "--parts", "parts", "--out", "report"],
        "check_prices": ["--plan", "plan.json"],
    }
    command = [sys.executable, str(REPOSITORY / "jenkins" / "start.py"), script, "--program", "absent"]
    done = subprocess.run(
        [*command, *options[script]], cwd=tmp_path,
        env={"CREDENTIALS_FILE_0": str(tmp_path / "bad"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"jenkins/{script}.py: error: the secret file of the credentials 'aws-one' must be UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
