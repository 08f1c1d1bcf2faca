"""run, env and verify on a real stack: the newest token, before and after a rotation, and nowhere but where it was
asked for. One stack and one rotation for all of it, since each run of the engine takes seconds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from gatewright.clock import DAY, NOW, format_timestamp, parse_timestamp

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

pytestmark = [pytest.mark.integration, WITH_EITHER]

TOKEN = "CLOUDFLARE_AI_GATEWAY_TOKEN"
DEPLOYING = {"CLOUDFLARE_API_TOKEN": "fake-deploys", "PULUMI_CONFIG_PASSPHRASE": "fake-opens"}
MONTHLY = {"every": "30d", "overlap": "7d"}
SLOT = parse_timestamp("2030-01-01T00:00:00Z") // (30 * DAY) * 30 * DAY
CLIENTS = {
    "openclaw": None,
    "pi": None,
    "models": {"primary": "dynamic/fast"},
    "codex": {"primary": "openai/gpt-6-luna"},
}


def at(clone: Clone, day: int) -> str:
    """It is that day, for the commands and for Cloudflare, and everything is up: the newest token."""
    clone.exported[NOW] = format_timestamp(SLOT + day * DAY)
    url = f"http://127.0.0.1:{clone.port}/__local__/clock"
    assert httpx.put(url, json={"now": clone.exported[NOW]}, trust_env=False).is_success
    clone.up()
    return str(clone.outputs()["tokens"]["agents"])


def test_the_newest_token_goes_where_it_is_asked_for_and_nowhere_else(clone: Clone, tmp_path: Path) -> None:
    clone.declare(tokens={"agents": {"rotate": MONTHLY}}, clients=CLIENTS)
    first = at(clone, 1)
    a_command_gets_it_alone(clone, first)
    every_way_answers(clone, first)

    second = at(clone, 30)
    assert second != first
    assert json.loads(clone.gatewright("env", "local", "--format", "json")) == {TOKEN: second}
    assert clone.gatewright("env", "local", "--only", "agents", "--format", "dotenv") == f"{TOKEN}={second}\n"
    both_are_masked_in_a_workflow(clone, first, second, tmp_path)
    every_way_answers(clone, second)
    for secret in (first, second):
        assert clone.holding(secret) == []


def a_command_gets_it_alone(clone: Clone, token: str) -> None:
    """In its environment, not in its command line, and without what deploys."""
    clone.exported.update(DEPLOYING)
    script = f'echo $(ps -o args= -p $$,$PPID); echo "${TOKEN}"; env'
    withheld, command_lines, value, *environment = clone.gatewright(
        "run", "local", "--", "sh", "-c", script
    ).splitlines()
    assert all(name in withheld for name in DEPLOYING)
    for name in DEPLOYING:
        del clone.exported[name]
    assert value == token
    assert token not in command_lines
    assert f"{TOKEN}={token}" in environment
    assert not [line for line in environment if any(secret in line for secret in DEPLOYING.values())]
    assert clone.ask(value).is_success


def both_are_masked_in_a_workflow(clone: Clone, first: str, second: str, folder: Path) -> None:
    """The value before the rotation is valid still: a log must not show it either."""
    clone.exported["GITHUB_ENV"] = str(folder / "github-env")
    masks = clone.gatewright("env", "local", "--format", "github").splitlines()
    del clone.exported["GITHUB_ENV"]
    assert sorted(masks) == sorted([f"::add-mask::{first}", f"::add-mask::{second}"])
    left = (folder / "github-env").read_text(encoding="utf-8")
    assert second in left
    assert first not in left


def every_way_answers(clone: Clone, token: str) -> None:
    """By the shared endpoint and by OpenAI's own, which Codex takes."""
    only = ("--only", "dynamic/fast", "--only", "groq", "--only", "openai")
    said = clone.gatewright("verify", "local", *only, "--format", "json")
    found = json.loads(said[said.index("{\n") :])
    assert found["ok"] is True
    assert {each["called"] for each in found["results"]} == {
        "dynamic/fast",
        "groq/gpt-oss-20b",
        "groq/gpt-oss-120b",
        "groq/qwen3.8-27b",
        *(f"openai/{model}" for model in ("gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-4o", "gpt-4o-mini")),
        "openai/gpt-6-luna via provider, responses",
    }
    assert token not in said
