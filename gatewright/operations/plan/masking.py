"""The last look at a plan before anyone sees it: no value that is known to be a secret stands in it.

What is secret is known from the environment, not guessed from the text: whatever its files name by {env: …}, and what
a deploying shell holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.references import FromVariable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.references import FromConfig
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.model import Change, Plan

SECRET = "[secret]"  # noqa: S105  # what stands for one
LEAST = 8
"""Characters: what is shorter is a word like any other, and no key."""
DEPLOYING = ("CLOUDFLARE_API_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN")


class Mask:
    """Puts `[secret]` in place of each of `values`, longest first."""

    def __init__(self, values: Iterator[str]) -> None:
        self._values = sorted({value for value in values if len(value) >= LEAST}, key=len, reverse=True)

    @classmethod
    def of(cls, environment: Environment, shell: Mapping[str, str]) -> Mask:
        """What `shell` holds of the secrets that the environment names, and of those that deploy it."""
        variables = {each.name for each in references(environment) if isinstance(each, FromVariable)}
        variables |= {client.variable for client in environment.clients.values()} | {*DEPLOYING}
        return cls(shell.get(name, "").strip() for name in variables)

    def text(self, text: str) -> str:
        """`text` without them."""
        for value in self._values:
            text = text.replace(value, SECRET)
        return text

    def plan(self, plan: Plan) -> Plan:
        """The same plan, without them."""
        changes = tuple(map(self._change, plan.changes)) if self._values else plan.changes
        return replace(plan, changes=changes, notes=self._texts(plan.notes))

    def _change(self, change: Change) -> Change:
        graphs = change.graphs and (self.text(change.graphs[0]), self.text(change.graphs[1]))
        return replace(
            change,
            words=self._texts(change.words),
            risks=self._texts(change.risks),
            diff=self.text(change.diff),
            graphs=graphs,
        )

    def _texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self.text, texts))


def references(environment: Environment) -> Iterator[FromVariable | FromConfig]:
    """Every secret that the environment's files name and a run sends."""
    from gatewright.environment.references import FromConfig

    for provider in environment.providers.values():
        if isinstance(provider.key, FromVariable | FromConfig):
            yield provider.key
    yield from gateway_references(environment)


def gateway_references(environment: Environment) -> Iterator[FromVariable | FromConfig]:
    """Those of the gateway itself: where traces and usage are sent."""
    for exporter in environment.gateway.otel:
        yield from exporter.headers.values()
        if exporter.authorization:
            yield exporter.authorization
    if environment.gateway.stripe:
        yield environment.gateway.stripe.authorization
