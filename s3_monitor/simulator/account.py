"""Account Management: which Regions an account has enabled."""

from typing import Annotated

import msgspec

from s3_monitor.simulator.accounts import PARTITIONS, Account
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.json_services import RestJson
from s3_monitor.simulator.protocols import rest_json
from s3_monitor.simulator.service import Call

PAGE = 50  # AWS: Regions of a page at most
STATUSES = {"ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT"}


class ListRegionsInput(msgspec.Struct, rename="pascal"):
    account_id: str | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=PAGE)] = PAGE
    next_token: str | None = None
    region_opt_status_contains: list[str] = []


class AccountManagement(RestJson):
    """The service."""

    names = ("account",)

    def operation(self, request: Request, name: str) -> str:
        """REST JSON: the path is the operation."""
        path = request.path.strip("/")
        return path[:1].upper() + path[1:]

    def answer(self, call: Call) -> Response | None:
        if call.operation != "ListRegions":
            return None
        try:
            asked = msgspec.json.decode(call.request.body or b"{}", type=ListRegionsInput)
        except msgspec.DecodeError as error:
            raise AwsError("ValidationException", str(error)) from error
        if asked.account_id not in (None, call.account.id):
            raise self.refusal("denied", call.operation, call.caller.arn)
        if not set(asked.region_opt_status_contains) <= STATUSES:
            raise AwsError("ValidationException", "RegionOptStatusContains holds a status that does not exist")
        regions = [
            {"RegionName": name, "RegionOptStatus": status}
            for name, status in _statuses(call.account)
            if not asked.region_opt_status_contains or status in asked.region_opt_status_contains
        ]
        token = asked.next_token or "0"
        if not token.isdigit():
            raise AwsError("ValidationException", "NextToken is not valid")
        end = int(token) + asked.max_results
        answer: dict[str, object] = {"Regions": regions[int(token) : end]}
        if end < len(regions):
            answer["NextToken"] = str(end)
        return rest_json(answer)


def _statuses(account: Account) -> list[tuple[str, str]]:
    default, opt_in = PARTITIONS[account.partition]
    status = dict.fromkeys(default, "ENABLED_BY_DEFAULT")
    status |= {region: "ENABLED" if region in account.opted_in else "DISABLED" for region in opt_in}
    return sorted(status.items())
