"""Every way that a program is said to know, with either kind of key: the real program asks, the local Cloudflare's log
says by which path the request came and what it carried.

Without the gateway a program goes to a second gateway that asks for no token: what stands for the provider's own API.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.slugs import SLUGS, Api
from gatewright.project import Project

from . import test_aider, test_claude_code, test_codex, test_continue, test_litellm, test_openclaw
from .cloudflare import LocalCloudflare
from .homes import GATEWAY, declared, home
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
OPEN = "agents-open"
MODELS = {
    Api.CHAT: "mistral/mistral-tiny",
    Api.RESPONSES: "openai/gpt-4o-mini",
    Api.MESSAGES: "anthropic/claude-sonnet-4",
}
PATHS = {Api.CHAT: "chat/completions", Api.RESPONSES: "responses", Api.MESSAGES: "v1/messages"}
TOKEN_ALONE, KEY_BESIDE_TOKEN, KEY_ALONE = ("agents", "stored"), ("agents", "caller's"), (None, "caller's")


@dataclass(frozen=True, slots=True)
class Way:
    """One of a program's."""

    program: str
    via: str
    keys: str

    def __str__(self) -> str:
        return f"{self.program} via {self.via}, {self.keys} keys"

    @property
    def api(self) -> Api:
        return CAPABILITIES[self.program].speaks[0]

    @property
    def model(self) -> str:
        return MODELS[self.api]

    @property
    def carries(self) -> tuple[str | None, str]:
        """The name of the token, and whose key pays."""
        if self.via == "direct":
            return KEY_ALONE
        return TOKEN_ALONE if self.keys == "stored" else KEY_BESIDE_TOKEN

    @property
    def path(self) -> str:
        """Where the request comes in."""
        provider = self.model.partition("/")[0]
        match self.via:
            case "gateway":
                base = f"/v1/{LOCAL_ACCOUNT}/{GATEWAY}/compat"
            case "rest":
                base = f"/client/v4/accounts/{LOCAL_ACCOUNT}/ai{'' if self.api is Api.MESSAGES else '/v1'}"
            case way:
                gateway = OPEN if way == "direct" else GATEWAY
                base = f"/v1/{LOCAL_ACCOUNT}/{gateway}/{SLUGS[provider].path(self.api)}"
        return f"{base}/{PATHS[self.api]}"


WAYS = [
    Way(program, via, keys)
    for program, capabilities in CAPABILITIES.items()
    if capabilities.checked
    for via in sorted(capabilities.via)
    for keys in ("stored", "local")
    if keys == "stored" or (via in ("gateway", "provider") and capabilities.two_credentials)
]


@pytest.fixture(scope="module")
def open_gateway(cloudflare: LocalCloudflare) -> str:
    """The base URL of a gateway that asks for no token."""
    settings = {
        "id": OPEN,
        "authentication": False,
        "cache_invalidate_on_update": False,
        "cache_ttl": 0,
        "collect_logs": True,
        "rate_limiting_interval": 0,
        "rate_limiting_limit": 0,
    }
    url = f"{cloudflare.running.control_plane}/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways"
    headers = {"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
    httpx.post(url, json=settings, headers=headers, trust_env=False).raise_for_status()
    return f"{cloudflare.running.data_plane}/v1/{LOCAL_ACCOUNT}/{OPEN}"


def _litellm(where: Home, model: str) -> Ran:
    with test_litellm.proxy(where) as client:
        return Ran(0, test_litellm.ask(client, model), "")


ASK: dict[str, Callable[[Home, str], Ran]] = {
    "openclaw": test_openclaw.ask,
    "pi": lambda where, _: where.run("-p", "What is 2+2?", "--no-session", "--no-tools"),
    "opencode": lambda where, _: where.run("run", "What is 2+2?"),
    "litellm": _litellm,
    "claude-code": lambda where, _: test_claude_code.ask(where),
    "codex": lambda where, _: test_codex.ask(where, "--strict-config"),
    "continue": lambda where, _: test_continue.ask(where),
    "llm": lambda where, _: where.run("-m", GATEWAY, "What is 2+2?"),
    "aider": lambda where, _: test_aider.ask(where, "--no-stream"),
}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_prompt_is_answered(
    way: Way,
    checkout: Project,
    cloudflare: LocalCloudflare,
    open_gateway: str,
    program: Callable[[str], Program],
    tmp_path: Path,
) -> None:
    settings = f"via: {way.via}, keys: {way.keys}, primary: {way.model}, models: [{way.model}]"
    environment = declared(checkout, tmp_path, cloudflare, f"clients: {{{way.program}: {{{settings}}}}}\n")
    name = way.model.partition("/")[0]
    address = f"{open_gateway}/{SLUGS[name].path(way.api)}{'/v1' if way.api is Api.MESSAGES else ''}"
    asked_there = {**environment.providers, name: replace(environment.providers[name], direct=address)}
    where = home(replace(environment, providers=asked_there), tmp_path, cloudflare.token, program)
    before = cloudflare.last_of_all()
    (client,) = environment.clients.values()
    assert client.primary is not None
    called = way.model if way.program == "litellm" else find_endpoints(environment, client).reference(client.primary)
    ran = ASK[way.program](where, called)
    assert ran.exit_code == 0, ran.said
    assert "heard: " in ran.said
    asked = [each for each in cloudflare.every_request(before) if each["method"] == "POST"]
    assert {each["path"] for each in asked} == {way.path}
    assert {(each["status"], each.get("token"), each["credential"]) for each in asked} == {(200, *way.carries)}
