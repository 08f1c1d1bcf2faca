"""The address of the gateway in a client file, and the risk of a custom domain that is not active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.facts.resource_types import CUSTOM_DOMAIN
from gatewright.operations.plan.diffs.values import Difference, changed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Step

    Properties = Mapping[str, Any]


def active_domains(steps: Iterable[Step]) -> frozenset[str]:
    """The custom domains that were active at the last up or refresh."""
    domains = [step for step in steps if step.type == CUSTOM_DOMAIN]
    return frozenset(step.name for step in domains if "active" in (step.before.get("status"), step.after.get("status")))


def address_differences(
    environment: Environment, before: Properties, after: Properties, active: Collection[str]
) -> list[Difference]:
    """The change of the address in a client file, and a risk for each new address that does not answer yet."""
    old, new = _addresses(environment, before), _addresses(environment, after)
    added = [domain for domain in new if domain and domain not in old]
    differences = [changed("address", *map(_describe, (old, new)))] if old and new and old != new else []
    reasons = [f"its requests fail until {domain} is active" for domain in added if domain not in active]
    reasons += _new_variables(environment, before, after)
    return differences + [Difference("", Risk.CALLERS, reason, path="endpoint") for reason in reasons]


def _new_variables(environment: Environment, before: Properties, after: Properties) -> list[str]:
    """Why a client fails that begins to send the service token for Access and does not have it."""
    access, (old, new) = environment.gateway.access, (str(file.get("content", "")) for file in (before, after))
    if access is None or access.secret_variable not in new or access.secret_variable in old:
        return []
    return [f"it needs ${access.id_variable} and ${access.secret_variable} where it runs, for Access"]


def _addresses(environment: Environment, file: Properties) -> list[str | None]:
    """The custom domains in a file's content; None for Cloudflare's own address."""
    content = str(file.get("content", ""))
    return [domain for domain in (None, *environment.gateway.domains) if f"{environment.base_url(domain)}/" in content]


def _describe(addresses: Iterable[str | None]) -> str:
    return " and ".join(domain or "Cloudflare's" for domain in addresses)
