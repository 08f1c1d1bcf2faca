"""Cloudflare's resources, for the stand-in plugin, the local Cloudflare and the contract tests.

Facts of pulumi_cloudflare 6.23.1 (names, required) and of the provider under it, terraform-provider-cloudflare 5.22 and
5.23 (computed, replace, default, enum, bounds). `computed` is as in 5.22, where a setting that a program leaves out
comes back from the server as drift: the stricter of the two, and what the official plugin of July 2026 does.
"""

from __future__ import annotations

from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.fields import ACCOUNT, ID, object_of, objects_of, output, texts
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import Field, Kind, ResourceType, Write

PERMISSION_GROUPS = "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList"
"""The function that lists them: {accountId, name?, scope?, maxItems?} -> {…, results: [{id, name, scopes}]}."""

PERMISSION_GROUPS_PATH = "/accounts/{accountId}/tokens/permission_groups"

SECRET_SCOPES = ("access", "ai_gateway", "containers", "dex", "websearch", "workers")


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
        objects_of(
            "policies",
            Field(name="effect", required=True, enum=("allow", "deny")),
            objects_of("permissionGroups", Field(name="id", required=True), required=True),
            Field(name="resources", kind=Kind.JSON, required=True),
            required=True,
        ),
        Field(name="expiresOn", kind=Kind.TIME),
        Field(name="notBefore", kind=Kind.TIME),
        object_of("condition", object_of("requestIp", texts("ins", wire="in"), texts("notIns", wire="not_in"))),
        Field(name="status", computed=True, enum=("active", "disabled", "expired")),
        output("issuedOn", Kind.TIME),
        output("lastUsedOn", Kind.TIME),
        output("modifiedOn", Kind.TIME),
        output("creatorEmailAtCreation"),
        output("provisionerId"),
        output("provisionerType"),
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
        output("created", Kind.TIME),
        output("modified", Kind.TIME),
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
        texts("scopes", required=True),  # in alphabetical order; otherwise they come back as drift
        Field(name="comment"),
        output("created", Kind.TIME),
        output("modified", Kind.TIME),
        output("status"),
    ),
)

RESOURCES = {
    resource.token: resource
    for resource in (
        AI_GATEWAY,
        ACCOUNT_TOKEN,
        SECRETS_STORE,
        SECRETS_STORE_SECRET,
        DNS_RECORD,
        ACCESS_APPLICATION,
        ACCESS_POLICY,
        ACCESS_SERVICE_TOKEN,
    )
}
"""Every resource, by its type token."""
