"""What goes wrong on purpose: rules that match calls and say how they fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

Action = Literal[
    "deny",  # the caller may not
    "throttle",  # as if over the quota
    "error",  # an internal error of AWS, HTTP `status`
    "disabled",  # the region is not enabled in the account
    "expire",  # the caller's credentials end, for good
    "slow",  # answered `seconds` later
    "reset",  # the connection ends before the answer
    "cut",  # the connection ends in the middle of the answer
    "malformed",  # half an answer that says it is whole
    "hang",  # no answer
]


@dataclass(frozen=True)
class Fault:
    """A rule. The names are glob patterns; of the calls that match, some are picked.

    first=3: only the first three; after=3: all but the first three; every=4: the 4th, 8th, 12th of them.
    """

    action: Action
    account: str = "*"
    region: str = "*"
    service: str = "*"  # the signing name: s3, monitoring, sts, account
    operation: str = "*"
    bucket: str = "*"  # matches only calls to a bucket unless it is *
    first: int | None = None
    after: int = 0
    every: int = 1
    seconds: float = 1.0
    status: int = 500

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise ValueError(f"no such fault: {self.action!r}; there are {', '.join(get_args(Action))}")
        if self.every < 1 or self.after < 0 or (self.first is not None and self.first < 1):
            raise ValueError("first and every count from 1, after from 0")

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """A rule from ACTION[:NAME=VALUE[,NAME=VALUE]…], e.g. deny:region=eu-west-1,operation=ListMetrics."""
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
        """Whether a call is of those the rule is about, whatever was picked so far."""
        return (
            fnmatchcase(account, self.account)
            and fnmatchcase(region, self.region)
            and fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.operation)
            and (self.bucket == "*" or (bucket is not None and fnmatchcase(bucket, self.bucket)))
        )

    def picks(self, nth: int) -> bool:
        """Whether the nth matching call, counted from 1, fails."""
        if self.first is not None and nth > self.first:
            return False
        return nth > self.after and nth % self.every == 0


def _number(name: str, value: str) -> str | int | float:
    if name == "seconds":
        return float(value)
    return int(value) if name in ("first", "after", "every", "status") else value


class Faults:
    """The rules in force and how often each matched. The first that picks a call decides."""

    def __init__(self, rules: Iterable[Fault] = ()) -> None:
        self._rules: list[Fault] = []
        self._matched: list[int] = []
        for rule in rules:
            self.add(rule)

    def add(self, rule: Fault) -> None:
        """Puts a rule in force, after those there are."""
        self._matched.append(0)
        self._rules.append(rule)

    def clear(self) -> None:
        """Ends all faults."""
        self._rules, self._matched = [], []

    def pick(self, account: str, region: str, service: str, operation: str, bucket: str | None) -> Fault | None:
        """The fault of a call, if it has one. Every rule that matches counts the call."""
        picked = None
        for index, rule in enumerate(self._rules):
            if rule.matches(account, region, service, operation, bucket):
                self._matched[index] += 1
                if picked is None and rule.picks(self._matched[index]):
                    picked = rule
        return picked
