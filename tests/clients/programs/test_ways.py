"""Every endpoint of every real program, with stored keys and with the user's own: the local Cloudflare's log shows the
path and the credentials of the request.

`direct` sends the request to a second gateway without authentication, which stands in for the provider's own API.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.slugs import SLUGS, Api
from gatewright.project import Project

from .cloudflare import LocalCloudflare
from .homes import GATEWAY, InstallProgram, load_environment, make_home
from .proxy import ask, proxy
from .run import Home
from .tested_program import PROGRAMS

pytestmark = pytest.mark.clients
OPEN_GATEWAY = "agents-open"
MODELS = {
    Api.CHAT: "mistral/ministral-3b-latest",
    Api.RESPONSES: "openai/gpt-6-luna",
    Api.MESSAGES: "anthropic/claude-sonnet-5-5",
    Api.GENERATE: "google-ai-studio/gemini-3.8-flash",
}
PATHS = {
    Api.CHAT: "chat/completions",
    Api.RESPONSES: "responses",
    Api.MESSAGES: "v1/messages",
    Api.GENERATE: "v1beta/models/gemini-3.8-flash:streamGenerateContent",
}
DIRECT_ENDS = {Api.MESSAGES: "/v1", Api.GENERATE: "/v1beta/openai"}
"""The ends of the base URLs for OpenAI's clients."""
TOKEN_ALONE, KEY_AND_TOKEN, KEY_ALONE = ("agents", "stored"), ("agents", "caller's"), (None, "caller's")


@dataclass(frozen=True, slots=True)
class Way:
    """A client with one of its endpoints and one kind of keys."""

    client: str
    via: str
    keys: str

    def __str__(self) -> str:
        return f"{self.client} via {self.via}, {self.keys} keys"

    @property
    def api(self) -> Api:
        return CAPABILITIES[self.client].speaks[0]

    @property
    def model(self) -> str:
        return MODELS[self.api]

    @property
    def credentials(self) -> tuple[str | None, str]:
        """The name of the token, and whose key pays."""
        if self.via == "direct":
            return KEY_ALONE
        return TOKEN_ALONE if self.keys == "stored" else KEY_AND_TOKEN

    @property
    def path(self) -> str:
        """The path of the request."""
        provider = self.model.partition("/")[0]
        match self.via:
            case "gateway":
                base = f"/v1/{LOCAL_ACCOUNT}/{GATEWAY}/compat"
            case "rest":
                base = f"/client/v4/accounts/{LOCAL_ACCOUNT}/ai{'' if self.api is Api.MESSAGES else '/v1'}"
            case via:
                gateway = OPEN_GATEWAY if via == "direct" else GATEWAY
                base = f"/v1/{LOCAL_ACCOUNT}/{gateway}/{SLUGS[provider].path(self.api)}"
        return f"{base}/{PATHS[self.api]}"


WAYS = [
    Way(client, via, keys)
    for client in PROGRAMS
    for via in sorted(CAPABILITIES[client].via)
    for keys in ("stored", "local")
    if keys == "stored" or (via in ("gateway", "provider") and CAPABILITIES[client].two_credentials)
]


@pytest.fixture(scope="session")
def open_gateway(cloudflare: LocalCloudflare) -> str:
    """The base URL of a gateway without authentication."""
    settings = {
        "id": OPEN_GATEWAY,
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
    return f"{cloudflare.running.data_plane}/v1/{LOCAL_ACCOUNT}/{OPEN_GATEWAY}"


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_prompt_is_answered(
    way: Way,
    checkout: Project,
    cloudflare: LocalCloudflare,
    open_gateway: str,
    install_program: InstallProgram,
    tmp_path: Path,
) -> None:
    settings = f"via: {way.via}, keys: {way.keys}, primary: {way.model}, models: [{way.model}]"
    environment = load_environment(checkout, tmp_path, cloudflare, f"clients: {{{way.client}: {{{settings}}}}}\n")
    name = way.model.partition("/")[0]
    address = f"{open_gateway}/{SLUGS[name].path(way.api)}{DIRECT_ENDS.get(way.api, '')}"
    providers = {**environment.providers, name: replace(environment.providers[name], direct=address)}
    home = make_home(replace(environment, providers=providers), tmp_path, cloudflare.token, install_program)
    before = cloudflare.last_of_all()
    client = environment.clients[way.client]
    assert client.primary is not None
    output = send_prompt(home, way.model, find_endpoints(environment, client).reference(client.primary))
    assert "heard: " in output
    requests = [request for request in cloudflare.every_request(before) if request["method"] == "POST"]
    assert {request["path"] for request in requests} == {way.path}
    credentials = {(request["status"], request.get("token"), request["credential"]) for request in requests}
    assert credentials == {(200, *way.credentials)}


def send_prompt(home: Home, model: str, reference: str) -> str:
    """The output of the program, or of its proxy, which calls a model by the environment's name."""
    if home.tested.proxy:
        with proxy(home) as http:
            return str(ask(http, model))
    ran = home.ask(reference)
    assert ran.exit_code == 0, ran.output
    return ran.output
