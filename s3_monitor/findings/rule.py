"""A rule: the id, the texts and the function of a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_monitor.findings.facts import BucketFacts
from s3_monitor.findings.finding import Finding
from s3_monitor.model.finding import FactSource, FindingId

Find = Callable[[BucketFacts], Finding | None]


class Measure(NamedTuple):
    """A value of the evidence."""

    name: str
    unit: str
    source: FactSource


class Rule(NamedTuple):
    """A kind of finding."""

    id: FindingId
    title: str
    condition: str
    """When a bucket has the finding, for readers."""
    fix: str
    """What to change. ``{bucket}``: the name of the bucket, quoted for a shell."""
    evidence: tuple[Measure, ...]
    find: Find | None
    """Returns the finding of a bucket. None: the rule is about accounts and regions only."""
    types: frozenset[str] | None = None
    """The bucket must hold at least one of these storage types. None: no condition."""
    needs: tuple[str, ...] = ()
    """Fields of the facts that must be known."""
    lifecycle_rule: str | None = None
    """A lifecycle rule of the fix, as JSON."""
