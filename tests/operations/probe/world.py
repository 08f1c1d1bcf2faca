"""A local Cloudflare with a gateway, routes and keys, for the tests of verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from clients.environments import written
from clients.programs.cloudflare import LocalCloudflare, furnish
from local.ports import free_port

from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.local import daemon
from gatewright.operations.probe.requests import probe_requests, unreachable_models
from gatewright.operations.probe.transport import ProbeClient, provider_keys_from
from gatewright.operations.probe.verify import ProbeResult, Verification, Verifier
from gatewright.operations.tokens.run_token import RunToken
from gatewright.project import Project

TIMEOUT = 20.0  # seconds; tests may run on a busy machine
LINES = """\
local: {port: PORT}
protect: false
gateway: {cache: {ttl: 5m}}
providers:
  workers-ai: {limits: [10000 neurons/day], models: {a: {id: "@cf/a"}, b: {id: "@cf/b"}}}
  mistral: {key: {env: FAKE_MISTRAL_KEY}, limits: [1 request/second], models: {m: {cost: {input: 1, output: 2}}}}
  groq: {key: {env: FAKE_GROQ_KEY}, models: {g: {id: g-large}}}
  openrouter: {key: {env: FAKE_OPENROUTER_KEY}, models: {o: {}}}
  nvidia: {baseUrl: "https://fake.example/v1", key: {env: FAKE_NVIDIA_KEY}, models: {n: {}}}
routes:
  fast: [groq/g, workers-ai/a]
  alone: [workers-ai/b]
  halves: {split: [{50%: groq/g}, {else: workers-ai/b}]}
tokens: {agents: {}}
clients: {models: {}}
"""


@dataclass
class World:
    """The environment, its server, and a token that may run models there."""

    environment: Environment
    here: LocalCloudflare
    folder: Path  # of the project
    token: RunToken = field(init=False)

    def __post_init__(self) -> None:
        self.token = RunToken("agents", self.here.token, "FAKE_TOKEN")

    def verify(self, *only: str, deep: bool = False, **changed: Any) -> Verification:
        """Verify `only`, with the token, environment or timeout in `changed`."""
        environment, token = changed.get("environment", self.environment), changed.get("token", self.token)
        timeout = changed.get("timeout", TIMEOUT)
        client = ProbeClient.of(environment, token, provider_keys_from(environment, changed.get("shell", {})), timeout)
        verifier = Verifier(environment, client, now=1_800_000_000, parallel=8)
        requests = probe_requests(environment, only)
        return verifier.verify(requests, unreachable_models(environment), lambda *_: None, deep=deep)

    def result(self, name: str, **changed: Any) -> ProbeResult:
        """The result of one model or route."""
        (result,) = self.verify(name, **changed).results
        return result

    def failure(self, name: str, **changed: Any) -> tuple[str, str, str]:
        """Code, cause and fix of its failure."""
        failure = self.result(name, **changed).failure
        assert failure is not None
        return failure.code, failure.cause, failure.fix

    def fault(self, **fault: Any) -> None:
        """Make requests fail."""
        httpx.post(f"{self._local}/faults", json={"times": 99, **fault}, trust_env=False).raise_for_status()

    def provider(self, **settings: Any) -> None:
        """Set the limits of a provider, or the keys that it refuses."""
        httpx.put(f"{self._local}/providers", json=settings, trust_env=False).raise_for_status()

    def set_date(self, date: str) -> None:
        """Set the server's clock to the start of a day, YYYY-MM-DD."""
        now = {"now": f"{date}T00:00:00Z"}
        httpx.put(f"{self._local}/clock", json=now, trust_env=False).raise_for_status()

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are set."""
        faults: list[dict[str, Any]] = httpx.get(f"{self._local}/faults", trust_env=False).json()
        return faults

    def reset(self) -> None:
        """Remove all faults and settings of providers, and return the clock to this machine's time."""
        for path in ("faults", "providers", "scanner", "clock"):
            httpx.delete(f"{self._local}/{path}", trust_env=False).raise_for_status()

    @property
    def _local(self) -> str:
        return f"{self.here.running.data_plane}/__local__"


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A server in `folder` whose gateway caches as the environment declares."""
    project, port = Project(folder), free_port()
    (folder / "stacks").mkdir()
    environment = written(folder / "stacks", LINES.replace("PORT", str(port)), "here")
    try:
        here = furnish(daemon.start(project, port), environment)
        _cache(here, environment)
        yield World(environment, here, folder)
    finally:
        daemon.stop(project)


def _cache(here: LocalCloudflare, environment: Environment) -> None:
    url = f"{here.running.control_plane}/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/{environment.gateway_name}"
    with httpx.Client(headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False) as client:
        settings = client.get(url).raise_for_status().json()["result"]
        client.put(url, json={**{name: settings[name] for name in _KEPT}, "cache_ttl": 300}).raise_for_status()


_KEPT = (
    "authentication",
    "cache_invalidate_on_update",
    "collect_logs",
    "rate_limiting_interval",
    "rate_limiting_limit",
    "store_id",
)
