"""The plugins that the installed packages require, and those packages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from gatewright.errors import EngineError
from gatewright.plugin.protos import plugin_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
_PEP440 = re.compile(
    r"(?P<release>\d+(\.\d+)*)((?P<stage>a|b|rc)(?P<step>\d+))?(\.post(?P<post>\d+))?(\.dev(?P<dev>\d+))?", re.ASCII
)
_STAGES = {"a": "alpha", "b": "beta", "rc": "rc"}


def required_packages(folders: Iterable[Path]) -> list[plugin_pb2.PackageDependency]:
    """One dependency for each package in `folders` that has a `pulumi-plugin.json` or is called `pulumi-*`.

    Raises EngineError for a `pulumi-plugin.json` that is not JSON.
    """
    required: dict[str, plugin_pb2.PackageDependency] = {}
    for folder in folders:
        if folder.is_dir():
            for package in (*_described(folder), *_named(folder)):
                required.setdefault(package.name, package)
    return [required[name] for name in sorted(required)]


def plugin_version(package_version: str) -> str | None:
    """The plugin's semantic version for a package's PEP 440 version; None where there is none (epoch, local part)."""
    match = _PEP440.fullmatch(package_version)
    if match is None:
        return None
    numbers = match["release"].split(".")
    numbers += ["0"] * (3 - len(numbers))
    stage = f"-{_STAGES[match['stage']]}.{match['step']}" if match["stage"] else ""
    build = "".join(f"{name}{match[name]}" for name in ("post", "dev") if match[name])
    return ".".join(numbers) + stage + (f"+{build}" if build else "")


def _described(folder: Path) -> Iterator[plugin_pb2.PackageDependency]:
    for path in folder.glob("*/pulumi-plugin.json"):
        try:
            description = json.loads(path.read_bytes())
        except ValueError as error:
            raise EngineError(f"{path} is not JSON: {error}", "reinstall that package") from error
        if not description.get("resource"):
            continue
        version = description.get("version") or _installed_version(folder, path.parent.name)
        if version is None:
            continue
        yield plugin_pb2.PackageDependency(
            name=description.get("name") or normal_name(path.parent.name).removeprefix("pulumi-"),
            version=f"v{version.removeprefix('v')}",
            kind="resource",
            server=description.get("server", ""),
        )


def _named(folder: Path) -> Iterator[plugin_pb2.PackageDependency]:
    for path in folder.glob("pulumi[-_]*.dist-info"):
        module, _, installed = path.name.removesuffix(".dist-info").rpartition("-")
        version = plugin_version(installed)
        name = normal_name(module)
        plugin_file = folder / module.replace("-", "_") / "pulumi-plugin.json"
        if version is None or not name.startswith("pulumi-") or name in _WITHOUT_PLUGIN or plugin_file.exists():
            continue
        yield plugin_pb2.PackageDependency(name=name.removeprefix("pulumi-"), version=f"v{version}", kind="resource")


def _installed_version(folder: Path, module: str) -> str | None:
    for path in folder.glob(f"{module}-*.dist-info"):
        return plugin_version(path.name.removesuffix(".dist-info").rpartition("-")[2])
    return None


def normal_name(name: str) -> str:
    """The name of a package, by PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
