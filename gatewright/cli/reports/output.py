"""Print a report in the format that the command line names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.cli.reports.markdown import COMMENT_LIMIT

if TYPE_CHECKING:
    from gatewright.cli.reports.model import Document

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="Output format."
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1_000),
    metavar="N",
    default=COMMENT_LIMIT,
    help="Maximum length of the Markdown output (GitHub's limit is 65,536).",
)


def print_document(document: Document, form: str, *, limit: int = COMMENT_LIMIT, diffs: bool = False) -> None:
    """Print `document` as text, markdown or json; `limit` is for Markdown, `diffs` for text."""
    match form:
        case "json":
            click.echo(json.dumps(document.json, indent=2, ensure_ascii=False))
        case "markdown":
            from gatewright.cli.reports.github import to_markdown

            click.echo(to_markdown(document, limit), nl=False)
        case _:
            from gatewright.cli.reports.text import print_text
            from gatewright.cli.screen import Screen

            print_text(document, Screen(), diffs=diffs)
