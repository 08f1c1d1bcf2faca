"""`gatewright:index:Account`: the Cloudflare account that a stack belongs to.

It creates nothing. It is in the state so that another account is rejected before anything is planned: with another
account every resource of the stack would be replaced.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN

if TYPE_CHECKING:
    from gatewright.plugin.values import Object


class Account(Resource):
    """Input and output: `accountId`, which is also the id."""

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        old, new = olds.get("accountId"), news.get("accountId")
        if new is not UNKNOWN and not (isinstance(new, str) and new):
            return news, [CheckFailure("accountId", "the id of a Cloudflare account is required, as plain text")]
        if old and new is not UNKNOWN and old != new:
            return news, [CheckFailure("", _another_account(urn, old, new))]
        return {"accountId": new}, []

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return compare(old_inputs, news, replace=["accountId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        return "" if preview else str(inputs["accountId"]), inputs

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult:
        properties: Object = {"accountId": resource_id}
        return ReadResult(resource_id, properties, properties)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return news

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Nothing was created."""


def _another_account(urn: str, old: object, new: object) -> str:
    stack = urn.split(":")[2]
    return (
        f"stack {stack} belongs to account {old}, the environment now says {new}: everything in it would be "
        f"replaced. Restore the account, use another stack for the other account (`pulumi stack init NAME`), or "
        f"destroy this one first (`pulumi destroy -s {stack}`, with its own account)"
    )
