"""Descriptions and risks of the differences between two property maps; a case is an entry of a file."""

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
    """The cases of all files, each with the type and base of its file."""
    found = []
    for file in FILES:
        content = yaml.safe_load(file.read_text())
        for name, case in content.pop("cases").items():
            found.append(pytest.param(content | case, id=f"{file.stem}: {name}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    before, after = (_properties(case, side) for side in ("before", "after"))
    names = {tuple(model.split("/", 1)): name for model, name in case.get("names", {}).items()}
    if case.get("new"):
        found = summary(case["type"], after, names)
    else:
        found = differences(case["type"], before, after, names, case.get("reported", ()))
    assert [difference.text for difference in found if difference.text] == case["differences"]
    assert [difference.reason for difference in found if difference.risk] == case.get("risks", [])


def test_summary_of_a_token() -> None:
    new = {
        "policies": [{"effect": "allow", "permissionGroups": [{"id": "a"}]}],
        "condition": {"requestIp": {"notIns": ["203.0.113.9/32"]}},
        "notBefore": "2027-06-01T00:00:00Z",
        "expiresOn": "2027-07-01T00:00:00Z",
    }
    texts = [difference.text for difference in summary(TOKEN, new, {})]
    assert texts == ["may: a", "not from 203.0.113.9/32", "valid from 2027-06-01", "until 2027-07-01"]


VALUES = st.one_of(
    st.booleans(), st.integers(0, 10**6), st.text("abz09- ", max_size=9), st.just(MASKED), st.lists(st.integers(0, 3))
)


@given(st.sampled_from([*KINDS, "other:index:Thing"]), st.data())
def test_no_change_is_dropped(kind: str, data: st.DataObject) -> None:
    """An unknown property is described by its name, whatever its value, and secrets are not shown."""
    name = data.draw(st.text("qxyz", min_size=4, max_size=8).map("some{}".format))
    before, after = data.draw(VALUES), data.draw(VALUES)
    found = differences(kind, {name: before}, {name: after}, {}, [name])
    assert bool(found) is (before != after or MASKED in (before, after))
    assert all(name in difference.text for difference in found)
    assert "ciphertext" not in str(found)


@given(st.sampled_from(AI_GATEWAY.inputs), st.data())
def test_every_property_of_a_gateway_is_described(field: Any, data: st.DataObject) -> None:
    """One property of the plugin's changes alone: something is said."""
    flags = {"boolean": (False, True), "integer": (60, 120), "string": ("a", "b")}
    if field.kind.value not in flags or field.name in ("aiGatewayId", "accountId"):
        return
    old, new = data.draw(st.permutations(flags[field.kind.value]))
    assert differences(AI_GATEWAY.token, {field.name: old}, {field.name: new}, {}) != []


def _properties(case: dict[str, Any], side: str) -> dict[str, Any]:
    properties = case.get(side, {})
    if case.get("trees"):
        ids, guards = (case.get(more, {}).get(side, {}) for more in ("ids", "guards"))
        properties = {"elements": _graph(properties, ids, guards)} if properties else {}
    return {
        name: MASKED if value == "SECRET" else value for name, value in {**case.get("base", {}), **properties}.items()
    }


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
