"""Merges the parts into the report, with the prices that the plan chose.

Expects: the bundle, the plan's folder with the prices.tsv of jenkins/plan.py, the parts, and where the prices are in a
table the credentials of the plan. Produces: the report's folder. Exits as `aggregate` does.

    python3 jenkins/aggregate.py --program s3-monitor.pyz --plan plan/plan.json --parts parts --out report
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from credentials import environment_of
from parameters import TABLE
from program import run

# Keys in the environment would count more than the profile, other than in the plan.
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="The plan.json; prices.tsv is beside.")
    parser.add_argument("--parts", type=Path, required=True, metavar="FOLDER", help="Holds the parts.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Gets the report.")
    arguments = parser.parse_args()
    where, profile = chosen(arguments.plan.with_name("prices.tsv"))
    arguments.parts.mkdir(parents=True, exist_ok=True)  # absent where no shard left a part
    options = [f"--{name}={getattr(arguments, name)}" for name in ("plan", "parts", "out")]
    command = [str(arguments.program), "aggregate", *options, f"--prices={where}"]
    with asking_as(profile, os.environ) if where.startswith(TABLE) else nullcontext(os.environ) as environment:
        return run(command, environment)


def chosen(file: Path) -> tuple[str, str]:
    """Where the prices are, and the profile that a table is asked with, '' for none."""
    where, _, profile = file.read_text(encoding="utf-8").removesuffix("\n").partition("\t")
    return where, profile


@contextmanager
def asking_as(profile: str, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment of the plan: its credentials put together, its profile before any keys."""
    with environment_of(environment) as asking:
        if profile:
            asking = {name: value for name, value in asking.items() if name not in KEYS} | {"AWS_PROFILE": profile}
        yield asking


if __name__ == "__main__":
    sys.exit(main())
