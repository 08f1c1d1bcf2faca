"""Programs in a drill: scripts in their place, which ask a local Cloudflare."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from clients.environments import written

from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.operations.client_drill.choices import Choice, Failing
from gatewright.operations.client_drill.drill import ClientDrill, judge, read_run
from gatewright.operations.client_drill.homes import FOLDER, Ran, telling_line
from gatewright.operations.probe.fire_drill import EFFECTS, PREFIX
from gatewright.operations.probe.local_log import LoggedRequest
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.verify import ProbeResult
from gatewright.project import Project

from ..probe.world import LINES, World
from ..probe.world import world as started

CLIENTS = """\
clients:
  pi: {primary: dynamic/fast}
  openclaw: {primary: groq/g, fallbacks: [workers-ai/a]}
  dotenv: {primary: dynamic/fast}
"""
ASK = """\
#!/bin/sh
"exec" "PYTHON" "-IS" "$0" "$@"
import http.client, json, os, sys
for model in [MODELS]:
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": sys.argv[-1]}]})
    token = os.environ["CLOUDFLARE_AI_GATEWAY_TOKEN"]
    server = http.client.HTTPConnection("127.0.0.1", PORT)
    server.request("POST", "PATH", body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    answer = server.getresponse()
    if answer.status == 200:
        print(json.load(answer)["choices"][0]["message"]["content"])
        sys.exit(0)
    print("Error:", answer.status, token, "of", os.environ["HOME"])
sys.exit(3)
"""
MODES = list(EFFECTS)
CHOICE = Choice("pi", "", ModelName("groq", "g"), ())
FAILING = Failing("groq", "g-large", "groq/g", frozenset({"workers-ai/a"}))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("drill")) as world:
        yield world


@pytest.fixture
def environment(server: World) -> Environment:
    server.reset()
    text = LINES.replace("PORT", str(server.here.running.port)).replace("clients: {models: {}}\n", CLIENTS)
    environment = written(server.folder / "stacks", text, "here")
    return replace(environment, gateway_name=server.environment.gateway_name)


def program(world: World, name: str, *models: str, text: str = ASK) -> None:
    path = f"/v1/{LOCAL_ACCOUNT}/{world.environment.gateway_name}/compat/chat/completions"
    text = text.replace("PYTHON", sys.executable).replace("PORT", str(world.here.running.port)).replace("PATH", path)
    script = world.folder / "bin" / name
    script.parent.mkdir(exist_ok=True)
    script.write_text(text.replace("MODELS", ", ".join(map(repr, models))))
    script.chmod(0o755)


def drill(world: World, environment: Environment, *clients: str, **changed: Any) -> list[ProbeResult]:
    shell = {"PATH": f"{world.folder / 'bin'}:/usr/bin:/bin", "CLOUDFLARE_AI_GATEWAY_TOKEN": world.here.token}
    drill = ClientDrill(Project(world.folder), environment, shell, changed.get("timeout", 30))
    return drill.run(clients, changed.get("progress", lambda *_: None))


def causes(results: list[ProbeResult]) -> list[str | None]:
    return [result.failure.cause if result.failure else None for result in results]


def test_a_route_answers_for_the_client(server: World, environment: Environment) -> None:
    program(server, "pi", "dynamic/fast")
    steps: list[tuple[int, int, str]] = []
    results = drill(server, environment, "pi", "dotenv", progress=lambda *step: steps.append(step))
    assert [result.label for result in results] == [*(f"pi, {mode}" for mode in MODES), "dotenv"]
    assert causes(results) == [None] * 5
    assert {result.first.model for result in results[:4]} == {"workers-ai/a"}
    assert results[0].drill is not None
    assert (results[0].drill.client, results[0].drill.failing) == ("pi", "groq/g")
    assert results[-1].notes == ("skipped: the client has no program",)
    assert steps == [
        (0, 5, "pi, installing"),
        (0, 5, "pi, as usual"),
        *((run, 5, f"pi, {mode}") for run, mode in enumerate(MODES, start=1)),
        (5, 5, ""),
    ]
    assert server.faults() == []
    assert not (server.folder / ".gatewright" / FOLDER).exists()


def test_a_client_that_falls_back_and_one_that_does_not(server: World, environment: Environment) -> None:
    program(server, "openclaw", "groq/g-large", "workers-ai/@cf/a")
    assert causes(drill(server, environment, "openclaw")) == [None] * 4
    program(server, "openclaw", "groq/g-large")
    results = drill(server, environment, "openclaw")
    cause = causes(results)[0]
    assert cause is not None
    assert cause.startswith("openclaw failed with exit 3: Error: 429 *** of ")
    assert results[0].failure is not None
    assert results[0].failure.code == "client-failed"
    assert results[0].notes == ("while groq/g failed",)


def test_a_program_that_is_not_installed_is_skipped(server: World, environment: Environment) -> None:
    (server.folder / "bin" / "pi").unlink(missing_ok=True)
    (result,) = drill(server, environment, "pi")
    assert (result.is_probed, result.notes) == (False, ("skipped: pi is not on PATH",))


def test_a_program_that_does_not_end_is_ended_with_its_children(server: World, environment: Environment) -> None:
    pids = server.folder / "pids"
    program(server, "pi", text=f"#!/bin/sh\nsleep 60 &\necho $! $$ > {pids}\nwait\n")
    (result,) = drill(server, environment, "pi", timeout=0.5)
    assert causes([result]) == ["pi: it did not end within 0 s"]
    running = subprocess.run(["ps", "-o", "stat=", "-p", ",".join(pids.read_text().split())], capture_output=True)
    assert [line for line in running.stdout.split() if not line.startswith(b"Z")] == []


def test_an_interrupt_leaves_nothing(server: World, environment: Environment) -> None:
    program(server, "pi", "dynamic/fast")

    def interrupt(done: int, _total: int, _run: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drill(server, environment, "pi", progress=interrupt)
    assert server.faults() == []
    assert not (server.folder / ".gatewright" / FOLDER).exists()


def test_what_a_killed_drill_left_is_removed(server: World, environment: Environment) -> None:
    server.fault(on="upstream", name=f"{PREFIX}left", provider="groq", status=500)
    home = server.folder / ".gatewright" / FOLDER / "pi-left"
    home.mkdir(parents=True)
    (server.folder / "bin" / "pi").unlink(missing_ok=True)
    (result,) = drill(server, environment, "pi")
    assert result.notes[1] == "1 fault of an earlier drill that was killed removed"
    assert server.faults() == []
    assert not home.exists()


def logged(provider: str, model: str, status: int = 200) -> LoggedRequest:
    return LoggedRequest("/v1/a/here/compat/chat/completions", status, provider, model, "agents", "stored")


GROQ, WORKERS_AI = logged("groq", "g-large"), logged("workers-ai", "@cf/a")


@pytest.mark.parametrize(
    ("ran", "requests", "model", "cause"),
    [
        (Ran(0, "x", "groq/g-large heard", 1), [GROQ, WORKERS_AI], "groq/g", None),  # the other one is a title
        (Ran(0, "x", "four", 1), [GROQ, WORKERS_AI], "workers-ai/a", None),
        (Ran(0, "sorry", "sorry", 1), [logged("groq", "g-large", 429)], None, "pi ended without an answer: sorry"),
        (Ran(2, "boom", "boom", 1), [GROQ], None, "pi failed with exit 2: boom"),
        (Ran(None, "it did not end within 9 s", "", 9), [], None, "pi: it did not end within 9 s"),
    ],
)
def test_who_answered(
    environment: Environment, ran: Ran, requests: list[LoggedRequest], model: str | None, cause: str | None
) -> None:
    answer = read_run(environment, CHOICE, ran, requests)
    assert (answer.model, answer.failure and answer.failure.cause) == (model, cause)


@pytest.mark.parametrize(
    ("answered_by", "is_exercised", "code", "note"),
    [
        ("workers-ai/a", True, None, "with groq/g failing, workers-ai/a answered"),
        ("workers-ai/b", True, "other-step", None),
        ("workers-ai/b", False, None, "groq/g was not asked: its failure is not proven"),
    ],
)
def test_the_next_model_has_to_answer(answered_by: str, is_exercised: bool, code: str | None, note: str | None) -> None:
    result = judge(CHOICE, FAILING, "429", Answer(200, answered_by), is_exercised=is_exercised)
    assert (result.failure.code if result.failure else None) == code
    assert result.notes == ((note,) if note else ())


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("starting\nAPI Error: 429 slow down\nbye\n", "API Error: 429 slow down"),
        ("four\n\n", "four"),
        ("", "no output"),
    ],
)
def test_the_line_that_says_most(output: str, line: str) -> None:
    assert telling_line(output) == line
