"""The comparison with an earlier report: changes, their causes, and what is not compared."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model import previous_summary, summary
from s3_monitor.model.bucket import LastKnown, StorageLine
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.plan import Selection
from s3_monitor.model.previous_summary import PreviousSummary, Sum
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.problem_type import Affected
from s3_monitor.model.summary import EmptiedBucket, Group, Prices, Summary
from s3_monitor.report.comparison import compare
from s3_monitor.report.markdown import report_lines
from tests.problems import gap
from tests.report import builder
from tests.report.builder import bucket

ACCOUNT, OTHER = "111122223333", "444455556666"
S, IA = "StandardStorage", "StandardIAStorage"


def now(
    regions: dict[str, tuple[float, float]], types: dict[str, tuple[float, float]] | None = None, **changes: object
) -> Summary:
    """Return a summary with these sums as (bytes, dollars)."""
    sizes = [sum(pair[index] for pair in regions.values()) for index in (0, 1)]
    plain: dict[str, object] = {
        "by_region": {name: Group(1, size, 1.0, cost) for name, (size, cost) in regions.items()},
        "by_account": {ACCOUNT: Group(1, sizes[0], 1.0, sizes[1])},
        "by_storage_type": {name: Group(1, size, None, cost) for name, (size, cost) in (types or {}).items()},
    }
    return builder.summary([bucket()], **(plain | changes))


def then(
    regions: dict[str, tuple[float, float]], types: dict[str, tuple[float, float]] | None = None, **changes: object
) -> PreviousSummary:
    content = summary.encode(now(regions, types, as_of=builder.NOW - timedelta(days=7), **changes))
    return previous_summary.decode(content, "then.json")


def test_changes_are_listed_by_region_the_largest_first() -> None:
    found = compare(
        now({"eu-west-1": (10.0, 1.0), "us-east-1": (50.0, 9.0)}),
        then({"eu-west-1": (10.0, 2.0), "sa-east-1": (7.0, 3.0), "us-east-1": (20.0, 4.0)}),
    )
    assert [(one.name, one.size, one.cost) for one in found.changes] == [
        ("us-east-1", 30.0, 5.0),
        ("sa-east-1", -7.0, -3.0),
        ("eu-west-1", 0.0, -1.0),
    ]
    assert (found.size, found.cost, found.cost_before, found.excluded) == (23.0, 1.0, 9.0, [])


@pytest.mark.parametrize(
    ("new", "bytes_", "types", "prices"),
    [
        ({S: (20.0, 4.0)}, 2.0, 0.0, 0.0),  # twice the bytes
        ({S: (10.0, 3.0)}, 0.0, 0.0, 1.0),  # a byte costs more
        ({S: (5.0, 1.0), IA: (5.0, 0.5)}, 0.0, -0.5, 0.0),  # half of it in a cheaper type, new here
        ({S: (20.0, 4.0), "TomorrowsStorage": (9.0, None)}, 2.0, 0.0, 0.0),  # no price: in no part
    ],
)
def test_a_change_in_cost_is_split_by_causes(
    new: dict[str, tuple[float, float]], bytes_: float, types: float, prices: float
) -> None:
    why = compare(now({"eu-west-1": (1.0, 1.0)}, new), then({"eu-west-1": (1.0, 1.0)}, {S: (10.0, 2.0)})).causes
    assert why is not None
    assert (why.bytes, why.types, why.prices) == pytest.approx((bytes_, types, prices))
    assert not why.is_new_price_list


AMOUNT = st.tuples(st.floats(1e3, 1e15), st.floats(1e-12, 1e-9)).map(lambda pair: (pair[0], pair[0] * pair[1]))
TYPES = st.dictionaries(st.sampled_from([S, IA, "GlacierStorage"]), AMOUNT, min_size=1)


@given(TYPES, TYPES)
def test_the_causes_add_up_to_the_change(
    new: dict[str, tuple[float, float]], old: dict[str, tuple[float, float]]
) -> None:
    why = compare(now({}, new), then({}, old)).causes
    assert why is not None
    whole = sum(cost for _, cost in new.values()) - sum(cost for _, cost in old.values())
    assert why.bytes + why.types + why.prices == pytest.approx(whole, rel=1e-6, abs=abs(why.bytes) * 1e-9 + 1e-3)


def test_a_new_price_list_is_recognized() -> None:
    why = compare(
        now({}, {S: (1.0, 1.0)}), then({}, {S: (1.0, 1.0)}, prices=Prices("AWS price list", date(2023, 1, 1)))
    ).causes
    assert why is not None
    assert why.is_new_price_list


BOTH = {"eu-west-1": (10.0, 1.0), "us-east-1": (50.0, 9.0)}
ONE = {"us-east-1": (50.0, 9.0)}


@pytest.mark.parametrize(
    ("one", "other", "left_out"),
    [
        # A region that either report did not select or could not read is not a change.
        (
            now(BOTH),
            then(ONE, selection=Selection(regions=("us-east-1",))),
            "eu-west-1 (selected in only one of the reports)",
        ),
        (
            now(ONE, problems=[gap(f"{ACCOUNT}/eu-west-1", "ListMetrics: denied")], complete=False),
            then(BOTH),
            "eu-west-1 (gaps in one of the reports)",
        ),
        (
            now(ONE, problems=[create_problem("shard-missing", account=ACCOUNT, region="eu-west-1", shard="x")]),
            then(BOTH),
            "eu-west-1 (gaps in one of the reports)",
        ),
        # An account that only one report covers.
        (
            now(BOTH, by_account={ACCOUNT: Group(1, 50.0, 1.0, 9.0), "444455556666": Group(1, 9.0, 1.0, 9.0)}),
            then(BOTH, by_account={ACCOUNT: Group(1, 50.0, 1.0, 9.0)}),
            "444455556666 (only in one of the reports)",
        ),
    ],
)
def test_places_that_only_one_report_covers_are_not_compared(
    one: Summary, other: PreviousSummary, left_out: str
) -> None:
    found = compare(one, other)
    assert (found.cost, found.size, found.causes) == (0.0, 0.0, None)
    assert (found.excluded, found.excluded_count) == ([left_out], 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"selection": Selection(buckets=("logs-*",))}, "the selections of buckets or storage types differ"),
        ({"selection": Selection(storage_types=(S,))}, "the selections of buckets or storage types differ"),
        ({"currency": "CNY"}, "the earlier report is in CNY"),
        ({"problems": [gap("shard x", "interrupted")]}, "gaps without an account or region"),
        ({"problems": [create_problem("no-usable-part")]}, "gaps without an account or region"),
    ],
)
def test_reports_that_cannot_be_compared_are_not_compared(changes: dict[str, object], reason: str) -> None:
    found = compare(now(BOTH), then(BOTH, **changes))
    assert (found.cost, found.size, found.changes) == (None, None, [])
    assert reason in found.excluded[0]


@pytest.mark.parametrize("affects", [(), ("last_modified",), ("configuration", "requests"), ("bill",), ("objects",)])
def test_a_gap_that_leaves_cost_and_size_complete_excludes_nothing(affects: tuple[Affected, ...]) -> None:
    problems = [gap(place, "denied", affects=affects) for place in (f"{ACCOUNT}/eu-west-1/b", OTHER, "shard x", "")]
    assert compare(now(BOTH, problems=problems), then(BOTH)).excluded == []
    assert compare(now(BOTH), then(BOTH, problems=problems)).excluded == []


@pytest.mark.parametrize(
    ("where", "left_out"),
    [
        (f"{ACCOUNT}/eu-west-1", ["eu-west-1 (gaps in one of the reports)"]),
        (f"{ACCOUNT}/eu-west-1/b/StandardStorage", ["eu-west-1 (gaps in one of the reports)"]),
        (f"{ACCOUNT}/some-bucket", [f"{ACCOUNT} (gaps in one of the reports)"]),
        ("shard x", ["one of the reports has gaps without an account or region"]),
    ],
)
def test_gaps_of_format_1_have_their_place_in_where(where: str, left_out: list[str]) -> None:
    sums = {name: {"size": size, "cost": cost} for name, (size, cost) in BOTH.items()}
    old = {"as_of": builder.NOW, "totals": {}, "by_account": {ACCOUNT: {}}, "by_region": sums, "by_storage_type": {}}
    problems = [{"severity": "gap", "where": where, "what": "denied"}, {"severity": "note", "where": "x", "what": ""}]
    content = msgspec.json.encode({"format": 1, "problems": problems} | old)
    assert compare(now(BOTH), previous_summary.decode(content, "then.json")).excluded == left_out


def test_a_summary_of_format_1_is_read(tmp_path: Path) -> None:
    sums = {"buckets": 1, "size": 5.0, "objects": None, "cost": 2.0}
    old = {"format": 1, "as_of": "2026-11-01T00:00:00Z", "totals": sums, "by_account": {ACCOUNT: sums}}
    path = tmp_path / "summary.json"
    path.write_bytes(msgspec.json.encode(old | {"by_region": {"eu-west-1": sums}, "by_storage_type": {S: sums}}))
    assert previous_summary.read(path).by_region == {"eu-west-1": Sum(5.0, 2.0)}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 99}', b'{"format": 1}', b"nonsense"])
def test_an_invalid_summary_is_rejected_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(InvalidFileError, match=r"other\.json"):
        previous_summary.read(path)


# Emptied buckets


def of_emptied(name: str, size: float, cost: float | None) -> EmptiedBucket:
    storage = {S: StorageLine(size, cost)}
    return EmptiedBucket(name, ACCOUNT, "eu-west-1", LastKnown(date(2026, 11, 18), storage, size, cost, 3.0))


def test_buckets_emptied_since_are_a_separate_cause() -> None:
    before = then({"eu-west-1": (30.0, 6.0)}, {S: (30.0, 6.0)})
    found = compare(now({"eu-west-1": (10.0, 2.0)}, {S: (10.0, 2.0)}, emptied=[of_emptied("was", 20.0, 4.0)]), before)
    assert (found.size, found.cost) == (-20.0, -4.0)
    assert found.causes is not None
    assert (found.causes.emptied, found.causes.emptied_buckets) == (-4.0, 1)
    assert (found.causes.bytes, found.causes.types, found.causes.prices) == (0.0, 0.0, 0.0)


def test_a_bucket_emptied_before_the_earlier_report_is_not_a_change() -> None:
    was = of_emptied("was", 20.0, 4.0)
    before = then({"eu-west-1": (10.0, 2.0)}, {S: (10.0, 2.0)}, emptied=[was])
    found = compare(now({"eu-west-1": (10.0, 2.0)}, {S: (10.0, 2.0)}, emptied=[was]), before)
    assert found.causes is not None
    assert (found.cost, found.causes.emptied, found.causes.emptied_buckets) == (0.0, 0.0, 0)


EMPTIED = st.lists(st.tuples(st.floats(1e3, 1e12), st.one_of(st.none(), st.floats(1e-3, 1e3))), max_size=3)


@given(TYPES, TYPES, EMPTIED)
def test_the_causes_with_emptied_buckets_add_up_to_the_change(
    new: dict[str, tuple[float, float]],
    old: dict[str, tuple[float, float]],
    held: list[tuple[float, float | None]],
) -> None:
    emptied = [of_emptied(f"b{number}", size, cost) for number, (size, cost) in enumerate(held)]
    why = compare(now({}, new, emptied=emptied), then({}, old)).causes
    assert why is not None
    whole = sum(cost for _, cost in new.values()) - sum(cost for _, cost in old.values())
    largest = max(abs(part) for part in (why.bytes, why.types, why.prices, why.emptied))
    assert why.bytes + why.types + why.prices + why.emptied == pytest.approx(whole, rel=1e-6, abs=largest * 1e-9 + 1e-3)
    assert why.emptied == pytest.approx(-sum(cost or 0.0 for _, cost in held))


def test_report_md_states_what_emptied_buckets_last_stored() -> None:
    summary_ = now({"eu-west-1": (10.0, 2.0)}, {S: (10.0, 2.0)}, emptied=[of_emptied("was", 3.0 * 2**40, 70.0)])
    before = then({"eu-west-1": (3.0 * 2**40 + 10, 72.0)}, {S: (3.0 * 2**40 + 10, 72.0)})
    text = "\n".join(report_lines(summary_, None, [compare(summary_, before)]))
    assert "- emptied: was (last stored 3.00 TiB, $70.00 per month; not included in the totals)" in text
    assert "−$70.00 per month, −3.00 TiB, including −$70.00 from 1 emptied bucket" in text


def test_a_price_in_only_one_report_counts_as_a_change_of_prices() -> None:
    old, new = {S: (10.0, 2.0), IA: (10.0, None)}, {S: (10.0, 2.0), IA: (10.0, 1.0)}
    for before, after, prices in ((old, new, 1.0), (new, old, -1.0)):
        why = compare(now({"eu-west-1": (1.0, 1.0)}, after), then({"eu-west-1": (1.0, 1.0)}, before)).causes
        assert why is not None
        assert (why.bytes, why.types, why.prices) == pytest.approx((0.0, 0.0, prices))


def test_no_change_is_exactly_none() -> None:
    sums = {f"r-{number}": (0.1 * number, 0.1 + 0.7 * number) for number in range(30)}
    found = compare(now(sums, {S: (0.3, 0.1 + 0.2)}), then(sums, {S: (0.3, 0.3)}))
    assert found.cost == found.size == 0.0
    assert found.causes is not None
    assert (found.causes.bytes, found.causes.types, found.causes.prices) == (0.0, 0.0, 0.0)


def test_remarks_state_what_the_totals_of_a_report_exclude() -> None:
    partly = Group(2, 5.0, 1.0, 1.0, unpriced_size=2.0**40, unknown_buckets=1)
    found = compare(now({"eu-west-1": (5.0, 1.0)}, totals=partly), then({"eu-west-1": (5.0, 1.0)}))
    assert found.remarks == ["this report excludes 1.00 TiB with no known price and 1 bucket with unknown size"]
    found = compare(now({"eu-west-1": (5.0, 1.0)}), then({"eu-west-1": (5.0, 1.0)}, totals=partly))
    assert found.remarks == ["the earlier report excludes 1.00 TiB with no known price and 1 bucket with unknown size"]


# Data that is missing in one of the reports


def of_two_accounts(first: float, second: float) -> dict[str, Group]:
    return {ACCOUNT: Group(1, first, 1.0, first), OTHER: Group(1, second, 1.0, second)}


@pytest.mark.parametrize("has_gap", ["this report", "the earlier report"])
def test_a_gap_of_an_account_excludes_the_account(has_gap: str) -> None:
    problems = [gap(OTHER, "ListBuckets: denied")]
    found = compare(
        now(BOTH, by_account=of_two_accounts(51.0, 0.0), problems=problems if has_gap == "this report" else []),
        then(BOTH, by_account=of_two_accounts(50.0, 9.0), problems=problems if has_gap != "this report" else []),
    )
    assert (found.dimension, found.cost, found.cost_before) == ("account", 1.0, 50.0)
    assert [one.name for one in found.changes] == [ACCOUNT]
    assert (found.excluded, found.excluded_count) == ([f"{OTHER} (gaps in one of the reports)"], 1)


def test_a_gap_of_a_region_excludes_its_account_if_the_accounts_differ() -> None:
    found = compare(
        now(BOTH, by_account=of_two_accounts(50.0, 9.0), problems=[gap(f"{OTHER}/eu-west-1", "ListMetrics: denied")]),
        then(BOTH, by_account={**of_two_accounts(49.0, 9.0), "777788889999": Group(1, 1.0, 1.0, 1.0)}),
    )
    assert (found.dimension, found.cost, found.causes) == ("account", 1.0, None)
    assert found.excluded == [
        f"{OTHER} (gaps in one of the reports)",
        "777788889999 (only in one of the reports)",
    ]


@pytest.mark.parametrize("problems", [[], [gap("", "denied")]], ids=["other regions selected", "a gap without a place"])
def test_accounts_that_differ_are_compared_only_if_nothing_else_differs(problems: list[Problem]) -> None:
    selection = Selection() if problems else Selection(regions=("us-east-1",))
    found = compare(
        now(BOTH, by_account=of_two_accounts(50.0, 9.0), problems=problems),
        then(BOTH, by_account={ACCOUNT: Group(1, 50.0, 1.0, 50.0)}, selection=selection),
    )
    assert (found.cost, found.size, found.cost_before, found.causes, found.changes, found.dimension) == (
        None, None, None, None, [], "region",
    )  # fmt: skip
    assert found.excluded[0].startswith("the reports cover different accounts")


@pytest.mark.parametrize(("cost_now", "cost_then"), [(None, 4.0), (4.0, None), (None, None)])
def test_an_amount_unknown_in_one_report_has_no_difference(cost_now: float | None, cost_then: float | None) -> None:
    found = compare(
        now({"eu-west-1": (10.0, 3.0)}, by_region={"a": Group(1, 5.0, 1.0, cost_now), "b": Group(1, None, 1.0, 3.0)}),
        then({"eu-west-1": (10.0, 3.0)}, by_region={"a": Group(1, 2.0, 1.0, cost_then), "b": Group(1, 1.0, 1.0, 1.0)}),
    )
    assert {one.name: (one.size, one.cost) for one in found.changes} == {"a": (3.0, None), "b": (None, 2.0)}
    assert (found.size, found.cost) == (3.0, 2.0)


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, " and 1 more")])
def test_the_first_eight_names_of_a_reason_are_shown(count: int, more: str) -> None:
    names = [f"region-{number}" for number in range(count)]
    regions = dict.fromkeys(["us-east-1", *names], (1.0, 1.0))
    found = compare(now(regions), then(regions, selection=Selection(regions=("us-east-1",))))
    assert found.excluded == [f"{', '.join(names[:8])}{more} (selected in only one of the reports)"]
    assert found.excluded_count == count


@pytest.mark.parametrize(("format_", "remarked"), [(1, True), (2, False)])
def test_a_remark_states_that_the_earlier_report_counts_emptied_buckets(format_: int, remarked: bool) -> None:
    before = msgspec.structs.replace(then(ONE), format=format_)
    assert compare(now(ONE), before).remarks == (
        ["the earlier report counts emptied buckets at their last known size"] if remarked else []
    )


def test_a_change_from_zero_bytes_has_no_causes() -> None:
    assert compare(now({}, {S: (1.0, 1.0)}), then({}, {S: (0.0, 0.0)})).causes is None


def test_a_decrease_below_the_precision_is_no_change_without_a_sign() -> None:
    found = compare(now({"eu-west-1": (10.0, 1.0)}), then({"eu-west-1": (10.0, 1.0 + 1e-15)}))
    assert (str(found.cost), str(found.changes[0].cost if found.changes else 0.0)) == ("0.0", "0.0")
