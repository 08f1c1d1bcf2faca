"""Upstream's resources as raw ones: importing pulumi_cloudflare costs two seconds a run.

A contract test registers the same through pulumi_cloudflare's own classes and finds the same inputs.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

# the SDK's version is its plugin's: upstream publishes both from one tag
PLUGIN_VERSION = version("pulumi-cloudflare")


class Provider(pulumi.ProviderResource):
    """The credential and the address of Cloudflare's API; both come from CLOUDFLARE_* where they are not given."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        super().__init__("cloudflare", name, dict(inputs), _versioned(options))


class AiGateway(pulumi.CustomResource):
    """cloudflare.AiGateway; its id is the gateway's name."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        super().__init__(AI_GATEWAY.token, name, dict(inputs), _versioned(options))


class AccountToken(pulumi.CustomResource):
    """cloudflare.AccountToken; `value` is the token itself, told once, at creation."""

    value: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(additional_secret_outputs=["value"]))
        super().__init__(ACCOUNT_TOKEN.token, name, {"value": None} | dict(inputs), _versioned(secret))


class DnsRecord(pulumi.CustomResource):
    """cloudflare.DnsRecord."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        super().__init__(DNS_RECORD.token, name, dict(inputs), _versioned(options))


class SecretsStoreSecret(pulumi.CustomResource):
    """cloudflare.SecretsStoreSecret; `value` is never read back."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(additional_secret_outputs=["value"]))
        super().__init__(SECRETS_STORE_SECRET.token, name, dict(inputs), _versioned(secret))


def _versioned(options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(version=PLUGIN_VERSION))
