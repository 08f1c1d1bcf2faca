"""verify against a local Cloudflare: what answers, what is wrong, and that nothing an answer holds can break it."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gatewright.environment.model import Local
from gatewright.environment.quantities import Quantity
from gatewright.environment.references import FromConfig, FromVariable, Stored, Unified
from gatewright.errors import RefusedError, UsageError
from gatewright.operations.asking import Asker, Reply, RunToken
from gatewright.operations.causes import GATEWAYS, PROVIDERS, SILENCES
from gatewright.operations.diagnosis import Diagnosis
from gatewright.operations.questions import QUESTION, questions
from gatewright.operations.run_token import run_token
from gatewright.operations.smoke import ask
from gatewright.project import Project

from .verified import World
from .verified import world as started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("verify")) as world:
        yield world


@pytest.fixture
def world(server: World) -> Iterator[World]:
    server.mend()
    yield server
    server.mend()


def test_all_of_an_environment_once(world: World) -> None:
    last = world.here.last()
    found = world.verify()
    assert [(each.called, each.first.by) for each in found.verdicts if each.called != "dynamic/halves"] == [
        ("dynamic/fast", "groq/g"),
        ("dynamic/alone", "workers-ai/b"),
        *((name, name) for name in ("workers-ai/a", "workers-ai/b", "mistral/m", "groq/g", "openrouter/o", "nvidia/n")),
    ]
    assert not found.failed
    assert {(each.first.steps, each.first.cache) for each in found.verdicts} == {(1, "MISS")}
    mistral = next(each.first for each in found.verdicts if each.called == "mistral/m")
    assert mistral.tokens
    assert mistral.cost
    asked = world.here.requests(last)
    assert len(asked) == len(found.verdicts) == 9
    assert sum(entry["path"].endswith("/openrouter/v1/chat/completions") for entry in asked) == 1


def test_a_second_run_reaches_the_providers_again(world: World) -> None:
    assert [world.one("groq/g").first.cache for _ in range(2)] == ["MISS", "MISS"]


def test_requests_keep_within_a_providers_limit(world: World) -> None:
    environment = world.environment
    mistral = environment.providers["mistral"]
    three = replace(mistral, models=dict.fromkeys(("m", "n", "o"), mistral.models["m"]))
    environment = replace(environment, providers={**environment.providers, "mistral": three})
    world.provider(provider="mistral", requests=1, period=1)
    begun = time.monotonic()
    assert not world.verify("mistral", environment=environment).failed
    assert time.monotonic() - begun > 2


def test_a_long_limit_is_not_used_up(world: World) -> None:
    environment = world.environment
    daily = (Quantity(1, "requests", 86_400, "1 request/day"),)
    provider = environment.providers["workers-ai"]
    environment = replace(
        environment, providers={**environment.providers, "workers-ai": replace(provider, limits=daily)}
    )
    found = world.verify("workers-ai", environment=environment)
    assert [each.failure and each.failure.code for each in found.verdicts] == [None, "not-asked"]
    assert "1 request/day" in found.failed[0].failure.cause  # type: ignore[union-attr]


def test_deep_proves_cache_and_fallback(world: World) -> None:
    world.fault(on="control", path="/never")
    found = world.verify("dynamic", deep=True)
    assert not found.failed
    fast, alone, halves = found.verdicts
    assert [each.second.cache for each in (fast, alone, halves) if each.second] == ["HIT"] * 3
    assert fast.fallback is not None
    assert (fast.fallback.by, fast.fallback.steps) == ("workers-ai/a", 2)
    assert fast.notes == ("groq/g made to fail: workers-ai/a answered",)
    assert alone.notes == ("nothing follows workers-ai/b",)
    assert halves.fallback is None
    assert [fault["path"] for fault in world.faults()] == ["/never"]


def test_deep_says_when_nothing_follows(world: World) -> None:
    world.fault(on="upstream", provider="workers-ai", status=500)
    verdict = world.one("dynamic/fast", deep=True)
    failure = verdict.failure
    assert failure is not None
    assert (failure.code, failure.cause) == ("no-fallback", "when groq/g fails, no other model answers")
    assert failure.mend.startswith("gatewright routes here fast")
    assert verdict.notes == ("the last that was tried: 500 from workers-ai: told to fail",)


def test_deep_says_when_the_cache_is_not_on(world: World) -> None:
    environment = replace(world.environment, gateway=replace(world.environment.gateway, cache=None))
    assert world.one("groq/g", deep=True, environment=environment).second is None
    world.fault(on="inference", nth=2, times=1, status=200, body={"choices": [{"message": {}}]})
    assert world.causes("groq/g", deep=True)[0] == "not-cached"


def test_a_route_says_why_its_first_choice_did_not_answer(world: World) -> None:
    world.provider(provider="groq", refuses=["fake-key-of-groq"])
    fast, groq = world.verify("dynamic/fast", "groq/g").verdicts
    assert (fast.first.by, fast.first.steps, fast.failure) == ("workers-ai/a", 2, None)
    assert groq.failure is not None
    assert fast.notes == (f"first choice groq/g: {groq.failure.cause}",)


GATEWAY_ERROR = {"success": False, "result": [], "messages": []}


def gateway_error(status: int, code: int, message: str) -> dict[str, Any]:
    return {
        "on": "inference",
        "status": status,
        "body": {**GATEWAY_ERROR, "error": [{"code": code, "message": message}]},
    }


def provider_error(status: int, message: str, **more: Any) -> dict[str, Any]:
    return {"on": "upstream", "status": status, "body": {"error": {"message": message}}, **more}


@pytest.mark.parametrize(
    ("name", "order", "code", "words"),
    [
        ("groq/g", gateway_error(400, 2005, "Failed to get response"), "provider-silent", "groq gave the gateway no"),
        ("nvidia/n", {"on": "upstream", "reset": True}, "provider-silent", "https://fake.example/v1, its baseUrl"),
        ("groq/g", gateway_error(401, 2009, "Unauthorized"), "token-refused", "unset FAKE_TOKEN"),
        ("groq/g", gateway_error(403, 10000, "Authentication error"), "token-refused", "AI Gateway Run"),
        ("groq/g", gateway_error(400, 2019, "bad format"), "bad-format", "does not take groq/g-large"),
        ("dynamic/fast", gateway_error(400, 2019, "bad format"), "no-route", "no route dynamic/fast deployed"),
        ("groq/g", gateway_error(402, 2021, "Insufficient"), "no-key", "no stored key for groq"),
        (
            "groq/g",
            gateway_error(400, 2040, "has no 'x'"),
            "no-key",
            "no stored key of that alias for groq: has no 'x'",
        ),
        ("groq/g", gateway_error(429, 2003, "Rate limited"), "gateway-limit", "--parallel 1"),
        (
            "groq/g",
            gateway_error(429, 2041, "Spend limit exceeded: rule 'r' (cost limit 1 per 86400s, fixed) for groq g"),
            "spend-limit",
            "free again at 2027-01-16 00:00 UTC",
        ),
        (
            "workers-ai/a",
            gateway_error(429, 2045, "Spend limit exceeded: rule 'r' (cost limit 1 per 60s, sliding)"),
            "spend-limit",
            "within 60 s",
        ),
        ("groq/g", gateway_error(424, 2016, "blocked"), "guardrails", "gateway.guardrails.prompt"),
        ("groq/g", gateway_error(424, 2029, "blocked"), "dlp", "gateway.dlp"),
        ("mistral/m", provider_error(401, "no"), "key-refused", "401 from mistral: the stored key is refused"),
        ("workers-ai/a", provider_error(401, "no"), "token-refused", "It needs Workers AI Read"),
        ("groq/g", provider_error(403, "not for you"), "key-lacks", "may not use g-large"),
        ("groq/g", provider_error(404, "nothing"), "no-model", "explain here providers.groq.models.g.id"),
        ("groq/g", provider_error(400, "The model `x` does not exist"), "no-model", "groq has no model g-large"),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "90"}),
            "provider-limit",
            "free again at 2027-01-15 08:01 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "Fri, 15 Jan 2027 10:00:00 GMT"}),
            "provider-limit",
            "free again at 2027-01-15 10:00 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"x-ratelimit-reset-requests": "2m3.5s"}),
            "provider-limit",
            "free again after 2m3.5s",
        ),
        (
            "workers-ai/a",
            provider_error(429, "you have used up your daily free allocation of 10,000 neurons"),
            "provider-limit",
            "free again at 2027-01-16 00:00 UTC",
        ),
        ("groq/g", provider_error(422, "strange"), "bad-request", "422 from groq: strange"),
        ("groq/g", provider_error(503, "tired"), "provider-down", "503 from groq: tired"),
    ],
)
def test_every_failure_names_its_cause_and_the_mend(
    world: World, name: str, order: dict[str, Any], code: str, words: str
) -> None:
    world.fault(**order)
    found = world.causes(name)
    assert found[0] == code
    assert words in f"{found[1]} → {found[2]}"


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        (FromVariable("MISTRAL_KEY"), "Check $MISTRAL_KEY, then: gatewright up here"),
        (FromConfig("mistral"), "pulumi config set --secret mistral --stack here, then: gatewright up here"),
        (Stored(), "Put the key into the Secrets Store as agents-here_mistral_default"),
        (Unified(), "Give mistral credits (dashboard: AI Gateway, Credits), or a key of its own"),
        (None, "Give mistral a key in its file, then: gatewright up here"),
    ],
)
def test_how_a_key_is_mended_on_a_real_account(world: World, key: Any, mend: str) -> None:
    mistral = replace(world.environment.providers["mistral"], key=key)
    real = replace(world.environment, local=None, providers={"mistral": mistral})
    refused = Reply(401, {}, {"message": "Unauthorized"}, 0)
    found = Diagnosis(real, Asker.of(real, world.token, {}), 0).failure(questions(real, ["mistral/m"])[0], refused)
    assert found is not None
    assert found.mend == mend


def test_a_wrong_token_is_refused_throughout(world: World) -> None:
    wrong = RunToken("agents", "local-fake-token-of-nobody", None)
    found = world.verify("groq", "dynamic/fast", token=wrong)
    assert found.refused
    assert "pulumi up --refresh --stack here" in found.failed[0].failure.mend  # type: ignore[union-attr]
    assert not world.verify("groq").refused


def test_a_wrong_account_and_a_gateway_that_is_not_there(world: World) -> None:
    other = replace(world.environment, gateway_name="another")
    code, cause, _ = world.causes("groq/g", environment=other)
    assert (code, cause) == ("no-gateway", f"account {other.account} has no gateway another")


def test_nobody_is_there(world: World) -> None:
    from local.ports import free_port

    nowhere = replace(world.environment, local=Local(port=free_port()))
    assert world.causes("groq/g", environment=nowhere)[::2] == ("network", "gatewright up here")


def test_slow(world: World) -> None:
    world.fault(on="upstream", delay_ms=3_000)
    assert world.causes("groq/g", timeout=0.3)[:2] == ("timeout", "no answer within 0.3 s")


def test_keys_of_the_users_own_where_the_gateway_has_none(world: World) -> None:
    gateway = replace(world.environment.gateway, authenticated=False)
    environment = replace(world.environment, gateway=gateway)
    asked = questions(environment, ["groq/g", "workers-ai/a"])
    assert [(each.access.authorization, each.access.gateway_authorization) for each in asked] == [
        (None, None),
        ("FAKE_GROQ_KEY", None),
    ]
    asker = Asker.of(environment, None, {})
    assert asker.token is None


Answers = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def odd(world: World) -> Iterator[Callable[[Answers], Any]]:
    """A server that answers as told, in place of the gateway."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answers: Answers) -> Any:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                answers(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return replace(world.environment, local=Local(port=server.server_address[1]))

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def says(body: bytes, status: int = 200, **headers: Any) -> Answers:
    def answers(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answers


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        pass  # nobody reads any more


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


HELLO = {"choices": [{"message": {"content": "Four"}}]}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (says(b"<html><h1>Hotel Wi-Fi</h1></html>"), "no-answer"),
        (says(b"<html>Forbidden</html>", 403), "not-the-gateway"),
        (says(b"", 502), "not-the-gateway"),
        (says(bytes(range(256)) * 9), "no-answer"),
        (says(b"[" * 100_000), "no-answer"),
        (says(b'{"choices": ' + b"9" * 9_999 + b"}"), "no-answer"),
        (says(b'{"choices": [null], "usage": {"prompt_tokens": 1e999}}'), "no-answer"),
        (says(json.dumps({"error": [], "success": False}).encode(), 400), "bad-request"),
        (says(json.dumps({"error": "\x1b[2Jbad\nnews " * 90}).encode(), 400), "bad-request"),
        (says(json.dumps(["x"]).encode(), 500), "provider-down"),
        (says(b"not gzip", content_encoding="gzip"), "network"),
        (says(gzip.compress(b"x" * 5_000_000), content_encoding="gzip"), "no-answer"),
        (says(b"", 302, location="https://fake.example/login"), "not-the-gateway"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-nobody\r\n"), "network"),
        (lambda _: None, "network"),
        (endless, "no-answer"),
        (drips, "timeout"),
    ],
)
def test_nothing_that_is_answered_breaks_it(
    world: World, odd: Callable[[Answers], Any], answers: Answers, code: str
) -> None:
    found, cause, mend = world.causes("groq/g", environment=odd(answers), timeout=2)
    assert found == code
    assert cause.isprintable()
    assert mend.isprintable()
    assert len(cause) < 500


def test_odd_headers_and_figures_are_not_believed(world: World, odd: Callable[[Answers], Any]) -> None:
    usage = {"prompt_tokens": 10**12, "completion_tokens": True}
    body = json.dumps({**HELLO, "usage": usage}).encode()
    headers: dict[str, Any] = {
        "cf_aig_step": "-1",
        "cf_aig_cache_status": "MAYBE",
        "cf_aig_provider": "x\x1by",
        "cf_aig_model": "m",
    }
    first = world.one("dynamic/fast", environment=odd(says(body, **headers))).first
    assert (first.failure, first.steps, first.cache, first.by, first.tokens, first.cost) == (None,) * 6


def test_secrets_that_come_back_are_masked(world: World, odd: Callable[[Answers], Any]) -> None:
    body = json.dumps({"error": {"message": f"bad token {world.token.value}, bad key fake-key-of-groq"}}).encode()
    cause = world.causes("groq/g", environment=odd(says(body, 400)))[1]
    assert cause == "400 from groq: bad token ***, bad key ***"
    assert world.token.value not in repr(world.token)


def test_tls_that_fails(world: World) -> None:
    asked = questions(world.environment, ["groq/g"])[0]
    secure = replace(asked, access=replace(asked.access, url=asked.access.url.replace("http:", "https:")))
    asker = Asker.of(world.environment, world.token, {}, 5)

    async def once() -> Any:
        async with asker.http:
            return await asker.ask(secure, "mark")

    import asyncio

    assert asyncio.run(once()).kind == "tls"


def test_the_question(world: World) -> None:
    asked = questions(world.environment, ["dynamic/fast", "openrouter", "nvidia/n"])
    assert [(each.model, each.url.partition("/agents-here")[2]) for each in asked] == [
        ("dynamic/fast", "/compat/chat/completions"),
        ("o", "/openrouter/v1/chat/completions"),
        ("custom-nvidia/n", "/compat/chat/completions"),
    ]
    assert QUESTION == "What is 2+2? Answer in one word."


def test_only_what_is_there(world: World) -> None:
    with pytest.raises(UsageError, match="no model or route mistral/n to ask"):
        questions(world.environment, ["mistral/n"])


class TestToken:
    def test_of_the_variable_that_clients_read(self, world: World) -> None:
        shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": f" {world.token.value}\n"}
        found = run_token(Project(Path("nowhere")), world.environment, None, shell)
        assert found == RunToken("agents", world.token.value, "CLOUDFLARE_AI_GATEWAY_TOKEN")

    def test_a_real_one_never_goes_to_the_local_server(self, world: World, tmp_path: Any) -> None:
        shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "fake-but-like-a-real-one"}
        with pytest.raises(RefusedError, match="AI_GATEWAY_TOKEN is of another Cloudflare, and "):
            run_token(Project(tmp_path), world.environment, None, shell)

    def test_what_is_no_token(self, world: World) -> None:
        shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": "local-fake-token-\x01é"}
        with pytest.raises(RefusedError, match="holds something that is no token") as caught:
            run_token(Project(Path("nowhere")), world.environment, None, shell)
        assert "\x01" not in str(caught.value)

    def test_which(self, world: World) -> None:
        two = {"agents": world.environment.tokens["agents"], "ci": world.environment.tokens["agents"]}
        environment = replace(world.environment, tokens=two)
        shell = {"CLOUDFLARE_AI_GATEWAY_TOKEN": world.token.value}
        found = run_token(Project(Path("nowhere")), environment, None, shell)
        assert found is not None
        assert found.name == "agents"
        with pytest.raises(UsageError, match="has 2 tokens: agents, ci"):
            run_token(Project(Path("nowhere")), replace(environment, clients={}), None, shell)
        with pytest.raises(UsageError, match="no token c1"):
            run_token(Project(Path("nowhere")), environment, "c1", shell)


def test_one_request_after_an_up(world: World) -> None:
    name = questions(world.environment, ["dynamic/fast"])[0].name
    assert ask(world.environment, name, world.token).startswith("dynamic/fast answered by groq/g in ")
    with pytest.raises(RefusedError) as caught:
        ask(world.environment, name, RunToken("agents", "local-fake-token-of-nobody", None))
    assert caught.value.message == "dynamic/fast: Cloudflare refuses the token agents"


def test_templates_name_known_facts(world: World) -> None:
    """A misspelt fact would be shown as a dash."""
    diagnosis = Diagnosis(world.environment, Asker.of(world.environment, world.token, {}), 0)
    facts = diagnosis._facts(questions(world.environment)[0], "said", None)
    for cause in (*GATEWAYS.values(), *PROVIDERS.values(), *SILENCES.values()):
        for text in (cause.why, cause.mend):
            text.format_map(facts)
