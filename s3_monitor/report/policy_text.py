"""The results of policies in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from s3_monitor.model.policy_result import PolicyResult, PolicyStatus

_NAMED = 3
_WORDS: dict[PolicyStatus, str] = {"fail": "violated", "warn": "with warnings", "unknown": "unknown", "pass": "passed"}


def count_policies(policies: Sequence[PolicyResult]) -> str:
    """Return ``1 violated, 2 passed``."""
    counts = Counter(policy.status for policy in policies)
    return ", ".join(f"{counts[status]:,} {word}" for status, word in _WORDS.items() if counts[status])


def violated_names(policies: Sequence[PolicyResult]) -> list[str]:
    """Return the names of the first few violated policies; an ellipsis follows if there are more."""
    names = [policy.name for policy in policies if policy.status == "fail"]
    return names[:_NAMED] + ["…"] * (len(names) > _NAMED)
