"""Compare the formulas of scaling.py with runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import multi_account_server, process, scaling, shards
from bench.metric import Figure, Result, Setting, Table, number
from bench.scaling import Case
from bench.simulated import SimulatedAccount
from s3_monitor.simulator.accounts import DEFAULT_REGIONS

_EXACT = 0.001  # counts
_ABOUT = 0.25  # bytes, which depend on names and values
_ROUGH = 0.5  # seconds and memory, which depend on the machine


def scaled(setting: Setting) -> Result:
    """The formulas of docs/scaling.md compared with runs of one worker"""
    compared: list[_Compared] = []
    for buckets in (10, 300) if setting.quick else (10, 1_000, 10_000, 30_000):
        with SimulatedAccount(buckets) as account:
            for days in (4, 30):
                setting.report(f"{buckets:,} buckets, {days} days")
                compared += _one(account, setting.folder / f"scaled-{buckets}-{days}", Case(1, buckets, 1, 2, days))
    company = Case(5, 20, 2, shards=1) if setting.quick else Case(100, 20, 4, shards=1)
    setting.report(f"{company.accounts} accounts")
    compared += _company(company, setting.folder)
    worst: dict[str, _Compared] = {}
    for comparison in compared:
        if comparison.what not in worst or comparison.off > worst[comparison.what].off:
            worst[comparison.what] = comparison
    figures = [
        Figure(
            f"{comparison.what}: deviation of the formula",
            100 * comparison.off,
            "%",
            most=100 * comparison.allowed,
        )
        for comparison in worst.values()
    ]
    heading = ["accounts", "buckets", "regions", "days", "", "measured", "formula", "deviation"]
    return Result(figures, [Table(heading, [comparison.row() for comparison in compared])])


class _Compared(NamedTuple):
    case: Case
    what: str
    measured: float
    formula: float
    allowed: float  # of the formula

    @property
    def off(self) -> float:
        return abs(self.measured / self.formula - 1)

    def row(self) -> list[str]:
        case = self.case
        sizes = [f"{size:,}" for size in (case.accounts, case.buckets, case.regions, case.history_days)]
        return [*sizes, self.what, _plain(self.measured), _plain(self.formula), f"{100 * self.off:.0f} %"]


def _one(account: SimulatedAccount, folder: Path, case: Case) -> Iterator[_Compared]:
    got = shards.collect(account, folder, case.history_days)
    calls, known = scaling.run_calls(case), got.counters
    lists = {"ListMetrics": calls["ListMetrics"], "ListBuckets": calls["ListBuckets"] / 2}
    usd = scaling.usd(lists, scaling.run_metrics(case))
    # `plan` made some of the calls before: GetCallerIdentity, and the pages of ListBuckets.
    planned = 1 + calls["ListBuckets"] / 2
    yield _Compared(case, "calls", known.total - known.throttled + planned, sum(calls.values()), _EXACT)
    yield _Compared(case, "metrics", known.metrics, scaling.run_metrics(case), _EXACT)
    yield _Compared(case, "worker's USD", got.usd, usd, _EXACT)
    if case.buckets >= 1_000:
        yield _Compared(case, "part's bytes", got.part_bytes, scaling.part_bytes(case), _ABOUT)
        yield _Compared(case, "stash's bytes", got.stash_bytes, scaling.stash_bytes(case), _ABOUT)
    yield _Compared(case, "worker's MB", got.usage.peak_mb, scaling.worker_mb(case), _ABOUT)
    yield _Compared(case, "worker's CPU s", got.usage.cpu, scaling.worker_cpu(case), _ROUGH)
    yield _Compared(case, "worker's s", got.usage.wall, scaling.worker_seconds(case), _ROUGH)


def _company(case: Case, folder: Path) -> Iterator[_Compared]:
    """Compare a shard of many accounts, each connected to through a role."""
    file = folder / "company.yaml"
    roles = [
        f"arn:aws:iam::{multi_account_server.account_id(number)}:role/{multi_account_server.ROLE}"
        for number in range(case.accounts)
    ]
    # With regions, `plan` does not search for directory buckets.
    regions = ", ".join(DEFAULT_REGIONS[: case.regions])
    entries = [
        f'  - {{name: account-{number}, role_arn: "{role}", regions: [{regions}]}}\n'
        for number, role in enumerate(roles)
    ]
    file.write_text("shards:\n" + "".join(entries))
    with SimulatedAccount.company(case.accounts, case.buckets, case.regions) as account:
        packed = ("--shards", file, "--max-shards", case.shards, "--last-modified", "off")
        plan = process.run("-m", "s3_monitor", "plan", *packed, "--out", folder / "plan", env=account.env)
        [shard] = [line.split("\t")[0] for line in (folder / "plan" / "shards.tsv").read_text().splitlines()]
        worker = shards.start(account.env, folder, shard).ended()
        counters = account.take_counters()
    yield _Compared(case, "calls", counters.total - counters.throttled, sum(scaling.run_calls(case).values()), _EXACT)
    yield _Compared(case, "metrics", counters.metrics, scaling.run_metrics(case), _EXACT)
    plan_bytes = (folder / "plan" / "plan.json").stat().st_size
    yield _Compared(case, "plan's bytes", plan_bytes, scaling.plan_bytes(case), _ABOUT)
    yield _Compared(case, "plan's CPU s", plan.cpu, scaling.plan_seconds(case), _ROUGH)
    yield _Compared(case, "worker's MB", worker.peak_mb, scaling.worker_mb(case), _ABOUT)
    yield _Compared(case, "worker's CPU s", worker.cpu, scaling.worker_cpu(case), _ROUGH)


def _plain(value: float) -> str:
    return number(value) if value >= 0.1 else f"{value:.5f}"
