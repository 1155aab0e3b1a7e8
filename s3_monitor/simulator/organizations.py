"""Organizations: the accounts of an organization in pages, and the names of its units."""

from typing import Annotated, Any

import msgspec

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Response
from s3_monitor.simulator.json_services import AwsJson
from s3_monitor.simulator.members import ROOT, Member, Organization
from s3_monitor.simulator.service import Call

_PAGE = 20  # AWS: the largest page
_STATUS = {"ACTIVE": "ACTIVE", "PENDING_CLOSURE": "PENDING_CLOSURE"}  # AWS: the other states had status SUSPENDED


class ListAccountsInput(msgspec.Struct, rename="pascal"):
    max_results: Annotated[int, msgspec.Meta(ge=1, le=_PAGE)] = _PAGE
    next_token: str | None = None


class DescribeOrganizationalUnitInput(msgspec.Struct, rename="pascal"):
    organizational_unit_id: str


class Organizations(AwsJson):
    """Organizations."""

    names = ("organizations",)

    def answer(self, call: Call) -> Response | None:
        organization = self._world.organization
        if organization is None:
            raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        if call.account.id not in (organization.management, *organization.delegated):
            raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
        match call.operation:
            case "ListAccounts":
                result = _accounts(organization, self.protocol.decode(call.request, ListAccountsInput))
            case "DescribeOrganizationalUnit":
                unit = self.protocol.decode(call.request, DescribeOrganizationalUnitInput).organizational_unit_id
                if unit not in organization.units:
                    raise AwsError("OrganizationalUnitNotFoundException", "The unit does not exist.")
                result = {"OrganizationalUnit": {"Id": unit, "Name": organization.units[unit]}}
            case _:
                return None
        return self.protocol.encode(call.operation, result)


def _accounts(organization: Organization, request: ListAccountsInput) -> dict[str, Any]:
    """Return a page. Its token is PAGE:INDEX, the number of the next page and the index of its first account."""
    page, start = 1, 0
    if request.next_token is not None:
        numbers = request.next_token.split(":")
        if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
            raise AwsError("InvalidInputException", "You provided an invalid token.")
        page, start = map(int, numbers)
    is_empty = bool(organization.empty_every) and page % organization.empty_every == 0
    end = start if is_empty else start + request.max_results
    result: dict[str, Any] = {"Accounts": [_account(organization, one) for one in organization.members[start:end]]}
    if end < len(organization.members):
        result["NextToken"] = f"{page + 1}:{end}"
    return result


def _account(organization: Organization, member: Member) -> dict[str, Any]:
    arn = f"arn:{organization.partition}:organizations::{organization.management}:account/{organization.id}/{member.id}"
    path = "/".join((organization.id, ROOT, *member.units, member.id))
    account = {
        "Id": member.id,
        "Arn": arn,
        "Email": f"{member.id}@example.com",
        "Name": member.name,
        "Status": _STATUS.get(member.state, "SUSPENDED"),
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": member.joined.timestamp(),
    }
    return account | ({"State": member.state, "Paths": [f"{path}/"]} if organization.has_state else {})
