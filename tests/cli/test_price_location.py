"""Where prices are: in the program, in a file or in a table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.cli.price_location import (
    PriceTarget,
    TableLocation,
    check_region_names,
    check_regions_have_prices,
    load_prices,
    parse_table,
)
from s3_monitor.model.errors import InvalidFileError, UserError
from s3_monitor.money.price_book import bundled_prices, encode_price_book

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("bundled", None),
        ("prices.json", None),
        ("x/dynamodb:prices", None),
        ("dynamodb:prices", TableLocation("prices", None)),
        ("dynamodb:prices@2026-08-01", TableLocation("prices", date(2026, 8, 1))),
    ],
)
def test_a_table_is_named_with_its_prefix_and_may_have_a_day(text: str, table: TableLocation | None) -> None:
    assert parse_table(text) == table


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dynamodb:", "the name of the table is missing"),
        ("dynamodb:@2026-08-01", "the name of the table is missing"),
        ("dynamodb:prices@", "the text after the first @ must be a date"),
        ("dynamodb:prices@yesterday", "the text after the first @ must be a date"),
        ("dynamodb:prices@2026-08-01@x", "the text after the first @ must be a date"),
    ],
)
def test_a_table_without_a_name_or_with_another_day_is_rejected(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_table(text)


def test_only_a_table_has_past_prices(tmp_path: Path) -> None:
    assert load_prices("bundled") == bundled_prices()
    path = tmp_path / "prices.json"
    path.write_bytes(encode_price_book(bundled_prices()))
    assert load_prices(str(path)) == bundled_prices()
    for location in ("bundled", str(path)):
        with pytest.raises(UserError, match="has the prices of one day only"):
            load_prices(location, day=date(2026, 8, 1))


def test_a_file_is_a_target_if_its_folder_exists_and_it_is_absent_or_has_prices(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    target = PriceTarget(str(path), None)
    assert (target.price_book, target.damage, target.lost_regions) == (None, (), ())
    assert target.replace(bundled_prices(), NOW)
    assert path.read_bytes() == encode_price_book(bundled_prices())
    assert PriceTarget(str(path), None).price_book == bundled_prices()
    path.write_text("{}")
    with pytest.raises(InvalidFileError):
        PriceTarget(str(path), None)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("bundled", "the bundled prices cannot be replaced"),
        ("dynamodb:prices@2026-08-01", "only the current prices can be replaced"),
        ("{folder}/absent/prices.json", "there is no folder"),
    ],
)
def test_what_cannot_be_written_is_no_target(tmp_path: Path, location: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        PriceTarget(location.format(folder=tmp_path), None)


def test_a_file_that_cannot_be_written_is_an_error_of_usage(tmp_path: Path) -> None:
    folder = tmp_path / "prices.json"
    found = PriceTarget(str(folder), None)
    folder.mkdir()
    with pytest.raises(UserError, match="could not write the file"):
        found.replace(bundled_prices(), NOW)


@pytest.mark.parametrize(
    ("regions", "rejected"), [([], None), (["eu-west-1"], None), (["eu-west-1", "eu-wst-1"], "eu-wst-1")]
)
@pytest.mark.parametrize("check", [check_region_names, check_regions_have_prices])
def test_a_region_without_a_price_is_rejected_with_similar_names(
    check: Any, regions: list[str], rejected: str | None
) -> None:
    if rejected is None:
        check(regions, bundled_prices())
        return
    with pytest.raises(UserError, match=f"-r {rejected}: ") as caught:
        check(regions, bundled_prices())
    assert "did you mean eu-west-1" in caught.value.advice


def test_a_region_has_prices_if_any_price_book_has_them() -> None:
    check_regions_have_prices(["eu-west-1"], bundled_prices(), bundled_prices())
    check_region_names(["global"])
    with pytest.raises(UserError, match="do not include this region") as caught:
        check_regions_have_prices(["zzz"], bundled_prices())
    assert caught.value.advice.startswith("Available regions: ")
