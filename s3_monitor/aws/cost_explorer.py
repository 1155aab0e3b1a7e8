"""Cost Explorer: the billed costs of S3 by account or by tag, and active cost allocation tags. 0.01 USD per page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.bill import ENDPOINTS, SERVICES, CostGroup, CostPage, CostQuery
from s3_monitor.model.bounds import is_money, is_utf8
from s3_monitor.model.errors import AwsError

T = TypeVar("T")
COSTS, TAGS = "GetCostAndUsage", "ListCostAllocationTags"
# Accounts per request: AWS documents no limit, and requests of a few KB are accepted.
_ACCOUNTS_A_QUESTION = 200
_MOST_CHARACTERS = 100  # of an amount
_ADVICE = {
    "DataUnavailableException": "enable Cost Explorer in the payer's billing console, and wait a day for its data",
    "BillExpirationException": "Cost Explorer no longer has that month: plan with a later --as-of",
    "LimitExceededException": "run the shard of the bill again in a few minutes",
    "RequestChangedException": "run the shard of the bill again",
    "InvalidNextTokenException": "run the shard of the bill again",
}


class CostExplorerApi(AwsApi):
    """The operations of Cost Explorer, for the account that pays."""

    def cost_pages(self, query: CostQuery, by_tag: bool) -> Iterator[CostPage]:
        """Yield the costs of the query's months, by account and usage type or by the tag's value and usage type.

        AWS: at most two dimensions, so a cost by tag does not name its account.
        """
        key = {"Type": "TAG", "Key": query.tag} if by_tag else {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}
        prefix = f"{query.tag}$" if by_tag else ""

        for start in range(0, len(query.accounts), _ACCOUNTS_A_QUESTION):
            accounts = query.accounts[start : start + _ACCOUNTS_A_QUESTION]
            request: dict[str, Any] = {
                "TimePeriod": {"Start": query.start.isoformat(), "End": query.end.isoformat()},
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost", "UsageQuantity"],
                "GroupBy": [key, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
                "Filter": {
                    "And": [
                        {"Dimensions": {"Key": "SERVICE", "Values": list(SERVICES)}},
                        {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": list(accounts)}},
                    ]
                },
            }
            yield from self._pages(query.partition, COSTS, request, partial(_page, prefix), "NextPageToken")

    def tag_is_active(self, partition: str, tag: str) -> bool | None:
        """Return whether a cost allocation tag is active; ``None`` if no bill has had the tag."""

        def read(response: dict[str, Any]) -> list[bool]:
            sent = response.get("CostAllocationTags") or ()
            return [one["Status"] == "Active" for one in sent if one["TagKey"] == tag]

        request = {"TagKeys": [tag], "Type": "UserDefined", "MaxResults": 100}
        states = list(chain.from_iterable(self._pages(partition, TAGS, request, read, "NextToken")))
        return states[-1] if states else None

    def _pages(
        self,
        partition: str,
        operation: str,
        request: dict[str, Any],
        read: Callable[[dict[str, Any]], T],
        page_field: str,
    ) -> Iterator[T]:
        """Yield all pages, and add advice about bills to errors."""
        try:
            client = self.client("ce", ENDPOINTS[partition])
            yield from self.pages(client, operation, request, read, page_field=page_field)
        except AwsError as failure:
            failure.advice = _ADVICE.get(failure.code) or failure.advice
            raise


def _page(prefix: str, answer: dict[str, Any]) -> CostPage:
    estimated: dict[date, bool] = {}
    groups: list[CostGroup] = []
    invalid: set[str] = set()
    for month in answer["ResultsByTime"]:
        first = date.fromisoformat(month["TimePeriod"]["Start"]).replace(day=1)
        estimated[first] = bool(month.get("Estimated", False))
        for sent in month["Groups"]:
            group = _group(sent, first, prefix)
            if is_money(group.usd) and is_money(group.quantity):
                groups.append(group)
            else:
                invalid.add(group.usage_type)
    return CostPage(estimated, groups, tuple(sorted(invalid)))


def _group(group: dict[str, Any], month: date, prefix: str) -> CostGroup:
    key, usage_type = map(_text, group["Keys"])
    if not key.startswith(prefix):
        raise ValueError(f"a group {key[:60]!r} of a question by {prefix!r}")
    cost, usage = group["Metrics"]["UnblendedCost"], group["Metrics"]["UsageQuantity"]
    return CostGroup(
        month, key[len(prefix) :], usage_type, _decimal(cost["Amount"]), _text(cost["Unit"]),
        _decimal(usage["Amount"]), _text(usage.get("Unit") or ""),
    )  # fmt: skip


def _text(sent: Any) -> str:
    if not isinstance(sent, str) or not is_utf8(sent):
        raise ValueError(f"must be text, got {str(sent)[:60]!r}")
    return sent


def _decimal(amount: Any) -> Decimal:
    """Return the number; NaN for other text."""
    try:
        return Decimal(str(amount)[:_MOST_CHARACTERS])
    except InvalidOperation:
        return Decimal("NaN")
