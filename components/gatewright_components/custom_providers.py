"""The providers of an environment that Cloudflare does not know itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.facts.resource_types import CUSTOM_PROVIDERS_COMPONENT
from gatewright_components.own import CustomProvider

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright_components.own import Account


class CustomProviders(pulumi.ComponentResource):
    """One custom provider for each with a baseUrl, called custom-<its name>."""

    def __init__(self, environment: Environment, account: Account, options: pulumi.ResourceOptions) -> None:
        super().__init__(CUSTOM_PROVIDERS_COMPONENT, environment.name, None, options)
        inner = pulumi.ResourceOptions(parent=self)
        for name, provider in environment.providers.items():
            if provider.base_url is not None:
                CustomProvider(name, account.accountId, provider.base_url, inner)
        self.register_outputs({})
