"""What one program writes, the next one reads: every value of a file has bounds, the same in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from s3_monitor.model import bounds, previous_summary, summary
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model.errors import AwsError, InvalidFileError
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan
from s3_monitor.model.previous_summary import PreviousSummary
from s3_monitor.money.price_book import Charge, PoolPrice, PriceBook, Source, Tier, decode_price_book, encode_price_book
from s3_monitor.money.price_list import parse_number
from tests.report import builder


def unbounded(type_: inspect.Type, path: str, seen: set[type]) -> Iterator[str]:
    """Return the fields below a type whose numbers have no lower or upper bound, or whose times may lack a zone."""
    if isinstance(type_, (inspect.IntType, inspect.FloatType)):
        if (type_.ge is None and type_.gt is None) or (type_.le is None and type_.lt is None):
            yield path
    elif isinstance(type_, inspect.DateTimeType):
        if type_.tz is not True:
            yield path
    elif isinstance(type_, inspect.StructType):
        for field in type_.fields if type_.cls not in seen else ():
            seen.add(type_.cls)
            yield from unbounded(field.type, f"{type_.cls.__name__}.{field.name}", seen)
    else:
        for inner in _inner(type_):
            yield from unbounded(inner, path, seen)


def decimals(type_: inspect.Type, path: str, seen: set[type]) -> Iterator[str]:
    """Return the fields below a type that hold decimal numbers, which no type can bound."""
    if isinstance(type_, inspect.DecimalType):
        yield path
    elif isinstance(type_, inspect.StructType):
        for field in type_.fields if type_.cls not in seen else ():
            seen.add(type_.cls)
            yield from decimals(field.type, f"{type_.cls.__name__}.{field.name}", seen)
    else:
        for inner in _inner(type_):
            yield from decimals(inner, path, seen)


def _inner(type_: inspect.Type) -> tuple[inspect.Type, ...]:
    if isinstance(type_, inspect.UnionType):
        return type_.types
    if isinstance(type_, inspect.DictType):
        return type_.key_type, type_.value_type
    if isinstance(type_, inspect.TupleType):
        return type_.item_types
    return (type_.item_type,) if isinstance(type_, (inspect.ListType, inspect.VarTupleType)) else ()


@pytest.mark.parametrize("type_", [Part, Plan, PreviousSummary, PriceBook])
def test_every_number_and_time_of_a_file_that_is_read_has_bounds(type_: type) -> None:
    found = set(unbounded(inspect.type_info(type_), type_.__name__, set()))
    assert found == {f"{type_.__name__}.format"}  # it is checked before anything else is read


def test_decimal_numbers_are_only_where_they_are_checked_when_read() -> None:
    """Of parts in merge.parts.check, of price files in money.prices.check."""
    checked = {"Part.usd", "BillRow.usd", "BillRow.quantity", "TagRow.usd", "ChargeAmount.usd", "ChargeAmount.net"}
    checked |= {"Tier.upto", "Tier.price", "PoolPrice.exact_to", "Charge.exact_to"}
    types = (Part, Plan, PreviousSummary, PriceBook)
    assert {path for type_ in types for path in decimals(inspect.type_info(type_), "", set())} == checked


def values_of(type_: inspect.Type) -> st.SearchStrategy[Any]:
    """Any value that a type can hold."""
    if isinstance(type_, inspect.StructType):
        fields = {
            field.name: values_of(field.type) if field.required else values_of(field.type) | st.just(_default(field))
            for field in type_.fields
            if field.name != "format"
        }
        return st.builds(type_.cls, **fields)
    if isinstance(type_, inspect.UnionType):
        kinds = [one for one in type_.types if not isinstance(one, inspect.RawType)]
        return st.one_of([values_of(one) for one in kinds])
    if isinstance(type_, inspect.DictType):
        return st.dictionaries(values_of(type_.key_type), values_of(type_.value_type), max_size=2)
    if isinstance(type_, inspect.TupleType):
        return st.tuples(*map(values_of, type_.item_types))
    if isinstance(type_, inspect.VarTupleType):
        return st.lists(values_of(type_.item_type), max_size=2).map(tuple)
    if isinstance(type_, inspect.ListType):
        return st.lists(values_of(type_.item_type), max_size=2)
    if isinstance(type_, inspect.LiteralType):
        return st.sampled_from(type_.values)
    if isinstance(type_, inspect.IntType):
        return st.integers(type_.ge if type_.ge is not None else 0, type_.le)
    if isinstance(type_, inspect.FloatType):
        least = type_.ge if type_.ge is not None else type_.gt
        return st.floats(least, type_.le, exclude_min=type_.ge is None)
    simple: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
        inspect.StrType: st.text(st.characters(codec="utf-8"), max_size=5),
        inspect.BytesType: st.binary(max_size=8),
        inspect.BoolType: st.booleans(),
        inspect.NoneType: st.none(),
        inspect.DateType: st.dates(),
        inspect.DateTimeType: st.datetimes(timezones=st.just(UTC)),
        inspect.DecimalType: money,
    }
    return simple[type(type_)]


def _default(field: inspect.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()  # type: ignore[operator]
    return msgspec.UNSET if field.default is msgspec.NODEFAULT else field.default


money = st.decimals(-(10**14), 10**14, places=10).filter(bounds.is_money)


@given(values_of(inspect.type_info(Part)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_part_that_can_be_written_can_be_read(made: Part) -> None:
    assert parts.decode(parts.encode(made), "part") == msgspec.structs.replace(made, digest="")


@given(values_of(inspect.type_info(Plan)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_plan_that_can_be_written_can_be_decoded(made: Plan) -> None:
    assert msgspec.json.decode(plans.encode(made), type=Plan) == made


@given(st.from_regex(r"[0-9]{0,40}(\.[0-9]{0,45})?([eE][-+]?[0-9]{1,9})?", fullmatch=True), st.booleans())
def test_every_price_that_is_read_in_a_list_can_be_written_and_read(text: str, limited: bool) -> None:
    price = parse_number(text)
    if price is None or price == 0:
        return
    tiers = (Tier(price, price), Tier(None, price)) if limited else (Tier(None, price),)
    sources = {"s": Source("t", "2026")}
    storage, charges = {"p": PoolPrice("s", tiers)}, {"c": Charge("requests", "u", "s", tiers)}
    price_book = PriceBook("me", date(2026, 1, 1), sources, {"r": storage}, {"r": charges})
    content = encode_price_book(price_book)
    assert len(content) < 2000
    read = decode_price_book(content, "prices.json")
    assert (read.regions, read.charges) == (price_book.regions, price_book.charges)


BYTES = st.floats(0, 1e7 * 30 * bounds.MAX_AMOUNT)
DOLLARS = st.floats(0, 1e7 * 30 * bounds.MAX_AMOUNT / 2**30 * 1e15)


@given(st.none() | BYTES, st.none() | DOLLARS)
@settings(max_examples=30)
def test_every_summary_that_can_be_written_can_be_compared_with(size: float | None, cost: float | None) -> None:
    made = builder.summary([builder.bucket()])
    totals = msgspec.structs.replace(made.totals, size=size, cost=cost)
    read = previous_summary.decode(summary.encode(msgspec.structs.replace(made, totals=totals)), "summary.json")
    assert (read.totals.size, read.totals.cost) == (size, cost)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 1e308), ("size", -1.0), ("cost", 1e308), ("cost", -1.0), ("size", "1"), ("cost", 10**400),
        ("unknown_buckets", 10**30), ("unknown_buckets", -1), ("unknown_buckets", 0.5),
    ],
)  # fmt: skip
def test_a_sum_out_of_bounds_in_an_earlier_summary_is_rejected_by_name(field: str, value: object) -> None:
    content = msgspec.to_builtins(builder.summary([builder.bucket()]))
    content["totals"][field] = value
    with pytest.raises(InvalidFileError, match=rf"before\.json: is not a summary: .*\$\.totals\.{field}") as caught:
        previous_summary.decode(json.dumps(content, default=str).encode(), "before.json")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "2026-11-01T00:00:00", "x" * 5000])
def test_a_time_out_of_bounds_in_an_earlier_summary_is_rejected(as_of: str) -> None:
    content = msgspec.to_builtins(builder.summary([builder.bucket()])) | {"as_of": as_of}
    with pytest.raises(InvalidFileError, match=r"before\.json: is not a summary: .*as_of") as caught:
        previous_summary.decode(json.dumps(content, default=str).encode(), "before.json")
    assert len(str(caught.value)) < 200


def test_a_clock_difference_of_the_machines_of_a_job_is_tolerated() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert bounds.planned_time_error(now + timedelta(hours=23), now) == ""
    assert bounds.planned_time_error(now + timedelta(hours=25), now) != ""


@pytest.mark.parametrize(
    ("value", "sane"),
    [
        ("0", True), ("-12.5", True), ("999999999999999.99", True), ("1e15", False), ("1e-40", True), ("1e-41", False),
        ("NaN", False), ("sNaN", False), ("-Infinity", False), ("1e999999999", False), ("1e-999999999", False),
    ],
)  # fmt: skip
def test_money_is_finite_and_has_few_digits(value: str, sane: bool) -> None:
    assert bounds.is_money(Decimal(value)) is sane


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, 0), (-1, None), (-0.5, None), (0.5, 0), (4_102_444_799, 4_102_444_799), (4_102_444_800, None),
        (float("nan"), None), (float("inf"), None),
    ],
)  # fmt: skip
def test_times_are_of_1970_to_2099(seconds: float, expected: int | None) -> None:
    assert bounds.time_or_none(seconds) == expected


def test_any_response_of_aws_can_be_written() -> None:
    failure = AwsError("denied", "ListBuckets", "no \ud800 access")
    assert (failure.message, str(failure)) == ("no \\ud800 access", "ListBuckets: no \\ud800 access")


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("as_of", "error"),
    [
        (NOON, ""),
        (NOON + SECOND, "must not be later than now (2026-11-22T12:00:00Z)"),
        (datetime(2025, 8, 24, tzinfo=UTC), ""),
        (datetime(2025, 8, 24, tzinfo=UTC) - SECOND, "must be 2025-08-24 or later: CloudWatch keeps daily figures for"),
    ],
)
def test_figures_exist_from_the_retention_of_cloudwatch_until_now(as_of: datetime, error: str) -> None:
    found = bounds.as_of_error(as_of, NOON)
    assert found.startswith(error) and bool(found) == bool(error)


@pytest.mark.parametrize(
    ("as_of", "valid"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), True),
        (datetime(1970, 1, 1, tzinfo=UTC) - SECOND, False),
        (NOON + timedelta(days=1), True),
        (NOON + timedelta(days=1) + SECOND, False),
    ],
)
def test_the_clock_that_made_a_plan_may_be_ahead_by_a_day(as_of: datetime, valid: bool) -> None:
    assert (bounds.planned_time_error(as_of, NOON) == "") is valid


@pytest.mark.parametrize(
    ("value", "valid"), [(0, True), (-1, False), (2**62, True), (2**62 + 1, False), (float("nan"), False)]
)
def test_an_amount_is_from_0_to_2_62(value: float, valid: bool) -> None:
    assert bounds.is_amount(value) is valid


@pytest.mark.parametrize(("day", "valid"), [(date(1969, 12, 31), False), (date(1970, 1, 1), True),
                                            (date(2099, 12, 31), True), (date(2100, 1, 1), False)])  # fmt: skip
def test_dates_are_of_1970_to_2099(day: date, valid: bool) -> None:
    assert bounds.is_date(day) is valid


def test_points_may_be_as_old_as_the_retention_before_the_days_requested() -> None:
    start, end = NOON - timedelta(days=4), NOON
    margin = timedelta(days=456)
    assert bounds.point_times(start, end) == ((start - margin).timestamp(), (end + margin).timestamp())
