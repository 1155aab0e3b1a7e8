"""Months of a billing export: read from files, and without files from the groups that the SQL returns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from s3_monitor.exports import billing_duckdb
from s3_monitor.exports.billing_result import ExportedMonth, ExportSource, month_of
from s3_monitor.exports.billing_sql import SEPARATOR, ChargeGroup, ChargeKey, ChargeQuery
from s3_monitor.exports.delivery import Format
from s3_monitor.model.bill import BillMonth
from tests.exports import billing_files
from tests.exports.billing_files import ACCOUNTS, KINDS, OCTOBER, PAYER, Charge, of_s3

SOURCE = ExportSource(OCTOBER, "s3://bills/x", has_requests=True, has_net=True, has_tags=False)
_KEPT = ("Transition", "ForRepl", "ListAllMyBuckets")
_REQUESTS = ("GetObject", "PutObject")


def query(layout: str, tag: str = "") -> ChargeQuery:
    return ChargeQuery(KINDS[layout], ACCOUNTS, tag)  # type: ignore[arg-type]


def read(
    folder: Path, layout: str, contents: Sequence[bytes], format_: Format = "CSV", *, batch: int = 10, tag: str = ""
) -> ExportedMonth:
    """Read the files of a month in batches."""
    files = []
    for number, content in enumerate(contents):
        files.append(folder / f"{number}")
        files[-1].write_bytes(content)
    for number, start in enumerate(range(0, len(files), batch)):
        target = folder / f"groups-{number}"
        some = files[start : start + batch]
        billing_duckdb.write_groups(some, format_, query(layout, tag), folder, target, unverified=some)
    groups = billing_duckdb.read_result(sorted(folder.glob("groups-*")), folder)
    return month_of(groups, SOURCE._replace(has_tags=bool(tag)), estimated=False)


def written(layout: str, charges: Iterable[Charge], format_: Format, **options: Any) -> bytes:
    if format_ == "CSV":
        return billing_files.as_csv(layout, charges, **options)
    return billing_files.as_parquet(layout, charges, **options)


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
    key = ChargeKey(
        type=charge.type,
        usage_type=charge.usage_type,
        operation=charge.operation if keeps else "",
        region="",
        vault="1" if charge.product == "AmazonGlacier" else "",
        unit=charge.unit,
        currency=charge.currency,
        tag=dict(charge.tags).get("bucket_name", ""),
        payer=PAYER,
    )
    return ChargeGroup(
        account=charge.account,
        resource=re.sub(r"arn:aws:(s3:::|s3express:.*bucket/)", "", charge.resource),
        key=SEPARATOR.join(key),
        usd=f"{Decimal(charge.usd):.12f}",
        net=charge.net and f"{Decimal(charge.net):.12f}",
        quantity=f"{Decimal(charge.quantity):.12f}",
        requested=charge.start.isoformat() if is_request else None,
        end=(charge.start + timedelta(days=1)).isoformat(),
        faults=0,
    )
