"""The fields of an AI Gateway, each stated once for the API, for Pulumi's plugin and for the settings of a file.

Names, `required`: pulumi_cloudflare 6.23.1. `computed`, `default`, bounds: terraform-provider-cloudflare 5.22 and 5.23;
`computed` is as in 5.22, where a setting that a program leaves out comes back from the server as drift. The body, its
limits and what the server fills in: Cloudflare's OpenAPI and its Python client 5.9.0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gatewright.facts.body_schema import body_schema
from gatewright.facts.fields import ACCOUNT, flag, number, object_of, objects_of, output, texts
from gatewright.facts.schema import Field, Kind, Null, ResourceType, Unit

ACTIONS = ("FLAG", "BLOCK")
SIDES = ("REQUEST", "RESPONSE")
HAZARDS = ("P1", *(f"S{number}" for number in range(1, 14)))
"""The codes of the categories that guardrails look for."""

STORED_ONLY = "Stored, not executed."  # by the local Cloudflare
SCANNED = "Executed on what PUT /__local__/scanner says is found."

_ENABLED = flag("enabled", required=True)
_PROFILES = texts("profiles", required=True)
_POLICIES = objects_of(
    "policies",
    Field(name="id", required=True),
    Field(name="action", required=True, enum=ACTIONS),
    texts("checks", wire="check", required=True, enum=SIDES),
    _ENABLED,
    _PROFILES,
    required=True,
)
DLP = object_of(
    "dlp",
    _ENABLED,
    Field(name="action", enum=ACTIONS),
    texts("profiles"),
    replace(_POLICIES, required=False),
    null=Null.UNSETS,
    body={  # either policies, or one action for some profiles
        "if": {"required": ["policies"]},
        "then": body_schema((_ENABLED, _POLICIES)),
        "else": body_schema((Field(name="action", required=True, enum=ACTIONS), _ENABLED, _PROFILES)),
    },
    note=SCANNED,
)

_CATEGORIES = tuple(Field(name=code.lower(), wire=code, enum=ACTIONS) for code in HAZARDS)
GUARDRAILS = object_of(
    "guardrails",
    object_of("prompt", *_CATEGORIES, required=True),
    object_of("response", *_CATEGORIES, required=True),
    null=Null.STORED,
    server_default=None,
    note=SCANNED,
)

_FILTER = (Field(name="mode", required=True, enum=("filter",)), texts("values", required=True))
_METADATA_BODY = {  # a partition has no values, a filter needs them
    "properties": {"mode": {"enum": ["filter", "partition"]}},
    "if": {"properties": {"mode": {"const": "partition"}}, "required": ["mode"]},
    "then": {"type": "object"},
    "else": body_schema(_FILTER),
}
SPEND_LIMITS = object_of(
    "spendLimits",
    flag("enabled", computed=True, default=False),
    objects_of(
        "rules",
        Field(name="limit", kind=Kind.NUMBER, required=True, minimum=0, above=0),
        Field(name="limitType", wire="limitType", required=True, enum=("cost",)),
        number("window", required=True, minimum=0, above=0),
        # the plugin's default is one constant: two rules without an id collide
        Field(name="id", computed=True, default="6fb25042", min_length=1),
        flag("enabled", computed=True, default=True),
        Field(name="technique", computed=True, default="sliding", enum=("fixed", "sliding")),
        object_of("aiGatewayProvider", *_FILTER, wire="provider"),
        object_of("model", *_FILTER),
        Field(
            name="metadata",
            kind=Kind.MAP,
            element=object_of(
                "",
                Field(name="mode", required=True, enum=("partition", "filter")),
                texts("values"),
                body=_METADATA_BODY,
            ),
        ),
        computed=True,
        max_items=20,
    ),
    computed=True,
    null=Null.STORED,
    server_default=None,
)

OTELS = objects_of(
    "otels",
    Field(name="url", required=True, max_length=2048, pattern="^[a-z][a-z0-9+.-]*://"),
    Field(name="headers", kind=Kind.MAP, element=Field(), required=True),
    Field(name="authorization", max_length=256),
    Field(name="contentType", computed=True, default="json", enum=("json", "protobuf")),
    wire="otel",
    computed=True,
    null=Null.STORED,
    server_default=None,
    note=STORED_ONLY,
)

STRIPE = object_of(
    "stripe",
    Field(name="authorization", required=True),
    objects_of("usageEvents", Field(name="payload", required=True), required=True),
    null=Null.STORED,
    server_default=None,
    note=STORED_ONLY,
)

STORED: dict[str, Any] = {"null": Null.STORED, "server_default": None}

AI_GATEWAY = ResourceType(
    token="cloudflare:index/aiGateway:AiGateway",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/ai-gateway/gateways",
    permission="AI Gateway",
    schema_version=500,
    id_field="aiGatewayId",
    fields=(
        ACCOUNT,
        Field(
            name="aiGatewayId",
            wire="id",
            terraform="id",
            required=True,
            replace=True,
            min_length=1,
            max_length=64,
            pattern=r"^[a-z0-9_]+(?:-[a-z0-9_]+)*$",
        ),
        flag("cacheInvalidateOnUpdate", required=True),
        number("cacheTtl", required=True, minimum=0, unit=Unit.SECONDS, null=Null.STORED),
        flag("collectLogs", required=True),
        number("rateLimitingInterval", required=True, minimum=0, null=Null.STORED),
        number("rateLimitingLimit", required=True, minimum=0, null=Null.STORED),
        Field(name="rateLimitingTechnique", enum=("fixed", "sliding"), null=Null.STORED, server_default="fixed"),
        flag("authentication", null=Null.UNSETS, server_default=False),
        flag("byokOnly", computed=True, since="6.23"),
        DLP,
        GUARDRAILS,
        flag("logClassification", computed=True, since="6.23", note=STORED_ONLY),
        number("logManagement", minimum=10_000, maximum=10_000_000, null=Null.STORED, server_default=10_000_000),
        Field(
            name="logManagementStrategy",
            enum=("DELETE_OLDEST", "STOP_INSERTING"),
            null=Null.STORED,
            server_default="DELETE_OLDEST",
        ),
        flag("logpush", server_default=False, note=STORED_ONLY),
        Field(name="logpushPublicKey", min_length=16, max_length=1024, note=STORED_ONLY, **STORED),
        OTELS,
        number("retryMaxAttempts", minimum=1, maximum=5, **STORED),
        number("retryDelay", minimum=0, maximum=60_000, unit=Unit.MILLISECONDS, **STORED),
        Field(name="retryBackoff", enum=("constant", "linear", "exponential"), **STORED),
        SPEND_LIMITS,
        Field(name="storeId", **STORED),
        STRIPE,
        Field(
            name="workersAiBillingMode",
            computed=True,
            default="postpaid",
            enum=("postpaid", "unified"),
            server_default="postpaid",
        ),
        flag("zdr", null=Null.UNSETS, server_default=False, note="Recorded in the log, without an effect."),
        output("createdAt", Kind.TIME),
        output("modifiedAt", Kind.TIME),
        output("isDefault", Kind.BOOL),
    ),
)


def gateway_body_schema() -> dict[str, Any]:
    """The body of POST and PUT …/ai-gateway/gateways."""
    return {
        "$comment": "The body of POST and PUT …/ai-gateway/gateways; `default` is what the server fills in. Limits: "
        "Cloudflare's OpenAPI and SDK 5.9.0.",
        **body_schema(AI_GATEWAY.fields),
    }
