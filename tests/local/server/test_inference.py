"""Inference beyond the JSON cases: streams, the credential that the provider received, and the log."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from .conversation import Conversation
from .setup_steps import SETUPS

AUTHENTICATED = "gateway g, authentication true; {run} = value of a token with AI Gateway Run"
QUESTION = "What is 2+2? Answer in one word."
MESSAGES = [{"role": "user", "content": QUESTION}]


@pytest.fixture
def gateway(api: Conversation) -> Conversation:
    for step in SETUPS[AUTHENTICATED]:
        api.run(step)
    return api


def chat(api: Conversation, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    sent = headers or {"cf-aig-authorization": "Bearer {run}"}
    return api.send({"method": "POST", "path": "/v1/{A}/g/" + path, "body": body, "headers": sent})


def events(response: httpx.Response) -> list[tuple[str | None, Any]]:
    """The name and data of each server-sent event."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    parsed = []
    for block in response.text.removesuffix("\n\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        data = fields["data"]
        parsed.append((fields.get("event"), data if data == "[DONE]" else json.loads(data)))
    return parsed


def last_entry(api: Conversation) -> dict[str, Any]:
    """The newest log entry of this account."""
    entries = api.client.get("/__local__/log").json()
    newest: dict[str, Any] = [entry for entry in entries if api.variables["A"] in entry["path"]][-1]
    return newest


@pytest.mark.parametrize(
    ("provider", "value", "expected"), [("openai", "true", True), ("openai", "false", None), ("mistral", "true", None)]
)
def test_zero_data_retention_is_for_unified_billing(
    gateway: Conversation, provider: str, value: str, expected: bool | None
) -> None:
    headers = {"cf-aig-authorization": "Bearer {run}", "cf-aig-zdr": value, "cf-aig-session-id": "nightly"}
    if provider == "mistral":
        headers["authorization"] = "Bearer fake-key-of-mistral"
    body = {"model": f"{provider}/m", "messages": MESSAGES}
    assert chat(gateway, "compat/chat/completions", body, **headers).status_code == 200
    entry = last_entry(gateway)
    assert (entry.get("zdr"), entry["session"]) == (expected, "nightly")


def test_chat_stream(gateway: Conversation) -> None:
    body = {"model": "groq/m", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    *chunks, (_, done) = events(chat(gateway, "compat/chat/completions", body))
    assert done == "[DONE]"
    data = [chunk for _, chunk in chunks]
    assert {chunk["object"] for chunk in data} == {"chat.completion.chunk"}
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in data if chunk["choices"])
    assert text == f"groq/m heard: {QUESTION}"
    assert [chunk["choices"][0]["finish_reason"] for chunk in data[-3:-1]] == [None, "stop"]
    assert (
        data[-1]["usage"]["total_tokens"] == data[-1]["usage"]["prompt_tokens"] + data[-1]["usage"]["completion_tokens"]
    )


def test_chat_stream_without_usage(gateway: Conversation) -> None:
    body = {"model": "groq/m", "messages": MESSAGES, "stream": True}
    chunks = events(chat(gateway, "compat/chat/completions", body))
    assert all("usage" not in chunk for _, chunk in chunks[:-1])


def test_responses_stream(gateway: Conversation) -> None:
    streamed = events(chat(gateway, "openai/responses", {"model": "m", "input": QUESTION, "stream": True}))
    assert [name for name, _ in streamed] == [data["type"] for _, data in streamed]
    assert [data["sequence_number"] for _, data in streamed] == list(range(len(streamed)))
    assert streamed[0][0] == "response.created"
    assert "".join(data["delta"] for name, data in streamed if name == "response.output_text.delta") == (
        f"openai/m heard: {QUESTION}"
    )
    assert streamed[-1][0] == "response.completed"
    assert streamed[-1][1]["response"]["usage"]["output_tokens"] > 0


def test_anthropic_stream(gateway: Conversation) -> None:
    body = {"model": "m", "messages": MESSAGES, "max_tokens": 100, "stream": True}
    streamed = events(chat(gateway, "anthropic/v1/messages", body))
    names = [name for name, _ in streamed]
    assert names == [data["type"] for _, data in streamed]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    text = "".join(data["delta"]["text"] for name, data in streamed if name == "content_block_delta")
    assert text == f"anthropic/m heard: {QUESTION}"


def test_google_stream(gateway: Conversation) -> None:
    path = "google-ai-studio/v1beta/models/m:streamGenerateContent?alt=sse"
    streamed = events(chat(gateway, path, {"contents": [{"parts": [{"text": QUESTION}]}]}))
    assert {name for name, _ in streamed} == {None}
    candidates = [data["candidates"][0] for _, data in streamed]
    text = "".join(candidate["content"]["parts"][0]["text"] for candidate in candidates)
    assert text == f"google-ai-studio/m heard: {QUESTION}"
    assert [candidate.get("finishReason") for candidate in candidates] == [None] * (len(streamed) - 1) + ["STOP"]
    assert streamed[-1][1]["usageMetadata"]["totalTokenCount"] > 0


def test_workers_ai_stream(gateway: Conversation) -> None:
    streamed = events(chat(gateway, "workers-ai/@cf/meta/m", {"prompt": QUESTION, "stream": True}))
    text = "".join(data["response"] for _, data in streamed[:-1])
    assert text == f"workers-ai/@cf/meta/m heard: {QUESTION}"


def test_a_stream_is_cached_separately_from_the_json(gateway: Conversation) -> None:
    body = {"model": "groq/m", "messages": MESSAGES, "stream": True}
    keep = {"cf-aig-authorization": "Bearer {run}", "cf-aig-cache-ttl": "60"}
    first = chat(gateway, "compat/chat/completions", body, **keep)
    again = chat(gateway, "compat/chat/completions", body, **keep)
    whole = chat(gateway, "compat/chat/completions", {**body, "stream": False}, **keep)
    states = [response.headers["cf-aig-cache-status"] for response in (first, again, whole)]
    assert states == ["MISS", "HIT", "MISS"]
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]


def test_equal_requests_get_equal_responses(gateway: Conversation) -> None:
    responses = [chat(gateway, "compat/chat/completions", {"model": "groq/m", "messages": MESSAGES}) for _ in range(2)]
    first, second = ({**response.json(), "created": 0} for response in responses)
    assert first == second


def test_every_response_has_the_gateways_headers(gateway: Conversation) -> None:
    responses = [
        chat(gateway, "compat/chat/completions", {"model": "groq/m", "messages": MESSAGES}),
        chat(gateway, "compat/chat/completions", {"model": "m"}),
    ]
    assert [response.status_code for response in responses] == [200, 400]
    for response in responses:
        assert len(response.headers["cf-aig-log-id"]) == 26
        assert response.headers["cf-aig-step"] == "0"
        for name in ("cache-status", "event-id", "request-id", "trace-id"):
            assert response.headers[f"cf-aig-{name}"]
    assert responses[0].headers["cf-aig-log-id"] < responses[1].headers["cf-aig-log-id"]


@pytest.mark.parametrize(
    ("headers", "credential", "status"),
    [
        ({"cf-aig-authorization": "Bearer {run}"}, "unified", 200),
        ({"Authorization": "Bearer {run}"}, "unified", 200),
        ({"cf-aig-authorization": "Bearer {run}", "Authorization": "Bearer fake-provider-key"}, "caller's", 200),
        ({"cf-aig-authorization": "Bearer {run}", "Authorization": "Bearer {run}"}, "gateway token", 401),
        ({"cf-aig-authorization": "Bearer {run}", "x-api-key": "{run}"}, "gateway token", 401),
    ],
)
def test_the_log_names_the_credential_of_the_provider(
    gateway: Conversation, headers: dict[str, str], credential: str, status: int
) -> None:
    response = chat(gateway, "compat/chat/completions", {"model": "openai/gpt-4o", "messages": MESSAGES}, **headers)
    entry = last_entry(gateway)
    assert (response.status_code, entry["status"], entry["credential"]) == (status, status, credential)
    assert (entry["gateway"], entry["provider"], entry["model"]) == ("g", "openai", "gpt-4o")
    assert (entry["token"], entry["cache"], entry["attempts"]) == ("run", "MISS", 1)


def test_a_rotated_key_is_used_and_never_shown(gateway: Conversation) -> None:
    for step in SETUPS["provider config openai/default exists"]:
        gateway.run(step)
    chat(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES})
    first = last_entry(gateway)
    rotated = gateway.send(
        {
            "method": "PUT",
            "path": "/client/v4/accounts/{A}/ai-gateway/gateways/g/provider_configs/{pc}",
            "body": {"secret": "fake-key-of-openai-rotated"},
        }
    )
    assert rotated.status_code == 200
    chat(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES})
    second = last_entry(gateway)
    assert (first["credential"], second["credential"]) == ("stored", "stored")
    assert first["key"].split("/")[0] == second["key"].split("/")[0] == "default"
    assert first["key"] != second["key"]
    assert "fake-key-of-openai" not in gateway.client.get("/__local__/log").text


def test_the_log_contains_no_secret(gateway: Conversation) -> None:
    key = "fake-provider-key-that-must-not-be-seen"
    chat(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, Authorization=f"Bearer {key}")
    chat(gateway, "anthropic/v1/messages", {"model": "m"}, **{"x-api-key": key, "cf-aig-authorization": "Bearer {run}"})
    written = gateway.client.get("/__local__/log").text
    for secret in (key, gateway.variables["run"], gateway.admin):
        assert secret not in written


def test_a_refused_request_is_in_the_log_with_its_code(gateway: Conversation) -> None:
    chat(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, Authorization="Bearer nobody")
    entry = last_entry(gateway)
    assert (entry["status"], entry["code"]) == (401, 2009)
    assert "credential" not in entry


def test_attempts_are_counted(gateway: Conversation) -> None:
    gateway.client.post("/__local__/faults", json={"on": "upstream", "status": 500, "times": 2})
    headers = {"cf-aig-authorization": "Bearer {run}", "cf-aig-max-attempts": "5", "cf-aig-backoff": "exponential"}
    response = chat(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, **headers)
    assert response.status_code == 200
    assert last_entry(gateway)["attempts"] == 3
