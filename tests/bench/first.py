"""The first answer after `init`: an empty folder, a project, its deployment, and one request."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from bench.cases import Bench, Case, Group
from bench.projects import free_port, runner
from gatewright.local import daemon
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ANSWER = "first answer after gatewright init"
INIT = "gatewright init, an empty folder"


@contextmanager
def opened(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """Both cases, each run in a folder of its own; the engine is installed already."""
    folder = bench.folder / "first"
    folder.mkdir()
    yield {
        INIT: partial(_init, bench, folder / "init"),
        ANSWER: partial(_answer, bench, folder / "answer"),
    }


def _init(bench: Bench, folder: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return runner(Project(folder), bench.shell)(bench.gatewright, "init", "--yes")


def _answer(bench: Bench, folder: Path) -> float:
    """`init` and `up`, which sends a request to the first route and fails without an answer."""
    project, spent = Project(folder), _init(bench, folder)
    file = project.stacks / "local.yaml"
    file.write_text(file.read_text().replace("local: true", f"local: {{port: {free_port()}}}"))
    try:
        return spent + runner(project, bench.shell)(bench.gatewright, "up", "local")
    finally:
        daemon.stop(project)


GROUPS = (Group((INIT, ANSWER), opened),)
