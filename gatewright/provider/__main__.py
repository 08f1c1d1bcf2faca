"""The process of the plugin. The engine starts it by `pulumi-resource-gatewright`, in the folder of the program."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright import __version__
from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    GET_SECRETS,
    GET_TOKENS,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.plugin.engine_log import EngineLog
from gatewright.plugin.provider import Provider, run
from gatewright.provider.account import Account
from gatewright.provider.config_file import ConfigFile
from gatewright.provider.connection import Connection
from gatewright.provider.custom_domain import CustomDomain
from gatewright.provider.custom_provider import CustomProvider
from gatewright.provider.dynamic_route import DynamicRoute
from gatewright.provider.gateway_policies import GatewayPolicies
from gatewright.provider.provider_config import ProviderConfig
from gatewright.provider.secrets_store import SecretsStore, get_secrets
from gatewright.provider.tokens import get_tokens

if TYPE_CHECKING:
    from gatewright.plugin.values import Object


class Gatewright(Provider):
    """The resources and functions of this plugin, and its schema."""

    name = "gatewright"
    version = __version__

    def __init__(self, engine: str) -> None:
        inform = EngineLog(engine).info
        self._connection = Connection()
        self.resources = {
            ACCOUNT: Account(),
            CONFIG_FILE: ConfigFile(inform),
            CUSTOM_DOMAIN: CustomDomain(self._connection),
            CUSTOM_PROVIDER: CustomProvider(self._connection, inform),
            DYNAMIC_ROUTE: DynamicRoute(self._connection),
            GATEWAY_POLICIES: GatewayPolicies(self._connection),
            PROVIDER_CONFIG: ProviderConfig(self._connection),
            SECRETS_STORE: SecretsStore(self._connection),
        }
        self.functions = {
            GET_SECRETS: partial(get_secrets, self._connection),
            GET_TOKENS: partial(get_tokens, self._connection),
        }

    def configure(self, config: Object) -> None:
        self._connection.configure(config)

    def schema(self) -> dict[str, Any]:
        described: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text())
        return super().schema() | described


def main() -> None:
    """Serve the plugin to the engine whose address is the first argument."""
    run(Gatewright(engine=sys.argv[1] if sys.argv[1:] else ""))


if __name__ == "__main__":
    main()
