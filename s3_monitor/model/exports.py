"""The exports that AWS delivers to S3 (billing exports, Storage Lens), and how they are read."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

BillingKind = Literal["cur2", "focus", "cur"]
Engine = Literal["duckdb", "athena"]
Dollars = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class ExportReading(msgspec.Struct, frozen=True, omit_defaults=True):
    """How exports are read."""

    engine: Engine = "duckdb"
    """duckdb: files are downloaded and read here; athena: Athena reads them."""
    workgroup: str = "primary"
    """Athena workgroup."""
    database: str = "default"
    """Athena database."""
    output: str = ""
    """Location of query results; empty: the location of the workgroup."""
    max_usd: Dollars = 1.0
    """Largest cost of the Athena statements of a shard, in USD."""

    @property
    def by_athena(self) -> str:
        """Return the text that Athena reads the exports, with the limit; empty if it does not."""
        return f", read by Athena: at most {self.max_usd:,.2f} USD" if self.engine == "athena" else ""


class BillingExport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The location of a billing export."""

    kind: BillingKind
    """cur2: Cost and Usage Report 2.0; focus: FOCUS 1.0 or 1.2 with AWS columns; cur: legacy Cost and Usage Report."""
    bucket: str
    """Bucket of the export."""
    prefix: str = ""
    """Prefix of the export in the bucket, without a slash at its ends."""
    name: str = ""
    """Name of the export; empty: the only export below the prefix."""
    region: str = ""
    """Region of the bucket and of Athena; empty: the region of the credentials."""
    table: str = ""
    """Athena table of the export; empty: its name, with _ instead of other characters."""
    tag: str = ""
    """Key of the cost allocation tag whose values are compared with names of buckets; empty: none."""


class LensScope(msgspec.Struct, frozen=True, omit_defaults=True, order=True):
    """The buckets that a Storage Lens configuration covers."""

    regions: tuple[str, ...] = ()
    """Included regions; empty: all."""
    buckets: tuple[str, ...] = ()
    """Included buckets; empty: all."""
    excluded_regions: tuple[str, ...] = ()
    """Excluded regions."""
    excluded_buckets: tuple[str, ...] = ()
    """Excluded buckets."""

    def covers(self, region: str, bucket: str) -> bool:
        """Return whether the configuration certainly covers a bucket."""
        is_included = (not self.regions or region in self.regions) and (not self.buckets or bucket in self.buckets)
        return is_included and region not in self.excluded_regions and bucket not in self.excluded_buckets


class StorageLensExport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The location of a Storage Lens export."""

    bucket: str
    """Bucket of the export."""
    config: str
    """Id of the Storage Lens configuration."""
    prefix: str = ""
    """Prefix of the export in the bucket, without a slash at its ends."""
    region: str = ""
    """Region of the bucket and of Athena; empty: the region of the credentials."""
    table: str = ""
    """Athena table of the export; empty: the id of the configuration, with _ instead of other characters."""
    scopes: dict[str, LensScope] = {}
    """Id of an account or organization → what its configuration covers, as far as `plan` read it."""
