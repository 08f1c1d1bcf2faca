"""`make test-live` as for a real account: the local Cloudflare answers by Cloudflare's names, over TLS."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from local.ports import free_port
from local.tls import NAMES, by_name

from gatewright.local import daemon
from gatewright.project import Project
from live.target import ACCOUNT, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.local.daemon import Running

PROGRAM = """\
import sys
from pathlib import Path
import live.__main__ as command

run, folder = command._run, Path(sys.argv[1])
command._run = lambda sender, _: run(sender, folder)
sys.exit(command.main())
"""
"""The report is written to another folder than that of a real run."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    project = Project(tmp_path)
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param("gateway-deleted workers-ai-takes-a-token-that-may", marks=pytest.mark.long),
        pytest.param("", id="all", marks=pytest.mark.nightly),
    ],
)
def test_the_cases_run_as_on_a_real_account(server: Running, checkout: Project, tmp_path: Path, cases: str) -> None:
    with httpx.Client(base_url=server.data_plane, trust_env=False) as client:
        account = client.post("/__local__/accounts", json={}).json()
        owner = {"Authorization": f"Bearer {account['token']}"}
        stores = f"/client/v4/accounts/{account['id']}/secrets_store/stores"
        assert client.post(stores, headers=owner, json={"name": "default"}).is_success
    selected = {ACCOUNT: account["id"], TOKEN: account["token"], "CASES": cases, "RECORD": "", "SWEEP": ""}
    shell = {name: value for name, value in os.environ.items() if not name.startswith("GATEWRIGHT_LIVE_")}
    with by_name(server.port, tmp_path) as (proxy, variables):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            cwd=checkout.root,
            env={**shell, **variables, **selected, "PYTHONPATH": "tests"},
            capture_output=True,
            text=True,
            check=False,
        )
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert done.returncode == 0, f"{done.stderr}\n{report}"
    assert "## Cases with another answer\n\nNone." in report
    assert "cases against Cloudflare; at most 0.01 USD" in done.stdout
    assert set(proxy.names) == set(NAMES)
    assert account["token"] not in done.stdout + done.stderr + report
