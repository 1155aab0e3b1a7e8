"""`as_of` is a time for which CloudWatch has figures in options and in files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.bounds import RETENTION_DAYS
from s3_monitor.model.errors import InvalidFileError, UserError
from tests.plan.company import NOW, plan

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)


@pytest.mark.parametrize("as_of", [NOW, MIDNIGHT, MIDNIGHT - RETENTION_DAYS * DAY])
def test_a_time_within_the_retention_of_cloudwatch_is_accepted(as_of: datetime) -> None:
    assert plan(as_of=as_of, history_days=RETENTION_DAYS).as_of == as_of


@pytest.mark.parametrize(
    ("as_of", "rule"),
    [
        (NOW + SECOND, "must not be later than now"),
        (NOW + 365 * DAY, "must not be later than now"),
        (datetime.max.replace(tzinfo=UTC), "must not be later than now"),
        (MIDNIGHT - RETENTION_DAYS * DAY - SECOND, "must be 2025-08-24 or later"),
        (datetime.min.replace(tzinfo=UTC), "must be 2025-08-24 or later"),
    ],
)
def test_a_time_without_figures_is_rejected_before_anything_is_requested(as_of: datetime, rule: str) -> None:
    with pytest.raises(UserError, match=f"--as-of {rule}") as raised:
        plan(as_of=as_of)
    assert f"got {as_of.isoformat()[:10]}" in str(raised.value)


def test_a_plan_is_read_if_the_clock_that_made_it_is_a_little_ahead(tmp_path: Path) -> None:
    plan_folder.write(plan(), tmp_path)
    assert plans.read(tmp_path / "plan.json", NOW - timedelta(hours=1))[0].as_of == NOW
    with pytest.raises(InvalidFileError, match="as_of must be between 1970 and now"):
        plans.read(tmp_path / "plan.json", NOW - 2 * DAY)


def test_an_old_plan_can_be_aggregated_but_no_longer_collected(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_folder.write(plan(), tmp_path)
    made, _ = plans.read(path, NOW + 5000 * DAY)
    plans.check_retention(made, path, NOW + RETENTION_DAYS * DAY)
    with pytest.raises(InvalidFileError, match="as_of must be 2026-11-23 or later"):
        plans.check_retention(made, path, NOW + (RETENTION_DAYS + 2) * DAY)
