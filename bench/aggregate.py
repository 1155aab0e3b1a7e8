"""How fast parts become data files, and how much memory that takes, against merely decoding and encoding them.

    python3 bench/aggregate.py make FOLDER [--buckets N] [--parts N] [--history-days N]
    python3 bench/aggregate.py floor FOLDER       decode the parts, encode the outputs of `aggregate`, no more
    python3 bench/aggregate.py run FOLDER         `aggregate --data-only`
    python3 bench/aggregate.py compare FOLDER     both, each in a process of its own, and the ratio

Figures are CPU seconds (user + system) and the peak of resident memory, by the operating system's accounting.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from s3_monitor import __version__
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model.calls import Calls
from s3_monitor.model.part import BucketFacts, Listing, Part, UnitFacts
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.series import Series, Window, pack

_REGIONS = ("ap-northeast-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
_TYPES = ("GlacierS3ObjectOverhead", "StandardIAStorage", "StandardStorage")
_AS_OF = datetime(2026, 11, 22, 3, tzinfo=UTC)


def make(folder: Path, buckets: int, shards: int, history_days: int) -> None:
    """A plan and its parts: a shard is a region of an account; each bucket has three storage types and a count."""
    days = max(4, history_days)
    window = Window(_AS_OF.date() - timedelta(days=days), days + 1)
    units = [
        Unit(f"u{n:03}", f"{111122220000 + n // len(_REGIONS)}", "aws", _REGIONS[n % len(_REGIONS)], 0, rest=True)
        for n in range(shards)
    ]
    plan = Plan(
        tool=__version__,
        as_of=_AS_OF,
        window=window,
        selection=Selection(history_days=history_days),
        listing=ListingRule(),
        accesses=(Access(),),
        shards=tuple(Shard(f"part-{unit.id}", "any", "", 60, (unit,)) for unit in units),
    )
    plans.write(plan, folder / "plan")
    digest = plans.digest((folder / "plan" / "plan.json").read_bytes())
    for number, unit in enumerate(units):
        size = buckets * (number + 1) // shards - buckets * number // shards
        parts.write(_part(plan, digest, number, unit, size), folder / "parts" / f"part-{unit.id}.json")


def _part(plan: Plan, digest: str, number: int, unit: Unit, size: int) -> Part:
    random_ = random.Random(number)
    born = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())
    facts = [
        BucketFacts(
            f"{number:03}-bucket-of-some-length-{index:07}",
            born + random_.randrange(200_000_000),
            True,
            tuple((place, _series(random_, plan.window, 2**44)) for place in range(len(_TYPES))),
            _series(random_, plan.window, 2**14),
            Listing(born + random_.randrange(250_000_000), 5) if index % 4 == 0 else None,
        )
        for index in range(size)
    ]
    answer = UnitFacts(unit.id, unit.account, unit.region, True, True, True, facts)
    return Part(
        shard=f"part-{unit.id}",
        plan=digest,
        tool=__version__,
        started=_AS_OF,
        finished=_AS_OF + timedelta(seconds=60),
        status="complete",
        window=plan.window,
        types=list(_TYPES),
        units=[answer],
        problems=[],
        calls=Calls({"ListMetrics": 100}, 4 * size),
        usd=Decimal("0.1"),
    )


def _series(random_: random.Random, window: Window, most: int) -> Series:
    """A point a day but for today's, rising and falling by up to a hundredth."""
    value = random_.randrange(1000, most)
    points = {}
    for day in range(window.days - 1):
        value += random_.randrange(-(value // 100), value // 100 + 1)
        points[day] = value
    return pack(points)


def floor(folder: Path) -> None:
    """What any program has to do with these files: decode, and encode what comes out."""
    decoded = [msgspec.json.decode(path.read_bytes(), type=Part) for path in sorted((folder / "parts").glob("*.json"))]
    buckets = msgspec.json.decode((folder / "report" / "buckets.json").read_bytes(), type=list[_Output])
    before = _cpu()
    del decoded
    decoded = [msgspec.json.decode(path.read_bytes(), type=Part) for path in sorted((folder / "parts").glob("*.json"))]
    content = msgspec.json.format(msgspec.json.encode(buckets), indent=2)
    print(json.dumps({"floor": _cpu() - before, "parts": len(decoded), "bytes": len(content)}))


class _Output(msgspec.Struct):
    name: str
    creation_date: str | None
    region: str
    storage: dict[str, dict[str, float | None]]
    total_size: float | None
    total_cost: float | None
    num_objects: float | None
    last_modified: str | None
    account: str
    kind: str
    state: str
    as_of: date | None


def _cpu() -> float:
    return time.process_time()


def run(folder: Path) -> int:
    """`aggregate --data-only` as a user starts it; CPU and memory of the whole process."""
    import resource

    command = [sys.executable, "-m", "s3_monitor", "aggregate", "--data-only", "--plan", f"{folder}/plan/plan.json"]
    command += ["--parts", f"{folder}/parts", "--out", f"{folder}/report"]
    began = time.perf_counter()
    status = subprocess.run(command, check=False).returncode
    wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    print(json.dumps({"status": status, "wall": wall, "cpu": cpu, "peak_gib": peak}))
    return status


def compare(folder: Path) -> None:
    this = [sys.executable, __file__]
    ours = json.loads(subprocess.run([*this, "run", str(folder)], check=True, capture_output=True).stdout)
    least = json.loads(subprocess.run([*this, "floor", str(folder)], check=True, capture_output=True).stdout)
    print(f"aggregate  {ours['cpu']:.2f} s CPU, {ours['wall']:.2f} s, {ours['peak_gib']:.2f} GiB")
    print(f"floor      {least['floor']:.2f} s CPU; ratio {ours['cpu'] / least['floor']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["make", "floor", "run", "compare"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--buckets", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=50)
    parser.add_argument("--history-days", type=int, default=0)
    options = parser.parse_args()
    if options.verb == "make":
        make(options.folder, options.buckets, options.parts, options.history_days)
    else:
        {"floor": floor, "run": run, "compare": compare}[options.verb](options.folder)


if __name__ == "__main__":
    main()
