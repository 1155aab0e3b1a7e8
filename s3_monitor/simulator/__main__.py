"""`python -m s3_monitor.simulator`: serve a simulated account in the foreground."""

import gc
import logging
import shlex
import signal
import threading
from datetime import UTC, datetime

import click

from s3_monitor.simulator.accounts import DEFAULT_REGIONS, Account, Role
from s3_monitor.simulator.demo import demo_accounts
from s3_monitor.simulator.faults import Fault
from s3_monitor.simulator.quotas import AWS_QUOTAS
from s3_monitor.simulator.random_account import COMMON_TYPES, random_account
from s3_monitor.simulator.server import Simulator

EXAMPLES = """\b
Examples:
  python -m s3_monitor.simulator --demo
  python -m s3_monitor.simulator --buckets 10000 --regions 17 --latency 40 --quotas
  python -m s3_monitor.simulator --fault deny:region=eu-west-1,service=monitoring --fault reset:every=20
"""


class _FaultType(click.ParamType[Fault]):
    name = "fault"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Fault:
        try:
            return Fault.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--demo", is_flag=True, help="Serve the accounts of the demo.")
@click.option("--seed", default=0, help="Seed of the random account.")
@click.option("--buckets", default=100, help="Number of buckets.")
@click.option("--regions", default=2, type=click.IntRange(1, len(DEFAULT_REGIONS)), help="Number of Regions.")
@click.option("--types", default="1-3", metavar="N[-M]", help="Storage types per bucket.")
@click.option("--objects", default="1-2000", metavar="N[-M]", help="Objects per bucket.")
@click.option("--awkward", default=0.2, help="Share of buckets that are empty, young, moving, deleted …")
@click.option("--denied", default=0.0, help="Share of buckets whose policy denies listing.")
@click.option("--history", default=90, metavar="DAYS", help="Days of history.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="The newest points are of the day before. [default: today]"
)
@click.option("--latency", default=0.0, metavar="MS", help="Milliseconds before each response.")
@click.option("--quotas", is_flag=True, help="Apply AWS's quotas.")
@click.option(
    "--fault", "faults", multiple=True, type=_FaultType(), metavar="ACTION[:NAME=VALUE,…]", help="Inject a fault."
)
@click.option("--port", default=0, help="Port; 0: any free port.")
def main(
    *,
    demo: bool,
    seed: int,
    buckets: int,
    regions: int,
    types: str,
    objects: str,
    awkward: float,
    denied: float,
    history: int,
    today: datetime | None,
    latency: float,
    quotas: bool,
    faults: tuple[Fault, ...],
    port: int,
) -> None:
    """Serve a simulated AWS account on 127.0.0.1, and print the environment variables for boto3."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    day = today.date() if today else datetime.now(UTC).date()
    accounts: tuple[Account, ...] = (
        demo_accounts(day)
        if demo
        else (
            random_account(
                seed,
                buckets,
                DEFAULT_REGIONS[:regions],
                COMMON_TYPES,
                today=day,
                types_per_bucket=_range("--types", types),
                objects=_range("--objects", objects),
                awkward=awkward,
                denied=denied,
                history_days=history,
                roles=(Role("s3-monitor-reader"),),
            ),
        )
    )
    limits = AWS_QUOTAS if quotas else None
    simulator = Simulator(accounts, today=day, latency=latency / 1000, quotas=limits, faults=faults, port=port)
    try:
        with simulator:
            _serve(simulator)
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error}; choose another, or 0") from error


def _range(option: str, text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not low.isdigit() or not (high or low).isdigit() or int(high or low) < int(low):
        raise click.BadParameter(f"must be N or N-M, got {text!r}", param_hint=option)
    return int(low), int(high or low)


def _serve(simulator: Simulator) -> None:
    for name, value in simulator.env().items():
        click.echo(f"export {name}={shlex.quote(value)}")
    gc.freeze()  # the account is permanent
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(0.5):  # Windows delivers signals only between waits
        pass
    for operation, calls in simulator.counters.by_operation().items():
        logging.info("%8d  %s", calls, operation)


if __name__ == "__main__":
    main()
