"""Checks of `doctor` that no other command needs: the caller, the clock, regions, and simulated permissions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.errors import AwsError


class Caller(NamedTuple):
    """The identity of the credentials, and the time of the response."""

    arn: str
    endpoint: str
    """URL of the endpoint that responded."""
    server_time: datetime | None
    """Time of the server; None: the response had none."""


class DiagnosticsApi(AwsApi):
    """The operations of STS and IAM that `doctor` uses."""

    def caller(self, region: str | None = None) -> Caller:
        """Return the caller, from the STS endpoint of a region or of the home region.

        AWS: this needs no permission, and fails in a region that is not enabled in the account.
        """
        client = self.client("sts", region)
        with self.call("GetCallerIdentity"):
            response = client.get_caller_identity()
            return Caller(utf8_text(response["Arn"]), client.meta.endpoint_url, _server_time(response))

    def simulated(self, arn: str, actions: Sequence[str], resources: Sequence[str]) -> dict[str, bool]:
        """Return whether the policies of a user or role allow each action on the resources.

        AWS: policies of buckets and keys are not included.
        """
        client = self.client("iam", None)
        with self.call("SimulatePrincipalPolicy"):
            response = client.simulate_principal_policy(
                PolicySourceArn=arn, ActionNames=list(actions), ResourceArns=list(resources)
            )
            allowed: dict[str, bool] = {}
            for result in response["EvaluationResults"]:
                action = result["EvalActionName"]
                allowed[action] = allowed.get(action, True) and result["EvalDecision"] == "allowed"
            return allowed


def rejected_at(failure: AwsError) -> datetime | None:
    """Return the time of the server that rejected a request; None if the response had none."""
    cause = failure.__cause__
    return _server_time(cause.response) if isinstance(cause, ClientError) else None


def _server_time(response: Any) -> datetime | None:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError):
        return None
