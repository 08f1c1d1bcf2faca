"""show: what an environment has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gatewright.diagnostics import did_you_mean
from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project
from gatewright.workspace import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.show import Table

SECTIONS = ("providers", "models", "routes", "roles", "tokens", "clients")


@click.command()
@click.argument("words", metavar="[ENV]... [SECTION]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def show(words: tuple[str, ...], every: bool, form: str) -> int:
    """Show what environments have, and what is missing.

    SECTION: providers, models, routes, roles, tokens, clients; all of them unless named. The first word is an
    environment, unless it is --all; after it, a word that is a section means that.
    """
    from gatewright.cli.batch import as_json, chosen, over, sections, summary
    from gatewright.operations.batch import exit_code
    from gatewright.workspace import require

    project = Project.find()
    names, named = _told_apart(project, words, every=every)
    loaded = {each.name: each for each in chosen(project, names, every=every)}
    outcomes = over([*loaded], lambda name: _shown(require(loaded[name]), named))
    if form == "text":
        sections(outcomes, _print, named=False)
        summary(outcomes, lambda shown: shown.environment.gateway_url)
    elif len(outcomes) > 1:
        click.echo(as_json(outcomes, _content))
    else:
        (shown,) = (each.value for each in outcomes if each.value)
        click.echo(json.dumps(_content(shown), indent=2, ensure_ascii=False))
    return exit_code(outcomes, lambda _: ExitCode.DONE)


@dataclass(frozen=True, slots=True)
class _Shown:
    environment: Environment
    tables: list[Table]


def _told_apart(project: Project, words: Sequence[str], *, every: bool) -> tuple[list[str], tuple[str, ...]]:
    """Environments and sections. Raises UsageError for a word that is neither."""
    first = 0 if every else 1
    names = [*words[:first], *(word for word in words[first:] if word not in SECTIONS)]
    there = files_of(project).names()
    for word in names[first:]:
        if word not in there:
            sections = ", ".join(f"'{each}'" for each in SECTIONS)
            hint = did_you_mean(word, [*SECTIONS, *there])
            raise UsageError(f"{word} is neither an environment nor one of {sections}", hint)
    return names, tuple(word for word in words[first:] if word in SECTIONS)


def _shown(environment: Environment, named: tuple[str, ...]) -> _Shown:
    from gatewright.operations.show import show as tables

    return _Shown(environment, tables(environment, named))


def _content(shown: _Shown) -> dict[str, object]:
    return {each.title: [dict(zip(each.headings, row, strict=True)) for row in each.rows] for each in shown.tables}


def _print(shown: _Shown) -> None:
    from rich.table import Table
    from rich.text import Text

    from gatewright.cli.batch import WIDE
    from gatewright.cli.screen import Screen

    screen = Screen()
    if not screen.moves:
        screen.console.width = WIDE
    screen.heading(f"{shown.environment.name} · {shown.environment.gateway_url}")
    for each in shown.tables:
        table = Table(
            box=None,
            padding=(0, 3, 0, 1),
            header_style="dim",
            title=Text(f"\n{each.title}", style="bold"),
            title_justify="left",
        )
        for heading in each.headings:
            table.add_column(heading, overflow="fold")
        for row in each.rows:
            table.add_row(*(Text(cell) for cell in row))
        screen.console.print(table, soft_wrap=False)
