"""The buckets that a policy is about."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS, Bucket
from s3_monitor.model.patterns import matcher
from s3_monitor.model.policies import Selectors, several
from s3_monitor.model.problem_type import Affected
from s3_monitor.model.summary import Summary


class Scope:
    """Selects buckets by account, region, name, storage type and tags."""

    def __init__(self, selectors: Selectors) -> None:
        self.accounts = frozenset(several(selectors.account))
        self.regions = frozenset(several(selectors.region))
        self.account = next(iter(self.accounts)) if len(self.accounts) == 1 else None
        """The account of all selected buckets; None: there may be several."""
        self.region = next(iter(self.regions)) if len(self.regions) == 1 else None
        """The region of all selected buckets; None: there may be several."""
        self.storage_types = frozenset(several(selectors.storage_type))
        self._matches_name = matcher(several(selectors.bucket)) if selectors.bucket else None
        self._tags = {key: matcher(several(values)) for key, values in selectors.tag.items()}

    def has(self, bucket: Bucket) -> bool | None:
        """Return whether the policy is about a bucket; None: unknown, because its tags or storage types are."""
        if bucket.kind in SEPARATE_NAMESPACE_KINDS:  # S3's metrics do not cover table and vector buckets
            return False
        if self.accounts and bucket.account not in self.accounts:
            return False
        if self.regions and bucket.region not in self.regions:
            return False
        if self._matches_name is not None and not self._matches_name(bucket.name):
            return False
        by_tag = self._has_tags(bucket.tags) if self._tags else True
        if by_tag is False or not self.storage_types or not self.storage_types.isdisjoint(bucket.storage):
            return by_tag
        return None if bucket.state == "incomplete" else False

    def has_place(self, account: str | None, region: str | None) -> bool:
        """Return whether the policy may be about buckets of an account and region; None: unknown or all."""
        return (not self.accounts or account is None or account in self.accounts) and (
            not self.regions or region is None or region in self.regions
        )

    def gap(self, summary: Summary, *affected: Affected) -> str:
        """Return why buckets or any of these data may be missing; empty: they are not.

        Problems of a single bucket are left out: its own data is unknown.
        """
        for problem in summary.problems:
            is_relevant = problem.bucket is None and self.has_place(problem.account, problem.region)
            if is_relevant and problem.severity == "gap" and not {*affected}.isdisjoint(problem.affects):
                return problem.text
        return ""

    def unselected(self, summary: Summary) -> str:
        """Return why the run did not select all buckets of the policy; empty: it did."""
        for title, values in summary.selection.restrictions.items():
            if title != "Regions" or not self.regions or not self.regions.issubset(values):
                return f"the run selected only {title.lower()} {', '.join(values[:3])}"
        return ""

    def _has_tags(self, tags: object) -> bool | None:
        if tags is UNSET or not isinstance(tags, Mapping):
            return None
        return all(key in tags and matches(tags[key]) for key, matches in self._tags.items())
