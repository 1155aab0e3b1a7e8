"""A deadline for `credential_process`: botocore waits for the program without one."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

from botocore.credentials import ProcessProvider
from botocore.exceptions import CredentialRetrievalError

SECONDS = 60.0


class LimitedProcess(subprocess.Popen[bytes]):
    """A credential process that is killed at its deadline."""

    def __init__(self, *arguments: Any, seconds: float, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seconds = seconds

    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Return what the process printed. CredentialRetrievalError if it does not end in time."""
        try:
            return super().communicate(input, self._seconds if timeout is None else timeout)
        except subprocess.TimeoutExpired as error:
            self.kill()
            self.wait()  # without reading on: a child of the process may keep its output open
            what = f"the program did not end within {self._seconds:g} seconds; run it in a terminal to see what it does"
            raise CredentialRetrievalError(provider=ProcessProvider.METHOD, error_msg=what) from error


def limit_processes(resolver: Any, seconds: float = SECONDS) -> None:
    """Set the deadline for the credential processes of a resolver, those of source profiles included."""
    popen = partial(LimitedProcess, seconds=seconds)
    for provider in resolver.providers:
        if provider.METHOD == ProcessProvider.METHOD:
            provider._popen = popen
        builder = getattr(provider, "_profile_provider_builder", None)
        if builder is not None:
            builder._create_process_provider = partial(_limited, builder._create_process_provider, popen)


def _limited(create: Any, popen: Any, profile: str) -> Any:
    provider = create(profile)
    provider._popen = popen
    return provider
