"""Whatever a valid environment says, its files are valid: what the programs take, with no secret in them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gatewright.clients import ABILITIES, emit
from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import check
from gatewright.clients.formats import parsed
from gatewright.environment.abilities import Abilities
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load
from gatewright.facts.slugs import SLUGS
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
_ways = [(via, keys) for via in ("gateway", "provider", "rest", "direct") for keys in ("stored", "local")]
_ways.remove(("rest", "local"))
_client = st.fixed_dictionaries(
    {"way": st.sampled_from(_ways)},
    optional={
        "variable": st.from_regex(r"[A-Z][A-Z0-9_]{0,15}", fullmatch=True),
        "provider": st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
    },
)


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    """An environment with any providers, a route over all that can stand in one, and every client there is."""
    providers: dict[str, Any] = draw(st.dictionaries(st.sampled_from(sorted(SLUGS)), _known, min_size=1, max_size=4))
    providers |= draw(st.dictionaries(st.just("inhouse"), _custom, max_size=1))
    routable = [name for name in providers if name in SLUGS and SLUGS[name].compat]
    models = [f"{name}/{model}" for name in routable for model in providers[name]["models"]]
    return {
        "account": FAKE_ACCOUNT,
        "providers": providers,
        "routes": {"all": models} if models else {},
        "tokens": {"agents": {}},
        "clients": {name: _client_settings(draw(_client), abilities) for name, abilities in ABILITIES.items()},
    }


def _client_settings(drawn: dict[str, Any], abilities: Abilities) -> dict[str, Any]:
    """What was drawn, where the program can do it; else what it does by itself."""
    via, keys = drawn.pop("way")
    able = via in abilities.via and keys in abilities.keys
    return {**({"via": via, "keys": keys} if able else {}), **drawn}


@given(environments())
def test_the_files_of_any_environment_are_valid_and_name_every_reachable_model(content: dict[str, Any]) -> None:
    result = _loaded(content)
    for problem in result.problems:
        if problem.code == "nothing-reached":
            del content["clients"][problem.path.removeprefix("clients.")]
    result = _loaded(content)
    assert result.environment is not None, [problem.sentence() for problem in result.problems]
    files = emit(result.environment)
    assert check(files, CHECKOUT.schemas) == []
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert parsed(file.path, file.text) == file.content
    for client in result.environment.clients.values():
        assert set(client.models) == endpoints(result.environment, client).references.keys()


def _loaded(content: dict[str, Any]) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "any.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return load(Files(Path(folder), "stacks"), "any", ABILITIES, {})
