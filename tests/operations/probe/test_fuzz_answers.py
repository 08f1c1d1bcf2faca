"""Any answer to a probe request, a stream of events too: an answer or a failure in printable words without a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from clients.environments import written
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from planted_secrets import fake_token, find_secret
from trees import changed_tree, paths_in

from gatewright.facts.slugs import Api
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.transport import ProbeClient
from gatewright.operations.probe.verify import Verifier
from gatewright.operations.tokens.run_token import RunToken

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment

SECRET = fake_token("of-a-probe")
PLACE = "§"
"""Where the secret is put in the end, as a whole: nobody can know a part of it."""
LINES = """\
local: true
protect: false
providers:
  workers-ai: {models: {a: {id: "@cf/a"}}}
  groq: {key: {env: FAKE_GROQ_KEY}, models: {g: {cost: {input: 1, output: 2}}}}
routes: {fast: [groq/g, workers-ai/a]}
tokens: {agents: {}}
"""
BODIES: tuple[Any, ...] = (
    {"choices": [{"message": {"content": "Four"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    {"content": [{"type": "text", "text": "Four"}], "usage": {"input_tokens": 1, "output_tokens": 2}},
    {"output": [{"content": [{"type": "output_text", "text": "4"}]}], "usage": {"input_tokens": 1, "output_tokens": 2}},
    {"candidates": [{"content": {"parts": [{"text": "Four"}]}}], "usageMetadata": {"promptTokenCount": 1}},
    {"success": False, "errors": [{"code": 2005, "message": f"refused {PLACE}"}], "result": None},
    {"error": {"code": "model_not_found", "message": f"no model for {PLACE}", "retry_after": 1}},
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1.5, 10**30, "", "\0", "\x1b[2J", "9" * 5000, PLACE, [], {}, [{}], [[]], [None]]
)
PIECES = [
    "data: ",
    "data: {",
    "\n\n",
    "\r\r",
    "event: error\n",
    ": ",
    "id: \0\n",
    "[DONE]",
    "[" * 5000,
    "\ufeff",
    PLACE,
]
HEADERS = ("cf-aig-step", "cf-aig-cache-status", "cf-aig-model", "cf-aig-provider", "retry-after", "content-type")
LIMITS = ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "anthropic-ratelimit-tokens-remaining")
VALUES = [
    "0",
    "1",
    "HIT",
    "-1",
    "9" * 40,
    "1e999",
    "6m0s",
    "text/event-stream",
    "groq",
    "g",
    "Sun, 29 Nov 2026",
    SECRET,
]


def any_body(data: st.DataObject) -> bytes:
    """JSON with other values, as it is or as the events of a stream, with other pieces in a few places."""
    body = data.draw(st.sampled_from(BODIES))
    for _ in range(data.draw(st.integers(0, 2))):
        if paths := [path for path in paths_in(body) if path]:
            body = changed_tree(
                body, data.draw(st.sampled_from(paths)), data.draw(ODD), delete=data.draw(st.booleans())
            )
    text = json.dumps(body, ensure_ascii=False)
    if data.draw(st.booleans()):
        text = f"event: message\ndata: {text}\n\ndata: {text}\n\ndata: [DONE]\n\n"
    for _ in range(data.draw(st.integers(0, 2))):
        start = data.draw(st.integers(0, len(text)))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[data.draw(st.integers(start, len(text))) :]
    return text.replace(PLACE, SECRET).encode(errors="surrogatepass")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return written(tmp_path_factory.mktemp("probe"), LINES)


@examples(100, many=2000, derandomize=True)
@given(data=st.data())
def test_an_answer_is_read_or_explained(environment: Environment, data: st.DataObject) -> None:
    status = data.draw(st.sampled_from([200, 204, 302, 400, 401, 403, 404, 410, 424, 429, 500, 502, 529, 599]))
    names = data.draw(st.lists(st.sampled_from([*HEADERS, *LIMITS]), unique=True, max_size=4))
    headers = {name: data.draw(st.sampled_from(VALUES)) for name in names}
    body = any_body(data)
    requests = [
        replace(request, access=replace(request.access, api=api))
        for request in probe_requests(environment, ("groq/g", "dynamic/fast"))
        for api in Api
    ]
    answering = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, content=body))
    client = ProbeClient(httpx.AsyncClient(transport=answering), RunToken("agents", SECRET, None), {})
    verifier = Verifier(environment, client, now=1_800_000_000, parallel=8)
    for result in verifier.verify(requests, (), lambda *_: None, deep=False).results:
        answer = result.first
        shown = [answer.model or "", *result.notes]
        if answer.failure is None:
            assert status < 300
            assert (answer.tokens or 0) >= 0
        else:
            shown += [answer.failure.cause, answer.failure.fix]
        assert all(text.isprintable() for text in shown)
        assert find_secret(" ".join(shown).encode(errors="surrogatepass"), SECRET) == []
