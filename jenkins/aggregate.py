"""Merge the parts into the report, with the prices of the plan.

Expects: the bundle, the folder of the plan with the prices.tsv of jenkins/plan.py, the parts, and for prices in a table
the credentials of the plan. Produces: the folder of the report, and a line with the monthly cost and the number of gaps
for the build description. Exit status as of `aggregate`; 2 if the credentials are invalid.

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

from credentials import merged_environment
from parameters import TABLE, InvalidInputError, write_description
from run_bundle import run_bundle

# Keys in the environment would have precedence over the profile, unlike in the plan.
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="plan.json, next to prices.tsv.")
    parser.add_argument("--parts", type=Path, required=True, metavar="FOLDER", help="Folder of the parts.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Folder of the report.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="File for one line about the report.")
    arguments = parser.parse_args()
    source, profile = read_price_source(arguments.plan.with_name("prices.tsv"))
    arguments.parts.mkdir(parents=True, exist_ok=True)  # absent if no shard wrote a part
    options = [f"--{name}={getattr(arguments, name)}" for name in ("plan", "parts", "out")]
    command = [str(arguments.program), "aggregate", *options, f"--prices={source}"]
    try:
        needs_aws = source.startswith(TABLE)
        with pricing_environment(profile, os.environ) if needs_aws else nullcontext(os.environ) as environment:
            status = run_bundle(command, environment)
    except InvalidInputError as error:
        sys.stderr.write(f"jenkins/aggregate.py: error: {error}\n")
        return 2
    summary = arguments.out / "summary.json"
    if summary.is_file():
        markdown = arguments.out / "report.md"
        text = markdown.read_text(encoding="utf-8") if markdown.is_file() else ""
        write_description(arguments.description, report_description(json.loads(summary.read_bytes()), text))
    return status


def report_description(summary: Mapping[str, Any], markdown: str = "") -> str:
    """Return the monthly cost, its 30-day change as in report.md, and the number of gaps.

    An incomplete cost is shown as a lower bound.
    """
    totals = summary["totals"]
    partial = totals["unpriced_size"] or totals["unknown_buckets"] or not summary["complete"]
    gaps = sum(problem["severity"] == "gap" for problem in summary["problems"])
    count = f"{gaps:,} gap{'' if gaps == 1 else 's'}" if gaps else "no gaps"
    change = re.search(r"^- 30-day change: (.+?) per month, ", markdown, re.MULTILINE)
    changed = f", {change[1]} in 30 days" if change else ""
    return f"{format_cost(totals['cost'], summary['currency'], bool(partial))}{changed}, {count}"


def format_cost(cost: float | None, currency: str, partial: bool) -> str:
    """Return the cost with its currency, as a lower bound if it is partial."""
    if cost is None:
        return "cost unknown"
    if 0 < cost < 0.01:
        return f"{'>' if partial else '<'} {'0' if partial else '0.01'} {currency} per month"
    return f"{'≥ ' if partial else ''}{cost:,.2f} {currency} per month"


def read_price_source(file: Path) -> tuple[str, str]:
    """Return the price source, and the profile that reads a table, '' for none."""
    source, _, profile = file.read_text(encoding="utf-8").removesuffix("\n").partition("\t")
    return source, profile


@contextmanager
def pricing_environment(profile: str, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Provide the environment of the plan: its merged credentials, and its profile instead of keys."""
    with merged_environment(environment, Path("credentials.txt")) as merged:
        if profile:
            merged = {name: value for name, value in merged.items() if name not in KEYS} | {"AWS_PROFILE": profile}
        yield merged


if __name__ == "__main__":
    sys.exit(main())
