"""The programs that use the gateway: an environment becomes the files of each, as pure data.

A client is one module of this package: `CAPABILITIES` says what the program can do, `files` makes its files;
`variables` and `unwanted`, where it has them, say what it reads of its environment where it runs, and what
must not stand there
(clients/variables.py). A new client brings its schemas in schemas/clients and its cases in tests/clients; nothing else
is touched.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.clients.client_file import ClientFile
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.resolved import Client, Environment


class ClientModule(Protocol):
    """What a client's module offers."""

    @property
    def CAPABILITIES(self) -> ClientCapabilities:  # noqa: N802  # a module's constant
        """What the program can do; the environment's checks refuse the rest."""

    def files(self, environment: Environment, client: Client) -> list[ClientFile]:
        """The program's files, their paths relative to the environment's folder of emitted files."""


def _discover() -> dict[str, ClientModule]:
    modules = {
        info.name.rstrip("_").replace("_", "-"): import_module(f"{__name__}.{info.name}")
        for info in iter_modules(__path__)
    }
    return {name: cast("ClientModule", module) for name, module in modules.items() if hasattr(module, "CAPABILITIES")}


CLIENTS: Mapping[str, ClientModule] = _discover()
CAPABILITIES: Mapping[str, ClientCapabilities] = {name: module.CAPABILITIES for name, module in CLIENTS.items()}


def emit(environment: Environment) -> list[ClientFile]:
    """The files of all clients of an environment, in its order."""
    return [file for name, client in environment.clients.items() for file in CLIENTS[name].files(environment, client)]
