"""The keys of shards.yaml about the bill, and the shard that reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from s3_monitor.model.bill import CostQuery
from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access, Plan, shards_tsv
from s3_monitor.money.list_pricing import billing_families
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.planner import make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import Account, Memory

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
MAIN = Account("111122223333", {"logs": "us-east-1", "raw": "eu-west-1"})
ARCHIVE = Account("444455556666", {"vault": "eu-west-2"})
CHINA = Account("777788889999", {"zh": "cn-north-1"}, partition="aws-cn")
GOV = Account("888899990000", {"gov": "us-gov-west-1"}, partition="aws-us-gov")
COMPANY = {"": MAIN, "archive": ARCHIVE, "china": CHINA, "gov": GOV, "key": MAIN}
TWO = "shards:\n - {name: a, split_by: region}\n - {name: b, profile: archive}\n"
PAYER = "arn:aws:iam::999900001111:role/s3-monitor-payer"


def plan(text: str | None = None, now: datetime = NOW, **choices: Any) -> Plan:
    file = None if text is None else ShardsFile(Document("shards.yaml", text.encode()))
    return make_plan(PlanOptions(**choices), file, Memory(COMPANY), now)


def names(made: Plan) -> list[str]:
    return [shard.name for shard in made.shards]


def test_without_costs_there_is_no_bill_shard_and_the_window_is_unchanged() -> None:
    made = plan(TWO)
    assert made.bill is None and made.window.days == 35
    assert "bill" not in names(made)


def test_the_bill_is_a_shard_of_its_own_with_the_payers_access() -> None:
    text = f"costs: billed\npayer: {{role_arn: '{PAYER}', external_id: x-1, agent: safe, timeout_minutes: 5}}\n{TWO}"
    made = plan(text)
    assert names(made) == ["a-eu-west-1", "a-us-east-1", "b", "bill"]
    shard = made.shard("bill")
    assert (shard.agent, shard.credentials, shard.timeout_minutes, shard.units) == ("safe", "", 5, ())
    assert shard.bill == CostQuery(
        access=2,
        partition="aws",
        accounts=("111122223333", "444455556666"),
        start=date(2026, 10, 1),
        end=date(2026, 11, 22),
    )
    assert made.accesses[2] == Access(role_arn=PAYER, external_id="x-1")
    assert made.window.first == date(2026, 10, 1)
    assert "bill\tsafe\t\t5\n" in shards_tsv(made)


@pytest.mark.parametrize(
    ("now", "start", "end", "days"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), date(2026, 10, 1), date(2026, 11, 22), 31),
        (datetime(2026, 11, 1, 3, tzinfo=UTC), date(2026, 10, 1), date(2026, 11, 1), 31),
        (datetime(2026, 3, 31, tzinfo=UTC), date(2026, 2, 1), date(2026, 3, 31), 28),
        (datetime(2028, 3, 2, tzinfo=UTC), date(2028, 2, 1), date(2028, 3, 2), 29),
        (datetime(2027, 1, 1, tzinfo=UTC), date(2026, 12, 1), date(2027, 1, 1), 31),
    ],
)
def test_the_month_is_the_last_that_is_over(now: datetime, start: date, end: date, days: int) -> None:
    question = plan(now=now, costs="billed").bill
    assert question is not None
    assert (question.start, question.end, question.days) == (start, end, days)


def test_a_longer_history_stays_as_long() -> None:
    assert plan(costs="billed", history_days=90).window.days == 91


@pytest.mark.parametrize(
    ("text", "choices", "access"),
    [
        (TWO, {}, Access()),
        (TWO, {"profile": "archive"}, Access(profile="archive")),
        (f"defaults: {{profile: archive}}\n{TWO}", {}, Access(profile="archive")),
        (f"payer: {{profile: billing}}\n{TWO}", {}, Access(profile="billing")),
        (f"defaults: {{payer: {{profile: billing}}}}\n{TWO}", {}, Access(profile="billing")),
        (None, {"profile": "archive"}, Access(profile="archive")),
    ],
)
def test_the_payer_is_the_named_one_or_has_the_credentials_of_the_command(
    text: str | None, choices: dict[str, Any], access: Access
) -> None:
    made = plan(text, costs="billed", **choices)
    assert made.bill is not None
    assert made.accesses[made.bill.access] == access


def test_the_payer_has_the_agent_of_defaults() -> None:
    text = f"defaults: {{agent: safe, credentials: key, timeout_minutes: 9}}\npayer: {{profile: x}}\n{TWO}"
    shard = plan(text, costs="billed").shard("bill")
    assert (shard.agent, shard.credentials, shard.timeout_minutes) == ("safe", "key", 9)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (f"costs: tagged\n{TWO}", "bucket_name"),
        (f"costs: tagged\ncost_tag: 'team:bucket'\n{TWO}", "team:bucket"),
        (f"costs: billed\ncost_tag: bucket\n{TWO}", ""),
    ],
)
def test_the_tag_is_read_for_tagged_costs(text: str, tag: str) -> None:
    question = plan(text).bill
    assert question is not None and question.tag == tag


def test_the_command_line_decides_over_the_file() -> None:
    assert plan(f"costs: billed\n{TWO}", costs="list").bill is None
    assert plan(f"costs: list\n{TWO}", costs="billed").bill is not None


@pytest.mark.parametrize(("most", "shards", "notes"), [(3, 3, 0), (2, 2, 0), (1, 2, 1)])
def test_the_bill_is_never_packed_with_others(most: int, shards: int, notes: int) -> None:
    made = plan(TWO, costs="billed", max_shards=most)
    assert len(made.shards) == shards and not made.shard("bill").units
    assert len(made.problems) == notes


@pytest.mark.parametrize(
    ("text", "accounts", "notes"),
    [
        ("shards: [{name: a}, {name: c, profile: china}]", ("111122223333",), 1),
        ("shards: [{name: c, profile: china}]", ("777788889999",), 0),
    ],
)
def test_a_payer_has_the_accounts_of_its_partition(text: str, accounts: tuple[str, ...], notes: int) -> None:
    made = plan(text, costs="billed")
    assert made.bill is not None
    assert made.bill.accounts == accounts and len(made.problems) == notes


def test_a_partition_without_cost_explorer_is_refused() -> None:
    with pytest.raises(UserError, match="aws-us-gov has no Cost Explorer"):
        plan("shards: [{name: g, profile: gov}]", costs="billed")


@pytest.mark.parametrize(
    ("text", "choices"),
    [("costs: billed\nshards: [{name: bill}]", {}), ("shards: [{name: bill}]", {"costs": "tagged"})],
)
def test_no_other_shard_may_have_its_name(text: str, choices: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="bill"):
        plan(text, **choices)
    assert names(plan("shards: [{name: bill}]")) == ["bill"]


# families


def test_accounts_that_no_family_names_share_one() -> None:
    text = f"billing_family:\n  bought: ['444455556666', '000000000000']\n{TWO}"
    made = plan(text)
    assert made.families == {"bought": ("000000000000", "444455556666")}
    assert billing_families(made) == {"111122223333": "aws", "444455556666": "/bought"}
    assert billing_families(plan(TWO)) == {"111122223333": "aws", "444455556666": "aws"}


@pytest.mark.parametrize(
    ("text", "message", "allowed"),
    [
        ("costs: bill", "1: costs: the text 'bill' is not allowed here", "list, billed, tagged or exported"),
        ("costs: [billed]", "1: costs: a list is not allowed here", "list, billed, tagged or exported"),
        ("cost_tag: ''", "1: cost_tag: the text '' is not allowed here", "cost allocation tag"),
        ('cost_tag: "a\\nb"', "1: cost_tag: the text 'a\\nb'", "cost allocation tag"),
        ("payer: x", "1: payer: the text 'x' is not allowed here", "a mapping of profile"),
        ("payer:\n  profil: x", "2: payer.profil: unknown key", "profile"),
        ("payer: {role_arn: x}", "1: payer.role_arn: the text 'x' is not allowed", "a role's ARN"),
        ("payer: {external_id: abc}", "1: payer.external_id: is set without role_arn", "role_arn"),
        ("payer: {profile: a}\ndefaults: {payer: {profile: a}}", "1: payer: is set in `defaults` too", "one place"),
        ("billing_family: [x]", "1: billing_family: is not a mapping of families", "a mapping of family names"),
        ("billing_family: {}", "1: billing_family: is not a mapping of families", "a mapping of family names"),
        (
            "billing_family:\n  Main: ['111122223333']",
            "2: billing_family.Main: is not a valid name",
            "lower-case letters",
        ),
        ("billing_family:\n  a: '111122223333'", "2: billing_family.a: is not a list of accounts", "12 digits"),
        ("billing_family:\n  a: []", "2: billing_family.a: is not a list of accounts", "12 digits"),
        (
            "billing_family:\n  a:\n   - 111122223333",
            "3: billing_family.a[0]: the number 111122223333 is no",
            "in quotes",
        ),
        (
            "billing_family: {a: ['11112222333']}",
            "1: billing_family.a[0]: the text '11112222333' is",
            "12 digits",
        ),
        (
            "billing_family:\n  a: ['111122223333']\n  b: ['111122223333']",
            "3: billing_family.b[0]: is already in billing_family.a",
            "each account in one family",
        ),
    ],
)
def test_an_error_is_rejected_with_line_path_and_rule(text: str, message: str, allowed: str) -> None:
    with pytest.raises(UserError) as caught:
        ShardsFile(Document("shards.yaml", f"{text}\nshards: [{{name: a}}]".encode()))
    assert message in str(caught.value)
    assert allowed in caught.value.advice
