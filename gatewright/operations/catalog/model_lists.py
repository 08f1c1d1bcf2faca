"""The providers' own lists of models: `GET /models` of each, and Workers AI's `models/search`.

Fields as in the SDKs of November 2026: OpenAI `shutdown_date`, Anthropic `retires_at` and `lifecycle`, Mistral
`deprecation` and `deprecation_replacement_model`, OpenRouter `expiration_date` and `pricing` (USD per token), Groq
`context_window` and `active`, Workers AI `properties` with `planned_deprecation_date`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from gatewright.environment.names import key_variable
from gatewright.errors import GatewrightError, RefusedError
from gatewright.facts.permissions import WORKERS_AI_READ
from gatewright.facts.slugs import WORKERS_AI
from gatewright.io.http_errors import reason
from gatewright.operations.catalog.facts import SourceError, Table, TableReader, require_list, require_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.environment.model.catalog import Provider

_TIMEOUT = 20.0  # seconds
_MAX_BYTES = 10_000_000
_KEYLESS = frozenset({"nvidia", "openrouter"})
"""Providers whose list needs no key (seen in 2026)."""
_CONTEXT = ("context_length", "context_window", "max_context_length", "max_input_tokens", "inputTokenLimit")
_RETIREMENT = ("shutdown_date", "retires_at", "deprecation", "expiration_date")
_PAGE = 100
_MAX_PAGES = 20
_MILLION = 1_000_000


def list_url(slug: str, provider: Provider) -> str | None:
    """The URL of the provider's list; None where it is not known."""
    base = provider.direct or provider.base_url
    if base is None or "{" in base or slug == WORKERS_AI:
        return None
    return f"{base.rstrip('/')}/models" + ("?limit=1000" if slug == "anthropic" else "")


def list_headers(slug: str, provider: Provider, variables: Mapping[str, str]) -> dict[str, str] | None:
    """The credentials of the request; None where the key is not in the shell and the list needs one."""
    key = variables.get(key_variable(slug, provider) or "", "").strip()
    if slug in _KEYLESS and not key:
        return {}
    if not key or not key.isascii() or not key.isprintable():
        return None
    if slug == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"authorization": f"Bearer {key}"}


def fetch_list(http: httpx.Client, slug: str, url: str, headers: Mapping[str, str], today: str) -> Table:
    """The provider's list. Raises SourceError; no message holds a key."""
    try:
        response = http.get(url, headers=dict(headers), timeout=_TIMEOUT)
        content = response.json() if len(response.content) <= _MAX_BYTES else None
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        raise SourceError(f"{slug}'s list of models cannot be read: {reason(error)}") from None
    if response.status_code != 200:
        raise SourceError(f"{slug}'s list of models cannot be read: HTTP {response.status_code}")
    return read_list(slug, content, url, today)


def read_list(slug: str, content: Any, url: str, today: str) -> Table:
    """The table from the body of `GET /models`. Raises SourceError."""
    what = f"{slug}'s list of models"
    body = require_mapping(content, what)
    rows = require_list(body.get("data", body.get("models")), what)
    is_complete = body.get("has_more") is not True and len(rows) > 0
    table = Table(what, today, served_by=frozenset({slug} if is_complete else ()), url=url.partition("?")[0])
    reader = TableReader(table, today)
    for row in rows:
        entry = require_mapping(row, f"a row of {what}")
        aliases = entry["aliases"] if isinstance(entry.get("aliases"), list) else []
        for id in (entry.get("id", entry.get("name")), *aliases):
            _add_row(reader, slug, id.removeprefix("models/") if isinstance(id, str) else id, entry)
    return table


def _add_row(reader: TableReader, slug: str, id: Any, row: Mapping[str, Any]) -> None:
    reader.add(
        slug,
        id,
        context=_first(row, _CONTEXT),
        price=_token_prices(row.get("pricing")),
        retirement=_first(row, _RETIREMENT),
        is_retired=row.get("lifecycle") == "retired" or row.get("active") is False,
        successor=row.get("deprecation_replacement_model"),
    )


def fetch_workers_ai(client: Client, account: str, served_by: frozenset[str], today: str) -> Table:
    """Workers AI's models, by an account's token; `served_by` as of Table. Raises SourceError."""
    table = Table("Workers AI's models/search", today, served_by=served_by)
    for page in range(1, _MAX_PAGES + 1):
        query: dict[str, str | int] = {"page": page, "per_page": _PAGE, "include_deprecated": "true"}
        try:
            answer = client.get(f"/accounts/{account}/ai/models/search", query)
        except RefusedError:
            message = f"the token lacks {WORKERS_AI_READ.name} on account {account}, or is not valid"
            raise SourceError(f"Workers AI's models/search cannot be read: {message}") from None
        except GatewrightError as error:
            raise SourceError(f"Workers AI's models/search cannot be read: {error.message}") from None
        rows = require_list(answer.get("result"), "Workers AI's models/search")
        read_workers_ai(table, rows, today)
        if len(rows) < _PAGE:
            break
    if not table.models:
        raise SourceError("Workers AI's models/search lists no model")
    return table


def read_workers_ai(table: Table, rows: list[Any], today: str) -> None:
    """Add the rows of one page to `table`. Raises SourceError."""
    reader = TableReader(table, today)
    for row in rows:
        entry = require_mapping(row, "a row of Workers AI's models/search")
        listed = entry["properties"] if isinstance(entry.get("properties"), list) else []
        properties = {str(each.get("property_id")): each.get("value") for each in listed if isinstance(each, dict)}
        reader.add(
            WORKERS_AI,
            entry.get("name"),
            context=properties.get("context_window"),
            price=_unit_prices(properties.get("price")),
            retirement=properties.get("planned_deprecation_date"),
        )


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((row[key] for key in keys if row.get(key) is not None), None)


def _token_prices(pricing: Any) -> tuple[Any, Any] | None:
    """USD per million tokens from `{prompt, completion}`, which are strings in USD per token."""
    if not isinstance(pricing, dict):
        return None
    prices = [_number(pricing.get(key)) for key in ("prompt", "completion")]
    return None if None in prices else (prices[0] * _MILLION, prices[1] * _MILLION)  # type: ignore[operator]


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _unit_prices(prices: Any) -> tuple[Any, Any] | None:
    """The prices of Workers AI: `[{unit: "per M input tokens", price, currency: USD}, …]`."""
    entries = [entry for entry in prices if isinstance(entry, dict)] if isinstance(prices, list) else []
    by_unit = {str(entry.get("unit")): entry.get("price") for entry in entries if entry.get("currency") == "USD"}
    both = by_unit.get("per M input tokens"), by_unit.get("per M output tokens")
    return None if None in both else both
