from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import botocore.exceptions as botocore_errors
import pytest
import urllib3.exceptions
from botocore.exceptions import ClientError

from s3_monitor.aws.error_translation import translate, translated
from s3_monitor.aws.session import Connection
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.simulator import Simulator
from s3_monitor.simulator.credentials import SECRET
from s3_monitor.simulator.faults import Fault

CALLS: dict[str, Callable[[Connection], Any]] = {
    "ListBuckets": lambda to: to.client("s3").list_buckets(MaxBuckets=10_000),
    "ListMetrics": lambda to: to.client("cloudwatch").list_metrics(Namespace="AWS/S3"),
    "GetCallerIdentity": lambda to: to.client("sts").get_caller_identity(),
}


def client_error(code: str, status: int = 400, message: str = "no", operation: str = "X") -> ClientError:
    error = {"Code": code, "Message": message}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)  # type: ignore[typeddict-item]


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("deny"), "denied"),
        (Fault("throttle"), "throttled"),
        (Fault("error"), "broken"),
        (Fault("error", status=503), "broken"),
        (Fault("disabled"), "invalid-credentials"),
        (Fault("expire"), "expired"),
        (Fault("reset"), "unreachable"),
        (Fault("cut"), "unreachable"),
    ],
    ids=lambda value: value.action if isinstance(value, Fault) else value,
)
def test_an_invalid_response_is_an_error_of_one_line(
    company: Simulator, environment: pytest.MonkeyPatch, fault: Fault, kind: str, operation: str
) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    connection = Connection(Access())
    company.faults.add(fault)
    with pytest.raises(AwsError) as caught, translated(operation):
        CALLS[operation](connection)
    failure = caught.value
    assert (failure.kind, failure.operation) == (kind, operation)
    assert str(failure).startswith(f"{operation}: ")
    assert "\n" not in str(failure)
    assert SECRET not in str(failure)


@pytest.mark.parametrize("operation", ["ListBuckets", "GetCallerIdentity"])
def test_a_truncated_response_is_broken(company: Simulator, environment: pytest.MonkeyPatch, operation: str) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    connection = Connection(Access())
    company.faults.add(Fault("malformed"))
    with pytest.raises(AwsError) as caught, translated(operation):
        CALLS[operation](connection)
    assert caught.value.kind == "broken"


def test_a_closed_port_is_unreachable(company: Simulator, environment: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        environment.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", f"http://127.0.0.1:{held.getsockname()[1]}")
        environment.setenv("AWS_MAX_ATTEMPTS", "1")
        with pytest.raises(AwsError) as caught, translated("ListMetrics"):
            CALLS["ListMetrics"](Connection(Access()))
    assert caught.value.kind == "unreachable"
    assert "AWS_ENDPOINT_URL" in caught.value.advice


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, "denied"),
        ("AccessDeniedException", 400, "denied"),
        ("UnauthorizedOperation", 403, "denied"),
        ("AllAccessDisabled", 403, "denied"),
        ("403", 403, "denied"),
        ("Throttling", 400, "throttled"),
        ("SlowDown", 503, "throttled"),
        ("LimitExceededException", 400, "throttled"),
        ("429", 429, "throttled"),
        ("ExpiredToken", 400, "expired"),
        ("ExpiredTokenException", 403, "expired"),
        ("InvalidClientTokenId", 403, "invalid-credentials"),
        ("UnrecognizedClientException", 403, "invalid-credentials"),
        ("InvalidAccessKeyId", 403, "invalid-credentials"),
        ("SignatureDoesNotMatch", 403, "invalid-credentials"),
        ("AuthFailure", 401, "invalid-credentials"),
        ("OptInRequired", 403, "invalid-credentials"),
        ("RequestTimeTooSkewed", 403, "invalid-credentials"),
        ("NoSuchBucket", 404, "missing"),
        ("404", 404, "broken"),  # AWS names what is missing, except in responses to HEAD
        ("ResourceNotFoundException", 400, "missing"),
        ("PermanentRedirect", 301, "refused"),
        ("ValidationError", 400, "refused"),
        ("IllegalLocationConstraintException", 400, "refused"),
        ("InternalError", 500, "broken"),
        ("ServiceUnavailable", 503, "broken"),
    ],
)
def test_error_codes_of_aws_are_mapped_to_kinds(code: str, status: int, kind: str) -> None:
    failure = translate(client_error(code, status), "ListMetrics")
    assert isinstance(failure, AwsError)
    assert failure.kind == kind
    assert failure.code == code


def test_a_response_to_head_has_no_code() -> None:
    error = ClientError({"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "HeadBucket")
    failure = translate(error, "HeadBucket")
    assert isinstance(failure, AwsError)
    assert failure.kind == "missing"


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListBuckets", "s3:ListAllMyBuckets"),
        ("HeadBucket", "s3:ListBucket"),
        ("ListObjectsV2", "s3:ListBucket"),
        ("ListMetrics", "cloudwatch:ListMetrics"),
        ("GetMetricData", "cloudwatch:GetMetricData"),
    ],
)
def test_advice_names_the_denied_action_as_iam_does(operation: str, action: str) -> None:
    failure = translate(client_error("AccessDenied", 403), operation)
    assert failure is not None
    assert action in failure.advice


WHO = "User: arn:aws:sts::111122223333:assumed-role/reader/s3-monitor is not authorized to perform: "


@pytest.mark.parametrize(
    ("operation", "code", "message", "advice"),
    [
        ("GetObject", "AccessDenied", WHO + "kms:Decrypt on the resource associated with this ciphertext because the "
         "resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
         "explicitly denies access", "allow kms:Decrypt to the role or user, and in the policy of the KMS key"),
        ("ListObjectsV2", "AccessDenied", WHO + 's3express:CreateSession on resource: "arn:aws:s3express:…"',
         "allow s3express:CreateSession"),
        ("StartQueryExecution", "AccessDeniedException", "Insufficient permissions to execute the query. " + WHO
         + "glue:GetTable on resource: arn:aws:glue:eu-west-1:111122223333:catalog because no identity-based policy "
         "allows the glue:GetTable action", "allow glue:GetTable"),
        ("GetObject", "AccessDenied", "The caller does not have permission kms:GenerateDataKey", "kms:GenerateDataKey"),
        ("ListBuckets", "AccessDenied", WHO + "s3:ListAllMyBuckets with an explicit deny in a service control policy",
         "(SCP)"),
        ("ListBuckets", "AccessDenied", WHO + "s3:ListAllMyBuckets with an explicit deny in a service control policy: "
         "arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1", "(SCP)"),
        ("ListBuckets", "AccessDenied", WHO + "s3:ListAllMyBuckets because no service control policy allows the "
         "s3:ListAllMyBuckets action", "no service control policy allows s3:ListAllMyBuckets"),
        ("GetBucketTagging", "AccessDenied", WHO + "s3:GetBucketTagging with an explicit deny in a resource control "
         "policy", "(RCP)"),
        ("ListObjectsV2", "AccessDenied", WHO + "s3:ListBucket with an explicit deny in a resource-based policy",
         "change the policy of the bucket"),
        ("ListObjectsV2", "AccessDenied", WHO + "s3:ListBucket with an explicit deny in the bucket policy",
         "change the policy of the bucket"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics with an explicit deny in a VPC endpoint policy",
         "the VPC endpoint"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics because no VPC endpoint policy allows the "
         "cloudwatch:ListMetrics action", "the VPC endpoint"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics because no permissions boundary allows the "
         "cloudwatch:ListMetrics action", "permissions boundary"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics because no session policy allows the "
         "cloudwatch:ListMetrics action", "session policy"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics with an explicit deny in an identity-based "
         "policy", "policies of the role or user"),
        ("ListMetrics", "AccessDenied", WHO + "cloudwatch:ListMetrics with an explicit deny", "explicitly"),
        ("GetCostAndUsage", "AccessDeniedException", "User not enabled for cost explorer access",
         "open Cost Explorer once"),
        ("ListCostAllocationTags", "AccessDeniedException", "Failed to list Cost Allocation Tags: Linked account "
         "doesn't have access to cost allocation tags.", "management account"),
        ("AssumeRole", "RegionDisabledException", "STS is not activated in this region for account:111122223333. Your "
         "account administrator can activate STS in this region using the IAM Console.", "enable the region"),
        ("ListMetrics", "OptInRequired", "The AWS Access Key Id needs a subscription", "enable the region"),
        ("ListBuckets", "InvalidSignatureException", "Signature expired: 20261121T000000Z is now earlier than "
         "20261121T010000Z", "clock"),
        ("ListBuckets", "RequestTimeTooSkewed", "The difference between the request time and the current time is too "
         "large.", "clock"),
        ("GetCallerIdentity", "SignatureDoesNotMatch", "The request signature we calculated does not match",
         "secret access key"),
        ("ListBuckets", "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
         "renew the credentials"),
        ("AssumeRole", "AccessDenied", WHO + "sts:AssumeRole on resource: arn:aws:iam::1:role/x with an explicit deny "
         "in a service control policy", "(SCP)"),
        ("AssumeRole", "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", "MFA"),
        ("GetObject", "KMS.DisabledException", "arn:aws:kms:… is disabled. (Service: AWSKMS)", ""),
    ],
)  # fmt: skip
def test_advice_names_the_denying_policy_and_only_actions_that_can_be_allowed(
    operation: str, code: str, message: str, advice: str
) -> None:
    failure = translate(client_error(code, 403, message, operation), operation)
    assert failure is not None
    assert advice in failure.advice
    if "explicit deny" in message or "Cost Explorer" in advice or "account" in advice:
        assert "allow s3:" not in failure.advice
        assert not failure.advice.startswith("allow ")


def test_a_name_that_looks_like_an_action_is_not_an_action() -> None:
    message = "User: arn:aws:iam::111122223333:user/Kms:Reader is not authorized"
    failure = translate(client_error("AccessDenied", 403, message), "ListBuckets")
    assert failure is not None
    assert failure.advice == "allow s3:ListAllMyBuckets to the role or user"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (botocore_errors.ConnectTimeoutError(endpoint_url="https://x"), "unreachable"),
        (botocore_errors.ReadTimeoutError(endpoint_url="https://x"), "unreachable"),
        (botocore_errors.EndpointConnectionError(endpoint_url="https://x"), "unreachable"),
        (botocore_errors.ConnectionClosedError(endpoint_url="https://x"), "unreachable"),
        (botocore_errors.SSLError(endpoint_url="https://x", error="expired"), "unreachable"),
        (botocore_errors.ProxyConnectionError(proxy_url="http://x"), "unreachable"),
        (botocore_errors.IncompleteReadError(actual_bytes=1, expected_bytes=2), "unreachable"),
        (urllib3.exceptions.ProtocolError("broken off"), "unreachable"),
        (TimeoutError("timed out"), "unreachable"),
        (botocore_errors.ParamValidationError(report="Bucket is missing"), "refused"),
    ],
)
def test_errors_of_the_network_and_of_botocore_are_translated(error: Exception, kind: str) -> None:
    failure = translate(error, "ListMetrics")
    assert isinstance(failure, AwsError)
    assert failure.kind == kind


@pytest.mark.parametrize(
    "error",
    [
        client_error("AccessDenied", 403, operation="AssumeRole"),
        client_error("ExpiredToken", 400, operation="AssumeRole"),
        client_error("ForbiddenException", 403, operation="GetRoleCredentials"),
        botocore_errors.NoCredentialsError(),
        botocore_errors.UnauthorizedSSOTokenError(),
        botocore_errors.RefreshWithMFAUnsupportedError(),
        botocore_errors.CredentialRetrievalError(provider="x", error_msg="y"),
        RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired."),
    ],
)
def test_credentials_that_are_lost_during_a_call_are_a_credentials_error(error: Exception) -> None:
    failure = translate(error, "ListMetrics")
    assert isinstance(failure, MissingCredentialsError)
    assert failure.advice


@pytest.mark.parametrize(
    "text",
    [
        "x-amz-security-token:SECRET\nhost:x",
        "SecretAccessKey=SECRET",
        "token: SECRET",
        "https://user:SECRET@proxy:3128/",
        "SECRET" * 30,
        "key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY SECRET"[:44],
    ],
)
def test_a_possible_secret_is_not_in_the_message(text: str) -> None:
    failure = translate(client_error("Odd", message=text), "ListMetrics")
    assert failure is not None
    assert "SECRET" not in str(failure)
    assert "EXAMPLEKEY" not in str(failure)
    assert "\n" not in str(failure)


def test_the_message_about_a_signature_does_not_contain_the_signed_text() -> None:
    signed = "The Canonical String for this request should have been\n'GET\n/\n\nx-amz-security-token:FwoGZXIvYXdzE"
    failure = translate(client_error("SignatureDoesNotMatch", 403, signed), "ListMetrics")
    assert str(failure) == "ListMetrics: the request's signature does not match (SignatureDoesNotMatch)"


def test_an_account_or_role_in_a_message_stays_readable() -> None:
    text = "User: arn:aws:sts::111122223333:assumed-role/company-wide-monitoring-reader/s3-monitor is not authorized"
    assert text in str(translate(client_error("AccessDenied", 403, text), "ListMetrics"))


@pytest.mark.parametrize("error", [KeyError("ours"), ZeroDivisionError(), AssertionError("ours")])
def test_defects_of_the_program_are_not_reported_as_errors_of_aws(error: Exception) -> None:
    with pytest.raises(type(error)), translated("ListMetrics"):
        raise error


@pytest.mark.parametrize(
    "error", [AwsError("denied", "ListMetrics", "no"), UserError("no"), MissingCredentialsError("no")]
)
def test_translated_errors_are_not_changed(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, translated("ListMetrics"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("UnknownCode", 404, "missing"),
        ("UnknownCode", 405, "refused"),
        ("NoSuchThing", 400, "missing"),
        ("UnknownCode", 401, "denied"),
        ("UnknownCode", 402, "refused"),
        ("UnknownCode", 403, "denied"),
        ("UnknownCode", 428, "refused"),
        ("UnknownCode", 429, "throttled"),
        ("UnknownCode", 430, "refused"),
        ("UnknownCode", 499, "refused"),
        ("UnknownCode", 500, "broken"),
        ("", 0, "refused"),
    ],
)
def test_an_unknown_code_is_mapped_by_the_http_status(code: str, status: int, kind: str) -> None:
    failure = translate(client_error(code, status), "ListMetrics")
    assert isinstance(failure, AwsError)
    assert failure.kind == kind


@pytest.mark.parametrize(
    "error",
    [RuntimeError("cannot start a thread"), RuntimeError("credentials"), ValueError("credentials are still expired")],
)
def test_other_errors_are_not_missing_credentials(error: Exception) -> None:
    assert translate(error, "ListMetrics") is None


def test_a_message_without_text_has_the_status_and_a_numeric_code_is_not_repeated() -> None:
    assert str(translate(client_error("404", 404, ""), "HeadBucket")) == "HeadBucket: HTTP status 404"
    assert str(translate(client_error("Odd", 400, ""), "HeadBucket")) == "HeadBucket: HTTP status 400 (Odd)"


@pytest.mark.parametrize(
    ("profile", "name"),
    [(None, "PROFILE"), ("dev", "dev")],
)
def test_advice_names_the_profile_in_use(profile: str | None, name: str) -> None:
    errors: list[tuple[Exception, str]] = [
        (botocore_errors.UnauthorizedSSOTokenError(), f"aws sso login --profile {name}"),
        (botocore_errors.LoginError(), f"aws login --profile {name}"),
        (botocore_errors.RefreshWithMFAUnsupportedError(), f"aws sts get-caller-identity --profile {name}"),
    ]
    for error, advice in errors:
        failure = translate(error, "ListMetrics", profile)
        assert isinstance(failure, MissingCredentialsError)
        assert advice in failure.advice


def test_advice_about_missing_credentials_depends_on_the_profile() -> None:
    unnamed = translate(botocore_errors.NoCredentialsError(), "ListMetrics")
    named = translate(botocore_errors.NoCredentialsError(), "ListMetrics", "dev")
    assert unnamed is not None and named is not None
    assert (str(unnamed), "-p" in unnamed.advice) == ("no AWS credentials found", True)
    assert "profile dev" in str(named) and "--profile dev" in named.advice
