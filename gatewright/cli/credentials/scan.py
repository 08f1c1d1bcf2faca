"""scan: find keys in clear text."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json, say
from gatewright.diagnostics import escape_unprintable
from gatewright.errors import ExitCode, UsageError
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.scan import ClearTextKey, Scan

_SHORT = 8
"""Digits of a commit's hash in a message."""


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--history", is_flag=True, help="Also read every version of every file that git has.")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="Output format.")
def scan(paths: tuple[Path, ...], history: bool, form: str) -> int:
    """Find keys in clear text in files and in git's history.

    Without PATH: the project's files, and the clients' files that `install` has changed on this machine. It knows the
    forms of many services' keys, passwords in addresses, and the secrets in this shell's variables. Values are never
    printed. A comment `gatewright:allow` on its line lets a key pass, and so does its fingerprint in `.gitleaksignore`,
    which `--format json` prints. Exit 3 if there is a key.
    """
    from gatewright.cli.screen import Screen
    from gatewright.clients.common.machine import Machine
    from gatewright.install.journal import Journal
    from gatewright.operations.scan import scan as search

    try:
        root = Project.find().root
    except UsageError:
        root = Path.cwd()
    records = () if paths else Journal(Machine.here().state).records()
    show = Screen(sys.stderr).show
    result = search(root, paths, map(Path, records), os.environ, history=history, report=show)
    if form == "json":
        print_json(_document(result))
    elif form == "github":
        for key in result.keys:
            click.echo(_annotation(key))
    else:
        _print(result, history=history)
    return ExitCode.INVALID if result.keys else ExitCode.DONE


def _print(result: Scan, *, history: bool) -> None:
    locations = [str(key.location) for key in result.keys]
    width = max(map(len, locations), default=0)
    for location, key in zip(locations, result.keys, strict=True):
        click.echo(f"{location:<{width}}    {key.kind}{f'    [commit {key.commit[:_SHORT]}]' if key.commit else ''}")
    for file, reason in result.skipped.items():
        say(f"not read: {escape_unprintable(file)}: {reason}")
    read = plural(result.files, "file") + (f" and {plural(result.versions, 'version')} in git" if history else "")
    if not result.keys:
        click.echo(f"no key in clear text in {read}")
        return
    click.echo(f"\n{plural(len(result.keys), 'key')} in clear text in {read}")
    click.echo("Create a new key at the provider and revoke the old one; then name a variable: key: {env: NAME}.")


def _document(result: Scan) -> dict[str, object]:
    keys = [
        {
            "file": key.location.file,
            "line": key.location.line,
            "column": key.location.column,
            "kind": key.kind,
            "commit": key.commit,
            "fingerprint": key.fingerprint,
        }
        for key in result.keys
    ]
    return {"keys": keys, "files": result.files, "versions": result.versions, "skipped": result.skipped}


def _annotation(key: ClearTextKey) -> str:
    from gatewright.cli.diagnostics import github_lines
    from gatewright.diagnostics import Diagnostic

    message = f"{key.kind} in clear text{f', since commit {key.commit[:_SHORT]}' if key.commit else ''}"
    (line,) = github_lines([Diagnostic(key.location, "", "clear-text-key", message)])
    return line
