"""What OpenRouter itself reports of a key: its free requests of today, and the rest of its budget.

`GET /key` spends nothing. Source: openrouter 1.3.84 (PyPI), operations/getcurrentkey.py; its days start at 00:00 UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from gatewright.clock import DAY, start_of_day
from gatewright.environment.quantities import amount_text, quantity_text
from gatewright.environment.references import FromVariable
from gatewright.io.http_errors import reason
from gatewright.operations.usage.model import LimitUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.model.catalog import Provider

NAME = "openrouter"
DEFAULT_URL = "https://openrouter.ai/api/v1"
TIMEOUT = 10.0  # seconds
SUBJECT = "openrouter key"


def openrouter_limits(
    providers: Mapping[str, Provider],
    variables: Mapping[str, str],
    now: int,
    transport: httpx.BaseTransport | None = None,
) -> tuple[list[LimitUse], list[str]]:
    """The limits that the key has, and notes. Nothing where no key is at hand."""
    provider = providers.get(NAME)
    variable = provider.key.name if provider and isinstance(provider.key, FromVariable) else ""
    key = variables.get(variable, "").strip()
    if provider is None or not key:
        return [], []
    try:
        with httpx.Client(timeout=TIMEOUT, transport=transport) as http:
            response = http.get(f"{provider.direct or DEFAULT_URL}/key", headers={"Authorization": f"Bearer {key}"})
        data = response.json()["data"] if response.is_success else None
        return (
            ([*_limits(data, now)], []) if data else ([], [f"OpenRouter refuses ${variable}: {response.status_code}"])
        )
    except httpx.HTTPError as error:
        return [], [f"OpenRouter did not answer: {reason(error)}"]
    except (KeyError, TypeError, ValueError):
        return [], ["OpenRouter's answer about its key has another form than expected"]


def _limits(data: Mapping[str, Any], now: int) -> Iterator[LimitUse]:
    start = start_of_day(now)
    if free := data.get("free_model_daily_requests"):
        amount, used = float(free["limit"]), float(free["used"])
        gone_at = now + int((amount - used) * (now - start) / used) if 0 < used < amount else None
        text = quantity_text(amount, "requests", DAY)
        end = start + DAY
        yield LimitUse(
            SUBJECT, text, "requests", used, amount, start, end, gone_at if gone_at and gone_at < end else None
        )
    if data.get("limit") is not None:
        amount, left = float(data["limit"]), float(data["limit_remaining"] or 0)
        text = f"{amount_text(amount)} USD ({data.get('limit_reset') or 'in all'})"
        yield LimitUse(SUBJECT, text, "USD", amount - left, amount, now, now)
