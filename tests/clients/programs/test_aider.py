"""The real Aider on the emitted files, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.io.formats import serialize

from ..bad_files import BadFile, bad_files
from .cloudflare import LocalCloudflare
from .install import Program
from .run import Home, Ran

pytestmark = pytest.mark.clients
QUIET = ("--no-git", "--no-check-update", "--no-show-release-notes", "--analytics-disable", "--yes-always")


@pytest.fixture
def aider(program: Callable[[str], Program], home: Path, cloudflare: LocalCloudflare) -> Home:
    for file in (home / "aider").iterdir():
        file.rename(home / file.name)
    variables = {"OPENAI_API_KEY": cloudflare.token, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "AIDER_ANALYTICS": "false"}
    return Home(program("aider"), home, variables)


def ask(aider: Home, *flags: str) -> Ran:
    return aider.run(*QUIET, *flags, "--message", "What is 2+2?")


def test_a_prompt_is_answered_by_the_route_with_the_token_as_the_only_credential(
    aider: Home, cloudflare: LocalCloudflare
) -> None:
    before = cloudflare.last()
    ran = ask(aider, "--no-stream")
    assert ran.exit_code == 0, ran.said
    assert "groq/llama-3.1-8b-instant heard: " in ran.out
    assert "Unknown context window size" not in ran.said, "the metadata was not read"
    requests = cloudflare.requests(before)
    assert {each["path"].partition("/agents-local/")[2] for each in requests} == {"compat/chat/completions"}
    assert {(each["status"], each["token"], each["credential"]) for each in requests} == {(200, "agents", "stored")}


@pytest.mark.parametrize("bad", bad_files("aider"), ids=str)
def test_refuses_what_the_schema_refuses(bad: BadFile, aider: Home) -> None:
    """Where the schema is stricter the program takes the file: the table says so, and so it stays true."""
    (aider.folder / ".aider.conf.yml").write_text(serialize(".aider.conf.yml", bad.content), encoding="utf-8")
    ran = aider.run(*QUIET, "--exit")
    assert ("unrecognized arguments" in ran.said) is (bad.program == "refuses"), ran.said
