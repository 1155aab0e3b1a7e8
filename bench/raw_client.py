"""`python -m bench.raw_client DAYS REGION…`: the same questions to CloudWatch as a worker's, and nothing besides.

The floor of what asking takes on this machine, the account's own CPU included: bodies written and answers read by
msgspec in typed records, one urllib3 pool, as many threads as a worker has, no signing, no retries, no quotas kept,
and nothing done with the answers but to ask for what they name.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
import urllib3

from bench.scaling import window_days

_THREADS = 32
_KEY = "AKIASIMULATED00000001"  # of the simulated account
_DAY = 86_400

T = TypeVar("T")


class Dimension(msgspec.Struct):
    Name: str
    Value: str


class Metric(msgspec.Struct):
    Namespace: str
    MetricName: str
    Dimensions: list[Dimension]


class Metrics(msgspec.Struct):
    Metrics: list[Metric]
    NextToken: str | None = None


class Points(msgspec.Struct):
    Timestamps: list[float]
    Values: list[float]


class Answer(msgspec.Struct):
    MetricDataResults: list[Points]
    NextToken: str | None = None


class Asker:
    """Every region's two lists are read, and whatever is found is asked for by 500."""

    def __init__(self, days: int) -> None:
        self._url = os.environ["AWS_ENDPOINT_URL"]
        self._pool = urllib3.PoolManager(maxsize=_THREADS, block=True)
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._end = int((today + timedelta(days=1)).timestamp())
        self._start = self._end - window_days(days) * _DAY
        self._batches: queue.SimpleQueue[tuple[str, list[Metric]] | None] = queue.SimpleQueue()

    def all(self, regions: list[str]) -> int:
        """Points that came."""
        came: list[int] = []
        lists = [
            threading.Thread(target=self._list, args=(region, metric))
            for region in regions
            for metric in ("BucketSizeBytes", "NumberOfObjects")
        ]
        askers = [threading.Thread(target=self._ask, args=(came,)) for _ in range(_THREADS)]
        for thread in lists + askers:
            thread.start()
        for thread in lists:
            thread.join()
        for _ in askers:
            self._batches.put(None)
        for thread in askers:
            thread.join()
        return sum(came)

    def _list(self, region: str, metric: str) -> None:
        question = {"Namespace": "AWS/S3", "MetricName": metric}
        while True:
            page = self._call(region, "ListMetrics", question, Metrics)
            if page.Metrics:
                self._batches.put((region, page.Metrics))
            if page.NextToken is None:
                return
            question["NextToken"] = page.NextToken

    def _ask(self, came: list[int]) -> None:
        while (batch := self._batches.get()) is not None:
            region, metrics = batch
            queries = [
                {"Id": f"m{index}", "MetricStat": {"Metric": metric, "Period": _DAY, "Stat": "Average"}}
                for index, metric in enumerate(metrics)
            ]
            question = {"MetricDataQueries": queries, "StartTime": self._start, "EndTime": self._end}
            answer = self._call(region, "GetMetricData", question, Answer)
            came.append(sum([len(points.Values) for points in answer.MetricDataResults]))

    def _call(self, region: str, operation: str, question: object, type_: type[T]) -> T:
        day = datetime.now(UTC).strftime("%Y%m%d")
        credential = f"{_KEY}/{day}/{region}/monitoring/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none",
            "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        answer = self._pool.request("POST", self._url, body=msgspec.json.encode(question), headers=headers)
        if answer.status != 200:
            raise RuntimeError(f"{operation} in {region}: {answer.status} {answer.data[:200]!r}")
        return msgspec.json.decode(answer.data, type=type_)


def main() -> None:
    days, *regions = sys.argv[1:]
    points = Asker(int(days)).all(regions)
    sys.stdout.write(f"{points}\n")


if __name__ == "__main__":
    main()
