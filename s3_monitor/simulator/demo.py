"""Accounts of the demo: a few dozen buckets for the storage types and states of a report.

Every storage type that CloudWatch names occurs, and one that it does not name yet. Two pools of us-east-1 cross
the price tiers at 50 TB and 500 TB. The names state the purpose of each bucket.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from s3_monitor.money.storage_types import storage_types
from s3_monitor.simulator.accounts import Account, Bucket, Role, Series, make_account
from s3_monitor.simulator.demo_settings import configured
from s3_monitor.simulator.growth_curves import (
    GrowthCurve,
    compound,
    flat,
    jump,
    linear,
    noisy,
    sawtooth,
    seasonal,
    steps,
)
from s3_monitor.simulator.objects import ObjectList
from s3_monitor.simulator.versions import StoredVersion, Upload, VersionedObjects

MB, GB, TB = 2**20, 2**30, 2**40  # bytes
MAIN_ACCOUNT, ARCHIVE_ACCOUNT = "111122223333", "444455556666"
READER = Role("s3-monitor-reader")
LISTING = frozenset({"ListObjects", "ListObjectsV2", "HeadBucket"})
HISTORY = 450  # days at most, as CloudWatch keeps them

Sizes = Mapping[
    str, int | tuple[int, GrowthCurve]
]  # current bytes by storage type, with a curve other than that of the bucket


def demo_accounts(today: date | None = None) -> tuple[Account, Account]:
    """Return the main account, and the archive account, which has a role."""
    shelf = _Shelf(today or datetime.now(UTC).date())
    main = [*_lake(shelf), *_web(shelf), *_archives(shelf), *_offices(shelf), *_edge_cases(shelf)]
    main = [configured(bucket, shelf.newest) for bucket in main]
    return (
        make_account(MAIN_ACCOUNT, main, access_key="AKIASIMULATED00000001", roles=(READER,)),
        make_account(ARCHIVE_ACCOUNT, _vault(shelf), access_key="AKIASIMULATED00000002", roles=(READER,)),
    )


class _Shelf:
    """Builder of buckets with consistent series, counts and objects, relative to today."""

    def __init__(self, today: date) -> None:
        self.midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
        self.newest = today.toordinal() - 1  # AWS: a day's point appears on the day after

    def bucket(
        self,
        name: str,
        region: str,
        age: int,  # days
        sizes: Sizes,
        objects: int,
        shape: GrowthCurve = flat,
        *,
        newest_hours: float = 20.0,  # from the newest object to midnight
        folders: tuple[str, ...] = ("data/",),
        extension: str = "bin",
        old_versions: int = 0,  # counted by CloudWatch, not listed
    ) -> Bucket:
        """Return a bucket without gaps."""
        created = self.midnight - timedelta(days=age, seconds=sum(name.encode()) * 37 % 86_400)
        series: dict[str, Series] = {}
        for type_, size in sizes.items():
            now, own = size if isinstance(size, tuple) else (size, shape)
            unit = 8192 if type_.endswith("S3ObjectOverhead") else 32_768 if type_.endswith("ObjectOverhead") else 1
            now += (
                now * (sum(type_.encode() + name.encode()) % 997) // 40_000 if unit == 1 else 0
            )  # avoid round numbers
            series[type_] = self.series(age, now // unit * unit, own, unit)
        total = sum(one.newest for one in series.values())
        newest = self.midnight - timedelta(hours=newest_hours)
        found = ObjectList(
            objects,
            newest,
            max(timedelta(hours=1), newest - created),
            mean_size=total // max(1, objects),
            folders=folders,
            extension=extension,
            storage_classes=_classes(sizes),
            seed=sum(name.encode()),
        )
        return Bucket(name, region, created, series, self.series(age, objects + old_versions, shape), found)

    def series(self, age: int, newest: int, shape: GrowthCurve = flat, unit: int = 1, *, ended: int = 0) -> Series:
        """Return a series since the creation of the bucket, at most 450 days, which ended some days ago."""
        first = self.newest - min(age - 1, HISTORY)
        return Series(first, self.newest - ended, newest, shape, unit)


def _classes(sizes: Sizes) -> tuple[str, ...]:
    """Return the storage classes of objects in about the proportion of their bytes."""
    types = storage_types()
    held: dict[str, int] = {}
    for name, size in sizes.items():
        if name in types and types[name].contains == "objects":
            class_ = types[name].storage_class
            held[class_] = held.get(class_, 0) + (size if isinstance(size, int) else size[0])
    total = sum(held.values())
    shares = {name: max(1, round(12 * size / total)) for name, size in held.items() if size}
    return tuple(name for name, share in sorted(shares.items()) for _ in range(share)) or ("STANDARD",)


def _archived(kind: str, size: int, objects: int) -> dict[str, int]:
    """Return an archive class with AWS's overhead per object: 32 KB at its rate, 8 KB at the Standard rate."""
    names = {
        "Glacier": ("GlacierStorage", "GlacierObjectOverhead", "GlacierS3ObjectOverhead"),
        "DeepArchive": ("DeepArchiveStorage", "DeepArchiveObjectOverhead", "DeepArchiveS3ObjectOverhead"),
        "IntAA": ("IntelligentTieringAAStorage", "IntAAObjectOverhead", "IntAAS3ObjectOverhead"),
        "IntDAA": ("IntelligentTieringDAAStorage", "IntDAAObjectOverhead", "IntDAAS3ObjectOverhead"),
    }[kind]
    return dict(zip(names, (size, 32_768 * objects, 8192 * objects), strict=True))


def _lake(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield a data lake with 500 TB in Standard and 50 TB in Intelligent-Tiering, over the limits of volume tiers."""
    dated = tuple(f"dt=2026-{month:02d}/" for month in range(1, 13))
    yield shelf.bucket(
        "acme-data-lake-raw", "us-east-1", 2610, {"StandardStorage": 418 * TB}, 61_204_118, compound(0.0011),
        folders=dated, extension="parquet",
    )  # fmt: skip
    yield shelf.bucket(
        "acme-data-lake-curated",
        "us-east-1",
        2388,
        {
            "StandardStorage": (96 * TB, linear(0.0008)),
            "IntelligentTieringFAStorage": (71 * TB, noisy(linear(0.001), 0.02, 3)),
            "IntelligentTieringIAStorage": (133 * TB, linear(0.0004)),
            "IntelligentTieringAIAStorage": 48 * TB,
            **_archived("IntAA", 22 * TB, 1_400_000),
            **_archived("IntDAA", 64 * TB, 3_100_000),
        },
        18_447_020,
        linear(0.0006),
        extension="parquet",
    )
    yield shelf.bucket(
        "acme-data-lake-athena-results", "us-east-1", 2388, {"StandardStorage": 6 * TB + 311 * GB}, 904_113,
        sawtooth(30, 0.55), extension="csv",
    )  # fmt: skip
    yield shelf.bucket(
        "acme-ml-training-sets", "us-west-2", 1207,
        {"StandardStorage": 38 * TB, "OneZoneIAStorage": 12 * TB, "OneZoneIASizeOverhead": 410 * GB},
        2_204_500, steps(45, 0.12), extension="tfrecord",
    )  # fmt: skip
    yield shelf.bucket(
        "acme-ml-checkpoints--use1-az4--x-s3", "us-east-1", 310, {"ExpressOneZoneStorage": 2 * TB + 90 * GB}, 812,
        extension="ckpt", newest_hours=1_500,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-ml-models", "us-west-2", 1190, {"StandardStorage": 1_430 * GB, "StandardIAStorage": 3 * TB}, 947,
        steps(30, 0.09), extension="safetensors", newest_hours=52,
    )  # fmt: skip


def _web(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield buckets of web content and its logs."""
    yield shelf.bucket(
        "acme-web-assets", "us-east-1", 4420, {"StandardStorage": 913 * GB}, 1_204_877, linear(0.0005),
        folders=("css/", "images/", "js/"), extension="webp", newest_hours=2,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-web-assets-eu", "eu-west-1", 2950, {"IntelligentTieringFAStorage": 902 * GB}, 1_198_204, linear(0.0005),
        folders=("css/", "images/", "js/"), extension="webp", newest_hours=2.2,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-thumbnails", "us-east-1", 4398, {"ReducedRedundancyStorage": 1_220 * GB}, 44_870_311, linear(0.0002),
        extension="jpg",
    )  # fmt: skip
    yield shelf.bucket(
        "acme-access-logs", "us-east-1", 3301,
        {
            "StandardStorage": (5 * TB, sawtooth(30, 0.8)),
            "StandardIAStorage": 17 * TB,
            "StandardIASizeOverhead": 2 * TB + 600 * GB,
        },
        9_120_400, linear(0.0007), folders=("alb/", "cloudfront/", "s3/"), extension="gz", newest_hours=0.3,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-shop-uploads", "eu-west-1", 2120, {"StandardStorage": 4 * TB + 77 * GB}, 3_311_900,
        seasonal(7, 0.08), extension="pdf", newest_hours=0.1, old_versions=1_204_000,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-shop-sitemaps",
        "eu-west-1",
        1804,
        {"IntelligentTieringFAStorage": 212 * MB},
        418,
        extension="xml",
        newest_hours=4,
    )
    yield shelf.bucket(
        "acme-mobile-crashes", "ap-southeast-2", 960,
        {"StandardStorage": 640 * GB, "StandardIAStorage": 1_100 * GB, "StandardIAObjectOverhead": 32_768 * 9_000},
        2_871, noisy(linear(0.002), 0.1, 11), folders=("android/", "ios/"), extension="dmp",
    )  # fmt: skip


def _archives(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield backups and archives."""
    yield shelf.bucket(
        "acme-sensor-archive", "us-west-2", 1102, _archived("Glacier", 38 * GB, 4_100_000), 4_100_000, extension="csv",
    )  # fmt: skip
    yield shelf.bucket(
        "acme-db-backups", "us-east-1", 3050,
        {
            "StandardStorage": (8 * TB, sawtooth(7, 0.4)),
            "GlacierInstantRetrievalStorage": 41 * TB,
            "GlacierIRSizeOverhead": 120 * GB,
        },
        9_431, linear(0.0009), folders=("daily/", "monthly/", "weekly/"), extension="dump", newest_hours=3,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-db-backups-eu", "eu-central-1", 2011,
        {"GlacierInstantRetrievalStorage": 19 * TB, "GlacierInstantRetrievalSizeOverhead": 37 * GB},
        964, linear(0.0012), extension="dump", newest_hours=3.4,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-cloudtrail", "us-east-1", 3640,
        {"StandardStorage": 2 * TB, **_archived("Glacier", 11 * TB, 8_300_000), "GlacierStagingStorage": 14 * GB},
        8_300_412, linear(0.0006), extension="json.gz", newest_hours=0.2,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-legal-hold", "us-east-1", 3870,
        {**_archived("DeepArchive", 212 * TB, 412_000), "DeepArchiveStagingStorage": 83 * GB},
        412_077, steps(90, 0.05), extension="tar", newest_hours=700,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-video-masters", "us-west-2", 1890,
        {**_archived("Glacier", 88 * TB, 21_000), "StandardStorage": (4 * TB, jump(0.35))}, 21_340, linear(0.001),
        extension="mxf", newest_hours=30,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-medical-images", "eu-central-1", 1420,
        {"IntelligentTieringFAStorage": 9 * TB, "IntelligentTieringIAStorage": 15 * TB}, 2_900_114, linear(0.0014),
        extension="dcm", newest_hours=1,
    )  # fmt: skip


def _offices(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield small buckets."""
    yield shelf.bucket(
        "acme-terraform-state", "us-east-1", 2755, {"StandardStorage": 46 * MB}, 312,
        folders=("live/", "modules/", "sandbox/"), extension="tfstate", newest_hours=6, old_versions=20_118,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-hr-documents", "eu-central-1", 2290, {"StandardStorage": 88 * GB}, 2_431, linear(0.0003),
        folders=("Jahresgespräche & Ziele/", "Verträge <final>/", "Zeugnisse 100%/"), extension="pdf",
        newest_hours=47,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-finance-close", "eu-central-1", 1630, {"StandardStorage": 214 * GB, "StandardIAStorage": 1_002 * GB},
        1_918, steps(30, 0.03), extension="xlsx", newest_hours=90,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-lambda-artifacts", "us-east-1", 1988, {"StandardStorage": 61 * GB}, 733, steps(14, 0.02),
        extension="zip", newest_hours=8,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-lambda-artifacts-eu", "eu-west-1", 1986, {"StandardStorage": 58 * GB}, 701, steps(14, 0.02),
        extension="zip", newest_hours=8,
    )  # fmt: skip
    receipts = shelf.bucket(
        "acme-receipts", "eu-central-1", 611, {"StandardIAStorage": 39 * MB, "StandardIASizeOverhead": 211 * MB}, 2000
    )
    small = ObjectList(2000, shelf.midnight - timedelta(days=9), timedelta(days=600), 20 * 1024, ("2026/",), "pdf")
    yield replace(receipts, objects=replace(small, storage_classes=("STANDARD_IA",)))
    yield shelf.bucket(
        "acme-config-snapshots", "sa-east-1", 1444, {"StandardStorage": 7 * GB + 400 * MB}, 88, linear(0.001),
        extension="json", newest_hours=11,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-sao-paulo-pos", "sa-east-1", 1440, {"StandardStorage": 2 * TB + 810 * GB, "OneZoneIAStorage": 4 * TB},
        604_200, noisy(compound(0.004), 0.04, 5), extension="csv.gz", newest_hours=0.6,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-sydney-cctv", "ap-southeast-2", 733, {"StandardStorage": 24 * TB}, 188_300, sawtooth(28, 0.25),
        extension="mp4", newest_hours=0.1,
    )  # fmt: skip
    yield shelf.bucket(
        "acme-press-kit", "eu-west-1", 3222, {"StandardStorage": 5 * GB}, 64, extension="png", newest_hours=9_100
    )


def _edge_cases(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield a bucket for each state."""
    midnight, newest = shelf.midnight, shelf.newest
    payroll = shelf.bucket("acme-payroll-exports", "eu-central-1", 1777, {"StandardStorage": 31 * GB}, 640)
    yield replace(payroll, denied=LISTING)
    yield Bucket("acme-sandbox-empty", "eu-west-1", midnight - timedelta(days=512, hours=5))
    emptied = shelf.bucket("acme-migration-2024", "us-west-2", 690, {"StandardStorage": 12 * TB}, 0, linear(-0.01))
    yield replace(
        emptied,
        sizes={"StandardStorage": shelf.series(690, 12 * TB, linear(-0.01), ended=6)},
        count=shelf.series(690, 90_120, linear(-0.01), ended=6),
    )
    yield from _without_objects(shelf)
    yield Bucket(
        "acme-launch-next-week", "us-east-1", midnight + timedelta(minutes=4),
        objects=ObjectList(37, midnight + timedelta(minutes=9), timedelta(minutes=4), mean_size=3 * MB),
    )  # fmt: skip
    deleted = shelf.bucket("acme-decommissioned-crm", "us-west-2", 2800, {"StandardStorage": 640 * GB}, 120_400)
    yield replace(
        deleted, listed=False, sizes={"StandardStorage": shelf.series(2800, 640 * GB, ended=2)}, objects=ObjectList()
    )
    yield from _moving(shelf)
    yield shelf.bucket(
        "acme-research-holograms", "eu-west-1", 44,
        {"HolographicStorage": 17 * TB, "StandardStorage": 300 * GB}, 5_200, linear(0.02), extension="holo",
    )  # fmt: skip
    yield shelf.bucket("acme-new-team-space", "eu-west-1", 9, {"StandardStorage": 18 * GB}, 240, linear(0.12))
    telemetry = shelf.bucket(
        "acme-iot-telemetry",
        "ap-southeast-2",
        870,
        {"StandardStorage": 3 * TB},
        1_770_000,
        noisy(linear(0.001), 0.05, 9),
    )
    late = Series(newest - HISTORY, newest - 1, 14 * TB, linear(0.002))
    yield replace(telemetry, sizes={**telemetry.sizes, "StandardIAStorage": late})
    holed = shelf.bucket("acme-weather-feed", "ap-southeast-2", 610, {"StandardStorage": 820 * GB}, 96_400)
    gaps = frozenset({newest - 3, newest - 11, newest - 12})
    series = Series(newest - HISTORY, newest, 820 * GB, linear(0.003), holes=gaps)
    yield replace(holed, sizes={"StandardStorage": series})


def _without_objects(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield buckets whose bytes or objects are missing, for different reasons."""
    staging = shelf.bucket("acme-import-staging", "eu-central-1", 402, {"StandardStorage": 2 * TB + 300 * GB}, 870)
    yield replace(staging, objects=ObjectList())  # emptied last night
    deleted = shelf.midnight - timedelta(days=12)
    versions = [
        version
        for number in range(1160)
        for version in (
            StoredVersion(f"case-{number:04}.pdf", 300 * MB, deleted - timedelta(days=300)),
            StoredVersion(f"case-{number:04}.pdf", None, deleted),  # a delete marker
        )
    ]
    uploads = [Upload(f"scan-{number}.pdf", (5 * GB,), deleted - timedelta(days=40)) for number in range(4)]
    cases = shelf.bucket("acme-legal-case-files", "eu-central-1", 1610, {"StandardStorage": 360 * GB}, 2324)
    yield replace(cases, objects=VersionedObjects.of(versions, uploads))
    inbox = shelf.bucket("acme-partner-inbox", "eu-central-1", 96, {}, 310)
    yield replace(inbox, objects=ObjectList(310, shelf.midnight - timedelta(hours=3), timedelta(days=90), 40 * MB))


def _moving(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield buckets whose bytes changed their storage type through lifecycle rules."""
    newest, size = shelf.newest, 43 * TB
    moved = shelf.bucket("acme-media-masters", "eu-west-1", 1333, {"StandardStorage": size}, 61_800, extension="mov")
    yield replace(
        moved,
        sizes={
            "StandardStorage": Series(newest - HISTORY, newest - 2, size, linear(0.0005)),
            "GlacierInstantRetrievalStorage": Series(newest - 1, newest, size),
        },
    )
    draining = shelf.bucket("acme-scans-2023", "us-east-1", 1050, {"StandardStorage": 9 * TB}, 310_000)
    yield replace(
        draining,
        sizes={
            "StandardStorage": Series(newest - HISTORY, newest, 2 * TB, linear(-0.07)),
            "StandardIAStorage": Series(newest - 40, newest, 7 * TB, linear(0.025)),
        },
    )


def _vault(shelf: _Shelf) -> Iterator[Bucket]:
    """Yield the buckets of the archive account."""
    yield shelf.bucket(
        "acme-vault-statements", "eu-west-1", 2900, _archived("DeepArchive", 61 * TB, 220_000), 220_140, linear(0.0004)
    )
    yield shelf.bucket(
        "acme-vault-mail", "eu-west-1", 2890, _archived("Glacier", 14 * TB, 1_900_000), 1_900_300, linear(0.0006)
    )
    yield shelf.bucket("acme-vault-index", "eu-west-1", 2890, {"StandardStorage": 12 * GB}, 96, newest_hours=15)
