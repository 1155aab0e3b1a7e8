"""The configuration of buckets: one request per property; denied properties are named and the others kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import UNSET

from s3_monitor.model.bucket_config import OPERATIONS, BucketConfig, Encryption
from s3_monitor.model.part import Part
from s3_monitor.simulator import Account, Bucket, Fault, Settings, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, TODAY, collected, facts, read_timeout, unit
from tests.collect.test_shard import OLD
from tests.problems import codes

HERE = unit()


def configured(name: str, **settings: object) -> Bucket:
    return Bucket(name, "us-east-1", OLD, settings=Settings(**settings))  # type: ignore[arg-type]


def account_of(*buckets: Bucket) -> Account:
    return make_account(ACCOUNT, buckets)


@pytest.fixture(scope="module")
def few() -> Iterator[Simulator]:
    """Serve an account with few buckets, for tests of single buckets."""
    with Simulator(account_of(configured("plain"), configured("tagged", tags={"team": "a"})), today=TODAY) as running:
        yield running


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    plain = [configured(f"plain-{n:02d}") for n in range(20)]
    closed = replace(configured("closed"), denied=frozenset({"GetBucketTagging"}))
    with Simulator(account_of(*plain, closed, configured("tagged", tags={"team": "a"})), today=TODAY) as running:
        yield running


def found(part: Part) -> dict[str, BucketConfig]:
    return dict(facts(part, HERE).details)


def test_every_property_of_every_bucket_is_requested_once_and_counted(simulator: Simulator) -> None:
    part = collected(simulator.url, HERE, details=True)
    assert len(found(part)) == 22
    assert found(part)["tagged"].tags == {"team": "a"}
    assert found(part)["plain-00"] == BucketConfig(
        "none", Encryption("AES256"), "none", "none", "none", "none", {}, (), ()
    )
    asked = simulator.counters.by_operation()
    for operation in OPERATIONS.values():
        assert asked[f"s3:{operation}"] == part.calls.requests[operation] == 22


def test_without_details_no_configuration_is_requested_or_written(simulator: Simulator) -> None:
    part = collected(simulator.url, HERE)
    assert facts(part, HERE).details == []
    assert not {f"s3:{operation}" for operation in OPERATIONS.values()} & simulator.counters.by_operation().keys()


def test_a_denied_property_of_one_bucket_is_a_gap_and_its_other_properties_are_read(simulator: Simulator) -> None:
    part = collected(simulator.url, HERE, details=True)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("tags-unreadable", f"{ACCOUNT}/us-east-1/closed")
    assert "the resource-based policy denies s3:GetBucketTagging explicitly" in (problem.advice or "")
    closed = found(part)["closed"]
    assert (closed.tags, closed.versioning) == (None, "none")


def test_a_property_that_is_denied_for_every_bucket_is_one_gap(simulator: Simulator) -> None:
    """AWS's messages contain the bucket's name and still have the same cause."""
    everywhere = frozenset({"GetBucketEncryption"})
    denying = [replace(configured(f"b-{n:02d}"), denied=everywhere) for n in range(30)]
    with Simulator(account_of(*denying), today=TODAY) as running:
        part = collected(running.url, HERE, details=True)
    (problem,) = part.problems
    assert (problem.code, problem.count) == ("encryption-unreadable", 30)
    assert part.status == "partial"
    assert {one.encryption for one in found(part).values()} == {None}


@pytest.mark.parametrize("operation", OPERATIONS.values())
@pytest.mark.parametrize("action", ["deny", "throttle", "error", "malformed"])
def test_each_property_can_fail_without_the_others(few: Simulator, operation: str, action: str) -> None:
    few.faults.clear()
    few.faults.add(Fault(action, operation=operation, bucket="tagged"))  # type: ignore[arg-type]
    part = collected(few.url, HERE, details=True)
    (name,) = (name for name in OPERATIONS if OPERATIONS[name] == operation)
    assert getattr(found(part)["tagged"], name) is None
    code = f"{name.replace('_', '-')}-unreadable"
    assert (code, f"{ACCOUNT}/us-east-1/tagged") in codes(part.problems)
    others = {other: getattr(found(part)["tagged"], other) for other in OPERATIONS if other != name}
    assert None not in others.values()


def test_a_throttled_request_is_retried(simulator: Simulator) -> None:
    simulator.faults.add(Fault("throttle", operation="GetBucketTagging", bucket="tagged", first=1))
    part = collected(simulator.url, HERE, details=True, attempts=2)
    assert found(part)["tagged"].tags == {"team": "a"}


def test_a_bucket_deleted_during_collection_is_a_note(simulator: Simulator) -> None:
    """S3 lists the bucket and then reports that it does not exist. Another account may have created it since."""
    gone = replace(configured("gone"), denied=frozenset())
    with Simulator(account_of(gone, configured("here")), today=TODAY) as running:
        service = next(s for s in running._services.values() if hasattr(s, "_owners"))
        del service._owners["gone"]
        part = collected(running.url, HERE, details=True)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-deleted", f"{ACCOUNT}/us-east-1/gone")
    assert found(part).keys() == {"here"}


@pytest.mark.parametrize("action", ["reset", "hang", "expire"])
def test_if_s3_becomes_unreachable_there_is_one_gap_for_all_buckets(simulator: Simulator, action: str) -> None:
    simulator.faults.add(Fault(action, operation="GetBucketVersioning"))  # type: ignore[arg-type]
    part = collected(simulator.url, HERE, details=True, read_timeout=read_timeout(action))
    (problem,) = [problem for problem in part.problems if problem.code == "configuration-unreadable"]
    assert " or more buckets" in problem.message


def test_only_rest_units_have_details(simulator: Simulator) -> None:
    only_type = unit(types=("StandardStorage",), rest=False)
    rest = unit(types=(), rest=True)
    part = collected(simulator.url, only_type, rest, details=True)
    assert facts(part, only_type).details == []
    assert len(facts(part, rest).details) == 22


def test_only_selected_buckets_are_requested(simulator: Simulator) -> None:
    tagged = unit(buckets=("tag*",))
    part = collected(simulator.url, tagged, details=True)
    assert Counter(name for name, _ in facts(part, tagged).details) == {"tagged": 1}
    assert part.calls.requests["GetBucketTagging"] == 1


def test_properties_that_were_not_requested_are_not_in_the_file() -> None:
    assert BucketConfig(tags={}).versioning is UNSET
