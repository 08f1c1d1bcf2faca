"""The one table of Cloudflare's resources: serves the stand-in plugin, the local Cloudflare and the contract tests.

Facts of pulumi_cloudflare 6.23.1 (names, required) and of the provider under it, terraform-provider-cloudflare 5.22 and
5.23 (computed, replace, default, enum, bounds). What is computed is as in 5.22, where a setting that a program leaves
out comes back from the server as drift: the stricter of the two, and what the official plugin of July 2026 does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.schema import Field, Kind, ResourceType, Write

if TYPE_CHECKING:
    from collections.abc import Iterable

PERMISSION_GROUPS = "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList"
"""The function that lists them: {accountId, name?, scope?, maxItems?} -> {…, results: [{id, name, scopes}]}."""

PERMISSION_GROUPS_PATH = "/accounts/{accountId}/tokens/permission_groups"

ACTIONS = ("FLAG", "BLOCK")
SECRET_SCOPES = ("access", "ai_gateway", "containers", "dex", "websearch", "workers")

ACCOUNT = Field(name="accountId", required=True, replace=True, in_path=True)
ID = Field(name="id", computed=True, settable=False, kept=True)
STRINGS = Field()


def _flag(name: str, *, required: bool = False, computed: bool = False, default: bool | None = None) -> Field:
    return Field(name=name, kind=Kind.BOOL, required=required, computed=computed, default=default)


def _objects(
    name: str, fields: tuple[Field, ...], *, wire: str = "", required: bool = False, computed: bool = False
) -> Field:
    element = Field(kind=Kind.OBJECT, fields=fields)
    return Field(
        name=name, kind=Kind.LIST, element=element, wire=wire, terraform=wire, required=required, computed=computed
    )


def _object(
    name: str, fields: Iterable[Field], *, wire: str = "", required: bool = False, computed: bool = False
) -> Field:
    return Field(name=name, kind=Kind.OBJECT, fields=tuple(fields), wire=wire, required=required, computed=computed)


def _list(name: str, *, wire: str = "", required: bool = False, enum: tuple[str, ...] = ()) -> Field:
    return Field(name=name, kind=Kind.LIST, element=Field(enum=enum), wire=wire, terraform=wire, required=required)


def _output(name: str, kind: Kind = Kind.STRING) -> Field:
    return Field(name=name, kind=kind, computed=True, settable=False)


def _filter(name: str, modes: tuple[str, ...], *, values_required: bool, wire: str = "") -> Field:
    return _object(
        name, (Field(name="mode", required=True, enum=modes), _list("values", required=values_required)), wire=wire
    )


DLP = _object(
    "dlp",
    (
        _flag("enabled", required=True),
        Field(name="action", enum=ACTIONS),
        _list("profiles"),
        _objects(
            "policies",
            (
                Field(name="id", required=True),
                Field(name="action", required=True, enum=ACTIONS),
                _list("checks", wire="check", required=True, enum=("REQUEST", "RESPONSE")),
                _flag("enabled", required=True),
                _list("profiles", required=True),
            ),
        ),
    ),
)

HAZARDS = tuple(Field(name=name, wire=name.upper(), enum=ACTIONS) for name in ("p1", *(f"s{n}" for n in range(1, 14))))

SPEND_LIMITS = _object(
    "spendLimits",
    (
        _flag("enabled", computed=True, default=False),
        _objects(
            "rules",
            (
                Field(name="limit", kind=Kind.NUMBER, required=True, minimum=0),
                Field(name="limitType", wire="limitType", required=True, enum=("cost",)),
                Field(name="window", kind=Kind.INT, required=True, minimum=0),
                Field(
                    name="id", computed=True, default="6fb25042"
                ),  # one constant for all: two rules without id collide
                _flag("enabled", computed=True, default=True),
                Field(name="technique", computed=True, default="sliding", enum=("fixed", "sliding")),
                _filter("aiGatewayProvider", ("filter",), values_required=True, wire="provider"),
                _filter("model", ("filter",), values_required=True),
                Field(
                    name="metadata",
                    kind=Kind.MAP,
                    element=_filter("", ("partition", "filter"), values_required=False),
                ),
            ),
            computed=True,
        ),
    ),
    computed=True,
)

OTELS = _objects(
    "otels",
    (
        Field(name="headers", kind=Kind.MAP, element=STRINGS, required=True),
        Field(name="url", required=True),
        Field(name="authorization"),
        Field(name="contentType", computed=True, default="json", enum=("json", "protobuf")),
    ),
    wire="otel",
    computed=True,
)

AI_GATEWAY = ResourceType(
    token="cloudflare:index/aiGateway:AiGateway",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/ai-gateway/gateways",
    permission="AI Gateway",
    schema_version=500,
    id_field="aiGatewayId",
    fields=(
        ACCOUNT,
        Field(name="aiGatewayId", wire="id", terraform="id", required=True, replace=True),
        _flag("cacheInvalidateOnUpdate", required=True),
        Field(name="cacheTtl", kind=Kind.INT, required=True, minimum=0),
        _flag("collectLogs", required=True),
        Field(name="rateLimitingInterval", kind=Kind.INT, required=True, minimum=0),
        Field(name="rateLimitingLimit", kind=Kind.INT, required=True, minimum=0),
        Field(name="rateLimitingTechnique", enum=("fixed", "sliding")),
        _flag("authentication"),
        _flag("byokOnly", computed=True),
        DLP,
        _object("guardrails", (_object("prompt", HAZARDS, required=True), _object("response", HAZARDS, required=True))),
        _flag("logClassification", computed=True),
        Field(name="logManagement", kind=Kind.INT, minimum=10_000, maximum=10_000_000),
        Field(name="logManagementStrategy", enum=("STOP_INSERTING", "DELETE_OLDEST")),
        _flag("logpush"),
        Field(name="logpushPublicKey"),
        OTELS,
        Field(name="retryBackoff", enum=("constant", "linear", "exponential")),
        Field(name="retryDelay", kind=Kind.INT, minimum=0, maximum=60_000),
        Field(name="retryMaxAttempts", kind=Kind.INT, minimum=1, maximum=5),
        SPEND_LIMITS,
        Field(name="storeId"),
        _object(
            "stripe",
            (
                Field(name="authorization", required=True),
                _objects("usageEvents", (Field(name="payload", required=True),), required=True),
            ),
        ),
        Field(name="workersAiBillingMode", computed=True, default="postpaid", enum=("postpaid", "unified")),
        _flag("zdr"),
        _output("createdAt", Kind.TIME),
        _output("modifiedAt", Kind.TIME),
        _output("isDefault", Kind.BOOL),
    ),
)

ACCOUNT_TOKEN = ResourceType(
    token="cloudflare:index/accountToken:AccountToken",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/tokens",
    permission="Account API Tokens",
    schema_version=501,
    write=Write.WHOLE,
    gone=("expired", "revoked (exposed)"),
    fields=(
        ID,
        ACCOUNT,
        Field(name="name", required=True),
        _objects(
            "policies",
            (
                Field(name="effect", required=True, enum=("allow", "deny")),
                _objects("permissionGroups", (Field(name="id", required=True),), required=True),
                Field(name="resources", kind=Kind.JSON, required=True),
            ),
            required=True,
        ),
        Field(name="expiresOn", kind=Kind.TIME),
        Field(name="notBefore", kind=Kind.TIME),
        _object("condition", (_object("requestIp", (_list("ins", wire="in"), _list("notIns", wire="not_in"))),)),
        Field(name="status", computed=True, enum=("active", "disabled", "expired")),
        _output("issuedOn", Kind.TIME),
        _output("lastUsedOn", Kind.TIME),
        _output("modifiedOn", Kind.TIME),
        _output("creatorEmailAtCreation"),
        _output("provisionerId"),
        _output("provisionerType"),
        Field(name="value", computed=True, settable=False, secret=True, kept=True, unread=True),
    ),
)

SECRETS_STORE = ResourceType(
    token="cloudflare:index/secretsStore:SecretsStore",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/secrets_store/stores",
    permission="Secrets Store",
    schema_version=500,
    write=Write.NEVER,
    fields=(
        ID,
        ACCOUNT,
        Field(name="name", required=True, replace=True),
        Field(name="force", kind=Kind.BOOL, computed=True, default=False, in_path=True),
        _output("created", Kind.TIME),
        _output("modified", Kind.TIME),
    ),
)

SECRETS_STORE_SECRET = ResourceType(
    token="cloudflare:index/secretsStoreSecret:SecretsStoreSecret",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/secrets_store/stores/{storeId}/secrets",
    permission="Secrets Store",
    schema_version=500,
    write=Write.CHANGED,
    wrapped=True,
    fields=(
        ID,
        ACCOUNT,
        Field(name="storeId", required=True, replace=True, in_path=True),
        Field(name="name", required=True, replace=True),
        Field(name="value", required=True, secret=True, unread=True),
        _list("scopes", required=True),  # in alphabetical order, or they come back as drift
        Field(name="comment"),
        _output("created", Kind.TIME),
        _output("modified", Kind.TIME),
        _output("status"),
    ),
)

RESOURCES = {
    resource.token: resource
    for resource in (AI_GATEWAY, ACCOUNT_TOKEN, SECRETS_STORE, SECRETS_STORE_SECRET, DNS_RECORD)
}
"""Every resource, by its type token."""
