"""No secret reaches logs, plans, parts or reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Program

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "canary-secret",
    "AWS_SESSION_TOKEN": "canary-token",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_REGION": "us-east-1",
}
NOBODY = "127.0.0.1:9"  # the discard port, on which nothing listens
SETTINGS = {
    "endpoint": {"AWS_ENDPOINT_URL": f"http://user:canary-pass@{NOBODY}/?canary=1"},
    "endpoint with an @": {"AWS_ENDPOINT_URL": f"http://user:canary-p@ss@{NOBODY}"},
    "endpoint with a slash": {"AWS_ENDPOINT_URL": f"http://user:canary/pass@{NOBODY}"},
    "proxy": {"HTTPS_PROXY": f"http://user:canary-pass@{NOBODY}"},
    "proxy with an @": {"HTTPS_PROXY": f"http://user:canary-p@ss@{NOBODY}"},
    "proxy with a slash": {"HTTPS_PROXY": f"http://user:canary/pass@{NOBODY}"},
    "proxy without a scheme": {"HTTPS_PROXY": f"user:canary-pass@{NOBODY}"},
}


@pytest.mark.parametrize("env", SETTINGS.values(), ids=SETTINGS)
def test_endpoints_and_proxies_are_named_without_their_secrets(
    monitor: Program, tmp_path: Path, env: dict[str, str]
) -> None:
    for command in ([], ["run", "--out", "out", "-v"], ["prices", "refresh", "-r", "us-east-1"]):
        done = monitor(*command, env={**KEYS, **env})
        assert done.status in (1, 2), done.err
        assert "canary" not in done.out + done.err
        assert "Traceback" not in done.err
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]


LOCATIONS = (
    "https://user:can@ary/x@{}/list.json?X-Amz-Signature=canary&AWSAccessKeyId=canary",
    "https://{}/list.json?X-Amz-Signature=canary",
    "user:can@ary@{}/list.json?Signature=canary",
)


@pytest.mark.parametrize("url", LOCATIONS)
def test_urls_in_place_of_files_and_names_are_shown_without_their_secrets(monitor: Program, url: str) -> None:
    given = url.format(NOBODY)
    for command in (
        ["prices", "show", "--prices", given],
        ["prices", "show", "--prices", f"dynamodb:{given}"],
        ["prices", "show", "--as-of", given],
        ["prices", "diff", given, "bundled"],
        ["aggregate", "--plan", given, "--parts", given, "--out", "out"],
        ["run", "--shards", given, "--out", "out"],
        ["-o", f"missing/{given}"],
        ["-r", given],
        [given],
    ):
        done = monitor(*command, env=KEYS)
        assert done.status in (1, 2), done.err
        assert "canary" not in done.err
        assert "ary/x" not in done.err
        assert "ary@" not in done.err
        assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "url",
    [
        "https://user:canary@{}/list.json?canary=1#canary",
        "https://user:can@ary@{}/list.json",
        "https://user:canary/x@{}/list.json",
        "https://{}/list.json?X-Amz-Signature=canary",
        "http://user:canary@{}/list.json",
        "ftp://user:canary@{}/list.json",
        "https://user:canary",
    ],
)
def test_price_lists_are_named_without_the_secrets_of_their_urls(monitor: Program, url: str) -> None:
    done = monitor("prices", "refresh", "--to", "p.json", "--from", url.format(NOBODY), env=KEYS)
    assert done.status in (1, 2), done.err
    assert "canary" not in done.err
    assert "ary@" not in done.err
    assert "Traceback" not in done.err
