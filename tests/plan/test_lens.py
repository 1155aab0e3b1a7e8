"""The shards of Storage Lens exports, and when they replace other sources of objects."""

from __future__ import annotations

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.exports import StorageLensExport
from s3_monitor.model.plan import Access, KeyPattern, ObjectsMode, ObjectsRule
from s3_monitor.plan.exports_key import StorageLensKey
from s3_monitor.plan.lens import objects_rule, plan_lens

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


def test_storage_lens_needs_the_location_of_an_export() -> None:
    with pytest.raises(UserError, match="needs the location"):
        objects_rule(ObjectsRule(mode="storage-lens"), ())


def test_each_export_has_a_shard_with_its_own_access() -> None:
    accesses = [Access(profile="main")]
    (single,), all_accesses = plan_lens(ObjectsRule(mode="storage-lens"), (DAILY,), accesses, "main")
    assert (single.name, single.agent, single.units, all_accesses) == ("storage-lens", "s3-monitor", (), accesses)
    assert single.lens is not None
    assert (single.lens.access, single.lens.export) == (0, StorageLensExport("exports", "daily", "lens"))
    both, all_accesses = plan_lens(ObjectsRule(mode="storage-lens"), (DAILY, OTHER), accesses, "main")
    assert [shard.name for shard in both] == ["storage-lens-1", "storage-lens-2"]
    assert all_accesses[1:] == [Access(profile="other", region="eu-west-1")]


def test_other_modes_have_no_shard() -> None:
    assert plan_lens(ObjectsRule(mode="inventory"), (DAILY,), [], None) == ([], [])
