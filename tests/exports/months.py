"""Months of a billing export without files: the groups that the SQL returns for some charges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from s3_monitor.exports.billing_result import ExportSource, month_of
from s3_monitor.exports.billing_sql import ChargeGroup
from s3_monitor.model.bill import BillMonth
from tests.exports.billing_files import OCTOBER, PAYER, Charge, of_s3

_KEPT = ("Transition", "ForRepl", "ListAllMyBuckets")
_REQUESTS = ("GetObject", "PutObject")


def exported_month(
    charges: Iterable[Charge], *, first: date = OCTOBER, net: bool = True, tags: bool = False
) -> BillMonth:
    """Return the month of some charges."""
    groups = sorted(map(_group, of_s3(charges)), key=lambda group: (group.account, group.resource))
    source = ExportSource(first, "s3://bills/all/", has_requests=True, has_net=net, has_tags=tags)
    return month_of(groups, source, estimated=first != OCTOBER).month


def _group(charge: Charge) -> ChargeGroup:
    keeps = "Storage" in charge.usage_type or any(part in charge.operation for part in _KEPT)
    is_request = charge.operation in _REQUESTS and charge.unit == "Requests"
    return ChargeGroup(
        account=charge.account,
        resource=re.sub(r"arn:aws:(s3:::|s3express:.*bucket/)", "", charge.resource),
        type=charge.type,
        usage_type=charge.usage_type,
        operation=charge.operation if keeps else "",
        region="",
        vault=int(charge.product == "AmazonGlacier"),
        unit=charge.unit,
        currency=charge.currency,
        tag=dict(charge.tags).get("bucket_name", ""),
        usd=charge.usd,
        net=charge.net or charge.usd,
        quantity=charge.quantity,
        requested=charge.start.isoformat() if is_request else None,
        end=(charge.start + timedelta(days=1)).isoformat(),
        payer=PAYER,
        faults=0,
    )
