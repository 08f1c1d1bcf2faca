"""`gatewright token ENV --access`: the newest service token for Cloudflare Access, as headers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
local: true
gateway: {domains: {ai.example.test: {}}, access: %s}
tokens: {agents: {}}
"""


class Stack:
    """A stack with a service token."""

    def outputs(self) -> dict[str, Any]:
        return {"serviceToken": {"clientId": "fake.access", "clientSecret": "fake-secret"}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: fake\nruntime: python\n")
    (tmp_path / "stacks/dev.yaml").write_text(FILE % "{serviceToken: true, header: X-Service-Token}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CF_ACCESS_CLIENT_ID", "fake-old.access")
    monkeypatch.setenv("CF_ACCESS_CLIENT_SECRET", "fake-old")
    monkeypatch.setattr("gatewright.operations.stack.open_stack.open_stack", lambda *_: Stack())
    return Project(tmp_path)


@pytest.mark.usefixtures("project")
def test_one_header_or_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "dev", "--access"]) == ExitCode.DONE
    line = capsys.readouterr().out
    assert json.loads(line) == {"cf-access-client-id": "fake.access", "cf-access-client-secret": "fake-secret"}
    assert line.count("\n") == 1
    assert run(["token", "dev", "--access", "--header"]) == ExitCode.DONE
    assert capsys.readouterr().out == "CF-Access-Client-Id: fake.access\nCF-Access-Client-Secret: fake-secret\n"


def test_what_has_no_service_token(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "dev", "agents", "--access"]) == ExitCode.USAGE
    assert "Omit NAME and --for" in capsys.readouterr().err
    (project.stacks / "dev.yaml").write_text(FILE % "true")
    assert run(["token", "dev", "--access"]) == ExitCode.USAGE
    assert "dev creates no service token for Cloudflare Access" in capsys.readouterr().err
