"""Whatever a file holds that a command reads: a message, never a traceback, an endless wait or endless memory."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from gatewright.errors import ExitCode
from gatewright.project import Project

from .hostile_files import KINDS, READERS, limited, place
from .project import ACCOUNT, Call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads its size in /proc")
CODES = {*ExitCode} - {ExitCode.INTERRUPTED}
# each file and each kind at least once
SAMPLES = range(max(len(READERS), len(KINDS)))
PAIRS = [pair for _, *pair in zip(SAMPLES, itertools.cycle(READERS), itertools.cycle(KINDS), strict=False)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv(ACCOUNT, "fa4eacc0" * 4)
    return folder


def run_readers(file: str, kind: str, project: Project, home: Path, call: Call) -> None:
    place(home / file[2:] if file.startswith("~/") else project.root / file, kind)
    for command in READERS[file]:
        with limited():
            result = call(*command.split())
        assert result.code in CODES, command
        assert result.out.strip() or result.err.strip() or result.code == ExitCode.DONE, command


@pytest.mark.parametrize(("file", "kind"), PAIRS)
def test_a_sample(file: str, kind: str, project: Project, home: Path, call: Call) -> None:
    run_readers(file, kind, project, home, call)


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", READERS)
def test_every_file_with_everything(file: str, kind: str, project: Project, home: Path, call: Call) -> None:
    run_readers(file, kind, project, home, call)
