"""Any input gets a response like Cloudflare's, never a crash."""

from __future__ import annotations

import concurrent.futures
import json
from typing import Any

import httpx
import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from .conversation import Conversation
from .setup_steps import SETTINGS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["id", "cache_ttl", "collect_logs", "dlp", "guardrails", "otel", "spend_limits", "stripe", "name", "policies"]
)
BODIES = st.dictionaries(FIELDS, JSON) | JSON
WITH_ANY = examples(15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@WITH_ANY
@given(body=BODIES)
def test_any_json_gets_an_envelope(api: Conversation, body: Any) -> None:
    for path in ("ai-gateway/gateways", "tokens"):
        response = api.send({"method": "POST", "path": "/client/v4/accounts/{A}/" + path, "body": body})
        assert response.status_code < 500
        assert response.json()["success"] is (response.status_code == 200)


@WITH_ANY
@given(body=st.dictionaries(st.sampled_from(["model", "messages", "input", "stream", "max_tokens", "prompt"]), JSON))
def test_any_json_gets_a_response_from_every_format(api: Conversation, body: Any) -> None:
    headers = {"Authorization": f"Bearer {api.admin}"}
    for path in ("compat/chat/completions", "openai/responses", "anthropic/v1/messages", "workers-ai/@cf/m"):
        response = api.send({"method": "POST", "path": "/v1/{A}/default/" + path, "body": body, "headers": headers})
        assert response.status_code < 500


STEPS = st.dictionaries(st.sampled_from(["provider", "endpoint", "headers", "query", "config"]), JSON)
KNOWN = {"provider": "groq", "endpoint": "chat/completions"}


@WITH_ANY
@given(steps=st.lists(STEPS, max_size=2), known=STEPS)
def test_any_json_gets_a_response_from_the_universal_endpoint(api: Conversation, steps: Any, known: Any) -> None:
    headers = {"cf-aig-authorization": f"Bearer {api.admin}"}
    for body in (steps, [{**known, **KNOWN}]):
        response = api.send({"method": "POST", "path": "/v1/{A}/default", "body": body, "headers": headers})
        assert response.status_code < 500


@WITH_ANY
@given(
    operation=st.sampled_from(["run", "run/@cf/m", "run/", "v1/chat/completions", "v1/messages", "v1/responses", "v2"]),
    body=st.dictionaries(st.sampled_from(["model", "messages", "input", "stream", "max_tokens", "prompt"]), JSON)
    | JSON,
)
def test_any_json_gets_a_response_from_the_rest_form(api: Conversation, operation: str, body: Any) -> None:
    named = {"model": "openai/m", **body} if isinstance(body, dict) else {"model": "openai/m", "input": body}
    for each in (body, named):
        response = api.send({"method": "POST", "path": "/client/v4/accounts/{A}/ai/" + operation, "body": each})
        assert response.status_code < 500


@WITH_ANY
@given(metadata=JSON, cost=JSON, filters=st.lists(st.dictionaries(st.text(), JSON) | JSON, max_size=3) | JSON)
def test_any_header_and_any_filter_gets_a_response(api: Conversation, metadata: Any, cost: Any, filters: Any) -> None:
    values = {"cf-aig-metadata": metadata, "cf-aig-custom-cost": cost, "cf-aig-byok-alias": cost}
    body = {"model": "workers-ai/m", "messages": [{"role": "user", "content": "hi"}]}
    response = api.send(
        {
            "method": "POST",
            "path": "/v1/{A}/default/compat/chat/completions",
            "headers": {
                "cf-aig-authorization": f"Bearer {api.admin}",
                **{name: json.dumps(value) for name, value in values.items()},
            },
            "body": body,
        }
    )
    assert response.status_code in (200, 400)
    path = "/client/v4/accounts/{A}/ai-gateway/gateways/default/logs"
    logged = api.send({"method": "GET", "path": path})
    assert logged.json()["result"][0]["id"] == response.headers["cf-aig-log-id"]
    chosen = api.send({"method": "GET", "path": path, "query": {"filters": json.dumps(filters)}})
    assert chosen.status_code in (200, 400)


KEYS = st.sampled_from(["id", "created_at", "cost", "tokens", "metadata.key", "metadata.value", "success"])
FILTERS = st.fixed_dictionaries(
    {
        "key": KEYS,
        "operator": st.sampled_from(["eq", "neq", "contains", "lt", "gt"]),
        "value": st.lists(JSON, max_size=3),
    }
)


@WITH_ANY
@given(filters=st.lists(FILTERS, max_size=3), query=st.dictionaries(st.sampled_from(["min_cost", "search"]), st.text()))
def test_any_value_of_a_filter_gets_a_response(api: Conversation, filters: Any, query: Any) -> None:
    path = "/client/v4/accounts/{A}/ai-gateway/gateways/g/logs"
    api.send({"method": "POST", "path": path.removesuffix("/g/logs"), "body": {**SETTINGS, "id": "g"}})
    response = api.send({"method": "GET", "path": path, "query": {"filters": json.dumps(filters), **query}})
    assert response.status_code in (200, 400)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": "\\ud800"}', b'{"cache_ttl": NaN}', b"9" * 5000, b"[1e999]"],
    ids=["empty", "cut", "not-utf-8", "deep", "surrogate", "nan", "huge-number", "infinite-number"],
)
def test_invalid_json(api: Conversation, body: bytes) -> None:
    url = f"/client/v4/accounts/{api.variables['A']}/ai-gateway/gateways"
    response = api.client.post(url, content=body, headers={"Authorization": f"Bearer {api.admin}"})
    assert response.status_code == 400
    assert response.json()["success"] is False


def test_a_fault_can_reset_the_connection_after_the_call(api: Conversation) -> None:
    order = {"on": "control", "method": "POST", "reset": True, "after": True}
    assert api.client.post("/__local__/faults", json=order).status_code == 201
    body = {"id": "done", **SETTINGS}
    path = "/client/v4/accounts/{A}/ai-gateway/gateways"
    with pytest.raises(httpx.TransportError):
        api.send({"method": "POST", "path": path, "body": body})
    assert api.send({"method": "GET", "path": path + "/done"}).status_code == 200


def test_parallel_calls_get_their_own_responses(api: Conversation) -> None:
    headers = {"Authorization": f"Bearer {api.admin}"}

    def chat(number: int) -> bool:
        body = {"model": "groq/m", "messages": [{"role": "user", "content": f"number {number}"}]}
        path = "/v1/{A}/default/compat/chat/completions"
        response = api.send({"method": "POST", "path": path, "body": body, "headers": headers})
        return bool(response.json()["choices"][0]["message"]["content"] == f"groq/m heard: number {number}")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(chat, range(200)))


def test_an_account_has_at_most_twenty_gateways(api: Conversation) -> None:
    path = "/client/v4/accounts/{A}/ai-gateway/gateways"
    statuses = [
        api.send({"method": "POST", "path": path, "body": {**SETTINGS, "id": f"g{n}"}}).status_code for n in range(21)
    ]
    assert statuses == [200] * 20 + [400]


def test_a_web_page_cannot_change_anything(api: Conversation) -> None:
    """Without a preflight, a page of another origin can send only forms and plain text."""
    for path in ("/__local__/reset", "/__local__/faults", "/__local__/accounts"):
        response = api.client.post(path, content=b"{}", headers={"Content-Type": "text/plain"})
        assert response.status_code == 400
