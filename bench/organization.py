"""Measurement of organizations: plan, workers and report."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bench import process, shards
from bench.metric import Figure, Result, Setting, Table, number
from bench.process import Usage
from bench.simulated import SimulatedAccount

_MOST_COLLECTED = 10  # shards; the others are like them


class _Case(NamedTuple):
    accounts: int
    buckets: int  # per account
    regions: int
    shards: int


class _Run(NamedTuple):
    case: _Case
    plan: Usage
    plan_calls: int
    workers: list[Usage]
    worker_calls: int
    aggregate: Usage | None  # None: not all shards were collected


def organization(setting: Setting) -> Result:
    """Organizations of 10, 1,000 and 5,000 accounts"""
    cases = (
        (_Case(5, 4, 2, 1), _Case(20, 4, 2, 2))
        if setting.quick
        else (_Case(10, 20, 4, 1), _Case(1_000, 20, 4, 10), _Case(5_000, 20, 4, 50))
    )
    widest = _Case(20, 4, 4, 2) if setting.quick else _Case(2_000, 16, 16, 20)
    runs = []
    for case in cases:
        setting.report(f"{case.accounts:,} accounts")
        runs.append(_run(case, setting.folder / f"organization-{case.accounts}"))
    setting.report(f"plan of {widest.accounts:,} accounts in {widest.regions} regions")
    with SimulatedAccount.company(widest.accounts, widest.buckets, widest.regions) as account:
        plan = _plan(widest, account, setting.folder / "widest")
    size = f"plan of {widest.accounts:,} accounts, {widest.regions} regions each"
    return Result(
        [
            Figure(f"wall, {size}", plan.wall, "s", most=60),
            Figure(f"CPU, {size}", plan.cpu, "s"),
            Figure(f"memory, {size}", plan.peak_mb, "MB"),
            *(
                Figure(f"CPU of a worker of {_accounts_of_worker(run.case):,} accounts", _mean_cpu(run), "s")
                for run in runs[1:2]
            ),
        ],
        [_table(runs)],
    )


def _run(case: _Case, folder: Path) -> _Run:
    with SimulatedAccount.company(case.accounts, case.buckets, case.regions) as account:
        plan = _plan(case, account, folder)
        plan_calls = account.take_counters().total
        lines = (folder / "plan" / "shards.tsv").read_text().splitlines()
        names = [line.split("\t")[0] for line in lines]
        collected = names if len(names) <= _MOST_COLLECTED else names[:2]
        workers = [shards.start(account.env, folder, name).ended() for name in collected]
        worker_calls = account.take_counters().total * len(names) // len(collected)
    aggregate = _aggregate(folder) if len(collected) == len(names) else None
    return _Run(case, plan, plan_calls, workers, worker_calls, aggregate)


def _plan(case: _Case, account: SimulatedAccount, folder: Path) -> Usage:
    folder.mkdir()
    file = folder / "shards.yaml"
    file.write_text("organization: {split_by: region}\n")
    options = ("--shards", file, "--max-shards", case.shards, "--last-modified", "off", "--out", folder / "plan")
    return process.run("-m", "s3_monitor", "plan", *options, env=account.env)


def _aggregate(folder: Path) -> Usage:
    parts = ("--plan", folder / "plan" / "plan.json", "--parts", folder / "parts", "--out", folder / "report")
    return process.run("aggregate.py", *parts)


def _accounts_of_worker(case: _Case) -> int:
    return case.accounts // case.shards


def _mean_cpu(run: _Run) -> float:
    return sum(worker.cpu for worker in run.workers) / len(run.workers)


def _table(runs: list[_Run]) -> Table:
    return Table(
        [
            "accounts", "shards", "plan CPU s", "plan MB", "plan calls", "worker CPU s", "worker s", "worker MB",
            "worker calls, all", "aggregate CPU s", "aggregate MB",
        ],
        [
            [
                f"{run.case.accounts:,}",
                f"{run.case.shards:,}",
                number(run.plan.cpu),
                number(run.plan.peak_mb),
                f"{run.plan_calls:,}",
                number(_mean_cpu(run)),
                number(sum(worker.wall for worker in run.workers) / len(run.workers)),
                number(max(worker.peak_mb for worker in run.workers)),
                f"{run.worker_calls:,}",
                number(run.aggregate.cpu if run.aggregate else None),
                number(run.aggregate.peak_mb if run.aggregate else None),
            ]
            for run in runs
        ],
        "20 buckets of two storage types in 4 regions per account, 34 days of history, without last-modified dates. "
        "Two workers of 5,000 accounts were run, without a report.",
    )  # fmt: skip
