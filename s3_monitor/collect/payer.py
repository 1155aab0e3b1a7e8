"""What collecting the bill asks of who pays; ``aws`` answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from s3_monitor.model.bill import CostPage, CostQuery
from s3_monitor.model.identity import Identity

Count = Callable[[str], None]  # told the operation of every request that is sent


class Payer(Protocol):
    """As an Account: waits for AWS, and raises AwsFailure, or UserError where there are no credentials (any more)."""

    def identity(self, count: Count) -> Identity:
        """Whose credentials these are. To be asked first."""

    def costs(self, question: CostQuery, by_tag: bool, count: Count) -> Iterator[CostPage]:
        """By account and usage type, or by the tag's value and usage type."""
