"""The limits in the headers of providers' responses."""

from __future__ import annotations

import httpx
import pytest

from gatewright.operations.probe.limit_headers import ReportedLimit, reported_limits


@pytest.mark.parametrize(
    ("headers", "limits"),
    [
        (
            {"x-ratelimit-limit-requests": "1000", "x-ratelimit-remaining-requests": "985"},  # Groq, OpenAI
            [ReportedLimit("requests", 985, 1000)],
        ),
        ({"x-ratelimit-remaining-tokens": "7500.5"}, [ReportedLimit("tokens", 7500.5)]),
        (
            {"x-ratelimit-remaining-req-minute": "29", "x-ratelimit-limit-req-minute": "30"},  # Mistral
            [ReportedLimit("requests/minute", 29, 30)],
        ),
        ({"x-ratelimit-remaining-req-10-second": "9"}, [ReportedLimit("requests/10 seconds", 9)]),
        ({"x-ratelimit-remaining-tokens-month": "5"}, [ReportedLimit("tokens/month", 5)]),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Limit": "20"}, [ReportedLimit("requests", 3, 20)]),
        (
            {"anthropic-ratelimit-input-tokens-remaining": "0", "anthropic-ratelimit-input-tokens-limit": "9"},
            [ReportedLimit("input tokens", 0, 9)],
        ),
        ({"x-ratelimit-remaining-requests": "-1"}, []),
        ({"x-ratelimit-remaining-requests": "<script>"}, []),
        ({"x-ratelimit-remaining-" + "a" * 41: "1"}, []),
        ({"x-ratelimit-reset-requests": "2m"}, []),
        ({f"x-ratelimit-remaining-{name}": "1" for name in "abcdefghijklmnop"}, [*"abcdefghijkl"]),
    ],
)
def test_headers(headers: dict[str, str], limits: list[ReportedLimit | str]) -> None:
    expected = [ReportedLimit(each, 1) if isinstance(each, str) else each for each in limits]
    assert [*reported_limits(httpx.Headers(headers))] == expected
