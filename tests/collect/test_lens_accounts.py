"""The exports of several accounts, and what their Storage Lens configurations cover, without HTTP."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import LensScope, StorageLensExport
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from s3_monitor.model.storage_lens import LensData, LensQuery
from tests.collect.file_account import NUMBER, FileAccount
from tests.collect.fixtures import NOW, plan_of, unit
from tests.exports.lens_files import as_csv, export, metrics_of

OTHER, THIRD = "210987654321", "310987654321"
ORGANIZATION = "o-abcdef1234"
ALL, EUROPE = LensScope(), LensScope(regions=("eu-west-1",))


class LensAccount(FileAccount):
    """``faults``: by owner. ``scopes``: the response about the configuration of the account itself."""

    def __init__(
        self, contents: Mapping[str, bytes], faults: Mapping[str, AwsError] | None = None,
        scopes: dict[str, LensScope] | AwsError | None = None,
    ) -> None:  # fmt: skip
        super().__init__(contents)
        self._faults, self._scopes = faults or {}, scopes
        self.scope_requests: list[tuple[str, str, str]] = []

    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> bytes:
        for owner, error in self._faults.items():
            if f"/{owner}/" in key:
                raise error
        return super().read_small_object(bucket, key, region, max_bytes)

    def storage_lens_scopes(self, account: str, config: str, region: str) -> dict[str, LensScope]:
        self.scope_requests.append((account, config, region))
        if isinstance(self._scopes, AwsError):
            raise self._scopes
        return self._scopes or {}


def collected(account: LensAccount, log: list[str] | None = None, **fields: Any) -> tuple[Part, LensData]:
    shard = Shard(
        "lens", "", "", 30, (), lens=LensQuery(0, StorageLensExport("exports", "daily", "lens", "r", **fields))
    )
    units = tuple(unit(account=number, id=number) for number in (NUMBER, OTHER, THIRD))
    plan = msgspec.structs.replace(plan_of(units), shards=(shard, Shard("s", "", "", 30, units)))
    lines: list[str] = [] if log is None else log
    part = collect_shard(
        plan, "digest", shard, lambda access: account.reading(),
        now=lambda: NOW, stop=threading.Event(), log=lines.append,
    )  # fmt: skip
    assert isinstance(part.lens, LensData)
    return part, part.lens


def of_owners(*owners: str, **changes: Any) -> dict[str, bytes]:
    """Return a delivery of each account, with one bucket."""
    deliveries = [
        export([as_csv(metrics_of(f"of-{owner}", account=owner))], day=NOW.date(), owner=owner, **changes)
        for owner in owners
    ]
    return {key: text for one in deliveries for key, text in one.items()}


@pytest.mark.parametrize(
    ("kind", "read"),
    [("denied", [OTHER, THIRD]), ("refused", [OTHER, THIRD]), ("broken", []), ("unreachable", [])],
)
def test_an_export_that_is_denied_is_a_gap_and_those_of_other_accounts_are_read(kind: Any, read: list[str]) -> None:
    error = AwsError(kind, "GetObject", "no", advice="do this")
    part, lens = collected(LensAccount(of_owners(NUMBER, OTHER, THIRD), {NUMBER: error}))
    assert [bucket.name for bucket in lens.buckets] == [f"of-{owner}" for owner in read]
    (problem,) = part.problems
    assert (problem.code, problem.advice, lens.complete) == ("storage-lens-unreadable", "do this", False)
    assert "GetObject: no" in problem.message and "s3://exports/lens" in problem.message
    assert part.status == ("partial" if read else "failed")


def test_the_first_of_several_errors_is_the_gap() -> None:
    faults = {NUMBER: AwsError("denied", "GetObject", "first"), OTHER: AwsError("denied", "GetObject", "second")}
    part, lens = collected(LensAccount(of_owners(NUMBER, OTHER, THIRD), faults))
    assert [bucket.name for bucket in lens.buckets] == [f"of-{THIRD}"]
    assert ["first" in problem.message for problem in part.problems] == [True]


@pytest.mark.parametrize("contents", [{}, of_owners("999999999999"), of_owners(NUMBER, config="other")])
def test_without_an_export_of_the_configuration_there_is_a_gap(contents: dict[str, bytes]) -> None:
    part, lens = collected(LensAccount(contents))
    (problem,) = part.problems
    assert (problem.code, lens.complete, part.status) == ("storage-lens-not-found", False, "failed")
    assert "configuration daily in s3://exports/lens/StorageLens/" in problem.message


@pytest.mark.parametrize(
    ("owner", "known", "own", "coverage", "requests"),
    [
        (NUMBER, {}, {NUMBER: EUROPE}, [(NUMBER, EUROPE)], 1),
        (NUMBER, {NUMBER: ALL}, {NUMBER: EUROPE}, [(NUMBER, ALL)], 0),  # `plan` has read it
        (NUMBER, {OTHER: ALL}, {}, [], 1),
        (NUMBER, {}, AwsError("denied", "GetStorageLensConfiguration", "no"), [], 1),
        (OTHER, {}, {OTHER: EUROPE}, [], 0),  # only the account itself may read its configuration
        (OTHER, {OTHER: ALL}, {}, [(OTHER, ALL)], 0),
    ],
)
def test_a_delivery_covers_what_its_configuration_covers_if_that_is_known(
    owner: str, known: dict[str, LensScope], own: Any, coverage: list[Any], requests: int
) -> None:
    account, log = LensAccount(of_owners(owner), scopes=own), list[str]()
    part, lens = collected(account, log, scopes=known)
    assert [(one.account, one.scope) for one in lens.coverage] == coverage
    assert account.scope_requests == [(NUMBER, "daily", "r")] * requests
    assert (part.problems, part.status, len(lens.buckets)) == ([], "complete", 1)
    assert sum("Could not read the buckets that" in line for line in log) == isinstance(own, AwsError)


def test_an_organization_covers_the_accounts_that_have_a_row() -> None:
    rows = [*metrics_of("a", account=NUMBER), *metrics_of("b", account=OTHER)]
    contents = export([as_csv(rows)], day=NOW.date(), owner=ORGANIZATION, sourceAccountId=NUMBER)
    _, lens = collected(LensAccount(contents, scopes={ORGANIZATION: ALL}))
    assert [(one.account, one.scope) for one in lens.coverage] == [(NUMBER, ALL), (OTHER, ALL)]
    assert [(bucket.account, bucket.name) for bucket in lens.buckets] == [(NUMBER, "a"), (OTHER, "b")]
