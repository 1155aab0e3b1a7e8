"""Errors in this machine's AWS settings: files, variables and programs that provide credentials.

They are errors of usage (exit status 2) and name the setting to change.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import stat
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.credentials import CredentialProvider, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, HTTPClientError, ParamValidationError
from urllib3.exceptions import LocationValueError

from s3_monitor.aws.error_text import one_line
from s3_monitor.model.errors import MissingCredentialsError, UserError
from s3_monitor.model.files import descriptor_of
from s3_monitor.model.safe_text import public_url

_KEYS = {
    "access_key": ("AWS_ACCESS_KEY_ID", "aws_access_key_id"),
    "secret_key": ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"),
    "token": ("AWS_SESSION_TOKEN", "aws_session_token"),
}
# botocore's name of the source → the setting and its rule.
_SOURCES = {
    "custom-process": (
        "credential_process",
        'the program must exist and print JSON: {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}',
    ),
    "assume-role-with-web-identity": (
        "AWS_WEB_IDENTITY_TOKEN_FILE or web_identity_token_file",
        "the setting must name a readable file with a token",
    ),
    "container-role": (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI, …_RELATIVE_URI or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "the settings must name the container's credentials endpoint and a readable token file",
    ),
    "sso": ("the SSO login", "log in again with `aws sso login`, or correct the settings with `aws configure sso`"),
    "assume-role": ("source_profile or credential_source", "see `aws configure list`"),
    "shared-credentials-file": ("AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials", "see `aws configure list`"),
    "config-file": ("AWS_CONFIG_FILE or ~/.aws/config", "see `aws configure list`"),
}
_PARAMETERS = {
    "RoleArn": "AWS_ROLE_ARN or role_arn",
    "RoleSessionName": "AWS_ROLE_SESSION_NAME or role_session_name",
    "ExternalId": "external_id",
    "DurationSeconds": "duration_seconds",
    "SerialNumber": "mfa_serial",
    "TokenCode": "the MFA code",
}
_ELSE = ("the AWS configuration", "see `aws configure list`, and the variables that begin with AWS_")
_URLS = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
)
_NETWORK = (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)


def check_files(session: Any) -> None:
    """Raise UserError for a settings file that is not a readable file: botocore would ignore it or wait forever."""
    for setting, variable in (
        ("AWS_CONFIG_FILE", "config_file"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials_file"),
        ("AWS_CA_BUNDLE", "ca_bundle"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", ""),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", ""),
    ):
        name = session.get_config_variable(variable) if variable else os.environ.get(setting)
        path = os.path.expanduser(name) if name else ""  # noqa: PTH111  # Path raises an error without a home
        try:
            _check_file(path, folders=variable == "ca_bundle", required=variable == "ca_bundle")
        except OSError as error:
            where = setting if os.environ.get(setting) else f"the file of {setting}"
            reason = error.strerror or error
            raise UserError(f"could not read {path}: {reason}", f"{where} must be a readable file") from error


def check_values(session: Any) -> None:
    """Raise UserError for a setting, such as max_attempts, that botocore cannot convert."""
    for name, (_, variable, _, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        if convert is not None:
            try:
                session.get_config_variable(name)
            except ValueError as error:
                names = f"{variable} or {name}" if variable else name
                raise UserError(f"{names} cannot be used: {error}", "see `aws configure list`") from error


def missing_files() -> str:
    """Return a suffix for a message: the variables that name missing configuration files."""
    return "".join(
        f"; {name} names {os.environ[name]}, which does not exist"
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
        if os.environ.get(name) and not os.path.exists(os.path.expanduser(os.environ[name]))  # noqa: PTH110, PTH111
    )


def check_urls() -> None:
    """Raise UserError for an invalid URL of an endpoint or proxy: botocore's error would quote parts of a password."""
    for name, value in sorted(os.environ.items()):
        if not (name.startswith("AWS_ENDPOINT_URL") or name.upper() in _URLS) or not value:
            continue
        try:
            parts = urlsplit(value if "://" in value else f"//{value}")
            parts.port  # noqa: B018  # it is read here
        except ValueError as error:
            advice = "check the port, and percent-encode the special characters of user and password, e.g. / as %2F"
            raise UserError(f"{name} must be a URL, got {public_url(value)}", advice) from error


def _check_file(path: str, *, folders: bool, required: bool) -> None:
    """Raise OSError if the file cannot be read."""
    if not path or not (required or os.path.lexists(path)):
        return
    mode = os.stat(path).st_mode  # noqa: PTH116
    if stat.S_ISDIR(mode) and not folders:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if stat.S_ISFIFO(mode) and descriptor_of(Path(path)) is None:  # reading could wait forever
        raise OSError(errno.EINVAL, "it is a pipe", path)
    if stat.S_ISREG(mode):  # a pipe can be read only once
        with open(path, "rb"):  # noqa: PTH123
            pass
    if folders and stat.S_ISREG(mode):
        try:
            ssl.create_default_context(cafile=path)
        except ssl.SSLError as error:
            raise OSError(errno.EINVAL, "it holds no certificates in PEM format", path) from error


def check_keys(frozen: Any, method: str, profile: str | None) -> None:
    """Raise MissingCredentialsError for a key that cannot be sent, such as one with a trailing carriage return."""
    for field, (variable, key) in _KEYS.items():
        value = getattr(frozen, field) or ""
        if not isinstance(value, str):
            value = "\0"
        if value.isascii() and value.isprintable() and " " not in value and (value or field == "token"):
            continue
        where = variable if method == "env" else f"{key} of profile {profile or 'default'} ({method})"
        raise MissingCredentialsError(
            f"{where} must be printable ASCII without spaces", "copy the key again, without line breaks and spaces"
        )


def local_fault(error: BaseException, profile: str | None) -> MissingCredentialsError | None:
    """Return the error in the settings behind an error of getting credentials; None for a network error."""
    if isinstance(error, _NETWORK):
        return None
    setting, rule = _SOURCES.get(_source(error), _ELSE)
    if isinstance(error, ParamValidationError):
        named = re.search(r"parameter (\w+)", str(error))
        setting = _PARAMETERS.get(named[1] if named else "", setting)
    of_profile = f" of profile {profile}" if profile else ""
    if isinstance(error, OSError) and error.filename is not None:
        what = f": could not use {error.filename}: {error.strerror}"
    elif isinstance(error, OSError):
        return None
    else:
        what = f" cannot be used: {_reason(error)}"
    return MissingCredentialsError(one_line(f"{setting}{of_profile}{what}"), rule)


def is_unsendable(error: BaseException) -> bool:
    """Return whether a request could not be sent because its URL or a header is malformed."""
    cause = error.kwargs.get("error") if type(error) is HTTPClientError else error
    return isinstance(cause, (ValueError, LocationValueError))


def _source(error: BaseException) -> str:
    """Return botocore's name of the credentials' source."""
    if isinstance(error, CredentialRetrievalError):
        return str(error.kwargs.get("provider", ""))
    found = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        provider = frame.f_locals.get("self")
        if isinstance(provider, CredentialProvider):
            found = provider.METHOD or found
        elif isinstance(provider, RefreshableCredentials):
            found = provider.method or found
        elif type(provider).__name__.startswith("AssumeRoleWithWebIdentity"):
            found = "assume-role-with-web-identity"
    return found


def _reason(error: BaseException) -> str:
    """Return the message without the text that was read, which may be a secret."""
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if type(error) is HTTPClientError:
        return "a URL or a token is malformed"
    if isinstance(error, CredentialRetrievalError):
        return " ".join(str(error.kwargs.get("error_msg", error)).split()) or "it failed without a message"
    if isinstance(error, (IndexError, AttributeError, KeyError)):
        return "not as expected"
    return " ".join(str(error).split())
