"""The pages of the report in a real browser: accessible in light, dark, on a phone and in print, fast, and complete."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from operations.report.usage_cache import ACCOUNT, DAY, keep_usage
from shipped_stacks import copy_stacks

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.local.server.core.ports import listening_socket
from gatewright.operations.history import DriftRun, FindingRecord, ProbeRecord, VerifyRun, keep_run
from gatewright.operations.report.server import LiveReport
from gatewright.project import Project

pytestmark = pytest.mark.nightly

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOW = 1_796_083_200  # 2026-12-01
PAGES = ("index.html", "env-staging.html", "env-broken.html", "env-empty.html")
ROUTES = """\
routes:
  teams:
    if: {metadata.team: {eq: research & <development>}}
    then: {limit: 5 USD/day, by: metadata.user, then: {try: [mistral/mistral-medium, workers-ai/gpt-oss-120b], retries: 2}}
    else: {split: [{10%: groq/gpt-oss-120b}, {else: [mistral/mistral-small, workers-ai/gpt-oss-20b]}]}
"""  # noqa: E501
FINDING = FindingRecord("changed", "gateway", "agents", "gateway.logs", "collect true → false", counts=True)
LOOKS = "light,dark,phone,phone-dark,print"
FIRST_PAINT = 1_000  # ms


@pytest.fixture(scope="module")
def packages(checkout: Project) -> Path:
    """The folder with the packages of browser.lock."""
    folder, lock = checkout.work / "browser", checkout.root / "tests" / "browser.lock"
    if not (folder / "playwright").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "--target", str(folder), "--requirement", str(lock)], check=True)
    return folder


@pytest.fixture
def project(tmp_path: Path, checkout: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Environments with everything that a page can show, one with errors and one with nothing."""
    shutil.copy(checkout.root / "Pulumi.yaml", tmp_path)
    copy_stacks(checkout, tmp_path / "stacks")
    project = Project(tmp_path)
    staging = project.stacks / "staging.yaml"
    staging.write_text(f"{staging.read_text()}\n{ROUTES}", encoding="utf-8")
    (project.stacks / "broken.yaml").write_text("local: true\nroutes: {fast: [groq/none]}\n", encoding="utf-8")
    (project.stacks / "empty.yaml").write_text("local: true\n", encoding="utf-8")
    monkeypatch.setenv("STAGING_CLOUDFLARE_ACCOUNT_ID", ACCOUNT)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-12-01")
    monkeypatch.chdir(tmp_path)
    keep_usage(project, "agents-staging", NOW)
    for day in range(10, 0, -1):
        failure = "rate-limited" if day in (1, 4) else None
        probes = (ProbeRecord("groq/gpt-oss-20b", not failure, not failure, failure, 800, "groq/gpt-oss-20b"),)
        keep_run(project, VerifyRun(NOW - day * DAY, "staging", probes))
        finding = FindingRecord(
            "changed", "gateway", "agents-staging", "gateway.logs", "collect true → false", counts=True
        )
        keep_run(
            project, DriftRun(NOW - day * DAY, "staging", is_deployed=True, findings=(finding,) if day < 3 else ())
        )
    return project


def see(packages: Path, pictures: Path, looks: str, *urls: str) -> list[dict[str, Any]]:
    """What Chromium shows; the pictures are in `pictures`."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser, f"no browser to look with: install one of {', '.join(BROWSERS)}"
    pictures.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name("look.py")), browser, str(pictures), looks, *urls]
    variables = os.environ | {"PYTHONPATH": str(packages)}
    answer = subprocess.run(command, env=variables, stdout=subprocess.PIPE, check=True, timeout=600)
    seen: list[dict[str, Any]] = json.loads(answer.stdout)
    return seen


def test_static_pages(packages: Path, project: Project) -> None:
    folder = project.root / "pages"
    assert run(["report", "--all", "--out", str(folder)]) == ExitCode.INVALID  # broken.yaml
    pictures = Path(os.environ.get("GATEWRIGHT_PICTURES") or project.root / "pictures")
    seen = see(packages, pictures, LOOKS, *((folder / name).as_uri() for name in PAGES))
    assert len(seen) == 5 * len(PAGES)
    for entry in seen:
        where = (entry["url"].rpartition("/")[2], entry["look"])
        assert (where, entry["violations"]) == (where, [])
        assert (where, entry["console"], entry["loaded"]) == (where, [], [entry["url"]])
        assert (where, entry["overflow"]) == (where, 0)
        if entry["look"] != "print":
            assert (where, entry["first focus"]) == (where, "Skip to the content")
    for name in PAGES:  # a busy machine delays some looks
        assert min(entry["paint"] for entry in seen if entry["url"].endswith(name)) < FIRST_PAINT
    texts = {(Path(entry["url"]).name, entry["look"]): entry["text"] for entry in seen}
    assert "groq/gpt-oss-120b" in texts["env-staging.html", "print"]
    assert len(list(pictures.glob("*.png"))) == len(seen)


def test_live_pages_show_requests_as_they_come(packages: Path, project: Project) -> None:
    request = {"status": 200, "ms": 12.0, "gateway": "agents-local", "provider": "groq", "model": "<b>model</b>"}
    requests = [{"id": number, "at": "2026-12-01T10:00:00.000Z", **request} for number in range(1, 61)]
    report = LiveReport(project, ["local"], lambda after: requests[after:], tuple)
    with served(report) as address:
        seen = see(packages, project.root / "pictures", "light,phone-dark", address, f"{address}env-local.html")
    for entry in seen:
        assert entry["violations"] == []
        assert entry["console"] == []
        assert entry["text"].count("groq/<b>model</b>") == 50


@contextmanager
def served(report: LiveReport) -> Iterator[str]:
    """The address of the report while it is served."""
    listening = listening_socket(0)
    server = uvicorn.Server(uvicorn.Config(report.app(), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
