"""Which Jenkins credentials the plan needs, and how several become one AWS configuration.

Expects: the parameters of the build as jenkins/plan.py does, and the bundle, whose program reads the shards file.
Produces: a file with a line for each credentials id, none where the shards file names none: `same`, a tab and the id
where every shard uses this one, else `each`, a tab and the id.

A shard asks one account, with its own credentials. The plan asks all of them: the Jenkinsfile binds the n-th of
`each`, counted from 0, as CREDENTIALS_FILE_<n>, or as CREDENTIALS_KEY_<n> and CREDENTIALS_SECRET_<n> for a key pair,
and here they become profiles of one AWS configuration. What a shard without a profile would find by itself, the key
pair or the file's [default], is the profile s3-monitor-credentials-<n>.

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
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import launcher
from parameters import Refused, choices, chosen_shards_file, describe, quoted

SAME, EACH = "same", "each"
_BOUND = re.compile(r"CREDENTIALS_(FILE|KEY|SECRET)_(\d+)")
Sections = dict[str, dict[str, str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="Where the ids go.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Where a refusal goes, in a few words.")
    arguments = parser.parse_args()
    try:
        shards_file = chosen_shards_file(choices(os.environ), Path.cwd())
        ids = needed(ids_of(arguments.program, shards_file)) if shards_file else []
    except Refused as error:
        sys.stderr.write(f"jenkins/credentials.py: error: {error}\n")
        describe(arguments.description, f"refused: {str(error).split(':')[0]}")
        return 2
    arguments.out.write_text("".join(f"{how}\t{one}\n" for how, one in ids), encoding="utf-8")
    return 0


def ids_of(program: Path, shards_file: str) -> list[str]:
    """The credentials id of each shard, as the program reads them; '' where it has none.
    Refused with the program's own words where the file is wrong."""
    with zipfile.ZipFile(program) as bundle:
        target = launcher.this_target()
        folder, _ = launcher.unpacked(bundle, launcher.digest_of(program), target)
    sys.path.insert(0, str(folder))
    from s3_monitor.model.errors import UserError
    from s3_monitor.plan.shards_file import load

    try:
        loaded: Any = load(Path(shards_file))
    except UserError as error:
        raise Refused(str(error)) from None
    return [entry.credentials for entry in loaded.entries]


def needed(used: Iterable[str]) -> list[tuple[str, str]]:
    """How each id is used, and the id; sorted. ``used``: the id of each shard, '' for none."""
    ids = sorted(set(used))
    if len(ids) == 1 and ids[0]:
        return [(SAME, ids[0])]
    return [(EACH, one) for one in ids if one]


def profiles_of(ids: Path) -> list[tuple[str, str]]:
    """From the file that this script has written: each id that becomes a profile, and the profile."""
    lines = [line.split("\t", 1) for line in ids.read_text(encoding="utf-8").splitlines()]
    return [(one, standing_for(number)) for number, (how, one) in enumerate(lines) if how == EACH]


def names_of(ids: Path | None) -> dict[int, str]:
    """Return the credentials ids by the number of their bindings; empty without the file."""
    if ids is None or not ids.is_file():
        return {}
    lines = ids.read_text(encoding="utf-8").splitlines()
    return {number: line.partition("\t")[2] for number, line in enumerate(lines)}


def standing_for(number: int) -> str:
    """The profile of what is bound with this number, where a shard names none."""
    return f"s3-monitor-credentials-{number}"


@contextmanager
def environment_of(environment: Mapping[str, str], ids: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment the program asks in: what is bound is put together in a file that ends with the block, where
    Jenkins removes it if this process cannot. Unchanged where nothing is bound. ``ids``: the file that this script has
    written, for the names in messages."""
    files, pairs = bound(environment)
    if not files and not pairs:
        yield dict(environment)
        return
    own = Path(environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config"))  # noqa: PTH111
    text = together(files, pairs, own, names_of(ids))
    near = next(iter(files.values())).parent if files else environment.get("WORKSPACE_TMP")
    with ended_by_a_signal(), tempfile.TemporaryDirectory(prefix="s3-monitor-", dir=near) as folder:
        merged = Path(folder, "config")
        merged.touch(mode=0o600)
        merged.write_text(text, encoding="utf-8")
        rest = {name: value for name, value in environment.items() if not _BOUND.fullmatch(name)}
        yield {**rest, "AWS_CONFIG_FILE": str(merged)}


@contextmanager
def ended_by_a_signal() -> Iterator[None]:
    """An abort ends the block as an exception does, so that what it cleans up is cleaned up."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def bound(environment: Mapping[str, str]) -> tuple[dict[int, Path], dict[int, tuple[str, str]]]:
    """The secret files and the key pairs, by number."""
    kinds: dict[str, dict[int, str]] = {"FILE": {}, "KEY": {}, "SECRET": {}}
    for name, value in environment.items():
        if found := _BOUND.fullmatch(name):
            kinds[found[1]][int(found[2])] = value
    files = {number: Path(file) for number, file in sorted(kinds["FILE"].items())}
    return files, {number: (key, kinds["SECRET"][number]) for number, key in sorted(kinds["KEY"].items())}


def together(
    files: Mapping[int, Path], pairs: Mapping[int, tuple[str, str]], own: Path, names: Mapping[int, str] | None = None
) -> str:
    """One AWS configuration of the agent's own, of secret files in either of AWS's two forms, and of key pairs.

    A secret file's profiles come before the agent's. Refused where two secret files mean different things by one.
    """
    merged = _read(own, str(own)) if own.is_file() else {}
    origin: set[str] = set()
    for number, file in files.items():
        what = f"the secret file of the credentials {quoted((names or {}).get(number, file.name))}"
        for section, settings in _apart(_read(file, what), number).items():
            if section in origin and merged[section] != settings:
                raise Refused(f"[{section}] stands in two of the secret files, and says different things")
            merged[section] = settings
            origin.add(section)
    for number, (key, secret) in pairs.items():
        merged[f"profile {standing_for(number)}"] = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    lines = []
    for section, settings in merged.items():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in settings.items()), ""]
    return "\n".join(lines)


def _apart(sections: Sections, number: int) -> Sections:
    """The file's [default] under a name of its own, also for those of its profiles that build on it."""
    own = standing_for(number)
    apart: Sections = {}
    for section, settings in sections.items():
        if settings.get("source_profile") == "default":
            settings = {**settings, "source_profile": own}
        apart[f"profile {own}" if section == "default" else section] = settings
    return apart


def _read(file: Path, what: str) -> Sections:
    """The sections by the names they have in a configuration file; nested settings keep their lines. Refused where
    the file, ``what`` in the message, cannot be read as one."""
    try:
        content = file.read_bytes()
        text = content.decode("utf-8")
    except OSError as error:
        raise Refused(f"{what} could not be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"{what} must be UTF-8 text, line {line} is not: save it as UTF-8") from None
    if text.startswith("\ufeff") or "\0" in text:
        raise Refused(f"{what} must be UTF-8 text without a byte order mark or null characters: save it as UTF-8")
    parser = configparser.RawConfigParser(default_section="\0", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The message quotes the file: only its kind and line may be seen.
        at = getattr(error, "lineno", None)
        raise Refused(f"{what} is not an AWS configuration ({type(error).__name__}, line {at})") from None
    sections = {}
    for name in parser.sections():
        known = name == "default" or re.match(r"(profile|sso-session|services) ", name)
        settings = {key: value.replace("\n", "\n    ") for key, value in parser.items(name)}
        sections[name if known else f"profile {name}"] = settings
    return sections


if __name__ == "__main__":
    sys.exit(main())
