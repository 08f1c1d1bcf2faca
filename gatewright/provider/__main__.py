"""The plugin's process; the engine starts it through `pulumi-resource-gatewright`, in the folder of the program."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright import __version__
from gatewright.plugin.diagnostics import Diagnostics
from gatewright.plugin.provider import Provider, run
from gatewright.provider.account import Account
from gatewright.provider.config_file import ConfigFile
from gatewright.provider.connection import Connection
from gatewright.provider.custom_domain import CustomDomain
from gatewright.provider.custom_provider import CustomProvider
from gatewright.provider.dynamic_route import DynamicRoute
from gatewright.provider.provider_config import ProviderConfig
from gatewright.provider.secrets_store import SecretsStore, get_secrets
from gatewright.provider.tokens import get_tokens

if TYPE_CHECKING:
    from gatewright.plugin.values import Object


class Gatewright(Provider):
    """Its resources, and the schema that tells other programs of them."""

    name = "gatewright"
    version = __version__

    def __init__(self, engine: str) -> None:
        files = ConfigFile(Diagnostics(engine).inform)
        self._connection = Connection()
        self.resources = {
            "gatewright:index:Account": Account(),
            "gatewright:index:ConfigFile": files,
            "gatewright:index:CustomDomain": CustomDomain(self._connection),
            "gatewright:index:CustomProvider": CustomProvider(self._connection),
            "gatewright:index:DynamicRoute": DynamicRoute(self._connection),
            "gatewright:index:ProviderConfig": ProviderConfig(self._connection),
            "gatewright:index:SecretsStore": SecretsStore(self._connection),
        }
        self.functions = {
            "gatewright:index:getSecrets": partial(get_secrets, self._connection),
            "gatewright:index:getTokens": partial(get_tokens, self._connection),
        }

    def configure(self, config: Object) -> None:
        self._connection.configure(config)

    def schema(self) -> dict[str, Any]:
        described: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text())
        return super().schema() | described


if __name__ == "__main__":
    run(Gatewright(engine=sys.argv[1] if sys.argv[1:] else ""))
