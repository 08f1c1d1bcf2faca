"""The page of all commands, from their own help."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gatewright.cli import SECTIONS, cli


def command_page() -> str:
    """A section for each command and subcommand, whose anchor is its name with hyphens: `#gatewright-local-start`."""
    lines = ["# Commands", "", *_code(cli, "gatewright")]
    for heading, (_, names) in SECTIONS.items():
        lines += ["", f"## {heading}"]
        for name in names:
            lines += _entries(cli, name, "gatewright")
    return "\n".join(lines) + "\n"


def _entries(group: click.Group, name: str, parent: str) -> Iterator[str]:
    command = group.get_command(click.Context(group), name)
    if command is None:
        raise KeyError(name)
    path = f"{parent} {name}"
    yield from ("", f"### {path} {{#{path.replace(' ', '-')}}}", "", *_code(command, path))
    if isinstance(command, click.Group):
        for below in command.commands:
            yield from _entries(command, below, path)


def _code(command: click.Command, path: str) -> list[str]:
    context = click.Context(command, info_name=path, max_content_width=80, terminal_width=80)
    return ["```text", *command.get_help(context).splitlines(), "```"]
