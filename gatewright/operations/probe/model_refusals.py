"""How providers say that a model is retired, unknown, or not allowed by the account, and when it was retired.

Workers AI sends codes, the others words: Groq `model_decommissioned`, OpenAI and Cerebras `model_not_found`, Mistral
"Invalid model", NVIDIA HTTP 410 and "has reached its end of life on DATE", Google "no longer available", OpenRouter
"No endpoints found for" (as users report them, 2026).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.operations.probe.failure_table import GATEWAY_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable

_RETIRED = re.compile(
    r"decommissioned|model_deprecated|reached its end of life|is unavailable for free"
    r"|models?\b.{0,120}\b(has been|was|is) (deprecated|retired|discontinued|shut down)"
    r"|models?\b.{0,120}\bno longer (available|supported|offered)"
)
_UNKNOWN = re.compile(
    r"model_not_found|no such model|invalid.model|model\b.{0,80}\bnot (found|exist)|no endpoints found for"
)
_NO_HOST = re.compile(r"no endpoints found matching your data policy")
_REFUSING = (400, 403, 404, 410, 422)  # statuses of a refused model; the words of a 429 or a 5xx mean something else
_DATE = re.compile(r"(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)", re.ASCII)


def find_refusal(status: int, texts: Iterable[str]) -> str | None:
    """A key of `PROVIDER_ERRORS`: 410 (retired), 404 (unknown) or no-host; None where the words say nothing.

    `texts` are the provider's message and code.
    """
    words = " ".join(texts).lower()
    if status == 410 or (status in _REFUSING and _RETIRED.search(words)):
        return "410"
    if _NO_HOST.search(words):
        return "no-host"
    return "404" if _UNKNOWN.search(words) else None


def workers_ai_code(content: Any) -> int | None:
    """Workers AI's code in an error of OpenAI's form, where its own form gives none; None if it is not known."""
    error = content.get("error", content) if isinstance(content, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and str(code) in GATEWAY_ERRORS else None


def date_in(message: str) -> str | None:
    """The date that a provider's message gives, YYYY-MM-DD."""
    match = _DATE.search(message)
    return match[0] if match else None
