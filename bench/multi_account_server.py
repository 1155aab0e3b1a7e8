"""`python -m bench.multi_account_server ACCOUNTS BUCKETS REGIONS`: serve an organization with a role in each account.

BUCKETS is the number per account. The credentials are those of the management account. Print the environment variables
for boto3, and serve until SIGTERM or SIGINT.
"""

from __future__ import annotations

import gc
import shlex
import signal
import sys

from bench.simulated import LATENCY_MS, TYPES
from s3_monitor.simulator import AWS_QUOTAS, Member, Organization, Simulator, random_account
from s3_monitor.simulator.accounts import DEFAULT_REGIONS, Role

ROLE = "s3-monitor-reader"


def account_id(number: int) -> str:
    return f"{100_000_000_000 + number}"


def main() -> None:
    accounts, buckets, regions = map(int, sys.argv[1:])
    simulated = [
        random_account(
            number,
            buckets,
            DEFAULT_REGIONS[:regions],
            types_per_bucket=(TYPES, TYPES),
            awkward=0,
            objects=(1, 200),
            history_days=40,
            account_id=account_id(number),
            access_key=f"AKIA{number:016}",
            roles=(Role(ROLE),),
        )
        for number in range(accounts)
    ]
    units = {f"ou-ab12-{number:08}": f"Unit {number}" for number in range(20)}
    members = (
        Member(account_id(number), f"Account {number}", units=(list(units)[number % len(units)],))
        for number in range(accounts)
    )
    organization = Organization(account_id(0), tuple(members), units, empty_every=7)
    latency = LATENCY_MS / 1000
    with Simulator(simulated, latency=latency, quotas=AWS_QUOTAS, organization=organization) as simulator:
        for name, value in simulator.env().items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        gc.freeze()
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
