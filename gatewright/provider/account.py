"""`gatewright:index:Account`: the Cloudflare account that a stack belongs to.

It creates nothing. It stands in the state so that another account is refused before anything is planned: with another
one, every resource of the stack would be replaced.
"""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.plugin.resource import Diff, Failure, Found, Resource, compare
from gatewright.plugin.values import UNKNOWN

if TYPE_CHECKING:
    from gatewright.plugin.values import Object


class Account(Resource):
    """Input and output: `accountId`, which is the id as well."""

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        before, now = olds.get("accountId"), news.get("accountId")
        if now is not UNKNOWN and not (isinstance(now, str) and now):
            return news, [Failure("accountId", "the id of a Cloudflare account is needed, in clear")]
        if before and now is not UNKNOWN and before != now:
            return news, [Failure("", _moved(urn, before, now))]
        return {"accountId": now}, []

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return compare(old_inputs, news, replace=["accountId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        return "" if preview else str(inputs["accountId"]), inputs

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found:
        found: Object = {"accountId": resource_id}
        return Found(resource_id, found, found)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return news

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Nothing was created."""


def _moved(urn: str, before: object, now: object) -> str:
    stack = urn.split(":")[2]
    return (
        f"stack {stack} belongs to account {before}, the environment now says {now}: everything in it would be "
        f"replaced. Set the account back, use another stack for the other account (`pulumi stack init NAME`), or "
        f"destroy this one first (`pulumi destroy -s {stack}`, with the account it has)"
    )
