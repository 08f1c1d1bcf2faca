"""The provider keys of an environment that Cloudflare stores, with their names there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.mapping.stored_keys import provider_keys, unset_variables
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment

ACCOUNT = "account: fa4eacc0fa4eacc0fa4eacc0fa4eacc0\n"
TOKENS = "tokens: {agents: {allow: [AI Gateway Run]}}\n"
ROUTE = "routes: {fast: [mistral/a]}\n"
NVIDIA = "providers: {nvidia: {baseUrl: https://fake.example/v1, key: {env: A_KEY}, models: {a: {}}}}\n"
ELEMENTS = """\
routes:
  fast:
    elements:
      - {id: start, type: start, outputs: {next: {elementId: one}}}
      - id: one
        type: model
        properties: {provider: mistral, model: a, retries: 0, timeout: 1000}
        outputs: {success: {elementId: end}, fallback: {elementId: end}}
      - {id: end, type: end, outputs: {}}
"""


def mistral(key: str, limits: str = "") -> str:
    return f"providers: {{mistral: {{key: {key}, limits: [{limits}], models: {{a: {{}}}}}}}}\n"


def pi(*settings: str) -> str:
    return f"clients: {{pi: {{{', '.join(settings)}}}}}\n"


CASES = {
    "a route": (mistral("{env: A_KEY}") + ROUTE, ["agents-prod_mistral_default"]),
    "a graph": (mistral("{env: A_KEY}") + ELEMENTS, ["agents-prod_mistral_default"]),
    "a client": (mistral("{env: A_KEY}") + pi("primary: mistral/a"), ["agents-prod_mistral_default"]),
    "a custom provider": (NVIDIA + pi("primary: nvidia/a", "via: provider"), ["agents-prod_custom-nvidia_default"]),
    "of the configuration": (mistral("{config: a}") + ROUTE, ["agents-prod_mistral_default"]),
    "stored already": (mistral("{stored: true}") + ROUTE, ["agents-prod_mistral_default"]),
    "with a limit": (
        mistral("{env: A_KEY}", "5 tokens/day, 40 requests/minute, 9 requests/day") + ROUTE,
        ["agents-prod_mistral_default"],
    ),
    "a gateway of another name": (
        mistral("{env: A_KEY}") + ROUTE + "gateway: {name: other}\n",
        ["other_mistral_default"],
    ),
    "nothing that uses it": (mistral("{env: A_KEY}"), []),
    "billed by Cloudflare": (mistral("unified") + ROUTE, []),
    "not in use": (mistral("{env: A_KEY}") + "use: []\n", []),
    "a client with keys of its own": (mistral("{env: A_KEY}") + pi("primary: mistral/a", "keys: local"), []),
    "an open gateway": (
        mistral("{env: A_KEY}") + pi("primary: mistral/a", "keys: local") + "gateway: {authenticated: false}\n",
        [],
    ),
}


def opened(folder: Path, lines: str) -> Environment:
    (folder / "prod.yaml").write_text((ACCOUNT if "local:" not in lines else "") + TOKENS + lines)
    loaded = load(Files(folder, "stacks"), "prod", CAPABILITIES, {})
    assert loaded.environment is not None, loaded.diagnostics
    return loaded.environment


@pytest.mark.parametrize(("lines", "names"), CASES.values(), ids=CASES)
def test_stored_keys(tmp_path: Path, lines: str, names: list[str]) -> None:
    assert [key.secret for key in provider_keys(opened(tmp_path, lines))] == names


def test_unset_variables(tmp_path: Path) -> None:
    environment = opened(tmp_path, mistral("{env: A_KEY}") + ROUTE)
    assert unset_variables(environment, {}) == {"mistral": "A_KEY"}
    assert unset_variables(environment, {"A_KEY": "fake"}) == {}
    assert unset_variables(opened(tmp_path, mistral("{config: a}") + ROUTE), {}) == {}
    assert unset_variables(opened(tmp_path, mistral("{env: A_KEY}") + ROUTE + "local: true\n"), {}) == {}
