"""Lists of allowed models in the user's files are extended, and are as before after uninstall."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.install import FileState

from .bench import Bench
from .test_install import data

OPENCODE, PI, OPENCLAW = ".config/opencode/opencode.json", ".pi/agent/settings.json", ".openclaw/openclaw.json"
LISTS: dict[str, tuple[str, str, str, tuple[str, ...], Any, Any]] = {
    "enabled providers": (
        "opencode",
        OPENCODE,
        '{"enabled_providers": ["house"], "model": "house/a"}\n',
        ("enabled_providers",),
        ["house", "agents-dev"],
        ["house", "agents-dev", "agents-prod"],
    ),
    "no provider is enabled": (
        "opencode",
        OPENCODE,
        '{"enabled_providers": [ ]}',
        ("enabled_providers",),
        ["agents-dev"],
        ["agents-dev", "agents-prod"],
    ),
    "disabled providers": (
        "opencode",
        OPENCODE,
        '{"disabled_providers": ["x", /* why */ "agents-dev"]}',
        ("disabled_providers",),
        ["x"],
        ["x"],
    ),
    "enabled models, one a line": (
        "pi",
        PI,
        '{\n  "enabledModels": [\n    "house/*", // mine\n  ]\n}\n',
        ("enabledModels",),
        ["house/*", "agents-dev/**"],
        ["house/*", "agents-dev/**", "agents-prod/**"],
    ),
    "a policy": (
        "openclaw",
        OPENCLAW,
        '{agents: {defaults: {modelPolicy: {allow: ["house/one"]}}}}',
        ("agents", "defaults", "modelPolicy", "allow"),
        ["house/one", "agents-dev/*"],
        ["house/one", "agents-dev/*", "agents-prod/*"],
    ),
    "the policy of an agent": (
        "openclaw",
        OPENCLAW,
        "{agents: {entries: {main: {modelPolicy: {allow: ['house/one',],},},},},}",
        ("agents", "entries", "main", "modelPolicy", "allow"),
        ["house/one", "agents-dev/*"],
        ["house/one", "agents-dev/*", "agents-prod/*"],
    ),
    "a mapping of models": (
        "openclaw",
        OPENCLAW,
        "{agents: {defaults: {models: {'house/one': {}}}}}",
        ("agents", "defaults", "models"),
        {"house/one": {}, "agents-dev/dynamic/fast": {}},
        {"house/one": {}, "agents-dev/dynamic/fast": {}, "agents-prod/dynamic/fast": {}},
    ),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)
def test_a_list_is_extended_and_restored(bench: Bench, case: tuple[str, str, str, tuple[str, ...], Any, Any]) -> None:
    client, name, text, path, with_dev, with_both = case
    file = bench.file(name, text)
    before = bench.files()

    def value() -> Any:
        content = data(file)
        for key in path:
            content = content[key]
        return content

    def lacks_other_models(found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {key: entry for key, entry in found.items() if key == "house/one" or key.endswith("dynamic/fast")}

    bench.install("dev", client)
    assert lacks_other_models(value()) == with_dev
    bench.install("prod", client)
    assert lacks_other_models(value()) == with_both
    assert not bench.install("prod", client).changes
    assert {state.state for state in bench.inspect("prod", client).files} == {FileState.CURRENT}
    bench.uninstall("dev", client)
    bench.uninstall("prod", client)
    assert bench.files() == before


def test_items_that_the_user_adds_later_stay(bench: Bench) -> None:
    file = bench.file(PI, '{"enabledModels": ["house/*"]}')
    bench.install("prod", "pi")
    file.write_text(file.read_text(encoding="utf-8").replace('"house/*"', '"house/*", "new/*"'), encoding="utf-8")
    bench.uninstall("prod", "pi")
    assert data(file) == {"enabledModels": ["house/*", "new/*"]}


@pytest.mark.parametrize("text", ['{"enabledModels": []}', "{}"])
def test_an_empty_list_of_pi_allows_all_models(bench: Bench, text: str) -> None:
    file = bench.file(PI, text)
    bench.install("prod", "pi")
    assert not data(file).get("enabledModels")


def test_a_list_in_an_included_file_is_named(bench: Bench) -> None:
    bench.file(".openclaw/agents.json5", '{defaults: {modelPolicy: {allow: ["house/one"]}}}')
    bench.file(OPENCLAW, '{\n  agents: {$include: "./agents.json5"},\n}')
    (conflict,) = bench.install("prod", "openclaw").conflicts
    assert str(conflict).startswith("~/.openclaw/openclaw.json:2: agents.defaults.modelPolicy.allow stands in an incl")
    assert "Add agents-prod/* to" in conflict.fix
