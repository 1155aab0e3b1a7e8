"""List the shards that a restarted build must collect: those without a complete part of its plan.

Expects: the bundle, the folder of the plan with shards.tsv, and the parts of the original build. Produces: a file with
their lines of shards.tsv, and a line in the log.

    python3 jenkins/pending.py --program s3-monitor.pyz --plan plan/plan.json --parts parts --out pending.tsv
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from run_bundle import load_program


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE", help="Bundle.")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE", help="plan.json, next to shards.tsv.")
    parser.add_argument("--parts", type=Path, required=True, metavar="FOLDER", help="Folder of the parts.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="File for the shards to collect.")
    arguments = parser.parse_args()
    load_program(arguments.program)
    complete = complete_shards(arguments.plan, arguments.parts)
    lines = arguments.plan.with_name("shards.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    pending = [line for line in lines if line.split("\t")[0] not in complete]
    arguments.out.write_text("".join(pending), encoding="utf-8")
    done = len(lines) - len(pending)
    sys.stderr.write(f"jenkins/pending.py: {done} of {len(lines)} shards are complete; collecting {len(pending)}\n")
    return 0


def complete_shards(plan: Path, parts: Path) -> set[str]:
    """Return the names of the shards whose part is valid for the plan and complete."""
    from s3_monitor.merge.parts import LoadedPart, read_parts, validate_part
    from s3_monitor.model import plan as plans
    from s3_monitor.model.errors import InvalidFileError

    planned, digest = plans.read(plan, datetime.now(UTC))
    shards = {shard.name: shard for shard in planned.shards}
    complete = set()
    for loaded in read_parts(parts):
        if isinstance(loaded, LoadedPart) and loaded.part.status == "complete":
            try:
                validate_part(loaded.part, loaded.path, shards, planned.window, digest)
            except InvalidFileError:
                continue
            complete.add(loaded.part.shard)
    return complete


if __name__ == "__main__":
    sys.exit(main())
