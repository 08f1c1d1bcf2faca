"""catalog check: the declared models against what others know of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.client import Client
from gatewright.environment.provider_models import model_id, models_of
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.operations.catalog.compare import Comparison
from gatewright.operations.catalog.declared import read_declared, shipped_table
from gatewright.operations.catalog.model_lists import fetch_workers_ai
from gatewright.operations.catalog.sources import Sources, read_packages, read_provider_lists
from gatewright.workspace import deploying_token, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.references import ModelName
    from gatewright.operations.catalog.compare import Finding
    from gatewright.operations.catalog.declared import DeclaredModel
    from gatewright.operations.catalog.facts import Table
    from gatewright.project import Project


@frozen
class CatalogCheck:
    """The findings as of `today`, the sources that were read, and why others were not.

    `shipped`: the shipped catalog's providers.
    """

    today: str
    declared: Mapping[ModelName, DeclaredModel]
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]
    skipped: tuple[str, ...]
    shipped: Mapping[str, Provider]

    @property
    def changes(self) -> tuple[Finding, ...]:
        """The findings that two sources agree on, without new models."""
        return tuple(finding for finding in self.findings if finding.kind.counts)


def check_catalog(project: Project, names: Sequence[str], *, offline: bool) -> CatalogCheck:
    """Compare the models of the named environments, or of all, with the sources; `offline` reads no network.

    Raises UsageError for an environment that does not exist.
    """
    now = clock.now(os.environ)
    today = clock.day_of(now)
    declared = read_declared(project, names)
    shipped, providers = shipped_table()
    sources = Sources([shipped])
    read_packages(project, sources, now, offline=offline)
    if not offline:
        read_provider_lists(declared.providers, sources, now)
        _read_workers_ai(project, names, sources, today)
    ids = {name: model_id(name, model) for name, model in models_of(providers).items()}
    findings = Comparison(declared, sources.tables, ids, today).findings()
    tables = tuple(sources.tables)
    return CatalogCheck(today, declared.models, tuple(findings), tables, tuple(sources.skipped), providers)


def _read_workers_ai(project: Project, names: Sequence[str], sources: Sources, today: str) -> None:
    """Add Workers AI's own list, of the first account whose deploying token is in the shell.

    The local Cloudflare lists a few models only; it is asked if a local environment is named.
    """
    for environment in filter(None, (loaded.environment for loaded in select(project, names, every=not names))):
        if environment.local is not None:
            if not names:
                continue
            client, served = Client(control_plane_url(environment.local.port), LOCAL_DEPLOY_TOKEN), frozenset[str]()
        elif environment.account_id and os.environ.get(environment.deploy_variable):
            client, served = Client(api_token=deploying_token(environment)), frozenset({WORKERS_AI})
        else:
            continue
        with client:
            sources.add(fetch_workers_ai, client, environment.account, served, today)
        return
