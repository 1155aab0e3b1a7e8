from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from s3_monitor.model.plan import Shard, Unit
from s3_monitor.plan.names import is_name
from s3_monitor.plan.packing import fewest, pack


def unit(name: str, weight: int) -> Unit:
    return Unit(id=name, account="1", partition="aws", region="us-east-1", access=0, rest=True, weight=weight)


def shard(name: str, *weights: int, agent: str = "", minutes: int = 60) -> Shard:
    units = tuple(unit(f"{name}/{number}", weight) for number, weight in enumerate(weights))
    return Shard(name, agent, "", minutes, units)


def loads(shards: list[Shard]) -> list[int]:
    return [sum(unit.weight for unit in shard.units) for shard in shards]


def test_few_enough_shards_stay_as_they_are() -> None:
    shards = [shard("a", 1), shard("b", 2)]
    assert pack(shards, 2) == shards


def test_units_are_spread_as_evenly_as_they_allow() -> None:
    shards = [shard(f"s{weight}", weight) for weight in (900, 500, 400, 300, 200, 100)]
    assert loads(pack(shards, 3)) == [900, 800, 700]


def test_units_that_weigh_nothing_are_spread_too() -> None:
    packed = pack([shard(f"s{number}", 0) for number in range(10)], 5)
    assert [len(shard.units) for shard in packed] == [2, 2, 2, 2, 2]


def test_work_for_different_agents_is_not_packed_together() -> None:
    shards = [
        shard("a", 5),
        shard("b", 5),
        shard("c", 1, agent="x"),
        shard("d", 1, agent="x"),
        shard("e", 3, minutes=5),
    ]
    packed = pack(shards, 3)
    assert [(one.agent, one.timeout_minutes, len(one.units)) for one in packed] == [
        ("", 5, 1),
        ("", 60, 2),
        ("x", 60, 2),
    ]


def test_more_kinds_of_agent_than_shards_give_a_shard_each() -> None:
    shards = [shard(f"s{number}", 1, agent=f"agent{number}") for number in range(4)]
    assert fewest(shards) == 4
    assert len(pack(shards, 2)) == 4


def test_shards_left_over_go_where_the_load_is() -> None:
    shards = [shard("a", 100, 100, 100), shard("b", 1, 1, 1, agent="x"), shard("c", 1)]
    packed = pack([*shards, shard("d", 1)], 3)
    assert [len([one for one in packed if one.agent == agent]) for agent in ("", "x")] == [2, 1]


def account(number: int, *weights: int) -> Shard:
    units = tuple(
        replace(unit(f"account-{number}/{index}", weight), access=number) for index, weight in enumerate(weights)
    )
    return Shard(f"account-{number}", "", "", 60, units)


def test_the_regions_of_an_account_stay_in_one_shard() -> None:
    packed = pack([account(number, *[5] * 16) for number in range(40)], 8)
    assert [len(one.units) for one in packed] == [80] * 8
    assert [len({unit.access for unit in one.units}) for one in packed] == [5] * 8


def test_an_account_with_more_work_than_a_shard_is_split() -> None:
    packed = pack([account(0, 100, 100, 100), account(1, 5, 5), account(2, 5), account(3, 5)], 3)
    assert sorted(loads(packed)) == [105, 105, 110]


@st.composite
def _shards(draw: st.DrawFn) -> list[Shard]:
    count = draw(st.integers(1, 12))
    agents = st.sampled_from(["", "x", "y"])
    weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=4)
    shards = [shard(f"s{number}", *draw(weights), agent=draw(agents)) for number in range(count)]
    access = st.integers(0, 3)
    return [replace(one, units=tuple(replace(unit, access=draw(access)) for unit in one.units)) for one in shards]


@given(_shards(), st.integers(1, 15), st.randoms(use_true_random=False))
def test_packing_keeps_every_unit_leaves_no_shard_empty_and_does_not_depend_on_order(
    shards: list[Shard], at_most: int, rng: random.Random
) -> None:
    packed = pack(shards, at_most)
    assert sorted(unit.id for one in packed for unit in one.units) == sorted(
        unit.id for one in shards for unit in one.units
    )
    agent_of = {unit.id: one.agent for one in shards for unit in one.units}
    assert all(agent_of[unit.id] == one.agent for one in packed for unit in one.units)
    assert all(one.units and is_name(one.name) for one in packed)
    assert len({one.name for one in packed}) == len(packed) <= max(at_most, fewest(shards))
    if len(shards) > at_most:
        shuffled = rng.sample(shards, len(shards))
        assert pack(shuffled, at_most) == packed


def test_spare_shards_go_to_the_most_loaded_per_shard() -> None:
    """Loads of 100 and 60: the third shard halves the first, the fourth the second, not the first again."""
    heavy, light = shard("a", 24, 24, 24, 24), shard("b", 29, 29, agent="x")
    for at_most, expected in ((2, [1, 1]), (3, [2, 1]), (4, [2, 2]), (5, [3, 2]), (6, [4, 2])):
        packed = pack([heavy, light, *([shard("c", 0)] * 5)], at_most)
        assert [len([one for one in packed if one.agent == agent]) for agent in ("", "x")] == expected


def test_packing_ends_when_every_shard_has_one_unit() -> None:
    shards = [shard("a", 5, 5), shard("b", 1, agent="x"), *[shard(f"n{number}", agent="x") for number in range(5)]]
    assert [len(one.units) for one in pack(shards, 6)] == [1, 1, 1]


def test_names_of_packed_shards_sort_in_their_order() -> None:
    packed = pack([shard(f"s{number}", 1) for number in range(12)], 10)
    assert [one.name for one in packed] == [f"pack-{number:02}" for number in range(1, 11)]
