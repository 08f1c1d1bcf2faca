"""Collect the sources: packages of others (cached), the providers' own lists, Workers AI, the shipped catalog."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec

import httpx

from gatewright.clock import day_of
from gatewright.frozen import frozen
from gatewright.io import atomic
from gatewright.io.system import OPEN_FOLDER
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.operations.catalog import packages, tables
from gatewright.operations.catalog.facts import SourceError, Table
from gatewright.operations.catalog.model_lists import fetch_list, list_headers, list_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gatewright.environment.model.catalog import Provider
    from gatewright.project import Project

    Fetch = Callable[[str, Sequence[str]], tuple[str, dict[str, Any]]]

P = ParamSpec("P")

MAX_AGE = 86_400  # seconds; the packages change about weekly
_END_OF_TIME = 10**11  # seconds since 1970, in the year 5138
_MAX_CACHE = 40_000_000  # bytes


@frozen
class Package:
    """A package with a model table: where its files come from, and how they are read."""

    name: str
    fetch: Fetch
    files: tuple[str, ...]
    read: Callable[[Table, Mapping[str, Any], str], None]

    @property
    def cache_name(self) -> str:
        """The name of its file in the cache."""
        return f"{self.name.partition('@>')[0].replace('@', '').replace('/', '-')}.json"


PACKAGES = (
    Package("litellm", packages.read_wheel, (tables.LITELLM_FILE,), tables.read_litellm),
    # From 1.6.0 on its data are JSON; an older version is npm's choice for an older Node.js.
    Package("@earendil-works/pi-ai@>=1.6.0", packages.read_tarball, tables.PI_AI_FILES, tables.read_pi_ai),
    Package("model-prices", packages.read_wheel, (tables.MODEL_PRICES_FILE,), tables.read_model_prices),
)


@dataclass(slots=True)
class Sources:
    """The tables that were read, and why others were not."""

    tables: list[Table] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, read: Callable[P, Table], *args: P.args, **kwargs: P.kwargs) -> None:
        """Read one source; an unusable one is noted."""
        try:
            self.tables.append(read(*args, **kwargs))
        except SourceError as error:
            self.skipped.append(str(error))


def read_packages(project: Project, sources: Sources, now: int, *, offline: bool) -> None:
    """Add the packages' tables: from the registry if the cache has none of the last day; offline, from the cache."""
    folder = project.work / "catalog"
    for package in PACKAGES:
        sources.add(_read_package, folder, package, now, offline=offline)


def _read_package(folder: Path, package: Package, now: int, *, offline: bool) -> Table:
    cached = _read_cache(folder / package.cache_name)
    if cached is None or (not offline and not 0 <= now - cached["read"] < MAX_AGE):
        if offline:
            raise SourceError(f"{package.name} is not in the cache, and this run is offline")
        try:
            version, files = package.fetch(package.name, package.files)
        except SourceError:
            if cached is None:
                raise
        else:
            cached = {"version": version, "read": now, "files": files}
            _write_cache(folder, package.cache_name, cached)
    date = day_of(cached["read"])
    table = Table(f"{package.name.partition('@>')[0]} {cached['version']}", date)
    try:
        package.read(table, cached["files"], date)
    except KeyError as error:
        raise SourceError(f"{table.name} has another form than expected: {error} is missing") from None
    return table


def read_provider_lists(providers: Mapping[str, Provider], sources: Sources, now: int) -> None:
    """Add the providers' own lists, where the key is in the shell or none is needed."""
    today = day_of(now)
    with httpx.Client(follow_redirects=False) as http:
        for slug, provider in providers.items():
            url, headers = list_url(slug, provider), list_headers(slug, provider, os.environ)
            if url is not None and headers is not None:
                sources.add(fetch_list, http, slug, url, headers, today)


def _read_cache(path: Path) -> dict[str, Any] | None:
    """What an earlier run kept; None if it is missing or damaged."""
    try:
        content = parse_json(read_regular_file(path, _MAX_CACHE))
    except (OSError, ValueError):
        return None
    is_whole = (
        isinstance(content, dict)
        and isinstance(content.get("read"), int)
        and 0 <= content["read"] < _END_OF_TIME
        and isinstance(content.get("version"), str)
        and isinstance(content.get("files"), dict)
    )
    return content if is_whole else None


def _write_cache(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, OPEN_FOLDER)
    try:
        atomic.replace(descriptor, name, json.dumps(content).encode(), 0o600)
    finally:
        os.close(descriptor)
