"""ci: the steps of the GitHub workflows, each a shell script beside this module."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click

SCRIPTS = Path(__file__).with_name("scripts")
STEPS = ("validate", "report", "comment", "issue", "plan", "deploy", "rotate", "catalog", "pull-request", "run")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("step", type=click.Choice(STEPS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def ci(step: str, arguments: tuple[str, ...]) -> None:
    """Run a step of the GitHub workflows, as a runner does.

    \b
    validate [ENV...]               validate all files, render these environments
    report preview|drift|usage ENV  write a section about one environment
    comment                         write the sections into the comment
    issue [drift|usage]             write the sections into the issue
    plan ENV FILE                   save the plan of an environment
    deploy ENV [FILE]               deploy, verify, roll the routes back
    rotate ENV                      rotate the tokens that are due
    catalog                         write the catalog's changes as a patch
    pull-request                    open or update their pull request
    run COMMAND...                  run any command, with outputs for later steps

    Reads the variables that docs/guides/workflows.md of gatewright lists.
    Needs bash, jq, curl and, for what is written at GitHub, gh.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and a shell would inherit that
    own = Path(sys.executable).parent
    path = os.pathsep.join([str(own), os.environ.get("PATH", os.defpath)])
    script = SCRIPTS / f"{step}.sh"
    sys.stdout.flush()
    os.execvpe("bash", ["bash", str(script), *arguments], {**os.environ, "PATH": path})  # noqa: S606  no shell parses it
