"""bootstrap and permissions: what is printed where, and above all what is not."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from local.ports import free_port
from shipped_stacks import copy_stacks

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_TOKEN_PREFIX
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

TOKEN = re.compile(LOCAL_TOKEN_PREFIX + r"[0-9A-Za-z]{40}")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


Call = Callable[..., Result]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture
def project(checkout: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Running) -> Project:
    """Environment `real`, whose account is the local Cloudflare's, as the working directory."""
    httpx.post(f"{server.data_plane}/__local__/reset", json={}, trust_env=False)
    shutil.copy(checkout.root / "Pulumi.yaml", tmp_path)
    copy_stacks(checkout, tmp_path / "stacks")
    (tmp_path / "stacks" / "real.yaml").write_text(f"extends: base.yaml\naccount: {LOCAL_ACCOUNT}\n")
    (tmp_path / "stacks" / "local.yaml").write_text(f"extends: base.yaml\nlocal: {{port: {server.port}}}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", server.control_plane)
    monkeypatch.delenv("CI", raising=False)
    return Project(tmp_path)


@pytest.fixture
def call(project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:  # noqa: ARG001
    def run_command(*args: str, typed: str = f"{LOCAL_DEPLOY_TOKEN}\n") -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = run(list(args))
        return Result(code, *capsys.readouterr())

    return run_command


def test_the_new_token_alone_is_on_standard_output(call: Call) -> None:
    result = call("bootstrap", "real")
    assert result.code == ExitCode.DONE
    assert TOKEN.fullmatch(result.out.rstrip("\n"))
    assert result.all.count(result.out.strip()) == 1
    assert LOCAL_DEPLOY_TOKEN not in result.all
    assert "created gatewright/real/deploy with AI Gateway Write" in result.err
    assert "export CLOUDFLARE_API_TOKEN=…" in result.err


def test_a_file_that_only_its_owner_reads(call: Call, project: Project) -> None:
    result = call("bootstrap", "real", "--output", "token")
    file = project.root / "token"
    assert result.code == ExitCode.DONE
    assert result.out == ""
    assert TOKEN.search(result.all) is None
    assert TOKEN.fullmatch(file.read_text().rstrip("\n"))
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_existing_file_is_not_overwritten(call: Call, project: Project) -> None:
    (project.root / "token").write_text("mine")
    result = call("bootstrap", "real", "--output", "token")
    assert result.code == ExitCode.USAGE
    assert "token exists already" in result.err
    assert (project.root / "token").read_text() == "mine"


@pytest.mark.parametrize("typed", ["fake-token-that-nobody-ever-made-00000000000\n", "\n", ""])
def test_an_invalid_token_is_not_repeated_and_leaves_no_file(call: Call, project: Project, typed: str) -> None:
    result = call("bootstrap", "real", "--output", "token", typed=typed)
    assert result.code == (ExitCode.REFUSED if typed.strip() else ExitCode.USAGE)
    assert not typed.strip() or typed.strip() not in result.all
    assert not (project.root / "token").exists()
    assert "Traceback" not in result.err


def test_no_token_in_a_ci_log(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = call("bootstrap", "real")
    assert result.code == ExitCode.USAGE
    assert "--output FILE" in result.err
    assert call("bootstrap", "real", "--output", "token").code == ExitCode.DONE


def test_a_second_token(call: Call) -> None:
    first = call("bootstrap", "real").out.strip()
    result = call("bootstrap", "real")
    assert result.code == ExitCode.FAILED
    assert "gatewright bootstrap real --replace" in result.err
    result = call("bootstrap", "real", "--replace", typed=first)
    assert result.code == ExitCode.DONE
    assert first not in result.all
    assert "The previous token is revoked." in result.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--from", "nowhere"], "--from: not an address"),
        (["--expires", "1999"], "--expires: expected a date or an RFC 3339 timestamp, found 1999"),
    ],
)
def test_invalid_options_are_reported_before_a_token_is_read(call: Call, args: list[str], message: str) -> None:
    found = call("bootstrap", "real", *args, typed="")
    assert found.code == ExitCode.USAGE
    assert message in found.err
    assert "standard input" not in found.err


def test_a_local_environment(call: Call) -> None:
    result = call("bootstrap", "local")
    assert result.code == ExitCode.DONE
    assert "CLOUDFLARE_API_TOKEN" not in result.err


def test_the_typed_token_is_hidden(project: Project) -> None:  # noqa: ARG001  the working directory
    child, terminal = pty.fork()
    if child == 0:
        os.execv(  # noqa: S606
            sys.executable, [sys.executable, "-c", "from gatewright.cli import main; main()", "bootstrap", "real"]
        )
    shown = b""
    while b"(hidden)" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, f"{LOCAL_DEPLOY_TOKEN}\n".encode())
    with open(terminal, "rb", buffering=0) as rest:  # noqa: PTH123  a descriptor
        while chunk := _read(rest):
            shown += chunk
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ExitCode.DONE
    text = shown.decode()
    assert LOCAL_DEPLOY_TOKEN not in text
    assert len(TOKEN.findall(text)) == 1


def _read(file: io.FileIO) -> bytes:
    try:
        return file.read(1024)
    except OSError:  # the other side of the terminal has gone
        return b""


def test_permissions_as_a_person_reads_them(call: Call) -> None:
    result = call("permissions", "real")
    assert result.code == ExitCode.DONE
    assert f"real: deploying token gatewright/real/deploy · account {LOCAL_ACCOUNT}" in result.out
    row = r"AI Gateway Write +AI Gateway: Edit +the account +gateway agents-real, its routes fast"
    assert re.search(row, result.out)
    assert f"https://dash.cloudflare.com/{LOCAL_ACCOUNT}/api-tokens" in result.out
    assert "gatewright doctor real" in result.out


def test_permissions_as_a_program_reads_them(call: Call) -> None:
    found = json.loads(call("permissions", "prod", "real", "--format", "json").out)
    assert [each["environment"] for each in found] == ["prod", "real"]
    assert found[0]["account"] is None
    assert found[0]["account_variable"] == "PROD_CLOUDFLARE_ACCOUNT_ID"
    assert found[0]["page"] == "https://dash.cloudflare.com/?to=/:account/api-tokens"
    assert found[0]["permissions"][0] == {
        "permission": "AI Gateway Write",
        "dashboard": "AI Gateway: Edit",
        "scope": "the account",
        "reasons": ["gateway agents-prod", "its routes fast, reasoning, bulk"],
    }


def test_permissions_of_all(call: Call) -> None:
    result = call("permissions", "--all")
    assert [line.partition(":")[0] for line in result.out.splitlines() if ": deploying token" in line] == [
        "dev",
        "local",
        "prod",
        "real",
        "staging",
    ]
