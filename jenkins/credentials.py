"""The Jenkins credentials that the plan needs, and their merge into one AWS configuration.

Expects: the parameters of the build, like jenkins/plan.py, and the bundle, whose program reads the shards file.
Produces: a file with a line for each credentials id of the shards file: `same`, a tab and the id if all shards use the
same id, otherwise `each`, a tab and the id.

A shard reads one account, with its own credentials. The plan reads all accounts: the Jenkinsfile binds the n-th id of
`each`, from 0, as CREDENTIALS_FILE_<n>, or as CREDENTIALS_KEY_<n> and CREDENTIALS_SECRET_<n> for a key pair.
This script merges them into profiles of one AWS configuration. The default credentials of an id, which are the key
pair or the file's [default], become the profile s3-monitor-credentials-<n>.

    python3 jenkins/credentials.py --program s3-monitor.pyz --out credentials.txt
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parameters import InvalidInputError, quote, read_parameters, shards_file_path, write_description
from run_bundle import load_program

SAME, EACH = "same", "each"
_BOUND = re.compile(r"CREDENTIALS_(FILE|KEY|SECRET)_(\d+)")
Sections = dict[str, dict[str, str]]


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="File for the ids.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="File for a short error message.")
    arguments = parser.parse_args()
    try:
        shards_file = shards_file_path(read_parameters(os.environ), Path.cwd())
        ids = required_ids(shard_credentials_ids(arguments.program, shards_file)) if shards_file else []
    except InvalidInputError as error:
        sys.stderr.write(f"jenkins/credentials.py: error: {error}\n")
        write_description(arguments.description, f"rejected: {str(error).split(':')[0]}")
        return 2
    arguments.out.write_text("".join(f"{use}\t{id_}\n" for use, id_ in ids), encoding="utf-8")
    return 0


def shard_credentials_ids(program: Path, shards_file: str) -> list[str]:
    """Return the credentials id of each shard and of the organization, '' for none.

    Raises InvalidInputError with the program's message if the shards file is invalid.
    """
    load_program(program)
    from s3_monitor.model.errors import UserError
    from s3_monitor.plan.shards_file import load

    try:
        loaded: Any = load(Path(shards_file))
    except UserError as error:
        raise InvalidInputError(str(error)) from None
    return [keys.credentials for keys in loaded.credentials_users]


def required_ids(used: Iterable[str]) -> list[tuple[str, str]]:
    """Return the use and the id of all credentials, sorted. ``used`` has the id of each shard, '' for none."""
    ids = sorted(set(used))
    if len(ids) == 1 and ids[0]:
        return [(SAME, ids[0])]
    return [(EACH, id_) for id_ in ids if id_]


def alias_profiles(ids: Path) -> list[tuple[str, str]]:
    """Return each id that becomes a profile, and the profile, from the file that this script wrote."""
    lines = [line.split("\t", 1) for line in ids.read_text(encoding="utf-8").splitlines()]
    return [(id_, alias_profile(number)) for number, (use, id_) in enumerate(lines) if use == EACH]


def ids_by_number(ids: Path | None) -> dict[int, str]:
    """Return the credentials ids by the number of their binding; empty without the file."""
    if ids is None or not ids.is_file():
        return {}
    lines = ids.read_text(encoding="utf-8").splitlines()
    return {number: line.partition("\t")[2] for number, line in enumerate(lines)}


def alias_profile(number: int) -> str:
    """Return the profile of the credentials with this number, for shards without a profile."""
    return f"s3-monitor-credentials-{number}"


@contextmanager
def merged_environment(environment: Mapping[str, str], ids: Path | None = None) -> Iterator[dict[str, str]]:
    """Provide an environment with the bound credentials merged into one AWS configuration file.

    The file is deleted at the end of the block; Jenkins removes its folder if this process is killed. Without bound
    credentials the environment is unchanged. ``ids`` is the file that this script wrote, for names in messages.
    """
    files, pairs = bound_credentials(environment)
    if not files and not pairs:
        yield dict(environment)
        return
    own = Path(environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config"))  # noqa: PTH111
    text = merge_profiles(files, pairs, own, ids_by_number(ids))
    near = next(iter(files.values())).parent if files else environment.get("WORKSPACE_TMP")
    with exit_on_sigterm(), tempfile.TemporaryDirectory(prefix="s3-monitor-", dir=near) as folder:
        merged = Path(folder, "config")
        merged.touch(mode=0o600)
        merged.write_text(text, encoding="utf-8")
        rest = {name: value for name, value in environment.items() if not _BOUND.fullmatch(name)}
        yield {**rest, "AWS_CONFIG_FILE": str(merged)}


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into an exception during the block, so that temporary files are deleted after an abort."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def bound_credentials(environment: Mapping[str, str]) -> tuple[dict[int, Path], dict[int, tuple[str, str]]]:
    """Return the secret files and the key pairs, by number."""
    kinds: dict[str, dict[int, str]] = {"FILE": {}, "KEY": {}, "SECRET": {}}
    for name, value in environment.items():
        if found := _BOUND.fullmatch(name):
            kinds[found[1]][int(found[2])] = value
    files = {number: Path(file) for number, file in sorted(kinds["FILE"].items())}
    return files, {number: (key, kinds["SECRET"][number]) for number, key in sorted(kinds["KEY"].items())}


def merge_profiles(
    files: Mapping[int, Path], pairs: Mapping[int, tuple[str, str]], own: Path, names: Mapping[int, str] | None = None
) -> str:
    """Return one AWS configuration of the agent's own file, of secret files and of key pairs.

    Secret files have either of AWS's two formats. Their profiles replace those of the agent. Raises InvalidInputError
    if two secret files have the same profile with different settings.
    """
    merged = _read_config(own, str(own)) if own.is_file() else {}
    origin: set[str] = set()
    for number, file in files.items():
        what = f"the secret file of the credentials {quote((names or {}).get(number, file.name))}"
        for section, settings in _rename_default(_read_config(file, what), number).items():
            if section in origin and merged[section] != settings:
                raise InvalidInputError(f"[{section}] is in two secret files with different settings")
            merged[section] = settings
            origin.add(section)
    for number, (key, secret) in pairs.items():
        merged[f"profile {alias_profile(number)}"] = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    lines = []
    for section, settings in merged.items():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in settings.items()), ""]
    return "\n".join(lines)


def _rename_default(sections: Sections, number: int) -> Sections:
    """Rename [default] of a secret file to its alias profile, also where other profiles refer to it."""
    alias = alias_profile(number)
    renamed: Sections = {}
    for section, settings in sections.items():
        if settings.get("source_profile") == "default":
            settings = {**settings, "source_profile": alias}
        renamed[f"profile {alias}" if section == "default" else section] = settings
    return renamed


def _read_config(file: Path, what: str) -> Sections:
    """Return the sections, named as in a configuration file; nested settings keep their lines.

    Raises InvalidInputError, which calls the file ``what``, if it cannot be read.
    """
    try:
        content = file.read_bytes()
        text = content.decode("utf-8")
    except OSError as error:
        raise InvalidInputError(f"{what} could not be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(f"{what} must be UTF-8 text, line {line} is not: save it as UTF-8") from None
    if text.startswith("\ufeff") or "\0" in text:
        raise InvalidInputError(f"{what} must be UTF-8 text without a byte order mark or null characters")
    parser = configparser.RawConfigParser(default_section="\0", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The parser's message quotes the file, so only its kind and line are shown.
        at = getattr(error, "lineno", None)
        raise InvalidInputError(f"{what} is not an AWS configuration ({type(error).__name__}, line {at})") from None
    sections = {}
    for name in parser.sections():
        known = name == "default" or re.match(r"(profile|sso-session|services) ", name)
        settings = {key: value.replace("\n", "\n    ") for key, value in parser.items(name)}
        sections[name if known else f"profile {name}"] = settings
    return sections


if __name__ == "__main__":
    sys.exit(main())
