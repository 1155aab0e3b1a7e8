"""Quotas of shards.yaml limit the requests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.simulator import Simulator, random_account
from tests.e2e.conftest import Program

TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(("key", "throttled"), [("quotas: {list_metrics: 3}", False), ("history_days: 30", True)])
def test_a_lower_quota_in_shards_yaml_avoids_throttling(
    monitor: Program, tmp_path: Path, key: str, throttled: bool
) -> None:
    account = random_account(3, 600, ("us-east-1",), today=TODAY, awkward=0)  # six pages of series or more
    (tmp_path / "shards.yaml").write_text(f"{key}\nlast_modified: 'off'\nshards: [{{name: all}}]")
    with Simulator(account, today=TODAY, quotas={"ListMetrics": 3}) as simulator:
        env = {**simulator.env(), "AWS_RETRY_MODE": "standard"}
        assert monitor("plan", "--shards", "shards.yaml", "--out", "plan", env=env).status == 0
        done = monitor("collect", "--plan", "plan/plan.json", "--shard", "all", "--out", "parts/all.json", env=env)
        assert done.status == 0, done.err
        assert (simulator.counters.total("ListMetrics").throttled > 0) == throttled
