"""scan: keys in files, in git's history and in this shell's variables; their values are never printed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from gatewright.project import Project

from .project import Call

KEY = "sk-" + "proj-Zq7Rw2Lm9Tb4Vx6N"  # split, so that this file has no key
NPM_TOKEN = "npm_" + "Zq7Rw2Lm9Tb4Vx6NZq7Rw2Lm9Tb4Vx6NZq7R"


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no client is installed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


@pytest.fixture
def git(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)
    run_git(project, "init", "--quiet")


def run_git(project: Project, *arguments: str) -> str:
    identity = ("-c", "user.name=fake", "-c", "user.email=fake@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project.root, check=True, capture_output=True, text=True).stdout


def commit(project: Project) -> str:
    run_git(project, "add", "--all")
    run_git(project, "commit", "--quiet", "--message", "x")
    return run_git(project, "rev-parse", "--short=8", "HEAD").strip()


def test_a_key_is_named_by_its_place(project: Project, call: Call) -> None:
    (project.root / "notes.md").write_text(f"# Keys\n\nMine is {KEY}, do not share.\n", encoding="utf-8")
    result = call("scan")
    assert result.code == 3
    assert result.out.startswith("notes.md:3:9    API key of a model service\n\n1 key in clear text in ")
    assert KEY not in result.out + result.err


@pytest.mark.parametrize(
    "text",
    [
        "token: ${OPENAI_API_KEY}",
        "key: {env: OPENAI_API_KEY}",
        "sk-" + "fake-0000000000000000000000",
        "sk-" + "xxxxxxxxxxxxxxxxxxxxxxxxxxx",
        f"key: {KEY} # gatewright:allow",
        "--hash=sha256:" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "account: " + "0f8fad5bd9cb469fa16570867728950e",
        "redis://user:${PASSWORD}@host/0",
        "signature: " + "4dabf18193072939515e22adb298388d",
    ],
)
def test_what_is_not_a_key(text: str, project: Project, call: Call) -> None:
    (project.root / "notes.md").write_text(text, encoding="utf-8")
    assert call("scan").code == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Authorization: Bearer " + "Zq7Rw2Lm9Tb4Vx6NaZ81", "bearer token"),
        ("redis://user:" + "Zq7Rw2Lm9T@host/0", "password in an address"),
        ("-----BEGIN " + "EC PRIVATE KEY-----", "private key"),
        ('{"apiKey": "' + 'Zq7Rw2Lm9Tb4Vx6N3"}', "value of apiKey"),
        ("header: apiKey=" + "Zq7Rw2Lm9Tb4Vx6N3", "value of apiKey"),
        ("client_secret" + " = 'Zq7Rw2Lm9Tb4Vx6N3'", "value of client_secret"),
        (f"//host/:_authToken={NPM_TOKEN}", "token of a development service"),
    ],
)
def test_the_kinds(text: str, kind: str, project: Project, call: Call) -> None:
    file = project.root / "notes.md"
    file.write_text(text, encoding="utf-8")
    (key,) = json.loads(call("scan", str(file), "--format", "json").out)["keys"]
    assert (key["kind"], key["line"]) == (kind, 1)


def test_a_secret_of_this_shell_is_found_by_its_value(
    project: Project, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "plain words without a form")
    (project.root / "notes.md").write_text("x plain words without a form", encoding="utf-8")
    result = call("scan")
    assert result.out.startswith("notes.md:1:3    value of $MISTRAL_API_KEY\n")
    assert "plain words" not in result.out


@pytest.mark.usefixtures("git")
def test_a_key_that_was_removed_is_in_the_history(project: Project, call: Call) -> None:
    file = project.root / "stacks" / "old.md"
    file.write_text(f"\n{KEY}\n", encoding="utf-8")
    first = commit(project)
    file.write_text(f"more\n\n{KEY}\n", encoding="utf-8")
    commit(project)
    file.unlink()
    commit(project)
    assert call("scan").code == 0
    result = call("scan", "--history")
    assert result.code == 3
    assert result.out.startswith(f"stacks/old.md:2:1    API key of a model service    [commit {first}]\n\n1 key ")
    assert "reading git's history" in result.err


@pytest.mark.usefixtures("git")
def test_a_fingerprint_in_gitleaksignore_lets_a_key_pass(project: Project, call: Call) -> None:
    old = project.root / "old.md"
    old.write_text(f"{KEY}\n", encoding="utf-8")
    commit(project)
    old.write_text("none\n", encoding="utf-8")
    (project.root / "new.md").write_text(f"\n{NPM_TOKEN}\n", encoding="utf-8")
    commit(project)
    keys = json.loads(call("scan", "--history", "--format", "json").out)["keys"]
    new, first = (key["fingerprint"] for key in keys)
    assert new == "new.md:gatewright:2"
    assert first == f"{keys[1]['commit']}:old.md:gatewright:1"
    ignored = project.root / ".gitleaksignore"
    ignored.write_text(f"# seen\nno fingerprint\n{first.replace('gatewright', 'generic-api-key')}\n", encoding="utf-8")
    result = call("scan", "--history")
    assert result.code == 3
    assert result.out.startswith("new.md:2:1    ")
    with ignored.open("a", encoding="utf-8") as file:
        file.write(f"{new}\n")
    assert call("scan", "--history").code == 0


@pytest.mark.usefixtures("git")
def test_ignored_files_are_read_only_where_they_are_named(project: Project, call: Call) -> None:
    (project.root / ".gitignore").write_text("*.env\n", encoding="utf-8")
    file = project.root / "a b.env"
    file.write_text(f"OPENAI_API_KEY={KEY}\n", encoding="utf-8")
    assert call("scan").code == 0
    assert call("scan", "a b.env").code == 3
    result = call("scan", "a b.env", "--format", "github")
    assert result.out.startswith("::error file=a b.env,line=1,col=16,title=clear-text-key::")


def test_what_cannot_be_read_is_named(project: Project, call: Call) -> None:
    os.mkfifo(project.root / "pipe")
    (project.root / "binary").write_bytes(b"\0" + KEY.encode())
    with (project.root / "large").open("wb") as file:
        file.truncate(20_000_001)
    result = call("scan")
    assert result.code == 0
    assert "not read: pipe: is a named pipe, not a regular file" in result.out
    assert "not read: large: has 20,000,001 bytes; the limit is 20,000,000" in result.out
    missing = call("scan", "nowhere")
    assert (missing.code, missing.err) == (64, "gatewright: nowhere does not exist\n")


def test_without_git_the_history_cannot_be_read(project: Project, call: Call) -> None:  # noqa: ARG001
    result = call("scan", "--history")
    assert result.code == 1
    assert "git rev-list failed: " in result.err
