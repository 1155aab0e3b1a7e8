"""`python3 -m bench`: measure, print, and with --record write docs/benchmarks.md."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import (
    aggregating,
    billing,
    collecting,
    finding_figures,
    forecasting,
    inventory,
    lens,
    listing,
    organization,
    planning,
    results,
    side_by_side,
    simulated,
)
from bench.metric import Result, Setting, Table
from bench.scaled import scaled

MEASUREMENTS: dict[str, Callable[[Setting], Result]] = {
    "worker": collecting.workers,
    "start": collecting.start_up,
    "small": collecting.small,
    "at-once": collecting.at_once,
    "history": collecting.history,
    "plan": planning.plan,
    "listing": listing.listing,
    "aggregate": aggregating.usual,
    "million": aggregating.million,
    "findings": finding_figures.findings,
    "inventory": inventory.inventory,
    "inventory-50m": inventory.large,
    "billing": billing.billing,
    "storage-lens": lens.lens,
    "side-by-side": side_by_side.side_by_side,
    "scaling": scaled,
    "organization": organization.organization,
    "forecast": forecasting.forecasts,
}
TITLES = {name: (measure.__doc__ or name).splitlines()[0].rstrip(".") for name, measure in MEASUREMENTS.items()}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(MEASUREMENTS)), metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Small sizes, one to two minutes; not recorded.")
@click.option("--record", is_flag=True, help="Write docs/benchmarks.json and docs/benchmarks.md.")
@click.option("--list", "list_", is_flag=True, help="List the measurements.")
def main(*, names: tuple[str, ...], quick: bool, record: bool, list_: bool) -> None:
    """Run all measurements, or those named, on a simulated account.

    Exit status 1 if a limit does not hold.
    """
    if list_:
        click.echo("".join(f"{name:14}{title}\n" for name, title in TITLES.items()), nl=False)
        return
    if quick and record:
        raise click.UsageError("--quick cannot be recorded: its sizes are too small")
    known, held = results.read(), True
    known.machine = results.machine()
    for name in names or MEASUREMENTS:
        result = _measure(name, known, quick=quick)
        held = held and all(figure.holds is not False for figure in result.figures)
        if record:
            results.write(known, TITLES, simulated.LATENCY_MS)
    sys.exit(0 if held else 1)


def _measure(name: str, known: results.Measurements, *, quick: bool) -> Result:
    _print(f"{name}: {TITLES[name]}")
    began, load = datetime.now(UTC), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = MEASUREMENTS[name](Setting(quick, Path(folder), lambda what: _print(f"  {what}")))
    earlier = known.entries.get(name)
    figures = {figure.name: figure for figure in earlier.result.figures} if earlier else {}
    click.echo(f"\n{TITLES[name]} (load {load:.1f})")
    for of in (results.figures_table(result, figures), *result.tables):
        click.echo(_aligned(of))
    known.entries[name] = results.entry(result, began, load)
    return result


def _aligned(of: Table) -> str:
    """For a terminal."""
    lines = [of.heading, *of.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(of.heading))]
    text = "\n".join(
        "  ".join(
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    return text + (f"\n{of.note}" if of.note else "") + "\n"


def _print(line: str) -> None:
    click.echo(line, err=True)
