"""`gatewright:index:CustomDomain`: a custom domain of a gateway, which Cloudflare's provider lacks."""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import check_inputs, parse_import_id, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain as Domain
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str, "gatewayId": str, "hostname": str}
OPTIONAL: dict[str, type] = {"zoneId": str}


class CustomDomain(Resource):
    """Inputs: `accountId`, `gatewayId`, `hostname`, and `zoneId`, which Cloudflare uses at creation and never returns:
    another zone is not a change. Outputs: the first three, `status`, and `cnameTarget`, the target of the CNAME. The id
    is the host name. Import id: <account>/<gateway>/<hostname>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs = without_nulls(news)
        return inputs, check_inputs(inputs, REQUIRED, OPTIONAL)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes = compare(_identity(old_inputs), _identity(news), replace=tuple(REQUIRED)).changes
        # a host name belongs to one gateway at a time
        return Diff(changes, stables=["cnameTarget"], delete_before_replace="hostname" not in changes)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**_identity(inputs), "status": UNKNOWN, "cnameTarget": UNKNOWN}
        zone = inputs.get("zoneId")
        domain = self._domains(inputs).create(str(inputs["hostname"]), None if zone is None else str(zone))
        return domain.hostname, {**_identity(inputs), **_computed(domain)}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        if outputs:
            identity = _identity(outputs)
        else:
            account, gateway, hostname = parse_import_id(resource_id, "account", "gateway", "hostname")
            identity = {"accountId": account, "gatewayId": gateway, "hostname": hostname}
        domain = self._domains(identity).get(str(identity["hostname"]))
        if domain is None:
            return None
        return ReadResult(domain.hostname, {**inputs, **identity}, {**identity, **_computed(domain)})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return outputs

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._domains(outputs).delete(resource_id)

    def _domains(self, properties: Object) -> CustomDomains:
        return CustomDomains(self._connect(), str(properties["accountId"]), str(properties["gatewayId"]))


def _identity(properties: Object) -> Object:
    return {name: properties[name] for name in REQUIRED if name in properties}


def _computed(domain: Domain) -> Object:
    return {"status": domain.status, "cnameTarget": domain.cname_target}
