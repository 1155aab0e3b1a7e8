"""Interface of the simulated services. To add a service, add a file like sts.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.billing import Billing
from s3_monitor.simulator.counters import CallStats
from s3_monitor.simulator.credentials import Caller, Credentials
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.members import Organization
from s3_monitor.simulator.price_lists import Offer

Refusal = Literal[
    "denied", "throttled", "internal", "disabled", "expired", "unknown key", "no credentials", "unknown operation"
]


@dataclass(frozen=True)
class World:
    """State that all services share."""

    accounts: Mapping[str, Account]  # by id
    today: date  # UTC
    credentials: Credentials
    offers: list[Offer]  # price lists, of any version
    billing: Billing
    organization: Organization | None = None

    def now(self) -> datetime:
        """Return the time, for the expiration of sessions."""
        return self.credentials.now()


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request."""

    request: Request
    caller: Caller
    region: str
    operation: str
    stats: CallStats
    take: Callable[[str, float], bool]  # takes an amount of a quota, and returns whether there was enough

    @property
    def account(self) -> Account:
        """The account of the caller."""
        return self.caller.account


class Service(Protocol):
    """A service behind one or more signing names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The signing names."""

    def operation(self, request: Request, name: str) -> str:
        """Return the operation of a request with a signing name."""

    def bucket(self, request: Request) -> str | None:
        """Return the bucket of a request, for faults."""

    def answer(self, call: Call) -> Response | None:
        """Return the response; None for an operation that is not simulated. Raises AwsError."""

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        """Return the error of the service for a reason that applies to all operations."""

    def error(self, request: Request, error: AwsError) -> Response:
        """Return an error response in the protocol of the request."""


def query_refusal(service: str, why: Refusal, operation: str, arn: str) -> AwsError:
    """Return an error with the codes of CloudWatch and STS."""
    match why:
        case "denied":
            message = (
                f"User: {arn} is not authorized to perform: {service}:{operation} "
                f"because no identity-based policy allows the {service}:{operation} action"
            )
            return AwsError("AccessDenied", message, 403)
        case "throttled":
            return AwsError("Throttling", "Rate exceeded", 400)
        case "internal":
            return AwsError("InternalServiceError", "The request processing has failed", 500)
        case "disabled" | "unknown key":
            return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
        case "expired":
            return AwsError("ExpiredToken", "The security token included in the request is expired", 403)
        case "no credentials":
            return AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        case "unknown operation":
            return AwsError("InvalidAction", f"Could not find operation {operation}", 400)
