"""doctor asks through the client's program, and compares who answered with what was installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gatewright.clients import CLIENTS
from gatewright.engine.doctor import Finding
from gatewright.install import inspect
from gatewright.operations.client_doctor import ask_program
from gatewright.operations.client_doctor.answer import check_answer
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import Tokens
from gatewright.operations.probe import local_log

from .bench import Bench
from .test_default_model import LOCAL

TOKEN = "fake-token-of-the-stack"
ENTRY = {
    "id": 7,
    "method": "POST",
    "path": "/v1/a/agents-local/compat/chat/completions",
    "status": 200,
    "model": "tiny",
    "token": "gatewright/local/agents/2026-11-28",
    "credential": "stored",
}
REFUSED = {name: ENTRY[name] for name in ("id", "method", "path")} | {"status": 401}  # all that the log has of it

Ask = Callable[..., tuple[Finding, bool]]


@pytest.fixture
def ask(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Installs a client from a local environment, and asks through a script in place of its program; `log` follows the
    request."""
    bench.rewrite("local", LOCAL + "gateway: {name: agents-local}\n")
    environment = bench.environment("local")

    def run(body: str, *log: dict[str, Any], name: str = "pi") -> tuple[Finding, bool]:
        bench.install("local", name)
        script = bench.file(f"bin/{name}", f'#!/bin/sh\n[ "$1" = --list-models ] && exit 0\n{body}\n')
        script.chmod(0o755)
        bench.variables["PATH"] = f"{script.parent}:/usr/bin:/bin"
        monkeypatch.setattr(local_log, "_read_log", lambda _, after: [{**ENTRY, "id": 6}] if not after else [*log])
        client, program = environment.clients[name], CLIENTS[name].program
        variables = CLIENTS[name].variables(environment, client)
        tokens = Tokens({variable.name: TOKEN for variable in variables})
        context = ClientContext(environment, client, program, variables, Sources(bench.machine, program), tokens)
        installed = inspect(bench.project, environment, name, bench.machine)
        assert installed.is_current
        return check_answer(context, replace(installed.installation, ask_variables={"RETRIES": "0"}))

    return run


def test_the_answer_names_token_and_model(ask: Ask) -> None:
    finding, refused = ask(f'[ "$CLOUDFLARE_AI_GATEWAY_TOKEN" = {TOKEN} ]', ENTRY)
    assert not finding.is_fault, finding.detail
    assert not refused
    assert finding.detail.startswith("through pi: answered: /v1/a/agents-local/compat/chat/completions · tiny · ")


def test_the_program_gets_the_variables_of_one_request(ask: Ask) -> None:
    assert not ask('[ "$RETRIES" = 0 ]', ENTRY)[0].is_fault


def test_a_program_of_variables_gets_those_of_its_file(ask: Ask) -> None:
    body = f'[ "$COPILOT_PROVIDER_API_KEY" = {TOKEN} ] && [ "$COPILOT_MODEL" = dynamic/fast ] && [ "$1" = --silent ]'
    assert not ask(body, ENTRY, name="copilot")[0].is_fault


def test_the_program_gets_the_installed_model(ask: Ask) -> None:
    assert not ask('case "$*" in *"--provider agents-local --model dynamic/fast -p"*) exit 0;; esac; exit 9', ENTRY)[
        0
    ].is_fault


@pytest.mark.parametrize(
    ("body", "log", "message", "is_refused"),
    [
        ("exit 0", [], "answered, but not by the gateway agents-local", False),
        ("exit 0", [{**ENTRY, "path": "/v1/a/other/compat"}], "answered, but not by the gateway", False),
        ("exit 0", [{**ENTRY, "token": "another"}], "answered with another credential", False),
        (
            "exit 1",
            [REFUSED],
            f"HTTP 401 for {ENTRY['path']} · no model · token unknown",
            True,
        ),
        (f"echo no model {TOKEN}; exit 3", [ENTRY], "it failed with exit 3: no model ***", False),
    ],
)
def test_another_answer_is_a_fault(
    ask: Ask, body: str, log: list[dict[str, Any]], message: str, *, is_refused: bool
) -> None:
    finding, refused = ask(body, *log)
    assert finding.is_fault
    assert message in finding.detail
    assert TOKEN not in finding.detail
    assert refused is is_refused


def test_a_program_that_repeats_a_refused_request_is_reported_as_refused(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask_program, "_TIMEOUT", 0.2)
    finding, refused = ask("exec sleep 20", REFUSED)
    assert finding.detail.startswith("through pi: HTTP 401 for ")
    assert refused


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_every_program_but_litellm_can_be_asked_once(bench: Bench, client: str) -> None:
    if CLIENTS[client].program is None or CLIENTS[client].capabilities.unproven:
        return
    installation = inspect(bench.project, bench.environment("prod"), client, bench.machine).installation
    assert ("{prompt}" in installation.ask) is (client not in {"litellm", "continue"})
