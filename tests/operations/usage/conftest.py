"""A project with one environment on the local Cloudflare of this process, and its usage at noon of 2026-11-28."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_account import LocalAccount

from gatewright.clock import parse_timestamp
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.operations.drift.accounts import Accounts
from gatewright.operations.usage.measure import measure, parse_question
from gatewright.operations.usage.model import Usage
from gatewright.project import Project
from gatewright.workspace import select

NOON = parse_timestamp("2026-11-28T12:00:00Z")
FILE = f"""\
account: {LOCAL_ACCOUNT}
deploy: {{env: USAGE_TOKEN}}
tokens: {{agents: {{}}, batch: {{}}}}
clients:
  pi: {{primary: dynamic/fast, token: agents, metadata: {{team: search}}}}
  opencode: {{primary: groq/quick, token: batch, metadata: {{team: ads}}}}
use: [workers-ai, groq]
gateway:
  name: default
  spendLimits:
    - {{id: daily, limit: 1 USD/day, technique: fixed}}
    - {{id: teams, limit: 1 USD/day, metadata: {{team: each}}}}
providers:
  workers-ai:
    plan: free
    plans: {{free: {{limits: [10000 neurons/day, 300 requests/minute]}}}}
    models: {{oss: {{id: "@cf/fake/oss", cost: {{input: 0.35, output: 0.75}}}}}}
  groq:
    key: {{stored: true}}
    plan: free
    plans: {{free: {{modelLimits: [30 requests/minute, 100 requests/day]}}}}
    models: {{quick: {{id: openai/quick, cost: {{input: 1, output: 2}}}}}}
routes:
  fast: [groq/quick, workers-ai/oss]
"""

Measure = Callable[..., Usage]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path)
    yield account
    account.store.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("USAGE_TOKEN", LOCAL_DEPLOY_TOKEN)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "prod.yaml").write_text(FILE, encoding="utf-8")
    return Project(tmp_path)


@pytest.fixture
def usage(project: Project, account: LocalAccount) -> Measure:
    """Measures the usage until noon; `token` replaces the deploying token, `offline` reads the cache only."""

    def measure_(
        since: str = "2d",
        by: str = "model",
        *,
        token: str = LOCAL_DEPLOY_TOKEN,
        offline: bool = False,
        now: int = NOON,
    ) -> Usage:
        (loaded,) = select(project, ["prod"])
        assert loaded.environment is not None
        with Accounts(project) as accounts:
            accounts.of(loaded.environment).__dict__["client"] = account.client(token)
            return measure(project, loaded, None if offline else accounts, parse_question(now, since, by))

    return measure_
