"""Random accounts of any size, reproducible by seed, for property tests and benchmarks."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from s3_monitor.money.storage_types import storage_types
from s3_monitor.simulator.accounts import Account, Bucket, Role, Series, make_account
from s3_monitor.simulator.growth_curves import (
    GrowthCurve,
    compound,
    flat,
    linear,
    noisy,
    sawtooth,
    seasonal,
    steps,
)
from s3_monitor.simulator.objects import ObjectList

COMMON_TYPES = (
    "StandardStorage",
    "StandardIAStorage",
    "StandardIASizeOverhead",
    "IntelligentTieringFAStorage",
    "IntelligentTieringIAStorage",
    "GlacierInstantRetrievalStorage",
    "GlacierStorage",
    "GlacierObjectOverhead",
    "GlacierS3ObjectOverhead",
    "DeepArchiveStorage",
)
_INDEX_TYPES = frozenset(type_.counted_by for type_ in storage_types().values())
UNKNOWN_TYPE = "HolographicStorage"  # unknown to the monitor
_WORDS = ("access", "archive", "audit", "backup", "cdn", "data", "events", "images", "logs", "media", "raw")
_KINDS = (
    *("whole", "moving", "ended", "late", "holed", "young", "empty", "emptied", "deleted", "unknown", "directory"),
    "no-data",
)
_CURVES: tuple[GrowthCurve, ...] = (
    flat,
    *(linear(rate) for rate in (0.0005, 0.002, 0.01, -0.003)),
    *(compound(rate) for rate in (0.001, 0.01, -0.002)),
    steps(30, 0.05),
    sawtooth(14, 0.3),
    seasonal(7, 0.1),
    *(noisy(linear(0.001), 0.05, seed) for seed in range(5)),
)


def random_account(
    seed: int = 0,
    buckets: int = 100,
    regions: Sequence[str] = ("us-east-1", "eu-west-1"),
    types: Sequence[str] = COMMON_TYPES,
    *,
    today: date | None = None,
    types_per_bucket: tuple[int, int] = (1, 3),
    history_days: int = 90,
    objects: tuple[int, int] = (1, 2000),
    awkward: float = 0.2,
    denied: float = 0.0,
    account_id: str = "123456789012",
    access_key: str = "AKIASIMULATED00000001",
    roles: tuple[Role, ...] = (),
    partition: str = "aws",
) -> Account:
    """Return an account with this number of buckets in the regions.

    ``types_per_bucket`` and ``objects`` are (minimum, maximum). ``awkward`` is the share of special buckets: storage
    types that move, end, are delayed or unknown; young, empty, emptied, deleted and directory buckets; buckets with a
    count and no bytes. ``denied`` is the share of buckets whose policy denies listing. With ``awkward`` 0 and
    ``types_per_bucket`` (2, 2), every bucket has two byte series and an object count.
    """
    rng = random.Random(f"{seed}/{account_id}")  # noqa: S311  # reproducible
    builder = _Builder(rng, today or datetime.now(UTC).date(), types, types_per_bucket, history_days, objects)
    simulated = []
    for index in range(buckets):
        kind = rng.choice(_KINDS[1:]) if rng.random() < awkward else "whole"
        name = f"{rng.choice(_WORDS)}-{rng.choice(_WORDS)}-{seed}-{index:06d}"
        forbidden = frozenset({"ListObjects", "ListObjectsV2"}) if rng.random() < denied else frozenset[str]()
        simulated.append(builder.bucket(name, regions[rng.randrange(len(regions))], kind, forbidden))
    return make_account(account_id, simulated, access_key=access_key, roles=roles, partition=partition)


class _Builder:
    """Builder of buckets."""

    def __init__(
        self,
        rng: random.Random,
        today: date,
        types: Sequence[str],
        types_per_bucket: tuple[int, int],
        history_days: int,
        objects: tuple[int, int],
    ) -> None:
        self._rng = rng
        self._midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
        self._newest = today.toordinal() - 1  # AWS: a day's point appears on the day after
        self._types = types
        self._types_per_bucket = types_per_bucket
        self._history = history_days
        self._objects = objects

    def bucket(self, name: str, region: str, kind: str, denied: frozenset[str]) -> Bucket:
        """Return a bucket of a kind."""
        created = self._midnight - timedelta(seconds=self._rng.randrange(5 * 86_400, 3000 * 86_400))
        if kind == "young":
            age = timedelta(seconds=self._rng.randrange(60, 86_400))
            return Bucket(name, region, self._midnight - age, objects=self._some_objects(self._midnight))
        if kind == "empty":
            return Bucket(name, region, created)
        if kind == "directory":
            sizes = {"ExpressOneZoneStorage": self._series(self._newest)}
            return Bucket(
                f"{name}--use1-az4--x-s3",
                region,
                created,
                sizes,
                self._count(self._newest, 10),
                self._some_objects(created),
            )
        last = self._newest - (self._rng.randrange(20) if kind in ("emptied", "deleted") else 0)
        sizes = self._sizes(kind, last) if kind != "no-data" else {}
        listed = kind != "deleted"
        objects = self._some_objects(created) if listed and kind != "emptied" else ObjectList()
        count = self._count(last, objects.count or 100)
        return Bucket(name, region, created, sizes, count, objects, listed, denied)

    def _sizes(self, kind: str, last: int) -> dict[str, Series]:
        low, high = self._types_per_bucket
        chosen = self._rng.sample(list(self._types), min(len(self._types), self._rng.randint(low, high)))
        sizes = {type_: self._series(last, type_) for type_ in chosen}
        first = chosen[0]
        match kind:
            case "moving":  # all bytes changed their storage type within the last days
                moved = last - self._rng.randint(0, 3)
                bytes_ = sizes[first].newest
                target = self._rng.choice([type_ for type_ in self._types if type_ != first] or [UNKNOWN_TYPE])
                sizes[first] = Series(last - self._history, moved - 1, bytes_)
                sizes[target] = Series(moved, last, bytes_)
            case "ended":
                sizes[first] = self._series(last - self._rng.randint(1, 6), first)
            case "late":
                sizes[first] = self._series(last - self._rng.randint(1, 2), first)
            case "holed":
                holes = frozenset(self._rng.sample(range(last - 6, last + 1), 3))
                sizes[first] = Series(last - self._history, last, 10**9, holes=holes)
            case "unknown":
                sizes[UNKNOWN_TYPE] = self._series(last)
        return sizes

    def _series(self, last: int, type_: str = "") -> Series:
        rng = self._rng
        unit = 32_768 if type_ in _INDEX_TYPES else 1
        newest = int(10 ** rng.uniform(3, 13)) // unit * unit + unit
        return Series(last - self._history, last, newest, _CURVES[rng.randrange(len(_CURVES))], unit)

    def _count(self, last: int, objects: int) -> Series:
        return Series(last - self._history, last, objects, _CURVES[self._rng.randrange(len(_CURVES))])

    def _some_objects(self, created: datetime) -> ObjectList:
        count = self._rng.randint(*self._objects)
        newest = self._midnight - timedelta(seconds=self._rng.randrange(1, 3 * 86_400))
        span = max(timedelta(seconds=1), newest - created)
        return ObjectList(count, newest, span, seed=self._rng.randrange(2**31))
