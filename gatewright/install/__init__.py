"""Install a client's settings on this machine, inspect them, and uninstall them.

    install(project, environment, "openclaw", machine)            merge the settings; the changes, file by file
    uninstall(project, "prod", "openclaw", machine)               remove only what install added
    inspect(project, environment, "openclaw", machine)            the installed state compared with the environment
    find_locations(project, environment, "openclaw", machine)     the files that it is installed in

A client's package tells where its settings belong. `merging` computes the new text of a file and the new record of its
owners, `planning` does so for each file, `writing` writes files and `journal` so that they agree after a kill.
"""

from __future__ import annotations

from gatewright.clients.common.machine import Machine
from gatewright.install.inspection import FileState, InstalledClient, InstalledFile, find_locations, inspect
from gatewright.install.operation import FileChange, Options, Outcome, Preview, install, uninstall

__all__ = [
    "FileChange",
    "FileState",
    "InstalledClient",
    "InstalledFile",
    "Machine",
    "Options",
    "Outcome",
    "Preview",
    "find_locations",
    "inspect",
    "install",
    "uninstall",
]
