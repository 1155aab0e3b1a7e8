"""Turns the parameters of a build into one call of `plan`.

Expects: the parameters as PARAM_<NAME> in the environment, each optional, and the bundle. Produces: the plan's
folder, and a line that says what was chosen, for the build's description. Exits as `plan` does; 2 where a
parameter is refused.

Parameters are untrusted. A value becomes one argument of a program started without a shell, in the form
--option=value; a file can only be one inside the workspace; a refused value is quoted with everything unprintable
escaped, and cut short.

    PARAM_REGION="us-east-1, eu-west-1" python3 jenkins/plan.py --program s3-monitor.pyz --out plan
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LONGEST = 4000  # characters a parameter may have
SHARDS_FILE = "shards.yaml"


@dataclass(frozen=True)
class Parameter:
    """One parameter: the option it becomes, what a value may look like, and how people read it."""

    name: str
    option: str
    value: str  # a regular expression for a whole value
    what: str
    title: str
    many: bool = False  # a list by comma or space: the option is repeated


PARAMETERS = (
    Parameter("PROFILE", "--profile", r"[\w.@:/+= -]{1,128}", "the name of an AWS profile", "profile"),
    Parameter("REGION", "--region", r"[a-z0-9-]{1,40}", "a region like eu-west-1", "regions", many=True),
    Parameter(
        "BUCKET", "--bucket", r"[A-Za-z0-9._*?\[\]!-]{1,255}", "a bucket's name or a glob", "buckets", many=True
    ),
    Parameter(
        "STORAGE_TYPE", "--storage-type", r"[A-Za-z0-9]{1,64}", "a type like GlacierStorage", "types", many=True
    ),
    Parameter("SPLIT_BY", "--split-by", r"region|storage-type|account|none", "region, storage-type, account or none",
              "split by"),
    Parameter("MAX_SHARDS", "--max-shards", r"[1-9][0-9]{0,3}", "a number from 1 to 9999", "at most"),
    Parameter("LAST_MODIFIED", "--last-modified", r"auto|all|off", "auto, all or off", "last modified"),
    Parameter("SHARDS_FILE", "--shards", r"[\w./ -]{1,255}", "a path inside the repository", "from"),
)  # fmt: skip


class Refused(Exception):
    """A parameter that cannot be followed; the message names it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Where plan.json goes.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Where the line about the build goes.")
    arguments = parser.parse_args()
    try:
        chosen = choices(os.environ)
        options = as_options(chosen, Path.cwd())
    except Refused as error:
        sys.stderr.write(f"jenkins/plan.py: error: {error}\n")
        describe(arguments.description, f"refused: {str(error).split(':')[0]}")
        return 2
    command = [sys.executable, str(arguments.program), "plan", *options, f"--out={arguments.out}"]
    status = subprocess.run(command, check=False).returncode  # noqa: S603 - no shell; every value is one argument
    describe(arguments.description, description(chosen, arguments.out / "shards.tsv"))
    return status if status >= 0 else 128 - status  # a signal, as a shell would say it


def choices(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of every parameter that has any, by its name. Refused says which one is wrong, and how."""
    chosen = {}
    for parameter in PARAMETERS:
        text = environment.get(f"PARAM_{parameter.name}", "")
        if len(text) > LONGEST:
            raise Refused(f"{parameter.name}: {len(text):,} characters; {LONGEST:,} are the most")
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]", text):
            raise Refused(f"{parameter.name}: {quoted(text)} has a line break or a control character")
        values = re.split(r"[,\s]+", text) if parameter.many else [text.strip()]
        values = [value for value in values if value]
        for value in values:
            if not re.fullmatch(parameter.value, value):
                raise Refused(f"{parameter.name}: {quoted(value)} is not {parameter.what}")
        if values:
            chosen[parameter.name] = list(dict.fromkeys(values))
    return chosen


def as_options(chosen: Mapping[str, list[str]], workspace: Path) -> list[str]:
    """The choices as options of `plan`. Refused where the shards file is not one of the workspace's."""
    options = []
    for parameter in PARAMETERS:
        values = chosen.get(parameter.name, [])
        if parameter.name == "SHARDS_FILE":
            if not values and (workspace / SHARDS_FILE).is_file():
                values = [SHARDS_FILE]
            values = [shards_file(value, workspace) for value in values]
        options += [f"{parameter.option}={value}" for value in values]
    return options


def shards_file(value: str, workspace: Path) -> str:
    """The path as the program gets it, relative to the workspace, links followed."""
    inside = workspace.resolve()
    try:
        path = (inside / value).resolve()
    except (OSError, RuntimeError):  # a name that is too long, a loop of links
        raise Refused(f"SHARDS_FILE: {quoted(value)} cannot be followed") from None
    if not path.is_relative_to(inside):
        raise Refused(f"SHARDS_FILE: {quoted(value)} is outside the workspace; give a path inside the repository")
    if not path.is_file():
        raise Refused(f"SHARDS_FILE: there is no file {quoted(value)} in the repository")
    return str(path.relative_to(inside))


def quoted(value: str) -> str:
    """The value as it may stand in a log: on one line, in ASCII, not too long."""
    return ascii(value if len(value) <= 60 else value[:60] + "…")


def description(chosen: Mapping[str, list[str]], shards: Path) -> str:
    """What this build is about, on one line."""
    phrases = [
        f"{parameter.title} {', '.join(chosen[parameter.name])}" for parameter in PARAMETERS if parameter.name in chosen
    ]
    count = len(shards.read_text(encoding="utf-8").splitlines()) if shards.is_file() else 0
    planned = f"{count} shard{'s' if count != 1 else ''}" if count else "not planned"
    line = "; ".join([*phrases, planned])
    return line if len(line) <= 500 else line[:499] + "…"


def describe(file: Path | None, line: str) -> None:
    if file is not None:
        file.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
