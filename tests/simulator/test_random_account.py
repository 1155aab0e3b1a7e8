"""Random accounts: the same for the same seed, of the requested size, with every kind of bucket."""

from collections import Counter
from datetime import timedelta

from s3_monitor.simulator import random_account, truth
from tests.simulator.clients import MIDNIGHT, TODAY


def test_the_same_seed_gives_the_same_account_and_another_another() -> None:
    one, again, other = (random_account(seed, 200, today=TODAY, denied=0.1) for seed in (7, 7, 8))
    assert one.buckets.keys() == again.buckets.keys()
    assert truth(one, TODAY, 30) == truth(again, TODAY, 30)
    assert truth(one, TODAY, 30) != truth(other, TODAY, 30)


def test_an_account_without_awkward_buckets_has_exactly_the_requested_size() -> None:
    account = random_account(1, 300, ("us-east-1", "eu-west-1"), today=TODAY, types_per_bucket=(2, 2), awkward=0)
    assert len(account.listed) == 300
    assert account.by_region.keys() == {"us-east-1", "eu-west-1"}
    for found in truth(account, TODAY).values():
        assert len(found.lines) == 2
        assert found.count == len(account.buckets[found.name].objects)
        assert found.day == TODAY - timedelta(days=1)


def test_every_awkward_kind_occurs() -> None:
    account = random_account(2, 600, today=TODAY, awkward=0.8)
    facts = truth(account, TODAY, 4)
    kinds = Counter()
    for bucket in account.buckets.values():
        found = facts[bucket.name]
        kinds["young"] += bucket.created > MIDNIGHT - timedelta(days=1)
        kinds["empty"] += not bucket.sizes and bucket.created < MIDNIGHT - timedelta(days=2)
        kinds["deleted"] += not bucket.listed
        kinds["emptied"] += bucket.listed and bool(bucket.sizes) and found.day is None
        kinds["directory"] += found.kind == "directory"
        kinds["unknown type"] += "HolographicStorage" in found.lines
        kinds["ended or late"] += found.day is not None and len(found.lines) < len(bucket.sizes)
        kinds["holed"] += any(series.holes for series in bucket.sizes.values())
    assert min(kinds[kind] for kind in kinds) >= 10, kinds


def test_moved_bytes_are_of_one_type_a_day() -> None:
    account = random_account(5, 400, today=TODAY, awkward=1)
    moved = 0
    for bucket in account.buckets.values():
        starts = {series.first: type_ for type_, series in bucket.sizes.items()}
        for series in bucket.sizes.values():
            if series.last + 1 in starts and len(set(starts)) > 1:
                moved += 1
    assert moved >= 10
