"""The simulator: accounts, quotas and faults at one loopback port."""

import asyncio
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import msgspec

from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.billing import Billing
from s3_monitor.simulator.cloudwatch import CloudWatch
from s3_monitor.simulator.cost_explorer import CostExplorer
from s3_monitor.simulator.counters import CallKey, CallStats, Counters
from s3_monitor.simulator.credentials import Credentials, ExpiredKey, UnknownKey
from s3_monitor.simulator.environment import make_environment
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.faults import Fault, Faults
from s3_monitor.simulator.http11 import Connection, DeliveryFault, Reply, Request, Response
from s3_monitor.simulator.iam import Iam, required_actions
from s3_monitor.simulator.members import Organization
from s3_monitor.simulator.organizations import Organizations
from s3_monitor.simulator.price_lists import Offer, make_offers
from s3_monitor.simulator.pricing import FILES, Pricing
from s3_monitor.simulator.quotas import Quotas
from s3_monitor.simulator.s3 import S3
from s3_monitor.simulator.s3tables_s3vectors import Tables, Vectors
from s3_monitor.simulator.service import Call, Refusal, Service, World
from s3_monitor.simulator.sts import Sts

log = logging.getLogger(__name__)

SERVICES: tuple[Callable[[World], Service], ...] = (
    S3,
    CloudWatch,
    Sts,
    Iam,
    Organizations,
    Pricing,
    CostExplorer,
    Tables,
    Vectors,
)
CONTROL = "/_simulator/"  # bucket names cannot start with an underscore
_REFUSALS: dict[str, Refusal] = {
    "deny": "denied",
    "throttle": "throttled",
    "error": "internal",
    "disabled": "disabled",
    "expire": "expired",
}
_DELIVERY_FAULTS = {
    "reset": DeliveryFault.RESET,
    "cut": DeliveryFault.CUT,
    "malformed": DeliveryFault.HALVED,
    "hang": DeliveryFault.HANGS,
}


class Scope(NamedTuple):
    """The credential scope of a SigV4 Authorization header."""

    access_key: str
    region: str
    service: str


class Simulator:
    """Context manager that serves a simulated AWS on 127.0.0.1 in a thread.

    ``latency`` is in seconds per request. ``quotas`` are requests per second as in AWS_QUOTAS; None: no limits.
    ``offers`` are price lists as bulk offer files; default: one published yesterday. They may change while it runs.
    """

    def __init__(
        self,
        accounts: Account | Iterable[Account],
        *,
        today: date | None = None,
        latency: float = 0.0,
        quotas: Mapping[str, float] | None = None,
        faults: Iterable[Fault] = (),
        now: Callable[[], datetime] | None = None,
        offers: Iterable[Offer] | None = None,
        billing: Billing | None = None,
        organization: Organization | None = None,
        port: int = 0,
    ) -> None:
        self._port = port
        self.accounts = (accounts,) if isinstance(accounts, Account) else tuple(accounts)
        self.today = today or datetime.now(UTC).date()
        self.latency = latency
        self.quotas = Quotas(quotas)
        self.faults = Faults(faults)
        self.counters = Counters()
        self.credentials = Credentials(self.accounts, now)
        self.crashes: list[Exception] = []
        # Published yesterday: today's list may not exist yet.
        self.offers = list(offers) if offers is not None else make_offers(self.today - timedelta(days=1))
        self.billing = billing or Billing()
        world = World(
            {account.id: account for account in self.accounts}, self.today, self.credentials, self.offers, self.billing,
            organization,
        )  # fmt: skip
        services = [make(world) for make in SERVICES]
        self._price_lists = Pricing(world)
        self._services = {name: service for service in services for name in service.names}
        self._server: _Thread | None = None
        self._config: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """The value for AWS_ENDPOINT_URL."""
        if self._server is None:
            raise RuntimeError("the simulator is not running: use it in a with statement")
        return f"http://127.0.0.1:{self._server.port}"

    def env(self, account: Account | None = None, profiles: Mapping[str, Account] | None = None) -> dict[str, str]:
        """Return the environment variables of an account; default: the first.

        ``profiles`` are accounts by AWS profile; they replace those of earlier calls.
        """
        url, account = self.url, account or self.accounts[0]
        if self._config is None:
            self._config = tempfile.TemporaryDirectory(prefix="simulated-aws-")
        return make_environment(url, account, profiles or {}, Path(self._config.name), os.environ)

    def __enter__(self) -> "Simulator":
        self._server = _Thread(self._handle, self._port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._config is not None:
            self._config.cleanup()
            self._config = None
        if self.crashes and error is None:
            raise RuntimeError("the simulator itself failed") from self.crashes[0]

    def _handle(self, request: Request) -> Reply:
        try:
            return self._reply(request)
        except Exception as error:  # a defect of the simulator, raised at the end of the with statement
            log.exception("the simulator failed at %s %s", request.method, request.path)
            self.crashes.append(error)
            return Reply(Response(500))

    def _reply(self, request: Request) -> Reply:
        if request.path.startswith(CONTROL):
            return Reply(self._control(request))
        if request.path.startswith(FILES) and "authorization" not in request.headers:
            return Reply(self._price_lists.file(request.path), self.latency)
        start = time.thread_time()
        scope = _scope(request)
        service = self._services.get(scope.service)
        if service is None:
            return Reply(self._unknown_service(scope))
        operation = service.operation(request, scope.service) or "unnamed"
        account = self.credentials.owner(scope.access_key)
        stats = self.counters.at(CallKey(account, scope.region, scope.service, operation))
        stats.calls += 1
        fault = self.faults.pick(account, scope.region, scope.service, operation, service.bucket(request))
        try:
            response = self._answer(service, request, scope, operation, stats, fault)
        except AwsError as error:
            response = self._refuse(service, request, error, stats)
        response.headers.setdefault("Date", format_datetime(self.credentials.now(), usegmt=True))
        stats.seconds += time.thread_time() - start
        delivery = _DELIVERY_FAULTS.get(fault.action, DeliveryFault.DELIVERED) if fault else DeliveryFault.DELIVERED
        if delivery is not DeliveryFault.DELIVERED:
            stats.failed += 1
            stats.errors[delivery.value] += 1
        extra = fault.seconds if fault and fault.action == "slow" else 0.0
        return Reply(response, self.latency + extra, delivery)

    def _answer(
        self, service: Service, request: Request, scope: Scope, operation: str, stats: CallStats, fault: Fault | None
    ) -> Response:
        if not scope.access_key:
            raise service.refusal("no credentials", operation, "-")
        if fault and fault.action == "expire":
            self.credentials.expire(scope.access_key)
        headers = request.headers
        token = headers.get("x-amz-security-token", headers.get("x-amz-s3session-token"))
        try:
            caller = self.credentials.caller(scope.access_key, token)
        except UnknownKey as error:
            raise service.refusal("unknown key", operation, "-") from error
        except ExpiredKey as error:
            raise service.refusal("expired", operation, "-") from error
        if fault and fault.action in _REFUSALS:
            refused = service.refusal(_REFUSALS[fault.action], operation, caller.arn)
            refused.status = fault.status if fault.action == "error" else refused.status
            raise refused
        if not caller.account.enabled(scope.region):
            raise service.refusal("disabled", operation, caller.arn)
        if not required_actions(scope.service, operation).isdisjoint(caller.missing):
            raise service.refusal("denied", operation, caller.arn)

        def take(quota: str, amount: float) -> bool:
            return self.quotas.take(caller.account.id, scope.region, quota, amount)

        if not take(operation, 1.0):
            raise service.refusal("throttled", operation, caller.arn)
        answer = service.answer(Call(request, caller, scope.region, operation, stats, take))
        if answer is None:
            raise service.refusal("unknown operation", operation, caller.arn)
        return answer

    def _refuse(self, service: Service, request: Request, error: AwsError, stats: CallStats) -> Response:
        throttled = error.code == service.refusal("throttled", "", "").code
        stats.throttled += throttled
        stats.failed += 1
        stats.errors[error.code] += 1
        return service.error(request, error)

    def _unknown_service(self, scope: Scope) -> Response:
        where = CallKey(self.credentials.owner(scope.access_key), scope.region, scope.service, "unknown service")
        stats = self.counters.at(where)
        stats.calls += 1
        stats.failed += 1
        body = {"__type": "UnknownService", "message": f"The simulated account has no service {scope.service!r}"}
        return Response(404, msgspec.json.encode(body), "application/x-amz-json-1.0")

    def _control(self, request: Request) -> Response:
        """Respond to control requests: GET counters, POST reset, POST faults (one rule per line), POST no-faults."""
        match request.method, request.path.removeprefix(CONTROL):
            case "GET", "counters":
                result: object = {"rows": self.counters.rows(), "cpu_seconds": time.process_time()}
            case "POST", "reset":
                self.counters.reset()
                result = {}
            case "POST", "faults":
                try:
                    rules = [Fault.parse(line) for line in request.body.decode().splitlines() if line.strip()]
                except ValueError as error:
                    return Response(400, str(error).encode(), "text/plain")
                for rule in rules:
                    self.faults.add(rule)
                result = {"added": len(rules)}
            case "POST", "no-faults":
                self.faults.clear()
                result = {}
            case _:
                return Response(404, b"counters, reset, faults or no-faults", "text/plain")
        return Response(200, msgspec.json.encode(result), "application/json")


class _Thread:
    """A thread with an event loop that listens on a loopback port."""

    def __init__(self, handle: Callable[[Request], Reply], port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._connections: set[Connection] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulator", daemon=True)
        self._thread.start()
        listening = self._loop.create_server(
            lambda: Connection(handle, self._connections), "127.0.0.1", port, backlog=1024
        )
        try:
            self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        except OSError:  # the port is taken
            self._end()
            raise
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """End all connections and the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        opening = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*opening, return_exceptions=True)  # they add connections
        for connection in list(self._connections):
            connection.close()
        await asyncio.sleep(0)


def _scope(request: Request) -> Scope:
    """AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, … ; without one, anonymous S3."""
    header = request.headers.get("authorization", "")
    _, found, rest = header.partition("Credential=")
    parts: Sequence[str] = rest.split(",", 1)[0].strip().split("/")
    if not found or len(parts) != 5:
        target = request.headers.get("x-amz-target", "")
        return Scope("", "us-east-1", "monitoring" if target.startswith("GraniteService") else "s3")
    return Scope(parts[0], parts[2], parts[3])
