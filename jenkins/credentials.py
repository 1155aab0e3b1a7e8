"""Which Jenkins credentials the plan needs, and how several become one AWS configuration.

Expects: the parameters of the build as jenkins/plan.py does, and the bundle, whose program reads the shards file.
Produces: a file with a line for each credentials id, none where the shards file names none: `same`, a tab and the id
where every shard uses this one, else `file`, a tab and the id.

A shard asks one account, with its own credentials. The plan asks all of them, so it has to be told apart whose
credentials are whose: either every shard uses the same id, or an id is a secret file and the shard names one of its
profiles.

    python3 jenkins/credentials.py --program s3-monitor.pyz --out credentials.txt
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import launcher
from parameters import Refused, choices, chosen_shards_file, describe


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="Where the ids go.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Where a refusal goes, in a few words.")
    arguments = parser.parse_args()
    try:
        shards_file = chosen_shards_file(choices(os.environ), Path.cwd())
        ids = needed(entries_of(arguments.program, shards_file)) if shards_file else []
    except Refused as error:
        sys.stderr.write(f"jenkins/credentials.py: error: {error}\n")
        describe(arguments.description, f"refused: {str(error).split(':')[0]}")
        return 2
    arguments.out.write_text("".join(f"{how}\t{one}\n" for how, one in ids), encoding="utf-8")
    return 0


def entries_of(program: Path, shards_file: str) -> list[tuple[str, str, str]]:
    """Name, credentials id and profile of each shard, as the program reads them; '' where it has none.
    Refused with the program's own words where the file is wrong."""
    with zipfile.ZipFile(program) as bundle:
        target = launcher.this_target()
        folder, _ = launcher.unpacked(bundle, launcher.digest_of(program), target)
    sys.path.insert(0, str(folder))
    from s3_monitor.model.failure import UserError
    from s3_monitor.plan.shards_file import load

    try:
        loaded: Any = load(Path(shards_file))
    except UserError as error:
        raise Refused(str(error)) from None
    return [(entry.name, entry.credentials, entry.profile or loaded.profile or "") for entry in loaded.entries]


def needed(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """How each id is used, and the id; sorted. Refused where the plan could not tell whose credentials are whose."""
    entries = list(entries)
    ids = sorted({credentials for _, credentials, _ in entries if credentials})
    if len(ids) == 1 and all(credentials for _, credentials, _ in entries):
        return [("same", ids[0])]
    for name, credentials, profile in entries:
        if credentials and not profile:
            raise Refused(
                f"shard {name}: its credentials {credentials} are not those of every shard, so it has to say which "
                "profile it uses\n  Store them in Jenkins as a secret file, an AWS configuration with a section "
                f'[profile {name}], and give the shard "profile: {name}".'
            )
    return [("file", one) for one in ids]


def together(files: Iterable[Path], own: Path) -> str:
    """One AWS configuration of the agent's own and of secret files in either of AWS's two forms.

    A secret file's profiles come before the agent's. Its [default] is left out: a shard that relies on it would get
    the agent's. Refused where two secret files mean different things by one profile.
    """
    merged = _read(own.read_text(encoding="utf-8")) if own.is_file() else {}
    origin: dict[str, Path] = {}
    for file in files:
        for section, settings in _read(file.read_text(encoding="utf-8")).items():
            if section == "default":
                continue
            if section in origin and merged[section] != settings:
                raise Refused(f"[{section}] stands in two of the secret files, and says different things")
            merged[section] = settings
            origin[section] = file
    lines = []
    for section, settings in merged.items():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in settings.items()), ""]
    return "\n".join(lines)


def _read(text: str) -> dict[str, dict[str, str]]:
    """The sections by the names they have in a configuration file; nested settings keep their lines."""
    parser = configparser.RawConfigParser(default_section="\0", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The message quotes the file: only its kind and line may be seen.
        line = getattr(error, "lineno", None)
        raise Refused(f"a secret file is no AWS configuration ({type(error).__name__}, line {line})") from None
    sections = {}
    for name in parser.sections():
        known = name == "default" or re.match(r"(profile|sso-session|services) ", name)
        settings = {key: value.replace("\n", "\n    ") for key, value in parser.items(name)}
        sections[name if known else f"profile {name}"] = settings
    return sections


def environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment the program plans in: CREDENTIALS_FILE_<n> put together beside the first, where Jenkins
    removes it with them."""
    result = {name: value for name, value in environment.items() if not name.startswith("CREDENTIALS_FILE_")}
    files = [Path(environment[name]) for name in sorted(environment) if name.startswith("CREDENTIALS_FILE_")]
    if files:
        own = Path(environment.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config"))  # noqa: PTH111
        merged = files[0].with_name("together.ini")
        merged.touch(mode=0o600)
        merged.write_text(together(files, own), encoding="utf-8")
        result["AWS_CONFIG_FILE"] = str(merged)
    return result


if __name__ == "__main__":
    sys.exit(main())
