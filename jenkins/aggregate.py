"""Merges the parts into the report, with the prices that the plan chose.

Expects: the bundle, the plan's folder with the prices.tsv of jenkins/plan.py, the parts, and where the prices are in a
table the credentials of the plan. Produces: the report's folder. Exits as `aggregate` does.

    python3 jenkins/aggregate.py --program s3-monitor.pyz --plan plan/plan.json --parts parts --out report
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from credentials import environment_of
from parameters import TABLE

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
    options = [f"--{name}={getattr(arguments, name)}" for name in ("plan", "parts", "out")]
    environment = asking_as(profile, os.environ) if where.startswith(TABLE) else dict(os.environ)
    return run([str(arguments.program), "aggregate", *options, f"--prices={where}"], environment)


def chosen(file: Path) -> tuple[str, str]:
    """Where the prices are, and the profile that a table is asked with, '' for none."""
    where, _, profile = file.read_text(encoding="utf-8").removesuffix("\n").partition("\t")
    return where, profile


def asking_as(profile: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the plan: its secret files put together, its profile before any keys."""
    asking = environment_of(environment)
    if profile:
        asking = {name: value for name, value in asking.items() if name not in KEYS} | {"AWS_PROFILE": profile}
    return asking


def run(command: list[str], environment: Mapping[str, str]) -> int:
    status = subprocess.run([sys.executable, *command], env=environment, check=False).returncode  # noqa: S603 - no shell
    return status if status >= 0 else 128 - status  # a signal, as a shell would say it


if __name__ == "__main__":
    sys.exit(main())
