"""What is refused says so, and leaves everything as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.local import daemon

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = pytest.mark.integration

UP = ("up", "--yes", "--skip-preview")
OTHER = "0" * 32


PROGRAM = f"""
from dataclasses import replace
from pathlib import Path

import pulumi

from gatewright_components.environment_file.program import load_program, register

loaded = load_program(Path(__file__).parent, pulumi.get_stack())
register(replace(loaded, environment=replace(loaded.environment, account_id="{OTHER}")))
"""


def test_another_account(settled: Clone) -> None:
    before, seen = settled.resources(), settled.seen()
    program = settled.project.root / "__main__.py"
    text = program.read_text()
    program.write_text(PROGRAM)
    try:
        said = settled.pulumi(*UP, code=1)
    finally:
        program.write_text(text)
    assert f"stack local belongs to account {LOCAL_ACCOUNT}, the environment now says {OTHER}" in said
    assert settled.is_calm(said)
    assert settled.changing(seen) == []
    assert settled.resources() == before


def test_a_real_account(clone: Clone) -> None:
    """Nothing is asked of a real one before the plugin and the token are known to be right."""
    (clone.project.stacks / "real.yaml").write_text(f"extends: base.yaml\naccount: {LOCAL_ACCOUNT}\n")
    clone.exported["CLOUDFLARE_API_TOKEN"] = "fake-token-that-nobody-ever-made-00000000000"
    clone.exported["CLOUDFLARE_BASE_URL"] = control_plane_url(clone.port)
    clone.exported["PULUMI_CONFIG_PASSPHRASE"] = "fake-passphrase"
    said = clone.gatewright("up", "real", "--yes", code=4 if clone.pair.is_official else 1)
    if clone.pair.is_official:
        assert "CLOUDFLARE_API_TOKEN is refused by Cloudflare" in said
        assert "Check that it is complete" in said
    else:
        assert "the stand-in" in said
        assert "pulumi plugin install resource cloudflare" in said
    assert clone.changing(0) == []


def test_what_a_real_account_is_asked_before(clone: Clone) -> None:
    """The plan is shown in the product's words, and nothing is changed without a yes."""
    if not clone.pair.is_official:
        pytest.skip("a real account needs the official plugin")
    (clone.project.stacks / "real.yaml").write_text(
        f"extends: base.yaml\naccount: {LOCAL_ACCOUNT}\nprotect: false\nuse: [workers-ai, mistral, groq]\n"
    )
    clone.exported.update({"MISTRAL_API_KEY": "fake-key", "GROQ_API_KEY": "fake-key"})
    clone.exported["CLOUDFLARE_API_TOKEN"] = LOCAL_DEPLOY_TOKEN
    clone.exported["CLOUDFLARE_BASE_URL"] = control_plane_url(clone.port)
    clone.exported["PULUMI_CONFIG_PASSPHRASE"] = "fake-passphrase"
    said = clone.gatewright("up", "real", code=64)
    assert "✓ pulumi preview" in said
    assert re.search(r"\+ token agents-20\S+ +may: AI Gateway Run, Workers AI Read · until 20", said)
    assert "there is no stack yet" in said
    assert "→ .venv/bin/gatewright up real --yes" in said
    assert clone.changing(0) == []
    said = clone.gatewright("up", "real", "--yes")
    assert said.count("+ gateway agents-real") == 2
    assert clone.changing(0)


def test_a_cloudflare_that_does_not_run(settled: Clone) -> None:
    if settled.pair.is_official:
        pytest.skip("the official plugin tries again for minutes")
    before = settled.resources()
    daemon.stop(settled.project)
    settled.declare(gateway={"cache": {"ttl": "2h"}})
    said = settled.pulumi(*UP, code=1)
    settled.declare()
    settled.gatewright("up")  # starts it
    assert "gatewright local start" in said
    assert settled.is_calm(said)
    assert settled.resources() == before


def test_a_broken_environment(settled: Clone) -> None:
    seen = settled.seen()
    settled.declare(gateway={"cache": {"ttl": "45d"}})
    said = settled.pulumi(*UP, code=1)
    assert "stacks/local.yaml:" in said
    assert settled.is_calm(said)
    settled.gatewright("up", code=3)
    settled.declare()
    assert settled.changing(seen) == []


def test_a_protected_gateway_stays(clone: Clone) -> None:
    """What would delete it, or put another in its place, fails in the preview that comes before any change."""
    clone.declare(protect=True)
    clone.up()
    seen = clone.seen()
    said = [clone.pulumi("destroy", "--yes", code=1)]
    clone.declare(protect=True, gateway={"name": "renamed"})
    said.append(clone.pulumi("up", "--yes", code=1))
    assert all("agents-local" in text and "protect" in text for text in said)
    assert clone.changing(seen) == []
    clone.declare(protect=True)
    clone.gatewright("down", code=1)
    assert clone.up() == {}
    clone.declare(protect=False)
    clone.up()
    clone.pulumi("destroy", "--yes", "--skip-preview")
    assert clone.api("GET", "/ai-gateway/gateways") == []
