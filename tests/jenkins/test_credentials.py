"""Whose credentials the plan uses for whom."""

from __future__ import annotations

import importlib
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
    ("entries", "ids"),
    [
        ([("a", "", "")], []),
        ([("a", "", "dev"), ("b", "", "")], []),
        ([("a", "key", ""), ("b", "key", "")], [("same", "key")]),
        ([("a", "two", "a"), ("b", "one", "b")], [("file", "one"), ("file", "two")]),
        ([("a", "one", "a"), ("b", "", "")], [("file", "one")]),
    ],
)
def test_the_ids_the_plan_needs(
    credentials: ModuleType, entries: list[tuple[str, str, str]], ids: list[tuple[str, str]]
) -> None:
    assert credentials.needed(entries) == ids


@pytest.mark.parametrize(
    "entries",
    [[("a", "one", ""), ("b", "two", "b")], [("a", "one", ""), ("b", "", "")], [("a", "one", "a"), ("b", "two", "")]],
)
def test_whose_credentials_are_whose_is_said(credentials: ModuleType, entries: list[tuple[str, str, str]]) -> None:
    with pytest.raises(credentials.Refused, match="it has to say which profile it uses"):
        credentials.needed(entries)


def test_two_secret_files_and_the_agents_own_become_one(credentials: ModuleType, tmp_path: Path) -> None:
    own, one, two = tmp_path / "own", tmp_path / "one", tmp_path / "two"
    own.write_text("[default]\nregion = eu-west-1\n[profile dev]\nregion = us-east-1\n")
    one.write_text("[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/reader\ns3 =\n  max_queue_size = 5\n")
    two.write_text("[default]\naws_access_key_id = A\n[archive]\naws_access_key_id = B\naws_secret_access_key = C%d\n")
    assert credentials.together([one, two], own) == (
        "[default]\nregion = eu-west-1\n\n"
        "[profile dev]\nregion = us-east-1\n\n"
        "[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/reader\ns3 = \n    max_queue_size = 5\n\n"
        "[profile archive]\naws_access_key_id = B\naws_secret_access_key = C%d\n"
    )


def test_two_meanings_of_one_profile_are_refused(credentials: ModuleType, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("[profile prod]\naws_access_key_id = A\n")
    two.write_text("[prod]\naws_access_key_id = B\n")
    with pytest.raises(credentials.Refused, match=r"\[profile prod\] stands in two of the secret files"):
        credentials.together([one, two], tmp_path / "none")


def test_a_broken_secret_file_is_not_quoted(credentials: ModuleType, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("AKIASECRET wJalrSECRET\n")
    with pytest.raises(credentials.Refused) as refused:
        credentials.together([secret], tmp_path / "none")
    assert "SECRET" not in str(refused.value)


def test_what_is_put_together_lies_where_jenkins_removes_it(credentials: ModuleType, tmp_path: Path) -> None:
    secret = tmp_path / "uuid" / "config"
    secret.parent.mkdir()
    secret.write_text("[profile prod]\naws_access_key_id = A\n")
    own = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "HOME": "/nowhere"}
    environment = credentials.environment_of({**own, "CREDENTIALS_FILE_0": str(secret)})
    merged = Path(environment["AWS_CONFIG_FILE"])
    assert merged.parent == secret.parent
    assert "CREDENTIALS_FILE_0" not in environment
    if sys.platform != "win32":
        assert merged.stat().st_mode & 0o777 == 0o600


def test_without_secret_files_nothing_changes(credentials: ModuleType) -> None:
    assert credentials.environment_of({"AWS_PROFILE": "dev"}) == {"AWS_PROFILE": "dev"}
