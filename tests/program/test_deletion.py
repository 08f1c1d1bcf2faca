"""What the engine may delete: the options that the program registers its resources with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import GET_SECRETS
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright_components.environment_file.program import LoadedProgram, exports, register
from gatewright_components.stack_state import READ_STATE

from .registrations import registrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment

ROUTES = "routes: {fast: [mistral/mistral-tiny, groq/llama-3.1-8b]}"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in ("GROQ", "MISTRAL"):
        monkeypatch.setenv(f"{provider}_API_KEY", f"fake-key-of-{provider}")


def options(environment: Environment, option: str) -> dict[str, list[Any]]:
    """The values of an option by the type of the resources that have it."""
    loaded = LoadedProgram(environment, [])
    functions = {READ_STATE: {"outputs": {}}, GET_SECRETS: {"names": []}}
    found = registrations(lambda: exports(loaded, register(loaded)), functions, {}, preview=False)
    result: dict[str, list[Any]] = {}
    for registration in found.values():
        if registration.get(option):
            result.setdefault(registration["type"], []).append(registration[option])
    return result


@pytest.mark.parametrize(
    ("lines", "expected"),
    [([], {AI_GATEWAY.token: [True]}), (["protect: true"], {AI_GATEWAY.token: [True]}), (["protect: false"], {})],
)
def test_only_the_gateway_is_protected(
    declared: Callable[..., Environment], lines: list[str], expected: dict[str, list[bool]]
) -> None:
    assert options(declared(ROUTES, *lines), "protect") == expected


def test_the_engine_never_deletes_a_stored_key_itself(declared: Callable[..., Environment]) -> None:
    assert options(declared(ROUTES), "retainOnDelete") == {SECRETS_STORE_SECRET.token: [True, True]}
