"""The simulated account, in a process of its own: 40 ms of latency, AWS's quotas, and counters of what was asked."""

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
TYPES = 2  # byte series a bucket; with the object count, three series


class Asked(NamedTuple):
    """What the account was asked since it was last looked at. ``metrics``: what GetMetricData is billed by."""

    calls: dict[str, int]
    throttled: int
    metrics: int
    datapoints: int
    server_cpu: float

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def of(self, *operations: str) -> int:
        return sum(self.calls.get(operation, 0) for operation in operations)


class SimulatedAccount:
    """Serves an account of that many buckets, each with two storage types and an object count, from `with` on."""

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
        """Many accounts behind one address, of so many buckets each: see company.py."""
        made = cls(buckets)
        made._command = ["bench.multi_account_server", accounts, buckets, regions]
        return made

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

    def asked(self) -> Asked:
        """Since the last time, and forget it."""
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
        return Asked(dict(sorted(calls.items())), throttled, metrics, datapoints, cpu)

    def _counters(self) -> Any:
        return json.loads(self._control("counters"))

    def _control(self, what: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.env['AWS_ENDPOINT_URL']}/_simulator/{what}", body)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            content: bytes = answer.read()
        return content
