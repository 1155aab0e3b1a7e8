"""Cost Explorer: a bill by account, tag and usage type, and the cost allocation tags."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from s3_monitor.simulator.billing import Charge
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Response
from s3_monitor.simulator.json_services import AwsJson
from s3_monitor.simulator.service import Call, Refusal

REGION = "us-east-1"  # AWS: the only endpoint of its partition
_OLDEST_DAYS = 14 * 31  # AWS: 13 months and the current one by default
_Metric = Literal["UnblendedCost", "UsageQuantity", "BlendedCost", "AmortizedCost", "NetUnblendedCost"]


class Period(msgspec.Struct, rename="pascal"):
    start: date
    end: date


class Values(msgspec.Struct, rename="pascal"):
    key: str
    values: Annotated[list[str], msgspec.Meta(min_length=1)]
    match_options: list[str] = []


class Filter(msgspec.Struct, rename="pascal"):
    and_: list["Filter"] = msgspec.field(default_factory=list, name="And")
    dimensions: Values | None = None
    tags: Values | None = None

    def fits(self, read: Callable[[str, str], str]) -> bool:
        named = [("DIMENSION", one) for one in [self.dimensions] if one] + [("TAG", one) for one in [self.tags] if one]
        return all(read(kind, one.key) in one.values for kind, one in named) and all(
            one.fits(read) for one in self.and_
        )


class GroupBy(msgspec.Struct, rename="pascal"):
    type: Literal["DIMENSION", "TAG", "COST_CATEGORY"]
    key: str


class GetCostAndUsageInput(msgspec.Struct, rename="pascal"):
    time_period: Period
    granularity: Literal["MONTHLY"]
    metrics: Annotated[list[_Metric], msgspec.Meta(min_length=1)]
    filter: Filter = msgspec.field(default_factory=Filter)
    group_by: Annotated[list[GroupBy], msgspec.Meta(max_length=2)] = []  # AWS: at most two
    next_page_token: str | None = None


class ListCostAllocationTagsInput(msgspec.Struct, rename="pascal"):
    status: Literal["Active", "Inactive"] | None = None
    tag_keys: Annotated[list[str], msgspec.Meta(max_length=100)] = []
    type: Literal["AWSGenerated", "UserDefined"] | None = None
    next_token: str | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class CostExplorer(AwsJson):
    """Cost Explorer."""

    names = ("ce",)

    def answer(self, call: Call) -> Response | None:
        if call.region != REGION:
            raise AwsError("UnknownEndpoint", f"there is no Cost Explorer in {call.region}", 404)
        match call.operation:
            case "GetCostAndUsage":
                result = self._costs(call, self.protocol.decode(call.request, GetCostAndUsageInput))
            case "ListCostAllocationTags":
                result = self._tags(call, self.protocol.decode(call.request, ListCostAllocationTagsInput))
            case _:
                return None
        return self.protocol.encode(call.operation, result)

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        if why == "throttled":
            return AwsError("LimitExceededException", "You made too many calls in a short period of time.")
        return super().refusal(why, operation, arn)

    def _pays(self, call: Call) -> bool:
        payer = self._world.billing.payer or next(iter(self._world.accounts))
        return call.account.id == payer

    def _costs(self, call: Call, parameters: GetCostAndUsageInput) -> dict[str, Any]:
        period, today = parameters.time_period, self._world.today
        if period.start >= period.end:
            raise AwsError("ValidationException", "Start date (and hour) should be before end date (and hour)")
        if period.start < (today - timedelta(days=_OLDEST_DAYS)).replace(day=1):
            raise AwsError("ValidationException", "You haven't enabled historical data beyond 14 months")
        rows = [
            (first, key, sums)
            for first, end in _months(period)
            for key, sums in self._grouped(call, parameters, first, end)
        ]
        start = int(parameters.next_page_token or "0") if (parameters.next_page_token or "0").isdigit() else -1
        if not 0 <= start <= len(rows):
            raise AwsError("InvalidNextTokenException", "The pagination token is invalid.")
        page = rows[start : start + self._world.billing.page]
        more = start + len(page) < len(rows)
        answer: dict[str, Any] = {
            "GroupDefinitions": [{"Type": one.type, "Key": one.key} for one in parameters.group_by],
            "ResultsByTime": [
                {
                    "TimePeriod": {"Start": first.isoformat(), "End": end.isoformat()},
                    "Total": {},
                    "Groups": [
                        {"Keys": list(key), "Metrics": {metric: sums[metric] for metric in parameters.metrics}}
                        for at, key, sums in page
                        if at == first
                    ],
                    "Estimated": first.replace(day=1) == today.replace(day=1),
                }
                for first, end in _months(period)
            ],
            "DimensionValueAttributes": [],
        }
        return answer | ({"NextPageToken": str(start + len(page))} if more else {})

    def _grouped(
        self, call: Call, parameters: GetCostAndUsageInput, first: date, end: date
    ) -> Iterator[tuple[tuple[str, ...], dict[str, dict[str, str]]]]:
        """Yield keys and metrics of each group, sorted."""
        billing = self._world.billing
        sums: dict[tuple[str, ...], list[Charge]] = {}
        for item in billing.items(self._world.accounts.values(), self._world.offers, first, end):
            if not self._pays(call) and item.account != call.account.id:
                continue
            read = self._reader(item)
            if parameters.filter.fits(read):
                sums.setdefault(tuple(read(one.type, one.key) for one in parameters.group_by), []).append(item)
        for key, items in sorted(sums.items()):
            usd = sum((item.usd for item in items), Decimal(0))
            quantity = sum((item.quantity for item in items), Decimal(0))
            units = {item.unit for item in items}
            cost = {"Amount": f"{usd:f}", "Unit": billing.currency}
            usage = {"Amount": f"{quantity:f}", "Unit": units.pop() if len(units) == 1 else "N/A"}
            shown = [
                f"{one.key}${part}" if one.type == "TAG" else part
                for one, part in zip(parameters.group_by, key, strict=True)
            ]
            metrics: dict[str, dict[str, str]] = {
                metric: usage if metric == "UsageQuantity" else cost for metric in parameters.metrics
            }
            yield tuple(shown), metrics

    def _reader(self, item: Charge) -> Callable[[str, str], str]:
        """Return the key of a line item for a dimension or tag. AWS: only active tags are on the bill."""

        def read(kind: str, key: str) -> str:
            if kind == "TAG":
                bucket = self._world.accounts[item.account].buckets.get(item.bucket)
                active = self._world.billing.tags.get(key) == "Active"
                return bucket.settings.tags.get(key, "") if bucket and active else ""
            match key:
                case "SERVICE":
                    return item.service
                case "LINKED_ACCOUNT":
                    return item.account
                case "USAGE_TYPE":
                    return item.usage_type
            raise AwsError("ValidationException", f"Dimension {key} is not simulated")

        return read

    def _tags(self, call: Call, parameters: ListCostAllocationTagsInput) -> dict[str, Any]:
        if not self._pays(call):
            raise AwsError("AccessDeniedException", "Linked account doesn't have access to cost allocation tags.")
        tags = [
            {"TagKey": key, "Type": "UserDefined", "Status": status}
            for key, status in sorted(self._world.billing.tags.items())
            if parameters.status in (None, status) and (not parameters.tag_keys or key in parameters.tag_keys)
        ]
        return {"CostAllocationTags": tags[: parameters.max_results]}


def _months(period: Period) -> Iterator[tuple[date, date]]:
    """Yield the months of a period, the first and last possibly in part."""
    start = period.start
    while start < period.end:
        following = (start.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield start, min(following, period.end)
        start = following
