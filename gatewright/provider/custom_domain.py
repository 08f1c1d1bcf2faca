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


class CustomDomain(Resource):
    """Inputs: `accountId`, `gatewayId`, `hostname`, and `zoneId`, which Cloudflare is told at creation and never tells
    again, so that another one is no change. Outputs: the first three, `status`, and `cnameTarget`, what the host
    name's CNAME must point to. The id is the host name. Imported by <account>/<gateway>/<hostname>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {name: value for name, value in news.items() if value is not None}
        return inputs, failures(inputs, INPUTS, OPTIONAL)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes = compare(_place(old_inputs), _place(news), replace=tuple(INPUTS)).changes
        # a host name leads to one gateway at a time
        return Diff(changes, stables=["cnameTarget"], delete_before_replace="hostname" not in changes)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**_place(inputs), "status": UNKNOWN, "cnameTarget": UNKNOWN}
        zone = inputs.get("zoneId")
        made = self._domains(inputs).create(str(inputs["hostname"]), None if zone is None else str(zone))
        return made.hostname, {**_place(inputs), **_told(made)}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        if outputs:
            place = _place(outputs)
        else:
            account, gateway, hostname = imported(resource_id, "account", "gateway", "hostname")
            place = {"accountId": account, "gatewayId": gateway, "hostname": hostname}
        there = self._domains(place).get(str(place["hostname"]))
        return None if there is None else Found(there.hostname, {**inputs, **place}, {**place, **_told(there)})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return outputs

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._domains(outputs).delete(resource_id)

    def _domains(self, place: Object) -> CustomDomains:
        return CustomDomains(self._connect(), str(place["accountId"]), str(place["gatewayId"]))


def _place(values: Object) -> Object:
    return {name: values[name] for name in INPUTS if name in values}


def _told(domain: Domain) -> Object:
    return {"status": domain.status, "cnameTarget": domain.cname_target}
