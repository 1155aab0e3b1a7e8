"""The summary as a table on standard error, after `run` and `demo`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from s3_monitor.model.summary import Summary
from s3_monitor.report import formats, listing, sums


def show(report: Path) -> None:
    """By region, with the totals and how many problems there are, from report/summary.json."""
    summary = msgspec.json.decode((report / "summary.json").read_bytes(), type=Summary)
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    notes = formats.plural(len(summary.problems) - gaps, "note")
    click.echo(f"S3 on {summary.as_of.date()}", err=True)
    click.echo(listing.written(listing.of_groups(summary, "region", totals=True), "table", "iec"), nl=False, err=True)
    for noun, left_out in (
        ("cost", sums.left_out_of_cost(summary.totals)),
        ("object count", sums.left_out_of_objects(summary.totals)),
    ):
        if left_out:
            click.echo(f"the {noun} {sums.excludes(left_out)}", err=True)
    click.echo(f"{'all data collected' if summary.complete else formats.plural(gaps, 'gap')}, {notes}", err=True)
