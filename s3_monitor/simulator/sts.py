"""STS: the identity of the caller, and temporary credentials of roles."""

from typing import Annotated, Any

import msgspec

from s3_monitor.simulator.accounts import Account, Role
from s3_monitor.simulator.credentials import SECRET
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.protocols import Query
from s3_monitor.simulator.service import Call, Refusal, World, query_refusal

# The end of AWS's message. AWS gives no reason for a role that does not exist or does not trust the caller.
_DENIALS = {
    "": "",
    "caller": " because no identity-based policy allows the sts:AssumeRole action",
    "organization": " with an explicit deny in a service control policy",
    "trust": " because no resource-based policy allows the sts:AssumeRole action",
}


class AssumeRoleInput(msgspec.Struct, rename="pascal"):
    role_arn: Annotated[str, msgspec.Meta(min_length=20)]
    role_session_name: Annotated[str, msgspec.Meta(min_length=2, max_length=64)]
    external_id: str | None = None
    duration_seconds: Annotated[int, msgspec.Meta(ge=900, le=43_200)] = 3600


class Sts:
    """STS."""

    names = ("sts",)

    def __init__(self, world: World) -> None:
        self._world = world
        self._protocol = Query("https://sts.amazonaws.com/doc/2011-06-15/")

    def operation(self, request: Request, name: str) -> str:
        return self._protocol.operation(request)

    def bucket(self, request: Request) -> str | None:
        return None

    def answer(self, call: Call) -> Response | None:
        match call.operation:
            case "GetCallerIdentity":
                caller = call.caller
                result: dict[str, Any] = {
                    "Arn": caller.arn,
                    "UserId": caller.user_id,
                    "Account": caller.account.id,
                }
            case "AssumeRole":
                result = self._assume(call, self._protocol.decode(call.request, AssumeRoleInput))
            case _:
                return None
        return self._protocol.encode(call.operation, result)

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        return query_refusal("sts", why, operation, arn)

    def error(self, request: Request, error: AwsError) -> Response:
        return self._protocol.error(error)

    def _assume(self, call: Call, request: AssumeRoleInput) -> dict[str, Any]:
        account, role = self._role(request.role_arn)
        denied_by = role.denied_by if role else ""
        if account is None or role is None or denied_by or role.external_id not in (None, request.external_id):
            message = (
                f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {request.role_arn}"
            )
            raise AwsError("AccessDenied", message + _DENIALS[denied_by], 403)
        arn = account.arn("sts", f"assumed-role/{role.name}/{request.role_session_name}")
        user_id = f"AROASIMULATED{account.id}:{request.role_session_name}"
        seconds = min(request.duration_seconds, role.max_seconds)
        session = self._world.credentials.give(account, arn, user_id, seconds, role.missing)
        if session.expires is None:
            raise TypeError("a session needs an expiration")
        return {
            "Credentials": {
                "AccessKeyId": session.access_key,
                "SecretAccessKey": SECRET,
                "SessionToken": session.token,
                "Expiration": f"{session.expires:%Y-%m-%dT%H:%M:%SZ}",
            },
            "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": arn},
        }

    def _role(self, arn: str) -> tuple[Account | None, Role | None]:
        """Return account and role of arn:PARTITION:iam::ACCOUNT:role/NAME."""
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
            raise AwsError("ValidationError", f"{arn} is invalid")
        account = self._world.accounts.get(parts[4])
        name = parts[5].rpartition("/")[2]
        roles = account.roles if account else ()
        return account, next((role for role in roles if role.name == name), None)
