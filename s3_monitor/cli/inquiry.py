"""What planning asks AWS, answered by the real thing; connections are made once and shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_monitor.model.calls import Calls
from s3_monitor.model.identity import FoundBucket, Identity
from s3_monitor.model.plan import Access

if TYPE_CHECKING:
    from s3_monitor.aws.session import Connection


class AwsInquiry:
    """An Inquiry (see plan/planner.py) over boto3, and the connections for collecting afterwards."""

    def __init__(self) -> None:
        self._connections: dict[Access, Connection] = {}
        self._calls = Calls()

    def connect(self, access: Access) -> Connection:
        """NoCredentials or UserError where that cannot be done."""
        from s3_monitor.aws.session import Connection

        if access not in self._connections:
            self._connections[access] = Connection(access)
        return self._connections[access]

    def identity(self, access: Access) -> Identity:
        self._calls.count("GetCallerIdentity")
        return self.connect(access).identity()

    def buckets(self, access: Access) -> list[FoundBucket]:
        from s3_monitor.aws.s3 import list_buckets

        return list_buckets(self.connect(access), region=None, count=self._calls.count)

    def storage_types(self, access: Access, region: str) -> set[str]:
        from s3_monitor.aws.cloudwatch import storage_types

        return storage_types(self.connect(access), region, count=self._calls.count)

    def home_region(self, access: Access) -> str:
        return self.connect(access).home_region

    def known_regions(self, partition: str) -> list[str]:
        from s3_monitor.aws.session import known_regions

        return known_regions(partition)

    def calls(self) -> Calls:
        return self._calls
