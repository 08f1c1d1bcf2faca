"""What the documents name is there: commands and their options, links, files, variables, make's targets."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from markdown_it import MarkdownIt

from gatewright.cli import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
TABLE = ROOT / "docs" / "commands.md"
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
ENDS = re.compile(r" -- |[|;<>()`]|&&|\$ ")
"""Where a command's own part of a line ends."""

pytestmark = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@cache
def tokens(document: Path) -> list[Token]:
    parsed = MarkdownIt().enable("table").parse(document.read_text(encoding="utf-8"))
    return [inner for token in parsed for inner in [token, *(token.children or [])]]


def code(document: Path) -> Iterator[str]:
    """Every line of code, in blocks and within text, without its comment."""
    for token in tokens(document):
        if token.type in {"fence", "code_block", "code_inline"}:
            yield from (re.split(r"(?:^|\s)# ", line)[0] for line in token.content.replace("\\\n", " ").splitlines())


def options(command: click.Command) -> set[str]:
    """All that it and those below it take."""
    own = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union({"--help", "-h"}, *map(options, below))


def calls(document: Path) -> Iterator[tuple[str, str]]:
    """Each command of ours that is named, with the rest of its line."""
    for line in code(document):
        for found in re.finditer(r"(?:^|[\s/(])gatewright ([a-z]+)(?=\s|$)([^\n]*)", line):
            yield found[1], ENDS.split(found[2])[0]
        if document in (README, TABLE) and (begun := re.match(r"([a-z]+)(?= |$)(.*)", line)) and begun[1] in COMMANDS:
            yield begun[1], ENDS.split(begun[2].replace("|", " "))[0]


def test_its_commands_and_options_are_there(document: Path) -> None:
    with click.Context(cli) as context:
        for name, rest in calls(document):
            command = cli.get_command(context, name) if isinstance(cli, click.Group) else None
            assert command, f"gatewright {name}{rest}"
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
                assert option in options(command), f"gatewright {name}{rest}"


def test_its_links_lead_somewhere(document: Path) -> None:
    for token in tokens(document):
        address = str(token.attrGet("href") or token.attrGet("src") or "")
        if not address or re.match(r"[a-z]+:", address):
            continue
        path, _, heading = address.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), address
        if heading:
            assert heading in headings(target), address


def headings(document: Path) -> set[str]:
    """The names by which GitHub's pages have them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


def test_its_variables_are_read_somewhere(document: Path) -> None:
    named = {name for line in code(document) for name in re.findall(r"\bGATEWRIGHT_[A-Z_]+", line)}
    read = sources()
    assert [name for name in sorted(named) if name not in read] == []


@cache
def sources() -> str:
    files = [*(ROOT / "gatewright").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_its_files_are_there(document: Path) -> None:
    path = r"(?:^|\s)((?:\.ci|\.github|components|docs|gatewright|schemas|tests)/[\w./-]*(?:\.\w+|/|run))(?=\s|$)"
    named = {name for line in code(document) for name in re.findall(path, line)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_make_has_its_targets(document: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = {name for line in code(document) for name in re.findall(r"(?:^|\s)make ([a-z-]+)", line)}
    assert named <= {*targets}


def test_the_readme_leads_to_it(document: Path) -> None:
    assert document in reachable()


@cache
def reachable() -> frozenset[Path]:
    """The documents that links lead to from the README."""
    reached, waiting = set(), [README]
    while waiting:
        document = waiting.pop()
        reached.add(document)
        links = (str(token.attrGet("href") or "").partition("#")[0] for token in tokens(document))
        targets = {(document.parent / link).resolve() for link in links if link.endswith(".md") and ":" not in link}
        waiting += [target for target in targets & {*DOCUMENTS} if target not in reached]
    return frozenset(reached)
