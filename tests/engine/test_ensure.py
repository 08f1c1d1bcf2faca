"""The ways to an engine, with a Go and a network that stand in for good and bad machines."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.cli.screen import Screen
from gatewright.engine.download import download
from gatewright.engine.ensure import ensure_engine
from gatewright.errors import EngineError
from gatewright.project import Project

from .conftest import Program

GO = """
case $1 in
  version) echo go version go1.99.0 ;;
  list) echo "go: downloading example.com/one v1.0.0" >&2; echo true; echo true; echo false ;;
  build)
    %s
    echo example.com/one >&2; echo example.com/two >&2
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod +x "$2" ;;
esac
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def left(project: Project) -> set[str]:
    return {path.name for path in project.engine_bin.parent.rglob("*") if path.is_file()}


def test_without_a_network_the_download_fails_and_leaves_nothing(project: Project) -> None:
    assert download(project) is False
    assert left(project) == set()


def test_an_engine_is_built_with_its_language_host_and_plugin(project: Project, shell: Path, program: Program) -> None:
    program(shell / "go", GO % ":")
    stream = io.StringIO()
    engine = ensure_engine(project, Screen(stream).show)
    assert (engine.path, engine.origin) == (project.engine_bin / "pulumi", "built")
    assert (
        "pulumi is not on PATH and cannot be downloaded here; building 3.259.0 from its Go modules" in stream.getvalue()
    )
    assert left(project) == {"pulumi", "pulumi-language-python", "origin", "build.log", "lock"}
    (plugin,) = project.pulumi_home.glob("plugins/resource-cloudflare-v*/pulumi-resource-cloudflare")
    assert os.access(plugin, os.X_OK)

    stream = io.StringIO()
    assert ensure_engine(project, Screen(stream).show) == engine
    assert stream.getvalue().endswith("unchanged\n")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("dial tcp: lookup modules.example: no such host", "cannot be reached: check network"),
        ("write pulumi: no space left on device", "the disk is full"),
        ("verifying module: checksum mismatch", "not what is pinned"),
        ("compile: signal: killed", "too little memory"),
        ("something else", r"something else \(full output: .*build\.log\)"),
    ],
)
def test_a_build_that_fails_says_why_in_one_line(
    project: Project, shell: Path, program: Program, said: str, line: str
) -> None:
    program(shell / "go", GO % f"echo {said!r} >&2; exit 1")
    with pytest.raises(EngineError, match=line) as caught:
        ensure_engine(project, Screen(io.StringIO()).show)
    assert "\n" not in caught.value.message
    assert left(project) == {"build.log", "lock"}


def test_an_interrupted_build_leaves_no_engine(project: Project, shell: Path, program: Program) -> None:
    program(shell / "go", GO % 'kill -INT "$PPID"; sleep 5')
    code = (
        "import sys; from pathlib import Path; from gatewright.project import Project\n"
        "from gatewright.engine.ensure import ensure_engine; from gatewright.cli.screen import Screen\n"
        "ensure_engine(Project(Path(sys.argv[1])), Screen().show)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, project.root], capture_output=True, text=True, timeout=60, check=False
    )
    assert "KeyboardInterrupt" in result.stderr
    assert re.search(r"✗ engine", result.stdout)
    assert left(project) == {"build.log", "lock"}


def test_the_users_engine_without_a_python_host_gets_ours(project: Project, shell: Path, program: Program) -> None:
    users = program(shell / "pulumi", "echo v3.300.0")
    stream = io.StringIO()
    engine = ensure_engine(project, Screen(stream).show)
    assert (engine.version, engine.origin) == ((3, 300, 0), "path")
    assert engine.host == project.engine_bin / "pulumi-language-python"
    assert "lacks a Python language host" in stream.getvalue()
    assert list(shell.iterdir()) == [users]
