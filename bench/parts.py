"""`python -m bench.parts FOLDER --buckets N --parts N --history-days N`: a plan and its parts, made without AWS.

A part is a region of an account; each bucket has three storage types and a count.
"""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from s3_monitor import __version__
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model.calls import Calls
from s3_monitor.model.part import BucketFacts, Listing, Part, UnitFacts
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.series import Series, pack
from s3_monitor.plan.planner import window

REGIONS = ("ap-northeast-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
TYPES = ("GlacierS3ObjectOverhead", "StandardIAStorage", "StandardStorage")
AS_OF = datetime(2026, 11, 22, 3, tzinfo=UTC)
# Random walks are made a few thousand times and told apart by their newest values: a million would take minutes.
_WALKS = 2_000


def make(folder: Path, buckets: int, shards: int, history_days: int) -> None:
    units = [
        Unit(f"u{n:03}", f"{111122220000 + n // len(REGIONS)}", "aws", REGIONS[n % len(REGIONS)], 0, rest=True)
        for n in range(shards)
    ]
    plan = Plan(
        tool=__version__,
        as_of=AS_OF,
        window=window(AS_OF, history_days),
        selection=Selection(history_days=history_days),
        listing=ListingRule(),
        accesses=(Access(),),
        shards=tuple(Shard(f"part-{unit.id}", "any", "", 60, (unit,)) for unit in units),
    )
    plans.write(plan, folder / "plan")
    digest = plans.digest((folder / "plan" / "plan.json").read_bytes())
    walks = [_walk(random.Random(number), plan.window.days - 1) for number in range(_WALKS)]
    for number, unit in enumerate(units):
        size = buckets * (number + 1) // shards - buckets * number // shards
        parts.write(_part(plan, digest, number, unit, size, walks), folder / "parts" / f"part-{unit.id}.json")


def _part(plan: Plan, digest: str, number: int, unit: Unit, size: int, walks: list[Series]) -> Part:
    random_ = random.Random(number)
    born = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())

    def series(most: int) -> Series:
        walk = walks[random_.randrange(_WALKS)]
        return Series(walk.day, walk.value + random_.randrange(most), walk.older)

    facts = [
        BucketFacts(
            f"{number:03}-bucket-of-some-length-{index:07}",
            born + random_.randrange(200_000_000),
            True,
            tuple((place, series(2**44)) for place in range(len(TYPES))),
            series(2**14),
            Listing(born + random_.randrange(250_000_000), 5) if index % 4 == 0 else None,
        )
        for index in range(size)
    ]
    return Part(
        shard=f"part-{unit.id}",
        plan=digest,
        tool=__version__,
        started=AS_OF,
        finished=AS_OF + timedelta(seconds=60),
        status="complete",
        window=plan.window,
        types=list(TYPES),
        units=[UnitFacts(unit.id, unit.account, unit.region, True, True, True, facts)],
        problems=[],
        calls=Calls({"ListMetrics": 100}, 4 * size),
        usd=Decimal("0.1"),
    )


def _walk(random_: random.Random, days: int) -> Series:
    """A point a day but for today's, rising and falling by up to a hundredth."""
    value = random_.randrange(2**30, 2**40)
    points = {}
    for day in range(days):
        value += random_.randrange(-(value // 100), value // 100 + 1)
        points[day] = value
    return pack(points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--buckets", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=50)
    parser.add_argument("--history-days", type=int, default=0)
    options = parser.parse_args()
    make(options.folder, options.buckets, options.parts, options.history_days)


if __name__ == "__main__":
    main()
