"""The variables that each client reads, in every way that it can be set to."""

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

from .environments import FAKE_ACCOUNT, written

TOKEN, OPENAI, ANTHROPIC, GROQ = "MY_TOKEN", "MY_OPENAI_KEY", "MY_ANTHROPIC_KEY", "MY_GROQ_KEY"
NAMED = re.compile(r"\bMY_[A-Z_]+\b")
KEYS = {"openai": OPENAI, "anthropic": ANTHROPIC, "groq": GROQ}


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
    """Variable -> prefix and secret, as `Bearer agents`."""
    made = environment(folder, program, *providers, **client)
    return {each.name: f"{each.prefix}{each.of}" for each in variables(made, program)}


def variables(environment: Environment, program: str) -> tuple[Variable, ...]:
    return CLIENTS[program].variables(environment, environment.clients[program])


FIXED = {"claude-code", "aider", "llm"}  # their files name no variable
WAYS = [
    (program, via, keys, provider)
    for program, capabilities in CAPABILITIES.items()
    for via, keys, provider in product(sorted(capabilities.via), ("local", "stored"), ("openai", "anthropic", "groq"))
]


@pytest.mark.parametrize(("program", "via", "keys", "provider"), WAYS)
def test_all_that_a_file_names_and_no_other(tmp_path: Path, program: str, via: str, keys: str, provider: str) -> None:
    chosen: dict[str, Any] = {"via": via, "keys": keys}
    try:
        made = environment(tmp_path, program, provider, **chosen)
    except AssertionError:
        return  # refused; tests/environment has cases for that
    client = made.clients[program]
    found = {each.name for each in variables(made, program)}
    named = set(NAMED.findall("\n".join(file.text for file in CLIENTS[program].files(made, client))))
    if program in FIXED:
        assert not named
        assert bool(found) == bool(client.models)
    else:
        assert found - {MASTER_KEY} == named


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
        ("litellm", ["groq"], STORED, {TOKEN: "agents", MASTER_KEY: "None"}),
        ("litellm", ["groq"], LOCAL, {GROQ: "groq", f"{TOKEN}_BEARER": "Bearer agents", MASTER_KEY: "None"}),
        ("claude-code", ["anthropic"], STORED, {"ANTHROPIC_AUTH_TOKEN": "agents"}),
        ("claude-code", ["anthropic"], REST, {"ANTHROPIC_AUTH_TOKEN": "agents"}),
        ("claude-code", ["anthropic"], LOCAL, {"ANTHROPIC_API_KEY": "anthropic", "ANTHROPIC_CUSTOM_HEADERS": HEADER}),
    ],
)
def test_what_each_reads(
    tmp_path: Path, program: str, providers: list[str], client: dict[str, Any], expected: dict[str, str]
) -> None:
    assert read(tmp_path, program, *providers, **client) == expected


def test_every_client_is_here(tmp_path: Path) -> None:
    for program in CLIENTS:
        provider = "openai" if program == "codex" else "anthropic" if program == "claude-code" else "groq"
        assert read(tmp_path, program, provider)


def test_an_environments_own_name_for_a_secret(tmp_path: Path) -> None:
    made = environment(tmp_path, "claude-code", "anthropic", **LOCAL)
    assert {each.plain for each in variables(made, "claude-code")} == {ANTHROPIC, TOKEN}


def test_what_only_the_user_has(tmp_path: Path) -> None:
    made = environment(tmp_path, "litellm", "groq")
    own = [each for each in variables(made, "litellm") if each.holds is Holds.OWN]
    assert [(each.name, str(each)) for each in own] == [(MASTER_KEY, "a secret of your own")]


def test_a_gateway_that_asks_for_no_token(tmp_path: Path) -> None:
    content = {
        "account": FAKE_ACCOUNT,
        "gateway": {"authenticated": False},
        "providers": {"groq": {"key": {"env": GROQ}, "models": {"m": {}}}},
        "clients": {"openclaw": {"keys": "local", "via": "provider"}},
    }
    made = written(tmp_path, json.dumps(content))
    assert [str(each) for each in variables(made, "openclaw")] == ["the key of groq"]
