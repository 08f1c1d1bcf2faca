"""The variables that variable client reads, with every endpoint and both kinds of keys."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.clients.common.variables import Holds, Variable
from gatewright.clients.litellm.files import MASTER_KEY
from gatewright.environment.resolved import Environment
from gatewright.facts.slugs import Api

from .environments import FAKE_ACCOUNT, written

TOKEN, OPENAI, ANTHROPIC, GROQ, GOOGLE = "MY_TOKEN", "MY_OPENAI_KEY", "MY_ANTHROPIC_KEY", "MY_GROQ_KEY", "MY_GOOGLE_KEY"
NAMED = re.compile(r"\bMY_[A-Z_]+\b")
KEYS = {"openai": OPENAI, "anthropic": ANTHROPIC, "groq": GROQ, "google-ai-studio": GOOGLE}
PROVIDERS = {Api.CHAT: "groq", Api.RESPONSES: "openai", Api.MESSAGES: "anthropic", Api.GENERATE: "google-ai-studio"}


def environment(folder: Path, program: str, *providers: str, **client: Any) -> Environment:
    """An environment of these providers with this one client."""
    content = {
        "account": FAKE_ACCOUNT,
        "providers": {
            name: {"key": {"env": KEYS[name]}, "direct": f"https://{name}.example.com/v1", "models": {"m": {}}}
            for name in providers
        },
        "tokens": {"agents": {}},
        "clients": {program: {"variable": TOKEN, **client}},
    }
    return written(folder, json.dumps(content))


def read(folder: Path, program: str, *providers: str, **client: Any) -> dict[str, str]:
    """Each variable with its prefix and secret, for example `Bearer agents`."""
    loaded = environment(folder, program, *providers, **client)
    return {variable.name: f"{variable.prefix}{variable.source}" for variable in variables(loaded, program)}


def variables(environment: Environment, program: str) -> tuple[Variable, ...]:
    return CLIENTS[program].variables(environment, environment.clients[program])


WITHOUT_VARIABLES = {"vscode"}
"""Programs that keep the credential themselves."""
WAYS = [
    (program, via, keys, provider)
    for program, capabilities in CAPABILITIES.items()
    for via, keys, provider in product(sorted(capabilities.via), ("local", "stored"), KEYS)
]


@pytest.mark.parametrize(("program", "via", "keys", "provider"), WAYS)
def test_the_variables_are_those_in_the_files(tmp_path: Path, program: str, via: str, keys: str, provider: str) -> None:
    """Some programs have fixed names for their variables, which their files do not name."""
    settings: dict[str, Any] = {"via": via, "keys": keys}
    try:
        loaded = environment(tmp_path, program, provider, **settings)
    except AssertionError:
        return  # refused; tests/environment has cases for that
    client = loaded.clients[program]
    names = {variable.name for variable in variables(loaded, program)}
    in_files = set(NAMED.findall("\n".join(file.text for file in CLIENTS[program].files(loaded, client))))
    assert in_files == {name for name in names if NAMED.fullmatch(name)}
    assert bool(names - {MASTER_KEY}) == (bool(client.models) and program not in WITHOUT_VARIABLES)


STORED: dict[str, Any] = {}
LOCAL = {"keys": "local", "via": "provider"}
REST = {"via": "rest"}
DIRECT = {"via": "direct"}
HEADER = "cf-aig-authorization: Bearer agents"


@pytest.mark.parametrize(
    ("program", "providers", "client", "expected"),
    [
        ("openclaw", ["groq"], STORED, {TOKEN: "agents"}),
        ("openclaw", ["groq", "openai"], LOCAL, {GROQ: "groq", OPENAI: "openai", TOKEN: "agents"}),
        ("openclaw", ["groq"], REST, {TOKEN: "agents"}),
        ("openclaw", ["groq"], {**DIRECT, "models": ["groq/m"]}, {GROQ: "groq"}),
        ("opencode", ["groq"], LOCAL, {GROQ: "groq", TOKEN: "agents"}),
        ("pi", ["groq"], STORED, {TOKEN: "agents"}),
        ("pi", ["groq"], LOCAL, {GROQ: "groq", TOKEN: "agents"}),
        ("continue", ["groq"], LOCAL, {GROQ: "groq", TOKEN: "agents"}),
        ("models", ["anthropic"], LOCAL, {ANTHROPIC: "anthropic", TOKEN: "agents"}),
        ("dotenv", ["groq"], STORED, {TOKEN: "agents"}),
        ("aider", ["groq"], STORED, {"OPENAI_API_KEY": "agents"}),
        ("llm", ["groq"], STORED, {"OPENAI_API_KEY": "agents"}),
        ("llm", ["groq"], REST, {"OPENAI_API_KEY": "agents"}),
        ("codex", ["openai"], STORED, {TOKEN: "agents"}),
        ("codex", ["openai"], REST, {TOKEN: "agents"}),
        ("codex", ["openai"], LOCAL, {OPENAI: "openai", f"{TOKEN}_BEARER": "Bearer agents"}),
        ("copilot", ["groq"], STORED, {TOKEN: "agents"}),
        ("copilot", ["groq", "openai"], LOCAL, {GROQ: "groq", TOKEN: "agents"}),
        ("gemini-cli", ["google-ai-studio"], STORED, {TOKEN: "agents"}),
        ("gemini-cli", ["google-ai-studio"], LOCAL, {GOOGLE: "google-ai-studio", TOKEN: "agents"}),
        ("gemini-cli", ["google-ai-studio"], DIRECT, {GOOGLE: "google-ai-studio"}),
        ("litellm", ["groq"], STORED, {TOKEN: "agents", MASTER_KEY: "None"}),
        ("litellm", ["groq"], LOCAL, {GROQ: "groq", f"{TOKEN}_BEARER": "Bearer agents", MASTER_KEY: "None"}),
        ("claude-code", ["anthropic"], STORED, {"ANTHROPIC_AUTH_TOKEN": "agents"}),
        ("claude-code", ["anthropic"], REST, {"ANTHROPIC_AUTH_TOKEN": "agents"}),
        ("claude-code", ["anthropic"], LOCAL, {"ANTHROPIC_API_KEY": "anthropic", "ANTHROPIC_CUSTOM_HEADERS": HEADER}),
    ],
)
def test_the_variables_of_each_client(
    tmp_path: Path, program: str, providers: list[str], client: dict[str, Any], expected: dict[str, str]
) -> None:
    assert read(tmp_path, program, *providers, **client) == expected


@pytest.mark.parametrize("program", CLIENTS)
def test_every_client_reads_a_variable(program: str, tmp_path: Path) -> None:
    names = read(tmp_path, program, PROVIDERS[CAPABILITIES[program].speaks[0]])
    assert bool(names) is (program not in WITHOUT_VARIABLES)


def test_the_environments_own_name_of_a_secret(tmp_path: Path) -> None:
    loaded = environment(tmp_path, "claude-code", "anthropic", **LOCAL)
    assert {variable.plain_name for variable in variables(loaded, "claude-code")} == {ANTHROPIC, TOKEN}


def test_a_secret_of_the_user(tmp_path: Path) -> None:
    loaded = environment(tmp_path, "litellm", "groq")
    own = [variable for variable in variables(loaded, "litellm") if variable.holds is Holds.OWN]
    assert [(variable.name, str(variable)) for variable in own] == [(MASTER_KEY, "a secret of your own")]


def test_a_gateway_without_authentication(tmp_path: Path) -> None:
    content = {
        "account": FAKE_ACCOUNT,
        "gateway": {"authenticated": False},
        "providers": {"groq": {"key": {"env": GROQ}, "models": {"m": {}}}},
        "clients": {"openclaw": {"keys": "local", "via": "provider"}},
    }
    loaded = written(tmp_path, json.dumps(content))
    assert [str(variable) for variable in variables(loaded, "openclaw")] == ["the key of groq"]


@pytest.mark.parametrize(
    ("provider", "expected"),
    [("agents-prod", "AGENTS_PROD_API_KEY"), ("team2-dev", "TEAM_2_DEV_API_KEY")],
)
def test_zed_names_the_variable_after_the_provider(provider: str, expected: str, tmp_path: Path) -> None:
    text = (
        f'account: "{FAKE_ACCOUNT}"\nproviders: {{groq: {{key: {{stored: true}}, models: {{m: {{}}}}}}}}\n'
        f"tokens: {{agents: {{}}}}\nclients: {{zed: {{primary: groq/m, provider: {provider}}}}}\n"
    )
    environment = written(tmp_path, text)
    (variable,) = CLIENTS["zed"].variables(environment, environment.clients["zed"])
    assert (variable.name, variable.holds) == (expected, Holds.TOKEN)
