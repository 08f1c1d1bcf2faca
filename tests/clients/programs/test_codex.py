"""The real Codex on the emitted file, against the local Cloudflare."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS
from gatewright.environment.resolved import Environment
from gatewright.io.formats import serialize

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
CASES = sorted((Path(__file__).parents[1] / "codex").glob("*/codex/*.config.toml"))
NAME = "agents-local"


@pytest.fixture
def codex(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    variables = {"CODEX_HOME": str(home / "codex"), "CLOUDFLARE_AI_GATEWAY_TOKEN": cloudflare.token}
    return Home(program("@openai/codex"), home, variables)


def ask(codex: Home, *flags: str, **variables: str) -> Ran:
    return codex.run("exec", "-p", NAME, "--skip-git-repo-check", *flags, "What is 2+2?", **variables)


def emit(codex: Home, environment: Environment, **changes: str) -> None:
    client = replace(environment.clients["codex"], **changes)  # type: ignore[arg-type]
    for file in CLIENTS["codex"].files(environment, client):
        (codex.folder / file.path).write_text(file.text, encoding="utf-8")


def test_a_prompt_is_answered_with_the_token_as_the_only_credential(codex: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = ask(codex, "--strict-config")
    assert ran.exit_code == 0, ran.said
    assert "openai/gpt-4o-mini heard: " in ran.out
    (request,) = cloudflare.requests(before)
    assert request["path"].endswith("/agents-local/openai/responses")
    assert (request["status"], request["model"], request["token"]) == (200, "gpt-4o-mini", "agents")


def test_a_key_of_the_users_own_goes_upstream_and_the_token_does_not(
    codex: Home, environment: Environment, cloudflare: LocalCloudflare
) -> None:
    emit(codex, environment, keys="local")
    before = cloudflare.last()
    bearer = f"Bearer {cloudflare.token}"
    ran = ask(codex, OPENAI_API_KEY="fake-key-of-openai", CLOUDFLARE_AI_GATEWAY_TOKEN_BEARER=bearer)
    assert ran.exit_code == 0, ran.said
    (request,) = cloudflare.requests(before)
    assert (request["status"], request["token"], request["credential"]) == (200, "agents", "caller's")


def test_without_the_variable_it_says_which(codex: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = ask(codex, CLOUDFLARE_AI_GATEWAY_TOKEN="")
    assert ran.exit_code != 0
    assert "CLOUDFLARE_AI_GATEWAY_TOKEN" in ran.said
    assert cloudflare.requests(before) == []


@pytest.mark.parametrize("bad", bad_files("codex"), ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, codex: Home) -> None:
    """Where the schema is stricter the program takes the file: the table says so, and so it stays true."""
    file = codex.folder / "codex" / f"{NAME}.config.toml"
    file.write_text(serialize(file.name, bad.content), encoding="utf-8")
    ran = ask(codex, "--strict-config", CLOUDFLARE_AI_GATEWAY_TOKEN="")
    refused = any(word in ran.said for word in ("rror loading", "unknown configuration", "reserved", "must not be"))
    assert refused is (bad.program == "refuses"), ran.said


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parents[1].name)
def test_every_case_is_accepted(case: Path, codex: Home) -> None:
    shutil.copy(case, codex.folder / "codex" / f"{NAME}.config.toml")
    ran = ask(codex, "--strict-config", CLOUDFLARE_AI_GATEWAY_TOKEN="", OPENAI_API_KEY="")
    assert "Missing environment variable" in ran.said, ran.said  # it has read the file, and now misses the credential
