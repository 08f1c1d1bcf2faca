"""Where in the environment's files a change comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.generations import token_of_generation
from gatewright.facts import resource_types
from gatewright.operations.plan import kinds
from gatewright.operations.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Location
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.diffs.values import Difference
    from gatewright.operations.plan.grouping import Subject


def location_of(
    root: Node | None, environment: Environment, subject: Subject, action: Action, said: Sequence[Difference]
) -> Location | None:
    """The deepest place that is written for a change: of the setting that is said first, else of the whole thing. None
    for what is written nowhere: a default, or what is gone."""
    if root is None or action is Action.DELETE:
        return None
    first = next((each.path for each in said if each.path), "")
    return _deepest(root, [*_keys(environment, subject), *filter(None, first.split("."))])


def _keys(environment: Environment, subject: Subject) -> list[str]:
    name = subject.name
    match subject.main.type:
        case kinds.GATEWAY:
            return ["gateway"]
        case kinds.TOKEN:
            return ["tokens", token_of_generation(name, environment.tokens)]
        case resource_types.DYNAMIC_ROUTE:
            return ["routes", name]
        case resource_types.CUSTOM_DOMAIN | kinds.CNAME:
            return ["gateway", "domains", name]
        case resource_types.CUSTOM_PROVIDER:
            return ["providers", name]
        case resource_types.PROVIDER_CONFIG | kinds.SECRET:
            return ["providers", name, "key"]
        case resource_types.CONFIG_FILE:
            return ["clients", name.partition("/")[0].partition(".")[0]]
    return []


def _deepest(root: Node, keys: Sequence[str]) -> Location | None:
    """Where the deepest of `keys` stands; None where not even the thing itself is written."""
    node, location = root, None
    for key in keys:
        entry = node.entries.get(key)
        if entry is None:
            break
        node, location = entry.node, entry.key_location
    return location
