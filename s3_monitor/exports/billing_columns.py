"""The columns of billing exports that are read, under one name for all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_monitor.model.exports import BillingKind
from s3_monitor.objects.manifest import InvalidReportError, normalize_column


class ColumnRule(NamedTuple):
    """A column that is read."""

    names: tuple[str, ...]
    """Normalized names, the preferred first: lineitemusagetype for lineItem/UsageType and line_item_usage_type."""
    shown: str = ""
    """Name in messages; empty: the column is optional."""


def _cur(name: str, *, required: bool = True) -> ColumnRule:
    return ColumnRule((normalize_column(name),), name if required else "")


def _focus(*names: str, required: bool = True) -> ColumnRule:
    return ColumnRule(tuple(map(normalize_column, names)), " or ".join(names) if required else "")


# CUR 2.0 and the legacy report have the same columns, written differently.
_CUR: Mapping[str, ColumnRule] = {
    "account": _cur("line_item_usage_account_id"),
    "type": _cur("line_item_line_item_type"),
    "product": _cur("line_item_product_code"),
    "usage_type": _cur("line_item_usage_type"),
    "resource": _cur("line_item_resource_id"),
    "quantity": _cur("line_item_usage_amount"),
    "usd": _cur("line_item_unblended_cost"),
    "currency": _cur("line_item_currency_code"),
    "payer": _cur("bill_payer_account_id", required=False),
    "operation": _cur("line_item_operation", required=False),
    "unit": _cur("pricing_unit", required=False),
    "net": _cur("line_item_net_unblended_cost", required=False),
    "start": _cur("line_item_usage_start_date", required=False),
    "end": _cur("line_item_usage_end_date", required=False),
    "tags": _cur("resource_tags", required=False),
}
# AWS: FOCUS 1.2 has SkuMeter instead of x_UsageType; some columns may be null. BilledCost is after discounts.
_FOCUS: Mapping[str, ColumnRule] = {
    "account": _focus("SubAccountId"),
    "type": _focus("ChargeCategory"),
    "product": _focus("x_ServiceCode", "ServiceName"),
    "usage_type": _focus("x_UsageType", "SkuMeter", "ChargeDescription"),
    "resource": _focus("ResourceId"),
    "quantity": _focus("ConsumedQuantity", "PricingQuantity"),
    "usd": _focus("BilledCost"),
    "currency": _focus("BillingCurrency"),
    "payer": _focus("BillingAccountId", required=False),
    "operation": _focus("x_Operation", required=False),
    "unit": _focus("ConsumedUnit", "PricingUnit", required=False),
    "start": _focus("ChargePeriodStart", required=False),
    "end": _focus("ChargePeriodEnd", required=False),
    "region": _focus("RegionId", required=False),
    "tags": _focus("Tags", required=False),
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
    rules = _FOCUS if kind == "focus" else _CUR
    names = {
        name: found
        for name, rule in rules.items()
        if (found := tuple(column for column in rule.names if column in available))
    }
    missing = [name for name, rule in rules.items() if rule.shown and name not in names]
    if missing:
        shown = ", ".join(rules[name].shown for name in missing)
        what = f"its files have no column {shown}" if len(missing) == 1 else f"its files have no columns {shown}"
        raise InvalidReportError(what, _ADVICE.get(missing[0], "add the column to the export"))
    if not tag:
        names.pop("tags", None)
    of_tag = _TAG_CATEGORY + normalize_column(f"user:{tag}")
    return Columns(names, of_tag if tag and of_tag in available else "")
