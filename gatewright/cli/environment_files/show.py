"""show: print environments as tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, complete_environments, json_option
from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.errors import ExitCode, UsageError
from gatewright.frozen import frozen
from gatewright.project import Project
from gatewright.workspace import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.show import Table

SECTIONS = ("providers", "models", "routes", "roles", "tokens", "clients")


@click.command()
@click.argument("words", metavar="[ENV]... [SECTION]...", nargs=-1, shell_complete=complete_environments)
@all_option
@click.option(
    "--for",
    "program",
    metavar="PROGRAM",
    help="What to enter in claude-desktop, cline, cursor or xcode; with section clients.",
)
@json_option
def show(words: tuple[str, ...], every: bool, program: str | None, form: str) -> int:
    """Show what environments contain.

    SECTION: providers, models, routes, roles, tokens, clients; default all. The first word is an environment, except
    with --all; a later word is a section if it names one.

    --for prints base URL, models and token for a program that is set up by hand.
    """
    from gatewright.cli.batch import environments_json, print_sections, print_summary, run_each, select_environments
    from gatewright.operations.batch import exit_code
    from gatewright.workspace import require

    project = Project.find()
    names, selected = _split_words(project, words, every=every)
    if program is not None:
        _require_by_hand(program, selected)
    loaded = select_environments(project, names, every=every)
    outcomes = run_each([*loaded], lambda name: _tables(require(loaded[name]), selected, program))
    if form == "text":
        print_sections(outcomes, _print, named=False)
        print_summary(outcomes, lambda shown: shown.environment.base_url(shown.environment.domain))
    elif len(outcomes) > 1:
        click.echo(environments_json(outcomes, _content))
    else:
        (shown,) = (outcome.value for outcome in outcomes if outcome.value)
        click.echo(json.dumps(_content(shown), indent=2, ensure_ascii=False))
    return exit_code(outcomes, lambda _: ExitCode.DONE)


@frozen
class _Shown:
    environment: Environment
    tables: list[Table]


def _split_words(project: Project, words: Sequence[str], *, every: bool) -> tuple[list[str], tuple[str, ...]]:
    """Environments and sections. Raises UsageError for a word that is neither."""
    first = 0 if every else 1
    names = [*words[:first], *(word for word in words[first:] if word not in SECTIONS)]
    existing = files_of(project).names()
    for word in names[first:]:
        if word not in existing:
            hint = did_you_mean(word, [*SECTIONS, *existing])
            sections = ", ".join(f"'{section}'" for section in SECTIONS)
            raise UsageError(f"{word} is neither an environment nor a section ({sections})", hint)
    return names, tuple(word for word in words[first:] if word in SECTIONS)


def _require_by_hand(program: str, selected: Sequence[str]) -> None:
    """Raise UsageError for a program that is not set up by hand, and for another section than clients."""
    from gatewright.clients import CLIENTS
    from gatewright.clients.by_hand import BY_HAND

    if program in CLIENTS:
        raise UsageError(f"{program} has files", f"Install them: {command(f'install ENV {program}')}")
    if program not in BY_HAND:
        raise UsageError(f"unknown program {program} ({', '.join(BY_HAND)})", did_you_mean(program, BY_HAND))
    if selected not in ((), ("clients",)):
        raise UsageError("--for belongs to the section clients", "Omit the other sections")


def _tables(environment: Environment, selected: tuple[str, ...], program: str | None) -> _Shown:
    from gatewright.operations.show import show as tables
    from gatewright.operations.show import show_by_hand

    if program is not None:
        return _Shown(environment, [show_by_hand(environment, program)])
    return _Shown(environment, tables(environment, selected))


def _content(shown: _Shown) -> dict[str, object]:
    return tables_content(shown.tables)


def tables_content(tables: Sequence[Table]) -> dict[str, object]:
    """The tables by title, each as a list of rows by heading."""
    return {table.title: [dict(zip(table.headings, row, strict=True)) for row in table.rows] for table in tables}


def _print(shown: _Shown) -> None:
    from gatewright.cli.reports.tables import print_tables

    print_tables(f"{shown.environment.name} · {shown.environment.base_url(shown.environment.domain)}", shown.tables)
