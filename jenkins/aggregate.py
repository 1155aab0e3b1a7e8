"""Merge the parts into the report, with the inputs of the plan.

Expects: the bundle, the folder of the plan with the inputs that jenkins/plan.py wrote, the parts, the summaries of
earlier builds, and for prices in a table the credentials of the plan. Produces: the folder of the report, a line with
cost, change and gaps for the build description, and the summary for later builds. Exit status as of `aggregate`; 2 if
the credentials are invalid.

    python3 jenkins/aggregate.py --program s3-monitor.pyz --plan plan/plan.json --parts parts --out report
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

import earlier
from credentials import merged_environment
from parameters import TABLE, InvalidInputError, write_description
from report_text import advice, description
from run_bundle import load_program, run_bundle

# Keys in the environment would have precedence over the profile, unlike in the plan.
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="plan.json, next to prices.tsv.")
    parser.add_argument("--parts", type=Path, required=True, metavar="FOLDER", help="Folder of the parts.")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="Folder of the report.")
    parser.add_argument("--earlier", type=Path, metavar="FILE", help="File with the summaries of earlier builds.")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="File for the summary for later builds.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="File for one line about the report.")
    arguments = parser.parse_args()
    source, profile = read_price_source(arguments.plan.with_name("prices.tsv"))
    arguments.parts.mkdir(parents=True, exist_ok=True)  # absent if no shard wrote a part
    previous = find_previous(arguments.plan, arguments.earlier, arguments.program)
    options = [f"--{name}={getattr(arguments, name)}" for name in ("plan", "parts", "out")]
    options += [f"--prices={source}", *([f"--previous={previous}"] if previous else [])]
    if (policies := arguments.plan.with_name("policies.yaml")).is_file():
        options.append(f"--policies={policies}")
    try:
        needs_aws = source.startswith(TABLE)
        with pricing_environment(profile, os.environ) if needs_aws else nullcontext(os.environ) as environment:
            status = run_bundle([str(arguments.program), "aggregate", *options], environment)
    except InvalidInputError as error:
        sys.stderr.write(f"jenkins/aggregate.py: error: {error}\n")
        return 2
    if (arguments.out / "summary.json").is_file():
        write_results(arguments)
    return status


def write_results(arguments: argparse.Namespace) -> None:
    """Write the description and the summary for later builds, and print how to collect missing shards again."""
    summary = json.loads((arguments.out / "summary.json").read_bytes())
    write_description(arguments.description, description(summary))
    write_description(arguments.summary, earlier.encode(summary))
    if line := advice(summary["shards"], os.environ.get("BUILD_URL", "")):
        sys.stderr.write(f"jenkins/aggregate.py: {line}\n")


def find_previous(plan: Path, lines: Path | None, program: Path) -> Path | None:
    """Return the summary to compare with, None for none: of the parameter PREVIOUS, or of the last comparable build.

    A summary of an earlier build that this version of the program cannot read is ignored.
    """
    file = plan.with_name("previous.json")
    if file.is_file() or lines is None or not lines.is_file():
        return file if file.is_file() else None
    candidates = lines.read_text(encoding="utf-8").splitlines()
    found = earlier.newest_earlier(candidates, json.loads(plan.read_bytes())) if candidates else None
    if found is None:
        return None
    load_program(program)
    from s3_monitor.model import previous_summary
    from s3_monitor.model.errors import InvalidFileError

    content = json.dumps(found).encode()
    try:
        previous_summary.decode(content, file)
    except InvalidFileError as error:
        sys.stderr.write(f"jenkins/aggregate.py: no comparison with the last report: {error}\n")
        return None
    file.write_bytes(content)
    return file


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
