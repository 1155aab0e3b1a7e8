"""Sums of findings, in which the same bytes never count twice. Exact in any order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
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


def potentials(findings: Iterable[Finding]) -> dict[Key, Potential]:
    """Return the savings of each bucket, and of accounts and regions."""
    of_key: dict[Key, list[Finding]] = {}
    for finding in findings:
        of_key.setdefault(finding.key, []).append(finding)
    return {key: potential(members) for key, members in of_key.items()}


def potential(findings: Sequence[Finding]) -> Potential:
    """Return the savings of the findings of one bucket. Of findings about the same bytes, only the best counts."""
    low, high, unknown = [], [], 0
    for finding in findings:
        if finding.high is None:
            unknown += 1
            continue
        if finding.high > 0:
            high.append((finding.scope, finding.high))
        if finding.low is not None and finding.low > 0:
            low.append((finding.scope, finding.low))
    return Potential(best_sum(low), best_sum(high), len(findings), unknown)


def best_sum(amounts: Sequence[tuple[int, float]]) -> float:
    """Return the largest sum of positive amounts whose scopes have nothing in common."""
    seen = 0
    for scope, _ in amounts:
        if seen & scope:
            break
        seen |= scope
    else:
        return fsum([amount for _, amount in amounts])
    scope, amount = amounts[0]
    others = amounts[1:]
    apart = [other for other in others if not other[0] & scope]
    with_first = fsum((amount, best_sum(apart)))
    return with_first if len(apart) == len(others) else max(best_sum(others), with_first)


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
