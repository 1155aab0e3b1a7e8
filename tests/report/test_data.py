"""The figures, nulls, groups and notes in buckets.json and summary.json."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.model import bucket as buckets
from s3_monitor.model import previous_summary
from s3_monitor.model import summary as summaries
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.part import Listing
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import create_problem
from s3_monitor.model.request_metrics import RequestCosts, RequestMetrics
from s3_monitor.model.summary import Group, Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary, build_report_data
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, LAST, REGION, Truth, part, plan, unit
from tests.problems import codes

TIB, GIB = 2**40, 2**30
OTHER = "444455556666"
S = "StandardStorage"
PLACES = plan([unit("a"), unit("b", region="eu-west-1"), unit("c", account=OTHER)])


def at(size: float) -> dict[int, float]:
    return {LAST: size}


def made(*truths: Truth, plan_: Plan = PLACES, **answer: object) -> tuple[list[Bucket], Summary]:
    parts = [part(plan_, shard.name, truths, **answer) for shard in plan_.shards]  # type: ignore[arg-type]
    return buckets_and_summary(merge(plan_, fixtures.digest(plan_), parts), bundled_prices(), fixtures.AS_OF)


def test_a_bucket_has_the_form_of_the_original_monitor() -> None:
    truth = Truth("my-bucket", {S: at(440440195)}, at(658), listing=Listing(1605567180, 658))
    content, _ = made(truth)
    assert (
        buckets.encode(content).decode()
        == """[
  {
    "name": "my-bucket",
    "creation_date": "2020-05-04 15:13:08+00:00",
    "region": "us-east-1",
    "storage": {
      "StandardStorage": {
        "size": 440440195.0,
        "cost": 0.009434413617
      }
    },
    "total_size": 440440195.0,
    "total_cost": 0.009434413617,
    "num_objects": 658.0,
    "last_modified": "2020-11-16 22:53:00+00:00",
    "account": "111122223333",
    "kind": "general-purpose",
    "state": "measured",
    "as_of": "2026-11-21",
    "known_cost": 0.009434413617,
    "size_change_30d": null,
    "cost_change_30d": null,
    "cause_30d": null
  }
]
"""
    )


def test_a_report_without_buckets_is_an_empty_list() -> None:
    assert buckets.encode([]) == b"[]\n"


@pytest.mark.parametrize("number", [1, buckets.CHUNK - 1, buckets.CHUNK, buckets.CHUNK + 1, 3 * buckets.CHUNK])
def test_chunks_are_one_list(number: int) -> None:
    (one,), _ = made(Truth("b"))
    content = buckets.encode([one] * number)
    assert content.count(b'"name"') == number
    assert content == b"[\n" + b",\n".join([buckets.encode([one])[2:-3]] * number) + b"\n]\n"


def test_two_buckets_in_two_accounts_share_a_pool() -> None:
    content, summary = made(Truth("b", {S: at(40 * TIB)}), Truth("c", {S: at(30 * TIB)}, account=OTHER))
    assert [one.total_cost for one in content] == [930.377142857143, 697.782857142857]
    assert summary.totals.cost == 1628.16
    assert [group.cost for group in summary.by_account.values()] == [930.377142857143, 697.782857142857]


def test_totals_are_sums_of_unrounded_costs() -> None:
    tiny = [Truth(f"b{n}", {S: at(1)}) for n in range(3)]  # 2.142e-11 USD each
    content, summary = made(*tiny)
    assert [one.total_cost for one in content] == [2.1e-11, 2.1e-11, 2.1e-11]
    assert summary.totals.cost == 6.4e-11


@pytest.mark.parametrize(
    ("truth", "answer", "size", "cost", "objects"),
    [
        (Truth("b", {S: at(GIB)}, at(2)), {}, float(GIB), 0.023, 2.0),
        (Truth("b", {S: at(0)}, at(0)), {}, 0.0, 0.0, 0.0),
        (Truth("b"), {}, 0.0, 0.0, 0.0),
        (Truth("b", {}, at(4)), {}, None, None, 4.0),
        (Truth("b", {S: at(GIB)}, at(2)), {"sizes": False}, None, None, 2.0),
        (Truth("b", {S: at(GIB)}, at(2)), {"unanswered": [("b", "")], "counts": False}, float(GIB), 0.023, 2.0),
        (Truth("b", {S: at(GIB), "TomorrowsStorage": at(GIB)}), {}, 2.0 * GIB, None, None),
        (Truth("b", {S: at(GIB), "TomorrowsStorage": at(0)}), {}, float(GIB), 0.023, None),
        (Truth("b", {S: at(1.5)}), {}, 1.5, 3.2e-11, None),
    ],
)
def test_a_total_with_an_unknown_part_is_null(
    truth: Truth, answer: dict[str, object], size: float | None, cost: float | None, objects: float | None
) -> None:
    (one,), _ = made(truth, **answer)
    assert (one.total_size, one.total_cost, one.num_objects) == (size, cost, objects)


@pytest.mark.parametrize(
    ("archive", "index"),
    [
        ("GlacierStorage", "GlacierObjectOverhead"),
        ("DeepArchiveStorage", "DeepArchiveObjectOverhead"),
        ("IntelligentTieringAAStorage", "IntAAObjectOverhead"),
        ("IntelligentTieringDAAStorage", "IntDAAObjectOverhead"),
    ],
)
@pytest.mark.parametrize(
    ("index_sizes", "objects"),
    [(at(5 * 32768), 5.0), (at(16384), 0.5), (at(0), 0.0), ({LAST - 1: 32768}, None), ({}, None)],
)
def test_archived_objects_are_counted_by_their_index_of_the_same_day(
    archive: str, index: str, index_sizes: dict[int, float], objects: float | None
) -> None:
    (one,), summary = made(Truth("b", {archive: at(GIB), index: index_sizes, S: at(1)}))
    assert one.storage[archive].num_objects == objects
    assert summary.by_storage_type[archive].objects == objects
    assert summary.by_storage_type[S].objects is None
    assert b'"num_objects"' not in buckets.encode([one]).partition(b'"StandardStorage"')[2].partition(b"}")[0]


def test_groups_and_totals_sum_the_known_figures() -> None:
    _, summary = made(
        Truth("a", {S: at(GIB)}, at(2)),
        Truth("b", {S: at(GIB), "TomorrowsStorage": at(7)}, at(3), region="eu-west-1"),
        Truth("c", {}, at(9), region="eu-west-1"),  # objects, but no bytes
    )
    everything = Group(3, 2.0 * GIB + 7, 14.0, 0.046, unpriced_size=7.0, unknown_buckets=1)
    assert summary.totals == everything
    assert summary.by_account == {ACCOUNT: everything, OTHER: Group(0, 0.0, 0.0, 0.0)}  # requested, and empty
    assert summary.by_region == {
        "eu-west-1": Group(2, GIB + 7.0, 12.0, 0.023, unpriced_size=7.0, unknown_buckets=1),
        "us-east-1": Group(1, float(GIB), 2.0, 0.023),
    }
    assert summary.by_storage_type == {
        S: Group(2, 2.0 * GIB, None, 0.046, unknown_buckets=1, unknown_objects=2),
        "TomorrowsStorage": Group(1, 7.0, None, None, unpriced_size=7.0, unknown_buckets=1, unknown_objects=1),
    }
    assert not [problem for problem in summary.problems if problem.severity == "gap"]
    assert summary.complete


def test_organizational_units_sum_their_accounts() -> None:
    of_units = msgspec.structs.replace(PLACES, organizational_units={ACCOUNT: "Prod/Data", OTHER: "Prod", "9": "Lab"})
    missing = create_problem("account-inaccessible", account="9", error=ValueError("no"))
    of_units = msgspec.structs.replace(of_units, problems=(missing,))
    _, summary = made(Truth("a", {S: at(GIB)}, at(2)), plan_=of_units)
    assert summary.by_ou == {
        "Lab": Group(0, None, None, None, complete=False),
        "Prod": Group(0, 0.0, 0.0, 0.0),
        "Prod/Data": Group(1, float(GIB), 2.0, 0.023),
    }
    assert made(Truth("a", {S: at(GIB)}, at(2)))[1].by_ou is msgspec.UNSET


def test_an_account_that_is_not_known_makes_every_unit_incomplete() -> None:
    of_units = msgspec.structs.replace(PLACES, organizational_units={ACCOUNT: "Prod", OTHER: "Lab"})
    missing = create_problem("organization-incomplete", error=ValueError("no"))
    of_units = msgspec.structs.replace(of_units, problems=(missing,))
    by_ou = made(Truth("a", {S: at(GIB)}, at(2)), plan_=of_units)[1].by_ou
    assert isinstance(by_ou, dict)
    assert {unit: group.complete for unit, group in by_ou.items()} == {"Lab": False, "Prod": False}


@pytest.mark.parametrize(
    ("truths", "answer", "group"),
    [
        ([], {}, Group(0, 0.0, 0.0, 0.0)),
        ([], {"sizes": False}, Group(0, None, None, None, complete=False)),
        ([Truth("b", {}, at(1))], {}, Group(1, None, 1.0, None, unknown_buckets=1)),
        ([Truth("b"), Truth("c", {}, at(1))], {}, Group(2, None, 1.0, None, unknown_buckets=1)),
        (
            [Truth("b", {"TomorrowsStorage": at(1)})],
            {},
            Group(1, 1.0, None, None, unpriced_size=1.0, unknown_objects=1),
        ),
        (
            [Truth("b", {S: at(GIB)})],
            {"sizes": False},
            Group(1, float(GIB), None, 0.023, unknown_buckets=1, unknown_objects=1, complete=False),
        ),
    ],
)
def test_a_sum_without_known_figures_is_null(truths: Sequence[Truth], answer: dict[str, object], group: Group) -> None:
    one = plan([unit()])
    _, summary = made(*truths, plan_=one, **answer)
    assert summary.by_account == {ACCOUNT: group}
    assert summary.totals == group


def notes(summary: Summary) -> set[tuple[str, str]]:
    return set(codes(summary.problems))


def test_an_old_price_list_and_a_missing_price_are_noted() -> None:
    _, summary = made(Truth("b", {"TomorrowsStorage": at(1)}), Truth("c", {"TomorrowsStorage": at(1)}))
    assert (summary.prices.published.isoformat(), summary.currency) == ("2024-09-25", "USD")
    assert notes(summary) >= {("prices-old", ""), ("storage-type-unknown", f"{REGION}/TomorrowsStorage")}


@pytest.mark.parametrize(
    ("units", "narrowed"),
    [
        ([unit()], False),
        ([unit("s", types=[S], rest=False), unit("rest", except_=[S])], False),
        ([unit("all"), unit("again", buckets=["a*"])], False),
        ([unit(buckets=["a*"])], True),
        ([unit(types=[S])], True),
        ([unit("here"), unit("there", region="eu-west-1", types=[S])], True),
    ],
)
def test_a_narrowed_selection_has_a_note_on_its_price_tiers(units: list[object], narrowed: bool) -> None:
    _, summary = made(plan_=plan(units))  # type: ignore[arg-type]
    assert (("selection-fills-tiers-alone", "") in notes(summary)) == narrowed


def test_requests_and_their_price_are_those_of_plan_and_parts() -> None:
    _, summary = made()
    assert (summary.api.calls, summary.api.usd) == (2, 0.00007)


def test_the_report_is_compared_with_each_earlier_one() -> None:
    facts = merge(PLACES, fixtures.digest(PLACES), [])
    first = build_report_data(facts, bundled_prices(), fixtures.AS_OF).summary
    earlier = [
        previous_summary.decode(
            summaries.encode(msgspec.structs.replace(first, as_of=first.as_of - timedelta(days=days))), "then.json"
        )
        for days in (7, 30)
    ]
    for previous in ([], earlier[:1], earlier):
        said = build_report_data(facts, bundled_prices(), fixtures.AS_OF, previous=previous).summary
        assert [one.as_of for one in said.compared] == [one.as_of for one in previous]


def test_without_a_price_the_cost_is_the_sum_of_the_other_types_and_unknown_if_there_are_none() -> None:
    new = {"TomorrowsStorage": at(TIB)}
    both = Truth("both", {S: at(100 * GIB), **new})
    content, _ = made(both, Truth("unpriced", new), Truth("priced", {S: at(GIB)}))
    costs = {one.name: (one.total_cost, one.known_cost, one.least_cost) for one in content}
    assert costs["both"] == (None, pytest.approx(2.3), pytest.approx(2.3))
    assert costs["unpriced"] == (None, None, None)
    (young,), _ = made(Truth("young", created=int(fixtures.AS_OF.timestamp())))
    assert (young.state, young.total_cost, young.known_cost, young.least_cost) == ("young", None, None, None)
    (vacant,), _ = made(Truth("vacant", {}, {}, listing=Listing(None, 0, vacant=True)))
    assert (vacant.state, vacant.total_cost, vacant.known_cost, vacant.least_cost) == ("emptied", 0.0, 0.0, 0.0)
    assert costs["priced"] == (pytest.approx(0.023),) * 3


@pytest.mark.parametrize("details", [True, False])
def test_findings_have_sums_by_tag_only_with_the_configuration_of_buckets(details: bool) -> None:
    plan_ = plan([unit("a")], details=details)
    tags = BucketConfig(tags={"team": "data"}) if details else None
    _, said = made(*(Truth(name, {S: at(TIB)}, at(9), details=tags) for name in "ab"), plan_=plan_)
    assert not isinstance(said.findings, msgspec.UnsetType)
    assert (said.findings.by_tag is not msgspec.UNSET) is details
    assert (said.by_tag is not msgspec.UNSET, said.by_encryption is not msgspec.UNSET) == (details, details)
    if not isinstance(said.findings.by_tag, msgspec.UnsetType):
        assert said.findings.by_tag.keys() == {"team"}


def test_each_bucket_has_its_own_requests_or_null() -> None:
    plan_ = msgspec.structs.replace(plan([unit("a")]), requests=True)
    names = ("a", "b", "c")
    traffic = {name: RequestMetrics(30, {"GetRequests": 1000 * (index + 1)}) for index, name in enumerate(names[:2])}
    content, _ = made(*(Truth(name, {S: at(GIB)}, traffic=traffic.get(name)) for name in names), plan_=plan_)
    found = {one.name: one.requests for one in content}
    counts = {name: one.counts["GetRequests"] for name, one in found.items() if isinstance(one, RequestCosts)}
    assert counts == {"a": 1000, "b": 2000}
    assert found["c"] is None
    (alone,), _ = made(Truth("c", {S: at(GIB)}), plan_=plan_)
    (without,), _ = made(Truth("a", {S: at(GIB)}))
    assert (alone.requests, without.requests) == (None, msgspec.UNSET)
