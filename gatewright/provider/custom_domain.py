"""`gatewright:index:CustomDomain`: a host name of a gateway's own, for which upstream has no resource."""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.plugin.resource import Diff, Failure, Found, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import failures, imported

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain as Domain
    from gatewright.plugin.values import Object

INPUTS: dict[str, type] = {"accountId": str, "gatewayId": str, "hostname": str}
OPTIONAL: dict[str, type] = {"zoneId": str}
_MOVES = ("accountId", "gatewayId", "hostname")


class CustomDomain(Resource):
    """Inputs: `accountId`, `gatewayId`, `hostname`, and `zoneId`, which Cloudflare is told and does not tell again: it
    is remembered, and a change of it sends nothing. Outputs: these, `status` and `cnameTarget`, what the host name's
    CNAME must point to. The id is the host name. Imported by <account>/<gateway>/<hostname>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {name: value for name, value in news.items() if value is not None}
        return inputs, failures(inputs, INPUTS, OPTIONAL)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes = compare(old_inputs, news, replace=_MOVES).changes
        # a host name leads to one gateway at a time
        return Diff(changes, stables=["cnameTarget"], delete_before_replace="hostname" not in changes)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**inputs, "status": UNKNOWN, "cnameTarget": UNKNOWN}
        zone = inputs.get("zoneId")
        made = self._domains(inputs).create(str(inputs["hostname"]), None if zone is None else str(zone))
        return made.hostname, {**inputs, **_told(made)}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        if outputs:
            known: Object = {name: outputs[name] for name in (*INPUTS, *OPTIONAL) if name in outputs}
        else:
            account, gateway, hostname = imported(resource_id, "account", "gateway", "hostname")
            known = {"accountId": account, "gatewayId": gateway, "hostname": hostname}
        there = self._domains(known).get(str(known["hostname"]))
        return None if there is None else Found(there.hostname, known, {**known, **_told(there)})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return {**news, "status": outputs["status"], "cnameTarget": outputs["cnameTarget"]}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._domains(outputs).delete(resource_id)

    def _domains(self, place: Object) -> CustomDomains:
        return CustomDomains(self._connect(), str(place["accountId"]), str(place["gatewayId"]))


def _told(domain: Domain) -> Object:
    return {"status": domain.status, "cnameTarget": domain.cname_target}
