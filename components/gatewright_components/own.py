"""The resources of our own plugin, gatewright/provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.clients.common.client_file import ClientFile


class OwnProvider(pulumi.ProviderResource):
    """The plugin, with the address of Cloudflare's API and the credential; both come from CLOUDFLARE_* where they are
    not given."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        super().__init__("gatewright", name, dict(inputs), options)


class Account(pulumi.CustomResource):
    """The account that the stack belongs to: another one is refused before anything is planned.

    Whatever belongs to an account takes the id from here, and so waits for that check.
    """

    accountId: pulumi.Output[str]  # noqa: N815  Pulumi's name of the property

    def __init__(self, name: str, account_id: pulumi.Input[str], options: pulumi.ResourceOptions) -> None:
        super().__init__(ACCOUNT, name, {"accountId": account_id}, options)


class ConfigFile(pulumi.CustomResource):
    """One emitted file under out/<environment>/."""

    sha256: pulumi.Output[str]

    def __init__(self, environment: str, file: ClientFile, options: pulumi.ResourceOptions) -> None:
        inputs = {"environment": environment, "path": file.path, "content": file.text, "sha256": None}
        super().__init__(CONFIG_FILE, file.path, inputs, options)


class DynamicRoute(pulumi.CustomResource):
    """A route of a gateway. Its elements go by their ids, so that a preview shows which of them change."""

    def __init__(
        self,
        name: str,
        account_id: pulumi.Input[str],
        gateway_id: pulumi.Input[str],
        elements: Iterable[Mapping[str, Any]],
        options: pulumi.ResourceOptions,
    ) -> None:
        by_id = {each["id"]: {key: value for key, value in each.items() if key != "id"} for each in elements}
        inputs = {"accountId": account_id, "gatewayId": gateway_id, "name": name, "elements": by_id}
        super().__init__(DYNAMIC_ROUTE, name, inputs, options)


class CustomProvider(pulumi.CustomResource):
    """A provider that Cloudflare does not know itself, called custom-<name>."""

    def __init__(
        self, name: str, account_id: pulumi.Input[str], base_url: str, options: pulumi.ResourceOptions
    ) -> None:
        inputs = {"accountId": account_id, "name": name, "slug": name, "baseUrl": base_url}
        super().__init__(CUSTOM_PROVIDER, name, inputs, options)


class CustomDomain(pulumi.CustomResource):
    """A host name of a gateway's own."""

    status: pulumi.Output[str]
    cnameTarget: pulumi.Output[str]  # noqa: N815  Pulumi's name of the property

    def __init__(
        self,
        hostname: str,
        account_id: pulumi.Input[str],
        gateway_id: pulumi.Input[str],
        zone: str | None,
        options: pulumi.ResourceOptions,
    ) -> None:
        inputs = {"accountId": account_id, "gatewayId": gateway_id, "hostname": hostname, "zoneId": zone}
        outputs = {"status": None, "cnameTarget": None}
        super().__init__(CUSTOM_DOMAIN, hostname, inputs | outputs, options)


class SecretsStore(pulumi.CustomResource):
    """The account's Secrets Store, adopted or made; it outlives the stack."""

    storeId: pulumi.Output[str]  # noqa: N815  Pulumi's name of the property

    def __init__(self, name: str, account_id: pulumi.Input[str], options: pulumi.ResourceOptions) -> None:
        super().__init__(SECRETS_STORE, name, {"accountId": account_id, "storeId": None}, options)


class ProviderConfig(pulumi.CustomResource):
    """The link from a stored key to a gateway. Its deletion deletes the secret too."""

    def __init__(self, name: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions) -> None:
        super().__init__(PROVIDER_CONFIG, name, dict(inputs), options)
