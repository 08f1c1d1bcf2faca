"""Resources of a provider: one class per type, over plain values.

    class Note(Resource):
        def check(self, urn, olds, news): ...          # -> (inputs with defaults, failures)
        def create(self, urn, inputs, *, preview): ... # -> (id, outputs)

Values are those of `gatewright.plugin.values`: a property may be UNKNOWN in a preview, and Secret at any time. The
outputs that a method returns become the state, so secrets must be returned as Secret. A method that fails raises a
GatewrightError, whose message and hint the user reads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.plugin.values import is_known, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.plugin.values import Object, Value


@frozen
class CheckFailure:
    """An invalid input: the property's path (`policies[0].effect`, or "" for the whole resource) and the reason."""

    property: str
    reason: str


class DiffKind(Enum):
    """How one property differs."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@frozen
class PropertyDiff:
    """One property that differs. `replace`: the change needs a new resource. `input_diff`: it was compared with the old
    inputs, otherwise with the old outputs."""

    kind: DiffKind
    replace: bool = False
    input_diff: bool = False


@frozen
class Diff:
    """The differences by property path. Without `changes` there is no change. `stables` are outputs that no update
    changes.

    Without `detailed` the engine itself compares the inputs to show a difference, and uses only names and replacements.
    """

    changes: Mapping[str, PropertyDiff] = field(default_factory=dict)
    stables: Sequence[str] = ()
    delete_before_replace: bool = False
    detailed: bool = True


@frozen
class ReadResult:
    """The result of a read: id, the inputs that a program would need, outputs."""

    id: str
    inputs: Object
    outputs: Object


class Resource(ABC):
    """One type of resource. `urn` is the full URN; `outputs` is the state that create, read or update returned."""

    @abstractmethod
    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        """The inputs with defaults, and all failures. `olds`: the last inputs, or {}."""

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:  # noqa: ARG002
        """The changes by the checked inputs `news`. Default: each top-level input that differs is an update."""
        return compare(old_inputs, news)

    @abstractmethod
    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        """Id and outputs of the new resource. In a preview: id "", and UNKNOWN for outputs that are not known yet."""

    @abstractmethod
    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        """The actual resource, or None if it does not exist. On an import `inputs` and `outputs` are {}."""

    @abstractmethod
    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        """The outputs after the update to `news`."""

    @abstractmethod
    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Delete the resource. `inputs` is {} where the state has none."""


def compare(olds: Mapping[str, Value], news: Mapping[str, Value], *, replace: Sequence[str] = ()) -> Diff:
    """The top-level properties of `news` that differ from `olds`; those in `replace` need a new resource.

    Secrets are compared by their values. A value that contains UNKNOWN counts as different.
    """
    changes = {}
    for name in sorted({*olds, *news}):
        if name not in news:
            kind = DiffKind.DELETE
        elif name not in olds:
            kind = DiffKind.ADD
        elif not is_known(news[name]) or reveal(olds[name]) != reveal(news[name]):
            kind = DiffKind.UPDATE
        else:
            continue
        changes[name] = PropertyDiff(kind, replace=name in replace, input_diff=True)
    return Diff(changes)
