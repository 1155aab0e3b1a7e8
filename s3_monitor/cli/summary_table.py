"""The summary as a table on standard error, after `run` and `demo`."""

from __future__ import annotations

import sys

from s3_monitor.model.summary import Summary
from s3_monitor.report import formats, sums, text_table


def print_summary(summary: Summary) -> None:
    """Print sums by region, the totals, and the number of gaps and notes."""
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    notes = formats.plural(len(summary.problems) - gaps, "note")
    table = text_table.format_table(text_table.list_groups(summary, "region"), "table", "iec")
    lines = [f"S3 on {summary.as_of.date()}", *table.splitlines()]
    for noun, total in (("cost", sums.cost(summary.totals)), ("object count", sums.objects(summary.totals))):
        if total.remark:
            lines.append(f"the {noun} {total.remark}")
    lines.append(f"{'all data collected' if summary.complete else formats.plural(gaps, 'gap')}, {notes}")
    sys.stderr.write("".join(f"{line}\n" for line in lines))
