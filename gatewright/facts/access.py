"""Cloudflare Access in front of custom domains: an application, its reusable policies, and service tokens.

Facts of pulumi_cloudflare 6.23.1 and of the API's official Python client 5.9.0. The plugin has more fields than are
listed here, and accepts a zone in place of the account.
"""

from __future__ import annotations

from gatewright.facts.fields import ACCOUNT, ID, flag, object_of, objects_of, output
from gatewright.facts.schema import Field, Kind, ResourceType

ALLOW, SERVICE_AUTH = "allow", "non_identity"
"""The decisions of a policy for people, and for service tokens (Service Auth in the dashboard)."""

SELF_HOSTED = "self_hosted"
"""The type of an application in front of host names."""

PEOPLE, SERVICE_TOKENS = "people", "service-tokens"
"""The names of the two policies in a stack, and the last parts of their names at Cloudflare."""

ACCESS_APPLICATION = ResourceType(
    token="cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/access/apps",
    permission="Access: Apps and Policies",
    schema_version=500,
    import_prefix="accounts",
    partial=True,
    fields=(
        ID,
        ACCOUNT,
        Field(name="name", computed=True),
        Field(name="type", computed=True),
        Field(name="domain", computed=True),
        objects_of("destinations", Field(name="type"), Field(name="uri"), computed=True),
        objects_of("policies", Field(name="id"), Field(name="precedence", kind=Kind.INT)),
        flag("appLauncherVisible", computed=True),
        flag("serviceAuth401Redirect", wire="service_auth_401_redirect", terraform="service_auth_401_redirect"),
        Field(name="readServiceTokensFromHeader"),
        Field(name="sessionDuration", computed=True),
        output("aud"),
    ),
)

_RULES = (
    object_of("email", Field(name="email", required=True)),
    object_of("emailDomain", Field(name="domain", required=True)),
    object_of("group", Field(name="id", required=True)),
    object_of("serviceToken", Field(name="tokenId", required=True)),
)

ACCESS_POLICY = ResourceType(
    token="cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/access/policies",
    permission="Access: Apps and Policies",
    schema_version=500,
    partial=True,
    fields=(
        ID,
        ACCOUNT,
        Field(name="name", required=True),
        Field(name="decision", required=True, enum=(ALLOW, "deny", SERVICE_AUTH, "bypass")),
        objects_of("includes", *_RULES, wire="include", computed=True),
    ),
)

ACCESS_SERVICE_TOKEN = ResourceType(
    token="cloudflare:index/zeroTrustAccessServiceToken:ZeroTrustAccessServiceToken",  # noqa: S106 - a type token
    collection="/accounts/{accountId}/access/service_tokens",
    permission="Access: Service Tokens",
    schema_version=500,
    import_prefix="accounts",
    partial=True,
    fields=(
        ID,
        ACCOUNT,
        Field(name="name", required=True),
        Field(name="duration", computed=True),  # hours, like 8760h, from the creation on
        flag("enabled", computed=True),
        Field(name="clientId", computed=True, settable=False, kept=True),
        Field(name="clientSecret", computed=True, settable=False, secret=True, kept=True, unread=True),
        output("expiresAt", Kind.TIME),
    ),
)
