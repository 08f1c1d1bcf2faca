"""The part of a route that one client's requests take."""

from __future__ import annotations

from pathlib import Path

import pytest
from clients.environments import FAKE_ACCOUNT, written

from gatewright.environment.checks.metadata_uses import Sender
from gatewright.environment.resolved import Environment
from gatewright.operations.routes.client_path import find_user, narrow
from gatewright.operations.routes.drawing import RouteDrawing

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
