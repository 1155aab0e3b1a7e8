"""Plans of an organization: which accounts, under which names and roles, and what is reported about the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.errors import AwsError, DeniedBy, MissingCredentialsError, UserError
from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem
from tests.plan.canned_discovery import Account
from tests.plan.company import plan

MANAGEMENT = "100000000000"
DENIED = AwsError("denied", "ListAccounts", "no")
PROD, DATA = "ou-ab12-11111111", "ou-ab12-22222222"


def member(
    number: int, name: str = "", state: str = "ACTIVE", units: tuple[str, ...] | None = ("r-ab12",), joined: int = 0
) -> OrganizationAccount:
    id_ = f"{100000000000 + number}"
    return OrganizationAccount(id_, name or f"Team {number}", state, "aws", MANAGEMENT, units, joined)


def company(*pages: Sequence[OrganizationAccount], **management: Any) -> dict[str, Account]:
    """Return accounts with a bucket each; the management account lists the pages of the organization."""
    accounts = {one.id: Account(one.id, {f"b-{one.id}": "us-east-1"}) for page in pages for one in page}
    own = {"units": {PROD: "Prod", DATA: "Data"}, **management}
    caller = Account(MANAGEMENT, {"bills": "us-east-1"}, organization=pages, **own)
    return {**accounts, MANAGEMENT: caller, "": caller}


def planned(text: str, accounts: dict[str, Account], **options: Any) -> Plan:
    return plan(f"organization: {{{text}}}\n", accounts, **options)


def names(made: Plan) -> list[str]:
    return [shard.name for shard in made.shards]


def about(made: Plan, *codes: str) -> list[Problem]:
    return [problem for problem in made.problems if problem.code in codes]


def test_each_account_of_all_pages_is_a_shard() -> None:
    made = planned("", company([member(0)], [], [member(1), member(2)], [], [member(3)]))
    assert names(made) == ["team-0", "team-1", "team-2", "team-3"]
    assert {unit.account for unit in made.units} == {f"{100000000000 + number}" for number in range(4)}


def test_the_accounts_can_be_split_by_region() -> None:
    made = planned("split_by: region", company([member(1)]))
    assert names(made) == ["team-1-us-east-1"]


def test_each_account_is_opened_by_its_role_and_the_management_account_by_the_caller() -> None:
    made = planned("role: path/reader, external_id: some-id", company([member(0), member(1)]))
    accesses = {unit.account: made.accesses[unit.access] for unit in made.units}
    assert (accesses[MANAGEMENT].role_arn, accesses[MANAGEMENT].external_id) == (None, None)
    role = accesses["100000000001"]
    assert (role.role_arn, role.external_id) == ("arn:aws:iam::100000000001:role/path/reader", "some-id")


def test_the_caller_may_be_a_role_of_the_management_account() -> None:
    caller = f"arn:aws:iam::{MANAGEMENT}:role/lister"
    made = planned(f"role_arn: '{caller}', external_id: some-id", company([member(0), member(1)]))
    accesses = {unit.account: made.accesses[unit.access] for unit in made.units}
    assert (accesses[MANAGEMENT].role_arn, accesses[MANAGEMENT].external_id) == (caller, "some-id")
    assert accesses["100000000001"].role_arn == "arn:aws:iam::100000000001:role/s3-monitor-reader"


@pytest.mark.parametrize(
    ("text", "role"), [("", "s3-monitor-reader"), (f"management_role_arn: 'arn:aws:iam::{MANAGEMENT}:role/own'", "own")]
)
def test_a_delegated_administrator_opens_the_management_account_by_a_role(text: str, role: str) -> None:
    accounts = company([member(0), member(1)])
    delegated = Account("100000000001", organization=accounts[""].organization)
    made = planned(text, {**accounts, "": delegated, "100000000001": delegated})
    accesses = {unit.account: made.accesses[unit.access] for unit in made.units}
    assert accesses[MANAGEMENT].role_arn == f"arn:aws:iam::{MANAGEMENT}:role/{role}"


def test_names_that_are_not_unique_have_the_account_id() -> None:
    made = planned("", company([member(1, "Data"), member(2, "data"), member(3, "Web"), member(4, "☃")]))
    assert names(made) == ["account-100000000004", "data-100000000001", "data-100000000002", "web"]


def test_a_name_that_another_entry_may_have_gets_the_account_id() -> None:
    made = plan(
        "organization: {exclude: ['x*']}\nshards: [{name: web, profile: p}]\n",
        {**company([member(1, "web")]), "p": Account("5", {"own": "us-east-1"})},
    )
    assert names(made) == ["web", "web-100000000001"]
    made = planned("split_by: region", company([member(1, "web"), member(2, "web-us-east-1")]))
    assert len(set(names(made))) == 2


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.sampled_from(["region", "none", "storage-type"]))
def test_any_account_names_give_unique_shards(account_names: list[str], split_by: str) -> None:
    accounts = company([member(number, name) for number, name in enumerate(account_names, 1)])
    made = planned(f"split_by: {split_by}", accounts)
    assert len({unit.account for unit in made.units}) == len(account_names)
    assert len(set(names(made))) == len(names(made))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("include: ['100000000001', 'web-*']", ["team-1", "web-a", "web-b"]),
        ("exclude: ['web-*']", ["team-1"]),
        ("include: ['web-*'], exclude: ['*-b']", ["web-a"]),
        (f"ous: [{PROD}]", ["team-1", "web-a"]),
        (f"ous: [{DATA}]", ["web-a"]),
        ("ous: [r-ab12]", ["team-1", "web-a", "web-b"]),
    ],
)
def test_accounts_are_selected_by_id_name_and_unit(text: str, expected: list[str]) -> None:
    accounts = company(
        [
            member(1, units=("r-ab12", PROD)),
            member(2, "web-a", units=("r-ab12", PROD, DATA)),
            member(3, "web-b"),
        ]
    )
    made = planned(text, accounts)
    assert names(made) == expected


@pytest.mark.parametrize("state", ["SUSPENDED", "CLOSED", "PENDING_ACTIVATION"])
def test_a_closed_account_is_a_note(state: str) -> None:
    made = planned("", company([member(1), member(2, "old", state)]))
    assert names(made) == ["team-1"]
    (note,) = about(made, "account-closed")
    assert (note.severity, note.account) == ("note", "100000000002")
    assert "old" in note.message and state in note.message


@pytest.mark.parametrize("state", ["ACTIVE", "PENDING_CLOSURE", "NEW_STATE", ""])
def test_an_account_in_another_state_is_planned(state: str) -> None:
    assert names(planned("", company([member(1, state=state)]))) == ["team-1"]


def test_the_path_of_the_unit_of_each_account_is_in_the_plan() -> None:
    accounts = company([member(1), member(2, units=("r-ab12", PROD, DATA)), member(3, units=None)])
    made = planned("", accounts)
    assert made.organizational_units == {"100000000001": "Root", "100000000002": "Prod/Data"}


def test_without_names_the_ids_of_units_are_shown() -> None:
    made = planned("", company([member(1, units=("r-ab12", PROD))], failures={"unit_name": DENIED}))
    assert made.organizational_units == {"100000000001": PROD}
    assert [problem.severity for problem in about(made, "organizational-unit-names-unreadable")] == ["note"]


def test_accounts_without_a_unit_are_a_gap_if_units_are_selected() -> None:
    made = planned(f"ous: [{PROD}]", company([member(1, units=("r-ab12", PROD)), member(2, units=None)]))
    assert names(made) == ["team-1"]
    assert [problem.severity for problem in about(made, "organizational-units-unknown")] == ["gap"]


def test_a_pattern_or_unit_without_accounts_is_a_note() -> None:
    made = planned(f"exclude: ['none-*'], ous: [r-ab12, {DATA}]", company([member(1)]))
    codes = [problem.code for problem in made.problems if problem.severity == "note"]
    assert {"organization-pattern-unmatched", "organizational-unit-empty"} <= set(codes)


def test_a_page_that_cannot_be_read_is_a_gap_and_the_accounts_before_it_are_planned() -> None:
    made = planned("", company([member(1)], [member(2)], failures={"organization:1": DENIED}))
    assert names(made) == ["team-1"]
    assert [problem.severity for problem in about(made, "organization-incomplete")] == ["gap"]


def test_an_organization_that_cannot_be_listed_is_a_gap_next_to_other_shards() -> None:
    accounts = company([member(1)], failures={"organization": DENIED})
    made = plan("organization: {}\nshards: [{name: own}]\n", accounts)
    assert names(made) == ["own"]
    assert [problem.severity for problem in about(made, "organization-unreadable")] == ["gap"]
    with pytest.raises(AwsError) as caught:
        planned("", accounts)
    assert caught.value is DENIED


def test_known_units_are_no_gap_if_units_are_selected() -> None:
    made = planned("ous: [r-ab12]", company([member(1)]))
    assert about(made, "organizational-units-unknown") == []


@pytest.mark.parametrize(
    ("text", "options", "profile"),
    [
        ("organization: {profile: own}", {}, "own"),
        ("defaults: {profile: file}\norganization: {}", {}, "file"),
        ("defaults: {profile: file}\norganization: {}", {"profile": "cli"}, "cli"),
        ("organization: {profile: own}", {"profile": "own"}, "own"),
        ("organization: {}", {}, None),
    ],
)
def test_the_accounts_are_listed_with_the_profile_of_the_organization_the_options_or_the_file(
    text: str, options: dict[str, Any], profile: str | None
) -> None:
    accounts = company([member(1)])
    made = plan(text, {**accounts, profile or "": accounts[""]}, **options)
    assert {access.profile for access in made.accesses} == {profile}


def test_without_a_list_of_accounts_no_pattern_or_unit_is_reported() -> None:
    accounts = company([member(1)], failures={"organization": DENIED})
    text = f"organization: {{include: ['x'], exclude: ['none-*'], ous: [{DATA}]}}\nshards: [{{name: own}}]\n"
    assert [problem.code for problem in plan(text, accounts).problems] == ["organization-unreadable"]


@pytest.mark.parametrize(("length", "name"), [(44, "a" * 44), (45, "a" * 45), (46, "a" * 45)])
def test_the_name_of_a_shard_has_at_most_45_characters_of_that_of_the_account(length: int, name: str) -> None:
    assert names(planned("", company([member(1, "a" * length)]))) == [name]


def test_no_selected_account_is_an_error_of_usage() -> None:
    with pytest.raises(UserError, match="no account is selected"):
        planned("include: ['none']", company([member(1)]))


def refused(number: int, denied_by: DeniedBy, external_id: str = "") -> Account:
    role = f"arn:aws:iam::{100000000000 + number}:role/s3-monitor-reader"
    error = MissingCredentialsError(f"AssumeRole: not authorized to assume {role} (AccessDenied)", "do it", denied_by)
    return Account("?", failures={"home": error, "identity": error})


@pytest.mark.parametrize(
    ("denied_by", "code"),
    [
        ("", "role-missing-or-untrusted"),
        ("organization", "role-denied-by-organization"),
        ("resource-policy", "role-denied-by-trust-policy"),
        ("identity-policy", "role-denied-to-caller"),
        ("boundary", "role-denied-to-caller"),
    ],
)
def test_a_role_that_is_denied_is_a_gap_with_its_reason(denied_by: DeniedBy, code: str) -> None:
    accounts = company([member(1), member(2)])
    made = planned("", {**accounts, "100000000002": refused(2, denied_by)})
    (gap,) = [problem for problem in made.problems if problem.severity == "gap"]
    assert (gap.code, gap.account) == (code, "100000000002")
    assert names(made) == ["team-1"]


def test_a_role_that_works_elsewhere_is_probably_missing() -> None:
    joined = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
    accounts = company([member(1), member(2, joined=joined)])
    made = planned("", {**accounts, "100000000002": refused(2, "")})
    (gap,) = about(made, "role-missing-or-untrusted")
    assert "work in other accounts" in (gap.advice or "") and "joined on 2026-11-20" in (gap.advice or "")


@pytest.mark.parametrize("external_id", ["", "external_id: some-id"])
def test_a_role_that_works_nowhere_has_no_advice_from_other_accounts(external_id: str) -> None:
    """The management account is opened without a role, and another role of an entry works."""
    accounts = company([member(0), member(1), member(2)])
    own = "shards: [{name: own, role_arn: 'arn:aws:iam::100000000003:role/other'}]"
    opened = {"100000000003": Account("100000000003", {"x": "us-east-1"})}
    denied = {"100000000001": refused(1, ""), "100000000002": refused(2, "")}
    made = plan(f"organization: {{{external_id}}}\n{own}\n", {**accounts, **denied, **opened})
    gaps = about(made, "role-missing-or-untrusted")
    assert [gap.account for gap in gaps] == ["100000000001", "100000000002"]
    assert not any("work in other accounts" in (gap.advice or "") for gap in gaps)


def test_a_missing_role_of_the_management_account_has_its_own_advice() -> None:
    accounts = company([member(0), member(1)])
    delegated = Account("100000000001", {"x": "us-east-1"}, organization=accounts[""].organization)
    made = planned("", {**accounts, "": delegated, "100000000001": delegated, MANAGEMENT: refused(0, "")})
    (gap,) = about(made, "role-missing-or-untrusted")
    assert "StackSets do not deploy to the management account" in (gap.advice or "")


def test_directory_buckets_of_other_regions_are_not_searched_for() -> None:
    made = planned("", company([member(1), member(2)]))
    assert [problem.severity for problem in about(made, "organization-directory-buckets-not-searched")] == ["note"]
    made = planned("regions: [us-east-1]", company([member(1), member(2)]))
    assert about(made, "organization-directory-buckets-not-searched") == []


def test_patterns_of_buckets_apply_to_the_organization_as_a_unit() -> None:
    made = planned("buckets: ['b-100000000001', 'none-*']", company([member(1), member(2)]))
    assert {unit.account for unit in made.units} == {"100000000001"}
    assert [problem.message for problem in about(made, "organization-buckets-unmatched")] == [
        "No bucket of the organization matches none-*"
    ]
    assert [problem for problem in made.problems if problem.severity == "gap"] == []


def test_the_accounts_are_packed_into_few_shards() -> None:
    made = planned("", company([member(number) for number in range(1, 40)]), max_shards=4)
    assert names(made) == ["pack-1", "pack-2", "pack-3", "pack-4"]
    assert len(made.units) == 39


def test_another_profile_of_the_command_line_omits_the_organization() -> None:
    accounts = {**company([member(1)]), "p": Account("5", {"own": "us-east-1"})}
    made = plan("organization: {profile: payer}\nshards: [{name: own}]\n", accounts, profile="p")
    assert names(made) == ["own"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("organization: {role: 'a b'}", r"organization.role: the text 'a b' is not allowed here"),
        ("organization: {ous: [x]}", r"organization.ous\[0\]"),
        ("organization: {regions: [us-est-1]}", r"organization.regions\[0\]: 'us-est-1' is not a region"),
        ("organization: {rolle: x}", "organization.rolle: unknown key"),
        ("organization: x", "organization: the text 'x' is not allowed here"),
        ("defaults: {}", "`shards` is missing"),
    ],
)
def test_a_mistake_is_rejected_with_its_line_and_path(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        plan(text, company([member(1)]))


def test_values_of_defaults_apply_to_the_organization() -> None:
    made = plan("defaults: {agent: fast, timeout_minutes: 7}\norganization: {}\n", company([member(1)]))
    assert [(shard.agent, shard.timeout_minutes) for shard in made.shards] == [("fast", 7)]
