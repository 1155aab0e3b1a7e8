"""Translation of exceptions of botocore and the network into those of this package: one line, advice, no secrets."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.exceptions as botocore_errors
import urllib3.exceptions
from botocore.parsers import ResponseParserError

from s3_monitor.aws.advice import CREDENTIAL_CALLS, advice_for, denied_by, login_advice
from s3_monitor.aws.error_codes import HTML, KINDS, UNREADABLE
from s3_monitor.aws.error_text import one_line
from s3_monitor.aws.local_errors import is_unsendable, local_fault, missing_files
from s3_monitor.model.errors import AwsError, ErrorKind, MissingCredentialsError, UserError

_UNREACHABLE = (
    botocore_errors.HTTPClientError,
    botocore_errors.ConnectionError,
    botocore_errors.IncompleteReadError,
    urllib3.exceptions.HTTPError,
    OSError,
)
_SSO = (
    botocore_errors.SSOError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.NoAuthTokenError,
)
_CREDENTIALS = (
    *_SSO,
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.UnknownCredentialError,
    botocore_errors.MetadataRetrievalError,
    botocore_errors.RefreshWithMFAUnsupportedError,
    botocore_errors.LoginError,
    botocore_errors.ProfileNotFound,
    botocore_errors.ConfigParseError,
    botocore_errors.InvalidConfigError,
)


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Translate the exceptions of a client call into AwsError, or MissingCredentialsError without credentials.

    ``operation``: the name of the API operation, such as ListMetrics.
    """
    try:
        yield
    except (AwsError, UserError):
        raise
    except Exception as error:
        failure = translate(error, operation)
        if failure is None:
            raise
        raise failure from error


def translate(
    error: Exception, operation: str, profile: str | None = None
) -> AwsError | MissingCredentialsError | None:
    """Return the error of this package for an exception; None if it is neither from botocore nor from the network.

    ``profile``: the profile in use, if known.
    """
    if isinstance(error, botocore_errors.ClientError):
        return _client_error(error, operation)
    if isinstance(error, botocore_errors.CredentialRetrievalError) or (
        operation == "GetCredentials" and is_unsendable(error)
    ):
        return local_fault(error, profile)
    if isinstance(error, _CREDENTIALS) or _is_stale_refresh(error):
        return MissingCredentialsError(*_credentials_fault(error, profile))
    if isinstance(error, OSError) and error.filename is not None:
        return local_fault(error, profile)
    if isinstance(error, _UNREACHABLE):
        return AwsError("unreachable", operation, one_line(error), advice=_network_advice(error))
    if isinstance(error, ResponseParserError) or _came_from_parser(error):
        return AwsError("broken", operation, f"could not read the response: {one_line(error)}")
    if isinstance(error, botocore_errors.BotoCoreError):
        return AwsError("refused", operation, one_line(error))
    return None


def _credentials_fault(error: Exception, profile: str | None) -> tuple[str, str]:
    """Return what is wrong with the credentials, and advice."""
    name = profile or "PROFILE"
    if isinstance(error, _SSO):
        return f"the SSO login of profile {name} is missing or has expired", f"aws sso login --profile {name}"
    if isinstance(error, botocore_errors.LoginError):
        return one_line(error), f"aws login --profile {name}"
    if isinstance(error, botocore_errors.ProfileNotFound):
        advice = "see `aws configure list-profiles`; AWS_CONFIG_FILE sets the file to read"
        return one_line(error), advice + missing_files()
    if isinstance(error, botocore_errors.ConfigParseError):
        advice = "correct that file: it must be UTF-8 without a byte order mark, with [sections] and name = value"
        return one_line(error), advice
    if isinstance(error, botocore_errors.InvalidConfigError):
        return one_line(error), "correct the AWS configuration file: see `aws configure list`"
    if isinstance(error, botocore_errors.RefreshWithMFAUnsupportedError):
        return f"the MFA session of profile {name} has ended", mfa_advice(profile)
    if isinstance(error, botocore_errors.NoCredentialsError) and profile:
        advice = f"complete its keys, SSO settings, role or process: see `aws configure list --profile {profile}`"
        return f"profile {profile} has incomplete AWS credentials", advice
    if isinstance(error, botocore_errors.NoCredentialsError):
        advice = (
            "name a profile with -p, set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where "
            f"there is an instance role{missing_files()}"
        )
        return "no AWS credentials found", advice
    who = f"the credentials of profile {profile}" if profile else "AWS credentials"
    return f"{who} cannot be used: {one_line(error)}", "check them with `aws sts get-caller-identity`"


def mfa_advice(profile: str | None) -> str:
    """Return advice for an MFA prompt without a terminal."""
    name = profile or "PROFILE"
    return (
        f"first run `aws sts get-caller-identity --profile {name}` in a terminal: the session that the AWS CLI caches "
        "is used here; for a nightly job, use a role without MFA"
    )


def _client_error(error: botocore_errors.ClientError, operation: str) -> AwsError | MissingCredentialsError:
    details = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _kind(code, status, error.operation_name)
    # botocore may send requests for credentials during a request of another operation.
    failed = error.operation_name if error.operation_name in CREDENTIAL_CALLS else operation
    if code == "SignatureDoesNotMatch":
        text = "the request's signature does not match"  # AWS's message repeats the signed headers, token and all
    else:
        text = one_line(details.get("Message") or f"HTTP status {status}")
    message = f"{text} ({one_line(code)})" if code and not code.isdigit() and code not in (HTML, UNREADABLE) else text
    original = str(details.get("Message") or "")
    if failed in CREDENTIAL_CALLS and kind not in ("throttled", "broken"):
        denial = denied_by(original) if kind == "denied" else None
        return MissingCredentialsError(f"{failed}: {message}", login_advice(failed, code, original), denial)
    return AwsError(
        kind, failed, message, code=code, advice=advice_for(kind, failed, code, original),
        denied_by=denied_by(original) if kind == "denied" else "",
    )  # fmt: skip


def _kind(code: str, status: int, operation: str) -> ErrorKind:
    if code in KINDS:
        return KINDS[code]
    if code.startswith("NoSuch") or code == "ResourceNotFoundException":
        return "missing"
    if status == 404:
        # AWS sends a code for a missing resource, except in a response to HEAD. Others are from another server.
        return "missing" if operation.startswith("Head") or not code.isdigit() else "broken"
    if status in (401, 403):
        return "denied"
    if status == 429:
        return "throttled"
    return "broken" if status >= 500 else "refused"


def _network_advice(error: Exception) -> str:
    if os.strerror(errno.EMFILE) in str(error):
        return "raise this machine's limit of open files: `ulimit -n 4096`"
    if isinstance(error, botocore_errors.SSLError):
        return "check the clock and the certificates: AWS_CA_BUNDLE sets a file of additional ones"
    if isinstance(error, botocore_errors.ProxyConnectionError):
        return "check HTTPS_PROXY and NO_PROXY"
    return "check the network, the region, and AWS_ENDPOINT_URL if it is set"


def _is_stale_refresh(error: Exception) -> bool:
    """Return whether refreshed credentials have already expired: botocore raises a plain RuntimeError."""
    return isinstance(error, RuntimeError) and "credentials are still expired" in str(error)


def _came_from_parser(error: Exception) -> bool:
    """Return whether a parser of botocore failed: malformed responses raise various exceptions."""
    modules = {frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)}
    return "botocore.parsers" in modules
