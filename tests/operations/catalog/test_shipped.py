"""The catalog of February 2026 against the shipped one: all dead models are named. The shipped one is clean."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from gatewright.operations.catalog.check import check_catalog
from gatewright.operations.catalog.compare import Kind
from gatewright.project import Project

OLD = Path(__file__).with_name("catalog-2026-02.yaml")
NAMED = {
    Kind.RETIRED: {
        "anthropic/claude-opus-4": "anthropic/claude-opus-5-5",
        "anthropic/claude-sonnet-4": "anthropic/claude-sonnet-5-5",
        "cerebras/qwen-3-235b": "cerebras/gpt-oss-120b",
        "groq/llama-3.1-8b": "groq/gpt-oss-20b",
        "groq/llama-4-scout": "groq/qwen3.8-27b",
        "mistral/mistral-7b": "mistral/ministral-8b-latest",
        "nvidia/glm-4.7": "nvidia/glm-5.3-flash",
        "nvidia/minimax-m2.1": "nvidia/nemotron-3-ultra",
        "openrouter/gpt-oss-120b": "openrouter/gemma-4-31b",
        "workers-ai/llama-3.1-8b": "workers-ai/llama-3.1-8b-fast",
    },
    Kind.RETIRING: {
        "google-ai-studio/gemini-2.5-flash": "google-ai-studio/gemini-3.5-flash-lite",
        "openai/gpt-4o": "openai/gpt-6-luna",
        "openai/gpt-4o-mini": "openai/gpt-6-luna",
    },
}


def project(folder: Path, monkeypatch: pytest.MonkeyPatch, catalog: str) -> Project:
    (folder / "stacks").mkdir()
    (folder / "Pulumi.yaml").write_text("name: x\nruntime: python\n", encoding="utf-8")
    (folder / "stacks" / "catalog.yaml").write_text(OLD.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "stacks" / "local.yaml").write_text(f"extends: {catalog}\nlocal: true\n", encoding="utf-8")
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-28")
    return Project(folder)


def test_the_old_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = check_catalog(project(tmp_path, monkeypatch, "catalog.yaml"), (), offline=True)
    named: dict[Kind, dict[str, str]] = defaultdict(dict)
    for finding in check.findings:
        if finding.kind in NAMED:
            named[finding.kind][finding.name] = str(finding.successor)
    assert named == NAMED
    ids = {finding.name: finding.after for finding in check.findings if finding.kind is Kind.ID}
    assert ids == {"mistral/mistral-small": "mistral-small-latest", "mistral/mistral-medium": "mistral-medium-latest"}
    unconfirmed = [finding.name for finding in check.findings if finding.kind is Kind.UNCONFIRMED]
    assert unconfirmed == ["mistral/mistral-tiny"]  # one source only


def test_the_shipped_catalog_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_catalog(project(tmp_path, monkeypatch, "gatewright:catalog"), (), offline=True).findings == ()
