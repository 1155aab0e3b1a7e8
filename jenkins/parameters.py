"""The parameters of a build: what each may say, and how a wrong one is refused.

They arrive as PARAM_<NAME> in the environment, each optional, and they are untrusted. What is refused is quoted with
everything unprintable escaped, and cut short; a file can only be one inside the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LONGEST = 4000  # characters a parameter may have
SHARDS_FILE = "shards.yaml"
BUNDLED = "bundled"  # the prices that come with the program
TABLE = "dynamodb:"


@dataclass(frozen=True)
class Parameter:
    """One parameter: the option of `plan` it becomes ("": of none), what a value may look like, how people read it."""

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
    Parameter("COSTS", "--costs", r"list|billed|tagged", "list, billed or tagged", "costs"),
    # AWS: the naming rule of tables.
    Parameter("PRICES", "", r"dynamodb:[A-Za-z0-9_.-]{3,255}|[\w./ -]{1,255}",
              "bundled, a path inside the repository or dynamodb:TABLE", "prices"),
)  # fmt: skip


class Refused(Exception):
    """A parameter that cannot be followed; the message names it."""


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


def chosen_shards_file(chosen: Mapping[str, list[str]], workspace: Path) -> str | None:
    """The shards file as the program gets it: relative to the workspace, links followed. None where there is none."""
    if "SHARDS_FILE" not in chosen:
        return SHARDS_FILE if (workspace / SHARDS_FILE).is_file() else None
    return inside("SHARDS_FILE", chosen["SHARDS_FILE"][0], workspace)


def chosen_prices(chosen: Mapping[str, list[str]], workspace: Path) -> str:
    """The prices: `bundled`, `dynamodb:TABLE`, or a file relative to the workspace, links followed."""
    value = chosen.get("PRICES", [BUNDLED])[0]
    return value if value == BUNDLED or value.startswith(TABLE) else inside("PRICES", value, workspace)


def inside(name: str, value: str, workspace: Path) -> str:
    """A file as the program gets it: relative to the workspace, links followed. Refused where it is not in there."""
    root = workspace.resolve()
    try:
        path = (root / value).resolve()
    except (OSError, RuntimeError):  # a name that is too long, a loop of links
        raise Refused(f"{name}: {quoted(value)} cannot be followed") from None
    if not path.is_relative_to(root):
        raise Refused(f"{name}: {quoted(value)} is outside the workspace; give a path inside the repository")
    if not path.is_file():
        raise Refused(f"{name}: there is no file {quoted(value)} in the repository")
    return str(path.relative_to(root))


def quoted(value: str) -> str:
    """The value as it may stand in a log: on one line, in ASCII, not too long."""
    return ascii(value if len(value) <= 60 else value[:60] + "…")


def describe(file: Path | None, line: str) -> None:
    if file is not None:
        file.write_text(line + "\n", encoding="utf-8")
