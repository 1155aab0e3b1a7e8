"""Attribution of billed amounts: examples computed by hand, and rules for any bill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.bill import BillMonth, BillRow, CostQuery, TagRow
from s3_monitor.model.series import Series, Window, pack
from s3_monitor.money.attribution import Attribution, BucketShare, LineKey, billed_lines
from s3_monitor.money.list_pricing import UNIT, to_units

WINDOW = Window(date(2026, 9, 20), 64)  # September 20 to November 22
FIRST = 11  # October 1
DAYS = 31
ACCOUNT, OTHER = "111122223333", "444455556666"
GIB = 2**30
STANDARD = "TimedStorage-ByteHrs"


def question(tag: str = "") -> CostQuery:
    return CostQuery(0, "aws", (ACCOUNT, OTHER), date(2026, 10, 1), date(2026, 11, 22), tag)


def row(usage_type: str, usd: str, quantity: str, account: str = ACCOUNT) -> BillRow:
    return BillRow(account, usage_type, Decimal(usd), Decimal(quantity), "GB-Mo")


def attribution(*rows: BillRow, tagged: Iterable[TagRow] | None = None) -> Attribution:
    month = BillMonth(date(2026, 10, 1), False, list(rows))
    if tagged is not None:
        month = BillMonth(date(2026, 10, 1), False, list(rows), list(tagged))
    return Attribution(question("bucket_name" if tagged is not None else ""), month, WINDOW)


def whole_month(size: int) -> Series:
    """Return this size on each day of October, and ten times this size on other days."""
    return pack({day: size if FIRST <= day < FIRST + DAYS else 10 * size for day in range(WINDOW.days)})


def usd(share: BucketShare) -> Fraction | None:
    return None if share.total is None else Fraction(share.total) / UNIT


def about(amount: Fraction | None, expected: str) -> bool:
    return amount is not None and abs(amount - Fraction(expected)) < Fraction(1, 10**30)


def test_a_bucket_is_charged_for_its_days_at_the_billed_rate_per_gb_month() -> None:
    made = attribution(row(STANDARD, "4.60", "200"))
    assert about(usd(made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(100 * GIB)})), "2.30")
    half = pack(dict.fromkeys(range(FIRST, FIRST + 10), 62 * GIB))  # 20 GB-months
    assert about(usd(made.add(ACCOUNT, "us-east-1", "b", {"StandardStorage": half})), "0.46")
    (left,) = (line.usd - made.attributed[key] for key, line in made.billed.items())
    assert about(Fraction(left) / UNIT, "1.84")


@pytest.mark.parametrize(
    ("region", "type_", "usage_type"),
    [
        ("us-east-1", "StandardStorage", "TimedStorage-ByteHrs"),
        ("us-east-1", "StandardStorage", "USE1-TimedStorage-ByteHrs"),
        ("eu-west-1", "StandardStorage", "EU-TimedStorage-ByteHrs"),
        ("us-west-2", "GlacierS3ObjectOverhead", "USW2-TimedStorage-ByteHrs"),
        ("us-west-2", "GlacierObjectOverhead", "USW2-TimedStorage-GlacierByteHrs"),
        ("us-west-2", "IntAAObjectOverhead", "USW2-TimedStorage-GlacierByteHrs"),  # not published: as its price
        ("ap-south-1", "DeepArchiveStorage", "APS3-TimedStorage-GDA-ByteHrs"),
        ("us-east-1", "StandardIASizeOverhead", "TimedStorage-SIA-SmObjects"),
        ("us-east-1", "DeepArchiveStagingStorage", "TimedStorage-GDA-Staging"),
    ],
)
def test_each_storage_type_is_found_under_its_name_on_the_bill(region: str, type_: str, usage_type: str) -> None:
    made = attribution(row(usage_type, "1", "1"))
    share = made.add(ACCOUNT, region, "a", {type_: whole_month(GIB)})
    assert about(usd(share), "1")
    assert list(made.attributed) == list(made.billed)


def test_storage_of_tables_and_of_other_accounts_is_not_taken_for_a_buckets() -> None:
    made = attribution(row("Tables-TimedStorage-ByteHrs", "9", "1"), row(STANDARD, "7", "1", OTHER))
    assert made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(GIB)}).total == 0
    assert made.attributed == {}


@pytest.mark.parametrize(
    ("account", "region", "type_", "total"),
    [
        (ACCOUNT, "us-east-1", "HolographicStorage", None),  # its name on the bill is not documented
        (ACCOUNT, "xx-nowhere-1", "StandardStorage", None),  # the prefix of its usage types is not documented
        (OTHER, "us-east-1", "StandardStorage", None),  # this account is not on the bill at all
        (ACCOUNT, "us-east-1", "GlacierStorage", 0),  # the bill is complete, without charges for it
    ],
)
def test_a_type_without_charges_costs_0_and_an_unknown_type_is_unknown(
    account: str, region: str, type_: str, total: int | None
) -> None:
    made = attribution(row(STANDARD, "1", "1"))
    share = made.add(account, region, "a", {type_: whole_month(GIB)})
    assert (share.total, share.lines[type_]) == (total, total)


def test_charges_without_a_quantity_are_not_attributed() -> None:
    """Credits, refunds and taxes do not depend on bytes."""
    made = attribution(row(STANDARD, "-5", "0"))
    assert made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(GIB)}).total == 0
    assert made.attributed == {}


def test_a_quantity_without_charges_costs_0() -> None:
    made = attribution(row(STANDARD, "0", "5"))
    assert made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(GIB)}).total == 0


def test_bytes_above_the_billed_quantity_make_the_unattributed_amount_negative() -> None:
    made = attribution(row(STANDARD, "2", "1"))
    made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(3 * GIB)})
    assert about(Fraction(made.attributed[LineKey(ACCOUNT, "us-east-1", STANDARD)]) / UNIT, "6")


def test_a_deleted_bucket_explains_a_part_of_the_unattributed_amount() -> None:
    made = attribution(row(STANDARD, "4", "2"))
    made.add_deleted(ACCOUNT, "us-east-1", "gone", {"StandardStorage": whole_month(GIB)})
    assert made.attributed == {}
    assert about(Fraction(made.deleted[LineKey(ACCOUNT, "us-east-1", STANDARD)]) / UNIT, "2")


def test_by_tag_a_bucket_gets_all_charges_with_its_name() -> None:
    tagged = [
        TagRow("a", STANDARD, Decimal("3")),
        TagRow("a", "Requests-Tier1", Decimal("0.5")),
        TagRow("", STANDARD, Decimal("7")),
        TagRow("nothing", STANDARD, Decimal("11")),
    ]
    made = attribution(row(STANDARD, "21", "9"), row("Requests-Tier1", "1", "2"), tagged=tagged)
    sizes = {"StandardStorage": whole_month(2 * GIB), "GlacierS3ObjectOverhead": whole_month(GIB)}
    share = made.add(ACCOUNT, "us-east-1", "a", sizes)
    assert about(usd(share), "3.5")
    assert {name: Fraction(line or 0) / UNIT for name, line in share.lines.items()} == {
        "StandardStorage": 2,
        "GlacierS3ObjectOverhead": 1,
    }
    assert made.add(ACCOUNT, "us-east-1", "b", sizes).total is None
    assert {value: Fraction(amount) / UNIT for value, amount in made.unmatched_tags().items()} == {"": 7, "nothing": 11}


def test_without_a_bill_all_shares_are_unknown() -> None:
    made = Attribution(question(), None, WINDOW)
    assert made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(GIB)}).total is None
    assert made.observed[ACCOUNT, "us-east-1"]["StandardStorage"] == 31 * GIB


TYPES = ("StandardStorage", "StandardIAStorage", "GlacierStorage", "GlacierS3ObjectOverhead", "DeepArchiveStorage")
USAGE_TYPES = (STANDARD, "EU-TimedStorage-ByteHrs", "TimedStorage-SIA-ByteHrs", "EU-TimedStorage-GlacierByteHrs",
               "TimedStorage-GDA-ByteHrs", "Requests-Tier1", "NoUsageType")  # fmt: skip
CENTS = st.decimals(-1000, 100_000, places=10)
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([ACCOUNT, OTHER]), st.sampled_from(USAGE_TYPES)),
    st.tuples(CENTS, st.decimals(0, 10**6, places=10)),
    max_size=10,
)
BUCKETS = st.lists(
    st.tuples(
        st.sampled_from([ACCOUNT, OTHER]),
        st.sampled_from(["us-east-1", "eu-west-1"]),
        st.dictionaries(st.sampled_from(TYPES), st.dictionaries(st.integers(0, 63), st.integers(0, 2**50)), max_size=3),
    ),
    max_size=6,
)


@given(ROWS, BUCKETS, st.randoms(use_true_random=False))
def test_attributed_and_unattributed_amounts_add_up_to_the_bill_in_any_order_of_buckets(
    rows: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
    buckets: list[tuple[str, str, dict[str, dict[int, int]]]],
    shuffled: object,
) -> None:
    listed = [BillRow(account, type_, cost, amount, "GB-Mo") for (account, type_), (cost, amount) in rows.items()]
    outcomes = []
    for order in (buckets, list(reversed(buckets))):
        made = attribution(*listed)
        shares = [
            made.add(account, region, "b", {type_: pack(points) for type_, points in sizes.items()})
            for account, region, sizes in order
        ]
        known = sum((amount for share in shares for amount in share.lines.values() if amount is not None), 0)
        assert known == sum(made.attributed.values())
        left = sum(line.usd - made.attributed.get(key, 0) for key, line in made.billed.items())
        assert left + known == sum(to_units(cost) for cost, _ in rows.values())
        assert set(made.attributed) <= set(billed_lines(BillMonth(date(2026, 10, 1), False, listed)))
        outcomes.append(made.attributed)
    assert outcomes[0] == outcomes[1]


def test_equivalent_names_of_a_usage_type_are_one_line() -> None:
    month = BillMonth(
        date(2026, 10, 1), False, [row(STANDARD, "2", "3"), row(f"USE1-{STANDARD}", "5", "7"), row(STANDARD, "1", "1")]
    )
    (line,) = billed_lines(month).values()
    assert line == (STANDARD, to_units(Decimal(8)), Decimal(11), "GB-Mo")


def test_equivalent_names_in_different_units_have_no_quantity_in_gb() -> None:
    hours = BillRow(ACCOUNT, f"USE1-{STANDARD}", Decimal(5), Decimal(7), "Byte-Hrs")
    made = attribution(row(STANDARD, "2", "3"), hours)
    assert made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": whole_month(GIB)}).total is None


def test_by_tag_a_deleted_bucket_explains_all_charges_with_its_name() -> None:
    tagged = [
        TagRow("gone", STANDARD, Decimal("3")),
        TagRow("gone", f"USE1-{STANDARD}", Decimal("4")),
        TagRow("gone", "EU-Requests-Tier1", Decimal("0.5")),
        TagRow("b", STANDARD, Decimal("7")),
    ]
    made = attribution(row(STANDARD, "21", "9"), tagged=tagged)
    made.add_deleted(ACCOUNT, "us-east-1", "gone", {"StandardStorage": whole_month(GIB)})
    made.add_deleted(ACCOUNT, "us-east-1", "untagged", {"StandardStorage": whole_month(GIB)})
    made.add_deleted(OTHER, "us-east-1", "b", {})
    assert made.deleted == {
        LineKey(ACCOUNT, "us-east-1", STANDARD): to_units(Decimal(7)),
        LineKey(ACCOUNT, "eu-west-1", "Requests-Tier1"): to_units(Decimal("0.5")),
    }
    assert made.attributed == {}


@pytest.mark.parametrize(
    ("days_before_the_end", "late"),
    [(1, 0), (2, 1), (3, 2)],
)
def test_days_of_the_month_that_cloudwatch_has_not_published_are_late(days_before_the_end: int, late: int) -> None:
    window = Window(date(2026, 9, 20), 43)  # up to November 1: the month has just ended
    month = BillMonth(date(2026, 10, 1), False, [row(STANDARD, "1", "1")])
    asked = CostQuery(0, "aws", (ACCOUNT,), date(2026, 10, 1), date(2026, 11, 1), "")
    made = Attribution(asked, month, window)
    newest = window.offset(asked.current) - days_before_the_end
    made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": pack({newest - 5: 1.0, newest: 1.0})})
    made.add(ACCOUNT, "us-east-1", "older", {"StandardStorage": pack({newest - 5: 1.0})})
    made.add(ACCOUNT, "us-east-1", "none", {})
    assert made.late_days(ACCOUNT, "us-east-1") == late
    assert made.late_days(ACCOUNT, "eu-west-1") == 0


@pytest.mark.parametrize(("age", "late"), [(3, 2), (4, 0)])
def test_a_region_without_figures_for_more_than_3_days_is_not_late(age: int, late: int) -> None:
    window = Window(date(2026, 9, 20), 43)
    asked = CostQuery(0, "aws", (ACCOUNT,), date(2026, 10, 1), date(2026, 11, 1), "")
    made = Attribution(asked, BillMonth(date(2026, 10, 1), False, []), window)
    made.add_deleted(ACCOUNT, "us-east-1", "a", {"StandardStorage": pack({window.days - 1 - age: 1.0})})
    assert made.late_days(ACCOUNT, "us-east-1") == late


def test_amounts_are_exact_integers() -> None:
    assert to_units(Decimal("0.0000000001")) == UNIT // 10**10
    assert isinstance(to_units(Decimal("1.5")), int)


def test_by_tag_charges_are_divided_exactly_by_bytes_and_days() -> None:
    tags = [TagRow("a", STANDARD, Decimal("0.3")), TagRow("a", "Requests-Tier1", Decimal("0.2"))]
    tags += [TagRow("gone", STANDARD, Decimal("0.4")), TagRow("gone", STANDARD, Decimal("0.1"))]
    made = attribution(row(STANDARD, "4", "100"), tagged=tags)
    sizes = {"StandardStorage": 2 * GIB, "GlacierS3ObjectOverhead": GIB, "GlacierStorage": GIB}
    share = made.add(ACCOUNT, "us-east-1", "a", {name: whole_month(size) for name, size in sizes.items()})
    assert share.total == to_units(Decimal("0.5"))
    assert share.lines == {
        "StandardStorage": to_units(Decimal("0.2")), "GlacierS3ObjectOverhead": to_units(Decimal("0.1")),
        "GlacierStorage": None,
    }  # fmt: skip
    made.add_deleted(ACCOUNT, "us-east-1", "gone", {})
    storage, requests = (LineKey(ACCOUNT, "us-east-1", name) for name in (STANDARD, "Requests-Tier1"))
    assert made.attributed == {storage: to_units(Decimal("0.3")), requests: to_units(Decimal("0.2"))}
    assert made.deleted == {storage: to_units(Decimal("0.5"))}
    assert made.unmatched_tags() == {"gone": to_units(Decimal("0.5"))}
    assert made.add(ACCOUNT, "us-east-1", "untagged", {"StandardStorage": whole_month(1)}).total is None


def test_a_tagged_bucket_without_bytes_has_charges_without_a_storage_type() -> None:
    made = attribution(row(STANDARD, "4", "100"), tagged=[TagRow("a", STANDARD, Decimal("0.3"))])
    share = made.add(ACCOUNT, "us-east-1", "a", {"StandardStorage": pack({})})
    assert (share.total, share.lines) == (to_units(Decimal("0.3")), {"StandardStorage": 0})


def test_sums_of_buckets_are_exact() -> None:
    made = attribution(row(STANDARD, "31", str(31 * 2**30)))  # a USD per 2^30 GB-months
    for name in ("a", "b"):
        made.add(ACCOUNT, "us-east-1", name, {"StandardStorage": whole_month(GIB), "NewStorage": whole_month(5)})
    assert made.attributed[LineKey(ACCOUNT, "us-east-1", STANDARD)] * 2**30 == pytest.approx(2 * UNIT)
    assert made.observed == {(ACCOUNT, "us-east-1"): {"StandardStorage": 2 * DAYS * GIB, "NewStorage": 2 * DAYS * 5}}
    unknown = made.add(ACCOUNT, "us-east-1", "c", {"NewStorage": whole_month(5), "StandardStorage": whole_month(GIB)})
    assert unknown.total is None and unknown.lines["NewStorage"] is None and unknown.lines["StandardStorage"]
    known = made.add(ACCOUNT, "us-east-1", "d", {"NewStorage": pack({}), "StandardStorage": whole_month(GIB)})
    assert known.total == known.lines["StandardStorage"] and known.lines["NewStorage"] == 0
