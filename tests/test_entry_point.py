"""The program's start: `token` is answered from the cache, without the modules of the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright import __version__
from gatewright.entry_point import answer_from_cache
from gatewright.io.sealed import write_sealed
from gatewright.token_cache import cache_context, cache_path, mark_files

SLOW = (
    "click",
    "rich",
    "yaml",
    "pathlib",
    "dataclasses",
    "pulumi",
    "httpx",
    "inspect",
    "argparse",
    "importlib.metadata",
)
MAIN = "import sys; from gatewright.entry_point import main; code = main()"
IMPORTED = f"{MAIN}; print(*sys.modules, file=sys.stderr)"
REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with cached tokens, in a folder with a space."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("GATEWRIGHT_NOW", raising=False)
    root = tmp_path / "my project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").touch()
    (root / "stacks" / "prod.yaml").write_text("{}\n")
    tokens = {
        "tokens": {"agents": ["fake-agents", 1 << 40], "anna": ["fake-anna", 1 << 40], "ended": ["fake-ended", 1]},
        "default": "agents",
        "clients": {"pi": "anna"},
        "files": mark_files(str(root)),
        "state": None,
        "state_mark": "",
        "recheck": 1 << 40,
    }
    document = json.dumps({"version": __version__, "tokens": tokens}).encode()
    write_sealed(cache_path(str(root), "prod"), cache_context(str(root), "prod"), document)
    return root


def run(arguments: list[str], folder: Path, program: str = MAIN) -> subprocess.CompletedProcess[str]:
    names = ("XDG_STATE_HOME", "GATEWRIGHT_NOW")
    variables = {"PYTHONPATH": str(REPOSITORY), **{name: os.environ[name] for name in names if name in os.environ}}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_the_answer_imports_none_of_the_commands_modules(root: Path) -> None:
    done = run(["token", "prod", "--project", str(root)], Path("/"), IMPORTED)
    assert (done.returncode, done.stdout) == (0, "fake-agents\n")
    imported = set(done.stderr.split())
    assert "cryptography" in imported
    assert imported & set(SLOW) == set()
    assert {name for name in imported if name.startswith("gatewright")} == {
        "gatewright",
        "gatewright.entry_point",
        "gatewright.io",
        "gatewright.io.sealed",
        "gatewright.token_cache",
    }


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ("prod", "fake-agents"),
        ("prod anna", "fake-anna"),
        ("prod --for pi", "fake-anna"),
        ("prod --for=pi --header", "Bearer fake-anna"),
        ("--header prod", "Bearer fake-agents"),
    ],
)
def test_forms(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: str, output: str
) -> None:
    monkeypatch.chdir(root / "stacks")
    assert answer_from_cache(arguments.split())
    assert capsys.readouterr() == (f"{output}\n", "")
    monkeypatch.chdir("/")
    assert answer_from_cache([*arguments.split(), f"--project={root}"])
    assert answer_from_cache([*arguments.split(), "--project", str(root / "stacks")])


@pytest.mark.parametrize(
    "arguments",
    [
        *("", "--help", "prod --help", "prod --", "prod --for", "prod anna x", "prod anna --for pi"),
        *("prod --for codex", "prod ended", "prod other", "dev", "../prod"),
    ],
)
def test_everything_else_is_left_to_the_command(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    monkeypatch.chdir(root)
    assert not answer_from_cache(arguments.split())
    assert capsys.readouterr() == ("", "")


def test_outside_of_a_project(root: Path) -> None:
    done = run(["token", "prod"], root.parent)
    assert (done.returncode, done.stdout) == (64, "")
    assert "; or name the project: --project FOLDER" in done.stderr


def test_another_time_is_left_to_the_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-12-01")
    assert not answer_from_cache(["prod"])


@pytest.mark.parametrize("document", [b"{}", b"[]", b"not JSON", b'{"version": "0.0.0", "tokens": {}}'])
def test_a_cache_of_another_version(root: Path, monkeypatch: pytest.MonkeyPatch, document: bytes) -> None:
    write_sealed(cache_path(str(root), "prod"), cache_context(str(root), "prod"), document)
    monkeypatch.chdir(root)
    assert not answer_from_cache(["prod"])


def test_the_other_commands(root: Path) -> None:
    done = run(["version"], root)
    assert done.returncode == 0
    assert __version__ in done.stdout
