"""`s3-monitor demo`: the complete job on a simulated account on this machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import click

from s3_monitor.cli import signals
from s3_monitor.cli.exit_status import ExitStatus, print_status
from s3_monitor.cli.options import FOLDER, verbosity_options
from s3_monitor.model.errors import UserError


@click.command()
@click.option("--out", type=FOLDER, default=Path("demo"), show_default=True, metavar="FOLDER",
              help="Write the plan, the parts and the report to this folder.")  # fmt: skip
@verbosity_options
@click.pass_context
def demo(ctx: click.Context, /, out: Path) -> None:
    """Run on a simulated account: no AWS, no network, no credentials.

    A few dozen buckets show every storage type and state in the report: empty, young, deleted, large, moved between
    storage types, and denied. Gaps of the simulated account are in the report and do not fail the demo.

    \b
    Example:
      s3-monitor demo --out demo
    """
    if find_spec("s3_monitor.simulator") is None:
        raise UserError("this installation has no simulated account", "run `make demo` in a checkout of the repository")
    from s3_monitor.cli import run
    from s3_monitor.cli.plan import create_plan, write_plan
    from s3_monitor.simulator import Simulator
    from s3_monitor.simulator.demo import demo_accounts

    with signals.handled(signals.interrupt), Simulator(demo_accounts()) as simulator:
        os.environ.update(simulator.env())
        options = _run_options(out)
        plan, _ = create_plan(options)
        write_plan(plan, out / "plan")
        status = run.execute_plan(plan, out, None, options)
    if status == ExitStatus.GAPS:
        print_status("the gaps are part of the demo; with a real account, the exit status is 3")
        status = ExitStatus.COMPLETE
    ctx.exit(status)


def _run_options(out: Path) -> dict[str, object]:
    """Return the default options of `run`."""
    from s3_monitor.cli.run import run

    with run.make_context("run", ["--out", str(out)]) as context:
        return context.params
