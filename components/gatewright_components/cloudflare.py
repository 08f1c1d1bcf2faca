"""Cloudflare's resources, registered by their type tokens: importing pulumi_cloudflare costs two seconds a run.

A contract test registers the same through pulumi_cloudflare's own classes and compares the inputs.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN_VERSION = version("pulumi-cloudflare")  # upstream publishes the SDK and its plugin from one tag


class Provider(pulumi.ProviderResource):
    """The plugin `cloudflare`. Without `apiToken` and `baseUrl` it reads CLOUDFLARE_API_TOKEN and
    CLOUDFLARE_BASE_URL."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloudflare", name, dict(inputs), _versioned(opts))


class AiGateway(pulumi.CustomResource):
    """cloudflare.AiGateway; its id is the gateway's name."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(AI_GATEWAY.token, name, dict(inputs), _versioned(opts))


class AccountToken(pulumi.CustomResource):
    """cloudflare.AccountToken; `value` is the token itself, which Cloudflare returns at creation only."""

    value: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(ACCOUNT_TOKEN.token, name, {"value": None, **inputs}, _versioned(opts, secret))


class DnsRecord(pulumi.CustomResource):
    """cloudflare.DnsRecord."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(DNS_RECORD.token, name, dict(inputs), _versioned(opts))


class AccessApplication(pulumi.CustomResource):
    """cloudflare.ZeroTrustAccessApplication."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(ACCESS_APPLICATION.token, name, dict(inputs), _versioned(opts))


class AccessPolicy(pulumi.CustomResource):
    """cloudflare.ZeroTrustAccessPolicy."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(ACCESS_POLICY.token, name, dict(inputs), _versioned(opts))


class AccessServiceToken(pulumi.CustomResource):
    """cloudflare.ZeroTrustAccessServiceToken; Cloudflare returns `clientSecret` at creation only."""

    clientId: pulumi.Output[str]  # noqa: N815 - the SDK names attributes as the engine does
    clientSecret: pulumi.Output[str]  # noqa: N815

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["clientSecret"])
        outputs = {"clientId": None, "clientSecret": None}
        super().__init__(ACCESS_SERVICE_TOKEN.token, name, {**outputs, **inputs}, _versioned(opts, secret))


class SecretsStoreSecret(pulumi.CustomResource):
    """cloudflare.SecretsStoreSecret; Cloudflare never returns `value`."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(SECRETS_STORE_SECRET.token, name, dict(inputs), _versioned(opts, secret))


def _versioned(opts: pulumi.ResourceOptions, *more: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    for further in (*more, pulumi.ResourceOptions(version=PLUGIN_VERSION)):
        opts = pulumi.ResourceOptions.merge(opts, further)
    return opts
