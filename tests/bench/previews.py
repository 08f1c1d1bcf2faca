"""preview, up and drift, beside an empty Pulumi program and one written by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from bench.cases import Bench, Case, Group
from bench.projects import Run, by_hand, clone, free_port, hundred, runner, small
from gatewright.engine.find import Engine, require_engine
from gatewright.engine.launchers import place_cloudflare_plugin
from gatewright.engine.variables import apply_variables, local_variables
from gatewright.local import daemon
from gatewright.project import Project

EMPTY, LOCAL, BY_HAND = "preview of an empty program", "preview of local", "preview by hand, pulumi_cloudflare"
HUNDRED = "preview of local with 100 resources"
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
    """The projects: this product's, also with 100 resources, an empty program, and one written by hand."""

    bench: Bench
    engine: Engine
    ours: Project
    hundred: Project
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
            for project in (self.ours, self.hundred, self.empty, self.hand)
        }

    def gatewright(self, *arguments: str, project: Project | None = None) -> float:
        """Seconds of a command of ours."""
        return self.run(project or self.ours)(self.bench.gatewright, *arguments)

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
    """All of them, deployed, each with a local Cloudflare where it uses one."""
    folder, port = bench.folder, free_port()
    engine = require_engine(bench.checkout)
    ours, empty = clone(bench.checkout, folder / "ours", free_port()), small(bench.checkout, folder / "empty")
    large = hundred(bench.checkout, folder / "hundred", free_port())
    hand = by_hand(bench.checkout, folder / "by hand", port)
    made = Programs(bench, engine, ours, large, empty, hand)
    for project in (ours, large, empty, hand):  # the engine wants the plugins of all installed packages, used or not
        place_cloudflare_plugin(project)
    try:
        daemon.start(hand, port)
        for project in (ours, large):
            made.gatewright("up", "local", project=project)
        for project in (empty, hand):
            made.run(project)(engine.path, "stack", "init", "local")
            made.pulumi(project, *_UP)
        yield made
    finally:
        for project in (ours, large, hand):
            daemon.stop(project)


@contextmanager
def opened(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """The cases of all programs."""
    with programs(bench) as made:
        preview = ("preview", "--non-interactive")
        yield {
            EMPTY: partial(made.pulumi, made.empty, *preview),
            LOCAL: partial(made.pulumi, made.ours, *preview),
            HUNDRED: partial(made.pulumi, made.hundred, *preview),
            BY_HAND: partial(made.pulumi, made.hand, *preview),
            PREVIEW: partial(made.gatewright, "preview", "local"),
            FIRST_UP_EMPTY: partial(made.first_up_by_pulumi, made.empty),
            FIRST_UP_BY_HAND: partial(made.first_up_by_pulumi, made.hand),
            FIRST_UP: made.first_up,
            UP_EMPTY: partial(made.pulumi, made.empty, *_UP),
            UP_BY_HAND: partial(made.pulumi, made.hand, *_UP),
            UP: partial(made.gatewright, "up", "local"),
            DRIFT_EMPTY: partial(made.pulumi, made.empty, *_REFRESH),
            DRIFT_BY_HAND: partial(made.pulumi, made.hand, *_REFRESH),
            DRIFT: partial(made.gatewright, "drift", "local"),
        }


GROUPS = (
    Group(
        (
            *(EMPTY, LOCAL, HUNDRED, BY_HAND, PREVIEW),
            *(FIRST_UP_EMPTY, FIRST_UP_BY_HAND, FIRST_UP),
            *(UP_EMPTY, UP_BY_HAND, UP),
            *(DRIFT_EMPTY, DRIFT_BY_HAND, DRIFT),
        ),
        opened,
    ),
)
