"""The packages of a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.plugin.protos import language_pb2
from gatewright.plugin.required_packages import normal_name

if TYPE_CHECKING:
    from gatewright.local.language_host.toolchain import Toolchain


def program_dependencies(toolchain: Toolchain, *, transitive: bool) -> list[language_pb2.DependencyInfo]:
    """The installed packages, without those that only other packages need unless `transitive`; names by PEP 503."""
    only_direct = [] if transitive else ["--not-required"]
    listed = json.loads(
        toolchain.output("-m", "pip", "--disable-pip-version-check", "list", "--format", "json", *only_direct)
    )
    return [language_pb2.DependencyInfo(name=normal_name(entry["name"]), version=entry["version"]) for entry in listed]
