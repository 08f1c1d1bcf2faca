"""All of one environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.resource_types import ENVIRONMENT_COMPONENT
from gatewright_components.client_files import ClientFiles
from gatewright_components.credentials import Credentials, key_values
from gatewright_components.custom_domains import CustomDomains
from gatewright_components.custom_providers import CustomProviders
from gatewright_components.gateway import Gateway, gateway_settings
from gatewright_components.imports import Imports
from gatewright_components.own import Account, OwnProvider
from gatewright_components.routes import Routes
from gatewright_components.tokens import Tokens
from gatewright_components.upstream import Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.resolved import Environment as Declared
    from gatewright.import_file import Entry


@dataclass(frozen=True, slots=True)
class LoadedProgram:
    """An environment that is valid, with its files, which are valid too, and what of it is taken over."""

    environment: Declared
    files: Sequence[ClientFile]
    imports: Sequence[Entry] = ()


class Environment(pulumi.ComponentResource):
    """The gateway, its routes, stored keys and custom providers, the tokens and the emitted files, all under one
    parent."""

    def __init__(self, opened: LoadedProgram) -> None:
        declared = opened.environment
        with Imports(declared.name, opened.imports) as imports:
            super().__init__(ENVIRONMENT_COMPONENT, declared.name, None, imports.options())
            self._register(opened, imports.held(declared.account))

    def _register(self, opened: LoadedProgram, account: pulumi.Input[str]) -> None:
        self.declared = declared = opened.environment
        inside = pulumi.ResourceOptions(parent=self)
        plugin = OwnProvider(declared.name, _address(declared), inside)
        provider = Provider(declared.name, _address(declared), inside)
        own = pulumi.ResourceOptions(parent=self, providers=[plugin])
        # a secret that is nowhere to be had is found before anything is created or written
        settings = gateway_settings(declared)
        values = key_values(declared, pulumi.InvokeOptions(parent=self, provider=plugin))
        self.account = Account(declared.name, account, pulumi.ResourceOptions(parent=self, provider=plugin))
        self.files = ClientFiles(declared.name, self.account, opened.files, own)
        # a file that cannot be written where it belongs is found before anything is created at Cloudflare
        upstream = pulumi.ResourceOptions(parent=self, providers=[provider], depends_on=[self.files])
        beside = pulumi.ResourceOptions(parent=self, providers=[plugin], depends_on=[self.files])
        both = pulumi.ResourceOptions(parent=self, providers=[plugin, provider], depends_on=[self.files])
        self.credentials = Credentials(declared, self.account, values, both)
        self.gateway = Gateway(declared, self.account, settings, self.credentials.store_id, upstream)
        self.credentials.link(self.gateway)
        self.custom_providers = CustomProviders(declared, self.account, beside)
        self.routes = Routes(declared, self.account, self.gateway, self.credentials, beside)
        self.tokens = Tokens(declared, self.account, both)
        self.custom_domains = CustomDomains(declared, self.account, self.gateway, both)
        self.register_outputs({})

    def exports(self) -> dict[str, Any]:
        """The stack's outputs: account, gateway, endpoint, domains (host name -> {cname, status}), files (path ->
        SHA-256), tokens (name -> value of the newest, secret), tokenExpiries (name -> its end, of those that end)."""
        return {
            "account": self.declared.account,
            "gateway": self.gateway.gateway_id,
            "endpoint": self.declared.gateway_url,
            "domains": self.custom_domains.domains,
            "files": self.files.sha256,
            "tokens": self.tokens.values,
            "tokenExpiries": self.tokens.expiries,
        }


def _address(declared: Declared) -> dict[str, Any]:
    if declared.local is None:
        return {}  # CLOUDFLARE_API_TOKEN, so that no credential gets into the state
    return {"baseUrl": control_plane_url(declared.local.port), "apiToken": pulumi.Output.secret(LOCAL_DEPLOY_TOKEN)}
