"""Whether the project's Pulumi program runs within this process (docs/decisions/0032-program-here.md)."""

from __future__ import annotations

import ast
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import yaml

from gatewright.shipped import PROGRAM, PROGRAM_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.engine.variables import Session
    from gatewright.project import Project

_ONE = Lock()
"""Held while a program runs here: several would share one core."""


@contextmanager
def program_here(project: Project, session: Session) -> Iterator[Sequence[str]]:
    """Run the program of `project` within this process; yield the engine's flags for it, none where it starts it."""
    if session.is_service or not can_run_here(project) or not _ONE.acquire(blocking=False):
        yield ()
        return
    from gatewright.operations.stack.program_host import program_host  # with gRPC, which nothing else needs

    try:
        with program_host(project.root / PROGRAM_NAME, session.environment) as address:
            yield ("--client", address)
    finally:
        _ONE.release()


def can_run_here(project: Project) -> bool:
    """Whether the program is the one that `init` writes, and Pulumi.yaml names this Python, or none."""
    try:
        description = yaml.safe_load((project.root / "Pulumi.yaml").read_text(encoding="utf-8"))
        program = (project.root / PROGRAM_NAME).read_text(encoding="utf-8")
        return _is_on_this_python(project.root, description) and _code(program) == _code(PROGRAM)
    except (OSError, ValueError, SyntaxError, yaml.YAMLError):  # the engine reports it
        return False


def _is_on_this_python(root: Path, description: object) -> bool:
    match description:
        case {"main": _}:
            return False
        case {"runtime": {"name": "python", "options": {"virtualenv": str(folder), **others}}}:
            return not others and (root / folder).resolve() == Path(sys.prefix).resolve()
        case {"runtime": {"name": "python", **others}}:
            return not others.get("options")
        case {"runtime": "python"}:
            return True
    return False


def _code(program: str) -> str:
    """A program without its comments, blank lines and docstring."""
    module = ast.parse(program)
    if ast.get_docstring(module) is not None:
        del module.body[0]
    return ast.unparse(module)
