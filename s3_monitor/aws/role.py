"""A connection to the account of a role, with the clients of the connection that assumes the role."""

from __future__ import annotations

import threading
from typing import Any

from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials, RefreshableCredentials
from botocore.utils import S3ExpressIdentityCache

from s3_monitor.aws import signing
from s3_monitor.aws.retries import Renewal
from s3_monitor.aws.session import Connection, RoleSessions, valid_identity
from s3_monitor.model.identity import Identity
from s3_monitor.model.plan import Access

_SESSION_NAME = "s3-monitor"


class RoleConnection:
    """The clients of a role, shared by threads. Its sessions are renewed before they end."""

    def __init__(self, source: Connection, access: Access) -> None:
        """Assume the role of ``access`` with the credentials of ``source``.

        Raises MissingCredentialsError if the role cannot be assumed, and AwsError if it could not be requested.
        """
        self.access, self.partition, self.home_region = access, source.partition, source.home_region
        self._source = source
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str | None], _RoleClient] = {}
        sessions = RoleSessions()
        extra = {"RoleSessionName": _SESSION_NAME}
        if access.external_id is not None:
            extra["ExternalId"] = access.external_id
        sts: Any = _Sts(source)
        fetcher = AssumeRoleCredentialFetcher(
            lambda *_, **__: sts, source.credentials, access.role_arn or "", extra_args=extra, cache=sessions
        )
        self._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, method="assume-role")
        self._renewal = Renewal(self._credentials, sessions.end)
        with source.translate_errors():
            self._credentials.get_frozen_credentials()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, by default in the home region. Raises UserError if a setting is invalid."""
        key = (service, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = _RoleClient(self._source.client(service, region), self._credentials, self._renewal)
            return self._clients[key]

    def identity(self) -> Identity:
        """Return the account of the role. Raises MissingCredentialsError if STS rejects the session, and AwsError."""
        return valid_identity(self.client("sts"), f"the credentials of {self.access.role_arn}")


class _RoleClient:
    """A shared client; its operations are signed with the credentials of a role."""

    def __init__(self, client: Any, credentials: Any, renewal: Renewal) -> None:
        self.meta = client.meta
        self._client = client
        own: Any = self
        sessions = S3ExpressIdentityCache(own, RefreshableCredentials) if hasattr(client, "create_session") else None
        self._signer = signing.Signer(credentials, renewal, sessions)

    def __getattr__(self, name: str) -> Any:
        """Return an operation. Other methods are missing: they would use the credentials of the client."""
        if name.startswith("_") or name not in self.meta.method_to_api_mapping:
            raise AttributeError(name)
        operation = getattr(self._client, name)

        def call(**arguments: Any) -> Any:
            with signing.signed_by(self._signer):
                return operation(**arguments)

        setattr(self, name, call)
        return call


class _Sts:
    """The operation that assumes a role, with the credentials of the connection, also during a call of a role."""

    def __init__(self, source: Connection) -> None:
        self._client = source.sts()

    def assume_role(self, **arguments: Any) -> Any:
        """Send AssumeRole."""
        with signing.signed_by(None):
            return self._client.assume_role(**arguments)


def connect(access: Access) -> Connection | RoleConnection:
    """Return the connection of an access, which no other role shares. Raises as both do."""
    source = Connection(access)
    return source if access.role_arn is None else RoleConnection(source, access)
