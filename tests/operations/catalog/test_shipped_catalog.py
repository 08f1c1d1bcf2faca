"""The shipped catalog against the pinned tables of others: what two of them contradict is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalog_pins import read_pins

from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import FILE_SHAPE, SHIPPED, Files
from gatewright.environment.model.environment_file import CATALOG_NAME, EnvironmentFile
from gatewright.environment.nodes import Node
from gatewright.environment.provider_models import models_of
from gatewright.operations.catalog.compare import Comparison, Finding, Kind
from gatewright.operations.catalog.declared import DeclaredCatalog, DeclaredModel

FIRST_USERS = (
    "workers-ai",
    "mistral",
    "groq",
    "openrouter",
    "nvidia",
    "openai",
    "anthropic",
    "cerebras",
    "google-ai-studio",
)
CONTRADICTED = (Kind.RETIRED, Kind.RETIRING, Kind.PRICE, Kind.CONTEXT, Kind.DISAGREEMENT)
SUCCESSORS = {
    "workers-ai/llama-3.1-8b": "workers-ai/llama-3.1-8b-fast",
    "mistral/mistral-7b": "mistral/ministral-8b-latest",
    "mistral/mistral-tiny": "mistral/ministral-3b-latest",
    "groq/llama-3.1-8b": "groq/gpt-oss-20b",
    "groq/llama-4-scout": "groq/qwen3.8-27b",
    "openrouter/gpt-oss-120b": "openrouter/gemma-4-31b",
    "nvidia/glm-4.7": "nvidia/glm-5.3-flash",
    "nvidia/minimax-m2.1": "nvidia/nemotron-3-ultra",
    "openai/gpt-4o": "openai/gpt-6-luna",
    "openai/gpt-4o-mini": "openai/gpt-6-luna",
    "anthropic/claude-sonnet-4": "anthropic/claude-sonnet-5-5",
    "anthropic/claude-opus-4": "anthropic/claude-opus-5-5",
    "cerebras/qwen-3-235b": "cerebras/gpt-oss-120b",
    "google-ai-studio/gemini-2.5-flash": "google-ai-studio/gemini-3.5-flash-lite",
}
"""The first users' models that have retired or retire, and their successors."""


def read_catalog() -> tuple[Node, EnvironmentFile]:
    diagnostics = Diagnostics()
    root = Files(Path(), "stacks").merged_file(CATALOG_NAME, diagnostics)
    assert root is not None
    file = FILE_SHAPE.read(root, "", diagnostics)
    assert diagnostics.diagnostics == ()
    assert isinstance(file, EnvironmentFile)
    return root, file


def findings(root: Node, file: EnvironmentFile) -> list[Finding]:
    declared = {}
    for name, model in models_of(file.providers).items():
        node = root.at("providers", name.provider, "models", name.model)
        assert node is not None
        declared[name] = DeclaredModel(name, model.id or name.model, model, node.location, node)
    tables = read_pins()
    return Comparison(
        DeclaredCatalog(declared, file.providers), tables, {}, max(each.date for each in tables)
    ).findings()


def contradictions(root: Node, file: EnvironmentFile) -> list[str]:
    """The lines to change. A model that no source knows may be unverified."""
    return [
        f"{SHIPPED[CATALOG_NAME]}:{finding.declared.location.line}: {finding.name}: {finding.message} "
        f"({'; '.join(f'{each.source}: {each.statement}' for each in finding.evidence)})"
        for finding in findings(root, file)
        if finding.declared is not None
        and (
            finding.kind in CONTRADICTED
            or ("in no source" in finding.message and not finding.declared.model.unverified)
        )
    ]


def test_no_fact_is_contradicted_by_two_sources() -> None:
    assert contradictions(*read_catalog()) == []


@pytest.mark.parametrize(
    ("model", "old", "new", "message"),
    [
        ("gpt-6-luna", "output: 0.5,", "output: 0.6,", "price 0.1/0.6 USD -> 0.1/0.5 USD"),
        ("claude-opus-5-5", "context: 1000000", "context: 200000", "context 200,000 -> 1,000,000"),
        ("qwen3.8-27b", "id: qwen/qwen3.8-27b", "id: qwen/qwen3.9-27b", "in no source that lists its provider"),
    ],
)
def test_a_wrong_fact_is_named_with_its_line(
    model: str, old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = SHIPPED[CATALOG_NAME].read_text(encoding="utf-8").splitlines()
    index = next(index for index, line in enumerate(lines) if line.startswith(f"      {model}: {{") and old in line)
    lines[index] = lines[index].replace(old, new)
    wrong = tmp_path / "catalog.yaml"
    wrong.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setitem(SHIPPED, CATALOG_NAME, wrong)
    (line,) = contradictions(*read_catalog())
    assert line.startswith(f"{wrong}:{index + 1}: ")
    assert f"{model}: {message} (" in line


def test_every_model_has_sources_or_is_unverified() -> None:
    _, file = read_catalog()
    assert [
        str(name) for name, model in models_of(file.providers).items() if not (model.sources or model.unverified)
    ] == []


def test_every_served_model_states_its_size() -> None:
    _, file = read_catalog()
    missing = [str(name) for name, model in models_of(file.providers).items() if not (model.context and model.output)]
    assert missing == []


def test_at_least_three_models_of_each_first_provider_are_served() -> None:
    _, file = read_catalog()
    for provider in FIRST_USERS:
        served = [name for name, model in file.providers[provider].models.items() if model.retirement is None]
        assert len(served) >= 3, provider


def test_every_old_name_has_its_successor() -> None:
    _, file = read_catalog()
    models = models_of(file.providers)
    assert {str(name): str(model.successor) for name, model in models.items() if str(name) in SUCCESSORS} == SUCCESSORS
    assert all(model.successor in models for model in models.values() if model.successor)


def test_every_package_is_pinned_with_version_and_date() -> None:
    tables = read_pins()
    assert [table.name.partition(" ")[0] for table in tables] == ["litellm", "@earendil-works/pi-ai", "model-prices"]
    assert all(table.models for table in tables)
