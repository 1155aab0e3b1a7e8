"""Access keys, and the temporary credentials of AssumeRole."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from s3_monitor.simulator.accounts import Account

SECRET = "simulated-secret-of-nobody"  # noqa: S105  # not a secret: signatures are not checked


class UnknownKey(Exception):
    """An access key or session token that does not exist."""


class ExpiredKey(Exception):
    """The access key of an expired session."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity that signed a request."""

    account: Account
    arn: str
    user_id: str
    access_key: str
    token: str | None = None
    expires: datetime | None = None
    missing: frozenset[str] = frozenset()  # IAM actions that no policy allows


class Credentials:
    """All access keys."""

    def __init__(self, accounts: Iterable[Account], now: Callable[[], datetime] | None = None) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self._callers: dict[str, Caller] = {}
        self._expired: set[str] = set()
        self._numbers = itertools.count(1)
        for account in accounts:
            if account.access_key in self._callers:
                raise ValueError(f"two accounts share the access key {account.access_key}")
            arn = account.arn("iam", f"user/{account.user}")
            user_id = f"AIDASIMULATED{account.id}"
            self._callers[account.access_key] = Caller(
                account, arn, user_id, account.access_key, missing=account.missing
            )

    def caller(self, access_key: str, token: str | None) -> Caller:
        """Return the caller with a key. Raises UnknownKey, ExpiredKey."""
        caller = self._callers.get(access_key)
        if caller is None or caller.token != token:
            raise UnknownKey(access_key)
        if access_key in self._expired or (caller.expires is not None and caller.expires <= self.now()):
            raise ExpiredKey(access_key)
        return caller

    def owner(self, access_key: str) -> str:
        """Return the account id of a key, expired or not; '-' for an unknown key."""
        caller = self._callers.get(access_key)
        return caller.account.id if caller else "-"

    def give(
        self, account: Account, arn: str, user_id: str, seconds: int, missing: frozenset[str] = frozenset()
    ) -> Caller:
        """Return temporary credentials for a role session. ``missing``: IAM actions that no policy allows."""
        number = next(self._numbers)
        key = f"ASIASIMULATED{number:08d}"
        expires = self.now() + timedelta(seconds=seconds)
        caller = Caller(account, arn, user_id, key, f"simulated-session-{number:08d}", expires, missing)
        self._callers[key] = caller
        return caller

    def expire(self, access_key: str) -> None:
        """Expire the session of a key."""
        self._expired.add(access_key)
