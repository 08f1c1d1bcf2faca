"""Whatever comes, the answer is Cloudflare's, never a crash."""

from __future__ import annotations

import concurrent.futures
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
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
WITH_ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@WITH_ANY
@given(body=BODIES)
def test_any_json_gets_an_envelope(talk: Conversation, body: Any) -> None:
    for path in ("ai-gateway/gateways", "tokens"):
        answer = talk.send({"method": "POST", "path": "/client/v4/accounts/{A}/" + path, "body": body})
        assert answer.status_code < 500
        assert answer.json()["success"] is (answer.status_code == 200)


@WITH_ANY
@given(body=st.dictionaries(st.sampled_from(["model", "messages", "input", "stream", "max_tokens", "prompt"]), JSON))
def test_any_json_gets_a_response_from_every_format(talk: Conversation, body: Any) -> None:
    headers = {"Authorization": f"Bearer {talk.admin}"}
    for path in ("compat/chat/completions", "openai/responses", "anthropic/v1/messages", "workers-ai/@cf/m"):
        answer = talk.send({"method": "POST", "path": "/v1/{A}/default/" + path, "body": body, "headers": headers})
        assert answer.status_code < 500


STEPS = st.dictionaries(st.sampled_from(["provider", "endpoint", "headers", "query", "config"]), JSON)
KNOWN = {"provider": "groq", "endpoint": "chat/completions"}


@WITH_ANY
@given(steps=st.lists(STEPS, max_size=2), known=STEPS)
def test_any_json_gets_a_response_from_the_universal_endpoint(talk: Conversation, steps: Any, known: Any) -> None:
    headers = {"cf-aig-authorization": f"Bearer {talk.admin}"}
    for body in (steps, [{**known, **KNOWN}]):
        answer = talk.send({"method": "POST", "path": "/v1/{A}/default", "body": body, "headers": headers})
        assert answer.status_code < 500


@WITH_ANY
@given(
    operation=st.sampled_from(["run", "run/@cf/m", "run/", "v1/chat/completions", "v1/messages", "v1/responses", "v2"]),
    body=st.dictionaries(st.sampled_from(["model", "messages", "input", "stream", "max_tokens", "prompt"]), JSON)
    | JSON,
)
def test_any_json_gets_a_response_from_the_rest_form(talk: Conversation, operation: str, body: Any) -> None:
    named = {"model": "openai/m", **body} if isinstance(body, dict) else {"model": "openai/m", "input": body}
    for each in (body, named):
        answer = talk.send({"method": "POST", "path": "/client/v4/accounts/{A}/ai/" + operation, "body": each})
        assert answer.status_code < 500


@WITH_ANY
@given(metadata=JSON, cost=JSON, filters=st.lists(st.dictionaries(st.text(), JSON) | JSON, max_size=3) | JSON)
def test_any_header_and_any_filter_gets_a_response(talk: Conversation, metadata: Any, cost: Any, filters: Any) -> None:
    said = {"cf-aig-metadata": metadata, "cf-aig-custom-cost": cost, "cf-aig-byok-alias": cost}
    body = {"model": "workers-ai/m", "messages": [{"role": "user", "content": "hi"}]}
    answer = talk.send(
        {
            "method": "POST",
            "path": "/v1/{A}/default/compat/chat/completions",
            "headers": {
                "cf-aig-authorization": f"Bearer {talk.admin}",
                **{name: json.dumps(value) for name, value in said.items()},
            },
            "body": body,
        }
    )
    assert answer.status_code in (200, 400)
    path = "/client/v4/accounts/{A}/ai-gateway/gateways/default/logs"
    logged = talk.send({"method": "GET", "path": path})
    assert logged.json()["result"][0]["id"] == answer.headers["cf-aig-log-id"]
    chosen = talk.send({"method": "GET", "path": path, "query": {"filters": json.dumps(filters)}})
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
def test_any_value_of_a_filter_gets_a_response(talk: Conversation, filters: Any, query: Any) -> None:
    path = "/client/v4/accounts/{A}/ai-gateway/gateways/g/logs"
    talk.send({"method": "POST", "path": path.removesuffix("/g/logs"), "body": {**SETTINGS, "id": "g"}})
    answer = talk.send({"method": "GET", "path": path, "query": {"filters": json.dumps(filters), **query}})
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": "\\ud800"}', b'{"cache_ttl": NaN}', b"9" * 5000, b"[1e999]"],
    ids=["empty", "cut", "not-utf-8", "deep", "surrogate", "nan", "huge-number", "infinite-number"],
)
def test_invalid_json(talk: Conversation, body: bytes) -> None:
    url = f"/client/v4/accounts/{talk.variables['A']}/ai-gateway/gateways"
    answer = talk.client.post(url, content=body, headers={"Authorization": f"Bearer {talk.admin}"})
    assert answer.status_code == 400
    assert answer.json()["success"] is False


def test_a_fault_can_reset_the_connection_after_the_call(talk: Conversation) -> None:
    order = {"on": "control", "method": "POST", "reset": True, "after": True}
    assert talk.client.post("/__local__/faults", json=order).status_code == 201
    body = {"id": "done", **SETTINGS}
    path = "/client/v4/accounts/{A}/ai-gateway/gateways"
    with pytest.raises(httpx.TransportError):
        talk.send({"method": "POST", "path": path, "body": body})
    assert talk.send({"method": "GET", "path": path + "/done"}).status_code == 200


def test_parallel_calls_get_their_own_responses(talk: Conversation) -> None:
    headers = {"Authorization": f"Bearer {talk.admin}"}

    def ask(number: int) -> bool:
        body = {"model": "groq/m", "messages": [{"role": "user", "content": f"number {number}"}]}
        path = "/v1/{A}/default/compat/chat/completions"
        answer = talk.send({"method": "POST", "path": path, "body": body, "headers": headers})
        return bool(answer.json()["choices"][0]["message"]["content"] == f"groq/m heard: number {number}")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def test_an_account_has_at_most_twenty_gateways(talk: Conversation) -> None:
    path = "/client/v4/accounts/{A}/ai-gateway/gateways"
    statuses = [
        talk.send({"method": "POST", "path": path, "body": {**SETTINGS, "id": f"g{n}"}}).status_code for n in range(21)
    ]
    assert statuses == [200] * 20 + [400]


def test_a_web_page_cannot_change_anything(talk: Conversation) -> None:
    """Without a preflight a page of another origin can send forms and plain text only."""
    for path in ("/__local__/reset", "/__local__/faults", "/__local__/accounts"):
        answer = talk.client.post(path, content=b"{}", headers={"Content-Type": "text/plain"})
        assert answer.status_code == 400
