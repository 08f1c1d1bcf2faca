"""The files of any valid environment are valid by their schemas, and hold no secret."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import event, example, given
from hypothesis import strategies as st

from gatewright.clients import CAPABILITIES, emit
from gatewright.clients.common.client_file import check
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.matrix import VIA
from gatewright.diagnostics import Severity
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load
from gatewright.facts.slugs import AUTO_ROUTER, SLUGS
from gatewright.io.formats import parse
from gatewright.project import Project

from .environments import FAKE_ACCOUNT

CHECKOUT = Project.find(Path(__file__).parent)

_printed = st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\u2028\u2029\ufeff")
_ids = st.text(_printed, min_size=1, max_size=20).map(lambda text: "".join(text.split())).filter(bool)
_titles = st.text(_printed, min_size=1, max_size=40).filter(lambda text: text.strip())
_tokens = st.integers(1, 10_000_000)
_model = st.fixed_dictionaries(
    {},
    optional={
        "id": _ids,
        "name": _titles,
        "reasoning": st.booleans(),
        "input": st.lists(st.sampled_from(["text", "image", "audio", "video"]), min_size=1, unique=True),
        "context": _tokens,
        "output": _tokens,
        "cost": st.fixed_dictionaries({"input": st.floats(0, 1000), "output": st.integers(0, 1000)}),
    },
)
_models = st.dictionaries(st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True), _model, min_size=1, max_size=3)
_key = st.sampled_from([{"env": "SOME_KEY"}, {"config": "someKey"}, {"stored": True}, "unified"])
_known = st.fixed_dictionaries({"key": _key, "models": _models, "direct": st.just("https://models.example.com/v1")})
_custom = st.fixed_dictionaries(
    {"key": _key, "models": _models, "baseUrl": st.just("https://models.example.com/v1")},
)
_programs = st.lists(st.sampled_from(sorted(CAPABILITIES)), min_size=1, max_size=4, unique=True)


@st.composite
def clients(draw: st.DrawFn, program: str, names: list[str], roles: list[str]) -> dict[str, Any]:
    """Any settings of a client, some of which its program does not support."""
    capabilities = CAPABILITIES[program]
    endpoints = sorted(capabilities.via) if draw(st.booleans()) else VIA
    settings: dict[str, Any] = {"via": draw(st.sampled_from(endpoints))}
    choices = st.sampled_from(names)
    choices = choices if not capabilities.own else choices | st.just("own:mine/model")
    agents = capabilities.agents.names if capabilities.agents else ()
    agent_names = st.sampled_from(agents) if agents else st.sampled_from(["coder", "plan", "title-2", "editor", "main"])
    optional = {
        "keys": st.just("local"),
        "variable": st.from_regex(r"[A-Z][A-Z0-9_]{0,15}", fullmatch=True),
        "provider": st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
        "primary": choices,
        "models": st.lists(st.sampled_from(names), min_size=1, max_size=3),
        "version": st.sampled_from(
            [version for version in (capabilities.oldest, capabilities.checked, "0.1") if version]
        ),
        **({"role": st.sampled_from(roles)} if capabilities.fallbacks else {}),
        **({"fallbacks": st.lists(choices, max_size=2)} if capabilities.fallbacks else {}),
        **({"small": choices} if capabilities.small else {}),
        **({"agents": st.dictionaries(agent_names, st.sampled_from(roles) | choices)} if capabilities.agents else {}),
    }
    return settings | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    """An environment with any providers, a route over all models that a route can have, roles, and some clients."""
    providers: dict[str, Any] = draw(
        st.dictionaries(st.sampled_from(sorted(SLUGS.keys() - {AUTO_ROUTER})), _known, min_size=1, max_size=4)
    )
    providers |= draw(st.dictionaries(st.sampled_from(["inhouse", "rest"]), _custom, max_size=1))
    routable = [name for name in providers if name in SLUGS and SLUGS[name].compat]
    models = [f"{name}/{model}" for name in routable for model in providers[name]["models"]]
    every = [f"{name}/{model}" for name in providers for model in providers[name]["models"]]
    names = [*(["dynamic/all"] if models else []), *every]
    roles = {"alone": draw(st.sampled_from(every)), "first": {"primary": every[0], "fallbacks": names[:2]}}
    return {
        "account": FAKE_ACCOUNT,
        "providers": providers,
        "routes": {"all": models} if models else {},
        "roles": roles,
        "tokens": {"agents": {}},
        "clients": {program: draw(clients(program, names, sorted(roles))) for program in draw(_programs)},
    }


_SMALLEST = {
    "account": FAKE_ACCOUNT,
    "providers": {"groq": {"key": {"env": "SOME_KEY"}, "models": {"m": {"context": 1, "output": 1}}}},
    "tokens": {"agents": {}},
    "clients": {program: {} for program in CAPABILITIES},
}
"""A model of one token, in all clients by their default endpoint."""


@example(_SMALLEST)
@given(environments())
def test_the_files_of_any_environment_are_valid_and_name_every_reachable_model(content: dict[str, Any]) -> None:
    """Errors are reported only for settings that a program does not support."""
    result = _loaded(content)
    while refused := _refused(content, result) & content["clients"].keys():
        for program in refused:
            del content["clients"][program]
        result = _loaded(content)
    assert result.environment is not None, [diagnostic.sentence() for diagnostic in result.diagnostics]
    event(f"{len(result.environment.clients)} clients")
    files = emit(result.environment)
    assert check(files) == []
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert parse(file.path, file.text) == file.content
    for client in result.environment.clients.values():
        endpoints = find_endpoints(result.environment, client)
        assert {("", name) for name in client.models} == endpoints.references.keys()
        names = [model.name for model in endpoints.models]
        assert len(set(names)) == len(names)
        assert len({entry.id for entry in endpoints.entries}) == len(endpoints.entries)


def _refused(content: dict[str, Any], result: Loaded) -> set[str]:
    """The clients with an error. An error of a role counts for the clients that use it."""
    refused: set[str] = set()
    for diagnostic in result.diagnostics:
        if diagnostic.severity is not Severity.ERROR:
            continue
        head, name, *_ = diagnostic.path.split(".")
        if head == "clients":
            refused.add(name)
        else:
            assert head == "roles", diagnostic.sentence()
            used = (
                (program, client.get("role"), client.get("agents", {}))
                for program, client in content["clients"].items()
            )
            refused |= {program for program, role, agents in used if role == name or name in agents.values()}
    return refused


def _loaded(content: dict[str, Any]) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "any.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return load(Files(Path(folder), "stacks"), "any", CAPABILITIES, {})
