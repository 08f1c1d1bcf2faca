"""The simulation and the local Cloudflare answer a load alike, request by request."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.provider_limits import rate_limit_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.environment.policy_verdicts import declared_policies
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.local.server.core import clock
from gatewright.local.server.core.faults import Fault as LocalFault
from gatewright.local.server.core.faults import Faults
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.admission import _admit
from gatewright.local.server.inference.calls import Backends
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.pipeline import Inference
from gatewright.local.server.inference.plans.route_run import RouteRequest, RouteRun
from gatewright.local.server.inference.policies.scanner import Scanner
from gatewright.local.server.inference.providers.state import Providers, ProviderState
from gatewright.local.server.resources import gateway_policies, gateways, provider_configs
from gatewright.operations.inventory import listed_prices
from gatewright.operations.simulation.assumptions import Assumptions
from gatewright.operations.simulation.build import Network
from gatewright.operations.simulation.faults import Fault
from gatewright.operations.simulation.load import SHAPES, RateLoad, VariedLoad
from gatewright.operations.simulation.models import Timing
from gatewright.operations.simulation.tally import Answers, Tally
from gatewright.workspace import require

from .environments import START, load_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.requests import Request

FILE = """\
local: true
tokens: {agents: {}}
gateway:
  name: fake
  cache: {ttl: 5m}
  rateLimit: {limit: 36 requests/minute, technique: sliding}
  retry: {attempts: 2, delay: 0ms}
  spendLimits:
    - {id: all, limit: 0.13 USD/hour, technique: sliding}
    - {id: user, limit: 0.006 USD/10 minutes, technique: fixed, providers: [groq, mistral], metadata: {user: each}}
  policies:
    everyone: {effect: allow}
    eve: {effect: allow, limit: 0.02 USD/hour, actor: "user:{metadata.user}", when: metadata.user == "eve"}
    free-only: {effect: deny, providers: [openai], when: metadata.plan == "free"}
providers:
  groq:
    key: {env: FAKE_KEY}
    limits: [9 requests/minute]
    models: {a: {cost: &price {input: 1, output: 1}}, b: {cost: *price}}
  mistral: {key: {env: FAKE_KEY}, limits: [1 request/2 seconds], models: {c: {cost: *price}}}
  openai: {key: {env: FAKE_KEY}, models: {d: {cost: *price}, e: {cost: *price}}}
  workers-ai:
    limits: [6 requests/minute]
    models: {f: {id: "@cf/fake/f", cost: *price}, g: {id: "@cf/fake/g", cost: *price}}
routes:
  main: {try: [groq/a, workers-ai/f, openai/d], retries: 1}
  shared:
    split: [{30%: [mistral/c, groq/b]}, {20%: [workers-ai/g]}, {else: [openai/e, mistral/c]}]
  users:
    limit: 3 requests/minute
    by: metadata.user
    then:
      if: {metadata.plan: {eq: paid}}
      then: [openai/d, groq/a]
      else: [workers-ai/f, mistral/c]
    over: {limit: 0.0003 USD/5 minutes, by: metadata.plan, try: [groq/b]}
"""
TARGETS = ("dynamic/main", "dynamic/shared", "dynamic/users")
FAULTS: tuple[dict[str, Any], ...] = (
    {"provider": "openai", "model": "d", "nth": 11, "times": 30, "status": 503},
    {"provider": "mistral", "model": "*", "nth": 5, "times": 40, "kind": "exhausted"},
    {"provider": "groq", "model": "a", "nth": 20, "times": 9, "kind": "retired"},
    {"provider": "workers-ai", "model": "@cf/fake/g", "nth": 3, "times": 10, "reset": True},
    {"provider": "openai", "model": "e", "nth": 50, "times": 25, "status": 400},
)
NO_TIME = Timing(first=0, per_token=0, refusal=0)

Answer = tuple[str, bool]
"""The model that answered, or "" and whether the cache did."""


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load_environment(tmp_path, FILE)


def requests() -> list[Request]:
    load = RateLoad(
        2_400 / 3_600,
        START,
        4_000,
        dict.fromkeys(TARGETS, 1.0),
        seed=7,
        shape=SHAPES["flat"],
        tokens=(100, 30),
    )
    varied = VariedLoad(load, 0.3, {"user": ("ann", "bob", "eve"), "plan": ("paid", "free")})
    return [replace(request, event=str(number)) for number, request in enumerate(varied)][:2_000]


class Recorded(Answers):
    """Answers of one model, which are also kept by request."""

    def __init__(self, model: str, price: tuple[float, float], results: dict[int, Answer]) -> None:
        super().__init__(price)
        self.model = model
        self.results = results

    def add(self, request: Request, now: float) -> None:
        super().add(request, now)
        self.results[id(request)] = (self.model, False)

    def add_cached(self, request: Request, now: float) -> None:
        super().add_cached(request, now)
        self.results[id(request)] = (self.model, True)


class Recorder(Tally):
    """Counts, and keeps what became of each request."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[int, Answer] = {}

    def answers(self, model: str, target: str, price: tuple[float, float]) -> Answers:
        return self._answers.setdefault((model, target), Recorded(model, price, self.results))

    def give_up(self, request: Request) -> None:
        super().give_up(request)
        self.results[id(request)] = ("", False)


def simulated(loaded: Loaded, load: list[Request]) -> tuple[list[Answer], Network]:
    tally = Recorder()
    assumptions = Assumptions(NO_TIME, faults=tuple(Fault(**fault) for fault in FAULTS))
    network = Network(require(loaded), listed_prices(loaded), assumptions, tally, 0)
    network.run.play(load, {target: network.entry(target) for target in TARGETS})
    return [tally.results[id(request)] for request in load], network


class LocalGateway:
    """The gateway of an environment at the local Cloudflare, in this process and with a clock of its own."""

    def __init__(self, store: Store, environment: Environment) -> None:
        self.now = 0.0
        self._routes = {f"dynamic/{name}": route_elements(environment, name) for name in environment.routes}
        self._faults = Faults()
        self._faults.injected = [LocalFault("upstream", **fault) for fault in FAULTS]
        providers = Providers()
        for name, provider in environment.providers.items():
            for limit in provider.limits:
                if limit.unit == "requests":
                    providers.states[name] = ProviderState(requests=int(limit.amount), period=limit.period)
        self._inference = Inference(Backends(store, self._faults, providers, Scanner()))
        self._store = store
        settings = {name: value for name, value in gateway_body(environment.gateway).items() if name != "id"}
        self._gateway = gateways.insert(store, LOCAL_ACCOUNT, "fake", gateways.checked_settings(settings))

    async def ask(self, request: Request) -> Answer:
        cost = (request.tokens_in + request.tokens_out) / 1e6
        headers = {
            "cf-aig-authorization": "Bearer fake",
            "cf-aig-custom-cost": json.dumps({"total_cost": cost}),
            "cf-aig-event-id": str(request.event),
        }
        exchange = Exchange(
            account=LOCAL_ACCOUNT,
            address="",
            gateway=self._gateway,
            authenticated=True,
            path="compat/chat/completions",
            headers=headers,
            metadata=dict(request.metadata or {}),
            payload=b"",
        )
        body = {"model": request.target, "messages": [{"role": "user", "content": f"prompt {request.prompt}"}]}
        route = RouteRequest.of(request.target, self._routes[request.target], body, exchange)
        with self._store.transaction():
            admitted = _admit(self._store, exchange, RouteRun(route, self._store, 0))
        response = await self._inference._run(admitted, {})
        if response.status >= 400:
            return ("", False)
        model = str(response.headers["cf-aig-model"]).removeprefix("@cf/fake/")
        return (f"{response.headers['cf-aig-provider']}/{model}", response.cached)


@pytest.fixture
def local(loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalGateway]:
    store = Store(tmp_path / "state")
    store.execute("PRAGMA synchronous = OFF")
    environment = require(loaded)
    gateway = LocalGateway(store, environment)

    def stored_key(_: Store, __: str, ___: str, provider: str, ____: Any) -> provider_configs.StoredKey | None:
        declared = environment.providers[provider]
        if declared.key is None:
            return None
        amount, seconds = rate_limit_of(declared) or (0, 0)
        return provider_configs.StoredKey("fake-key", "default", amount, seconds, provider)

    monkeypatch.setattr(provider_configs, "stored_key", stored_key)
    monkeypatch.setattr(gateway_policies, "in_force", lambda *_: declared_policies(environment))
    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(gateway.now, UTC))
    yield gateway
    store.close()


async def ask_all(local: LocalGateway, load: list[Request]) -> list[Answer]:
    answers = []
    for request in load:
        local.now = request.time
        answers.append(await local.ask(request))
    return answers


def test_2000_requests_are_answered_by_the_same_models(loaded: Loaded, local: LocalGateway) -> None:
    load = requests()
    assert len(load) == 2_000
    answers, network = simulated(loaded, load)
    expected = asyncio.run(ask_all(local, load))
    different = [index for index in range(len(load)) if answers[index] != expected[index]]
    assert different == []
    models = Counter(model for model, _ in answers)
    assert set(models) == {
        "",
        "groq/a",
        "groq/b",
        "mistral/c",
        "openai/d",
        "openai/e",
        "workers-ai/f",
        "workers-ai/g",
    }
    assert sum(cached for _, cached in answers) > 50
    assert {limit.place for limit in network.limits() if limit.rejections} >= {
        "the gateway",
        "spend rule all",
        "spend rule user",
        "the stored key of groq",
        "route users, limit",
        "policy eve",
    }
    assert {policy for policy, _, _ in network.run.tally.refusals} == {"free-only"}
