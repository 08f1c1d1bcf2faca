"""What JSON cases cannot say of inference: streams, what the upstream received, and the log of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from .conversation import Conversation
from .setup_steps import GIVEN

AUTHENTICATED = "gateway g, authentication true; {run} = value of a token with AI Gateway Run"
QUESTION = "What is 2+2? Answer in one word."
MESSAGES = [{"role": "user", "content": QUESTION}]


@pytest.fixture
def gateway(talk: Conversation) -> Conversation:
    for step in GIVEN[AUTHENTICATED]:
        talk.run(step)
    return talk


def ask(talk: Conversation, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    sent = headers or {"cf-aig-authorization": "Bearer {run}"}
    return talk.send({"method": "POST", "path": "/v1/{A}/g/" + path, "body": body, "headers": sent})


def events(answer: httpx.Response) -> list[tuple[str | None, Any]]:
    """The name and data of each server-sent event."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.removesuffix("\n\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        data = fields["data"]
        found.append((fields.get("event"), data if data == "[DONE]" else json.loads(data)))
    return found


def last_entry(talk: Conversation) -> dict[str, Any]:
    """The newest entry of the log that belongs to this talk's account."""
    entries = talk.client.get("/__local__/log").json()
    newest: dict[str, Any] = [entry for entry in entries if talk.variables["A"] in entry["path"]][-1]
    return newest


def test_chat_stream(gateway: Conversation) -> None:
    body = {"model": "groq/m", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    *chunks, (_, done) = events(ask(gateway, "compat/chat/completions", body))
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
    chunks = events(ask(gateway, "compat/chat/completions", body))
    assert all("usage" not in chunk for _, chunk in chunks[:-1])


def test_responses_stream(gateway: Conversation) -> None:
    found = events(ask(gateway, "openai/responses", {"model": "m", "input": QUESTION, "stream": True}))
    assert [name for name, _ in found] == [data["type"] for _, data in found]
    assert [data["sequence_number"] for _, data in found] == list(range(len(found)))
    assert found[0][0] == "response.created"
    assert "".join(data["delta"] for name, data in found if name == "response.output_text.delta") == (
        f"openai/m heard: {QUESTION}"
    )
    assert found[-1][0] == "response.completed"
    assert found[-1][1]["response"]["usage"]["output_tokens"] > 0


def test_anthropic_stream(gateway: Conversation) -> None:
    body = {"model": "m", "messages": MESSAGES, "max_tokens": 100, "stream": True}
    found = events(ask(gateway, "anthropic/v1/messages", body))
    names = [name for name, _ in found]
    assert names == [data["type"] for _, data in found]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    text = "".join(data["delta"]["text"] for name, data in found if name == "content_block_delta")
    assert text == f"anthropic/m heard: {QUESTION}"


def test_workers_ai_stream(gateway: Conversation) -> None:
    found = events(ask(gateway, "workers-ai/@cf/meta/m", {"prompt": QUESTION, "stream": True}))
    text = "".join(data["response"] for _, data in found[:-1])
    assert text == f"workers-ai/@cf/meta/m heard: {QUESTION}"


def test_a_stream_is_cached_separately_from_the_json(gateway: Conversation) -> None:
    body = {"model": "groq/m", "messages": MESSAGES, "stream": True}
    keep = {"cf-aig-authorization": "Bearer {run}", "cf-aig-cache-ttl": "60"}
    first = ask(gateway, "compat/chat/completions", body, **keep)
    again = ask(gateway, "compat/chat/completions", body, **keep)
    whole = ask(gateway, "compat/chat/completions", {**body, "stream": False}, **keep)
    states = [answer.headers["cf-aig-cache-status"] for answer in (first, again, whole)]
    assert states == ["MISS", "HIT", "MISS"]
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]


def test_equal_requests_get_equal_responses(gateway: Conversation) -> None:
    answers = [ask(gateway, "compat/chat/completions", {"model": "groq/m", "messages": MESSAGES}) for _ in range(2)]
    first, second = ({**answer.json(), "created": 0} for answer in answers)
    assert first == second


def test_every_response_has_the_gateways_headers(gateway: Conversation) -> None:
    answers = [
        ask(gateway, "compat/chat/completions", {"model": "groq/m", "messages": MESSAGES}),
        ask(gateway, "compat/chat/completions", {"model": "m"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    for answer in answers:
        assert len(answer.headers["cf-aig-log-id"]) == 26
        assert answer.headers["cf-aig-step"] == "0"
        for name in ("cache-status", "event-id", "request-id", "trace-id"):
            assert answer.headers[f"cf-aig-{name}"]
    assert answers[0].headers["cf-aig-log-id"] < answers[1].headers["cf-aig-log-id"]


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
    answer = ask(gateway, "compat/chat/completions", {"model": "openai/gpt-4o", "messages": MESSAGES}, **headers)
    entry = last_entry(gateway)
    assert (answer.status_code, entry["status"], entry["credential"]) == (status, status, credential)
    assert (entry["gateway"], entry["provider"], entry["model"]) == ("g", "openai", "gpt-4o")
    assert (entry["token"], entry["cache"], entry["attempts"]) == ("run", "MISS", 1)


def test_a_rotated_key_is_used_and_never_shown(gateway: Conversation) -> None:
    for step in GIVEN["provider config openai/default exists"]:
        gateway.run(step)
    ask(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES})
    first = last_entry(gateway)
    rotated = gateway.send(
        {
            "method": "PUT",
            "path": "/client/v4/accounts/{A}/ai-gateway/gateways/g/provider_configs/{pc}",
            "body": {"secret": "fake-key-of-openai-rotated"},
        }
    )
    assert rotated.status_code == 200
    ask(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES})
    second = last_entry(gateway)
    assert (first["credential"], second["credential"]) == ("stored", "stored")
    assert first["key"].split("/")[0] == second["key"].split("/")[0] == "default"
    assert first["key"] != second["key"]
    assert "fake-key-of-openai" not in gateway.client.get("/__local__/log").text


def test_the_log_contains_no_secret(gateway: Conversation) -> None:
    key = "fake-provider-key-that-must-not-be-seen"
    ask(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, Authorization=f"Bearer {key}")
    ask(gateway, "anthropic/v1/messages", {"model": "m"}, **{"x-api-key": key, "cf-aig-authorization": "Bearer {run}"})
    written = gateway.client.get("/__local__/log").text
    for secret in (key, gateway.variables["run"], gateway.admin):
        assert secret not in written


def test_a_refused_request_is_in_the_log_with_its_code(gateway: Conversation) -> None:
    ask(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, Authorization="Bearer nobody")
    entry = last_entry(gateway)
    assert (entry["status"], entry["code"]) == (401, 2009)
    assert "credential" not in entry


def test_attempts_are_counted(gateway: Conversation) -> None:
    gateway.client.post("/__local__/faults", json={"on": "upstream", "status": 500, "times": 2})
    headers = {"cf-aig-authorization": "Bearer {run}", "cf-aig-max-attempts": "5", "cf-aig-backoff": "exponential"}
    answer = ask(gateway, "compat/chat/completions", {"model": "openai/m", "messages": MESSAGES}, **headers)
    assert answer.status_code == 200
    assert last_entry(gateway)["attempts"] == 3
