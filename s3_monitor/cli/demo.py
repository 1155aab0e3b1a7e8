"""`s3-monitor demo`: the complete job on a simulated account on this machine."""

from __future__ import annotations

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from s3_monitor.cli import signals
from s3_monitor.cli.exit_status import ExitStatus, print_status
from s3_monitor.cli.options import FOLDER, utc_now, verbosity_options
from s3_monitor.cli.streams import user_errors
from s3_monitor.model.errors import UserError
from s3_monitor.model.output import write_atomically

if TYPE_CHECKING:
    from s3_monitor.simulator import Simulator

_MAX_OBJECTS = 2500  # of a bucket that is listed


@click.command()
@click.option("--out", type=FOLDER, default=Path("demo"), show_default=True, metavar="FOLDER",
              help="Write the plan, the parts and the report to this folder.")  # fmt: skip
@verbosity_options
@click.pass_context
def demo(ctx: click.Context, /, out: Path) -> None:
    """Run on a simulated account: no AWS, no network, no credentials.

    A few dozen buckets show every storage type and state in the report: empty, young, deleted, large, moved between
    storage types, and denied. Gaps and violated policies are in the report and do not fail the demo.

    \b
    Example:
      s3-monitor demo --out demo
    """
    if find_spec("s3_monitor.simulator") is None:
        raise UserError("this installation has no simulated account", "run `make demo` in a checkout of the repository")
    from s3_monitor.cli import run
    from s3_monitor.cli.plan import create_plan, write_plan
    from s3_monitor.simulator import demo_settings

    shards = out / "shards.yaml"
    with user_errors(f"--out {out}: could not write to the folder", "name another folder with --out"):
        out.mkdir(parents=True, exist_ok=True)
    with signals.handled(signals.interrupt), demo_account(shards) as simulator:
        os.environ.update(simulator.env())
        options = _run_options(out, shards)
        plan, _ = create_plan(options)
        # Large buckets are not listed, so that the demo takes seconds.
        plan = msgspec.structs.replace(plan, objects=msgspec.structs.replace(plan.objects, max_objects=_MAX_OBJECTS))
        write_plan(plan, out / "plan")
        policies = out / "policies.yaml"
        write_atomically(policies, demo_settings.policies(plan.today).encode())
        status = run.execute_plan(plan, out, None, {**options, "policies": policies})
    if status == ExitStatus.POLICY_VIOLATED:
        print_status("gaps and violated policies are part of the demo; with a real account, the exit status is 5")
        status = ExitStatus.COMPLETE
    ctx.exit(status)


def demo_account(shards: Path) -> Simulator:
    """Return the simulated account, and write shards.yaml for its billing export, which needs DuckDB to be read."""
    from s3_monitor.simulator import Simulator, demo_bill
    from s3_monitor.simulator.demo import demo_accounts
    from s3_monitor.simulator.price_lists import make_offers

    today = utc_now().date()
    accounts = [*demo_accounts(today)]
    offers = make_offers(today - timedelta(days=1), prices=bundled_tiers())
    billing = demo_bill.demo_billing(accounts[0], offers)
    if find_spec("duckdb") is None:
        print_status("without DuckDB, the bill of the demo is that of Cost Explorer: see docs/exports.md")
        write_atomically(shards, demo_bill.SHARDS_WITHOUT_EXPORT.encode())
    else:
        accounts = demo_bill.with_export(accounts, billing, offers, today)
        write_atomically(shards, demo_bill.SHARDS.encode())
    return Simulator(accounts, today=today, billing=billing, offers=offers)


def bundled_tiers() -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return the tiers of the bundled prices by region and usage type, for the price lists of the simulator."""
    from s3_monitor.money.price_book import Price, bundled_prices
    from s3_monitor.money.storage_types import usage_types

    def tiers(price: Price) -> list[tuple[str, str]]:
        return [("Inf" if tier.upto is None else f"{tier.upto:f}", f"{tier.price:f}") for tier in price.tiers]

    book, found = bundled_prices(), dict[str, dict[str, list[tuple[str, str]]]]()
    for region, pools in book.regions.items():
        storage = {usage_types()[pool]: tiers(price) for pool, price in pools.items()}
        found[region] = storage | {key: tiers(charge) for key, charge in book.charges.get(region, {}).items()}
    return found


def _run_options(out: Path, shards: Path) -> dict[str, object]:
    """Return the options of a `run` that collects everything."""
    from s3_monitor.cli.run import run

    collect_all = "--details --requests --objects auto --versions --history-days 90"
    with run.make_context("run", ["--out", str(out), "--shards", str(shards), *collect_all.split()]) as context:
        return context.params
