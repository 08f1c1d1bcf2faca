"""Resources that exist at Cloudflare, imported by the ids in stacks/<environment>.import.json."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import pulumi

from gatewright.facts.resource_types import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.import_file import Entry


class Imports:
    """Gives resources the ids to import them by, as a transformation of the component at the top.

    An entry that matches no resource would mean that its resource is created a second time. While there are entries,
    the account's id, which everything at Cloudflare waits for, is therefore known only when the `with` has ended and
    each entry has been used.
    """

    def __init__(self, environment: str, entries: Sequence[Entry]) -> None:
        self._entries = {(entry.type, entry.name): entry for entry in entries}
        self._unused = dict(self._entries)
        self._environment = environment
        self._account: asyncio.Future[Any] | None = None
        self._account_id: Any = None

    def options(self) -> pulumi.ResourceOptions:
        """Options of the component at the top."""
        return pulumi.ResourceOptions(transformations=[self._transform] if self._entries else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if self._account is None:
            return
        if kind is None and not self._unused:
            self._account.set_result(self._account_id)
        else:
            self._account.set_exception(self._unused_error())

    def _unused_error(self) -> pulumi.RunError:
        names = ", ".join(entry.shown for entry in self._unused.values())
        return pulumi.RunError(
            f"stacks/{self._environment}.import.json names resources that {self._environment} does not have: {names} → "
            "Remove them there, or delete the file: what is imported stays imported"
        )

    def _transform(self, resource: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        props, opts = resource.props, resource.opts
        if resource.type_ == ACCOUNT:
            self._account, self._account_id = asyncio.get_running_loop().create_future(), props["accountId"]
            props = {**props, "accountId": self._account}
        if entry := self._entries.get((resource.type_, resource.name)):
            self._unused.pop((entry.type, entry.name), None)
            imported = pulumi.ResourceOptions(import_=entry.id, ignore_changes=list(entry.ignore_changes) or None)
            opts = pulumi.ResourceOptions.merge(opts, imported)
        return pulumi.ResourceTransformationResult(props, opts)
