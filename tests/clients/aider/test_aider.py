"""The real Aider with the emitted files, against the local Cloudflare."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.run import Home

from gatewright.io.formats import serialize

pytestmark = pytest.mark.clients


@pytest.fixture
def aider(home: Callable[[str], Home]) -> Home:
    return home("aider")


def test_the_route_answers_and_the_token_is_the_only_credential(aider: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = aider.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: " in ran.out
    assert "Unknown context window size" not in ran.output, "the metadata was not read"
    assert cloudflare.paths(before) == {"compat/chat/completions"}
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}


@pytest.mark.parametrize("bad", bad_files("aider"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, aider: Home) -> None:
    """Where the schema is stricter, Aider accepts the file, and the table says so."""
    (aider.folder / "aider" / ".aider.conf.yml").write_text(serialize(".aider.conf.yml", bad.content), encoding="utf-8")
    ran = aider.run(*aider.tested.flags, "--exit")
    assert ("unrecognized arguments" in ran.output) is (bad.program == "refuses"), ran.output
