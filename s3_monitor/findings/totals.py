"""Sums of findings, in which the same bytes never count twice. Exact in any order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from math import fsum
from typing import NamedTuple, TypeVar

from s3_monitor.findings.finding import Finding
from s3_monitor.model.finding import FindingTotals

K = TypeVar("K", bound=Hashable)
Key = tuple[str, str, str | None]  # account, region, name of the bucket


class Potential(NamedTuple):
    """What the findings of a bucket save together."""

    low: float
    high: float
    findings: int
    unknown: int


def key_of(finding: Finding) -> Key:
    """Return the bucket of a finding, or its account and region."""
    return finding.account, finding.region, finding.bucket


def potentials(findings: Iterable[Finding]) -> dict[Key, Potential]:
    """Return the savings of each bucket, and of accounts and regions."""
    of_key: dict[Key, list[Finding]] = {}
    for finding in findings:
        of_key.setdefault(key_of(finding), []).append(finding)
    return {key: potential(members) for key, members in of_key.items()}


def potential(findings: Sequence[Finding]) -> Potential:
    """Return the savings of the findings of one bucket. Of findings about the same bytes, only the best counts."""
    known = [finding for finding in findings if finding.high is not None]
    low = best_sum([(finding.scope, finding.low or 0.0) for finding in known])
    high = best_sum([(finding.scope, finding.high or 0.0) for finding in known])
    return Potential(low, high, len(findings), len(findings) - len(known))


def best_sum(amounts: Iterable[tuple[int, float]]) -> float:
    """Return the largest sum of amounts whose scopes have nothing in common."""
    positive = [(scope, amount) for scope, amount in amounts if amount > 0]
    if len(positive) < 2 or not any(one[0] & other[0] for one, other in combinations(positive, 2)):
        return fsum(amount for _, amount in positive)
    (scope, amount), *others = positive
    with_first = best_sum([other for other in others if not other[0] & scope])
    return max(best_sum(others), fsum((amount, with_first)))


def sum_potentials(members: Iterable[tuple[Key, Potential]], incomplete: int) -> FindingTotals:
    """Return the sums of some buckets. ``incomplete``: the number of those without findings, as data is missing."""
    listed = list(members)
    return FindingTotals(
        findings=sum(found.findings for _, found in listed),
        buckets=sum(key[2] is not None for key, _ in listed),
        usd_month_low=fsum(found.low for _, found in listed),
        usd_month_high=fsum(found.high for _, found in listed),
        unknown=sum(found.unknown for _, found in listed),
        incomplete_buckets=incomplete,
    )


def totals_by(
    found: Mapping[Key, Potential], incomplete: Collection[Key], group: Callable[[Key], K]
) -> dict[K, FindingTotals]:
    """Return the sums of each group, sorted by its key. ``incomplete``: buckets with missing data."""
    members: dict[K, list[tuple[Key, Potential]]] = {}
    missing: dict[K, int] = {}
    for item in found.items():
        members.setdefault(group(item[0]), []).append(item)
    for key in incomplete:
        name = group(key)
        missing[name] = missing.get(name, 0) + 1
    names = sorted(members.keys() | missing.keys())  # type: ignore[type-var]
    return {name: sum_potentials(members.get(name, ()), missing.get(name, 0)) for name in names}


def totals_by_id(findings: Iterable[Finding]) -> dict[str, FindingTotals]:
    """Return the sums of each rule, sorted by id."""
    of_id: dict[str, list[Finding]] = {}
    for finding in findings:
        of_id.setdefault(finding.id, []).append(finding)
    return {id_: sum_potentials(potentials(of_id[id_]).items(), 0) for id_ in sorted(of_id)}
