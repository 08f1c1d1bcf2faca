"""The resources that the stack's state has when the program begins."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import pulumi

READ_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"
"""The engine's own function: {stackName} -> {outputs: by URN {type, outputs}}. Source: pulumi/pkg, builtins.go."""

_OWN_BACKEND: Final = "organization"
"""The organization of every stack in a backend that has no organizations."""


def recorded_outputs(resource_type: str) -> dict[str, dict[str, Any]]:
    """Name -> outputs of each resource of that type in the state; empty for a new stack.

    Cloudflare may have more: a resource whose creation was executed and never answered is in no state.
    """
    return {
        urn.rpartition("::")[2]: resource["outputs"]
        for urn, resource in _recorded(pulumi.runtime.settings.get_monitor(), _stack()).items()
        if resource["type"] == resource_type
    }


def recorded_ids(resource_type: str) -> dict[str, str]:
    """The same with the id of each resource only."""
    return {name: str(outputs["id"]) for name, outputs in recorded_outputs(resource_type).items()}


@lru_cache(maxsize=1)
def _recorded(_engine: object, stack: str) -> dict[str, dict[str, Any]]:
    """By URN: type and outputs. Asked once of each engine, which sends the whole state."""
    state = pulumi.runtime.invoke(READ_STATE, {"stackName": stack}).value or {}
    resources: dict[str, dict[str, Any]] = state.get("outputs", {})
    return resources


def _stack() -> str:
    organization = pulumi.get_organization()
    if organization in ("", _OWN_BACKEND):
        return pulumi.get_stack()
    return f"{organization}/{pulumi.get_project()}/{pulumi.get_stack()}"
