"""The model tables in packages of others: litellm, pi-ai and model-prices.

Their forms as of litellm 1.110, @earendil-works/pi-ai 1.6 and model-prices 0.0.5 (November 2026). Prices become USD per
million tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.facts.slugs import WORKERS_AI
from gatewright.operations.catalog.facts import SourceError, Table, TableReader, require_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

_LITELLM = {
    "anthropic": "anthropic",
    "cerebras": "cerebras",
    "cloudflare": WORKERS_AI,
    "cohere_chat": "cohere",
    "deepseek": "deepseek",
    "gemini": "google-ai-studio",
    "groq": "groq",
    "mistral": "mistral",
    "nvidia_nim": "nvidia",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity-ai",
    "xai": "grok",
}
_PI_AI = {
    "anthropic": "anthropic",
    "cerebras": "cerebras",
    "cloudflare-workers-ai": WORKERS_AI,
    "deepseek": "deepseek",
    "google": "google-ai-studio",
    "groq": "groq",
    "mistral": "mistral",
    "nvidia": "nvidia",
    "openai": "openai",
    "openrouter": "openrouter",
    "xai": "grok",
}
_MODEL_PRICES = {
    "anthropic": "anthropic",
    "deepseek": "deepseek",
    "google": "google-ai-studio",
    "mistral": "mistral",
    "openai": "openai",
    "perplexity": "perplexity-ai",
    "xai": "grok",
}
LITELLM_FILE = "litellm/model_prices_and_context_window_backup.json"
PI_AI_FOLDER = "package/dist/providers/data/"
PI_AI_FILES = tuple(f"{PI_AI_FOLDER}{name}.json" for name in _PI_AI)
MODEL_PRICES_FILE = "model_prices/snapshot.json"
_MILLION = 1_000_000
_LEAST_MODELS = 20  # a table with fewer has changed its form


def read_litellm(table: Table, files: Mapping[str, Any], today: str) -> None:
    """Fill `table` from the file of litellm's wheel. Raises SourceError."""
    reader = TableReader(table, today)
    for key, row in require_mapping(files[LITELLM_FILE], "litellm's table").items():
        provider = _LITELLM.get(str(row.get("litellm_provider"))) if isinstance(row, dict) else None
        if provider is None or row.get("mode") not in ("chat", "responses"):
            continue
        reader.add(
            provider,
            _without_provider(key, row),
            context=row.get("max_input_tokens"),
            output=row.get("max_output_tokens"),
            price=_per_million(row.get("input_cost_per_token"), row.get("output_cost_per_token")),
            retirement=row.get("deprecation_date"),
            successor=_successor(row),
        )
    _require_models(table)


def read_pi_ai(table: Table, files: Mapping[str, Any], today: str) -> None:
    """Fill `table` from the files of pi-ai's tarball, those of the chat models. Raises SourceError."""
    reader = TableReader(table, today)
    for name, provider in _PI_AI.items():
        content = require_mapping(files[f"{PI_AI_FOLDER}{name}.json"], f"{name}.json of pi-ai")
        rows = (row for models in content.values() if isinstance(models, dict) for row in models.values())
        for row in rows:
            if isinstance(row, dict) and row.get("type") == "chat":
                cost = row["cost"] if isinstance(row.get("cost"), dict) else {}
                price = (cost.get("input"), cost.get("output"))
                reader.add(
                    provider, row.get("id"), context=row.get("contextWindow"), output=row.get("maxTokens"), price=price
                )
    _require_models(table)


def read_model_prices(table: Table, files: Mapping[str, Any], today: str) -> None:
    """Fill `table` from the snapshot of model-prices. Raises SourceError."""
    reader, content = TableReader(table, today), require_mapping(files[MODEL_PRICES_FILE], "model-prices' snapshot")
    prices = require_mapping(content.get("prices"), "prices of model-prices")
    status = require_mapping(content.get("status"), "status of model-prices")
    for name, provider in _MODEL_PRICES.items():
        states = require_mapping(status.get(name, {}), f"status.{name}")
        rows = require_mapping(prices.get(name, {}), f"prices.{name}")
        for model in {**rows, **states}:
            reader.add(provider, model, price=_latest_price(rows.get(model)), is_retired=states.get(model) == "removed")
    table.date = reader.date("updated_at", content.get("updated_at")) or table.date
    _require_models(table)


def _without_provider(key: str, row: Mapping[str, Any]) -> str:
    """The provider's id: litellm writes `groq/openai/gpt-oss-20b`, and `gpt-4o` for OpenAI."""
    return key.removeprefix(f"{row['litellm_provider']}/").removeprefix("cohere/")


def _successor(row: Mapping[str, Any]) -> str | None:
    name = row.get("successor_model")
    return _without_provider(name, row) if isinstance(name, str) else None


def _per_million(*prices: Any) -> tuple[Any, Any] | None:
    first, second = (price * _MILLION if isinstance(price, int | float) else price for price in prices)
    return None if first is None or second is None else (first, second)


def _latest_price(row: Any) -> tuple[Any, Any] | None:
    """The newest rates of `{standard: [{rates: {input, output}, start}]}`; None where there are none."""
    periods = row.get("standard") if isinstance(row, dict) else None
    rates = [rates for period in periods or () if isinstance(rates := _rates(period), dict)]
    return (rates[-1].get("input"), rates[-1].get("output")) if rates else None


def _rates(period: Any) -> Any:
    return period.get("rates") if isinstance(period, dict) else None


def _require_models(table: Table) -> None:
    if len(table.models) < _LEAST_MODELS:
        raise SourceError(f"{table.name} has another form than expected: {len(table.models)} models were read")
