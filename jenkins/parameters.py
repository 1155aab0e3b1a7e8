"""The parameters of a build, and their validation.

Each is optional, and read from the environment variable PARAM_<NAME>. They are untrusted: messages quote an invalid
value in ASCII and shortened, and files must be inside the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LONGEST = 4000  # characters of a parameter
SHARDS_FILE = "shards.yaml"
BUNDLED = "bundled"  # the prices that the program includes
TABLE = "dynamodb:"
NO_COMPARISON = "none"  # of PREVIOUS


@dataclass(frozen=True)
class Parameter:
    """A parameter of the Jenkins job."""

    name: str
    option: str  # of `plan`; "" if it has none
    value: str  # regular expression for a complete value
    what: str  # the rule, in messages
    title: str  # in the build description
    many: bool = False  # a list separated by commas or spaces: the option is repeated


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
    Parameter("COSTS", "--costs", r"list|billed|tagged|exported", "list, billed, tagged or exported", "costs"),
    # AWS: the naming rule of tables.
    Parameter("PRICES", "", r"dynamodb:[A-Za-z0-9_.-]{3,255}|[\w./ -]{1,255}",
              "bundled, a path inside the repository or dynamodb:TABLE", "prices"),
    Parameter("POLICIES", "", r"[\w./ -]{1,255}", "a path inside the repository", "policies"),
    Parameter("PREVIOUS", "", r"[\w./ -]{1,255}", "none, or a path inside the repository", "compared with"),
)  # fmt: skip


class InvalidInputError(Exception):
    """An invalid parameter or credentials file. The message names it."""


def read_parameters(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the values of the parameters that have any, by name. Raises InvalidInputError if one is invalid."""
    chosen = {}
    for parameter in PARAMETERS:
        text = environment.get(f"PARAM_{parameter.name}", "")
        if len(text) > LONGEST:
            raise InvalidInputError(f"{parameter.name}: must have at most {LONGEST:,} characters, got {len(text):,}")
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]", text):
            raise InvalidInputError(
                f"{parameter.name}: must not contain line breaks or control characters, got {quote(text)}"
            )
        values = re.split(r"[,\s]+", text) if parameter.many else [text.strip()]
        values = [value for value in values if value]
        for value in values:
            if not re.fullmatch(parameter.value, value):
                raise InvalidInputError(f"{parameter.name}: must be {parameter.what}, got {quote(value)}")
        if values:
            chosen[parameter.name] = list(dict.fromkeys(values))
    return chosen


def shards_file_path(chosen: Mapping[str, list[str]], workspace: Path) -> str | None:
    """Return the shards file relative to the workspace, with links resolved; None if there is none."""
    if "SHARDS_FILE" not in chosen:
        return SHARDS_FILE if (workspace / SHARDS_FILE).is_file() else None
    return workspace_file("SHARDS_FILE", chosen["SHARDS_FILE"][0], workspace)


def price_source(chosen: Mapping[str, list[str]], workspace: Path) -> str:
    """Return `bundled`, `dynamodb:TABLE`, or a file relative to the workspace, with links resolved."""
    value = chosen.get("PRICES", [BUNDLED])[0]
    return value if value == BUNDLED or value.startswith(TABLE) else workspace_file("PRICES", value, workspace)


def workspace_file(name: str, value: str, workspace: Path) -> str:
    """Return a file relative to the workspace, with links resolved. Raises InvalidInputError if it is outside."""
    root = workspace.resolve()
    try:
        path = (root / value).resolve()
    except (OSError, RuntimeError):  # a name that is too long, a loop of links
        raise InvalidInputError(f"{name}: {quote(value)} is not a usable path") from None
    if not path.is_relative_to(root):
        raise InvalidInputError(f"{name}: must be a path inside the repository, got {quote(value)}")
    if not path.is_file():
        raise InvalidInputError(f"{name}: must be a file of the repository, got {quote(value)}")
    return str(path.relative_to(root))


def quote(value: str) -> str:
    """Return the value for a log: on one line, in ASCII, at most 60 characters."""
    return ascii(value if len(value) <= 60 else value[:60] + "…")


def write_description(file: Path | None, line: str) -> None:
    """Write the line to the file, if there is one."""
    if file is not None:
        file.write_text(line + "\n", encoding="utf-8")
