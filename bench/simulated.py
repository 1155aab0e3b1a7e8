"""The simulated account in a separate process, with 40 ms of latency, AWS's quotas, and counters of requests."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import urllib.request
from types import TracebackType
from typing import Any, NamedTuple

from bench.process import ROOT, environment

LATENCY_MS = 40
TYPES = 2  # byte series per bucket; three series with the object count


class ServerCounters(NamedTuple):
    """Counters of the simulated account."""

    calls: dict[str, int]  # by operation
    throttled: int
    metrics: int  # of GetMetricData, which AWS bills by metric
    datapoints: int
    server_cpu: float

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def of(self, *operations: str) -> int:
        return sum(self.calls.get(operation, 0) for operation in operations)


class SimulatedAccount:
    """Context manager that serves an account of buckets with two storage types and an object count each."""

    def __init__(
        self,
        buckets: int,
        regions: int = 1,
        *,
        types: int = TYPES,
        history: int = 40,
        objects: str = "1-200",
        latency_ms: int = LATENCY_MS,
    ) -> None:
        self._command: list[object] = [
            *("s3_monitor.simulator", "--buckets", buckets, "--regions", regions, "--types", types, "--awkward", 0),
            *("--history", history, "--objects", objects, "--latency", latency_ms, "--quotas"),
        ]
        self.env: dict[str, str] = {}

    @classmethod
    def company(cls, accounts: int, buckets: int, regions: int) -> SimulatedAccount:
        """Return many accounts at one address, with this number of buckets each: see multi_account_server.py."""
        company = cls(buckets)
        company._command = ["bench.multi_account_server", accounts, buckets, regions]
        return company

    def __enter__(self) -> SimulatedAccount:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *map(str, self._command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env=environment({}),
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.env[name] = shlex.split(value)[0]
            if name == "NO_PROXY":  # the last one
                break
        else:
            raise RuntimeError(f"the simulated account did not start: {self._command}")
        self._cpu: float = self._counters()["cpu_seconds"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def take_counters(self) -> ServerCounters:
        """Return the counters since the last call, and reset them."""
        counters = self._counters()
        rows = counters["rows"]
        calls: dict[str, int] = {}
        for row in rows:
            calls[row["operation"]] = calls.get(row["operation"], 0) + row["calls"]
        self._control("reset", b"")
        cpu, self._cpu = counters["cpu_seconds"] - self._cpu, counters["cpu_seconds"]
        throttled, metrics, datapoints = (
            sum(row[name] for row in rows) for name in ("throttled", "metrics", "datapoints")
        )
        return ServerCounters(dict(sorted(calls.items())), throttled, metrics, datapoints, cpu)

    def _counters(self) -> Any:
        return json.loads(self._control("counters"))

    def _control(self, what: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.env['AWS_ENDPOINT_URL']}/_simulator/{what}", body)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as response:
            content: bytes = response.read()
        return content
