"""Organizations: the accounts of an organization, and the names of its units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.bounds import ACCOUNT, PARTITION, utf8_text
from s3_monitor.model.identity import OrganizationAccount

_PAGE = 20  # AWS: the largest page
_PATH = re.compile(r"o-[a-z0-9]{10,32}/((?:(?:r|ou)-[a-z0-9-]{4,68}/)+)(?:[0-9]{12}/)?")
_ARN = re.compile(rf"arn:({PARTITION.pattern}):organizations::({ACCOUNT.pattern}):account/")
_LONGEST_NAME = 128


class OrganizationsApi(AwsApi):
    """The operations of Organizations, for the management account or a delegated administrator."""

    def organization_pages(self) -> Iterator[list[OrganizationAccount]]:
        """Return the accounts in pages. AWS: a page may be empty although further pages follow."""
        client = self.client("organizations", None)
        return self.pages(client, "ListAccounts", {"MaxResults": _PAGE}, _accounts)

    def unit_name(self, unit: str) -> str:
        """Return the name of an organizational unit."""
        client = self.client("organizations", None)
        with self.call("DescribeOrganizationalUnit"):
            response = client.describe_organizational_unit(OrganizationalUnitId=unit)
            return _text(response["OrganizationalUnit"]["Name"])


def _accounts(response: dict[str, Any]) -> list[OrganizationAccount]:
    return [_account(sent) for sent in response["Accounts"]]


def _account(sent: dict[str, Any]) -> OrganizationAccount:
    """Return an account. AWS: State replaces Status, which ended in September 2026.

    Its ARN is arn:PARTITION:organizations::MANAGEMENT-ACCOUNT:account/ORGANIZATION/ACCOUNT.
    """
    number = sent["Id"]
    if not ACCOUNT.fullmatch(number):
        raise ValueError("an account has no valid id")
    arn = _ARN.match(sent.get("Arn") or "")
    paths = [match[1] for path in sent.get("Paths") or () if (match := _PATH.fullmatch(path))]
    return OrganizationAccount(
        id=number,
        name=_text(sent.get("Name") or ""),
        state=_text(sent.get("State") or sent.get("Status") or ""),
        partition=arn[1] if arn else "aws",
        management_account=arn[2] if arn else "",
        units=tuple(paths[0].rstrip("/").split("/")) if paths else None,
        joined=time_in_bounds(sent.get("JoinedTimestamp")),
    )


def _text(sent: str) -> str:
    return utf8_text(sent)[:_LONGEST_NAME]
