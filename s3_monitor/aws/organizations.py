"""Organizations: the accounts of an organization, and the names of its units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from s3_monitor.aws.api_calls import AwsApi, Page
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.bounds import ACCOUNT, PARTITION, utf8_text
from s3_monitor.model.organization import Organization, OrganizationAccount

_PAGE = 20  # AWS: the largest page
_PATH = re.compile(r"(o-[a-z0-9]{10,32})/((?:(?:r|ou)-[a-z0-9-]{4,68}/)+)[0-9]{12}/?")
_NAME = 128  # AWS: at most 50 characters in the name of an account, 128 in that of a unit


class OrganizationsApi(AwsApi):
    """The operations of Organizations, for the management account or a delegated administrator."""

    def organization(self) -> Organization:
        """Return the organization of the account, with all its accounts."""
        organization = self.describe_organization()
        accounts = tuple(account for page in self.organization_account_pages() for account in page)
        return msgspec.structs.replace(organization, accounts=accounts)

    def describe_organization(self) -> Organization:
        """Return the organization of the account, without its accounts."""
        client = self.client("organizations", None)
        with self.call("DescribeOrganization"):
            sent = client.describe_organization()["Organization"]
            management, partition = sent["MasterAccountId"], sent["Arn"].split(":")[1]
            if not ACCOUNT.fullmatch(management) or not PARTITION.fullmatch(partition):
                raise ValueError("no account id and partition")
            return Organization(utf8_text(sent["Id"]), management, partition)

    def organization_account_pages(self) -> Iterator[list[OrganizationAccount]]:
        """Return the accounts in pages. AWS: a page may be empty although further pages follow."""
        client = self.client("organizations", None)
        return self.pages(client, "ListAccounts", {"MaxResults": _PAGE}, _page)

    def unit_name(self, unit: str) -> str:
        """Return the name of an organizational unit."""
        client = self.client("organizations", None)
        with self.call("DescribeOrganizationalUnit"):
            response = client.describe_organizational_unit(OrganizationalUnitId=unit)
            return utf8_text(response["OrganizationalUnit"]["Name"])[:_NAME]


def _page(response: dict[str, Any]) -> Page[list[OrganizationAccount]]:
    return [_account(sent) for sent in response["Accounts"]], response.get("NextToken")


def _account(sent: dict[str, Any]) -> OrganizationAccount:
    """Return an account. AWS: State replaces Status, which ended in September 2026."""
    number = sent["Id"]
    if not ACCOUNT.fullmatch(number):
        raise ValueError("an account has no valid id")
    paths = [match for path in sent.get("Paths") or () if (match := _PATH.fullmatch(path))]
    return OrganizationAccount(
        id=number,
        name=utf8_text(sent.get("Name") or "")[:_NAME],
        state=utf8_text(sent.get("State") or sent.get("Status") or "")[:_NAME],
        ous=tuple(paths[0][2].rstrip("/").split("/")) if paths else None,
        joined=time_in_bounds(sent.get("JoinedTimestamp")),
    )
