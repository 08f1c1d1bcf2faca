"""`make bench`: what the commands cost beside the bars set for them.

Best of five, one after the other in turn, so that a busy moment of the machine meets all. Prints; a bar that is not
met is marked, and nothing fails.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from gatewright.cloudflare.route_elements import route_elements
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.local import daemon
from gatewright.local.engine.find import require
from gatewright.local.engine.launchers import place_cloudflare_plugin
from gatewright.local.engine.variables import applied, local_variables
from gatewright.operations.environments import open_one
from gatewright.project import Project

RUNS = 5
ENVIRONMENTS = 200
ROUTES = 1_000
COMPILED = f"{ROUTES:,} routes of 20 nodes checked and compiled"
LINKED = (".venv", "components", "gatewright", "schemas")

BY_HAND = """
import json
import pulumi
import pulumi_cloudflare as cloudflare

account = "{account}"
provider = cloudflare.Provider("local", base_url="{url}", api_token="{token}")
options = pulumi.ResourceOptions(provider=provider)
cloudflare.AiGateway("agents", account_id=account, ai_gateway_id="by-hand",
    cache_invalidate_on_update=True, cache_ttl=0, collect_logs=True,
    rate_limiting_interval=60, rate_limiting_limit=600, rate_limiting_technique="sliding",
    authentication=True, log_management=100000, log_management_strategy="DELETE_OLDEST", logpush=False, zdr=False,
    opts=options)
token = cloudflare.AccountToken("agents", account_id=account, name="by hand", policies=[{{
    "effect": "allow", "permission_groups": [{{"id": "644535f4ed854494a59cb289d634b257"}}],
    "resources": json.dumps({{f"com.cloudflare.api.account.{{account}}": "*"}})}}], opts=options)
pulumi.export("token", token.value)
"""

Case = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A best time, in seconds or as a share of another's, and what it may be at most."""

    case: str
    limit: float
    beside: str | None = None


BARS = (
    Bar("preview of local", 1.5, beside="preview of an empty program"),
    Bar("preview of local", 0.5, beside="preview by hand, pulumi_cloudflare"),
    Bar("gatewright validate prod", 0.3),
    Bar("gatewright render prod", 0.3),
    Bar(f"gatewright validate, {ENVIRONMENTS} environments", 1.0),
    Bar(COMPILED, 1.0),
    Bar("gatewright up local, unchanged", 15.0),
    Bar("local Cloudflare ready", 0.5),
)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def clone(checkout: Project, folder: Path, port: int) -> Project:
    """A checkout of its own in `folder` that runs this one's code, its local Cloudflare on `port`."""
    (folder / "stacks").mkdir(parents=True)
    for name in LINKED:
        (folder / name).symlink_to(checkout.root / name)
    for path in (checkout.root / "Pulumi.yaml", checkout.root / "__main__.py"):
        shutil.copy(path, folder)
    for path in checkout.stacks.glob("*.yaml"):
        if not path.name.startswith("Pulumi."):
            shutil.copy(path, folder / "stacks")
    (folder / "stacks" / "local.yaml").write_text(f"extends: base.yaml\nlocal: {{port: {port}}}\nprotect: false\n")
    return Project(folder)


def small(checkout: Project, folder: Path, program: str = "") -> Project:
    """A project of just a program."""
    (folder / "stacks").mkdir(parents=True)
    (folder / ".venv").symlink_to(checkout.root / ".venv")
    (folder / "__main__.py").write_text(program)
    (folder / "Pulumi.yaml").write_text(
        "name: small\nruntime: {name: python, options: {virtualenv: .venv}}\nstackConfigDir: stacks\n"
    )
    return Project(folder)


def many(checkout: Project, folder: Path) -> Project:
    """A project of many environments, each on top of the shared files."""
    project = clone(checkout, folder, free_port())
    for number in range(ENVIRONMENTS):
        (project.stacks / f"env-{number}.yaml").write_text(
            f"extends: base.yaml\naccount: {number:032x}\ngateway: {{cache: {{ttl: {number + 1}m}}}}\n"
        )
    return project


def routed(folder: Path) -> Project:
    """A project of one environment with many routes, each of 20 nodes."""
    models = [f"mistral/m{number}" for number in range(15)]

    def tree(first: int) -> str:
        one, two, three, four = (", ".join((models * 2)[first + 4 * part :][:4]) for part in range(4))
        limited = f"{{limit: 5 USD/day, by: metadata.team, try: [{one}], over: [{two}]}}"
        split = f"{{split: [{{10%: [{three}]}}, {{else: [{four}]}}]}}"
        return f"{{if: {{metadata.plan: {{eq: paid}}}}, then: {limited}, else: {split}}}"

    (folder / "stacks").mkdir(parents=True)
    facts = "".join(f"      m{number}: {{}}\n" for number in range(15))
    routes = "".join(f"  r{number}: {tree(number % 14)}\n" for number in range(ROUTES))
    text = f"local: true\nproviders:\n  mistral:\n    models:\n{facts}routes:\n{routes}"
    (folder / "stacks" / "routed.yaml").write_text(text)
    (folder / "Pulumi.yaml").write_text("name: routed\nruntime: python\nstackConfigDir: stacks\n")
    return Project(folder)


def compiled(project: Project) -> float:
    """Seconds until the routes of `routed` are read, checked and compiled."""
    started = time.perf_counter()
    environment = open_one(project, "routed")
    elements = [route_elements(environment, name) for name in environment.routes]
    took = time.perf_counter() - started
    if len(elements) != ROUTES or len(elements[0]) < 20:
        raise click.ClickException(f"{len(elements)} routes of {len(elements[0])} nodes are not what is measured")
    return took


def runner(project: Project, environment: dict[str, str]) -> Callable[..., float]:
    """Runs a command in `project`; its seconds from start to end."""

    def run(*command: str | Path) -> float:
        started = time.perf_counter()
        done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise click.ClickException(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
        return time.perf_counter() - started

    return run


def ready(project: Project) -> float:
    """Seconds until a local Cloudflare of its own answers."""
    started = time.perf_counter()
    daemon.start(project, free_port())
    took = time.perf_counter() - started
    daemon.stop(project)
    return took


def measured(checkout: Project, folder: Path) -> dict[str, float]:
    """The best time of every case."""
    engine = require(checkout)
    gatewright = checkout.root / ".venv" / "bin" / "gatewright"
    port = free_port()
    ours, nothing = clone(checkout, folder / "ours", port), small(checkout, folder / "empty")
    filled = BY_HAND.format(account=LOCAL_ACCOUNT, url=control_plane_url(port), token=LOCAL_DEPLOY_TOKEN)
    by_hand = small(checkout, folder / "by hand", filled)
    lots, alone = many(checkout, folder / "many"), Project(folder / "alone")
    graphs = routed(folder / "routed")
    run = {
        project.root: runner(project, applied(local_variables(project, engine, os.environ), os.environ))
        for project in (ours, nothing, by_hand)
    }
    for project in (ours, nothing, by_hand):  # the engine wants the plugins of all installed packages, used or not
        place_cloudflare_plugin(project)
    preview = (engine.path, "preview", "--non-interactive", "--stack", "local")
    cases: dict[str, Case] = {
        "preview of an empty program": lambda: run[nothing.root](*preview),
        "preview of local": lambda: run[ours.root](*preview),
        "preview by hand, pulumi_cloudflare": lambda: run[by_hand.root](*preview),
        "python -c pass": lambda: run[ours.root](sys.executable, "-c", "pass"),
        "gatewright validate prod": lambda: run[ours.root](gatewright, "validate", "prod"),
        "gatewright render prod": lambda: run[ours.root](gatewright, "render", "prod"),
        f"gatewright validate, {ENVIRONMENTS} environments": lambda: runner(lots, dict(os.environ))(
            gatewright, "validate", "--all"
        ),
        COMPILED: lambda: compiled(graphs),
        "gatewright up local, unchanged": lambda: run[ours.root](gatewright, "up", "local"),
        "local Cloudflare ready": lambda: ready(alone),
    }
    try:
        run[ours.root](gatewright, "up", "local")
        for project in (nothing, by_hand):
            run[project.root](engine.path, "stack", "init", "local")
        run[by_hand.root](engine.path, "up", "--yes", "--skip-preview", "--non-interactive")
        best = dict.fromkeys(cases, float("inf"))
        for _ in range(RUNS):
            for name, case in cases.items():
                best[name] = min(best[name], case())
    finally:
        daemon.stop(ours)
    return best


def table(best: dict[str, float]) -> list[str]:
    """The times, then the bars."""
    lines = [f"{name:<46} {seconds:6.2f} s" for name, seconds in best.items()]
    lines.append("")
    for bar in BARS:
        value = best[bar.case] / (best[bar.beside] if bar.beside else 1)
        unit, name = ("x", f"{bar.case} / {bar.beside}") if bar.beside else ("s", bar.case)
        met = "ok" if value <= bar.limit else "NOT MET"
        lines.append(f"{name:<58} {value:6.2f} {unit}   bar {bar.limit:5.1f} {unit}   {met}")
    return lines


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        for line in table(measured(Project.find(), Path(folder))):
            click.echo(line)


if __name__ == "__main__":
    main()
