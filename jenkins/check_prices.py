"""Check whether AWS has published newer prices than those of the plan.

Expects: the bundle, the folder of the plan with the prices.tsv of jenkins/plan.py, and the credentials of the plan.
Produces: a line in the log. Exit status as of `prices check`: 0 none, 4 a newer list is published, else: failed.

    python3 jenkins/check_prices.py --program s3-monitor.pyz --plan plan/plan.json
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from parameters import InvalidInputError
from run_bundle import run_bundle

from aggregate import pricing_environment, read_price_source


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="plan.json, next to prices.tsv.")
    arguments = parser.parse_args()
    source, profile = read_price_source(arguments.plan.with_name("prices.tsv"))
    try:
        with pricing_environment(profile, os.environ) as environment:
            return run_bundle([str(arguments.program), "prices", "check", f"--prices={source}"], environment)
    except InvalidInputError as error:
        sys.stderr.write(f"jenkins/check_prices.py: error: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
