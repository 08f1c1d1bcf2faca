"""Every way that a program is said to know, with either kind of key: the real program asks, the local Cloudflare's log
says by which path the request came and what it carried.

Without the gateway a program goes to a second gateway that asks for no token: what stands for the provider's own API.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from gatewright.clients import ABILITIES, emit
from gatewright.clients.variables import Holds, needed
from gatewright.environment.model import Local
from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, fake_key
from gatewright.facts.slugs import SLUGS, Api
from gatewright.project import Project

from ..environments import written
from . import test_aider, test_claude_code, test_codex, test_continue, test_litellm
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
OPEN = "agents-open"
GATEWAY = "agents-local"
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
        return ABILITIES[self.program].speaks[0]

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
    for program, abilities in ABILITIES.items()
    if abilities.checked
    for via in sorted(abilities.via)
    for keys in ("stored", "local")
    if keys == "stored" or (via in ("gateway", "provider") and abilities.two_credentials)
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


@pytest.fixture
def declared(
    way: Way, checkout: Project, cloudflare: LocalCloudflare, open_gateway: str, tmp_path: Path
) -> Environment:
    """The catalog's models at the local Cloudflare, for this one program."""
    stacks = tmp_path / "stacks"
    shutil.copytree(checkout.stacks, stacks)
    client = f"{{via: {way.via}, keys: {way.keys}, primary: {way.model}, models: [{way.model}]}}"
    text = f"extends: catalog.yaml\nlocal: true\ngateway: {{name: {GATEWAY}}}\ntokens: {{agents: {{}}}}\n"
    environment = written(stacks, f"{text}clients: {{{way.program}: {client}}}\n", "way")
    name = way.model.partition("/")[0]
    own = replace(environment.providers[name], direct=f"{open_gateway}/{SLUGS[name].path(way.api)}{_v1(way.api)}")
    return replace(
        environment,
        local=Local(port=cloudflare.running.port),
        providers={**environment.providers, name: own},
    )


def _v1(api: Api) -> str:
    return "/v1" if api is Api.MESSAGES else ""  # an address is declared with it, and Anthropic's clients append it


@pytest.fixture
def home(declared: Environment, tmp_path: Path) -> Path:
    folder = tmp_path / "Zoë's home"
    for file in emit(declared):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder


def _openclaw(home: Home, model: str) -> Ran:
    return home.run("infer", "model", "run", "--local", "--model", model, "--prompt", "What is 2+2?", "--json")


def _litellm(home: Home, model: str) -> Ran:
    with test_litellm.proxy(home) as client:
        return Ran(0, test_litellm.ask(client, model), "")


def _aider(home: Home, _: str) -> Ran:
    for file in (home.folder / "aider").iterdir():
        file.rename(home.folder / file.name)
    return test_aider.ask(home, "--no-stream")


PROGRAMS: dict[str, tuple[str, dict[str, str], Callable[[Home, str], Ran]]] = {
    "openclaw": ("openclaw", {"OPENCLAW_CONFIG_PATH": "openclaw.json", "OPENCLAW_STATE_DIR": "state"}, _openclaw),
    "pi": (
        "@earendil-works/pi-coding-agent",
        {"PI_CODING_AGENT_DIR": "pi"},
        lambda home, _: home.run("-p", "What is 2+2?", "--no-session", "--no-tools", PI_OFFLINE="1"),
    ),
    "opencode": (
        "opencode-ai",
        {"OPENCODE_CONFIG": "opencode.json"},
        lambda home, _: home.run(
            "run", "What is 2+2?", OPENCODE_DISABLE_MODELS_FETCH="1", OPENCODE_DISABLE_AUTOUPDATE="1"
        ),
    ),
    "litellm": ("litellm", {}, _litellm),
    "claude-code": (
        "@anthropic-ai/claude-code",
        {"CLAUDE_CONFIG_DIR": "config"},
        lambda home, _: test_claude_code.ask(home),
    ),
    "codex": (
        "@openai/codex",
        {"CODEX_HOME": "codex"},
        lambda home, _: test_codex.ask(home, "--strict-config"),
    ),
    "continue": ("@continuedev/cli", {}, lambda home, _: test_continue.ask(home)),
    "llm": ("llm", {"LLM_USER_PATH": "llm"}, lambda home, _: home.run("-m", GATEWAY, "What is 2+2?")),
    "aider": ("aider", {}, _aider),
}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_prompt_is_answered(
    way: Way, declared: Environment, home: Path, cloudflare: LocalCloudflare, program: Callable[[str], Program]
) -> None:
    package, folders, ask = PROGRAMS[way.program]
    variables = {name: str(home / path) for name, path in folders.items()} | _secrets(declared, way, cloudflare.token)
    before = cloudflare.last_of_all()
    ran = ask(Home(program(package), home, variables), _called(declared, way))
    assert ran.exit_code == 0, ran.said
    assert "heard: " in ran.said
    asked = [each for each in cloudflare.every_request(before) if each["method"] == "POST"]
    assert {each["path"] for each in asked} == {way.path}
    assert {(each["status"], each.get("token"), each["credential"]) for each in asked} == {(200, *way.carries)}


def _secrets(declared: Environment, way: Way, token: str) -> dict[str, str]:
    """What the environment says that the program reads where it runs, and nothing more."""
    values = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "CONTINUE_TELEMETRY_ENABLED": "0", "AIDER_ANALYTICS": "false"}
    for variable in needed(declared, declared.clients[way.program]):
        match variable.holds:
            case Holds.TOKEN:
                values[variable.name] = variable.prefix + token
            case Holds.KEY:
                values[variable.name] = variable.prefix + fake_key(variable.of or "")
            case _:
                values[variable.name] = test_litellm.MASTER_KEY
    return values


def _called(declared: Environment, way: Way) -> str:
    """The model as the program calls it."""
    from gatewright.clients.endpoints import endpoints

    client = declared.clients[way.program]
    assert isinstance(client.primary, ModelName)
    return way.model if way.program == "litellm" else endpoints(declared, client).reference(client.primary)
