"""`s3-monitor demo`: the whole job on a simulated account inside this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from s3_monitor.cli import signals
from s3_monitor.cli.exit_status import ExitStatus, print_status
from s3_monitor.cli.options import FOLDER, verbosity_options


@click.command()
@click.option("--out", type=FOLDER, default=Path("demo"), show_default=True, metavar="FOLDER", help="Gets the report.")
@verbosity_options
@click.pass_context
def demo(ctx: click.Context, /, out: Path, verbose: bool, quiet: bool) -> None:
    """Run on a simulated account: no AWS, no network, no credentials.

    A few dozen buckets show what the report does with every storage type, with what is empty, young, deleted,
    huge, moved between types, and with what it is not allowed to see. The simulated account denies something,
    as real ones do: that is in the report, and does not fail the demo.

    \b
    Example:
      s3-monitor demo --out demo
    """
    from s3_monitor.cli import run
    from s3_monitor.cli.plan import create_plan, write_plan
    from s3_monitor.simulator import Simulator
    from s3_monitor.simulator.demo import demo_accounts

    with signals.handled(signals.interrupt), Simulator(demo_accounts()) as simulator:
        os.environ.update(simulator.env())
        choices = _choices(out)
        made, _ = create_plan(choices)
        write_plan(made, out / "plan")
        status = run.execute_plan(made, out, None, choices, verbose=verbose, quiet=quiet)
    if status == ExitStatus.GAPS:
        print_status("the gaps are part of the demo: on a real account this is exit status 3")
        status = ExitStatus.WHOLE
    ctx.exit(status)


def _choices(out: Path) -> dict[str, object]:
    """What `run` chooses without options."""
    from s3_monitor.cli.run import run

    with run.make_context("run", ["--out", str(out)]) as context:
        return context.params
