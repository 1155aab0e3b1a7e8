"""Downloads by URL: allowed addresses, size limits and redirects."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from s3_monitor.aws.download import check, download
from s3_monitor.model.errors import AwsError, UserError

BODY = b"prices " * 1000


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        if self.path.startswith("/status/"):
            self.send_error(int(self.path.removeprefix("/status/")))
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY) * (2 if self.path == "/cut" else 1)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()


def test_a_file_is_downloaded_completely(server: str) -> None:
    assert download(f"{server}/index.json") == BODY
    assert download(f"{server}/to/{server}/index.json") == BODY


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/index.json",
        "http://127.0.0.1.example.com/index.json",
        "http://10.0.0.1/index.json",
        "file:///etc/passwd",
        "ftp://example.com/index.json",
        "https:///index.json",
        "http://[::1/index.json",
        "s3://bucket/key",
    ],
)
def test_only_https_and_loopback_urls_are_requested(url: str) -> None:
    with pytest.raises(UserError):
        check(url)
    with pytest.raises(UserError):
        download(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://127.0.0.1:1/x", "http://[::1]:1/x", "http://localhost/x"]
)
def test_allowed_urls_are_accepted(url: str) -> None:
    check(url)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "http://example.com/x", "ftp://example.com/", "https://127.0.0.1:1/x"]
)
def test_a_redirect_to_anything_else_is_not_followed(server: str, target: str) -> None:
    with pytest.raises(AwsError, match=r"[Rr]edirect"):
        download(f"{server}/to/{target}")


@pytest.mark.parametrize(("status", "kind"), [(404, "missing"), (403, "denied"), (500, "broken"), (503, "broken")])
def test_an_error_status_is_reported_with_the_url(server: str, status: int, kind: str) -> None:
    with pytest.raises(AwsError, match=f"/status/{status}") as caught:
        download(f"{server}/status/{status}")
    assert caught.value.kind == kind


def test_a_file_that_is_too_large_or_truncated_is_rejected(server: str) -> None:
    with pytest.raises(AwsError, match="larger than"):
        download(f"{server}/index.json", largest=100)
    with pytest.raises(AwsError, match="truncated, 7000 bytes are missing"):
        download(f"{server}/cut")


def test_an_unreachable_server_is_an_error_with_advice(server: str) -> None:
    with pytest.raises(AwsError) as caught:
        download("http://127.0.0.1:9/index.json")
    assert (caught.value.kind, bool(caught.value.advice)) == ("unreachable", True)


def test_tls_is_checked_against_the_certificates_of_aws_ca_bundle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    found = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{found.server_port}/index.json"
    try:
        with pytest.raises(AwsError, match="CERTIFICATE_VERIFY_FAILED"):
            download(url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        assert download(url) == BODY
    finally:
        found.shutdown()
        found.server_close()


def _self_signed(folder: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test price server")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_missing_certificate_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(UserError, match=r"AWS_CA_BUNDLE=/nowhere/ca\.pem"):
        download("https://127.0.0.1:9/index.json")
