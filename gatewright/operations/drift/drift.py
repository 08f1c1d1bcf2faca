"""drift: findings from the engine's refresh, the listings of the account, and the calendar."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clients import emit
from gatewright.cloudflare.access import AccessListing
from gatewright.engine.find import require_engine
from gatewright.errors import NoStackError
from gatewright.facts.resource_types import ACCOUNT
from gatewright.operations.drift.access_orphans import may_have_access, undeployed_notes
from gatewright.operations.drift.differences import RefreshReader
from gatewright.operations.drift.expiry import ExpiryReader
from gatewright.operations.drift.ignore_rules import apply_rules, rule_notes
from gatewright.operations.drift.model import Drift, FindingClass
from gatewright.operations.drift.orphans import OrphanFinder, StateIds
from gatewright.operations.drift.retirements import retirement_findings
from gatewright.operations.plan.kinds import KEY
from gatewright.operations.plan.preview import open_for_reading
from gatewright.operations.stack.locks import lock_notes
from gatewright.workspace import another_account, require, require_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.cloudflare.account_listing import AccountListing, GatewayListing
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Account, Accounts
    from gatewright.operations.drift.model import Finding
    from gatewright.operations.stack.pulumi import Pulumi, Step
    from gatewright.project import Project

KINDS_IN_GATEWAY = ("route", KEY, "domain")


def find_drift(project: Project, loaded: Loaded, accounts: Accounts, ignore: Sequence[str] = ()) -> Drift:
    """Examine one environment, and change nothing. `ignore` are paths to ignore besides the rules of its file.

    Raises:
        InvalidEnvironmentError: the environment is invalid, or its stack belongs to another account.
        GatewrightError: the backend or Cloudflare cannot be reached, or the passphrase is wrong.
    """
    started, now = time.monotonic(), clock.now(os.environ)
    environment = require(loaded)
    require_account(environment)
    account = accounts.of(environment)
    with open_for_reading(project, environment, require_engine(project)) as opened:
        pulumi = opened.pulumi
        steps = _refresh(pulumi, account)
    state = StateIds.of(steps)
    if not state.ids.get(ACCOUNT):
        notes = tuple(undeployed_notes(environment, account))
        return Drift(environment.name, (), notes, is_deployed=False, seconds=time.monotonic() - started)
    require_same_account(environment, state)
    orphans = OrphanFinder(environment, state, account.api, now)
    listing = account.listing()
    gateway = account.gateway(orphans.gateway) if orphans.gateway else None
    access = account.access() if may_have_access(environment, state.ids) else AccessListing()
    declared = {file.path: file.text for file in emit(environment)}
    findings = [
        *_fold(RefreshReader(environment, loaded.root, declared, now).findings(steps)),
        *ExpiryReader(environment, loaded.root, now, pulumi.session.shell_prefix).findings(steps),
        *retirement_findings(environment),
        *orphans.findings(listing, gateway, access),
    ]
    rules = loaded.file.ignore if loaded.file else ()
    unlisted = _listing_notes(environment, listing, gateway, access)
    return Drift(
        environment.name,
        tuple(sorted(apply_rules(findings, rules, ignore, now), key=lambda finding: finding.sort_key)),
        (
            *lock_notes(pulumi),
            *rule_notes(rules, findings, now),
            *unlisted,
        ),
        seconds=time.monotonic() - started,
    )


def _refresh(pulumi: Pulumi, account: Account) -> list[Step]:
    """The steps of a refresh that leaves the state unchanged; none where there is no stack."""
    session = replace(pulumi.session, environment=pulumi.session.environment | account.variables)
    try:
        return replace(pulumi, session=session).run("refresh", "--preview-only", "--stack", pulumi.stack)
    except NoStackError:
        return []


def _fold(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for a deleted key, which is a secret and a link, and only the gateway for all that it contained."""
    deleted = {finding.kind for finding in findings if finding.class_ is FindingClass.DELETED}
    contained = KINDS_IN_GATEWAY if "gateway" in deleted else ()
    unique = {(each.class_, each.kind, each.name, each.difference): each for each in reversed(findings)}
    return [
        finding
        for finding in reversed(unique.values())
        if finding.class_ is not FindingClass.DELETED or finding.kind not in contained
    ]


def _listing_notes(
    environment: Environment, listing: AccountListing, gateway: GatewayListing | None, access: AccessListing
) -> Iterable[str]:
    parts = {"gateways": listing.gateways, "tokens": listing.tokens, "secrets": listing.secrets}
    if gateway is not None:
        parts |= {
            "routes": gateway.routes,
            "keys": gateway.keys,
            "domains": gateway.domains,
            "policies": gateway.policies,
        }
    declared = environment.gateway.access
    if declared is not None and declared.is_created:
        parts |= {"Access applications": access.apps, "Access policies": access.policies}
        parts |= {"service tokens": access.service_tokens}
    if refused := [name for name, entries in parts.items() if entries is None]:
        yield f"not searched for orphans: {', '.join(refused)}, which the deploying token may not list"


def require_same_account(environment: Environment, state: StateIds) -> None:
    """Check that the stack belongs to the environment's account.

    Raises InvalidEnvironmentError if it belongs to another account.
    """
    if not state.has(ACCOUNT, environment.account):
        raise another_account(environment.name, ", ".join(state.ids[ACCOUNT]), environment.account)
