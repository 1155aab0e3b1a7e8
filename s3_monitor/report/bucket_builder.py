"""Build the buckets of buckets.json from the merged records and their costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

from msgspec import UNSET, UnsetType

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket import CHUNK, BilledCharges, Bucket
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.plan import Plan
from s3_monitor.model.priced_object_stats import PricedObjectStats
from s3_monitor.model.request_metrics import RequestCosts
from s3_monitor.report.bucket_costs import BucketCosts, PricedStorage, price_storage
from s3_monitor.report.object_costs import price_object_stats
from s3_monitor.report.totals import UNKNOWN_STATES
from s3_monitor.report.utc_text import utc_text
from s3_monitor.trends.month_change import UNKNOWN_CHANGE, month_change


def build_buckets(records: Sequence[ResolvedBucket], costs: BucketCosts, plan: Plan) -> Iterator[list[Bucket]]:
    """Yield the buckets in the order of the records, in chunks."""
    builder = _BucketBuilder(costs, plan)
    for start in range(0, len(records), CHUNK):
        yield builder.build(records[start : start + CHUNK], start)


class _BucketBuilder:
    def __init__(self, costs: BucketCosts, plan: Plan) -> None:
        self._costs = costs
        self._window = plan.window
        self._days = [plan.window.day(offset) for offset in range(plan.window.days)]
        self._objects = plan.objects

    def build(self, records: Sequence[ResolvedBucket], start: int) -> list[Bucket]:
        """Return the buckets of some records. ``start``: the index of the first among all records."""
        some = slice(start, start + len(records))
        costs = self._costs
        billed = None if costs.billed is None else costs.billed[some]
        return list(
            map(
                self._bucket,
                records,
                price_storage(records, costs, billed),
                repeat(UNSET) if self._objects.mode == "off" else map(self._object_stats, records),
                repeat(UNSET)
                if costs.requests is None
                else [None if requests is None else requests.record for requests in costs.requests[some]],
                repeat(UNSET) if billed is None else [bucket.total for bucket in billed],
                repeat(UNSET) if billed is None or not costs.exported else [bucket.charges for bucket in billed],
            )
        )

    def _bucket(
        self,
        record: ResolvedBucket,
        storage: PricedStorage,
        objects: PricedObjectStats | UnsetType | None,
        requests: RequestCosts | UnsetType | None,
        billed_cost: float | UnsetType | None,
        charges: BilledCharges | UnsetType | None,
    ) -> Bucket:
        is_unknown, costs = record.state in UNKNOWN_STATES, self._costs
        details = record.details
        change = UNKNOWN_CHANGE if is_unknown else month_change(record, self._window, costs.rates)
        return Bucket(  # by position, which is faster
            record.name,
            utc_text(record.created),
            record.region,
            storage.lines,
            None if is_unknown else float(sum(record.amounts)),
            storage.known_cost if storage.is_priced and not is_unknown else None,
            None if record.objects is None else float(record.objects),
            utc_text(record.modified),
            record.account,
            record.kind,
            record.state,
            None if record.day is None else self._days[record.day],
            objects,
            details,
            requests,
            billed_cost,
            costs.last_known.get((record.account, record.region, record.name)) if record.state == "emptied" else UNSET,
            None if is_unknown and not storage.lines else storage.known_cost,
            details.tags if isinstance(details, BucketConfig) else details,
            *change,
            charges,
        )

    def _object_stats(self, record: ResolvedBucket) -> PricedObjectStats | None:
        if record.object_stats is None:
            return None
        day = None if record.day is None or self._objects.narrowed else self._window.epoch_day + record.day
        return price_object_stats(record, record.object_stats, self._costs.rates[record.account, record.region], day)
