"""Errors of the local configuration name the file or setting, without its content and before any request."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from s3_monitor.aws.error_translation import translate
from s3_monitor.aws.session import Connection
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.simulator import Simulator
from tests.e2e.conftest import ROOT

ROLE = "role_arn = arn:aws:iam::111122223333:role/r"
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"
# The lines of a profile, and what the error names.
PROFILES = {
    "missing program": ("credential_process = /nope/tool --x", ["credential_process of profile p", "/nope/tool"]),
    "a folder": ("credential_process = /tmp", ["credential_process of profile p", "/tmp"]),
    "no program": ("credential_process =", ["credential_process of profile p"]),
    "an open quote": ('credential_process = echo "abc', ["credential_process of profile p"]),
    "no output": (f"credential_process = {sys.executable} -c ''", ["credential_process of profile p"]),
    "no JSON": (f"credential_process = {sys.executable} -c 'print(\"{SECRET}\")'", ["credential_process of profile p"]),
    "a list": (f"credential_process = {sys.executable} -c 'print([])'", ["credential_process of profile p"]),
    "a failure": (f"credential_process = {sys.executable} -c 'raise SystemExit(3)'", ["credential_process"]),
    "no token file": (f"{ROLE}\nweb_identity_token_file = /nope/token", ["web_identity_token_file", "/nope/token"]),
    "a token folder": (f"{ROLE}\nweb_identity_token_file = /tmp", ["web_identity_token_file", "/tmp"]),
    "no source": (f"{ROLE}\nsource_profile = absent", ['"absent"', '"p"']),
    "a loop": (f"{ROLE}\nsource_profile = q\n[profile q]\n{ROLE}\nsource_profile = p", ["loop", "'p'", "'q'"]),
    "no SSO session": ("sso_session = nowhere\nsso_account_id = 1\nsso_role_name = r", ["sso-session", "nowhere"]),
    "half of SSO": ("sso_start_url = https://x", ["profile p"]),
    "an odd source": (f"{ROLE}\ncredential_source = Nonsense", ["Nonsense"]),
    "a space in a key": (
        f"aws_access_key_id = AKIA\naws_secret_access_key = {SECRET} x",
        ["aws_secret_access_key of profile p"],
    ),
}


@pytest.mark.parametrize(("lines", "named"), PROFILES.values(), ids=PROFILES)
def test_a_profile_that_cannot_be_used_is_named_with_its_setting(
    environment: pytest.MonkeyPatch, tmp_path: Path, lines: str, named: list[str]
) -> None:
    (tmp_path / "config").write_text(f"[profile p]\n{lines}\n")
    with pytest.raises(UserError) as caught:
        Connection(Access(profile="p"))
    check(caught.value, named)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIA\r", "AWS_SECRET_ACCESS_KEY": "x"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": f"{SECRET}\r"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIÄ", "AWS_SECRET_ACCESS_KEY": "x"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": f"x{SECRET}\ny"}, "AWS_SECRET_ACCESS_KEY"),
        (
            {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "a\x1b[31m"},
            "AWS_SESSION_TOKEN",
        ),
        (
            {"AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nope/token"},
            "/nope/token",
        ),
        (
            {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nope/token",
            },
            "/nope/token",
        ),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/x"}, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ({"AWS_CA_BUNDLE": "/nope/certificates"}, "/nope/certificates"),
        ({"AWS_CONFIG_FILE": "/tmp"}, "/tmp"),
        ({"AWS_CA_BUNDLE": __file__}, __file__),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:99999/x"}, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/x"}, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:99999"}, "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
        ({"AWS_MAX_ATTEMPTS": "many"}, "AWS_MAX_ATTEMPTS"),
        ({"AWS_METADATA_SERVICE_TIMEOUT": "long"}, "AWS_METADATA_SERVICE_TIMEOUT"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/nope/credentials"}, "/nope/credentials"),
        (
            {"AWS_ROLE_ARN": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": __file__},
            "AWS_ROLE_ARN",
        ),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/tmp"}, "/tmp"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    environment: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    with pytest.raises(UserError) as caught:
        Connection(Access())
    check(caught.value, [named])


@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize(
    "content",
    [b"# \xe4\n[default]\n", b"\xff\xfe[\0d\0]\0", b"\xef\xbb\xbf[default]\nregion = x\n", b"region = x\n", b"\0\0\0"],
    ids=["latin", "utf-16", "byte order mark", "no section", "binary"],
)
def test_a_file_that_cannot_be_parsed_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        Connection(Access())
    check(caught.value, [str(tmp_path / name)])


def check(error: UserError, named: list[str]) -> None:
    """Check that the error is one line with the setting and advice, without secrets."""
    assert [name for name in named if name not in f"{error} {error.advice}"] == []
    assert error.advice
    assert "network" not in error.advice
    assert not {"\n", "\r", "\x1b"} & set(f"{error}{error.advice}")
    assert SECRET not in f"{error}{error.advice}"


def test_a_token_file_that_is_removed_while_running_is_not_a_network_error() -> None:
    failure = translate(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/var/run/token"), "ListMetrics")
    assert isinstance(failure, MissingCredentialsError)
    assert "/var/run/token" in str(failure)


def test_a_limit_of_open_files_is_named() -> None:
    failure = translate(OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ListMetrics")
    assert failure is not None and "ulimit" in failure.advice


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), TimeoutError("late"), OSError("reset")])
def test_a_connection_that_fails_is_a_network_error(error: OSError) -> None:
    failure = translate(error, "ListMetrics")
    assert isinstance(failure, AwsError)
    assert failure.kind == "unreachable"


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "p"}, "eu-west-1"),
        ({"AWS_PROFILE": "p"}, "eu-west-3"),
        ({}, "us-east-1"),
    ],
)
def test_the_region_is_read_as_the_aws_cli_reads_it(
    company: Simulator, environment: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], region: str
) -> None:
    (tmp_path / "config").write_text("[profile p]\nregion = eu-west-3\n")
    environment.delenv("AWS_DEFAULT_REGION")
    for name, value in variables.items():
        environment.setenv(name, value)
    assert Connection(Access()).home_region == region


def test_neither_a_home_nor_a_passwd_entry_is_needed(company: Simulator) -> None:
    """OpenShift and Kubernetes run containers as users without an entry in /etc/passwd."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        kept.pop(name, None)
    code = (
        "import os, pwd\n"
        "def no_entry(*_): raise KeyError\n"
        "pwd.getpwuid = pwd.getpwnam = no_entry\n"  # what a user without an entry gets
        "from s3_monitor.cli.main import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "-q"],
        env={**kept, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}, cwd="/",
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert '"logs-a"' in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize(
    "setting", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE"]
)
def test_a_pipe_without_a_writer_is_named_without_waiting(
    environment: pytest.MonkeyPatch, tmp_path: Path, setting: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    environment.setenv(setting, str(tmp_path / "pipe"))
    environment.setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/r")
    with pytest.raises(UserError) as caught:
        Connection(Access())
    check(caught.value, [setting, str(tmp_path / "pipe")])


def test_settings_of_the_wrong_form_are_wrong_usage(
    company: Simulator, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\ns3 = virtual\n")
    with pytest.raises(UserError):
        Connection(Access()).client("s3")


@pytest.mark.parametrize(
    "printed", ["", "[]", "{}", '{"Version": 1}', '{"Version": 1, "AccessKeyId": 5, "SecretAccessKey": 6}']
)
def test_a_credential_process_that_prints_no_credentials_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, printed: str
) -> None:
    (tmp_path / "printed").write_text(printed)
    (tmp_path / "config").write_text(f"[profile p]\ncredential_process = cat {tmp_path / 'printed'}\n")
    with pytest.raises(UserError) as caught:
        Connection(Access(profile="p"))
    assert "process" in str(caught.value)
    check(caught.value, [])


@pytest.mark.parametrize("command", ["{python} -c 'import time; time.sleep(600)'", "sh -c 'sleep 20; echo'"])
@pytest.mark.parametrize("chain", ["", f"[profile p]\n{ROLE}\nsource_profile = q\n"], ids=["directly", "as a source"])
def test_a_credential_process_that_does_not_end_is_stopped_at_its_deadline(
    environment: pytest.MonkeyPatch, tmp_path: Path, command: str, chain: str
) -> None:
    program = command.format(python=sys.executable)
    name = "q" if chain else "p"
    (tmp_path / "config").write_text(f"{chain}[profile {name}]\ncredential_process = {program}\n")
    with pytest.raises(MissingCredentialsError) as caught:
        Connection(Access(profile="p"), process_seconds=0.2)
    check(caught.value, ["credential_process", "did not end within 0.2 seconds"])
    assert "must exist and print JSON" in caught.value.advice
