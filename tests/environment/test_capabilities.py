"""Clients are checked against the capabilities of their programs, whichever programs they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.environment.capabilities import Agents, ClientCapabilities, Refusal
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load

BASE = """\
local: true
providers:
  groq: {models: {a: {}, b: {}}}
  workers-ai: {models: {c: {}}}
routes: {fast: [groq/a], own: [groq/b, workers-ai/c]}
roles:
  one: groq/a
  two: {primary: groq/a, fallbacks: [dynamic/fast]}
tokens: {agents: {}}
clients: {program: CLIENT}
"""


def loaded(
    client: str, capabilities: ClientCapabilities, folder: Path, variables: dict[str, str] | None = None
) -> Loaded:
    (folder / "prod.yaml").write_text(BASE.replace("CLIENT", client), encoding="utf-8")
    return load(Files(folder, "stacks"), "prod", {"program": capabilities}, variables or {})


def refuses(*_: object) -> list[Refusal]:
    return [Refusal("variable", "cannot be", "Write another")]


@pytest.mark.parametrize(
    ("client", "capabilities", "expected"),
    [
        ("{primary: dynamic/fast}", ClientCapabilities("Program", routes=False), "Program cannot use routes"),
        ("{role: two}", ClientCapabilities("Program", fallbacks=False), "Use the route: primary: dynamic/fast"),
        ("{primary: groq/a, small: groq/b}", ClientCapabilities("Program"), "Program has no setting for a small model"),
        ("{primary: 'own:a/b'}", ClientCapabilities("Program", own=False), "Program does not support own: models"),
        (
            "{via: rest}",
            ClientCapabilities("Program", via=frozenset({"gateway"})),
            "Program does not support via: rest. Valid: gateway",
        ),
        ("{keys: local}", ClientCapabilities("Program", two_credentials=False), "Program sends one credential only"),
        (
            "{version: '1.9'}",
            ClientCapabilities("Program", checked="2.1", oldest="2.0"),
            "Update Program to 2.0 or newer (tested up to 2.1)",
        ),
        ("{version: '1.9'}", ClientCapabilities("Program"), "Program is not a program and has no versions"),
        ("{version: '1.9'}", ClientCapabilities("Zed", unproven=True), "Zed is unproven: no version is tested"),
        (
            "{provider: groq}",
            ClientCapabilities("Program", built_in_providers=frozenset({"groq"})),
            "has a built-in provider groq",
        ),
        ("{agents: [one]}", ClientCapabilities("Program"), "no place for further roles"),
        ("{agents: [two]}", ClientCapabilities("Program", agents=Agents("slots")), "Use the route: two: dynamic/fast"),
        (
            "{agents: {a: one}}",
            ClientCapabilities("Program", agents=Agents("slots", names=("b",))),
            "no a among its slots",
        ),
        (
            "{agents: {A: one}}",
            ClientCapabilities("Program", agents=Agents("slots", pattern="[a-z]")),
            "does not accept the name A",
        ),
        ("{agents: [thre]}", ClientCapabilities("Program", agents=Agents("slots")), "unknown role thre"),
        ("{agents: {a: groq/z}}", ClientCapabilities("Program", agents=Agents("slots")), "unknown model groq/z"),
        (
            "{agents: {a: one}}",
            ClientCapabilities("Program", agents=Agents("slots", reserved=frozenset("a"))),
            "reserves the name a",
        ),
        ("{}", ClientCapabilities("Program", refuses=refuses), "clients.program.variable: cannot be. Write another"),
    ],
)
def test_refused(client: str, capabilities: ClientCapabilities, expected: str, tmp_path: Path) -> None:
    result = loaded(client, capabilities, tmp_path)
    assert result.environment is None
    assert [expected in diagnostic.sentence() for diagnostic in result.diagnostics] == [True]


@pytest.mark.parametrize(
    ("client", "capabilities", "models"),
    [
        ("{}", ClientCapabilities("Program"), ["dynamic/fast", "dynamic/own", "groq/a", "groq/b", "workers-ai/c"]),
        ("{}", ClientCapabilities("Program", routes=False), ["groq/a", "groq/b", "workers-ai/c"]),
        ("{keys: local}", ClientCapabilities("Program"), ["groq/a", "groq/b", "workers-ai/c"]),
        ("{models: [groq/b], primary: groq/a}", ClientCapabilities("Program"), ["groq/b", "groq/a"]),
        ("{models: [groq/b], primary: 'own:x/y'}", ClientCapabilities("Program"), ["groq/b"]),
        (
            "{primary: groq/a, small: groq/b, models: [groq/a]}",
            ClientCapabilities("Program", small=True),
            ["groq/a", "groq/b"],
        ),
    ],
)
def test_a_client_lists_the_models_that_it_can_reach(
    client: str, capabilities: ClientCapabilities, models: list[str], tmp_path: Path
) -> None:
    result = loaded(client, capabilities, tmp_path)
    assert result.environment is not None, result.diagnostics
    assert list(map(str, result.environment.clients["program"].models)) == models


def test_a_client_uses_its_role_and_its_own_settings_take_precedence(tmp_path: Path) -> None:
    result = loaded("{role: two, primary: groq/b}", ClientCapabilities("Program"), tmp_path)
    assert result.environment is not None
    client = result.environment.clients["program"]
    assert (str(client.primary), list(map(str, client.fallbacks))) == ("groq/b", ["dynamic/fast"])
    assert (client.provider, client.variable, client.token) == ("agents-prod", "CLOUDFLARE_AI_GATEWAY_TOKEN", "agents")


def test_agents_have_the_names_of_the_client(tmp_path: Path) -> None:
    capabilities = ClientCapabilities("Program", agents=Agents("agents", fallbacks=True))
    result = loaded(
        "{models: [groq/b], agents: {coder: two, plan: workers-ai/c, own: 'own:x/y'}}", capabilities, tmp_path
    )
    assert result.environment is not None, result.diagnostics
    client = result.environment.clients["program"]
    plain = {name: [str(each) for each in (agent.primary, *agent.fallbacks)] for name, agent in client.agents.items()}
    assert plain == {"coder": ["groq/a", "dynamic/fast"], "plan": ["workers-ai/c"], "own": ["own:x/y"]}
    assert list(map(str, client.models)) == ["groq/b", "groq/a", "dynamic/fast", "workers-ai/c"]


@pytest.mark.parametrize(("version", "noted"), [("2.1", False), ("2.1.0", True), ("3", True)])
def test_an_untested_version_is_noted(version: str, noted: bool, tmp_path: Path) -> None:
    capabilities = ClientCapabilities("Program", checked="2.1", oldest="2")
    result = loaded(f"{{version: '{version}'}}", capabilities, tmp_path)
    assert result.environment is not None
    assert [diagnostic.code for diagnostic in result.diagnostics] == (["untried-version"] if noted else [])


def test_assumptions_of_a_program_are_noted(tmp_path: Path) -> None:
    capabilities = ClientCapabilities("Program", assumes={"context": "guesses", "output": "waits"})
    result = loaded("{models: [groq/a, groq/b]}", capabilities, tmp_path)
    assert [diagnostic.sentence() for diagnostic in result.diagnostics] == [
        "clients.program: Program guesses for models without a declared context: groq/a, groq/b",
        "clients.program: Program waits for models without a declared output: groq/a, groq/b",
    ]
    assert result.environment is not None


def test_local_environments_ignore_the_shell(tmp_path: Path) -> None:
    variables = {"CLOUDFLARE_ACCOUNT_ID": "fa4eacc0" * 4, "CLOUDFLARE_API_TOKEN": "fake"}
    with_them = loaded("{}", ClientCapabilities("Program"), tmp_path, variables).environment
    assert with_them == loaded("{}", ClientCapabilities("Program"), tmp_path).environment


@pytest.mark.parametrize(
    ("client", "allowed"),
    [
        ("{primary: groq/a, models: [groq/a]}", ("AI Gateway Run",)),
        ("{models: [dynamic/fast]}", ("AI Gateway Run",)),
        ("{models: [dynamic/own]}", ("AI Gateway Run", "Workers AI Read")),
        ("{models: [workers-ai/c]}", ("AI Gateway Run", "Workers AI Read")),
        ("{models: [groq/a], via: rest}", ("AI Gateway Run", "Workers AI Read")),
        ("{models: [dynamic/fast], via: {dynamic: rest}}", ("AI Gateway Run", "Workers AI Read")),
    ],
)
def test_a_token_has_the_permissions_that_its_clients_need(
    client: str, allowed: tuple[str, ...], tmp_path: Path
) -> None:
    result = loaded(client, ClientCapabilities("Program"), tmp_path)
    assert result.environment is not None
    assert result.environment.tokens["agents"].allow == allowed


def test_repeated_fallbacks_are_skipped(tmp_path: Path) -> None:
    capabilities = ClientCapabilities("Program", agents=Agents("agents", fallbacks=True))
    result = loaded(
        "{role: two, fallbacks: [groq/a, groq/b, groq/b, dynamic/fast], agents: [two]}", capabilities, tmp_path
    )
    assert result.environment is not None, result.diagnostics
    client = result.environment.clients["program"]
    assert list(map(str, (client.primary, *client.fallbacks))) == ["groq/a", "groq/b", "dynamic/fast"]
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["repeated", "repeated"]
