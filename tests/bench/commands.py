"""The commands that need no engine, beside check-jsonschema on the same files, and a local Cloudflare that starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import click

from bench.cases import Bench, Case, Group
from bench.projects import ROUTES, clone, free_port, many, routed, runner
from bench.timing import clock, seconds, spent_by
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.local import daemon
from gatewright.project import Project
from gatewright.workspace import open_one

ENVIRONMENTS = 200
PYTHON, RENDER = "python -c pass", "gatewright render prod"
VALIDATE, CHECK = "gatewright validate prod", "check-jsonschema prod.yaml, base.yaml, catalog.yaml"
VALIDATE_ALL = f"gatewright validate, {ENVIRONMENTS} environments"
CHECK_ALL = f"check-jsonschema, {ENVIRONMENTS} environments"
COMPILED = f"{ROUTES:,} routes of 20 nodes checked and compiled"
READY = "local Cloudflare ready"


@contextmanager
def files(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """Commands that read environment files."""
    packages, schema = bench.tools("bench-tools"), bench.checkout.root / "schemas/environment.schema.json"
    one = clone(bench.checkout, bench.folder / "files", free_port())
    lots = many(bench.checkout, bench.folder / "many", ENVIRONMENTS, "account: '{:032x}'")

    def gatewright(project: Project, *arguments: str) -> Case:
        return partial(runner(project, dict(os.environ)), bench.gatewright, *arguments)

    def check(project: Project, *names: str) -> Case:
        command = (sys.executable, "-m", "check_jsonschema", "--schemafile", schema)
        run = runner(project, {**os.environ, "PYTHONPATH": str(packages)})
        return partial(run, *command, *(project.stacks / name for name in names))

    yield {
        PYTHON: partial(runner(one, dict(os.environ)), sys.executable, "-c", "pass"),
        VALIDATE: gatewright(one, "validate", "prod"),
        CHECK: check(one, "prod.yaml", "base.yaml", "catalog.yaml"),
        RENDER: gatewright(one, "render", "prod"),
        VALIDATE_ALL: gatewright(lots, "validate", "--all"),
        CHECK_ALL: check(lots, *sorted(path.name for path in lots.stacks.glob("*.yaml"))),
    }


@contextmanager
def inside(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """What is measured without a command."""
    graphs, alone = routed(bench.folder / "routed"), Project(bench.folder / "alone")
    yield {COMPILED: partial(compiled, graphs), READY: partial(ready, alone)}


def compiled(project: Project) -> float:
    """Seconds until the routes of `routed` are read, checked and compiled."""

    def compile_routes() -> None:
        environment = open_one(project, "routed")
        elements = [route_elements(environment, name) for name in environment.routes]
        if len(elements) != ROUTES or len(elements[0]) < 20:
            raise click.ClickException(f"{len(elements)} routes of {len(elements[0])} nodes are not what is measured")

    return seconds(compile_routes)


def ready(project: Project) -> float:
    """Seconds until a local Cloudflare of its own answers; with CLOCK=cpu those of its process."""
    started = clock()
    running = daemon.start(project, free_port())
    took = clock() - started + spent_by(running.pid)
    daemon.stop(project)
    return took


GROUPS = (
    Group((PYTHON, VALIDATE, CHECK, RENDER, VALIDATE_ALL, CHECK_ALL), files),
    Group((COMPILED, READY), inside),
)
