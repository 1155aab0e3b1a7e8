"""Fault injection: rules that select requests and how they fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

Action = Literal[
    "deny",  # access denied
    "throttle",  # throttled
    "error",  # an internal error of AWS, HTTP `status`
    "disabled",  # the region is not enabled in the account
    "expire",  # the credentials of the caller expire
    "slow",  # response after `seconds`
    "reset",  # connection reset before the response
    "cut",  # connection closed within the response
    "malformed",  # half of the body, with its length
    "hang",  # no response
]


@dataclass(frozen=True)
class Fault:
    """A rule. Names are glob patterns, and of the matching requests some are selected.

    first=3: only the first three; after=3: all but the first three; every=4: the 4th, 8th, 12th and so on.
    """

    action: Action
    account: str = "*"
    region: str = "*"
    service: str = "*"  # the signing name: s3, monitoring, sts, account
    operation: str = "*"
    bucket: str = "*"  # with a pattern other than *, only requests to a bucket
    first: int | None = None
    after: int = 0
    every: int = 1
    seconds: float = 1.0
    status: int = 500

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"a fault must be one of {', '.join(get_args(Action))}")
        if self.every < 1 or self.after < 0 or (self.first is not None and self.first < 1):
            raise ValueError("first and every count from 1, after from 0")

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Return the rule ACTION[:NAME=VALUE[,NAME=VALUE]…], e.g. deny:region=eu-west-1,operation=ListMetrics."""
        action, _, rest = text.partition(":")
        fields: dict[str, str | int | float] = {}
        for pair in filter(None, rest.split(",")):
            name, equals, value = pair.partition("=")
            if not equals or name not in cls.__dataclass_fields__ or name == "action":
                names = ", ".join(name for name in cls.__dataclass_fields__ if name != "action")
                raise ValueError(f"{pair!r} in fault {text!r}: write NAME=VALUE, with a name of {names}")
            fields[name] = _number(name, value)
        return cls(action, **fields)  # type: ignore[arg-type]  # __post_init__ refuses what is no action

    def matches(self, account: str, region: str, service: str, operation: str, bucket: str | None) -> bool:
        """Return whether the rule matches a request."""
        return (
            fnmatchcase(account, self.account)
            and fnmatchcase(region, self.region)
            and fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.operation)
            and (self.bucket == "*" or (bucket is not None and fnmatchcase(bucket, self.bucket)))
        )

    def picks(self, nth: int) -> bool:
        """Return whether the nth matching request fails, counted from 1."""
        if self.first is not None and nth > self.first:
            return False
        return nth > self.after and nth % self.every == 0


def _number(name: str, value: str) -> str | int | float:
    if name == "seconds":
        return float(value)
    return int(value) if name in ("first", "after", "every", "status") else value


class Faults:
    """The active rules with the numbers of their matches. The first rule that selects a request applies."""

    def __init__(self, rules: Iterable[Fault] = ()) -> None:
        self._rules: list[Fault] = []
        self._matched: list[int] = []
        for rule in rules:
            self.add(rule)

    def add(self, rule: Fault) -> None:
        """Add a rule after the others."""
        self._matched.append(0)
        self._rules.append(rule)

    def clear(self) -> None:
        """Remove all rules."""
        self._rules, self._matched = [], []

    def pick(self, account: str, region: str, service: str, operation: str, bucket: str | None) -> Fault | None:
        """Return the fault of a request, or None. Every matching rule counts the request."""
        picked = None
        for index, rule in enumerate(self._rules):
            if rule.matches(account, region, service, operation, bucket):
                self._matched[index] += 1
                if picked is None and rule.picks(self._matched[index]):
                    picked = rule
        return picked
