"""A connection to an account: credentials, clients, timeouts and retries. Prompts only on a terminal."""

from __future__ import annotations

import getpass
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import NoCredentialsError, UnknownRegionError
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver
from botocore.utils import JSONFileCache

from s3_monitor import __version__
from s3_monitor.aws import credential_process, fast_parsers, response_checks, retries, signing
from s3_monitor.aws.api_calls import report_requests
from s3_monitor.aws.deadline import limit
from s3_monitor.aws.error_translation import mfa_advice, translate, translated
from s3_monitor.aws.local_errors import check_files, check_keys, check_urls, check_values, local_fault
from s3_monitor.aws.timestamps import parse_timestamp
from s3_monitor.model.bounds import ACCOUNT, PARTITION
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.identity import Identity
from s3_monitor.model.plan import Access

if TYPE_CHECKING:
    from botocore.config import _RetryDict

# With these values, an unreachable region fails after about two minutes: 8 × 12 s and the delays between attempts.
_ATTEMPTS = 8
_CONNECT_SECONDS = 5
_READ_SECONDS = 12
_POOL = 32
# AWS: each partition has its own regions and credentials.
_OWN_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1", "aws-eusc": "eusc-de-east-1"}


class Connection:
    """The clients of a profile or the default credentials, created once and shared by threads and roles.

    All settings that boto3 reads from the environment and configuration files apply. ``home_region``: the region of
    requests that do not concern a region: the configured one, else us-east-1 or the default of the partition.
    """

    def __init__(
        self,
        access: Access,
        on_retry: Callable[[retries.Retry], None] | None = None,
        process_seconds: float = credential_process.SECONDS,
    ) -> None:
        """Get credentials. ``on_retry`` is called before a retry; ``process_seconds``: limit of a credential_process.

        A role in ``access`` determines only the partition; see ``role.connect``. Raises MissingCredentialsError if
        there are no usable credentials, UserError for an invalid configuration, and AwsError if a login could not be
        requested.
        """
        self.access = access
        self._profile = access.profile or os.environ.get("AWS_DEFAULT_PROFILE") or os.environ.get("AWS_PROFILE")
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._sts: Any = None
        with self.translate_errors():
            self._session = _session(access)
            check_files(self._session)
            check_urls()
            if on_retry is not None:
                retries.watch(self._session.get_component("event_emitter"), on_retry)
            self.partition, self.home_region = _home(self._session, access)
            self._session.set_config_variable("region", self.home_region)
            credential_process.limit_processes(self._session.get_component("credential_provider"), process_seconds)
            self._sign_in()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, by default in the home region. Raises UserError if a setting is invalid."""
        key = (service, region or self.home_region)
        with self._lock:  # creating clients is not thread-safe, using them is
            if key not in self._clients:
                self._clients[key] = signing.install(report_requests(self._new_client(*key)))
            return self._clients[key]

    def sts(self) -> Any:
        """Return the client that assumes roles. Its requests do not count as those of the current call."""
        with self._lock:
            if self._sts is None:
                self._sts = signing.install(self._new_client("sts", self.home_region))
            return self._sts

    def _new_client(self, service: str, region: str) -> Any:
        with self.translate_errors():  # botocore raises various exceptions for malformed settings
            return self._session.create_client(service, region_name=region)

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Translate the exceptions of getting credentials and of creating clients."""
        try:
            yield
        except (AwsError, UserError):
            raise
        except Exception as error:
            raise self._translated(error) from error

    def identity(self) -> Identity:
        """Return the account of the credentials. Raises MissingCredentialsError if STS rejects them, and AwsError."""
        who = f"the credentials of profile {self._profile}" if self._profile else "the AWS credentials"
        return valid_identity(self.client("sts"), who)

    def _sign_in(self) -> None:
        """Get credentials now, so that problems with them are reported first."""
        resolver = self._session.get_component("credential_provider")
        caches: list[RoleSessions] = [_CliCache()]
        for provider in resolver.providers:
            if provider.METHOD == "assume-role":
                provider.cache, provider._prompter = caches[0], self._ask_mfa_code
            elif hasattr(provider, "cache"):
                caches.append(RoleSessions())
                provider.cache = caches[-1]
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        check_keys(credentials.get_frozen_credentials(), credentials.method, self._profile)

        def end(token: str) -> None:
            for sessions in caches:
                sessions.end(token)

        self.credentials = credentials
        self._renewal = retries.Renewal(credentials, end)
        self._renewal.install(self._session.get_component("event_emitter"))

    def _ask_mfa_code(self, prompt: str) -> str:
        """Prompt on a terminal; otherwise raise MissingCredentialsError with advice."""
        if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
            profile = self._profile or "default"
            raise MissingCredentialsError(
                f"profile {profile} requires an MFA code, and there is no terminal", mfa_advice(profile)
            )
        return getpass.getpass(prompt)

    def _translated(self, error: Exception) -> Exception:
        """Return the error of this package for an error while getting credentials or creating clients."""
        failure = translate(error, "GetCredentials", self._profile)
        if failure is None or (isinstance(failure, AwsError) and failure.kind == "refused"):
            failure = local_fault(error, self._profile) or failure
        return failure or error


def valid_identity(client: Any, who: str) -> Identity:
    """Return the account and partition of a client's credentials.

    Raises MissingCredentialsError if STS rejects the credentials (``who``, in the plural), and AwsError.
    """
    try:
        return caller_identity(client)
    except AwsError as failure:
        if failure.kind not in ("expired", "invalid-credentials"):
            raise
        raise MissingCredentialsError(f"{who} are not valid: {failure.message}", failure.advice) from failure


def caller_identity(client: Any) -> Identity:
    """Return the account and partition of a client's credentials. AWS: requires no permission."""
    operation = "GetCallerIdentity"
    with translated(operation):
        response = client.get_caller_identity()
    account, arn = response.get("Account") or "", response.get("Arn") or ""
    prefix, _, rest = arn.partition(":")
    partition = rest.partition(":")[0]
    if not ACCOUNT.fullmatch(account) or prefix != "arn" or not PARTITION.fullmatch(partition):
        raise AwsError("broken", operation, "the response names no account and partition", advice="try again later")
    return Identity(account=account, partition=partition)


def known_regions(partition: str) -> list[str]:
    """Return the sorted regions of a partition in botocore's data, without a request. Newer regions may be missing."""
    return sorted(_endpoints().get_available_endpoints("s3", partition))


class RoleSessions(dict[str, Any]):
    """A cache of role sessions in memory, as botocore uses it."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: set[str] = set()

    def end(self, token: str) -> None:
        """Remove the session with a token permanently."""
        self.ended.add(token)
        for key, session in list(self.items()):
            if session["Credentials"]["SessionToken"] == token:
                del self[key]


class _CliCache(RoleSessions):
    """A cache that also reads the AWS CLI's cached MFA sessions, so that no second code is needed. Read-only."""

    def __init__(self) -> None:
        super().__init__()
        # Path.expanduser would raise an error for a user without a home directory.
        self._files = JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))  # noqa: PTH111

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self._from_cli(str(key)) is not None

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key) if super().__contains__(key) else self._from_cli(key)

    def _from_cli(self, key: str) -> Any:
        try:
            cached = self._files[key]
            credentials = cached["Credentials"]
            usable = "Expiration" in credentials and credentials["SessionToken"] not in self.ended
        except (KeyError, TypeError, OSError, ValueError):  # missing, or not a session
            return None
        return cached if usable else None


class _Session(botocore.session.Session):
    """A session whose clients have deadlines, including those that botocore creates for credentials."""

    def create_client(self, *arguments: Any, **named: Any) -> Any:
        """Create a client with a deadline."""
        return limit(super().create_client(*arguments, **named))


def _session(access: Access) -> botocore.session.Session:
    """Create a botocore session with the timestamp parser, response checks, retries and timeouts of this package."""
    session = _Session(profile=access.profile)
    check_values(session)
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse_timestamp)
    events = session.get_component("event_emitter")
    response_checks.install(events)
    fast_parsers.install(events)
    retries.install(events)
    if session.get_config_variable("max_attempts") is None:
        retries.wait_out_throttling(events)
    session.set_default_client_config(
        Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=_POOL,
            retries=_retries(session),
            user_agent_extra=f"s3-monitor/{__version__}",
        )
    )
    return session


@cache
def _loader(data_path: str | None) -> Any:
    """Return the loader of service models, shared by all connections because models are slow to read."""
    return create_loader(data_path)


@cache
def _endpoints() -> EndpointResolver:
    return EndpointResolver(_loader(None).load_data("endpoints"))


def _retries(session: botocore.session.Session) -> _RetryDict:
    """Return the retry settings: standard mode and _ATTEMPTS, unless the user has configured them."""
    retries: _RetryDict = {}
    if "AWS_RETRY_MODE" not in os.environ and "retry_mode" not in session.get_scoped_config():
        retries["mode"] = "standard"
    if session.get_config_variable("max_attempts") is None:
        retries["total_max_attempts"] = _ATTEMPTS
    return retries


def _home(session: botocore.session.Session, access: Access) -> tuple[str, str]:
    """Return partition and home region. The ARN of a role determines the partition; other regions are ignored."""
    of_role = re.match(r"arn:([a-z-]+):", access.role_arn or "")
    # Same order as the AWS CLI: AWS_REGION, AWS_DEFAULT_REGION, the region of the profile.
    configured = access.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    partition = of_role[1] if of_role else _partition(configured)
    if configured and _partition(configured) == partition:
        return partition, configured
    if partition not in _OWN_REGION:
        raise UserError(f"no region is configured for partition {partition}", "set AWS_DEFAULT_REGION")
    return partition, _OWN_REGION[partition]


def _partition(region: str | None) -> str:
    if not region:
        return "aws"
    try:
        return str(_endpoints().get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"
