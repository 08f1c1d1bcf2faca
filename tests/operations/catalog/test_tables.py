"""The tables of others: what is read of them, what cannot be true, and forms that have changed."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.operations.catalog.facts import ModelFacts, Price, SourceError, Table
from gatewright.operations.catalog.model_lists import read_list, read_workers_ai
from gatewright.operations.catalog.tables import (
    LITELLM_FILE,
    MODEL_PRICES_FILE,
    PI_AI_FILES,
    read_litellm,
    read_model_prices,
    read_pi_ai,
)

TODAY = "2026-11-28"


def litellm_row(**changed: Any) -> dict[str, Any]:
    row = {"litellm_provider": "groq", "mode": "chat", "max_input_tokens": 1000, "max_output_tokens": 100}
    return {**row, "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07, **changed}


def litellm(**rows: Any) -> Table:
    table = Table("litellm 1", TODAY)
    filling = {f"groq/filling-{number}": litellm_row() for number in range(20)}
    read_litellm(table, {LITELLM_FILE: {**filling, **rows}}, TODAY)
    return table


def test_litellm() -> None:
    retiring = litellm_row(
        litellm_provider="gemini", deprecation_date="2026-12-01", successor_model="gemini/gemini-3.5-flash-lite"
    )
    image = litellm_row(mode="image_generation")
    table = litellm(**{"gemini/gemini-2.5-flash": retiring, "groq/image": image, "azure/x": {}, "sample_spec": 1})
    assert table.models["google-ai-studio", "gemini-2.5-flash"] == ModelFacts(
        context=1000,
        output=100,
        price=Price(0.15, 0.6),
        retirement="2026-12-01",
        successor=("google-ai-studio", "gemini-3.5-flash-lite"),
    )
    assert len(table.models) == 21
    assert table.ignored == []


@pytest.mark.parametrize(
    ("changed", "ignored"),
    [
        ({"input_cost_per_token": -1e-06}, "groq/m: price (-1.0, 0.6)"),
        ({"input_cost_per_token": 5}, "groq/m: price (5000000, 0.6)"),
        ({"max_input_tokens": 0}, "groq/m: context 0"),
        ({"max_input_tokens": True}, "groq/m: context True"),
        ({"max_input_tokens": 10**12}, "groq/m: context 1000000000000"),
        ({"max_input_tokens": "9" * 5000}, f"groq/m: context {'9' * 40}"),
        ({"output_cost_per_token": float("inf")}, "groq/m: price (0.15, inf)"),
        ({"deprecation_date": "9999-01-01"}, "groq/m: date 9999-01-01"),
        ({"deprecation_date": "2026-13-45"}, "groq/m: date 2026-13-45"),
        ({"deprecation_date": 5}, "groq/m: date 5"),
    ],
)
def test_values_that_cannot_be_true_are_ignored_and_named(changed: dict[str, Any], ignored: str) -> None:
    table = litellm(**{"groq/m": litellm_row(**changed)})
    assert table.ignored == [ignored]
    facts = table.models["groq", "m"]
    assert None in (facts.price, facts.context, facts.retirement)


def test_pi_ai() -> None:
    cost = {"input": 0.1, "output": 0.4}
    rows = {f"chat:m{n}": {"id": f"m{n}", "type": "chat", "contextWindow": 9, "cost": cost} for n in range(3)}
    files = {name: {"openai-completions": {**rows, "image:x": {"id": "x", "type": "image"}}} for name in PI_AI_FILES}
    table = Table("pi-ai 1", TODAY)
    read_pi_ai(table, files, TODAY)
    assert table.models["workers-ai", "m0"] == ModelFacts(context=9, price=Price(0.1, 0.4))
    assert ("groq", "x") not in table.models


def test_model_prices() -> None:
    rates = [{"rates": {"input": 9, "output": 9}}, {"rates": {"input": 1, "output": 2}}]
    prices = {f"m{n}": {"standard": rates} for n in range(20)}
    content = {"prices": {"mistral": prices}, "status": {"mistral": {"old": "removed", "m1": "deprecated"}}}
    table = Table("model-prices 1", TODAY)
    read_model_prices(table, {MODEL_PRICES_FILE: {**content, "updated_at": "2026-10-26T18:46:35Z"}}, TODAY)
    assert table.models["mistral", "m0"].price == Price(1, 2)
    assert table.models["mistral", "old"].is_retired
    assert not table.models["mistral", "m1"].is_retired
    assert table.date == "2026-10-26"
    read_model_prices(table, {MODEL_PRICES_FILE: {**content, "updated_at": "yesterday"}}, TODAY)
    assert (table.date, table.ignored) == ("2026-10-26", ["updated_at: date yesterday"])


@pytest.mark.parametrize(
    ("read", "files"),
    [
        (read_litellm, {LITELLM_FILE: []}),
        (read_litellm, {LITELLM_FILE: {"groq/m": litellm_row()}}),
        (read_pi_ai, dict.fromkeys(PI_AI_FILES, "text")),
        (read_pi_ai, {name: {"openai-completions": []} for name in PI_AI_FILES}),
        (read_model_prices, {MODEL_PRICES_FILE: {"prices": {}}}),
        (read_model_prices, {MODEL_PRICES_FILE: {"prices": {"mistral": []}, "status": {}}}),
    ],
)
def test_a_changed_form_is_an_error(read: Any, files: Any) -> None:
    with pytest.raises(SourceError, match="another form than expected"):
        read(Table("t", TODAY), files, TODAY)


@pytest.mark.parametrize(
    ("slug", "row", "facts"),
    [
        ("openai", {"id": "m", "shutdown_date": "2027-01-14"}, ModelFacts(retirement="2027-01-14")),
        ("openai", {"id": "m", "shutdown_date": None}, ModelFacts()),
        (
            "anthropic",
            {"id": "m", "lifecycle": "deprecated", "retires_at": "2027-01-14T00:00:00Z", "max_input_tokens": 5},
            ModelFacts(context=5, retirement="2027-01-14"),
        ),
        ("anthropic", {"id": "m", "lifecycle": "retired"}, ModelFacts(is_retired=True)),
        (
            "mistral",
            {"id": "m", "deprecation": "2026-12-31T12:00:00Z", "deprecation_replacement_model": "n"},
            ModelFacts(retirement="2026-12-31", successor=("mistral", "n")),
        ),
        (
            "openrouter",
            {"id": "m", "context_length": 7, "pricing": {"prompt": "0.0000001", "completion": "0.000002"}},
            ModelFacts(context=7, price=Price(0.1, 2)),
        ),
        ("openrouter", {"id": "m", "pricing": {"prompt": "-1", "completion": "-1"}}, ModelFacts()),
        ("groq", {"id": "m", "context_window": 8, "active": False}, ModelFacts(context=8, is_retired=True)),
        ("google-ai-studio", {"id": "models/m"}, ModelFacts()),
    ],
)
def test_lists_of_the_providers(slug: str, row: dict[str, Any], facts: ModelFacts) -> None:
    table = read_list(slug, {"data": [row]}, "https://fake.example/models?limit=1000", TODAY)
    assert table.models == {(slug, "m"): facts}
    assert table.served_by == {slug}
    assert table.url == "https://fake.example/models"


def test_aliases_have_the_facts_of_their_model() -> None:
    table = read_list("mistral", {"data": [{"id": "m-2603", "aliases": ["m-latest"]}]}, "https://fake.example", TODAY)
    assert [*table.models] == [("mistral", "m-2603"), ("mistral", "m-latest")]


def test_a_part_of_a_list_does_not_say_what_is_missing() -> None:
    assert not read_list("anthropic", {"data": [{"id": "m"}], "has_more": True}, "u", TODAY).served_by
    assert not read_list("anthropic", {"data": []}, "u", TODAY).served_by


@pytest.mark.parametrize("content", [None, [], {"data": {}}, {"data": ["m"]}, {}])
def test_a_list_of_another_form(content: Any) -> None:
    with pytest.raises(SourceError, match="another form than expected"):
        read_list("groq", content, "u", TODAY)


def test_workers_ai() -> None:
    table = Table("search", TODAY)
    prices = [
        {"unit": "per M input tokens", "price": 0.35, "currency": "USD"},
        {"unit": "per M output tokens", "price": 0.75, "currency": "USD"},
    ]
    properties = {"context_window": "128000", "price": prices, "planned_deprecation_date": "2026-12-30"}
    listed = [{"property_id": key, "value": value} for key, value in properties.items()]
    odd = {"name": "@cf/odd", "properties": [{"property_id": [], "value": 1}, {"property_id": "price", "value": [{}]}]}
    read_workers_ai(table, [{"name": "@cf/openai/gpt", "properties": listed}, {"name": "@cf/bare"}, odd], TODAY)
    assert table.models == {
        ("workers-ai", "@cf/openai/gpt"): ModelFacts(context=128_000, price=Price(0.35, 0.75), retirement="2026-12-30"),
        ("workers-ai", "@cf/bare"): ModelFacts(),
        ("workers-ai", "@cf/odd"): ModelFacts(),
    }
