"""The part of a route that one client's requests take."""

from __future__ import annotations

from pathlib import Path

import pytest
from clients.environments import FAKE_ACCOUNT, written

from gatewright.clients import CAPABILITIES
from gatewright.environment.checks.metadata_uses import Sender
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment
from gatewright.operations.explain import explain
from gatewright.operations.routes.client_path import find_user, model_verdicts, narrow
from gatewright.operations.routes.drawing import RouteDrawing, draw_routes

END = {"id": "end", "type": "end", "outputs": {}}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    text = (
        f'account: "{FAKE_ACCOUNT}"\n'
        "providers: {workers-ai: {models: {m: {}}}}\n"
        "routes: {work: workers-ai/m, play: workers-ai/m}\n"
        "tokens: {agents: {}}\n"
        "clients: {opencode: {primary: dynamic/work, models: [dynamic/work], agents: {fun: dynamic/play}}}\n"
    )
    return written(tmp_path, text)


def test_a_client_and_its_agents_have_their_own_routes(environment: Environment) -> None:
    """An agent's route is listed by the client, too, since its user can choose it."""
    assert find_user(environment, "opencode").routes == ("work", "play")
    assert find_user(environment, "opencode/fun").routes == ("play",)


POLICIES = """
gateway:
  policies:
    everyone: {effect: allow}
    no-m: {effect: deny, models: ["@cf/m"], when: metadata.team == "red"}
    users: {effect: deny, providers: [groq], when: metadata.user == "eve"}
providers: {workers-ai: {models: {m: {id: "@cf/m"}}}, groq: {key: {stored: true}, models: {g: {}}}}
routes: {work: [workers-ai/m, groq/g], play: workers-ai/m}
tokens: {agents: {}}
clients:
  opencode: {primary: dynamic/work, models: [dynamic/work, dynamic/play], metadata: {team: red, user: {env: WHO}}}
"""


def test_models_that_policies_refuse_are_named(tmp_path: Path) -> None:
    environment = written(tmp_path, f'account: "{FAKE_ACCOUNT}"{POLICIES}')
    user = find_user(environment, "opencode")
    work, play = (narrow(environment, drawing, user.sender) for drawing in draw_routes(environment, ["work", "play"]))
    assert work.notes == (
        "sends team: red, user: {env: WHO}",
        "workers-ai/m is refused to opencode (403: policy no-m)",
        "groq/g may be refused to opencode: the request decides (policy users)",
    )
    assert play.notes[1:] == (
        "workers-ai/m is refused to opencode (403: policy no-m)",
        "no model of this route answers opencode",
    )
    verdicts = model_verdicts(environment, work.elements, user.sender)
    assert {name: verdict.allowed for name, verdict in verdicts.items()} == {"workers-ai/m": False, "groq/g": None}


def test_explain_says_what_policies_decide_for_a_client(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(f'account: "{FAKE_ACCOUNT}"{POLICIES}')
    environment = load(Files(tmp_path, tmp_path.name), "case", CAPABILITIES, {})
    text = ("opencode: dynamic/play refused (policy no-m); dynamic/work depends on the request (policy users)",)
    assert explain(environment, "clients.opencode").policies == text
    assert explain(environment, "clients.opencode.primary").policies == text
    assert explain(environment, "gateway.policies.no-m").policies == text
    assert explain(environment, "clients.opencode.token").policies == ()


def test_a_graph_that_cannot_be_drawn_is_not_narrowed(environment: Environment) -> None:
    drawing = RouteDrawing("work", [END], ["a graph of 1 elements that cannot be drawn"], [])
    assert narrow(environment, drawing, Sender("opencode", {})) is drawing


def test_a_deployed_graph_keeps_its_version(environment: Environment) -> None:
    start = {"id": "start", "type": "start", "outputs": {"next": {"elementId": "if"}}}
    outputs = {"true": {"elementId": "end"}, "false": {"elementId": "end"}}
    choice = {"id": "if", "type": "conditional", "properties": {"conditions": {"metadata.a": "b"}}, "outputs": outputs}
    drawing = RouteDrawing("work", [start, choice, END], [], [], "v7")
    narrowed = narrow(environment, drawing, Sender("opencode", {"a": "b"}))
    assert narrowed.version == "v7"
    assert narrowed.elements[1]["outputs"] == {"true": {"elementId": "end"}}
