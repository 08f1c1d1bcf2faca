"""Remove known secrets from a plan before anyone sees it.

Secrets are known from the environment, not guessed from the text: the variables that its files name by {env: …}, and
those that deploy it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.references import FromConfig, FromVariable
from gatewright.operations.plan.diffs.values import SECRET
from gatewright.redaction.secret_mask import SecretMask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.model import Change, Plan

DEPLOYING = (
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_ACCESS_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
)


class Mask(SecretMask):
    """Replaces the secrets in a plan by `[secret]`."""

    @classmethod
    def of(cls, environment: Environment, shell: Mapping[str, str], more: Iterable[str] = ()) -> Mask:
        """The secrets in `shell` that the environment names or that deploy it, and `more`."""
        variables = {each.name for each in references(environment) if isinstance(each, FromVariable)}
        variables |= {client.variable for client in environment.clients.values()}
        variables |= {environment.deploy_variable, *DEPLOYING}
        return cls([*(shell.get(name, "").strip() for name in variables), *more], SECRET)

    def plan(self, plan: Plan) -> Plan:
        """`plan` without the secrets."""
        changes = tuple(map(self._change, plan.changes)) if self else plan.changes
        return replace(plan, changes=changes, notes=self._texts(plan.notes))

    def _change(self, change: Change) -> Change:
        flowcharts = change.flowcharts and (self.text(change.flowcharts[0]), self.text(change.flowcharts[1]))
        return replace(
            change,
            differences=self._texts(change.differences),
            risks=self._texts(change.risks),
            diff=self.text(change.diff),
            flowcharts=flowcharts,
        )

    def _texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self.text, texts))


def references(environment: Environment) -> Iterator[FromVariable | FromConfig]:
    """Every secret that the environment's files name and a run sends."""
    for provider in environment.providers.values():
        if isinstance(provider.key, FromVariable | FromConfig):
            yield provider.key
    yield from gateway_references(environment)


def gateway_references(environment: Environment) -> Iterator[FromVariable | FromConfig]:
    """The secrets of the gateway: for the services that get traces and usage."""
    for exporter in environment.gateway.otel:
        yield from exporter.headers.values()
        if exporter.authorization:
            yield exporter.authorization
    if environment.gateway.stripe:
        yield environment.gateway.stripe.authorization
