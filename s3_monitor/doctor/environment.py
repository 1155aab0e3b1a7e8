"""The checks of the machine: clock, endpoints and proxy."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from s3_monitor.doctor.report import EnvironmentCheck
from s3_monitor.model.safe_text import public_url

# AWS: rejects requests whose time differs by more than 5 minutes, S3 by 15.
_MOST_SECONDS = 300


def check_clock(server_time: datetime | None, now: datetime) -> EnvironmentCheck:
    """Compare the clock with the time of a response."""
    if server_time is None:
        return EnvironmentCheck("clock", True, "not checked: no response has a time")
    seconds = round((now - server_time).total_seconds())
    direction = "ahead of" if seconds > 0 else "behind"
    message = f"{abs(seconds):,} s {direction} AWS" if seconds else "equal to AWS"
    if abs(seconds) <= _MOST_SECONDS:
        return EnvironmentCheck("clock", True, message)
    return EnvironmentCheck(
        "clock", False, message, "set the clock of this machine: AWS rejects requests with a wrong time"
    )


def check_endpoints(environment: Mapping[str, str], endpoint: str | None) -> Iterator[EnvironmentCheck]:
    """Report the endpoints that replace those of AWS. ``endpoint``: the URL that responded."""
    custom = {name: url for name, url in sorted(environment.items()) if name.startswith("AWS_ENDPOINT_URL") and url}
    for name, url in custom.items():
        yield EnvironmentCheck("endpoint", True, f"{name} sends requests to {_host(url)} instead of AWS")
    if not custom and endpoint is not None:
        yield EnvironmentCheck("endpoint", True, f"{_host(endpoint)} responds")


def check_proxy(proxies: Mapping[str, str] | None = None) -> EnvironmentCheck:
    """Report the proxy of HTTPS requests."""
    found = urllib.request.getproxies() if proxies is None else proxies
    if proxy := found.get("https"):
        return EnvironmentCheck("proxy", True, f"HTTPS requests go through {public_url(proxy)}")
    return EnvironmentCheck("proxy", True, "none")


def _host(url: str) -> str:
    return urlsplit(url).hostname or public_url(url)
