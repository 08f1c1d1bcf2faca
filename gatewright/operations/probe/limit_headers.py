"""What a provider says of its limits in the headers of a response.

`x-ratelimit-remaining-<name>` with `x-ratelimit-limit-<name>`: OpenAI, Groq, Mistral, Cerebras, OpenRouter (without a
name). `anthropic-ratelimit-<name>-remaining` with `…-limit`: Anthropic. Sources: their API references.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMAINING = re.compile(
    r"(?P<before>x-ratelimit)-remaining(?:-(?P<name>[a-z0-9-]{1,40}))?|"
    r"(?P<anthropic>anthropic-ratelimit)-(?P<kind>[a-z0-9-]{1,40})-remaining",
    re.ASCII,
)
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)
_PERIOD = re.compile(r"(.+?)-(?:(\d{1,4})-)?(second|minute|hour|day|month)")
_MOST = 12  # headers of one response that are read


@frozen
class ReportedLimit:
    """What is left of a limit, by its provider: `unit` is requests, tokens/minute, …; `limit` None if not reported."""

    unit: str
    remaining: float
    limit: float | None = None


def reported_limits(headers: Mapping[str, str]) -> tuple[ReportedLimit, ...]:
    """The limits in the headers of a response, each with what is left."""
    limits = [limit for header in headers if (limit := _read(header.lower(), headers)) is not None]
    return tuple(limits[:_MOST])


def _read(header: str, headers: Mapping[str, str]) -> ReportedLimit | None:
    match = _REMAINING.fullmatch(header)
    remaining = _number(headers.get(header, "")) if match else None
    if match is None or remaining is None:
        return None
    if match["anthropic"]:
        name = match["kind"]
        limit = f"anthropic-ratelimit-{name}-limit"
    else:
        name = match["name"] or ""
        limit = f"x-ratelimit-limit-{name}".rstrip("-")
    return ReportedLimit(_unit(name), remaining, _number(headers.get(limit, "")))


def _unit(name: str) -> str:
    """requests/10 seconds of req-10-second; requests where the header has no name."""
    name = re.sub(r"^req(?=-|$)", "requests", name or "requests")
    if match := _PERIOD.fullmatch(name):
        count, period = match[2], match[3]
        name = f"{match[1]}/{f'{count} {period}s' if count else period}"
    return name.replace("-", " ")


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None
