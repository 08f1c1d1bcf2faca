"""What a client's variables are given: from the shell, else from the stack, which a program here stands for."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.engine.find import Engine
from gatewright.engine.variables import Session
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment
from gatewright.errors import EngineError, GatewrightError, UsageError
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.operations.tokens.needed_variables import conflicting_variables, named_tokens, needed_variables
from gatewright.operations.tokens.secrets import Secrets, with_service_token
from gatewright.project import Project

TOKEN = "CLOUDFLARE_AI_GATEWAY_TOKEN"
SIGNATURE = "4dabf18193072939515e22adb298388d"
OUTPUTS = {"tokens": {"agents": "fake-newest", "anna": "fake-annas"}}
CONFIG = {"gatewright:mistral-key": {"value": "fake-mistral", "secret": True}, "other:mistral-key": {"value": "fake"}}
CHAT: dict[str, Any] = {"models": {"m": {}}}
DECLARED: dict[str, Any] = {
    "account": "fa4eacc0" * 4,
    "providers": {
        "mistral": {"key": {"config": "mistral-key"}, **CHAT},
        "groq": {"key": {"env": "MY_GROQ_KEY"}, **CHAT},
        "anthropic": {"key": {"env": "MY_ANTHROPIC_KEY"}, **CHAT},
        "openai": {"key": {"env": "OPENAI_API_KEY"}, **CHAT},
    },
    "tokens": {"agents": {}, "anna": {}},
}
OWN = {"keys": "local", "via": "provider", "token": "agents"}
AIDER = {"token": "agents", "primary": "groq/m", "models": ["groq/m"]}


def declared(folder: Path, access: Any = None, /, **clients: Any) -> Environment:
    """The environment prod with these clients, with `access` at a custom domain."""
    gateway = {"domains": {"ai.example.com": {}}, "endpoint": "domain", "access": access} if access else {}
    (folder / "prod.yaml").write_text(json.dumps({**DECLARED, "gateway": gateway, "clients": clients}))
    loaded = load(Files(folder, folder.name), "prod", CAPABILITIES, {})
    assert loaded.environment is not None, [diagnostic.sentence() for diagnostic in loaded.diagnostics]
    return loaded.environment


def secret_resource(value: str, kind: str = "cloudflare:index/accountToken:AccountToken") -> dict[str, Any]:
    secret = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}
    return {"type": kind, "urn": f"urn:pulumi:prod::gatewright::{kind}::x", "outputs": {"value": secret}}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the answers of an engine, by the first word of each question: output, config, export."""
    resources = [
        secret_resource("fake-newest"),
        secret_resource("fake-before-the-rotation"),
        secret_resource("fake-else", "x:y:Z"),
        {"type": "a:b:C"},
    ]
    answers = {"output": OUTPUTS, "config": CONFIG, "export": {"deployment": {"resources": resources}}}
    for name, answer in answers.items():
        (tmp_path / name).write_text(json.dumps(answer))
    (tmp_path / "Pulumi.yaml").write_text("name: gatewright\n")
    program = tmp_path / "pulumi"
    program.write_text(
        f'#!/bin/sh\ncd "{tmp_path}"\necho "$@" >>asked\nif [ "$1" = stack ]; then shift; fi\n'
        'if [ -f failure ]; then cat "$1"; cat failure >&2; exit 6; fi\ncat "$1"\n'
    )
    program.chmod(0o755)
    session = Session(dict(os.environ), "file:///state", "a file")
    engine = Pulumi(Project(tmp_path), Engine(program, (3, 259, 0), "built"), session, "prod")
    monkeypatch.setattr("gatewright.operations.stack.open_stack.open_stack", lambda *_: engine)
    return tmp_path


def engine_calls(stack: Path) -> list[str]:
    file = stack / "asked"
    return file.read_text().splitlines() if file.exists() else []


def values(stack: Path, environment: Environment, only: list[str] | None = None, /, **shell: str) -> dict[str, str]:
    names = only or []
    secrets = Secrets(Project(stack), environment, shell, named_tokens(environment, names))
    return secrets.supply(needed_variables(environment, None, names)).values


def test_the_newest_token_comes_from_the_stack(stack: Path) -> None:
    environment = declared(stack, openclaw={"token": "agents"})
    assert values(stack, environment) == {TOKEN: "fake-newest"}
    assert len(engine_calls(stack)) == 1
    assert "fake" not in "".join(engine_calls(stack))


def test_a_value_in_the_shell_stays_and_needs_no_engine(stack: Path) -> None:
    environment = declared(stack, openclaw={"token": "agents"})
    assert values(stack, environment, **{TOKEN: "fake-mine"}) == {TOKEN: "fake-mine"}
    assert engine_calls(stack) == []


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_variable_is_not_set(stack: Path, blank: str) -> None:
    assert values(stack, declared(stack, openclaw={"token": "agents"}), **{TOKEN: blank}) == {TOKEN: "fake-newest"}


def test_keys_of_the_shell_and_of_the_configuration(stack: Path) -> None:
    environment = declared(stack, openclaw={**OWN, "models": ["mistral/m", "groq/m"]})
    found = values(stack, environment, MY_GROQ_KEY="fake-groq", OTHER="fake-other")
    assert found == {"MISTRAL_API_KEY": "fake-mistral", "MY_GROQ_KEY": "fake-groq", TOKEN: "fake-newest"}


def test_a_client_with_its_own_variable_names(stack: Path) -> None:
    environment = declared(stack, **{"claude-code": OWN})
    assert values(stack, environment, MY_ANTHROPIC_KEY="fake-key", **{TOKEN: "fake-mine"}) == {
        "ANTHROPIC_API_KEY": "fake-key",
        "ANTHROPIC_CUSTOM_HEADERS": "cf-aig-authorization: Bearer fake-mine",
    }


PAIR = ("CF_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_SECRET")


@pytest.mark.parametrize(
    ("in_shell", "expected"),
    [
        ({}, ("fake-id", "fake-secret")),
        ({PAIR[0]: "fake-mine"}, ("fake-id", "fake-secret")),  # never one part from each
        ({PAIR[0]: "fake-mine", PAIR[1]: "fake-own"}, ("fake-mine", "fake-own")),
    ],
)
def test_the_service_token_for_access(stack: Path, in_shell: dict[str, str], expected: tuple[str, str]) -> None:
    environment = declared(stack, {"serviceToken": True}, models={"token": "agents"})
    outputs = {**OUTPUTS, "serviceToken": {"clientId": "fake-id", "clientSecret": "fake-secret"}}
    (stack / "output").write_text(json.dumps(outputs))
    found = values(stack, environment, **in_shell)
    assert tuple(found[name] for name in PAIR) == expected
    assert with_service_token(Project(stack), environment, in_shell) == dict(zip(PAIR, expected, strict=True))


def test_a_service_token_that_is_not_there_yet(stack: Path) -> None:
    environment = declared(stack, {"serviceToken": True}, models={"token": "agents"})
    with pytest.raises(GatewrightError, match="stack prod has no service token for Access yet"):
        values(stack, environment)


def test_the_users_own_service_token(stack: Path) -> None:
    environment = declared(stack, {"idVariable": PAIR[0]}, models={"token": "agents"})
    assert values(stack, environment, CF_ACCESS_CLIENT_ID="fake-mine") == {PAIR[0]: "fake-mine", TOKEN: "fake-newest"}
    assert with_service_token(Project(stack), environment, {}) == {}


HEADERS = "ANTHROPIC_CUSTOM_HEADERS"


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ("x-team: a\n\nx-b: 1", "x-team: a\nx-b: 1\ncf-aig-authorization: Bearer fake-newest"),
        ("CF-AIG-Authorization: Bearer fake-mine", "CF-AIG-Authorization: Bearer fake-mine"),
        ("cf-aig-authorization: Bearer fake-mine\nx-b: 1", "x-b: 1\ncf-aig-authorization: Bearer fake-mine"),
        (" ", "cf-aig-authorization: Bearer fake-newest"),
    ],
)
def test_the_users_own_headers_stay(stack: Path, existing: str, expected: str) -> None:
    environment = declared(stack, **{"claude-code": OWN})
    shell = {"MY_ANTHROPIC_KEY": "fake-key", HEADERS: existing}
    secrets = Secrets(Project(stack), environment, shell)
    supply = secrets.supply(needed_variables(environment, None))
    assert supply.values[HEADERS] == expected
    assert supply.notes == (() if "mine" not in existing else (MAY_BE_ANOTHER,))


MAY_BE_ANOTHER = f"{HEADERS} is set and stays unchanged; it should hold the token agents"


def test_the_users_own_headers_stay_beside_a_local_token(stack: Path) -> None:
    environment = declared(stack, **{"claude-code": OWN})
    here = replace(environment, local=load_local(stack))
    (stack / "output").write_text(json.dumps({"tokens": {"agents": "local-fake-token-1"}}))
    existing = "x-b: 1\ncf-aig-authorization: Bearer fake-real"
    assert values(stack, here, **{HEADERS: existing})[HEADERS] == (
        "x-b: 1\ncf-aig-authorization: Bearer local-fake-token-1"
    )


@pytest.mark.parametrize(
    ("client", "names"),
    [
        ({"token": "agents"}, ["ANTHROPIC_API_KEY"]),
        (OWN, ["ANTHROPIC_AUTH_TOKEN"]),
        ({"token": "agents", "via": "rest"}, ["ANTHROPIC_API_KEY", HEADERS]),
    ],
)
def test_variables_that_a_client_would_send_too(stack: Path, client: dict[str, Any], names: list[str]) -> None:
    environment = declared(stack, **{"claude-code": client})
    assert list(conflicting_variables(environment, None, needed_variables(environment, None))) == names


def test_a_variable_that_another_client_needs_is_no_conflict(stack: Path) -> None:
    clients = {"claude-code": {"token": "agents"}, "openclaw": {**OWN, "models": ["anthropic/m"]}}
    content = json.loads(json.dumps(DECLARED))
    content["providers"]["anthropic"]["key"] = {"env": "ANTHROPIC_API_KEY"}
    (stack / "prod.yaml").write_text(json.dumps({**content, "clients": clients}))
    environment = load(Files(stack, "stacks"), "prod", CAPABILITIES, {}).environment
    assert environment is not None
    assert conflicting_variables(environment, None, needed_variables(environment, None)) == {}
    assert list(conflicting_variables(environment, "claude-code", needed_variables(environment, "claude-code"))) == [
        "ANTHROPIC_API_KEY"
    ]


def test_a_clients_own_variable_that_may_be_set_for_something_else(stack: Path) -> None:
    environment = declared(stack, aider=AIDER)
    supply = Secrets(Project(stack), environment, {"OPENAI_API_KEY": "fake-key-of-openai"}).supply(
        needed_variables(environment, "aider")
    )
    assert supply.values == {"OPENAI_API_KEY": "fake-key-of-openai"}
    assert supply.notes == ("OPENAI_API_KEY is set and stays unchanged; it should hold the token agents",)
    same = {"OPENAI_API_KEY": "fake-mine", TOKEN: "fake-mine"}
    assert not Secrets(Project(stack), environment, same).supply(needed_variables(environment, "aider")).notes


def test_a_secret_of_the_users_own(stack: Path) -> None:
    environment = declared(stack, litellm={"token": "agents"})
    supply = Secrets(Project(stack), environment, {}).supply(needed_variables(environment, None))
    assert supply.notes == ("LITELLM_MASTER_KEY is not set; it holds a secret of your own",)
    assert supply.values == {TOKEN: "fake-newest"}


def test_missing_keys_are_reported_together_and_without_the_engine(stack: Path) -> None:
    environment = declared(stack, openclaw={**OWN, "models": ["openai/m", "groq/m"]})
    with pytest.raises(GatewrightError) as caught:
        values(stack, environment, MY_GROQ_KEY="")
    assert "OPENAI_API_KEY (the key of openai), MY_GROQ_KEY (the key of groq)" in caught.value.message
    assert "export OPENAI_API_KEY=…; export MY_GROQ_KEY=…" in (caught.value.hint or "")
    assert engine_calls(stack) == []


def test_a_key_that_is_not_in_the_configuration(stack: Path) -> None:
    (stack / "config").write_text("{}")
    with pytest.raises(GatewrightError, match="the key of mistral") as caught:
        values(stack, declared(stack, openclaw={**OWN, "models": ["mistral/m"]}))
    assert "pulumi config set --secret mistral-key --stack prod" in (caught.value.hint or "")


@pytest.mark.parametrize("outputs", [{}, {"tokens": {}}, {"tokens": None}, {"tokens": {"agents": ""}}])
def test_a_token_that_is_not_in_the_stack(stack: Path, outputs: dict[str, Any]) -> None:
    (stack / "output").write_text(json.dumps(outputs))
    with pytest.raises(GatewrightError, match="prod has no token agents yet") as caught:
        values(stack, declared(stack, openclaw={"token": "agents"}))
    assert caught.value.hint == "gatewright up prod"


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("no stack named 'prod' found", "prod is not deployed", "gatewright up prod"),
        ("incorrect passphrase", "incorrect passphrase", "PULUMI_CONFIG_PASSPHRASE_FILE"),
    ],
)
def test_an_engine_that_fails_shows_no_value(stack: Path, said: str, message: str, hint: str) -> None:
    (stack / "failure").write_text(f"error: {said}\n")
    with pytest.raises(EngineError, match=message) as caught:
        values(stack, declared(stack, openclaw={"token": "agents"}))
    assert hint in (caught.value.hint or "")
    assert "fake" not in f"{caught.value.message} {caught.value.hint}"


def test_a_named_token_comes_from_the_stack(stack: Path) -> None:
    environment = declared(stack, openclaw={"token": "agents", "variable": "MY_TOKEN"})
    assert values(stack, environment, ["anna"], **{TOKEN: "fake-mine"}) == {TOKEN: "fake-annas"}
    assert values(stack, environment, ["agents"], MY_TOKEN="fake-mine") == {"MY_TOKEN": "fake-newest"}


def test_one_variable(stack: Path) -> None:
    environment = declared(stack, openclaw={**OWN, "models": ["mistral/m"]})
    assert values(stack, environment, ["MISTRAL_API_KEY"]) == {"MISTRAL_API_KEY": "fake-mistral"}


def test_unknown_names(stack: Path) -> None:
    environment = declared(stack, openclaw={"token": "agents"})
    with pytest.raises(UsageError, match="no token and no variable agent") as caught:
        needed_variables(environment, None, ["agent"])
    assert "agents" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="no client opencode") as caught:
        needed_variables(environment, "opencode")
    assert "openclaw" in (caught.value.hint or "")


def test_two_clients_with_different_secrets_in_one_variable(stack: Path) -> None:
    environment = declared(stack, openclaw={**OWN, "models": ["openai/m"]}, aider=AIDER)
    with pytest.raises(UsageError, match=r"openai \(for openclaw\) and the token agents \(for aider\)") as caught:
        needed_variables(environment, None)
    assert caught.value.hint == "Choose one: --client aider"
    assert [each.name for each in needed_variables(environment, "aider")] == ["OPENAI_API_KEY"]
    assert [each.name for each in needed_variables(environment, None, [TOKEN])] == [TOKEN]


def test_two_tokens_by_name_in_one_variable(stack: Path) -> None:
    with pytest.raises(UsageError, match="the token agents and the token anna"):
        needed_variables(declared(stack), None, ["agents", "anna"])


def test_the_local_cloudflare_gets_fake_keys_and_no_real_token(stack: Path) -> None:
    environment = declared(stack, openclaw={**OWN, "models": ["groq/m"]})
    here = replace(environment, local=load_local(stack))
    (stack / "output").write_text(json.dumps({"tokens": {"agents": "local-fake-token-1"}}))
    shell = {"MY_GROQ_KEY": "fake-real", TOKEN: "fake-real"}
    assert values(stack, here, **shell) == {"MY_GROQ_KEY": "fake-key-of-groq", TOKEN: "local-fake-token-1"}
    assert values(stack, here, **{TOKEN: "local-fake-token-2"})[TOKEN] == "local-fake-token-2"
    left = {"MY_GROQ_KEY": "fake-real", TOKEN: "local-fake-token-2"}
    assert values(stack, environment, **left)[TOKEN] == "local-fake-token-1"


def load_local(folder: Path) -> Any:
    (folder / "here.yaml").write_text("local: true\n")
    loaded = load(Files(folder, folder.name), "here", CAPABILITIES, {})
    assert loaded.environment is not None
    return loaded.environment.local


def test_masks_hold_the_token_alone_and_the_one_before_a_rotation(stack: Path) -> None:
    environment = declared(stack, codex={**OWN, "models": ["openai/m"]})
    secrets = Secrets(Project(stack), environment, {"OPENAI_API_KEY": "fake-key"})
    supply = secrets.supply(needed_variables(environment, None))
    assert supply.values[f"{TOKEN}_BEARER"] == "Bearer fake-newest"
    assert set(secrets.masks(supply)) == {"Bearer fake-newest", "fake-newest", "fake-key", "fake-before-the-rotation"}
    assert "fake" not in repr(supply)


def test_masks_without_the_stack(stack: Path) -> None:
    environment = declared(stack, openclaw={"token": "agents"})
    secrets = Secrets(Project(stack), environment, {TOKEN: "fake-mine"})
    assert secrets.masks(secrets.supply(needed_variables(environment, None))) == ["fake-mine"]
    assert engine_calls(stack) == []
