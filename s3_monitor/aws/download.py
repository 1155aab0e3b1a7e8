"""Download of a file by its URL, over TLS with the certificates of AWS clients, up to a maximum size."""

from __future__ import annotations

import http.client
import ipaddress
import os
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path

from s3_monitor import __version__
from s3_monitor.aws.deadline import STREAM_BYTES_PER_SECOND, Deadline, TimedResponse, set_deadline
from s3_monitor.aws.error_text import one_line
from s3_monitor.model.errors import AwsError, ErrorKind, UserError
from s3_monitor.model.safe_text import public_url

LARGEST = 1 << 30  # bytes
_SECONDS = 60.0  # without a byte, and in addition to the time of a slow connection
_PIECE = 1 << 20
_OPERATION = "Download"


def download(url: str, largest: int = LARGEST, seconds: float = _SECONDS) -> bytes:
    """Return the body of an https URL, or an http URL of this machine; the same holds for redirects.

    Raises UserError for other URLs and AwsError if the download fails.
    """
    check(url)
    request = urllib.request.Request(url, headers={"User-Agent": f"s3-monitor/{__version__}"})  # noqa: S310  # checked
    try:
        set_deadline(Deadline(seconds, STREAM_BYTES_PER_SECOND))
        with _opener(url).open(request, timeout=seconds) as answer:
            return _body(answer, largest)
    except urllib.error.HTTPError as error:
        reason = one_line(error.reason)
        kind: ErrorKind = "missing" if error.code == 404 else "denied" if error.code in (401, 403) else "broken"
        raise AwsError(kind, _OPERATION, f"{public_url(url)}: HTTP status {error.code} {reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
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


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to allowed URLs: from this machine to this machine, from TLS to TLS."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        try:
            check(newurl)
        except UserError as error:
            raise urllib.error.URLError(f"redirected: {error}") from error
        if urlsplit(newurl).scheme != urlsplit(req.full_url).scheme:
            raise urllib.error.URLError(f"redirected to another scheme: {public_url(newurl)}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _HttpConnection(http.client.HTTPConnection):
    response_class = TimedResponse


class _HttpsConnection(http.client.HTTPSConnection):
    response_class = TimedResponse


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpConnection, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._certificates = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HttpsConnection, req, context=self._certificates)


def _opener(url: str) -> urllib.request.OpenerDirector:
    certificates = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or get_cert_path(True)
    try:
        context = ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise UserError(f"AWS_CA_BUNDLE={certificates}: {error.strerror or error}") from error
    handlers: list[urllib.request.BaseHandler] = [_Redirects(), _Http(), _Https(context=context)]
    if _is_this_machine(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _body(answer: Any, largest: int) -> bytes:
    pieces = bytearray()
    while piece := answer.read(_PIECE):
        pieces += piece
        if len(pieces) > largest:
            raise AwsError("refused", _OPERATION, f"{public_url(answer.url)}: larger than {largest >> 20} MiB")
    if answer.length:  # http.client does not report a truncated body
        raise AwsError("broken", _OPERATION, f"{public_url(answer.url)}: truncated, {answer.length} bytes are missing")
    return bytes(pieces)
