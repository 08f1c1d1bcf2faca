"""Roles as each program has them: asked for by the program's own means, the role's model answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.project import Project

from . import test_aider, test_litellm
from .cloudflare import LocalCloudflare
from .homes import GATEWAY, declared, home
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
ROLES = "roles: {coder: {primary: mistral/codestral%s}, backup: workers-ai/gpt-oss-120b}\nclients: {%s: {%s}}\n"
FIRST = "primary: mistral/mistral-tiny"
BOTH = f"{FIRST}, agents: [coder, backup]"
SETTINGS = "claude-code/settings.json"
FALLBACKS = ", fallbacks: [mistral/mistral-tiny]"


def _litellm(where: Home) -> Ran:
    with test_litellm.proxy(where) as client:
        return Ran(0, "\n".join(test_litellm.ask(client, role) for role in ("coder", "backup", "default")), "")


def _openclaw(where: Home) -> Ran:
    return where.run("agent", "--local", "--agent", "coder", "-m", "What is 2+2?", "--json")


@pytest.mark.parametrize(
    ("client", "lines", "ask", "models"),
    [
        ("openclaw", ROLES % (FALLBACKS, "openclaw", BOTH), _openclaw, ["codestral-latest"]),
        (
            "opencode",
            ROLES % ("", "opencode", f"{BOTH}, small: workers-ai/gpt-oss-20b"),
            lambda where: where.run("run", "--agent", "coder", "What is 2+2?"),
            ["@cf/openai/gpt-oss-20b", "codestral-latest"],
        ),
        (
            "litellm",
            ROLES % (FALLBACKS, "litellm", BOTH),
            _litellm,
            ["codestral-latest", "@cf/openai/gpt-oss-120b", "mistral-tiny"],
        ),
        (
            "llm",
            ROLES % ("", "llm", BOTH),
            lambda where: where.run("-m", f"{GATEWAY}-coder", "What is 2+2?"),
            ["codestral-latest"],
        ),
        (
            "aider",
            ROLES % ("", "aider", BOTH),
            lambda where: test_aider.ask(where, "--no-stream", "--model", "coder"),
            ["codestral-latest"],
        ),
        (
            "codex",
            "clients: {codex: {primary: openai/gpt-4o, agents: {tiny: openai/gpt-4o-mini}}}\n",
            lambda where: where.run("exec", "-p", f"{GATEWAY}-tiny", "--skip-git-repo-check", "--strict-config", "Hi"),
            ["gpt-4o-mini"],
        ),
        (
            "claude-code",
            "clients: {claude-code: {primary: anthropic/claude-sonnet-4, agents: {opus: anthropic/claude-opus-4}}}\n",
            lambda where: where.run("--settings", SETTINGS, "--model", "opus", "-p", "What is 2+2?"),
            ["claude-opus-4"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_the_roles_model_answers(
    client: str,
    lines: str,
    ask: Callable[[Home], Ran],
    models: list[str],
    checkout: Project,
    cloudflare: LocalCloudflare,
    program: Callable[[str], Program],
    tmp_path: Path,
) -> None:
    environment = declared(checkout, tmp_path, cloudflare, lines)
    where = home(environment, tmp_path, cloudflare.token, program)
    before = cloudflare.last()
    ran = ask(where)
    assert ran.exit_code == 0, ran.said
    assert "heard: " in ran.said
    asked = [each["model"] for each in cloudflare.requests(before) if each["method"] == "POST"]
    assert list(dict.fromkeys(asked)) == models, client


def test_what_follows_a_roles_first_choice_in_litellm(
    checkout: Project, cloudflare: LocalCloudflare, program: Callable[[str], Program], tmp_path: Path
) -> None:
    """The role falls back; the same model called by its own name does not."""
    environment = declared(checkout, tmp_path, cloudflare, ROLES % (FALLBACKS, "litellm", BOTH))
    where = home(environment, tmp_path, cloudflare.token, program)
    broken = cloudflare.fault(on="upstream", provider="mistral", model="codestral-latest", status=500, times=99)
    with broken, test_litellm.proxy(where) as proxy:
        assert test_litellm.ask(proxy, "coder").startswith("mistral/mistral-tiny heard: ")
        answer = proxy.post("/v1/chat/completions", json={**test_litellm.QUESTION, "model": "mistral/codestral"})
        assert not answer.is_success
