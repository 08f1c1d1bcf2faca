"""What is at Cloudflare already: taken over by the id that stacks/<environment>.import.json gives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.import_file import Entry


class Imports:
    """Gives resources their ids to import by; as a transformation it reaches all below the component that has it.

    An entry that names no resource would mean that its resource is made anew: so while there are entries, `held` keeps
    back what everything of the account waits for, until the end of the `with` has seen each entry used.
    """

    def __init__(self, environment: str, entries: Sequence[Entry]) -> None:
        self._entries = {(entry.type, entry.name): entry for entry in entries}
        self._left = dict(self._entries)
        self._environment = environment
        self._released: asyncio.Future[str] | None = None
        self._value = ""

    def options(self) -> pulumi.ResourceOptions:
        """For the component at the top; none where nothing is taken over."""
        return pulumi.ResourceOptions(transformations=[self._import] if self._entries else None)

    def held(self, value: str) -> pulumi.Input[str]:
        """`value`, known when all resources are."""
        if not self._entries:
            return value
        self._value, self._released = value, asyncio.get_running_loop().create_future()
        return self._released

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if self._released is None:
            return
        if kind is None and not self._left:
            self._released.set_result(self._value)
        else:
            self._released.set_exception(self._unused())

    def _unused(self) -> pulumi.RunError:
        names = ", ".join(entry.shown for entry in self._left.values())
        return pulumi.RunError(
            f"stacks/{self._environment}.import.json names what {self._environment} does not have: {names} → "
            "Remove it there, or delete the file: what has been imported stays so"
        )

    def _import(self, given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        entry = self._entries.get((given.type_, given.name))
        if entry is None:
            return None
        self._left.pop((entry.type, entry.name), None)
        imported = pulumi.ResourceOptions(import_=entry.id, ignore_changes=list(entry.ignore_changes) or None)
        return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, imported))
