"""What differs, in words: two property maps in, words and warnings out; a case is an entry of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatewright.cloudflare.dynamic_routes import Graph, graph_of
from gatewright.cloudflare.mapping.route_elements import Compiler
from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.model.routes import Elements
from gatewright.environment.quantities import parse_quantity
from gatewright.environment.reader import read_text
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.operations.plan.kinds import KINDS, TOKEN, differences, summary

FILES = sorted((Path(__file__).parent / "diffs").glob("*.yaml"))
MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def cases() -> list[Any]:
    """Each with its file's type and base."""
    found = []
    for file in FILES:
        content = yaml.safe_load(file.read_text())
        for name, case in content.pop("cases").items():
            found.append(pytest.param(content | case, id=f"{file.stem}: {name}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_differences_in_words(case: dict[str, Any]) -> None:
    old, new = (_properties(case, side) for side in ("old", "new"))
    names = {tuple(model.split("/", 1)): called for model, called in case.get("names", {}).items()}
    said = differences(case["type"], old, new, names, case.get("told", ()))
    assert [each.words for each in said if each.words] == case["words"]
    assert [each.reason for each in said if each.risk] == case.get("risks", [])


def test_summary_of_a_new_token() -> None:
    new = {
        "policies": [{"effect": "allow", "permissionGroups": [{"id": "a"}]}],
        "condition": {"requestIp": {"notIns": ["203.0.113.9/32"]}},
        "notBefore": "2027-06-01T00:00:00Z",
        "expiresOn": "2027-07-01T00:00:00Z",
    }
    said = [each.words for each in summary(TOKEN, new, {})]
    assert said == ["may: a", "not from 203.0.113.9/32", "valid from 2027-06-01", "until 2027-07-01"]


VALUES = st.one_of(
    st.booleans(), st.integers(0, 10**6), st.text("abz09- ", max_size=9), st.just(MASKED), st.lists(st.integers(0, 3))
)


@given(st.sampled_from([*KINDS, "other:index:Thing"]), st.data())
def test_no_change_is_dropped(kind: str, data: st.DataObject) -> None:
    """A property that nobody knows is said by its own name, whatever it holds, and never what it hides."""
    name = data.draw(st.text("qxyz", min_size=4, max_size=8).map("some{}".format))
    old, new = data.draw(VALUES), data.draw(VALUES)
    said = differences(kind, {name: old}, {name: new}, {}, [name])
    assert bool(said) is (old != new or MASKED in (old, new))
    assert all(name in each.words for each in said)
    assert "ciphertext" not in str(said)


@given(st.sampled_from(AI_GATEWAY.inputs), st.data())
def test_every_property_of_a_gateway_is_described(field: Any, data: st.DataObject) -> None:
    """One property of the plugin's changes alone: something is said."""
    flags = {"boolean": (False, True), "integer": (60, 120), "string": ("a", "b")}
    if field.kind.value not in flags or field.name in ("aiGatewayId", "accountId"):
        return
    old, new = data.draw(st.permutations(flags[field.kind.value]))
    assert differences(AI_GATEWAY.token, {field.name: old}, {field.name: new}, {}) != []


def _properties(case: dict[str, Any], side: str) -> dict[str, Any]:
    given = case.get(side, {})
    if case.get("trees"):
        ids, guards = (case.get(more, {}).get(side, {}) for more in ("ids", "guards"))
        given = {"elements": _graph(given, ids, guards)} if given else {}
    return {name: MASKED if value == "SECRET" else value for name, value in {**case.get("base", {}), **given}.items()}


def _graph(tree: Any, ids: dict[str, str], guards: dict[str, str]) -> Graph:
    """`ids`: by model, where it is not its name; `guards`: what each provider allows."""
    diagnostics = Diagnostics()
    file = read_text(yaml.safe_dump({"route": tree}), "route.yaml", diagnostics)
    node = file.at("route") if file else None
    assert node is not None, diagnostics.diagnostics
    route = RouteShape().read(node, "", diagnostics)
    assert route is not None, diagnostics.diagnostics
    assert not isinstance(route.tree, Elements)
    limits = {name: [each] for name, text in guards.items() if (each := parse_quantity(text))}
    return graph_of(Compiler(lambda name: ids.get(str(name), name.model), limits).compile(route.tree))
