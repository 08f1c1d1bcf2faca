"""Where a client's settings stand on this machine: put there, looked after, and taken out again.

    install(project, "prod", "openclaw", machine)      what it did, file by file
    uninstall(project, "prod", "openclaw", machine)    exactly ours, out again
    installed(project, environment, "openclaw", machine)    what stands there, and what should
    places(project, environment, "openclaw", machine)       the files that it is installed in, by --to or by itself

A program is one module of `programs`: it says at which file its settings belong, which of them are ours alone and which
are a choice that one environment has at a time. `texts` edits by splicing, `claims` remembers what is ours, `merging`
turns a text and claims into the next text and claims, and `writing` brings both to the disk, by the `journal`, so that
they agree.
"""

from __future__ import annotations

from gatewright.clients.common.machine import Machine
from gatewright.install.inspection import FileState, Installed, InstalledFile, installed, places
from gatewright.install.operation import FileChange, Outcome, install, uninstall

__all__ = [
    "FileChange",
    "FileState",
    "Installed",
    "InstalledFile",
    "Machine",
    "Outcome",
    "install",
    "installed",
    "places",
    "uninstall",
]
