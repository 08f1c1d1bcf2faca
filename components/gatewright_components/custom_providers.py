"""Providers that Cloudflare does not know."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from gatewright.facts.resource_types import CUSTOM_PROVIDERS_COMPONENT
from gatewright_components.args import as_args
from gatewright_components.resources import CustomProvider, CustomProviderArgs


@dataclass(kw_only=True, repr=False, eq=False)
class CustomProvidersArgs:
    """Arguments of `CustomProviders`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    base_urls: Mapping[str, pulumi.Input[str]]
    """By slug: the provider's https URL."""


class CustomProviders(pulumi.ComponentResource):
    """Custom providers of an account, each used as `custom-<slug>`."""

    def __init__(self, name: str, args: CustomProvidersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(CUSTOM_PROVIDERS_COMPONENT, name, None, opts)
        args = as_args(CustomProvidersArgs, args)
        inner = pulumi.ResourceOptions(parent=self)
        for slug, base_url in args.base_urls.items():
            provider = CustomProviderArgs(account_id=args.account_id, name=slug, slug=slug, base_url=base_url)
            CustomProvider(slug, provider, inner)
        self.register_outputs({})
