"""The clients: each package in this one is the client of that name, and is discovered by itself.

    <name>/__init__.py        CAPABILITIES, PROGRAM                 what it supports; what its program is called
    <name>/files.py           files(environment, client)            the files it reads, as data
                              variables(environment, client)        the variables it reads where it runs
    <name>/installation.py    installation(request)                 where the files belong and how they are merged

A package with providers of its own also lists their ids. Optional are `conflicting_variables` in files.py,
`conflicts(request)` in conflicts.py, the user's settings that hide or beat the installed ones, and own_config.py, which
reads the user's own file for an import. `common` is shared by the clients. Only `__init__.py` is imported with this
package; the other modules follow when they are used.
"""

from __future__ import annotations

from pkgutil import iter_modules
from typing import TYPE_CHECKING

from gatewright.clients.common.package import ClientPackage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.resolved import Environment

CLIENTS: Mapping[str, ClientPackage] = {
    module.name.rstrip("_").replace("_", "-"): ClientPackage(f"{__name__}.{module.name}")
    for module in iter_modules(__path__)
    if module.ispkg and module.name != "common"
}
CAPABILITIES: Mapping[str, ClientCapabilities] = {name: package.capabilities for name, package in CLIENTS.items()}


def emit(environment: Environment) -> list[ClientFile]:
    """The files of all clients of an environment, in its order."""
    return [file for name, client in environment.clients.items() for file in CLIENTS[name].files(environment, client)]
