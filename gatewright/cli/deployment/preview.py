"""preview: what an up would change."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument
from gatewright.cli.reports.output import format_option, limit_option
from gatewright.command_line import command
from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.operations.plan.model import Plan


@click.command()
@environments_argument
@all_option
@format_option
@limit_option
@click.option("--diff", "diffs", is_flag=True, help="Print the diffs of client files, too.")
@click.option(
    "--save",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan of one environment for `up ENV --plan FILE`; the file holds no secrets.",
)
@click.option(
    "--simulate",
    "load",
    metavar="RATE|FILE",
    help="Also simulate a load with the routes that are deployed, and with those of the files.",
)
def preview(
    environments: tuple[str, ...],
    every: bool,
    form: str,
    limit: int,
    diffs: bool,
    file: Path | None,
    load: str | None,
) -> int:
    """Show what an up would change, risks first.

    Changes are described in the terms of the environment files, with their locations there. Resources at Cloudflare
    that would make an up fail are listed, too. Nothing is written, and no stack is created. Exits with 2 if there are
    changes.
    """
    from gatewright.cli.batch import run_each, select_environments
    from gatewright.cli.reports.output import print_document
    from gatewright.cli.reports.preview import preview_document
    from gatewright.operations.batch import exit_code

    project = Project.find()
    loaded = select_environments(project, environments, every=every, with_policies=True)
    if file:
        _require_savable(file, loaded)
    engine = cache(lambda: _engine(project))
    if any(each.environment for each in loaded.values()):  # errors need no engine, which may take minutes to get
        engine()
    outcomes = run_each([*loaded], lambda name: _preview(project, loaded[name], engine, file, load), "previewing")
    print_document(preview_document(outcomes), form, limit=limit, diffs=diffs)
    if file:
        (name,) = loaded
        click.echo(f"saved. To apply it: {command(f'up {name} --plan {shlex.quote(str(file))}')}", err=True)
    return exit_code(outcomes, lambda plan: ExitCode.CHANGES if plan.has_changes else ExitCode.DONE)


def _require_savable(file: Path, environments: Collection[str]) -> None:
    if len(environments) != 1:
        one = next(iter(environments), "ENV")
        raise UsageError("--save takes one environment", command(f"preview {one} --save {file}"))
    if not file.parent.is_dir():
        hint = f"mkdir -p {shlex.quote(str(file.parent))}"
        raise UsageError(f"--save {file}: folder {file.parent} does not exist", hint)


def _preview(
    project: Project, loaded: Loaded, engine: Callable[[], Engine], file: Path | None, load: str | None
) -> Plan:
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.operations.plan.preview import preview
    from gatewright.workspace import require

    start_local(project, require(loaded))
    with preview(project, loaded, engine()) as look:
        if file:
            from gatewright.operations.plan.saved_plan import save_plan

            save_plan(look, file)
        return look.plan if load is None else _with_simulation(project, look.plan, loaded, load)


def _with_simulation(project: Project, plan: Plan, loaded: Loaded, load: str) -> Plan:
    """The plan with a simulation of `load` on the deployed routes and on those of the files."""
    from gatewright.clock import now
    from gatewright.operations.plan.model import SimulatedLoad
    from gatewright.operations.simulation.assumptions import Assumptions
    from gatewright.operations.simulation.compare import compare_with_deployed, comparison_json, comparison_table
    from gatewright.operations.simulation.make_load import LoadOptions, make_load
    from gatewright.operations.simulation.measured import measure_timings
    from gatewright.operations.usage.measure import cached_entries
    from gatewright.workspace import require

    environment, time = require(loaded), now(os.environ)
    requests, notes = make_load(environment, LoadOptions(load), time)
    measured = measure_timings(environment, cached_entries(project, environment, time))
    result = compare_with_deployed(loaded, requests, load, Assumptions(measured=measured))
    simulated = SimulatedLoad(comparison_table(result), comparison_json(result))
    return replace(plan, notes=(*plan.notes, *notes, *result.after.notes), simulation=simulated)


def _engine(project: Project) -> Engine:
    """The engine; progress of getting it goes to stderr."""
    from gatewright.engine.find import find_engine

    if engine := find_engine(project):
        return engine
    from gatewright.cli.screen import Screen  # these two take as long to import as the environment takes to load
    from gatewright.engine.ensure import ensure_engine

    return ensure_engine(project, Screen(sys.stderr).show)
