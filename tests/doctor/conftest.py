"""A simulated account with roles that each lack one action, and an environment that leads to it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from s3_monitor.cli.diagnosis import diagnose
from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.doctor.report import DoctorReport
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from s3_monitor.simulator import Bucket, InventoryConfiguration, Member, Organization, Role, Settings, Simulator
from s3_monitor.simulator.accounts import make_account

ACCOUNT, MEMBER = "111122223333", "444455556666"
UNIT = "ou-ab12-11111111"
POLICIES = Path(__file__).resolve().parents[2] / "docs" / "iam"
Doctor = Callable[..., DoctorReport]


def actions_of(policy: str) -> list[str]:
    statements = json.loads((POLICIES / f"{policy}.json").read_text(encoding="utf-8"))["Statement"]
    listed = [statement["Action"] for statement in statements]
    return sorted({action for one in listed for action in ([one] if isinstance(one, str) else one)})


ACTIONS = sorted(
    {action for policy in ("storage", "bucket-config", "objects", "inventory", "bill") for action in actions_of(policy)}
)


def role_name(action: str) -> str:
    return f"without-{action.replace(':', '-')}"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    created = datetime(2025, 1, 1, tzinfo=UTC)
    inventories = Settings(inventories=(InventoryConfiguration("daily", "reports", prefix="daily"),))
    buckets = [
        Bucket("logs", "eu-west-1", created, settings=inventories),
        Bucket("reports", "eu-west-1", created),
        Bucket("guarded", "us-east-1", created, denied=frozenset({"GetBucketTagging"})),
        Bucket("fast--euw1-az1--x-s3", "eu-west-1", created),
    ]
    roles = [
        Role("complete"),
        Role("unsimulated", missing=frozenset({"iam:SimulatePrincipalPolicy"})),
        Role("minimal", missing=frozenset({*ACTIONS} - {*actions_of("storage")})),
        Role("denied-by-scp", denied_by="organization"),
        Role("without-organization", missing=frozenset(actions_of("organization"))),
        *(Role(role_name(action), missing=frozenset({action})) for action in [*ACTIONS, *actions_of("storage-lens")]),
    ]
    member = make_account(
        MEMBER,
        [Bucket("member", "eu-west-1", created)],
        access_key="AKIASIMULATED00000002",
        roles=(Role("s3-monitor-reader", missing=frozenset({"cloudwatch:GetMetricData"})),),
    )
    organization = Organization(
        ACCOUNT, (Member(ACCOUNT, "Payer"), Member(MEMBER, "Web", units=(UNIT,))), units={UNIT: "Prod"}
    )
    with Simulator([make_account(ACCOUNT, buckets, roles=tuple(roles)), member], organization=organization) as running:
        yield running


@pytest.fixture(scope="session")
def shared_discovery() -> AwsDiscovery:
    """Return a discovery whose roles share the clients, which take most of the time of a test."""
    return AwsDiscovery()


@pytest.fixture
def doctor(simulator: Simulator, shared_discovery: AwsDiscovery, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Return a function that runs the diagnosis: of a role in regions, or of a shards.yaml."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    environment = simulator.env()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(
        role: str = "",
        payer_role: str = "",
        clock_error: timedelta = timedelta(0),
        regions: tuple[str, ...] = ("eu-west-1",),
        file_text: str = "",
        **options: object,
    ) -> DoctorReport:
        text = file_text
        if role or payer_role:
            shard = f"{{name: all, role_arn: '{role_arn(role)}'}}" if role else "{name: all}"
            payer = f"\npayer: {{role_arn: '{role_arn(payer_role)}'}}" if payer_role else ""
            text = f"shards: [{shard}]{payer}\n"
        file = ShardsFile(Document("shards.yaml", text.encode())) if text else None
        chosen = {"details": True, "requests": True, "objects": "inventory", "versions": True, "costs": "billed"}
        plan_options = PlanOptions(regions=regions, **{**chosen, **options})  # type: ignore[arg-type]
        discovery = shared_discovery if "AWS_ACCESS_KEY_ID" in os.environ else AwsDiscovery()
        return diagnose(plan_options, file, discovery, datetime.now(UTC) + clock_error, environment)

    return run
