"""Merges the parts into the report, with the prices that the plan chose.

Expects: the bundle, the plan's folder with the prices.tsv of jenkins/plan.py, the parts, and where the prices are in a
table the credentials of the plan. Produces: the report's folder, and a line with the monthly cost and the number of
gaps for the build's description. Exits as `aggregate` does; 2 where the credentials cannot be used.

    python3 jenkins/aggregate.py --program s3-monitor.pyz --plan plan/plan.json --parts parts --out report
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from credentials import environment_of
from parameters import TABLE, Refused, describe
from program import run

# Keys in the environment would count more than the profile, other than in the plan.
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="The plan.json; prices.tsv is beside.")
    parser.add_argument("--parts", type=Path, required=True, metavar="FOLDER", help="Holds the parts.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Gets the report.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Gets a line about the report.")
    arguments = parser.parse_args()
    where, profile = chosen(arguments.plan.with_name("prices.tsv"))
    arguments.parts.mkdir(parents=True, exist_ok=True)  # absent where no shard left a part
    options = [f"--{name}={getattr(arguments, name)}" for name in ("plan", "parts", "out")]
    command = [str(arguments.program), "aggregate", *options, f"--prices={where}"]
    try:
        with asking_as(profile, os.environ) if where.startswith(TABLE) else nullcontext(os.environ) as environment:
            status = run(command, environment)
    except Refused as error:
        sys.stderr.write(f"jenkins/aggregate.py: error: {error}\n")
        return 2
    summary = arguments.out / "summary.json"
    if summary.is_file():
        markdown = arguments.out / "report.md"
        text = markdown.read_text(encoding="utf-8") if markdown.is_file() else ""
        describe(arguments.description, description(json.loads(summary.read_bytes()), text))
    return status


def description(summary: Mapping[str, Any], markdown: str = "") -> str:
    """Return the monthly cost, its 30-day change as in report.md, and the number of gaps. A cost that leaves something
    out is a lower bound."""
    totals = summary["totals"]
    partial = totals["unpriced_size"] or totals["unknown_buckets"] or not summary["complete"]
    gaps = sum(problem["severity"] == "gap" for problem in summary["problems"])
    count = f"{gaps:,} gap{'' if gaps == 1 else 's'}" if gaps else "no gaps"
    change = re.search(r"^- in 30 days: (.+?) a month, ", markdown, re.MULTILINE)
    changed = f", {change[1]} in 30 days" if change else ""
    return f"{amount(totals['cost'], summary['currency'], bool(partial))}{changed}, {count}"


def amount(cost: float | None, currency: str, partial: bool) -> str:
    if cost is None:
        return "cost unknown"
    if 0 < cost < 0.01:
        return f"{'>' if partial else '<'} {'0' if partial else '0.01'} {currency} per month"
    return f"{'≥ ' if partial else ''}{cost:,.2f} {currency} per month"


def chosen(file: Path) -> tuple[str, str]:
    """Where the prices are, and the profile that a table is asked with, '' for none."""
    where, _, profile = file.read_text(encoding="utf-8").removesuffix("\n").partition("\t")
    return where, profile


@contextmanager
def asking_as(profile: str, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment of the plan: its credentials put together, its profile before any keys."""
    with environment_of(environment, Path("credentials.txt")) as asking:
        if profile:
            asking = {name: value for name, value in asking.items() if name not in KEYS} | {"AWS_PROFILE": profile}
        yield asking


if __name__ == "__main__":
    sys.exit(main())
