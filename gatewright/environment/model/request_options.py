"""Options of single requests, which clients send as headers.

Source: Cloudflare's documentation of the gateway's request headers and of its REST API, 2026. The page of the REST API
lists neither cf-aig-zdr nor cf-aig-custom-cost.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from gatewright.environment.shapes.base import ListOf
from gatewright.environment.shapes.metadata import SessionShape
from gatewright.environment.shapes.scalars import BoolShape, DurationShape, Number, Text
from gatewright.environment.shapes.sections import Section, setting
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.environment.quantities import Duration
    from gatewright.environment.references import FromVariable

_PRICE = Number(0, fractions=True)


@frozen
class RequestCache:
    """Caching of these requests, whatever the gateway's setting: one of `ttl` and `skip`."""

    ttl: Duration | None = setting(
        DurationShape("60s", "30d", "Cloudflare keeps a response (1 month)", seconds=True),
        "How long a response is cached.",
        sent_as="cf-aig-cache-ttl",
    )
    skip: bool = setting(BoolShape(), "Do not use the cache.", default=False, sent_as="cf-aig-skip-cache")


@frozen
class RequestLogs:
    """What the gateway logs of these requests, whatever its setting."""

    collect: bool | None = setting(BoolShape(), "Whether they are logged.", sent_as="cf-aig-collect-log")
    payload: bool | None = setting(
        BoolShape(),
        "Whether the log has their prompts and responses, in clear text.",
        sent_as="cf-aig-collect-log-payload",
    )


@frozen
class RequestCost:
    """What these requests cost in logs and for spend limits: `total`, or `input` and `output`. Bills do not change."""

    total: float | None = setting(_PRICE, "USD for each request.")
    input: float | None = setting(_PRICE, "USD per million input tokens.")
    output: float | None = setting(_PRICE, "USD per million output tokens.")


_NAMES = ListOf(Text("a name without a comma", r"^[^,\s]+$", one_line=True), least=1)


@frozen
class AutoRouter:
    """What Cloudflare's Auto Router, the model cloudflare/auto, chooses from for these requests."""

    models: tuple[str, ...] = setting(
        _NAMES,
        "Only these models, in place of the default ones: anthropic/*. `*` stands for anything but a slash.",
        default=(),
        sent_as="cf-aig-allowed-models",
    )
    providers: tuple[str, ...] = setting(
        _NAMES, "Only models of these providers.", default=(), sent_as="cf-aig-allowed-providers"
    )
    affinity: bool = setting(
        BoolShape(),
        "Whether a session keeps its model for a whole turn; false: a model is chosen for each request.",
        default=True,
        sent_as="cf-aig-no-session-affinity",
    )


@frozen
class RequestOptions:
    """The options of a client's or a role's requests; None for those that are not set."""

    cache: RequestCache | None = setting(
        Section(RequestCache, whole=True), "Caching of the requests: {ttl: 1h} or {skip: true}."
    )
    logs: RequestLogs | None = setting(Section(RequestLogs), "What is logged of the requests.")
    zero_data_retention: bool | None = setting(
        BoolShape(),
        "Whether Cloudflare only uses endpoints of providers that keep no data; for Unified Billing alone.",
        sent_as="cf-aig-zdr",
    )
    cost: RequestCost | None = setting(
        Section(RequestCost, whole=True),
        "Prices of your own, for logs and spend limits: {total: 0.01}, or {input: 0.5, output: 1.5} in USD per million "
        "tokens.",
        sent_as="cf-aig-custom-cost",
    )
    session: str | FromVariable | None = setting(
        SessionShape(),
        "The id of the session, which the Auto Router keeps with one model: a text, or {env: NAME} for a variable that "
        "the client reads.",
        sent_as="cf-aig-session-id",
    )

    auto_router: AutoRouter | None = setting(
        Section(AutoRouter, whole=True), "What the Auto Router (cloudflare/auto) chooses from: {models: [anthropic/*]}."
    )

    def options(self) -> dict[str, Any]:
        """The options that are set, by the names of the fields."""
        values = {item.name: getattr(self, item.name) for item in fields(RequestOptions)}
        return {name: value for name, value in values.items() if value is not None}

    def over(self, other: RequestOptions) -> RequestOptions:
        """These options, and those of `other` that are not set here."""
        return RequestOptions(**{**other.options(), **self.options()})
