"""Measure the findings of buckets with all facts, in a process of its own: print seconds, megabytes and findings.

    python3 -m bench.finding_facts BUCKETS

Every bucket has bytes in Standard and mostly in another class, a configuration, object statistics and request metrics.
Each kind of waste is in a third of the buckets that can have it.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from s3_monitor.findings.build import build_findings
from s3_monitor.findings.totals import potentials
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.merge.merger import paused_gc
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Lifecycle, Replication
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Window, pack
from s3_monitor.money.list_pricing import billing_families
from s3_monitor.money.marginal_prices import MarginalPrices
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.totals import region_totals

_ACCOUNTS, _REGIONS = ("111122223333", "444455556666"), ("us-east-1", "eu-west-1", "eu-central-1")
_AS_OF = datetime(2026, 11, 22, 3, tzinfo=UTC)
_KB, _MB, _GB = 2**10, 2**20, 2**30


def main() -> None:
    """Build the buckets, then measure."""
    data = _data(int(sys.argv[1]))
    usage = {place: totals.sizes for place, totals in region_totals(data).items()}
    book = bundled_prices()
    with paused_gc():
        before = _peak_mb()
        start = time.process_time()
        findings = build_findings(data, MarginalPrices(usage, billing_families(data.plan), book), book)
        potentials(findings)
        seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "mb": _peak_mb() - before, "findings": len(findings)}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _data(buckets: int) -> MergedData:
    random_ = random.Random(7)
    window = Window(_AS_OF.date() - timedelta(days=34), 35)
    units = tuple(Unit(f"{a}-{r}", a, "aws", r, 0, rest=True) for a in _ACCOUNTS for r in _REGIONS)
    shards = (Shard("s", "", "", 60, units),)
    plan = Plan("bench", _AS_OF, window, Selection(), ListingRule(), (Access(),), shards, details=True, requests=True)
    records = [_bucket(random_, index) for index in range(buckets)]
    return MergedData(plan, records, [], [], {}, frozenset(), CallCounts(), Decimal(0), True)


def _bucket(random_: random.Random, index: int) -> ResolvedBucket:
    waste = [random_.random() < 1 / 3 for _ in range(8)]
    size, count = random_.randrange(_GB, 2000 * _GB), random_.randrange(1000, 100_000)
    archived = count * (500 if waste[0] else 1)
    others = (
        {
            "GlacierStorage": size,
            "GlacierObjectOverhead": archived * 32 * _KB,
            "GlacierS3ObjectOverhead": archived * 8 * _KB,
        },
        {"StandardIAStorage": size // 3, "StandardIASizeOverhead": random_.randrange(_GB) if waste[1] else 0},
        {"IntelligentTieringFAStorage": size // 2, "IntelligentTieringIAStorage": size // 2},
        {"ReducedRedundancyStorage": random_.randrange(_GB, 90 * _GB)} if waste[2] else {},
    )
    sizes = {"StandardStorage": size, **others[index % 4]}
    held = dict(sorted(sizes.items()))
    newest = 33
    return ResolvedBucket(
        account=_ACCOUNTS[index % 2],
        region=_REGIONS[index % 3],
        name=f"bucket-{index:07}",
        created=int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()),
        kind="general-purpose",
        state="measured",
        day=newest,
        types=tuple(held),
        amounts=tuple(held.values()),
        objects=count,
        modified=None,
        sizes={name: pack({newest: value}) for name, value in held.items()},
        counts=None,
        object_stats=_stats(size, count, waste),
        details=_config(index, waste),
        request_metrics=RequestMetrics(33, {} if waste[7] else {"GetRequests": 100 * count, "BytesDownloaded": size}),
    )


def _stats(size: int, count: int, waste: list[bool]) -> ObjectStats:
    amount, none = Amount(count, size), Amount()
    return ObjectStats(
        source="listing",
        at=int(_AS_OF.timestamp()),
        complete=True,
        current=amount,
        classes={"STANDARD": amount},
        sizes=(none, none, none, amount, none, none, none, none),
        ages=(none, none, none, none, none, amount, none, none),
        noncurrent=Amount(count, size // 9) if waste[3] else none,
        noncurrent_classes={"STANDARD": Amount(count, size // 9)} if waste[3] else {},
        delete_markers=count if waste[4] else 0,
        multipart=Amount(3, size // 20) if waste[5] else none,
    )


def _config(index: int, waste: list[bool]) -> BucketConfig:
    return BucketConfig(
        versioning="enabled",
        encryption=Encryption("aws:kms" if waste[6] else "AES256"),
        lifecycle="none" if waste[3] else Lifecycle(1, coverage={"move": "some"}),
        replication=Replication(1, (f"bucket-{index + 6:07}",)) if waste[0] else "none",
        tags={"team": f"team-{index % 40}"},
    )


if __name__ == "__main__":
    main()
