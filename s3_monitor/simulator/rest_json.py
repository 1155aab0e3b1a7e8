"""What the services of REST JSON have in common: how they refuse, and errors with codes in a header."""

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.protocols import rest_json_error
from s3_monitor.simulator.service import Refusal, World, json_refusal


class RestJson:
    """Whoever inherits has names, says which operation is asked for, and answers it."""

    names: tuple[str, ...] = ()
    internal_error = "InternalServerException"  # the code

    def __init__(self, world: World) -> None:
        self._world = world

    def bucket(self, request: Request) -> str | None:
        return None

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        match why:
            case "throttled":
                return AwsError("TooManyRequestsException", "Too many requests", 429)
            case "internal":
                return AwsError(self.internal_error, "internal error", 500)
            case _:
                return json_refusal(self.names[0], why, operation, arn, 403)

    def error(self, request: Request, error: AwsError) -> Response:
        return rest_json_error(error)
