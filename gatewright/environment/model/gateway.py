"""The settings of an AI Gateway, with names and units for people; `sent_as` is the name in Cloudflare's API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatewright.environment.quantities import Duration, Quantity
from gatewright.environment.references import Secret
from gatewright.environment.shapes.base import Exactly, ListOf, OneOf, TableOf, When
from gatewright.environment.shapes.references import SecretReference
from gatewright.environment.shapes.scalars import BoolShape, DurationShape, Number, QuantityShape, Text, words
from gatewright.environment.shapes.sections import Section, setting

GATEWAY_NAME = r"^[a-z0-9_]+(?:-[a-z0-9_]+)*$"
HOST_NAME = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"


@dataclass(frozen=True, slots=True)
class Cache:
    """Answers kept by Cloudflare."""

    ttl: Duration = setting(
        DurationShape("1s", "30d", "Cloudflare keeps a response (1 month)", seconds=True),
        "How long an answer is kept.",
        required=True,
        sent_as="cache_ttl",
    )
    invalidate_on_update: bool = setting(
        BoolShape(),
        "Whether a change of the gateway empties the cache.",
        default=True,
        sent_as="cache_invalidate_on_update",
    )


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests the gateway lets through."""

    limit: Quantity = setting(
        QuantityShape(("requests",), "600 requests/minute"),
        "Requests per period.",
        required=True,
        sent_as="rate_limiting_limit, rate_limiting_interval",
    )
    technique: str = setting(
        words("fixed", "sliding"),
        "`sliding` counts the last period at every moment, `fixed` by the clock.",
        default="sliding",
        sent_as="rate_limiting_technique",
    )


@dataclass(frozen=True, slots=True)
class Retry:
    """What the gateway does when a provider fails."""

    attempts: int = setting(
        Number(least=1, most=5), "How often a request is tried.", required=True, sent_as="retry_max_attempts"
    )
    delay: Duration | None = setting(
        DurationShape("0s", "60s"),
        "How long it waits in between; above 5s plugins before 6.23 refuse it.",
        sent_as="retry_delay",
    )
    backoff: str | None = setting(
        words("constant", "linear", "exponential"), "How the delay grows.", sent_as="retry_backoff"
    )


@dataclass(frozen=True, slots=True)
class Logs:
    """What Cloudflare keeps of the requests. Prompts and answers are stored in clear while `collect` is true."""

    collect: bool = setting(
        BoolShape(),
        "Whether requests are logged, with their prompts and answers.",
        default=True,
        sent_as="collect_logs",
    )
    max: int = setting(
        Number(least=10_000, most=10_000_000), "How many logs are kept.", default=10_000_000, sent_as="log_management"
    )
    when_full: str = setting(
        words("deleteOldest", "stopInserting"),
        "What happens when that many are there.",
        default="deleteOldest",
        sent_as="log_management_strategy",
    )
    classification: bool = setting(
        BoolShape(),
        "Whether Cloudflare classifies the logged requests; needs pulumi-cloudflare 6.23 or newer.",
        default=False,
        sent_as="log_classification",
    )
    push: bool = setting(
        BoolShape(),
        "Whether Logpush exports the logs, encrypted; needs collect, pushPublicKey and a Logpush job of the account.",
        default=False,
        sent_as="logpush",
    )
    push_public_key: str | None = setting(
        Text("a public key of 16 characters or more", r"^[\s\S]{16,}$", 1024),
        "The public key that pushed logs are encrypted with.",
        sent_as="logpush_public_key",
    )


CATEGORIES = {
    "promptInjection": "P1",
    "violentCrimes": "S1",
    "nonViolentCrimes": "S2",
    "sexCrimes": "S3",
    "childSexualExploitation": "S4",
    "defamation": "S5",
    "specializedAdvice": "S6",
    "privacy": "S7",
    "intellectualProperty": "S8",
    "indiscriminateWeapons": "S9",
    "hate": "S10",
    "selfHarm": "S11",
    "sexualContent": "S12",
    "elections": "S13",
}
_CATEGORY = "|".join([*CATEGORIES, *CATEGORIES.values()])
_ACTIONS = TableOf(
    words("flag", "block"),
    "a guardrail category: " + ", ".join(CATEGORIES),
    f"^({_CATEGORY})$",
    near=tuple(CATEGORIES),
)


@dataclass(frozen=True, slots=True)
class Guardrails:
    """What is flagged or blocked; what is not named is let through. Categories by name, or by Cloudflare's code: P1,
    S1 to S13.
    """

    prompt: Mapping[str, str] = setting(
        _ACTIONS, "Categories looked for in requests.", default={}, sent_as="guardrails.prompt"
    )
    response: Mapping[str, str] = setting(
        _ACTIONS, "Categories looked for in answers.", default={}, sent_as="guardrails.response"
    )


@dataclass(frozen=True, slots=True)
class DlpPolicy:
    """One policy of data loss prevention."""

    id: str = setting(Text(longest=100), "A stable id.", required=True)
    action: str = setting(words("block", "flag"), "What happens on a match.", required=True)
    check: tuple[str, ...] = setting(
        ListOf(words("request", "response"), least=1), "Where it looks.", default=("request", "response")
    )
    profiles: tuple[str, ...] = setting(
        ListOf(Text("the id of a DLP profile"), least=1), "The DLP profiles (Zero Trust) that it uses.", required=True
    )
    enabled: bool = setting(BoolShape(), "Whether it is on.", default=True)


@dataclass(frozen=True, slots=True)
class Dlp:
    """Data loss prevention: either one action over profiles, or policies."""

    enabled: bool = setting(BoolShape(), "Whether it is on.", default=True)
    action: str | None = setting(words("block", "flag"), "The simple form: what happens on a match.")
    profiles: tuple[str, ...] = setting(
        ListOf(Text("the id of a DLP profile"), least=1), "The simple form: the DLP profiles used.", default=()
    )
    policies: tuple[DlpPolicy, ...] = setting(ListOf(Section(DlpPolicy), least=1), "The full form.", default=())


_VALUES = ListOf(Text(), least=1)


@dataclass(frozen=True, slots=True)
class SpendRule:
    """A limit on what may be spent."""

    id: str = setting(
        Text("a short id", r"^[A-Za-z0-9_-]{1,64}$"),
        "A stable id: without one, the plugin gives all rules the same.",
        required=True,
    )
    limit: Quantity = setting(
        QuantityShape(("USD",), "5 USD/day"), "USD per period.", required=True, sent_as="limit, window"
    )
    technique: str = setting(words("fixed", "sliding"), "How the period is counted.", default="sliding")
    providers: tuple[str, ...] = setting(_VALUES, "Only requests to these providers count.", default=())
    models: tuple[str, ...] = setting(_VALUES, "Only requests to these model ids count.", default=())
    metadata: Mapping[str, Any] = setting(
        TableOf(
            OneOf((Exactly("each", "each"), When(list, _VALUES)), "`each`, or a list of values"),
            "a metadata key",
            r"^\S+$",
        ),
        "Per metadata key: `each` gives every value its own budget, a list counts only these values.",
        default={},
    )
    enabled: bool = setting(BoolShape(), "Whether it is on.", default=True)


@dataclass(frozen=True, slots=True)
class Otel:
    """An OpenTelemetry exporter."""

    url: str = setting(Text("an https URL", r"^https?://\S+$", 2048), "Where traces are sent.", required=True)
    authorization: Secret | None = setting(SecretReference(), "The Authorization header, by reference.")
    headers: Mapping[str, Secret] = setting(
        TableOf(SecretReference(), "a header's name", r"^[A-Za-z0-9-]+$"), "Further headers, by reference.", default={}
    )
    content_type: str = setting(words("json", "protobuf"), "The encoding.", default="json")


@dataclass(frozen=True, slots=True)
class Stripe:
    """Usage reported to Stripe."""

    authorization: Secret = setting(SecretReference(), "Stripe's key, by reference.", required=True)
    usage_events: tuple[str, ...] = setting(
        ListOf(Text("an event's payload"), least=1), "The payloads of the usage events.", required=True
    )


@dataclass(frozen=True, slots=True)
class Domain:
    """A host name of your own for the gateway, without account and gateway in its URLs: https://ai.example.com/compat."""

    zone: str | None = setting(
        Text("the id of a zone: 32 lower-case hexadecimal digits", r"^[0-9a-f]{32}$"),
        "The id of the zone that holds the name, in the same account: its CNAME is then created too.",
        sent_as="zone_id",
    )


@dataclass(frozen=True, slots=True)
class Gateway:
    """An AI Gateway."""

    name: str | None = setting(
        Text("a gateway's name: lower-case letters, digits, _ and single hyphens", GATEWAY_NAME, 64),
        "Its id at Cloudflare; by default agents-<environment>. A change replaces the gateway.",
        sent_as="id",
    )
    authenticated: bool = setting(
        BoolShape(),
        "Whether requests need a token with AI Gateway Run. Without it anyone who knows the URL could spend the "
        "stored keys.",
        default=True,
        sent_as="authentication",
    )
    cache: Cache | None = setting(
        OneOf((Exactly(written=False, meaning=None), Section(Cache, whole=True)), "false, or {ttl: 5m}"),
        "Whether identical requests get identical answers, and how long; false is off.",
        sent_as="cache_ttl, cache_invalidate_on_update",
    )
    rate_limit: RateLimit | None = setting(
        OneOf(
            (Exactly(written=False, meaning=None), Section(RateLimit, whole=True)),
            "false, or {limit: 600 requests/minute}",
        ),
        "How many requests it lets through; false is without a limit.",
        sent_as="rate_limiting_*",
    )
    retry: Retry | None = setting(
        OneOf((Exactly(written=False, meaning=None), Section(Retry, whole=True)), "false, or {attempts: 3}"),
        "What it does when a provider fails.",
        sent_as="retry_*",
    )
    logs: Logs = setting(
        Section(Logs),
        "What Cloudflare keeps of the requests: prompts and answers are stored unless collect is false.",
        default=Logs(),
    )
    byok_only: bool = setting(
        BoolShape(),
        "Never fall back to Unified Billing; needs pulumi-cloudflare 6.23 or newer.",
        default=False,
        sent_as="byok_only",
    )
    zero_data_retention: bool = setting(
        BoolShape(), "Ask providers to keep nothing; for Unified Billing only.", default=False, sent_as="zdr"
    )
    workers_ai_billing: str = setting(
        words("postpaid", "unified"), "How Workers AI is billed.", default="postpaid", sent_as="workers_ai_billing_mode"
    )
    guardrails: Guardrails | None = setting(
        Section(Guardrails), "What is flagged or blocked in requests and answers.", sent_as="guardrails"
    )
    dlp: Dlp | None = setting(Section(Dlp), "Data loss prevention.", sent_as="dlp")
    spend_limits: tuple[SpendRule, ...] = setting(
        ListOf(Section(SpendRule), most=20),
        "Limits on what may be spent, at most 20.",
        default=(),
        sent_as="spend_limits",
    )
    otel: tuple[Otel, ...] = setting(ListOf(Section(Otel)), "OpenTelemetry exporters.", default=(), sent_as="otel")
    stripe: Stripe | None = setting(Section(Stripe), "Usage reported to Stripe.", sent_as="stripe")
    domains: Mapping[str, Domain] = setting(
        TableOf(Section(Domain), "a host name in lower case, like ai.example.com", HOST_NAME, 253),
        "Host names of your own that lead to it; without a zone, `up` shows the CNAME to create.",
        default={},
    )
