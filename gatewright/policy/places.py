"""The place in an environment file of the value that breaks a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cel import chains
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.diagnostics import Location
    from gatewright.environment.nodes import Node
    from gatewright.policy.rules import CompiledRule
    from gatewright.policy.view import Subject, View

_COMPUTED = {"validity": (("rotate", "lifetime"), ("rotate", "every"), ("expires",))}
"""Keys of the view that are not in the file, with the settings that they follow from."""


@frozen
class Place:
    """A location and the path that messages show."""

    location: Location
    path: str


def place_of(rule: CompiledRule, subject: Subject, view: View, root: Node) -> Place:
    """The first value in the file that `require` names; otherwise where it would stand, or the subject."""
    paths = [*_paths(rule, subject)]
    for path in paths:
        node = root.at(*path)
        if node is not None and path != subject.path:
            return Place(node.location, ".".join(path))
    kind = rule.rule.for_
    if kind == "model":
        use = view.used_models[subject.name]
        return Place(use.location, use.path)
    if kind == "provider" and (place := _in_use(subject.name, root)):
        return place
    computed = {(*subject.path, *keys) for settings in _COMPUTED.values() for keys in settings}
    path = next((path for path in paths if path not in computed), subject.path)
    return Place(root.removed_at(*path) or root.location_at(*path), ".".join(path))


def _paths(rule: CompiledRule, subject: Subject) -> Iterator[tuple[str, ...]]:
    """The paths of the settings that `require` names, in their order, those of the subject first."""
    named = [chain.names for chain in chains(rule.require.text)]
    for names in named:
        if names[0] == rule.rule.for_ and names[0] != "environment":
            for keys in _COMPUTED.get(names[1], (names[1:],)) if len(names) > 1 else ():
                yield (*subject.path, *keys)
    for first, *below in named:
        if first == "gateway":
            yield ("gateway", *below)
        elif first == "environment" and below and below[0] != "name":
            yield tuple(below)


def _in_use(provider: str, root: Node) -> Place | None:
    """The entry of `use` that enables a provider."""
    use = root.at("use")
    for index, item in enumerate(use.value if use is not None and isinstance(use.value, list) else ()):
        if item.value == provider:
            return Place(item.location, f"use[{index}]")
    return None
