"""`gatewright doctor ENV CLIENT` where nothing is installed; the rest is in tests/clients/programs/test_life.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shipped_stacks import shipped_project

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.project import Project

ENGINE = """#!/bin/sh
[ "$1" = version ] && echo v3.259.0 && exit
echo "error: no stack named 'local' found" >&2
exit 255
"""


@pytest.fixture(autouse=True)
def here(checkout: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped environments with an engine that has no stack, and a machine without a home's files, a
    client or a token."""
    root = tmp_path / "project"
    engine = shipped_project(checkout, root).engine_bin / "pulumi"
    engine.parent.mkdir(parents=True)
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    for name in ("CLOUDFLARE_AI_GATEWAY_TOKEN", "XDG_STATE_HOME", "PI_CODING_AGENT_DIR", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_client_that_the_environment_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "local", "pie"]) == ExitCode.USAGE
    assert "Did you mean pi?" in capsys.readouterr().err


def test_each_missing_part_has_a_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "local", "pi", "--format", "json"]) == ExitCode.FAILED
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["pi"]["found"] == "pi is not on PATH"
    assert not rows["pi"]["fault"]
    assert rows["file"]["mend"] == "gatewright install local pi"
    variable = rows["CLOUDFLARE_AI_GATEWAY_TOKEN"]
    assert variable["found"] == "not set in this shell; it must hold the token agents"
    assert "gatewright run local -- COMMAND" in variable["mend"]


def test_the_same_client_of_several(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEV_CLOUDFLARE_ACCOUNT_ID", "fa4eacc0" * 4)
    monkeypatch.delenv("PROD_CLOUDFLARE_ACCOUNT_ID", raising=False)
    assert run(["doctor", "--all", "pi", "--format", "json"]) == ExitCode.FAILED
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["environments"]}
    assert list(found) == ["dev", "local", "prod", "staging"]
    for name in ("dev", "local"):
        rows = {row["name"]: row for row in found[name]["findings"]}
        assert rows["file"]["mend"] == f"gatewright install {name} pi"
    assert "PROD_CLOUDFLARE_ACCOUNT_ID is not set" in found["prod"]["error"]["message"]


def test_several_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "local", "dev", "prod"]) == ExitCode.FAILED
    out = capsys.readouterr().out
    assert "✓ account              local uses the local Cloudflare and needs no account" in out
    assert "\n\ndev\n✗ account " in out
    *table, last = out.rpartition("\n\n")[2].splitlines()
    assert [line.split()[0] for line in table] == ["local", "dev", "prod"]
    assert "ready" in table[0]
    assert "fault" in table[1]
    assert last == "3 of 3 done"


def test_one_that_needs_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "local"]) == ExitCode.USAGE
    assert "needs no account" in capsys.readouterr().err


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program in place of gatewright, which pi of a new environment runs for its token."""
    program = tmp_path / "gatewright"
    monkeypatch.setattr("gatewright.install.requests.program_path", lambda: program)
    text = "extends: base.yaml\nlocal: true\nclients: {pi: {credential: helper}}\n"
    (tmp_path / "project" / "stacks" / "local.yaml").write_text(text)
    return program


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo fake-token", "the command prints a token; the newest one is unknown"),
        ("echo 'gatewright: no passphrase' >&2; exit 1", "the command for the token fails with exit 1: no passphrase"),
        ("exit 3", "the command for the token fails with exit 3: no message"),
    ],
)
def test_the_helper_is_run(helper: Path, script: str, found: str, capsys: pytest.CaptureFixture[str]) -> None:
    helper.write_text(f"#!/bin/sh\n{script}\n")
    helper.chmod(0o755)
    assert run(["doctor", "local", "pi", "--format", "json"]) == ExitCode.FAILED
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["helper"]["found"] == found
    assert "CLOUDFLARE_AI_GATEWAY_TOKEN" not in rows
    if rows["helper"]["fault"]:
        expected = f"Run it yourself: {helper} token local --for pi --project {helper.parent / 'project'}"
        assert rows["helper"]["mend"] == expected


def test_a_helper_that_does_not_run(helper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not helper.exists()
    assert run(["doctor", "local", "pi", "--format", "json"]) == ExitCode.FAILED
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["helper"]["found"].startswith("the command for the token does not run: [Errno 2] No such file")
