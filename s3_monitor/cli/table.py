"""The summary as a table on standard error, after `run` and `demo`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats


def show(report: Path) -> None:
    """The headline, by region, and how many problems there are, from report/summary.json."""
    from rich.console import Console
    from rich.table import Table

    summary = msgspec.json.decode((report / "summary.json").read_bytes(), type=Summary)
    table = Table(title=f"S3 on {summary.as_of.date()}", title_justify="left")
    table.add_column("region")
    for heading in ("buckets", "size", "objects", f"{summary.currency} a month"):
        table.add_column(heading, justify="right")
    for region, group in sorted(summary.by_region.items(), key=lambda item: (-(item[1].cost or 0), item[0])):
        table.add_row(region, *_figures(group, summary.currency))
    table.add_section()
    totals = summary.totals
    table.add_row("all", *_figures(Group(totals.buckets, totals.size, totals.objects, totals.cost), summary.currency))
    console = Console(stderr=True)
    console.print(table)
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    notes = len(summary.problems) - gaps
    console.print(f"{'whole' if summary.complete else f'{gaps} gaps'}, {notes} notes", highlight=False)


def _figures(group: Group, currency: str) -> tuple[str, ...]:
    return (
        formats.count(group.buckets),
        "unknown" if group.size is None else formats.size(group.size),
        "unknown" if group.objects is None else formats.count(group.objects),
        "unknown" if group.cost is None else formats.money(group.cost, currency),
    )
