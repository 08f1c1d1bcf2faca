"""The policies of a gateway: who may call which models, and for how much (Cloudflare's beta)."""

from __future__ import annotations

from typing import Any

from gatewright.environment.quantities import Quantity
from gatewright.environment.shapes.base import Exactly, ListOf
from gatewright.environment.shapes.scalars import QuantityShape, Text, words
from gatewright.environment.shapes.sections import setting
from gatewright.facts.gateway_policies import ALL, ALWAYS, BLOCK, EVERYONE, LIMIT, NO_LIMIT, PERIODS
from gatewright.frozen import frozen

ALLOW, DENY = "allow", "deny"
POLICY_NAME = r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"

_NAMES = ListOf(Text(one_line=True), least=1)


@frozen
class GatewayPolicy:
    """One policy. Every policy that matches a request is evaluated: a deny wins, and what none allows is refused."""

    effect: str = setting(
        words(ALLOW, DENY), "Whether matching requests are allowed or refused (403).", required=True, sent_as="action"
    )
    models: tuple[str, ...] = setting(
        _NAMES,
        "Only these models, by Cloudflare's ids: openai/gpt-5.5. `*` stands for anything but a slash. Default: all.",
        default=(),
        sent_as="resource.model",
    )
    providers: tuple[str, ...] = setting(
        _NAMES, "Only these providers, by Cloudflare's slugs. Default: all.", default=(), sent_as="resource.provider"
    )
    except_: bool = setting(
        Exactly(written=True, meaning=True),
        "Of a deny: refuse everything but these models and providers. They need an allow as well.",
        default=False,
        sent_as="action.except",
    )
    when: str = setting(
        Text("a CEL expression", longest=10_000),
        "A condition in CEL on metadata.<key>, cf.country, cf.user.id, cf.user.email, cf.user.groups and "
        "cf.custom.<claim>. Clients set metadata themselves; cf.user is known only behind Cloudflare Access. A deny "
        "applies to requests that lack a field of its condition, an allow does not.",
        default=ALWAYS,
        sent_as="condition",
    )
    limit: Quantity | None = setting(
        QuantityShape(("USD",), "50 USD/month"),
        "Of an allow: up to how much per calendar hour, day, week or month in UTC. Beyond it requests are refused "
        "(429).",
        sent_as="action",
    )
    actor: str = setting(
        Text("a name for the budget", longest=500, one_line=True),
        "Who shares the limit. Fields in braces give each value a separate one: `user:{metadata.user}`. An allow does "
        "not apply to a request that lacks the field.",
        default=EVERYONE,
        sent_as="actor",
    )

    @property
    def period(self) -> str | None:
        """Cloudflare's name for the limit's period; None for one that it does not have."""
        periods = {seconds: name for name, seconds in PERIODS.items()}
        return periods.get(self.limit.period) if self.limit else None

    @property
    def body(self) -> dict[str, Any]:
        """The policy as the API has it, without its name."""
        named = {"model": list(self.models), "provider": list(self.providers)}
        resource = {kind: names for kind, names in named.items() if names}
        return {"actor": self.actor, "resource": resource or ALL, "condition": self.when, "action": self._action}

    @property
    def _action(self) -> dict[str, Any]:
        if self.effect == DENY:
            return {"type": BLOCK, "except": True} if self.except_ else {"type": BLOCK}
        if self.limit is None:
            return {"type": NO_LIMIT}
        return {"type": LIMIT, "amount": self.limit.amount, "period": self.period, "technique": "named-interval"}
