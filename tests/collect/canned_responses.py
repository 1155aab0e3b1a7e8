"""A server with scripted responses, for those that AWS rarely sends and emulators never send."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# The operation and its arguments (JSON body or query) → status and body: text unchanged, anything else as JSON.
Script = Callable[[str, dict[str, Any]], tuple[int, Any]]
IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::123456789012:user/monitor</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_S3 = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@contextmanager
def server(script: Script) -> Iterator[str]:
    """Yield the URL. The server itself responds to ``GetCallerIdentity``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet per response: a second one would wait 40 ms for the acknowledgment of the first

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            operation, asked = _operation(self.command, self.path, self.headers.get("x-amz-target"), body)
            status, answer = (200, IDENTITY) if operation == "GetCallerIdentity" else script(operation, asked)
            headers: dict[str, str] = {}
            if isinstance(answer, tuple):
                answer, headers = answer
            content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header(
                "content-type", "application/xml" if isinstance(answer, str) else "application/x-amz-json-1.0"
            )
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = _answer

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def _operation(method: str, path: str, target: str | None, body: bytes) -> tuple[str, dict[str, Any]]:
    if target:
        return target.rpartition(".")[2], json.loads(body)
    if body.startswith(b"Action="):
        return "GetCallerIdentity", {}
    url = urlsplit(path)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    bucket = url.path.strip("/")
    if not bucket:
        return "ListBuckets", query
    return ("HeadBucket" if method == "HEAD" else "ListObjectsV2"), {**query, "bucket": bucket}


def bucket_list(*buckets: tuple[str, str | None], token: str | None = None) -> str:
    """Return a response of ListBuckets for these (name, region) pairs."""
    found = "".join(
        f"<Bucket><Name>{name}</Name><CreationDate>2020-05-04T15:13:08.000Z</CreationDate>"
        + (f"<BucketRegion>{region}</BucketRegion>" if region else "")
        + "</Bucket>"
        for name, region in buckets
    )
    more = f"<ContinuationToken>{token}</ContinuationToken>" if token else ""
    return f"{_XML}<ListAllMyBucketsResult {_S3}><Buckets>{found}</Buckets>{more}</ListAllMyBucketsResult>"


def object_list(*times: str, token: str | None = None) -> str:
    """Return a response of ListObjectsV2."""
    found = "".join(
        f"<Contents><Key>k{index}</Key><LastModified>{time}</LastModified><Size>1</Size></Contents>"
        for index, time in enumerate(times)
    )
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    truncated = str(token is not None).lower()
    return f"{_XML}<ListBucketResult {_S3}><IsTruncated>{truncated}</IsTruncated>{found}{more}</ListBucketResult>"


def s3_error(code: str, message: str = "no") -> str:
    return f"{_XML}<Error><Code>{code}</Code><Message>{message}</Message></Error>"


def metric_list(metric: str, *series: tuple[str, str], token: str | None = None) -> dict[str, Any]:
    """Return a response of ListMetrics for these (bucket, storage type) pairs."""
    metrics = [
        {
            "Namespace": "AWS/S3",
            "MetricName": metric,
            "Dimensions": [{"Name": "StorageType", "Value": type_}, {"Name": "BucketName", "Value": bucket}],
        }
        for bucket, type_ in series
    ]
    return {"Metrics": metrics, **({"NextToken": token} if token else {})}
