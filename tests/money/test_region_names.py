"""The region and currency of an imported price, from the code, location or prefix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s3_monitor.model.errors import UserError
from tests.money.lists import (
    GENERAL,
    PLAIN,
    THREE,
    Form,
    Sold,
    bulk,
    every_form,
    flat,
    left,
    read,
    tiers,
)


@pytest.mark.parametrize(
    ("location", "region"),
    [
        ("US East (N. Virginia)", "us-east-1"),
        ("EU (Ireland)", "eu-west-1"),
        ("Europe (Ireland)", "eu-west-1"),
        ("EU (Frankfurt)", "eu-central-1"),
        ("Asia Pacific (Osaka-Local)", "ap-northeast-3"),
        ("AWS GovCloud (US)", "us-gov-west-1"),
        ("AWS GovCloud (US-West)", "us-gov-west-1"),
        ("South America (Sao Paulo)", "sa-east-1"),
        (" canada  (central) ", "ca-central-1"),
        ("China (Beijing)", "cn-north-1"),
    ],
)
@every_form
def test_lists_without_region_codes_are_read_by_location(form: Form, location: str, region: str) -> None:
    sold = replace(PLAIN, prefix="XYZ1-", attributes={**GENERAL, "regionCode": None, "location": location})
    assert tiers(read(form(sold)), "StandardStorage", region) == THREE


@every_form
def test_a_list_that_names_a_new_region_defines_its_location(form: Form) -> None:
    told = replace(
        PLAIN, prefix="NEW1-", attributes={**GENERAL, "location": "Moon (Tycho)", "regionCode": "mo-tycho-1"}
    )
    untold = replace(Sold("TimedStorage-SIA-ByteHrs", flat("1")), prefix="NEW1-")
    untold = replace(untold, attributes={"location": "Moon (Tycho)", "regionCode": None})
    assert tiers(read(form(untold, told)), "StandardIAStorage", "mo-tycho-1") == [(None, "1")]


@every_form
def test_a_product_in_an_unknown_location_is_skipped_with_its_location(form: Form) -> None:
    lost = replace(PLAIN, attributes={**GENERAL, "location": "Mars (Olympus)", "regionCode": None})
    reading = read(form(PLAIN, lost))
    assert (reading.skips.lost, left(reading)) == (1, {"unknown-location": 1})


@every_form
def test_only_requested_regions_are_imported(form: Form) -> None:
    content = form(PLAIN, replace(PLAIN, region="eu-west-1"))
    assert list(read(content, regions=["eu-west-1"]).price_book.regions) == ["eu-west-1"]


def test_us_east_1_may_have_a_prefix() -> None:
    reading = read(bulk(replace(PLAIN, prefix="USE1-"), replace(PLAIN, region="eu-west-1")))
    assert tiers(reading, "StandardStorage") == THREE


def test_a_regions_own_prefix_is_preferred() -> None:
    other = Sold("TimedStorage-SIA-ByteHrs", flat("9"), prefix="USE1-")
    own = Sold("TimedStorage-SIA-ByteHrs", flat("1"))
    assert tiers(read(bulk(other, own, PLAIN)), "StandardIAStorage") == [(None, "1")]


@every_form
def test_a_list_in_one_other_currency_makes_a_price_book_in_it(form: Form) -> None:
    china = replace(PLAIN, region="cn-north-1", currency="CNY")
    reading = read(form(replace(china, prefix="CNN1-")))
    assert (reading.price_book.currency, reading.skips.lost) == ("CNY", 0)
    assert tiers(reading, "StandardStorage", "cn-north-1") == THREE


@every_form
def test_a_price_in_another_currency_is_not_read_as_dollars(form: Form) -> None:
    china = replace(PLAIN, region="cn-north-1", prefix="CNN1-", currency="CNY")
    reading = read(form(PLAIN, china))
    assert reading.price_book.currency == "USD"
    assert list(reading.price_book.regions) == ["us-east-1"]
    assert left(reading) == {"other-currency": 1}


@every_form
def test_lists_in_different_currencies_are_never_mixed(form: Form) -> None:
    dollars, yuan = form(PLAIN), form(replace(PLAIN, region="cn-north-1", prefix="CNN1-", currency="CNY"))
    for contents in ((dollars, yuan), (yuan, dollars)):
        with pytest.raises(UserError, match="different currencies: CNY, USD"):
            read(*contents)
