"""The measurement that holds the formulas of scaling.py against runs."""

from __future__ import annotations

from bench import scaling, shards
from bench.figure import Figure, Result, Setting, Table, number
from bench.scaling import Case
from bench.simulated import SimulatedAccount

_EXACT = 0.001  # of what only counting decides
_ABOUT = 0.25  # of bytes, which depend on names and values
_ROUGH = 0.5  # of seconds and memory, which depend on the machine


def scaled(setting: Setting) -> Result:
    """The formulas of docs/scaling.md against runs of one worker."""
    sizes = (10, 300) if setting.quick else (10, 1_000, 10_000, 30_000)
    figures: list[Figure] = []
    rows: list[list[str]] = []
    for buckets in sizes:
        for days in (4, 30):
            case = Case(1, buckets, 1, history_days=days)
            setting.tell(f"{buckets:,} buckets, {days} days")
            folder = setting.folder / f"scaled-{buckets}-{days}"
            with SimulatedAccount(buckets) as account:
                got = shards.collect(account, folder, days)
            asked = got.asked
            # Of the night's calls the plan's are asked before: identity, and the pages of buckets.
            planned = 1 + -(-buckets // scaling.BUCKETS_A_PAGE)
            exact = (
                ("calls", asked.total - asked.throttled + planned, sum(scaling.night_calls(case).values())),
                ("metrics", asked.metrics, scaling.night_metrics(case)),
                ("USD of CloudWatch", got.usd, _cloudwatch_usd(case)),
            )
            about = (("part bytes", got.part_bytes, scaling.part_bytes(case)),) if buckets > 100 else ()
            rough = (
                ("worker MB", got.usage.peak_mb, scaling.worker_mb(case)),
                ("worker CPU s", got.usage.cpu, scaling.worker_cpu(case)),
                ("worker s", got.usage.wall, scaling.worker_seconds(case)),
            )
            for allowed, lines in ((_EXACT, exact), (_ABOUT, about), (_ROUGH, rough)):
                for what, measured, formula in lines:
                    off = abs(measured / formula - 1)
                    rows.append(
                        [f"{buckets:,}", str(days), what, _plain(measured), _plain(formula), f"{100 * off:.0f} %"]
                    )
                    name = f"{what}: formula off by, {buckets:,} buckets, {days} days"
                    figures.append(Figure(name, 100 * off, "%", most=100 * allowed))
    heading = ["buckets", "days", "", "measured", "formula", "off by"]
    return Result(_worst(figures), [Table(heading, rows)])


def _cloudwatch_usd(case: Case) -> float:
    calls = scaling.night_calls(case)
    lists = {"ListMetrics": calls["ListMetrics"], "ListBuckets": calls["ListBuckets"] / 2}
    return scaling.usd(lists, scaling.night_metrics(case))


def _worst(figures: list[Figure]) -> list[Figure]:
    """Of each formula, the size it is furthest off at."""
    worst: dict[str, Figure] = {}
    for figure in figures:
        what = figure.name.partition(":")[0]
        if what not in worst or figure.value > worst[what].value:
            worst[what] = figure
    return list(worst.values())


def _plain(value: float) -> str:
    return number(value) if value >= 0.1 else f"{value:.5f}"
