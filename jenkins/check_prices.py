"""Asks AWS whether it has published newer prices than those the plan chose.

Expects: the bundle, the plan's folder with the prices.tsv of jenkins/plan.py, and the credentials of the plan.
Produces: a line in the log. Exits as `prices check` does: 0 none, 4 a newer list is published, all else: not known.

    python3 jenkins/check_prices.py --program s3-monitor.pyz --plan plan/plan.json
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from parameters import Refused
from program import run

from aggregate import asking_as, chosen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="The bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="The plan.json; prices.tsv is beside.")
    arguments = parser.parse_args()
    where, profile = chosen(arguments.plan.with_name("prices.tsv"))
    try:
        with asking_as(profile, os.environ) as environment:
            return run([str(arguments.program), "prices", "check", f"--prices={where}"], environment)
    except Refused as error:
        sys.stderr.write(f"jenkins/check_prices.py: error: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
