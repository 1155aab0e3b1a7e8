"""The bill of the demo at list prices, and its billing export: the charges of Cost Explorer, divided into days."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from s3_monitor.cli.demo import bundled_tiers
from s3_monitor.money.price_book import bundled_prices, tiered_cost
from s3_monitor.money.regions import split_usage_type
from s3_monitor.money.storage_types import pools
from s3_monitor.simulator import demo_accounts
from s3_monitor.simulator.demo_bill import BUCKET, demo_billing, with_export
from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.price_lists import make_offers

Sums = dict[tuple[str, str, str], tuple[Decimal, Decimal]]


def add(sums: Sums, key: tuple[str, str, str], usd: Decimal, quantity: Decimal) -> None:
    so_far = sums.get(key, (Decimal(0), Decimal(0)))
    sums[key] = (so_far[0] + usd, so_far[1] + quantity)


def rows(files: Mapping[str, bytes], month: str) -> list[dict[str, str]]:
    manifest = files[f"exports/costs/metadata/BILLING_PERIOD={month}/costs-Manifest.json"]
    (url,) = json.loads(manifest)["dataFiles"]
    text = gzip.decompress(files[url.removeprefix(f"s3://{BUCKET}/")]).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(("today", "months"), [(date(2026, 11, 22), 2), (date(2026, 11, 1), 1)])
def test_the_export_of_the_demo_has_the_charges_of_cost_explorer(today: date, months: int) -> None:
    accounts, offers = demo_accounts(today), make_offers(today - timedelta(days=1), prices=bundled_tiers())
    billing = demo_billing(accounts[0], offers)
    objects = with_export(accounts, billing, offers, today)[0].buckets[BUCKET].objects
    assert isinstance(objects, FileList)
    assert len(objects.contents) == 2 * months
    current = today.replace(day=1)
    for month, end in [("2026-10", current), ("2026-11", today)][:months]:
        billed, exported = Sums(), Sums()
        for item in billing.items(accounts, offers, date.fromisoformat(f"{month}-01"), end):
            add(billed, (item.account, item.usage_type, item.bucket), item.usd, item.quantity)
        for row in rows(objects.contents, month):
            key = (row["line_item_usage_account_id"], row["line_item_usage_type"], row["line_item_resource_id"])
            usd, quantity = row["line_item_unblended_cost"], row["line_item_usage_amount"]
            add(exported, key, Decimal(usd), Decimal(quantity))
            assert row["line_item_usage_start_date"] < row["line_item_usage_end_date"] <= f"{end}T00:00:00.000Z"
        assert exported == billed


def test_the_demo_bills_each_region_at_its_list_price_with_one_discount() -> None:
    accounts, offers = demo_accounts(date(2026, 11, 22)), make_offers(date(2026, 11, 21), prices=bundled_tiers())
    billing, sums = demo_billing(accounts[0], offers), Sums()
    for item in billing.items(accounts, offers, date(2026, 10, 1), date(2026, 11, 1)):
        region, usage_type = split_usage_type(item.usage_type)
        add(sums, (region, usage_type, ""), item.usd, item.quantity)
    book, discounts = bundled_prices(), dict[tuple[str, str], float]()
    for (region, usage_type, _), (usd, quantity) in sums.items():
        pool = pools().get(usage_type)
        price = book.pool(region, pool.name) if pool else book.charge(region, usage_type)
        if price is None:
            continue
        listed = tiered_cost(price.tiers, Fraction(quantity))
        assert listed
        discounts[region, usage_type] = round(1 - float(Fraction(usd) / listed), 6)
    assert len({region for region, _ in discounts}) == 6
    assert {key: share for key, share in discounts.items() if share} == {
        ("us-west-2", "TimedStorage-GlacierByteHrs"): 0.15
    }
