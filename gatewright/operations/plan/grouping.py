"""Group the engine's steps by resource, and resources that a plan lists as one: a stored key is two resources."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from gatewright.facts.resource_names import NAMES, resource_name
from gatewright.facts.resource_types import COMPONENTS, CONFIG_FILE, PROVIDER_CONFIG
from gatewright.frozen import frozen
from gatewright.operations.plan.diffs.values import is_masked, is_unknown
from gatewright.operations.plan.kinds import SECRET, TOKEN, Kind, kind_of
from gatewright.operations.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatewright.operations.stack.pulumi import Step

    Properties = Mapping[str, Any]

ORDER = tuple(NAMES)
_INTERNAL = ("pulumi:", COMPONENTS)
REFRESH = "refresh"
_REPLACE = {"replace", "create-replacement", "delete-replaced", "import-replacement"}
_ACTIONS = {"create": Action.CREATE, "update": Action.UPDATE, "delete": Action.DELETE, "import": Action.IMPORT}


@frozen
class Resource:
    """One resource with all its steps: a replacement takes three.

    `action` is None where it stays unchanged. `before` are the inputs in the state, `after` those of the program. After
    a refresh that found changes at Cloudflare, `before` has what it found there.
    `reported` are the paths that the plugin reports as differing. `is_displaced`: another version of a route is
    deployed than the stack's. `protected`: whether the engine refuses to delete it, before and after.
    """

    type: str
    name: str
    action: Action | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reported: tuple[str, ...]
    is_displaced: bool
    protected: tuple[bool, bool]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Resource:
        """The resource that `steps` are about."""
        refreshed = next((step for step in steps if step.operation == REFRESH), None)
        steps = [step for step in steps if step.operation != REFRESH]
        operations = [step.operation for step in steps]
        if _REPLACE.intersection(operations):
            action: Action | None = Action.REPLACE
        else:
            action = next((_ACTIONS[operation] for operation in operations if operation in _ACTIONS), None)
        before = next((step.old_inputs for step in steps if step.old_inputs), {})
        after = next((step.inputs for step in steps if step.operation not in ("delete", "delete-replaced")), {})
        if action is Action.UPDATE and refreshed and refreshed.after and steps[0].type != CONFIG_FILE:
            before, after = _with_found(before, after, refreshed, steps[0].after)
        return cls(
            steps[0].type,
            steps[0].name,
            action,
            before,
            after,
            reported=tuple(dict.fromkeys(path for step in steps for path in step.differing)),
            is_displaced=any("displacedVersionId" in step.before for step in steps),
            protected=steps[0].protected,
        )


@frozen
class ResourceGroup:
    """The resources that a plan lists as one, by their common name."""

    name: str
    kind_name: str
    resources: list[Resource] = field(default_factory=list)

    @property
    def main(self) -> Resource:
        """The resource that decides: of a key, the link to the gateway."""
        return next((each for each in self.resources if each.type == PROVIDER_CONFIG), self.resources[0])

    @property
    def kind(self) -> Kind:
        """The kind of the main resource."""
        return kind_of(self.main.type)

    @property
    def action(self) -> Action | None:
        """What happens to it. If only the secret of a key changes, the key is updated."""
        if self.main.action is None and self.main.type == PROVIDER_CONFIG:
            secrets = [each for each in self.resources if each.type == SECRET]
            return Action.UPDATE if any(secret.action for secret in secrets) else None
        return self.main.action


def _with_found(before: Properties, after: Properties, refreshed: Step, planned: Properties) -> tuple[Properties, ...]:
    """`before` and `after` with the properties that a refresh found changed.

    The inputs in the state have only parts of them. A property that the program does not set goes back to its value in
    the state before the refresh, unless the plugin plans to keep it.
    """
    found_before, found_after = dict(before), dict(after)
    names = [*kind_of(refreshed.type).watched, *(["status"] if refreshed.type == TOKEN else [])]
    for name in names:
        in_state, at_cloudflare = refreshed.before.get(name), refreshed.after.get(name)
        if in_state == at_cloudflare or is_masked([in_state, at_cloudflare]):
            continue
        found_before[name] = at_cloudflare
        if name not in after:
            kept = planned.get(name)
            found_after[name] = in_state if kept is None or is_unknown(kept) else kept
    return _without_nulls(found_before), _without_nulls(found_after)


def _without_nulls(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if value is not None}


def group_steps(steps: Iterable[Step]) -> list[ResourceGroup]:
    """The resources of the steps in the order of a plan: by kind and name, since the engine's order varies."""
    by_resource: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        if not step.type.startswith(_INTERNAL):
            by_resource.setdefault((step.type, step.name), []).append(step)
    groups: dict[tuple[str, str], ResourceGroup] = {}
    for (type_, name), own_steps in by_resource.items():
        if all(step.operation == REFRESH for step in own_steps):
            continue  # deleted at Cloudflare, and no longer declared
        kind = resource_name(type_)
        group = groups.setdefault((kind, name), ResourceGroup(name, kind))
        group.resources.append(Resource.of(own_steps))
    return sorted(groups.values(), key=_position)


def _position(group: ResourceGroup) -> tuple[int, str]:
    types = [resource.type for resource in group.resources]
    return min(ORDER.index(type_) if type_ in ORDER else len(ORDER) for type_ in types), group.name
