"""Faults that change the response of a call: an error page, a part of the response, a slow one."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from .conversation import Conversation

GATEWAYS = "/client/v4/accounts/{A}/ai-gateway/gateways"


def ask(api: Conversation, **fault: Any) -> httpx.Response:
    """Send one call with a fault."""
    assert api.client.post("/__local__/faults", json={"on": "control", **fault}).status_code == 201
    return api.send({"method": "GET", "path": GATEWAYS})


def test_an_error_page(api: Conversation) -> None:
    response = ask(api, status=502, text="<h1>Bad gateway</h1>", headers={"Content-Type": "text/html"})
    assert (response.status_code, response.text) == (502, "<h1>Bad gateway</h1>")
    assert response.headers["content-type"] == "text/html"


def test_a_response_that_ends_early(api: Conversation) -> None:
    response = ask(api, keep=20)
    assert (response.status_code, len(response.content)) == (200, 20)
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_connection_that_breaks_within_the_response(api: Conversation) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        ask(api, keep=20, reset=True)
    assert api.send({"method": "GET", "path": GATEWAYS}).is_success


def test_a_slow_response(api: Conversation) -> None:
    whole = api.send({"method": "GET", "path": GATEWAYS})
    begin = time.monotonic()
    response = ask(api, drip_ms=20)
    assert response.json() == whole.json()
    assert time.monotonic() - begin > 0.15
