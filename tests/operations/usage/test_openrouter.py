"""What OpenRouter reports of a key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gatewright.clock import parse_timestamp
from gatewright.environment.model.catalog import Provider
from gatewright.environment.references import FromVariable, Stored
from gatewright.operations.usage.model import LimitUse
from gatewright.operations.usage.openrouter import openrouter_limits

DAY = parse_timestamp("2026-11-28")
NOON = DAY + 43_200
PROVIDERS = {"openrouter": Provider(key=FromVariable("FAKE_KEY"), direct="https://fake.example/v1")}
VARIABLES = {"FAKE_KEY": "fake-openrouter-key"}
FREE = {"free_model_daily_requests": {"used": 30, "limit": 50, "remaining": 20}, "limit": None}


def ask(status: int = 200, body: Any = None, **replaced: Any) -> tuple[list[LimitUse], list[str]]:
    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://fake.example/v1/key"
        assert request.headers["authorization"] == "Bearer fake-openrouter-key"
        return httpx.Response(status, json=body)

    arguments: dict[str, Any] = {"providers": PROVIDERS, "variables": VARIABLES} | replaced
    return openrouter_limits(now=NOON, transport=httpx.MockTransport(answer), **arguments)


def test_free_requests_of_today() -> None:
    uses, notes = ask(body={"data": FREE})
    assert notes == []
    assert uses == [LimitUse("openrouter key", "50 requests/day", "requests", 30, 50, DAY, DAY + 86_400, NOON + 28_800)]


@pytest.mark.parametrize(("used", "gone_at"), [(0, None), (10, None), (50, None), (40, NOON + 10_800)])
def test_when_the_free_requests_are_gone(used: int, gone_at: int | None) -> None:
    (use,), _ = ask(body={"data": {"free_model_daily_requests": {"used": used, "limit": 50}}})
    assert use.gone_at == gone_at


@pytest.mark.parametrize(("reset", "text"), [(None, "10 USD (in all)"), ("monthly", "10 USD (monthly)")])
def test_the_budget_of_the_key(reset: str | None, text: str) -> None:
    (use,), _ = ask(body={"data": {"limit": 10, "limit_remaining": 2.5, "limit_reset": reset}})
    assert (use.limit, use.used, use.share) == (text, 7.5, 0.75)


@pytest.mark.parametrize(
    ("status", "body", "note"),
    [
        (401, {"error": "no"}, "OpenRouter refuses $FAKE_KEY: 401"),
        (200, {"data": {"free_model_daily_requests": {"used": "many", "limit": 5}}}, "another form"),
        (200, [], "another form"),
    ],
)
def test_an_answer_without_figures_is_a_note(status: int, body: Any, note: str) -> None:
    uses, notes = ask(status, body)
    assert uses == []
    assert note in notes[0]


def test_no_answer_is_a_note() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("fake-openrouter-key")

    assert openrouter_limits(PROVIDERS, VARIABLES, NOON, httpx.MockTransport(fail)) == (
        [],
        ["OpenRouter did not answer: no connection"],
    )


@pytest.mark.parametrize(
    "replaced",
    [{"variables": {}}, {"providers": {}}, {"providers": {"openrouter": Provider(key=Stored())}}],
)
def test_nothing_is_asked_without_a_key(replaced: Any) -> None:
    assert ask(500, **replaced) == ([], [])
