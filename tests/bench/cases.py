"""Cases, which are measured in turn, and the set-ups that several of them share."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from gatewright.engine.find import require_engine
from gatewright.project import Project

Case = Callable[[], float]
"""Runs once and returns its seconds."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The checkout that is measured, and an empty folder."""

    checkout: Project
    folder: Path

    @property
    def gatewright(self) -> Path:
        """The command that is measured."""
        return self.checkout.root / ".venv" / "bin" / "gatewright"

    @property
    def shell(self) -> dict[str, str]:
        """The variables of a user's shell that finds the checkout's engine."""
        path = os.environ.get("PATH", os.defpath)
        return {**os.environ, "PATH": f"{require_engine(self.checkout).bin}{os.pathsep}{path}"}

    def tools(self, name: str) -> Path:
        """The folder with other tools, which `make bench` installs from their lock files."""
        folder = self.checkout.work / name
        if not folder.is_dir():
            raise click.ClickException(f"{self.checkout.shown(folder)} is missing: make bench")
        return folder


@dataclass(frozen=True, slots=True)
class Group:
    """Cases by name, and their set-up, which is made only where one of them is selected."""

    names: Sequence[str]
    opened: Callable[[Bench], AbstractContextManager[Mapping[str, Case]]]


def best_of(
    groups: Sequence[Group], bench: Bench, selected: re.Pattern[str], runs: int, *also: str
) -> dict[str, float]:
    """The best seconds of every selected case, and of those in `also`; one run of all after the other."""
    with ExitStack() as stack:
        cases: dict[str, Case] = {}
        for group in groups:
            names = [name for name in group.names if selected.search(name) or name in also]
            if names:
                opened = stack.enter_context(group.opened(bench))
                cases |= {name: opened[name] for name in names}
        best = dict.fromkeys(cases, float("inf"))
        for _ in range(runs):
            for name, case in cases.items():
                best[name] = min(best[name], case())
    return best
