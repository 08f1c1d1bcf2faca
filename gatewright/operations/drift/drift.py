"""drift: what the engine's refresh, the listings of the account and the calendar say of an environment."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clients import emit
from gatewright.engine.find import require_engine
from gatewright.errors import NoStackError
from gatewright.facts.resource_types import ACCOUNT
from gatewright.operations.drift.differences import Refreshed
from gatewright.operations.drift.expiry import Standing
from gatewright.operations.drift.ignore_rules import ended, idle, ignoring
from gatewright.operations.drift.model import Class, Drift
from gatewright.operations.drift.orphans import Orphans, State
from gatewright.operations.plan.kinds import KEY
from gatewright.operations.plan.preview import ready_to_look
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

OF_A_GATEWAY = ("route", KEY, "domain")
"""Kinds of what goes with its gateway."""


def drift(project: Project, loaded: Loaded, accounts: Accounts, once: Sequence[str] = ()) -> Drift:
    """Looks at one environment; nothing is changed, neither at Cloudflare nor in the state. `once` is what to ignore
    beside the rules of its file.

    Raises a GatewrightError: the files are not valid, the backend or Cloudflare cannot be reached, the passphrase does
    not fit, the stack belongs to another account.
    """
    started, began = time.monotonic(), time.time()
    environment = require(loaded)
    require_account(environment)
    account, now = accounts.of(environment), clock.now(os.environ)
    rules = loaded.file.ignore if loaded.file else ()
    with ready_to_look(project, environment, require_engine(project)) as ready:
        pulumi = ready.pulumi
        steps = _refresh(pulumi, account)
    state = State.of(steps)
    if not state.ids.get(ACCOUNT):
        return Drift(environment.name, (), is_up=False, seconds=time.monotonic() - started)
    require_same_account(environment, state)
    orphans = Orphans(environment, state, account.api, int(began))
    listed = account.listing()
    gateway = account.gateway(orphans.gateway) if orphans.gateway else None
    declared = {file.path: file.text for file in emit(environment)}
    found = [
        *_folded(Refreshed(environment, loaded, declared, now).findings(steps)),
        *Standing(environment, loaded, now, pulumi.session.shell_prefix).findings(steps),
        *orphans.findings(listed, gateway),
    ]
    return Drift(
        environment.name,
        tuple(sorted(ignoring(found, rules, once, now), key=lambda each: each.place_in_order)),
        (*lock_notes(pulumi), *ended(rules, now), *idle(rules, found, now), *_unlisted(listed, gateway)),
        seconds=time.monotonic() - started,
    )


def _refresh(pulumi: Pulumi, account: Account) -> list[Step]:
    """What the engine finds out there; the state stays as it is. None where there is no stack."""
    paced = replace(pulumi.session, environment=pulumi.session.environment | account.variables)
    try:
        return replace(pulumi, session=paced).run_quietly("refresh", "--preview-only", "--stack", pulumi.stack)
    except NoStackError:
        return []


def _folded(found: Sequence[Finding]) -> list[Finding]:
    """A key that is gone is said once, though it is a secret and a link; and a gateway that is gone took all of its own
    with it."""
    gone = {each.kind for each in found if each.class_ is Class.DELETED}
    within = OF_A_GATEWAY if "gateway" in gone else ()
    once = {(each.class_, each.kind, each.name, each.words): each for each in reversed(found)}
    return [each for each in reversed(once.values()) if each.class_ is not Class.DELETED or each.kind not in within]


def _unlisted(listed: AccountListing, gateway: GatewayListing | None) -> Iterable[str]:
    parts = {"gateways": listed.gateways, "tokens": listed.tokens, "secrets": listed.secrets}
    if gateway is not None:
        parts |= {"routes": gateway.routes, "keys": gateway.keys, "domains": gateway.domains}
    if refused := [name for name, found in parts.items() if found is None]:
        yield f"orphans not looked for among {', '.join(refused)}, which the deploying token may not list"


def require_same_account(environment: Environment, state: State) -> None:
    """That the stack is of the environment's account. Raises InvalidEnvironmentError."""
    if not state.has(ACCOUNT, environment.account):
        raise another_account(environment.name, ", ".join(state.ids[ACCOUNT]), environment.account)
