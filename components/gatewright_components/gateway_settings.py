"""Settings of an AI Gateway as arguments. Written by `make schema`: do not edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayDlpPolicy:
    """One policy of data loss prevention."""

    id: pulumi.Input[str]
    """A stable id."""
    action: pulumi.Input[str]
    """What happens on a match. One of `FLAG`, `BLOCK`."""
    checks: pulumi.Input[Sequence[pulumi.Input[str]]]
    """What it inspects. One of `REQUEST`, `RESPONSE`."""
    enabled: pulumi.Input[bool]
    """Whether it is active."""
    profiles: pulumi.Input[Sequence[pulumi.Input[str]]]
    """The DLP profiles (Zero Trust) to use."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayDlp:
    """Data loss prevention: either one action for some profiles, or policies."""

    enabled: pulumi.Input[bool]
    """Whether it is active."""
    action: pulumi.Input[str] | None = None
    """Short form: what happens on a match. One of `FLAG`, `BLOCK`."""
    profiles: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None
    """Short form: the DLP profiles to use."""
    policies: Sequence[GatewayDlpPolicy] | None = None
    """Full form: the policies."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayGuardrailActions:
    """What happens with requests or responses of each category. None: they pass."""

    p1: pulumi.Input[str] | None = None
    """The category promptInjection. One of `FLAG`, `BLOCK`."""
    s1: pulumi.Input[str] | None = None
    """The category violentCrimes. One of `FLAG`, `BLOCK`."""
    s2: pulumi.Input[str] | None = None
    """The category nonViolentCrimes. One of `FLAG`, `BLOCK`."""
    s3: pulumi.Input[str] | None = None
    """The category sexCrimes. One of `FLAG`, `BLOCK`."""
    s4: pulumi.Input[str] | None = None
    """The category childSexualExploitation. One of `FLAG`, `BLOCK`."""
    s5: pulumi.Input[str] | None = None
    """The category defamation. One of `FLAG`, `BLOCK`."""
    s6: pulumi.Input[str] | None = None
    """The category specializedAdvice. One of `FLAG`, `BLOCK`."""
    s7: pulumi.Input[str] | None = None
    """The category privacy. One of `FLAG`, `BLOCK`."""
    s8: pulumi.Input[str] | None = None
    """The category intellectualProperty. One of `FLAG`, `BLOCK`."""
    s9: pulumi.Input[str] | None = None
    """The category indiscriminateWeapons. One of `FLAG`, `BLOCK`."""
    s10: pulumi.Input[str] | None = None
    """The category hate. One of `FLAG`, `BLOCK`."""
    s11: pulumi.Input[str] | None = None
    """The category selfHarm. One of `FLAG`, `BLOCK`."""
    s12: pulumi.Input[str] | None = None
    """The category sexualContent. One of `FLAG`, `BLOCK`."""
    s13: pulumi.Input[str] | None = None
    """The category elections. One of `FLAG`, `BLOCK`."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayGuardrails:
    """Categories of requests and responses that are flagged or blocked."""

    prompt: GatewayGuardrailActions
    """What happens with prompts, by category."""
    response: GatewayGuardrailActions
    """What happens with responses, by category."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayOtel:
    """An OpenTelemetry exporter."""

    url: pulumi.Input[str]
    """Where traces are sent. At most 2,048 characters."""
    headers: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Other headers, which are secrets."""
    authorization: pulumi.Input[str] | None = None
    """The Authorization header, a secret. At most 256 characters."""
    content_type: pulumi.Input[str] | None = None
    """The encoding. One of `json`, `protobuf`."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewaySpendFilter:
    """The values that a limit counts."""

    mode: pulumi.Input[str]
    """How the values are used. Always `filter`."""
    values: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Slugs of providers, or ids of models."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewaySpendMetadata:
    """What a metadata key means for a limit."""

    mode: pulumi.Input[str]
    """`partition` gives every value a budget, `filter` counts only `values`. One of `partition`, `filter`."""
    values: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None
    """The values that count. None with `partition`."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewaySpendRule:
    """One limit on spending."""

    limit: pulumi.Input[float]
    """What may be spent in a period, in USD."""
    limit_type: pulumi.Input[str]
    """What is limited. Always `cost`."""
    window: pulumi.Input[int]
    """The period, in seconds."""
    id: pulumi.Input[str] | None = None
    """A stable id; without one the plugin gives every rule the same."""
    enabled: pulumi.Input[bool] | None = None
    """Whether it is active."""
    technique: pulumi.Input[str] | None = None
    """How the period is counted, as for rateLimit. One of `fixed`, `sliding`."""
    ai_gateway_provider: GatewaySpendFilter | None = None
    """The providers whose requests count. Default: all."""
    model: GatewaySpendFilter | None = None
    """The models whose requests count. Default: all."""
    metadata: Mapping[str, GatewaySpendMetadata] | None = None
    """By metadata key: which values count, or that each value has a budget."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewaySpendLimits:
    """Limits on spending."""

    enabled: pulumi.Input[bool] | None = None
    """Whether the limits are enforced."""
    rules: Sequence[GatewaySpendRule] | None = None
    """The limits. At most 20."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayStripeUsageEvent:
    """One usage event."""

    payload: pulumi.Input[str]
    """The event as JSON."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayStripe:
    """Usage reported to Stripe."""

    authorization: pulumi.Input[str]
    """Stripe's key, a secret."""
    usage_events: Sequence[GatewayStripeUsageEvent]
    """The usage events to report."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewaySettings:
    """Settings of an AI Gateway. One that is left out gets the default of an environment file."""

    cache_invalidate_on_update: pulumi.Input[bool] | None = None
    """Empty the cache when the gateway changes."""
    cache_ttl: pulumi.Input[int] | None = None
    """How long a response is cached. 0: responses are not cached. In seconds."""
    collect_logs: pulumi.Input[bool] | None = None
    """Log requests with their prompts and answers."""
    rate_limiting_interval: pulumi.Input[int] | None = None
    """The period of the rate limit, in seconds. 0: no limit."""
    rate_limiting_limit: pulumi.Input[int] | None = None
    """Maximum number of requests per period. 0: no limit."""
    rate_limiting_technique: pulumi.Input[str] | None = None
    """How the period is counted: `sliding` always looks at the last period, `fixed` starts each period by the clock.
    One of `fixed`, `sliding`."""
    authentication: pulumi.Input[bool] | None = None
    """Require a token with AI Gateway Run. Without it anyone who knows the URL can spend the stored keys."""
    byok_only: pulumi.Input[bool] | None = None
    """Never fall back to Unified Billing; needs pulumi-cloudflare 6.23 or newer."""
    dlp: GatewayDlp | None = None
    """Data loss prevention."""
    guardrails: GatewayGuardrails | None = None
    """What is flagged or blocked in requests and responses."""
    log_classification: pulumi.Input[bool] | None = None
    """Let Cloudflare classify the logged requests; needs pulumi-cloudflare 6.23 or newer."""
    log_management: pulumi.Input[int] | None = None
    """How many log entries are kept. From 10,000 to 10,000,000."""
    log_management_strategy: pulumi.Input[str] | None = None
    """What happens when that number is reached. One of `DELETE_OLDEST`, `STOP_INSERTING`."""
    logpush: pulumi.Input[bool] | None = None
    """Export the logs through Logpush. Needs `collect_logs`, `logpush_public_key` and a Logpush job."""
    logpush_public_key: pulumi.Input[str] | None = None
    """The public key that exported logs are encrypted with. At most 1,024 characters."""
    otels: Sequence[GatewayOtel] | None = None
    """OpenTelemetry exporters."""
    retry_max_attempts: pulumi.Input[int] | None = None
    """How often a request is tried. From 1 to 5."""
    retry_delay: pulumi.Input[int] | None = None
    """The wait between attempts; plugin versions before 6.23 reject more than 5s. In milliseconds."""
    retry_backoff: pulumi.Input[str] | None = None
    """How the delay grows. One of `constant`, `linear`, `exponential`."""
    spend_limits: GatewaySpendLimits | None = None
    """Limits on spending."""
    stripe: GatewayStripe | None = None
    """Usage that is reported to Stripe."""
    workers_ai_billing_mode: pulumi.Input[str] | None = None
    """How Workers AI is billed. One of `postpaid`, `unified`."""
    zdr: pulumi.Input[bool] | None = None
    """Ask providers to keep nothing; for Unified Billing only."""
