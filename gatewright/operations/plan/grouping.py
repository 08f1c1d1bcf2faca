"""The engine's steps by what they are about: a stored key is two resources, a replaced one three steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.facts.resource_types import COMPONENTS, PROVIDER_CONFIG
from gatewright.operations.plan.kinds import KEY, KINDS, SECRET, Kind, kind_of
from gatewright.operations.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.operations.stack.pulumi import Step

ORDER = tuple(KINDS)
_INTERNAL = ("pulumi:", COMPONENTS)
_REPLACES = {"replace", "create-replacement", "delete-replaced", "import-replacement"}
_ACTIONS = {"create": Action.CREATE, "update": Action.UPDATE, "delete": Action.DELETE, "import": Action.IMPORT}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, whatever number of steps it takes; `action` is None where nothing happens to it."""

    type: str
    name: str
    steps: tuple[Step, ...]

    @property
    def action(self) -> Action | None:
        done = [step.operation for step in self.steps]
        if _REPLACES.intersection(done):
            return Action.REPLACE
        return next((_ACTIONS[each] for each in done if each in _ACTIONS), None)

    @property
    def old(self) -> Mapping[str, Any]:
        """The inputs that the state has."""
        return next((step.old_inputs for step in self.steps if step.old_inputs), {})

    @property
    def new(self) -> Mapping[str, Any]:
        """The inputs that the program gives."""
        return next((step.inputs for step in self.steps if step.operation not in ("delete", "delete-replaced")), {})

    @property
    def differing(self) -> tuple[str, ...]:
        """What the plugin says differs."""
        return tuple(dict.fromkeys(path for step in self.steps for path in step.differing))

    @property
    def displaced(self) -> bool:
        """Whether it is a route of which another version runs than the stack deployed last."""
        return any("displacedVersionId" in step.before for step in self.steps)

    @property
    def protected(self) -> tuple[bool, bool]:
        """Whether the engine refuses to delete it, before and now."""
        return next((step.protected for step in self.steps), (False, False))


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing of an environment: `kind` and `name` as a plan has them, and the resources that it is."""

    kind: Kind
    name: str
    resources: list[Resource] = field(default_factory=list)

    def resource(self, kind: str) -> Resource | None:
        """Its resource of type `kind`."""
        return next((each for each in self.resources if each.type == kind), None)

    @property
    def main(self) -> Resource:
        """The one that it is mostly about: of a key the link to the gateway, which goes with its secret."""
        return self.resource(PROVIDER_CONFIG) or self.resources[0]

    @property
    def action(self) -> Action | None:
        """What happens to it. A key's link decides; its secret alone is changed at most."""
        if self.main.action or self.kind.name != KEY or self.main.type != PROVIDER_CONFIG:
            return self.main.action
        secret = self.resource(SECRET)
        return Action.UPDATE if secret and secret.action else None


def subjects(steps: Iterable[Step]) -> list[Subject]:
    """What the engine looked at, in the order in which it is shown."""
    by_resource: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        if not step.type.startswith(_INTERNAL):
            by_resource.setdefault((step.type, step.name), []).append(step)
    found: dict[tuple[str, str], Subject] = {}
    for (kind, name), of_it in by_resource.items():
        subject = found.setdefault((kind_of(kind).name, name), Subject(kind_of(kind), name))
        subject.resources.append(Resource(kind, name, tuple(of_it)))
    return sorted(found.values(), key=_place)


def _place(subject: Subject) -> tuple[int, str]:
    """By kind and name: the engine's order is another one at every run."""
    types = [each.type for each in subject.resources]
    return min(ORDER.index(each) if each in ORDER else len(ORDER) for each in types), subject.name
