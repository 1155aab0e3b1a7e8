"""Download of a file by its URL, over TLS with the certificates of AWS clients, up to a maximum size."""

from __future__ import annotations

import ipaddress
import os
import ssl
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3.exceptions
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session, get_cert_path
from botocore.utils import get_environ_proxies

from s3_monitor import __version__
from s3_monitor.aws.deadline import STREAM_BYTES_PER_SECOND, Deadline, set_deadline, use_timed_connections
from s3_monitor.aws.error_text import one_line
from s3_monitor.model.errors import AwsError, ErrorKind, UserError
from s3_monitor.model.safe_text import public_url

LARGEST = 1 << 30  # bytes
_SECONDS = 60.0  # without a byte, and in addition to the time of a slow connection
_PIECE = 1 << 20
_REDIRECTS = 10
_OPERATION = "Download"


def download(url: str, largest: int = LARGEST, seconds: float = _SECONDS) -> bytes:
    """Return the body of an https URL, or an http URL of this machine; the same holds for redirects.

    Raises UserError for other URLs and AwsError if the download fails.
    """
    check(url)
    try:
        set_deadline(Deadline(seconds, STREAM_BYTES_PER_SECOND))
        return _body(_response(url, seconds), public_url(url), largest)
    except (BotoCoreError, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        advice = "check the network and HTTPS_PROXY; AWS_CA_BUNDLE names a file of further certificates"
        raise AwsError("unreachable", _OPERATION, f"{public_url(url)}: {one_line(error)}", advice=advice) from error
    finally:
        set_deadline(None)


def check(url: str) -> None:
    """Raise UserError for a URL that must not be used."""
    shown = public_url(url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise UserError(f"{shown}: not a URL: {one_line(error)}") from error
    if parts.netloc != urlsplit(shown).netloc:
        raise UserError(f"{shown}: a URL must not contain a user or password", "download the list, and name the file")
    if parts.scheme == "https" and host:
        return
    if parts.scheme != "http" or not host:
        raise UserError(f"{shown}: not an address that begins with https://")
    if not _is_this_machine(host):
        raise UserError(f"{shown}: prices must be downloaded over a secure connection", "use https://")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _response(url: str, seconds: float) -> Any:
    """Return the response of a URL, without its body, after redirects from TLS to TLS or on this machine."""
    session = _session(url, seconds)
    for _ in range(_REDIRECTS):
        request = AWSRequest("GET", url, {"User-Agent": f"s3-monitor/{__version__}"}, stream_output=True)
        response = session.send(request.prepare())
        target = response.headers.get("Location")
        if response.status_code not in (301, 302, 303, 307, 308) or not target:
            break
        target = urljoin(url, target)
        try:
            check(target)
        except UserError as error:
            raise ValueError(f"redirected: {error}") from error
        if urlsplit(target).scheme != urlsplit(url).scheme:
            raise ValueError(f"redirected to another scheme: {public_url(target)}")
        url = target
    if (status := response.status_code) != 200:
        kind: ErrorKind = "missing" if status == 404 else "denied" if status in (401, 403) else "broken"
        reason = one_line(response.raw.reason or "")
        raise AwsError(kind, _OPERATION, f"{public_url(url)}: HTTP status {status} {reason}")
    return response.raw


def _session(url: str, seconds: float) -> URLLib3Session:
    certificates = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or get_cert_path(True)
    try:
        ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise UserError(f"AWS_CA_BUNDLE={certificates}: {error.strerror or error}") from error
    proxies = {} if _is_this_machine(urlsplit(url).hostname or "") else get_environ_proxies(url)
    session = URLLib3Session(verify=certificates, proxies=proxies, timeout=seconds)  # type: ignore[arg-type]
    use_timed_connections(session)
    return session


def _body(stream: Any, url: str, largest: int) -> bytes:
    pieces = bytearray()
    try:
        while piece := stream.read(_PIECE):
            pieces += piece
            if len(pieces) > largest:
                raise AwsError("refused", _OPERATION, f"{url}: larger than {largest >> 20} MiB")
    except urllib3.exceptions.ProtocolError as error:
        if not isinstance(error.__cause__, urllib3.exceptions.IncompleteRead):
            raise
        missing = error.__cause__.expected
        raise AwsError("broken", _OPERATION, f"{url}: truncated, {missing} bytes are missing") from error
    return bytes(pieces)
