"""A route's tree -> Cloudflare's elements: cases as data, and any tree gives a graph that can be run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.route_elements import Compiler, route_elements
from gatewright.cloudflare.mapping.route_tree import route_tree
from gatewright.diagnostics import Diagnostics, Location
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.model.routes import Condition, Elements, If, Limit, Split, Step, Try
from gatewright.environment.quantities import Duration, Quantity
from gatewright.environment.reader import read_text
from gatewright.environment.references import Located, ModelName
from gatewright.facts.route_graph import flaws, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = sorted((Path(__file__).parent / "route_elements").glob("*.yaml"))
HEAD = """
local: true
use: [groq, workers-ai, mistral, cohere, cerebras]
providers:
  groq: {models: {llama-3.1-8b: {id: llama-3.1-8b-instant}}}
  workers-ai: {models: {gpt-oss-20b: {id: "@cf/openai/gpt-oss-20b"}}}
  mistral: {models: {mistral-tiny: {}}}
  openai: {models: {gpt-4o: {}}}
  cohere:
    key: {env: COHERE_API_KEY}
    limits: [1 request/second, 500000 tokens/minute, 100 requests/day, 2.5 USD/month]
    models: {command: {}, aya: {}}
  cerebras: {key: unified, limits: [30 requests/minute], models: {qwen: {}}}
"""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, tmp_path: Path, update_cases: bool) -> None:
    (tmp_path / "here.yaml").write_text(f"{HEAD}routes:\n  r:\n{indent(case.read_text(), ' ' * 4)}")
    environment = load(Files(tmp_path, "stacks"), "here", CAPABILITIES, {}).environment
    assert environment is not None
    elements = route_elements(environment, "r")
    expected = case.with_suffix(".json")
    text = "".join(["[\n", ",\n".join(f"  {json.dumps(element)}" for element in elements), "\n]\n"])
    if update_cases:
        expected.write_text(text)
    assert text == expected.read_text()
    assert flaws(elements) == []


_MODELS = st.sampled_from(["groq/a", "groq/a.b", "workers-ai/a-b", "mistral/2", "split/2", "if/x"]).map(
    lambda name: Located(ModelName(*name.split("/")), Location("x.yaml", 1, 1), "r")
)
_TRIES = st.builds(
    Try,
    st.lists(_MODELS, min_size=1, max_size=4).map(tuple),
    st.integers(0, 5),
    st.none() | st.just(Duration(1000, "1s")),
)
_CONDITIONS = st.lists(
    st.builds(
        Condition,
        st.sampled_from(["metadata.a", "headers.b"]),
        st.sampled_from(["eq", "in"]),
        st.just("x"),
        st.just(Location("x.yaml", 1, 1)),
        st.just("r"),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
_SHARES = st.lists(st.integers(1, 19), min_size=0, max_size=5, unique=True)


def _steps(inner: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    limits = st.sampled_from([Quantity(5.0, "USD", 86_400, "5 USD/day"), Quantity(0.5, "requests", 60, "")])
    splits = _SHARES.flatmap(
        lambda shares: st.tuples(*(st.tuples(st.just(share), inner) for share in [*shares, None])).map(Split)
    )
    return st.one_of(
        splits,
        st.builds(If, _CONDITIONS, inner, inner),
        st.builds(
            Limit,
            limits,
            st.just("metadata.t"),
            inner,
            st.none() | inner,
            st.just(Location("x.yaml", 1, 1)),
            st.just("r"),
        ),
    )


TREES: st.SearchStrategy[Step] = st.recursive(_TRIES, _steps, max_leaves=20)


@given(TREES)
def test_any_tree_compiles_to_a_valid_graph(tree: Step) -> None:
    elements = Compiler(str).compile(tree)
    assert flaws(elements) == []
    assert elements == Compiler(str).compile(tree)
    reached = {target for element in elements for _, target in targets(element)}
    assert reached == {element["id"] for element in elements} - {"start"}


def calls_by_tree(tree: Step, ways: Iterator[int]) -> list[ModelName]:
    """The models that are asked, in order, where each of them fails; `ways` says which way is taken at each fork."""
    match tree:
        case Try(models=models):
            return [
                model.value for model in models if all(next(ways) % 2 for _ in GUARDS.get(model.value.provider, ()))
            ]
        case Split(branches=((None, only),)):
            return calls_by_tree(only, ways)
        case Split(branches=branches):
            return calls_by_tree(branches[next(ways) % len(branches)][1], ways)
        case If(then=then, otherwise=otherwise):
            return calls_by_tree(then if next(ways) % 2 else otherwise, ways)
        case Limit(then=then, over=over):
            if next(ways) % 2:
                return calls_by_tree(then, ways)
            return calls_by_tree(over, ways) if over else []


def calls_by_graph(elements: list[dict[str, Any]], ways: Iterator[int]) -> list[ModelName]:
    """The same of a graph, by what its elements mean to Cloudflare."""
    by_id, asked = {element["id"]: element for element in elements}, []
    here = by_id["start"]
    while here["type"] != "end":
        outputs = [output["elementId"] for output in here["outputs"].values()]
        match here["type"]:
            case "start":
                following = outputs[0]
            case "model":
                provider, model = here["properties"]["model"].split("/")
                asked.append(ModelName(provider, model))
                following = here["outputs"]["fallback"]["elementId"]
            case "percentage":
                following = outputs[next(ways) % len(outputs)]
            case _:
                following = outputs[0 if next(ways) % 2 else 1]
        here = by_id[following]
    return asked


GUARDS = {"groq": [Quantity(10.0, "requests", 60, "")], "mistral": [Quantity(1.0, "USD", 60, "")] * 2}


@given(TREES, st.integers(0, 2**32))
def test_graph_calls_models_in_the_order_of_the_tree(tree: Step, seed: int) -> None:
    def ways() -> Iterator[int]:
        draw = random.Random(seed)  # noqa: S311  the same ways twice, no secret
        while True:
            yield draw.randrange(1_000)

    elements = Compiler(str, GUARDS).compile(tree)
    assert flaws(elements) == []
    assert calls_by_graph(elements, ways()) == calls_by_tree(tree, ways())


def test_edit_keeps_the_ids_of_other_elements() -> None:
    location = Location("x.yaml", 1, 1)
    first, second, third = (Located(ModelName("p", name), location, "r") for name in "abc")
    before = {each["id"]: each for each in Compiler(str).compile(Try((second, third)))}
    after = {each["id"]: each for each in Compiler(str).compile(Try((first, second, third)))}
    assert {name for name in after if after[name] != before.get(name)} == {"start", "p-a"}


def test_a_chain_deeper_than_the_recursion_limit() -> None:
    chain = [
        {
            "id": str(number),
            "type": "model",
            "properties": {"provider": "p", "model": "m", "retries": 0, "timeout": 1},
            "outputs": {"success": {"elementId": "end"}, "fallback": {"elementId": str(number + 1)}},
        }
        for number in range(20_000)
    ]
    chain[-1]["outputs"] = {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}
    ends = [
        {"id": "start", "type": "start", "outputs": {"next": {"elementId": "0"}}},
        {"id": "end", "type": "end", "outputs": {}},
    ]
    assert flaws([*ends, *chain]) == []
    chain[-1]["outputs"] = {"success": {"elementId": "end"}, "fallback": {"elementId": "0"}}
    (flaw,) = flaws([*ends, *chain])
    assert flaw.message == "leads back to 0: requests would never end"


@given(TREES)
def test_compiled_tree_survives_the_round_trip(tree: Step) -> None:
    graph = graph_of(Compiler(str).compile(tree))
    said = route_tree(graph, lambda _, model: model)
    diagnostics = Diagnostics()
    file = read_text(json.dumps({"route": said}), "a test", diagnostics)
    node = file and file.at("route")
    assert node is not None
    route = RouteShape().read(node, "route", diagnostics)
    assert not diagnostics.diagnostics
    assert route is not None
    assert not isinstance(route.tree, Elements)
    assert graph_of(Compiler(str).compile(route.tree)) == graph


def test_graph_that_is_not_a_tree() -> None:
    model = {"type": "model", "properties": {"provider": "groq", "model": "a", "retries": 0, "timeout": 60_000}}
    end = {"type": "end", "outputs": {}}
    shared = {**model, "outputs": {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}}
    ways = {"10%": {"elementId": "m"}, "else": {"elementId": "m"}}
    split = {"type": "percentage", "outputs": ways}
    for first, more in (("split", {"split": split, "m": shared}), ("gone", {}), ("end", {})):
        start = {"type": "start", "outputs": {"next": {"elementId": first}}}
        assert route_tree({"start": start, "end": end, **more}, lambda *name: "/".join(name)) is None
    start = {"type": "start", "outputs": {"next": {"elementId": "m"}}}
    assert route_tree({"start": start, "end": end, "m": shared}, lambda *_: None) is None
    for setting in ({"timeout": 0}, {"retries": 6}):  # Cloudflare's graphs may have them, steps may not
        properties = {"provider": "groq", "model": "a", "retries": 0, "timeout": 60_000, **setting}
        outside = {**shared, "properties": properties}
        assert route_tree({"start": start, "end": end, "m": outside}, lambda *name: "/".join(name)) is None
