"""The shards of Storage Lens exports, and when they replace other sources of objects."""

from __future__ import annotations

from copy import copy
from typing import Any

import msgspec
import pytest

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.exports import LensScope, StorageLensExport
from s3_monitor.model.plan import Access, KeyPattern, ObjectsMode, ObjectsRule
from s3_monitor.plan.exports_key import StorageLensKey
from s3_monitor.plan.lens import configured, discovered, objects_rule, plan_lens
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.units import ScanTarget

DAILY = StorageLensKey(bucket="exports", config="daily", prefix="/lens/", agent="s3-monitor")
OTHER = StorageLensKey(bucket="others", config="all", region="eu-west-1", profile="other")
KEYS = (KeyPattern("logs", "2026/*"),)


@pytest.mark.parametrize(
    ("mode", "exports", "expected"),
    [
        ("auto", (DAILY,), "storage-lens"),
        ("auto", (), "auto"),
        ("storage-lens", (DAILY,), "storage-lens"),
        ("inventory", (DAILY,), "inventory"),
        ("listing", (DAILY,), "listing"),
        ("off", (DAILY,), "off"),
    ],
)
def test_auto_prefers_an_export_of_storage_lens(
    mode: ObjectsMode, exports: tuple[StorageLensKey, ...], expected: ObjectsMode
) -> None:
    assert objects_rule(ObjectsRule(mode=mode), exports).mode == expected


def test_selected_keys_are_not_read_from_storage_lens() -> None:
    assert objects_rule(ObjectsRule(mode="auto", keys=KEYS), (DAILY,)).mode == "auto"
    with pytest.raises(UserError, match="selected keys"):
        objects_rule(ObjectsRule(mode="storage-lens", keys=KEYS), (DAILY,))


def test_each_export_has_a_shard_with_its_own_access() -> None:
    accesses = [Access(profile="main")]
    (single,), all_accesses = plan_lens(configured((DAILY,), "main"), accesses)
    assert (single.name, single.agent, single.units, all_accesses) == ("storage-lens", "s3-monitor", (), accesses)
    assert single.lens is not None
    assert (single.lens.access, single.lens.export) == (0, StorageLensExport("exports", "daily", "lens"))
    both, all_accesses = plan_lens(configured((DAILY, OTHER), "main"), accesses)
    assert [shard.name for shard in both] == ["storage-lens-1", "storage-lens-2"]
    assert all_accesses[1:] == [Access(profile="other", region="eu-west-1")]


def test_without_exports_there_is_no_shard() -> None:
    assert plan_lens([], [Access()]) == ([], [Access()])


ACCESSES = [Access(profile="one"), Access(profile="two")]
TARGETS = [
    ScanTarget(Entry(name=name, agent=name), index, account, "aws", (), {"us-east-1": 1}, "none")
    for name, index, account in (("a", 0, "111111111111"), ("b", 1, "222222222222"), ("c", 1, "222222222222"))
]
EXPORT = StorageLensExport("exports", "daily", "lens", "eu-west-1")


class Discovery:
    """Returns the exports of accounts; an error for the others."""

    def __init__(self, exports: dict[str, list[StorageLensExport]]) -> None:
        self.exports = exports
        self.requests: list[tuple[str | None, str, str]] = []

    def known_regions(self, partition: str) -> list[str]:
        return ["us-east-1", "eu-west-1", "af-south-1"]

    def account(self, access: Access) -> Discovery:
        opened = copy(self)
        opened.profile = access.profile
        return opened

    def storage_lens_exports(self, account: str, region: str) -> list[StorageLensExport]:
        self.requests.append((self.profile, account, region))
        if account not in self.exports:
            raise AwsError("denied", "ListStorageLensConfigurations", "no")
        return [export for export in self.exports[account] if export.region == region]


def test_configurations_are_looked_for_once_per_account_and_home_region() -> None:
    discovery: Any = Discovery({"111111111111": [EXPORT], "222222222222": [EXPORT]})
    sources, problems = discovered(TARGETS, ACCESSES, discovery)
    assert sorted(discovery.requests) == [
        ("one", "111111111111", "eu-west-1"),
        ("one", "111111111111", "us-east-1"),
        ("two", "222222222222", "eu-west-1"),
        ("two", "222222222222", "us-east-1"),
    ]
    assert [(source.export, source.access, source.keys.agent) for source in sources] == [(EXPORT, ACCESSES[0], "a")]
    assert problems == []


def test_accounts_that_deliver_to_one_location_keep_their_own_scopes() -> None:
    some = LensScope(regions=("eu-west-1",))
    scopes = {"111111111111": LensScope(), "222222222222": some}
    exports = {account: [msgspec.structs.replace(EXPORT, scopes={account: scope})] for account, scope in scopes.items()}
    discovery: Any = Discovery(exports)
    ((export, *_),), _ = discovered(TARGETS, ACCESSES, discovery)
    assert export.scopes == scopes


@pytest.mark.parametrize(("readable", "denied"), [("111111111111", "222222222222"), ("222222222222", "111111111111")])
def test_an_account_whose_configurations_cannot_be_read_is_a_gap(readable: str, denied: str) -> None:
    discovery: Any = Discovery({readable: [EXPORT]})
    sources, (problem,) = discovered(TARGETS, ACCESSES, discovery)
    assert len(sources) == 1
    assert (problem.code, problem.account) == ("storage-lens-configurations-unlisted", denied)


def test_without_a_readable_account_there_are_gaps_and_no_error() -> None:
    discovery: Any = Discovery({})
    sources, problems = discovered(TARGETS, ACCESSES, discovery)
    assert sources == []
    assert [problem.account for problem in problems] == ["111111111111", "222222222222"]


def test_linked_accounts_are_not_searched() -> None:
    discovery: Any = Discovery({"111111111111": [EXPORT]})
    linked = msgspec.structs.replace(TARGETS[1], linked=True)
    sources, problems = discovered([TARGETS[0], linked], ACCESSES, discovery)
    assert (len(sources), problems) == (1, [])
    assert {account for _, account, _ in discovery.requests} == {"111111111111"}


def test_accounts_without_an_export_are_an_error_with_advice() -> None:
    discovery: Any = Discovery({"111111111111": [], "222222222222": []})
    with pytest.raises(UserError, match="with an export") as error:
        discovered(TARGETS, ACCESSES, discovery)
    assert "docs/exports.md" in error.value.advice
