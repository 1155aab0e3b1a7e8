from __future__ import annotations

import pytest

from s3_monitor.money.price_book import bundled_prices
from s3_monitor.money.regions import regions_by_code, split_usage_type, usage_type_on_bill


@pytest.mark.parametrize(
    ("usage_type", "parts"),
    [
        ("TimedStorage-ByteHrs", ("us-east-1", "TimedStorage-ByteHrs")),
        ("USE1-TimedStorage-ByteHrs", ("us-east-1", "TimedStorage-ByteHrs")),
        ("EU-TimedStorage-ByteHrs", ("eu-west-1", "TimedStorage-ByteHrs")),
        ("EUC1-Requests-Tier1", ("eu-central-1", "Requests-Tier1")),
        ("APN3-TimedStorage-GDA-ByteHrs", ("ap-northeast-3", "TimedStorage-GDA-ByteHrs")),
        ("USW2-Tables-TimedStorage-ByteHrs", ("us-west-2", "Tables-TimedStorage-ByteHrs")),
        ("EU-EUC1-AWS-Out-Bytes", ("eu-west-1", "EUC1-AWS-Out-Bytes")),
        ("Tables-TimedStorage-ByteHrs", ("us-east-1", "Tables-TimedStorage-ByteHrs")),
        ("XXN1-TimedStorage-ByteHrs", ("us-east-1", "XXN1-TimedStorage-ByteHrs")),  # the code is not documented
        ("NoUsageType", ("us-east-1", "NoUsageType")),
        ("", ("us-east-1", "")),
        ("-", ("us-east-1", "-")),
    ],
)
def test_the_prefix_of_a_usage_type_is_its_region(usage_type: str, parts: tuple[str, str]) -> None:
    assert split_usage_type(usage_type) == parts


def test_every_region_with_prices_has_a_unique_billing_code() -> None:
    assert set(bundled_prices().regions) <= set(regions_by_code().values())
    for region in bundled_prices().regions:
        written = usage_type_on_bill(region, "TimedStorage-ByteHrs")
        assert written is not None and split_usage_type(written) == (region, "TimedStorage-ByteHrs")


def test_a_region_without_a_known_code_has_no_usage_types() -> None:
    assert usage_type_on_bill("xx-nowhere-1", "TimedStorage-ByteHrs") is None
