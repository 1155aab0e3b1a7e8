"""Post the report as text to the webhook of a chat.

Expects: report.md, the line about the report, the address of the webhook as WEBHOOK_URL, and the variables of Jenkins
(JOB_NAME, BUILD_NUMBER, BUILD_URL, RESULT). Produces: one POST of `{"text": …}`, which Slack, Mattermost, Rocket.Chat
and Google Chat accept. Exit status: 0 posted, 1 not posted, with a line in the log. The address is a secret: no
message contains it.

    WEBHOOK_URL=https://chat.example.com/hooks/… python3 jenkins/notify.py --report report/report.md
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST = 3500  # characters; Google Chat accepts 4,096
TIMEOUT = 20  # seconds


class NotPostedError(Exception):
    """A message that could not be posted, with the reason."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Treat a redirect as an error: it could lead to another host."""

    def redirect_request(self, *_: Any) -> None:
        """Return None, so that the redirect is an HTTPError."""


def main() -> int:
    """Run the script, and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, required=True, metavar="FILE", help="report.md.")
    parser.add_argument("--description", type=Path, metavar="FILE", help="Line about the report.")
    arguments = parser.parse_args()
    try:
        text = message(_read(arguments.description), _read(arguments.report), os.environ)
        post(os.environ.get("WEBHOOK_URL", ""), text)
    except NotPostedError as error:
        sys.stderr.write(f"jenkins/notify.py: Could not post the report: {error}\n")
        return 1
    sys.stderr.write("jenkins/notify.py: posted the report\n")
    return 0


def message(description: str, report: str, build: Mapping[str, str]) -> str:
    """Return the text of the message: a title, the report without its heading, and a link."""
    names = [build.get("JOB_NAME", ""), f"#{build['BUILD_NUMBER']}" if build.get("BUILD_NUMBER") else ""]
    title = f"{' '.join(filter(None, names)) or 'S3 monitor'}: {build.get('RESULT') or 'finished'}"
    lines = [f"{title}, {description.strip()}" if description.strip() else title]
    lines += [line for line in report.splitlines() if not line.startswith("# ")]
    text = neutral("\n".join(lines).strip())
    link = f"\n{build['BUILD_URL']}artifact/report/index.html" if build.get("BUILD_URL") and report else ""
    if len(text) + len(link) > LONGEST:
        text = text[: LONGEST - len(link) - 2].rpartition("\n")[0] + "\n…"
    return text + link


def neutral(text: str) -> str:
    """Return the text without markup of Slack and without mentions of users or channels."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@", "@\N{ZERO WIDTH SPACE}")


def post(url: str, text: str) -> None:
    """Post the text. Raises NotPostedError with a reason that does not contain the address."""
    try:
        address = urlsplit(url)
    except ValueError:
        raise NotPostedError("the address of the webhook is not a URL") from None
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost")):
        raise NotPostedError("the address of the webhook must begin with https://")
    content = json.dumps({"text": text}).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})  # noqa: S310 - https, checked above
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise NotPostedError(f"the webhook returned HTTP status {error.code}") from None
    except urllib.error.URLError as error:
        raise NotPostedError(f"the webhook could not be reached ({type(error.reason).__name__})") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NotPostedError(f"the webhook could not be reached ({type(error).__name__})") from None


def _read(file: Path | None) -> str:
    return file.read_text(encoding="utf-8") if file is not None and file.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
