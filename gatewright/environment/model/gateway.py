"""The settings of an AI Gateway in a file's names and units.

A setting that is one field of Cloudflare's API is an `api_setting`: its shape, its values and their limits are the
field's (gatewright/facts/gateway.py). From both follow the body, its inverse, the words and the risk of a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.environment.model.gateway_domains import CLOUDFLARE, ENDPOINT, HOST_NAME, Domain, DomainAccess
from gatewright.environment.model.gateway_guards import Dlp, Guardrails, SpendRule
from gatewright.environment.model.gateway_policies import POLICY_NAME, GatewayPolicy
from gatewright.environment.quantities import Duration, Quantity, parse_quantity
from gatewright.environment.references import Secret
from gatewright.environment.risks import Risk, RiskReason, becomes, limit_risk, lowered
from gatewright.environment.shapes.api_fields import shape_of
from gatewright.environment.shapes.base import Exactly, ListOf, NotAvailable, OneOf, Shape, TableOf
from gatewright.environment.shapes.references import SecretReference
from gatewright.environment.shapes.scalars import DurationShape, QuantityShape, Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.facts.gateway import AI_GATEWAY, OTELS, SPEND_LIMITS
from gatewright.frozen import frozen


def api_setting(field: str, description: str, *, shape: Shape | None = None, what: str = "", **more: Any) -> Any:
    """A setting that is sent as one field of the API; `shape` is for one that accepts less than the API does."""
    return setting(shape or shape_of(AI_GATEWAY.api_field(field), what), description, sent_as=field, **more)


def default_gateway_name(environment: str) -> str:
    """The name of the gateway of an environment that declares none."""
    return f"agents-{environment}"


def switch(model: type, example: str) -> OneOf:
    """false, or the section."""
    return OneOf((Exactly(written=False, meaning=None), Section(model, whole=True)), f"false, or {example}")


def rate_limit_risk(before: str | None, after: str | None) -> RiskReason | None:
    """The risk of another rate limit, in the file's words."""
    old, new = (parse_quantity(limit) if limit else None for limit in (before, after))
    return limit_risk("rate limit", old, new)


def retry_risk(before: int | None, after: int | None) -> RiskReason | None:
    """The risk of another number of attempts; one attempt is no retry."""
    ends = (before or 1) > 1 >= (after or 1)
    return (Risk.CALLERS, "failed requests are no longer retried") if ends else None


@frozen
class Cache:
    """Caching of responses."""

    ttl: Duration = api_setting(
        "cache_ttl",
        "How long a response is cached.",
        shape=DurationShape("1s", "30d", "Cloudflare keeps a response (1 month)", seconds=True),
        required=True,
        unset=(0,),
    )
    invalidate_on_update: bool = api_setting(
        "cache_invalidate_on_update", "Empty the cache when the gateway changes.", default=True, unset=(True,)
    )


@frozen
class RateLimit:
    """How many requests the gateway accepts."""

    limit: Quantity = setting(
        QuantityShape(("requests",), "600 requests/minute"),
        "Requests per period.",
        required=True,
        sent_as=("rate_limiting_limit", "rate_limiting_interval"),
        unset=(0, 0),
    )
    technique: str = api_setting(
        "rate_limiting_technique",
        "How the period is counted: `sliding` always looks at the last period, `fixed` starts each period by the "
        "clock.",
        default="sliding",
        unset=("fixed",),
    )


@frozen
class Retry:
    """What the gateway does when a provider fails."""

    attempts: int = api_setting("retry_max_attempts", "How often a request is tried.", required=True, noun="attempt")
    delay: Duration | None = api_setting(
        "retry_delay", "The wait between attempts; plugin versions before 6.23 reject more than 5s."
    )
    backoff: str | None = api_setting("retry_backoff", "How the delay grows.")


@frozen
class Logs:
    """What Cloudflare keeps of the requests. Prompts and answers are stored in clear while `collect` is true."""

    collect: bool = api_setting(
        "collect_logs",
        "Log requests with their prompts and answers.",
        default=True,
        risk=becomes(
            {False: (Risk.QUIET, "logs are turned off"), True: (Risk.OTHER, "prompts and answers are stored")}
        ),
    )
    max: int = api_setting(
        "log_management",
        "How many log entries are kept.",
        default=10_000_000,
        risk=lowered(Risk.QUIET, "fewer logs are kept"),
    )
    when_full: str = api_setting(
        "log_management_strategy", "What happens when that number is reached.", default="deleteOldest"
    )
    classification: bool = api_setting(
        "log_classification",
        "Let Cloudflare classify the logged requests; needs pulumi-cloudflare 6.23 or newer.",
        default=False,
    )
    push: bool = api_setting(
        "logpush",
        "Export the logs through Logpush, encrypted; needs collect, pushPublicKey and a Logpush job of the account.",
        default=False,
        risk=becomes({False: (Risk.QUIET, "logs are no longer exported")}),
    )
    push_public_key: str | None = api_setting(
        "logpush_public_key",
        "The public key that exported logs are encrypted with.",
        what="a public key of 16 characters or more",
        needs="push",
    )


@frozen
class Otel:
    """An OpenTelemetry exporter."""

    url: str = setting(
        Text("an https URL", r"^https?://\S+$", OTELS.inner("url").max_length), "Where traces are sent.", required=True
    )
    authorization: Secret | None = setting(SecretReference(), "The Authorization header, by reference.")
    headers: Mapping[str, Secret] = setting(
        TableOf(SecretReference(), "a header's name", r"^[A-Za-z0-9-]+$"), "Other headers, by reference.", default={}
    )
    content_type: str = setting(words("json", "protobuf"), "The encoding.", default="json")


@frozen
class Stripe:
    """Usage reported to Stripe."""

    authorization: Secret = setting(SecretReference(), "Stripe's key, by reference.", required=True)
    usage_events: tuple[str, ...] = setting(
        ListOf(Text("an event's payload"), least=1), "The payloads of the usage events.", required=True
    )


@frozen
class Gateway:
    """An AI Gateway."""

    name: str | None = api_setting(
        "id",
        "Its id at Cloudflare, by default agents-<environment>. A change replaces the gateway.",
        what="a gateway's name: lower-case letters, digits, _ and single hyphens",
    )
    authenticated: bool = api_setting(
        "authentication",
        "Require a token with AI Gateway Run. Without it anyone who knows the URL can spend the stored keys.",
        default=True,
        risk=becomes(
            {
                False: (Risk.OPEN, "anyone who knows its URL can use it"),
                True: (Risk.CALLERS, "requests without a token are refused"),
            }
        ),
    )
    byok_only: bool = api_setting(
        "byok_only",
        "Never fall back to Unified Billing; needs pulumi-cloudflare 6.23 or newer.",
        default=False,
        risk=becomes(
            {
                False: (Risk.LIMIT, "requests to providers without a key may be billed by Cloudflare"),
                True: (Risk.CALLERS, "requests to providers without a key are refused"),
            }
        ),
    )
    zero_data_retention: bool = api_setting(
        "zdr",
        "Ask providers to keep nothing; for Unified Billing only.",
        default=False,
        risk=becomes({False: (Risk.OTHER, "providers may keep prompts")}),
    )
    workers_ai_billing: str = api_setting("workers_ai_billing_mode", "How Workers AI is billed.", default="postpaid")
    cache: Cache | None = setting(
        switch(Cache, "{ttl: 5m}"),
        "Answer identical requests from a cache, for how long; false is off.",
        risk=becomes({None: (Risk.QUIET, "caching is turned off")}),
    )
    rate_limit: RateLimit | None = setting(
        switch(RateLimit, "{limit: 600 requests/minute}"),
        "How many requests the gateway accepts; false is no limit.",
        risk=rate_limit_risk,
    )
    retry: Retry | None = setting(
        switch(Retry, "{attempts: 3}"),
        "What the gateway does when a provider fails; false is no retry.",
        risk=retry_risk,
    )
    logs: Logs = setting(
        Section(Logs),
        "What Cloudflare keeps of the requests. Prompts and answers are stored unless collect is false.",
        default=Logs(),
    )
    guardrails: Guardrails | None = setting(
        Section(Guardrails), "What is flagged or blocked in requests and responses.", sent_as="guardrails"
    )
    dlp: Dlp | None = setting(Section(Dlp), "Data loss prevention.", sent_as="dlp")
    spend_limits: tuple[SpendRule, ...] = setting(
        ListOf(Section(SpendRule), most=SPEND_LIMITS.inner("rules").max_items),
        "Limits on spending, at most 20.",
        default=(),
        sent_as="spend_limits",
    )
    otel: tuple[Otel, ...] = setting(
        ListOf(Section(Otel)),
        "OpenTelemetry exporters.",
        default=(),
        sent_as="otel",
    )
    stripe: Stripe | None = setting(Section(Stripe), "Usage that is reported to Stripe.", sent_as="stripe")
    policies: Mapping[str, GatewayPolicy] = setting(
        TableOf(Section(GatewayPolicy, whole=True), "a policy's name", POLICY_NAME, 200),
        "Who may call which models, and for how much (Cloudflare's beta). With the first policy, the gateway refuses "
        "every request that none allows. Cached answers pass, Cloudflare lets requests through when it cannot evaluate "
        "policies, and a change takes up to 15 minutes.",
        default={},
    )
    model_aliases: None = setting(
        NotAvailable("Cloudflare has no public API for model aliases (custom/NAME), only its dashboard"),
        "Not available: Cloudflare has no public API for model aliases yet. Declare a route instead.",
    )
    domains: Mapping[str, Domain] = setting(
        TableOf(Section(Domain), "a host name in lower case, like ai.example.com", HOST_NAME, 253),
        "Custom domains of the gateway. For one without a zone, `up` prints the CNAME to create.",
        default={},
    )
    endpoint: str = setting(
        ENDPOINT,
        "The address that clients use: `cloudflare`, or `domain` for the one of `domains` (with several, its host "
        "name). Requests through a domain fail until it is active, so set it afterwards; `up` prints when that is.",
        default=CLOUDFLARE,
    )
    via: str | None = setting(
        words("gateway", "provider", "rest"),
        "The endpoint of all clients that support it and set no `via`. Routes are always called at `gateway`, "
        "Cloudflare's OpenAI-compatible endpoint.",
    )
    access: DomainAccess | None = setting(
        OneOf(
            (Exactly(written=True, meaning=DomainAccess()), Section(DomainAccess)),
            "true, {serviceToken: true}, or {idVariable: NAME, secretVariable: NAME}",
        ),
        "Cloudflare Access protects the custom domains: every client that uses one sends the headers of a service "
        "token, from variables. With `serviceToken` or `allow`, gatewright creates the application, its policies and "
        "the service token; with `true`, they are created by hand. Not yet tested against a real account.",
    )
