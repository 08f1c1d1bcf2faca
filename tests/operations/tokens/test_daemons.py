"""Processes that go on running, and what they were started with: real ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gatewright.clients import CLIENTS, litellm, openclaw, pi
from gatewright.operations.tokens.daemons import RunningProcess, digest, find_running

ADDED = {"LC_CTYPE", "__CF_USER_TEXT_ENCODING", "__PYVENV_LAUNCHER__"}
"""Variables that Python and macOS set themselves."""
LASTS = "import sys, time\nprint('there', flush=True)\ntime.sleep(60)\n"


@contextmanager
def started(script: Path, *arguments: str, **variables: str) -> Iterator[int]:
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(LASTS)
    command = [sys.executable, str(script), *arguments]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


def found(client: str, pid: int, *files: Path) -> RunningProcess | None:
    program = CLIENTS[client].program
    assert program is not None
    return next((each for each in find_running(program, files) or () if each.pid == pid), None)


def test_a_daemons_variables_are_known_by_their_digests(tmp_path: Path) -> None:
    with started(tmp_path / "a b/litellm", "--config", "x.yaml", TOKEN="fake=tökén", EMPTY="") as pid:
        process = found("litellm", pid)
    assert process is not None
    assert process.variables == {"TOKEN": digest("fake=tökén"), "EMPTY": digest("")} | {
        name: value for name, value in (process.variables or {}).items() if name in ADDED
    }
    assert "fake" not in repr(process)


@pytest.mark.parametrize("script", ["openclaw/dist/index.js", "bin/openclaw", "openclaw.mjs"])
def test_openclaws_gateway_is_told_from_its_other_commands(script: str, tmp_path: Path) -> None:
    with started(tmp_path / script, "gateway", "--port", "1") as pid:
        assert found("openclaw", pid) is not None
    with started(tmp_path / script, "agent", "-m", "gateway of mine", "gateway") as pid:
        assert found("openclaw", pid) is None


@pytest.mark.parametrize(
    ("arguments", "is_listed"),
    [
        (("--config", "/home/a/one.yaml"), True),
        (("--config=/home/a/one.yaml",), True),
        (("--config", "one.yaml"), True),  # relative to a folder that is not known
        ((), True),
        (("--config", "/home/a/two.yaml", "--port", "4000"), False),
        (("--config=/home/a/two.yaml",), False),
    ],
)
def test_a_proxy_with_another_file_is_not_listed(arguments: tuple[str, ...], is_listed: bool, tmp_path: Path) -> None:
    with started(tmp_path / "litellm", *arguments) as pid:
        assert (found("litellm", pid, Path("/home/a/one.yaml")) is not None) == is_listed


def test_the_title_that_a_daemon_gives_itself() -> None:
    assert openclaw.PROGRAM.is_daemon(["openclaw-gateway"], ())
    assert not openclaw.PROGRAM.is_daemon([""], ())
    assert not pi.PROGRAM.is_daemon(["pi"], ())


def test_a_system_whose_processes_cannot_be_read() -> None:
    assert find_running(litellm.PROGRAM, (), None) is None
