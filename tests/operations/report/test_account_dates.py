"""The dates of tokens and keys: from the local Cloudflare that runs, or as they were kept."""

from __future__ import annotations

import re
from pathlib import Path

from local_account import LocalAccount

from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.cloudflare.needed_permissions import Need
from gatewright.cloudflare.secrets_store import SecretsStores
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.operations.report.account_dates import (
    AccountDates,
    KeyDates,
    TokenDates,
    ask_dates,
    keep_dates,
    kept_dates,
)
from gatewright.project import Project
from gatewright.workspace import open_one

from .site import NOW, Build, Parsed

FILE = """\
account: 00000000000000000000000000000fac
use: [groq]
providers: {groq: {key: {env: FAKE_KEY}, models: {a: {}}}}
routes: {fast: [groq/a]}
clients: {pi: {primary: dynamic/fast}}
tokens: {agents: {rotate: {every: 30d, overlap: 7d}}}
"""
DATES = AccountDates(
    NOW,
    (TokenDates("agents-2026-11-03", "2026-11-04", None, "2027-01-16", is_active=True),),
    {"groq": KeyDates("2026-10-02", "2026-11-30", "active")},
)


def test_kept_dates_are_on_the_page_with_the_age_of_keys(build: Build, project: Project) -> None:
    keep_dates(project, "dev", DATES)
    page = Parsed(build(dev=FILE)["env-dev.html"])
    assert "agents-2026-11-03 2026-11-04 never 2027-01-16 active" in page.text
    assert "2026-10-02 60 days ago 2026-11-30 1 day ago" in page.text
    assert "as of 2026-12-01 00:00 UTC" in page.text
    assert (page.wrong, page.open) == ([], [])


def test_cloudflare_is_asked_for_names_and_dates_only(project: Project, tmp_path: Path) -> None:
    (project.stacks / "dev.yaml").write_text(FILE.replace("account: 00000000000000000000000000000fac", "local: true"))
    environment = open_one(project, "dev")
    account = LocalAccount(tmp_path)
    client = account.client()
    account.token(AI_GATEWAY_RUN)  # of somebody else
    tokens = AccountTokens(client, LOCAL_ACCOUNT)
    policies = tokens.policies([Need(AI_GATEWAY_RUN, ())])
    tokens.create(
        {"name": "gatewright/dev/agents/2026-11-03", "policies": policies, "expires_on": "2027-01-16T00:00:00Z"}
    )
    store = SecretsStores(client, LOCAL_ACCOUNT).find_or_create()
    secret = {"name": "agents-dev_groq_default", "value": "fake-value", "scopes": ["ai_gateway"]}
    client.post(f"/accounts/{LOCAL_ACCOUNT}/secrets_store/stores/{store}/secrets", [secret])  # type: ignore[arg-type]
    dates = ask_dates(environment, client, NOW)
    (token,) = dates.tokens
    assert (token.name, token.expires, token.is_active) == ("agents-2026-11-03", "2027-01-16", True)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", token.created or "")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", dates.keys["groq"].created or "")
    keep_dates(project, "dev", dates)
    assert "fake-value" not in (project.work / "report" / "dev.json").read_text()
    account.store.close()


def test_without_dates_the_command_that_asks_is_named(build: Build) -> None:
    assert "gatewright report dev --ask --out DIR" in Parsed(build(dev=FILE)["env-dev.html"]).text


def test_damaged_dates_are_none(project: Project) -> None:
    keep_dates(project, "dev", DATES)
    assert kept_dates(project, "dev") == DATES
    for text in (
        "",
        "{",
        "[]",
        '{"version": 0}',
        '{"version": 1}',
        '{"version": 1, "time": 1, "tokens": [1], "keys": {}}',
    ):
        (project.work / "report" / "dev.json").write_text(text)
        assert kept_dates(project, "dev") is None
