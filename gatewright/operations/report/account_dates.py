"""The dates of tokens and stored keys that only Cloudflare knows, and when it was asked.

They are kept in .gatewright/report/<environment>.json: names and dates, no values.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.cloudflare.generations import existing_generations, generation_name
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.environment.checks.tokens import token_name
from gatewright.errors import CloudflareError
from gatewright.frozen import frozen
from gatewright.io.private import private_folder, replace_private
from gatewright.io.untrusted import parse_json, read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gatewright.cloudflare.account_tokens import AccountToken
    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.project import Project

_VERSION = 1


@frozen
class TokenDates:
    """A generation of a token at Cloudflare; days like 2026-12-01, None where Cloudflare has none."""

    name: str
    created: str | None
    used: str | None
    expires: str | None
    is_active: bool


@frozen
class KeyDates:
    """A stored key: when it was created and last changed."""

    created: str | None
    changed: str | None
    status: str


@frozen
class AccountDates:
    """What Cloudflare has, by token and by provider; `time` in seconds since 1970."""

    time: int
    tokens: tuple[TokenDates, ...]
    keys: dict[str, KeyDates]


def account_dates(
    project: Project, environment: Environment, accounts: Accounts | None, now: int
) -> AccountDates | None:
    """The dates: asked and kept where there are `accounts`, otherwise the kept ones; None where there are none.

    Raises what `Client` raises for an account; a local Cloudflare that does not answer has none.
    """
    if accounts is None:
        return kept_dates(project, environment.name)
    try:
        dates = ask_dates(environment, accounts.of(environment).client, now)
    except CloudflareError:
        if environment.local is None:
            raise
        return None
    if environment.local is None:
        keep_dates(project, environment.name, dates)
    return dates


def ask_dates(environment: Environment, client: Client, now: int) -> AccountDates:
    """Ask Cloudflare for the dates. Raises what `Client` raises."""
    account = environment.account
    store = SecretsStores(client, account).find()
    secrets = {secret.name: secret for secret in Secrets(client, account, store).list_all()} if store else {}
    keys = {
        key.provider: KeyDates(_day(secret.created), _day(secret.modified), secret.status)
        for key in provider_keys(environment)
        if (secret := secrets.get(key.secret))
    }
    listed = AccountTokens(client, account).with_prefix(token_name(environment.name, ""))
    return AccountDates(now, tuple(_tokens(environment, listed)), keys)


def _tokens(environment: Environment, listed: Sequence[AccountToken]) -> Iterator[TokenDates]:
    for name in environment.tokens:
        for generation in existing_generations(token_name(environment.name, name), listed):
            dates = (generation.issued, generation.used, generation.ends)
            created, used, expires = (clock.day_of(time) if time is not None else None for time in dates)
            yield TokenDates(generation_name(name, generation), created, used, expires, generation.active)


def _day(time: str | None) -> str | None:
    return time[:10] if time else None


def keep_dates(project: Project, environment: str, dates: AccountDates) -> None:
    """Keep the dates on this machine. Raises OSError."""
    file = _file(project, environment)
    private_folder(file.parent)
    replace_private(file, json.dumps({"version": _VERSION, **asdict(dates)}).encode())


def kept_dates(project: Project, environment: str) -> AccountDates | None:
    """The kept dates; None where there are none, or they are damaged. Raises OSError."""
    try:
        content = parse_json(read_regular_file(_file(project, environment)))
        if content["version"] != _VERSION:
            return None
        keys = {provider: KeyDates(**dates) for provider, dates in content["keys"].items()}
        return AccountDates(int(content["time"]), tuple(TokenDates(**dates) for dates in content["tokens"]), keys)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _file(project: Project, environment: str) -> Path:
    return project.work / "report" / f"{environment}.json"
