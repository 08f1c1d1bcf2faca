"""up of several environments: all are shown, one question is asked, then they are made side by side."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from gatewright.cli.batch import sections, side_by_side, summary
from gatewright.cli.deployment.up import heading, say_what_is_done_with
from gatewright.cli.reports.preview import said, show
from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure
from gatewright.errors import ExitCode, UsageError
from gatewright.operations.batch import Outcome, exit_code
from gatewright.operations.plan.preview import looked
from gatewright.operations.plan.saved_plan import kept
from gatewright.operations.up import up
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.plan.saved_plan import SavedPlan
    from gatewright.project import Project


def up_many(project: Project, loaded: Mapping[str, Loaded], *, yes: bool, only_due: bool, refresh: bool) -> int:
    """Makes them so; one that fails holds no other up. Raises UsageError where nobody can be asked."""
    real = [name for name, each in loaded.items() if each.environment and not each.environment.local]
    asks = bool(real) and not yes
    if asks and not sys.stdin.isatty():
        message = f"real accounts are changed only when you say so, and there is no terminal to ask: {', '.join(real)}"
        raise UsageError(message, f"gatewright up {' '.join(loaded)} --yes")
    run = _Run(project, loaded, ensure(project, Screen(sys.stderr)), only_due, refresh)
    looks = side_by_side(real, run.look, "previewing") if asks else []
    if looks and not _go_on(looks):
        click.echo("Nothing was changed.")
        return max(exit_code(looks, lambda _: ExitCode.FAILED), ExitCode.FAILED)
    done = {each.name: Outcome[Plan](each.name, error=each.error, seconds=each.seconds) for each in looks if each.error}
    planned = {each.name: each.value.planned for each in looks if each.value}
    rest = [name for name in loaded if name not in done]
    made = side_by_side(rest, lambda name: run.up(name, planned.get(name)), "making") if rest else []
    done |= {each.name: each for each in made}
    run.print_all()
    summary([done[name] for name in loaded], _words)
    return exit_code(done.values(), lambda _: ExitCode.DONE)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was shown, and what is held against it when it is done."""

    plan: Plan
    planned: SavedPlan


@dataclass(frozen=True, slots=True)
class _Run:
    project: Project
    loaded: Mapping[str, Loaded]
    engine: Engine
    only_due: bool
    refresh: bool
    texts: dict[str, io.StringIO] = field(default_factory=dict)
    """What each has printed: they would else be mixed."""

    def look(self, name: str) -> _Look:
        flags = ("--refresh",) if self.refresh else ()
        with looked(self.project, self.loaded[name], self.engine, *flags) as look:
            return _Look(look.plan, kept(look))

    def up(self, name: str, planned: SavedPlan | None) -> Plan:
        declared = require(self.loaded[name])
        screen = Screen(self.texts.setdefault(name, io.StringIO()))
        screen.heading(heading(declared))
        done = up(
            self.project,
            self.loaded[name],
            screen,
            lambda: None,
            planned,
            only_due=self.only_due,
            refresh=self.refresh,
            engine=self.engine,
        )
        say_what_is_done_with(self.project, name, screen)
        return done

    def print_all(self) -> None:
        for index, name in enumerate(name for name in self.loaded if name in self.texts):
            click.echo(f"{chr(10) if index else ''}{self.texts[name].getvalue()}", nl=False)


def _go_on(looks: Sequence[Outcome[_Look]]) -> bool:
    """Whether those of which there is a plan are to be made so, now that it is seen."""
    sections(looks, lambda look: show(look.plan, Screen().console, diffs=False), named=False)
    summary(looks, lambda look: said(look.plan))
    plans = [each.value.plan for each in looks if each.value]
    if not plans or any(each.interrupted or each.code(_done) == ExitCode.INTERRUPTED for each in looks):
        return False
    if not any(plan.changes for plan in plans):
        return True
    return click.confirm(f"Make {'all' if len(plans) == len(looks) else f'the other {len(plans)}'} so?")


def _done(_: object) -> int:
    return ExitCode.DONE


def _words(plan: Plan) -> str:
    return f"{len(plan.changes)} changed" if plan.changes else "unchanged"
