"""The names of resources in messages, by type token; a stored key is two resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    AI_GATEWAY.token: "gateway",
    DYNAMIC_ROUTE: "route",
    ACCOUNT_TOKEN.token: "token",
    SECRETS_STORE_SECRET.token: "key",
    PROVIDER_CONFIG: "key",
    CUSTOM_PROVIDER: "custom provider",
    CUSTOM_DOMAIN: "domain",
    DNS_RECORD.token: "CNAME",
    ACCESS_APPLICATION.token: "Access application",
    ACCESS_POLICY.token: "Access policy",
    ACCESS_SERVICE_TOKEN.token: "service token",
    GATEWAY_POLICIES: "policies",
    SECRETS_STORE: "secrets store",
    CONFIG_FILE: "file",
    ACCOUNT: "account",
}


def resource_name(token: str) -> str:
    """The name of a resource type; the last part of the token for an unknown one."""
    return NAMES.get(token) or token.rpartition(":")[2]
