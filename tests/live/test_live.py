"""The live tests against the local Cloudflare in the role of the real one: a process, on a port."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from local.ports import free_port
from local.server.conversation import Conversation
from local.server.setup_steps import SETUPS

from gatewright.cloudflare.rate_limiter import RateLimiter
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project
from live import __main__ as command
from live.account import Sender
from live.budget import MAX_TOKENS, Budget, OverBudgetError, read_prices
from live.names import COMMON_PREFIX
from live.runs import DIFFERENT, EXPECTED, SKIPPED, Run, read_cases, run_cases
from live.sweeper import leftovers, sweep
from live.target import ACCOUNT, TOKEN, URL, Target

SETTINGS = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}
PRICES = {"@cf/openai/gpt-oss-20b": (0.2, 0.3)}
SELECTED = (
    "gateway-deleted",
    "gateway-all-errors-at-once",
    "key-alias-taken",
    "secret-refused",
    "token-name-of-120-characters",
    "custom-provider-only-https",
    "workers-ai-takes-a-token-that-may",
    "clock-set-by-seconds",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("live"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture
def sender(server: Running) -> Iterator[Sender]:
    """A sender to a new account with a Secrets Store."""
    with httpx.Client(trust_env=False) as client:
        account = client.post(f"{server.data_plane}/__local__/accounts", json={}).json()
        target = Target(account["id"], account["token"], f"http://127.0.0.1:{server.port}")
        made = Sender(target, client, RateLimiter(None), Budget(0.01, PRICES))
        created = made.send("POST", _path(made, "secrets_store/stores"), headers=made.owner(), json={"name": "default"})
        assert created.status_code == 200
        yield made
        client.delete(f"{server.data_plane}/__local__/faults")


def _path(sender: Sender, path: str) -> str:
    return f"/client/v4/accounts/{sender.target.account}/{path}"


def _cases(*names: str) -> list[dict[str, Any]]:
    cases = {case["id"]: case for case in read_cases()}
    return [cases[name] for name in names]


def _create_gateway(sender: Sender, name: str) -> None:
    body = {"id": name, **SETTINGS}
    response = sender.send("POST", _path(sender, "ai-gateway/gateways"), headers=sender.owner(), json=body)
    assert response.status_code == 200


def _gateways(sender: Sender) -> set[str]:
    response = sender.send("GET", _path(sender, "ai-gateway/gateways"), headers=sender.owner())
    return {gateway["id"] for gateway in response.json()["result"]}


def _command(sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **variables: str) -> tuple[int, str]:
    """Run the command in this process; its exit code and report."""
    for name, value in {"CASES": "", "RECORD": "", "SWEEP": "", **variables}.items():
        monkeypatch.setenv(name, value)
    code = command._run(sender, tmp_path)
    report = tmp_path / "report.md"
    return code, report.read_text(encoding="utf-8") if report.exists() else ""


def test_cases_leave_nothing_and_no_object_of_others_is_changed(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _create_gateway(sender, "g")
    _create_gateway(sender, f"{COMMON_PREFIX}killed-g")
    code, report = _command(sender, monkeypatch, tmp_path, CASES=" ".join(SELECTED))
    assert code == 0, report
    assert "8 cases: 7 as expected, 1 skipped" in report
    assert "| `gateway-all-errors-at-once` | `POST …/ai-gateway/gateways`: 400 with code 7001 | confirmed |" in report
    assert "| needs the local Cloudflare's control interface | 1 | `clock-set-by-seconds` |" in report
    assert _gateways(sender) == {"g"}
    assert list(leftovers(sender, COMMON_PREFIX)) == []
    assert sender.target.token not in report
    assert sender.target.account not in report


@pytest.mark.long
def test_the_local_cloudflare_answers_every_case_as_expected(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The run itself makes no answer look different."""
    code, report = _command(sender, monkeypatch, tmp_path)
    assert code == 0, report
    assert "## Cases with another answer\n\nNone." in report
    assert len(re.findall(r"\| confirmed \|$", report, re.MULTILINE)) > 25


def test_another_answer_is_reported_and_refutes_a_guess(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fault = {"on": "control", "status": 418, "path": "*/ai-gateway/gateways", "method": "POST"}
    ordered = sender.client.post(sender.target.api + "/__local__/faults", json=fault)
    assert ordered.status_code == 201, ordered.text
    code, report = _command(sender, monkeypatch, tmp_path, CASES="gateway-all-errors-at-once")
    assert code == 1
    assert "| `gateway-all-errors-at-once` | guess | AssertionError: POST" in report
    assert "| refuted |" in report


def test_ctrl_c_deletes_what_was_created(sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Interrupted(RateLimiter):
        def wait(self) -> None:
            super().wait()
            if self.calls == 12:
                raise KeyboardInterrupt

    interrupted = replace(sender, limiter=Interrupted(None))
    code, report = _command(interrupted, monkeypatch, tmp_path, CASES="gateway-* key-*")
    assert code == 130
    assert "The run was ended early." in report
    assert list(leftovers(sender, COMMON_PREFIX)) == []


def test_without_an_answer_the_report_names_the_command_that_cleans_up(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Unreachable(RateLimiter):
        def wait(self) -> None:
            super().wait()
            if self.calls >= 9:
                raise httpx.ConnectError("unreachable")

    cut_off = replace(sender, limiter=Unreachable(None))
    code, report = _command(cut_off, monkeypatch, tmp_path, CASES="gateway-*")
    assert code == 1
    assert "- **not deleted**: unknown, run `make test-live SWEEP=1`: unreachable" in report
    assert len(list(leftovers(sender, COMMON_PREFIX))) == 1
    assert _command(sender, monkeypatch, tmp_path, SWEEP="1")[0] == 0
    assert list(leftovers(sender, COMMON_PREFIX)) == []


@pytest.mark.long
def test_sigterm_deletes_what_was_created(sender: Sender, checkout: Project, tmp_path: Path) -> None:
    target = sender.target
    variables = {**os.environ, ACCOUNT: target.account, TOKEN: target.token, URL: target.api, "PYTHONPATH": "tests"}
    variables |= {"CASES": "gateway-* token-*", "RECORD": "", "SWEEP": ""}
    program = f"from pathlib import Path; import live.__main__ as m; r = m._run; p = Path({str(tmp_path)!r}); "
    program += "m._run = lambda sender, _: r(sender, p); raise SystemExit(m.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=checkout.root, env=variables, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "cases against" in process.stdout.readline()
    process.stdout.readline()  # the first case has ended
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(leftovers(sender, COMMON_PREFIX)) == []


def test_a_sweep_alone_deletes_what_a_killed_run_left(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("live.sweeper.PAGE", 2)
    for number in range(5):
        _create_gateway(sender, f"{COMMON_PREFIX}{number}")
    _create_gateway(sender, "production")
    assert _command(sender, monkeypatch, tmp_path, SWEEP="1") == (0, "")
    assert _gateways(sender) == {"production"}


def test_what_cannot_be_deleted_is_named(sender: Sender) -> None:
    name = f"{COMMON_PREFIX}stays"
    _create_gateway(sender, name)
    fault = {"on": "control", "status": 500, "path": "*/ai-gateway/gateways/*", "method": "DELETE"}
    assert sender.client.post(sender.target.api + "/__local__/faults", json=fault).status_code == 201
    assert sweep(sender, COMMON_PREFIX) == (0, [f"{name} (/ai-gateway/gateways/{name}: 500)"])


def test_a_case_that_would_change_an_object_of_others_is_skipped(sender: Sender) -> None:
    _create_gateway(sender, "production")
    body = [{"name": "mine", "value": "fake-value", "scopes": ["ai_gateway"]}]
    store = sender.send("GET", _path(sender, "secrets_store/stores"), headers=sender.owner()).json()["result"][0]["id"]
    secrets = _path(sender, f"secrets_store/stores/{store}/secrets")
    mine = sender.send("POST", secrets, headers=sender.owner(), json=body).json()["result"][0]["id"]
    read = {"method": "GET", "path": "/client/v4/accounts/{A}/secrets_store/stores/{s}/secrets/{mine}"}
    delete = {"method": "DELETE", "path": "/client/v4/accounts/{A}/secrets_store/stores/{s}/secrets/{x}"}
    case = {"id": "c", "tag": "docs", "steps": [{"request": read, "capture": {"x": "result.id"}}, {"request": delete}]}
    case["steps"][0]["request"]["path"] = read["path"].replace("{s}", store).replace("{mine}", mine)  # type: ignore[index]
    run = Run(f"{COMMON_PREFIX}test-")
    run_cases(sender, run, [case], lambda _: None)
    assert (run.results[0].end, run.results[0].detail) == (
        SKIPPED,
        "would change an object that the run has not created",
    )
    assert sender.send("GET", f"{secrets}/{mine}", headers=sender.owner()).status_code == 200


def test_no_request_is_sent_beyond_the_budget(sender: Sender) -> None:
    sender.budget.limit = 0.00001
    run = Run(f"{COMMON_PREFIX}test-")
    run_cases(sender, run, _cases("workers-ai-takes-a-token-that-may"), lambda _: None)
    assert (run.results[0].end, run.results[0].detail) == (SKIPPED, "could pass the budget")
    assert sender.budget.spent == 0
    entries = sender.client.get(sender.target.api + "/__local__/log").text
    assert f"/v1/{sender.target.account}/" not in entries


def test_the_budget_counts_before_each_request() -> None:
    budget = Budget(0.001, PRICES)
    body = {"messages": [], "max_tokens": 4000, "n": 3}
    charge = partial(budget.charge, "@cf/openai/gpt-oss-20b", body)
    assert charge() == {"messages": [], "max_tokens": MAX_TOKENS}
    with pytest.raises(OverBudgetError):
        deque((charge() for _ in range(100)), maxlen=0)
    assert 0 < budget.spent <= budget.limit
    assert budget.requests < 100


def test_paid_models_have_no_price(checkout: Project) -> None:
    prices = read_prices(checkout)
    assert "@cf/openai/gpt-oss-20b" in prices
    assert "@cf/zai-org/glm-5.3-flash" not in prices


def test_recorded_cases_hold_no_secret_and_pass_again(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = (
        "gateway-deleted",
        "token-put-as-it-was-read",
        "route-list",
        "secret-duplicated",
        "key-linked-by-its-value",
    )
    code, _ = _command(sender, monkeypatch, tmp_path, CASES=" ".join(names), RECORD="1")
    assert code == 0
    for name in names:
        text = (tmp_path / "cases" / f"{name}.json").read_text(encoding="utf-8")
        assert COMMON_PREFIX not in text
        for secret in (sender.target.account, sender.target.token):
            assert secret not in text
    for name in names:
        case = json.loads((tmp_path / "cases" / f"{name}.json").read_text(encoding="utf-8"))
        with httpx.Client(base_url=sender.target.api, trust_env=False) as client:
            conversation = Conversation(client)
            setup = [step for name in case.get("given", []) for step in SETUPS[name]]
            for step in (*setup, *case["steps"]):
                conversation.run(step)


def test_every_request_is_paced(sender: Sender) -> None:
    slept: list[float] = []
    sender.limiter = RateLimiter(3.5, clock=lambda: 0.0, sleep=slept.append)
    sender.limiter.calls = 0
    run = Run(f"{COMMON_PREFIX}test-")
    run_cases(sender, run, _cases("gateway-deleted"), lambda _: None)
    assert run.results[0].end == EXPECTED
    assert sender.limiter.calls == 6  # 5 of the case, and the gateway's removal
    assert len(slept) == 5


def test_a_rate_limit_of_the_api_refutes_nothing(sender: Sender) -> None:
    fault = {"on": "control", "status": 429, "path": "*/ai-gateway/gateways"}
    assert sender.client.post(sender.target.api + "/__local__/faults", json=fault).status_code == 201
    run = Run(f"{COMMON_PREFIX}test-")
    run_cases(sender, run, _cases("gateway-all-errors-at-once"), lambda _: None)
    assert (run.results[0].end, run.results[0].detail) == (SKIPPED, "refused by the rate limit of the API")


def test_an_answer_that_is_not_json_is_another_answer(sender: Sender) -> None:
    fault = {"on": "control", "status": 200, "text": "<h1>Error</h1>", "path": "*/ai-gateway/gateways"}
    assert sender.client.post(sender.target.api + "/__local__/faults", json=fault).status_code == 201
    run = Run(f"{COMMON_PREFIX}test-")
    run_cases(sender, run, _cases("gateway-all-errors-at-once"), lambda _: None)
    assert run.results[0].end == DIFFERENT
