"""`python -m bench.parts FOLDER --buckets N --parts N --history-days N`: write a plan and its parts without AWS.

A part is a region of an account; each bucket has three storage types and an object count. With ``--varied``, histories
are noisy, names have up to 63 characters, and buckets have tags, for a large report.
"""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from s3_monitor import __version__
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.bucket_config import BucketConfig, Encryption
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.part import CollectedBucket, Listing, Part, UnitData
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.series import Series, pack
from s3_monitor.plan.planner import window

REGIONS = ("ap-northeast-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
TYPES = ("GlacierS3ObjectOverhead", "StandardIAStorage", "StandardStorage")
AS_OF = datetime(2026, 11, 22, 3, tzinfo=UTC)
# Buckets share random walks, with different newest values: a million walks would take minutes.
_WALKS = 2_000
_WORDS = ("access", "archive", "audit", "backup", "cdn", "data", "events", "images", "logs", "media", "raw")
_TAGS = {"environment": 4, "team": 24}  # values of each


def make(folder: Path, buckets: int, shards: int, history_days: int, *, varied: bool = False) -> None:
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
        details=varied,
    )
    plan_folder.write(plan, folder / "plan")
    digest = plans.digest((folder / "plan" / "plan.json").read_bytes())
    history = _noise if varied else _walk
    walks = [history(random.Random(number), plan.window.days - 1) for number in range(_WALKS)]
    for number, unit in enumerate(units):
        size = buckets * (number + 1) // shards - buckets * number // shards
        part = _part(plan, digest, number, unit, size, walks, 2**30 if varied else 2**44)
        parts.write(_varied(part) if varied else part, folder / "parts" / f"part-{unit.id}.json")


def _part(plan: Plan, digest: str, number: int, unit: Unit, size: int, walks: list[Series], spread: int) -> Part:
    random_ = random.Random(number)
    born = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())

    def series(most: int) -> Series:
        walk = walks[random_.randrange(_WALKS)]
        return Series(walk.day, walk.value + random_.randrange(most), walk.older)

    facts = [
        CollectedBucket(
            f"{number:03}-bucket-of-some-length-{index:07}",
            born + random_.randrange(200_000_000),
            True,
            tuple((place, series(spread)) for place in range(len(TYPES))),
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
        units=[UnitData(unit.id, unit.account, unit.region, True, True, True, facts)],
        problems=[],
        calls=CallCounts({"ListMetrics": 100}, 4 * size),
        usd=Decimal("0.1"),
    )


def _varied(part: Part) -> Part:
    """The same with long names, tags on two of three buckets, and no more objects than buckets have."""
    random_ = random.Random(part.shard)
    [unit] = part.units
    named = [
        replace(one, name=_long(random_, one.name), count=Series(part.window.days - 2, random_.randrange(2**30)))
        for one in unit.buckets
    ]
    buckets = sorted(named, key=lambda one: one.name)
    details = [
        (one.name, BucketConfig(encryption=Encryption("AES256", default=True), tags=_tags(random_))) for one in buckets
    ]
    return replace(part, units=[replace(unit, buckets=buckets, details=details)])


def _long(random_: random.Random, name: str) -> str:
    """Return a name of 30 to 63 characters: random words, then a unique suffix."""
    words = "-".join(random_.choices(_WORDS, k=10))
    return f"{words[: random_.randint(18, 51)]}-{name[:3]}-{name[-7:]}"


def _tags(random_: random.Random) -> dict[str, str]:
    if random_.randrange(3) == 0:
        return {}
    return {key: f"{key}-{random_.randrange(values)}" for key, values in _TAGS.items()}


def _noise(random_: random.Random, days: int) -> Series:
    """Return one point per day except today, each within 5% of a level."""
    level = random_.randrange(2**30, 2**44)
    return pack({day: level + random_.randrange(-level // 20, level // 20) for day in range(days)})


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
    parser.add_argument("--varied", action="store_true")
    options = parser.parse_args()
    make(options.folder, options.buckets, options.parts, options.history_days, varied=options.varied)


if __name__ == "__main__":
    main()
