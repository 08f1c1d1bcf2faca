"""The lists of what programs have themselves, held against the programs."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.project import Project

from .install import Program, pinned
from .run import Home

pytestmark = pytest.mark.clients
_TOKEN = re.compile(rb"""[{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""")
_ID = re.compile(rb"""[{,]"?([A-Za-z0-9._-]+)"?:\Z""")


@pytest.fixture
def package(program: Callable[[str], Program], checkout: Project) -> Callable[[str], Path]:
    """The folder of an npm package's modules, once its program is installed."""

    def get(name: str) -> Path:
        program(name)
        return checkout.work / "clients" / pinned(name).replace("/", "+") / "node_modules"

    return get


def test_pi(program: Callable[[str], Program], package: Callable[[str], Path]) -> None:
    name = "@earendil-works/pi-coding-agent"
    module = package(name) / "@earendil-works/pi-ai/dist/providers/all.js"
    says = f"import {{ builtinProviders }} from '{module}'; console.log(...builtinProviders().map(each => each.id))"
    node = program(name).command[0]
    ran = subprocess.run([node, "--input-type=module", "-e", says], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) == CAPABILITIES["pi"].built_in_providers


def test_openclaw(package: Callable[[str], Path]) -> None:
    root = package("openclaw") / "openclaw"
    manifests = [json.loads(each.read_bytes()) for each in root.glob("dist/extensions/*/openclaw.plugin.json")]
    catalog = json.loads((root / "scripts/lib/official-external-provider-catalog.json").read_bytes())
    bundled = {each for manifest in manifests for each in manifest.get("providers", ())}
    others = {each["id"] for entry in catalog["entries"] for each in entry["openclaw"].get("providers", ())}
    assert set(_overlay(root)) | bundled | others == CAPABILITIES["openclaw"].built_in_providers


def _overlay(root: Path) -> Iterator[str]:
    """The program's own list of what needs no address."""
    for file in root.glob("dist/zod-schema.core-*.mjs"):
        found = re.search(r"BUILT_IN_MODEL_PROVIDER_OVERLAY_IDS = .*?\[(.*?)\]", file.read_text(), re.DOTALL)
        assert found, file
        yield from re.findall(r'"([^"]+)"', found[1])


def test_opencode(program: Callable[[str], Program]) -> None:
    bundle = program("opencode-ai").command[0].read_bytes()
    first = re.search(rb"""\(\)=>\(\{(?="?[a-z0-9._-]+"?:\{id:"[^"]+",env:\[)""", bundle)
    assert first, "the list of providers"
    assert set(_keys(bundle, first.end() - 1)) == CAPABILITIES["opencode"].built_in_providers


def _keys(text: bytes, start: int) -> Iterator[str]:
    """The keys of the object of objects that begins at `start` of a minified script."""
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


@pytest.mark.parametrize("name", sorted(CAPABILITIES["codex"].built_in_providers))
def test_codex_refuses(name: str, program: Callable[[str], Program], home: Path) -> None:
    ran = _with_provider(Home(program("@openai/codex"), home, {"CODEX_HOME": str(home)}), name)
    assert ran != 0


def test_codex_takes_others(program: Callable[[str], Program], home: Path) -> None:
    assert _with_provider(Home(program("@openai/codex"), home, {"CODEX_HOME": str(home)}), "oss") == 0


def _with_provider(codex: Home, name: str) -> int:
    text = f'[model_providers.{name}]\nname = "one"\nbase_url = "http://127.0.0.1:1/"\n'
    (codex.folder / "config.toml").write_text(text, encoding="utf-8")
    return codex.run("features", "list").exit_code
