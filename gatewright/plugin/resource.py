"""What a resource of a small provider is: one class per type, plain values in, plain values out.

    class Note(Resource):
        def check(self, urn, olds, news): ...          # complete the inputs, or say all that is wrong with them
        def create(self, urn, inputs, *, preview): ... # -> (id, outputs)

Values are those of `gatewright.plugin.values`: a property may be UNKNOWN in a preview and Secret at any time. What a
method returns becomes the state as it is, so secrets must be returned as Secret. A method that cannot do its work
raises a GatewrightError: its message and hint are what the user reads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from gatewright.plugin.values import is_known, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.plugin.values import Object, Value


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that cannot be used: the property's path (`policies[0].effect`, or "" for the whole) and why."""

    property: str
    reason: str


class Kind(Enum):
    """What happens to one property."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True, slots=True)
class Change:
    """One property that differs. `replace`: only a new resource can have it so. `input_diff`: compared with the old
    inputs; otherwise with the old outputs."""

    kind: Kind
    replace: bool = False
    input_diff: bool = False


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs, by property path; no `changes`, no change. `stables` are outputs that no update can touch.

    Without `detailed` the engine compares the inputs itself for what it shows; only names and replacements count then.
    """

    changes: Mapping[str, Change] = field(default_factory=dict)
    stables: Sequence[str] = ()
    delete_before_replace: bool = False
    detailed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a read found: id, inputs as a program would have to write them, outputs."""

    id: str
    inputs: Object
    outputs: Object


class Resource(ABC):
    """One type of resource. `urn` is its whole URN; `outputs` is the state that create, read or update returned."""

    @abstractmethod
    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        """The inputs with defaults filled in, and all that is wrong with them. `olds`: the last inputs, or {}."""

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:  # noqa: ARG002
        """What the checked inputs `news` would change; here: the top-level inputs that differ, each as an update."""
        return compare(old_inputs, news)

    @abstractmethod
    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        """Id and outputs of the new resource. In a preview: id "", and UNKNOWN for what cannot be known yet."""

    @abstractmethod
    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        """What there is now, or None if it is gone. On an import `inputs` and `outputs` are {}."""

    @abstractmethod
    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        """The outputs after the update to `news`."""

    @abstractmethod
    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Remove it. `inputs` is {} for a state written without."""


def compare(olds: Mapping[str, Value], news: Mapping[str, Value], *, replace: Sequence[str] = ()) -> Diff:
    """The top-level properties of `news` that differ from `olds`; those in `replace` need a new resource.

    Secrets are compared by what they hold; a value that holds an UNKNOWN counts as different.
    """
    changes = {}
    for name in sorted({*olds, *news}):
        if name not in news:
            kind = Kind.DELETE
        elif name not in olds:
            kind = Kind.ADD
        elif not is_known(news[name]) or reveal(olds[name]) != reveal(news[name]):
            kind = Kind.UPDATE
        else:
            continue
        changes[name] = Change(kind, replace=name in replace, input_diff=True)
    return Diff(changes)
