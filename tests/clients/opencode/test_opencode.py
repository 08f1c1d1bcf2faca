"""The real OpenCode with the emitted file, against the local Cloudflare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clients.bad_files import BadFile, bad_files
from clients.programs.cloudflare import LocalCloudflare
from clients.programs.homes import InstallProgram, ask_with_helper
from clients.programs.run import Home, Ran

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.resolved import Environment

pytestmark = pytest.mark.clients
CASES = sorted(path.with_name("opencode.json") for path in Path(__file__).parent.glob("*/environment.yaml"))
_TOKEN = re.compile(rb"""[{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""")
_ID = re.compile(rb"""[{,]"?([A-Za-z0-9._-]+)"?:\Z""")


@pytest.fixture
def opencode(home: Callable[[str], Home]) -> Home:
    return home("opencode")


def check(opencode: Home, text: str) -> Ran:
    (opencode.folder / "opencode.json").write_text(text, encoding="utf-8")
    return opencode.run("debug", "config")


def test_all_models_and_routes_are_listed(opencode: Home, environment: Environment) -> None:
    ran = opencode.run("models")
    assert ran.exit_code == 0, ran.output
    listed = {line for line in ran.out.split() if line.startswith("agents-local")}
    assert listed == set(find_endpoints(environment, environment.clients["opencode"]).references.values())


def test_the_route_answers_and_the_token_is_the_only_credential(opencode: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = opencode.ask()
    assert ran.exit_code == 0, ran.output
    assert "groq/openai/gpt-oss-20b heard: " in ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
    assert cloudflare.paths(before) == {"compat/chat/completions"}
    models = {request["model"] for request in cloudflare.requests(before)}
    assert models == {"openai/gpt-oss-20b", "ministral-3b-latest"}


@pytest.mark.nightly
def test_the_plugin_asks_for_each_request(opencode: Home, cloudflare: LocalCloudflare) -> None:
    """OpenCode fetches a package from npm when it first starts with a plugin."""
    case = Path(__file__).parent / "helper"
    plugin = opencode.folder / ".config" / "opencode" / "plugin" / "agents.js"
    plugin.parent.mkdir(parents=True)
    plugin.write_bytes((case / "opencode" / "plugin.js").read_bytes())
    home = replace(opencode, variables=opencode.tested.variables_in(opencode.folder))
    before = cloudflare.last()
    text = (case / "opencode.json").read_text(encoding="utf-8")
    _, calls = ask_with_helper(home, opencode.folder / "opencode.json", text, cloudflare)
    assert set(calls.splitlines()) == {"token environment --for opencode"}
    assert 0 < len(cloudflare.requests(before)) <= len(calls.splitlines())


def test_a_provider_outside_compat_has_its_own_endpoint(opencode: Home, cloudflare: LocalCloudflare) -> None:
    before = cloudflare.last()
    ran = opencode.run("run", "--model", "agents-local-openrouter/google/gemma-4-31b-it:free", "Hello")
    assert ran.exit_code == 0, ran.output
    assert "openrouter/v1/chat/completions" in cloudflare.paths(before)


@pytest.mark.parametrize("bad", bad_files("opencode"), ids=str)
def test_a_bad_file_is_refused(bad: BadFile, opencode: Home) -> None:
    """Where the schema is stricter, OpenCode accepts the file, and the table says so."""
    ran = check(opencode, json.dumps(bad.content))
    assert (ran.exit_code == 0) is (bad.program == "accepts"), ran.output


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_every_case_is_accepted(case: Path, opencode: Home) -> None:
    text = case.read_text(encoding="utf-8")
    for name in re.findall(r"\{file:~/([^}]+)\}", text):
        (opencode.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (opencode.folder / name).write_text("fake-token", encoding="utf-8")
    ran = check(opencode, text)
    assert ran.exit_code == 0, ran.output


def test_the_list_of_built_in_providers(install_program: InstallProgram) -> None:
    bundle = install_program("opencode").command[0].read_bytes()
    start = re.search(rb"""\(\)=>\(\{(?="?[a-z0-9._-]+"?:\{id:"[^"]+",env:\[)""", bundle)
    assert start, "the list of providers"
    assert set(_keys(bundle, start.end() - 1)) == CAPABILITIES["opencode"].built_in_providers


def _keys(text: bytes, start: int) -> Iterator[str]:
    """The keys of an object of objects in a minified script."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] == b"{":
            depth += 1
            if depth == 2:
                key = _ID.search(text[token.start() - 80 : token.start()])
                assert key, text[token.start() - 80 : token.start()]
                yield key[1].decode()
        elif token[0] == b"}":
            depth -= 1
            if depth == 0:
                return
