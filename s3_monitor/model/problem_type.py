"""A kind of problem: its severity, what it affects, and its texts."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Severity = Literal["gap", "note"]
Affected = Literal["cost", "size", "objects", "last_modified", "configuration", "requests", "bill"]
Affects = tuple[Affected, ...]
_FORMS = re.compile(r"\[(?:([^|\]]*)\|)?([^\]]*)\]")


class ProblemType(msgspec.Struct, frozen=True):
    """A kind of problem. Its texts are templates: `{detail}` is AWS's message, `{buckets}` a number and some names."""

    severity: Severity
    message: str
    plural: str = ""
    """The message where several buckets have the problem; empty: the same."""
    advice: str = ""
    """What to do, where the error itself has no advice."""
    affects: Affects = ()

    @property
    def has_detail(self) -> bool:
        """Return whether the message ends with AWS's text, after its first colon."""
        return self.message.endswith(": {detail}")


def gap(message: str, affects: Affects = (), *, advice: str = "") -> ProblemType:
    """Return a kind of missing data. See ``_forms`` for the message."""
    return ProblemType("gap", *_forms(message), advice, affects)


def note(message: str, affects: Affects = (), *, advice: str = "") -> ProblemType:
    """Return a kind of explanation of a figure. See ``_forms`` for the message."""
    return ProblemType("note", *_forms(message), advice, affects)


def _forms(message: str) -> tuple[str, str]:
    """Return the singular and the plural of a message, which has them as [singular|plural] or [only in the plural].

    The plural is empty if the message has no such part.
    """
    singular = _FORMS.sub(lambda part: part[1] or "", message)
    return singular, "" if singular == message else _FORMS.sub(lambda part: part[2], message)
