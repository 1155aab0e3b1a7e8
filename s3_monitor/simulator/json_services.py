"""Base classes of the services with AWS JSON and REST JSON."""

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.protocols import Json, rest_json_error
from s3_monitor.simulator.service import Refusal, World


class _JsonService:
    names: tuple[str, ...] = ()

    def __init__(self, world: World) -> None:
        self._world = world

    def bucket(self, request: Request) -> str | None:
        return None


class AwsJson(_JsonService):
    """Base class of services with AWS JSON: a header has the operation."""

    protocol = Json("1.1")

    def operation(self, request: Request, name: str) -> str:
        return self.protocol.operation(request)

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        return _refusal(self.names[0], why, operation, arn)

    def error(self, request: Request, error: AwsError) -> Response:
        return self.protocol.error(error)


class RestJson(_JsonService):
    """Base class of services with REST JSON."""

    internal_error = "InternalServerException"  # the code

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        match why:
            case "throttled":
                return AwsError("TooManyRequestsException", "Too many requests", 429)
            case "internal":
                return AwsError(self.internal_error, "internal error", 500)
            case _:
                return _refusal(self.names[0], why, operation, arn, 403)

    def error(self, request: Request, error: AwsError) -> Response:
        return rest_json_error(error)


def _refusal(service: str, why: Refusal, operation: str, arn: str, status: int = 400) -> AwsError:
    """Return an error with the codes common to JSON services. AWS: common error types.

    ``status`` is that of authentication errors: 400, or 403 in REST JSON.
    """
    match why:
        case "denied":
            message = f"User: {arn} is not authorized to perform: {service}:{operation}"
            return AwsError("AccessDeniedException", message, status)
        case "throttled":
            return AwsError("ThrottlingException", "Rate exceeded")
        case "internal":
            return AwsError("InternalFailure", "The request processing has failed", 500)
        case "disabled" | "unknown key":
            message = "The security token included in the request is invalid."
            return AwsError("UnrecognizedClientException", message, status)
        case "expired":
            message = "The security token included in the request is expired"
            return AwsError("ExpiredTokenException", message, status)
        case "no credentials":
            return AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", status)
        case "unknown operation":
            return AwsError("UnknownOperationException", f"unknown operation {operation}", 404)
