"""A company of two accounts, and what is planned for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from s3_monitor.model.plan import Plan
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.planner import make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import Account, Memory

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
BUCKETS = {"logs-a": "us-east-1", "logs-b": "us-east-1", "raw": "eu-west-1"}
MAIN = Account(
    "111122223333", BUCKETS, {"us-east-1": {"StandardStorage", "NewStorage"}, "eu-west-1": {"GlacierStorage"}}
)
ARCHIVE = Account("444455556666", {"vault": "eu-west-2"})
COMPANY = {"": MAIN, "archive": ARCHIVE, "444455556666": ARCHIVE}
ROLE = "arn:aws:iam::444455556666:role/reader"


def plan(text: str | None = None, accounts: Any = COMPANY, **choices: Any) -> Plan:
    file = None if text is None else ShardsFile(Document("shards.yaml", text.encode()))
    return make_plan(PlanOptions(**choices), file, Memory(accounts), NOW)


def units(made: Plan) -> dict[str, list[str]]:
    """Shard → its units, each as REGION KINDS."""
    return {
        shard.name: [f"{unit.region} {unit.id.rpartition('/')[2]}" for unit in shard.units] for shard in made.shards
    }


ENTRIES = """
defaults: {profile: main}
shards:
  - {name: dev}
  - {name: archive, profile: archive, regions: [eu-west-2], buckets: ["v*"], storage_types: [GlacierStorage]}
"""
TWO = {"main": MAIN, "archive": ARCHIVE, "other": MAIN}
