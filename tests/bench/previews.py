"""preview, up and drift, beside an empty Pulumi program and one written by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from bench.cases import Bench, Case, Group
from bench.projects import Run, by_hand, clone, free_port, runner, small
from gatewright.engine.find import Engine, require_engine
from gatewright.engine.launchers import place_cloudflare_plugin
from gatewright.engine.variables import apply_variables, local_variables
from gatewright.local import daemon
from gatewright.project import Project

EMPTY, LOCAL, BY_HAND = "preview of an empty program", "preview of local", "preview by hand, pulumi_cloudflare"
PREVIEW = "gatewright preview local"
FIRST_UP, FIRST_UP_EMPTY, FIRST_UP_BY_HAND = (
    f"{name}, from nothing" for name in ("gatewright up local", "up of an empty program", "up by hand")
)
UP, UP_EMPTY, UP_BY_HAND = (
    f"{name}, unchanged" for name in ("gatewright up local", "up of an empty program", "up by hand")
)
DRIFT, DRIFT_EMPTY, DRIFT_BY_HAND = "gatewright drift local", "refresh of an empty program", "refresh by hand"
_UP = ("up", "--yes", "--non-interactive")
_DOWN = ("destroy", "--yes", "--skip-preview", "--non-interactive")
_REFRESH = ("refresh", "--preview-only", "--non-interactive")


@dataclass(frozen=True)
class Programs:
    """The three projects: this product's, an empty program, and one written by hand."""

    bench: Bench
    engine: Engine
    ours: Project
    empty: Project
    hand: Project

    def run(self, project: Project) -> Run:
        """Runs a command in a project of these."""
        return self._runs[project.root]

    @cached_property
    def _runs(self) -> dict[object, Run]:
        return {
            project.root: runner(
                project, apply_variables(local_variables(project, self.engine, os.environ), os.environ)
            )
            for project in (self.ours, self.empty, self.hand)
        }

    def gatewright(self, *arguments: str) -> float:
        """Seconds of a command of ours."""
        return self.run(self.ours)(self.bench.gatewright, *arguments)

    def pulumi(self, project: Project, *arguments: str) -> float:
        """Seconds of a command of the engine on the stack `local`."""
        return self.run(project)(self.engine.path, *arguments, "--stack", "local")

    def first_up(self) -> float:
        """Seconds of an up after everything was removed."""
        self.gatewright("down", "local", "--yes")
        return self.gatewright("up", "local")

    def first_up_by_pulumi(self, project: Project) -> float:
        """The same for one of the others."""
        self.pulumi(project, *_DOWN)
        return self.pulumi(project, *_UP)


@contextmanager
def programs(bench: Bench) -> Iterator[Programs]:
    """All three, deployed, each with a local Cloudflare where it uses one."""
    folder, port = bench.folder, free_port()
    engine = require_engine(bench.checkout)
    ours, empty = clone(bench.checkout, folder / "ours", free_port()), small(bench.checkout, folder / "empty")
    hand = by_hand(bench.checkout, folder / "by hand", port)
    three = Programs(bench, engine, ours, empty, hand)
    for project in (ours, empty, hand):  # the engine wants the plugins of all installed packages, used or not
        place_cloudflare_plugin(project)
    try:
        daemon.start(hand, port)
        three.gatewright("up", "local")
        for project in (empty, hand):
            three.run(project)(engine.path, "stack", "init", "local")
            three.pulumi(project, *_UP)
        yield three
    finally:
        daemon.stop(ours)
        daemon.stop(hand)


@contextmanager
def opened(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """The cases of all three programs."""
    with programs(bench) as three:
        preview = ("preview", "--non-interactive")
        yield {
            EMPTY: partial(three.pulumi, three.empty, *preview),
            LOCAL: partial(three.pulumi, three.ours, *preview),
            BY_HAND: partial(three.pulumi, three.hand, *preview),
            PREVIEW: partial(three.gatewright, "preview", "local"),
            FIRST_UP_EMPTY: partial(three.first_up_by_pulumi, three.empty),
            FIRST_UP_BY_HAND: partial(three.first_up_by_pulumi, three.hand),
            FIRST_UP: three.first_up,
            UP_EMPTY: partial(three.pulumi, three.empty, *_UP),
            UP_BY_HAND: partial(three.pulumi, three.hand, *_UP),
            UP: partial(three.gatewright, "up", "local"),
            DRIFT_EMPTY: partial(three.pulumi, three.empty, *_REFRESH),
            DRIFT_BY_HAND: partial(three.pulumi, three.hand, *_REFRESH),
            DRIFT: partial(three.gatewright, "drift", "local"),
        }


GROUPS = (
    Group(
        (
            *(EMPTY, LOCAL, BY_HAND, PREVIEW),
            *(FIRST_UP_EMPTY, FIRST_UP_BY_HAND, FIRST_UP),
            *(UP_EMPTY, UP_BY_HAND, UP),
            *(DRIFT_EMPTY, DRIFT_BY_HAND, DRIFT),
        ),
        opened,
    ),
)
