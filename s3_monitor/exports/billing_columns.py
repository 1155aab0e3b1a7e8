"""The columns of billing exports that are read, under one name for all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_monitor.model.exports import BillingKind
from s3_monitor.objects.manifest import InvalidReportError, normalize_column

_REQUIRED = ("account", "type", "product", "usage_type", "resource", "quantity", "usd", "currency")
# Our name → names in the export, the preferred first. The legacy report writes them differently: lineItem/UsageType.
_CUR = {
    "account": "line_item_usage_account_id",
    "type": "line_item_line_item_type",
    "product": "line_item_product_code",
    "usage_type": "line_item_usage_type",
    "resource": "line_item_resource_id",
    "quantity": "line_item_usage_amount",
    "usd": "line_item_unblended_cost",
    "currency": "line_item_currency_code",
    "payer": "bill_payer_account_id",
    "operation": "line_item_operation",
    "unit": "pricing_unit",
    "net": "line_item_net_unblended_cost",
    "start": "line_item_usage_start_date",
    "end": "line_item_usage_end_date",
    "tags": "resource_tags",
}
# AWS: FOCUS 1.2 has SkuMeter instead of x_UsageType; some columns may be null. BilledCost is after discounts.
_FOCUS = {
    "account": "SubAccountId",
    "type": "ChargeCategory",
    "product": "x_ServiceCode or ServiceName",
    "usage_type": "x_UsageType or SkuMeter or ChargeDescription",
    "resource": "ResourceId",
    "quantity": "ConsumedQuantity or PricingQuantity",
    "usd": "BilledCost",
    "currency": "BillingCurrency",
    "payer": "BillingAccountId",
    "operation": "x_Operation",
    "unit": "ConsumedUnit or PricingUnit",
    "start": "ChargePeriodStart",
    "end": "ChargePeriodEnd",
    "region": "RegionId",
    "tags": "Tags",
}
# Missing is the first reason: an export without resources cannot be attributed to buckets.
_ADVICE = {"resource": "include resource ids in the export (INCLUDE_RESOURCES, or Include resource IDs)"}
_TAG_CATEGORY = "resourcetags"  # a column for each tag in the legacy report: resourceTags/user:team


class Columns(NamedTuple):
    """The columns of a file that are read."""

    names: Mapping[str, tuple[str, ...]]
    """Our name → normalized names in the file, the preferred first."""
    tag: str = ""
    """Normalized name of the column with the values of the cost allocation tag; empty: see ``tags``."""

    def __contains__(self, name: object) -> bool:
        """Return whether the file has a column."""
        return name in self.names


def columns_of(kind: BillingKind, available: Mapping[str, object], tag: str = "") -> Columns:
    """Return the columns of a file. Raises InvalidReportError with the names of those that are missing.

    ``available``: the normalized names of the file's columns. ``tag``: the cost allocation tag to read.
    """
    rules, names = _FOCUS if kind == "focus" else _CUR, dict[str, tuple[str, ...]]()
    for name, columns in rules.items():
        normalized = map(normalize_column, columns.split(" or "))
        if found := tuple(column for column in normalized if column in available):
            names[name] = found
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        shown = ", ".join(rules[name] for name in missing)
        what = f"its files have no column {shown}" if len(missing) == 1 else f"its files have no columns {shown}"
        raise InvalidReportError(what, _ADVICE.get(missing[0], "add the column to the export"))
    if not tag:
        names.pop("tags", None)
    of_tag = _TAG_CATEGORY + normalize_column(f"user:{tag}")
    return Columns(names, of_tag if tag and of_tag in available else "")
