"""A page for each client: what docs/clients.md says about it, and an example with its files."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from gatewright.clients import CLIENTS

EXAMPLES = ("gateway-stored-keys", "provider-stored-keys")
"""Cases of tests/clients: every client has one of them."""
_LANGUAGES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}


def client_pages(root: Path) -> dict[str, str]:
    """The pages by their paths."""
    table = (root / "docs" / "clients.md").read_text(encoding="utf-8")
    return {f"clients/{name}.md": "\n".join(_page(root, name, table)) + "\n" for name in sorted(CLIENTS)}


def _page(root: Path, name: str, table: str) -> Iterator[str]:
    module = importlib.import_module(f"gatewright.clients.{name.replace('-', '_')}{'_' if name == 'continue' else ''}")
    yield from (f"# {CLIENTS[name].capabilities.title}", "", inspect.getdoc(module) or "")
    for section in re.split(r"^## ", table, flags=re.MULTILINE)[1:]:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
        if not rows:
            continue
        head, *values = rows
        (row,) = [row for row in values if row[0] == name or row[0].endswith(f"(`{name}`)")]
        yield from ("", f"## {section.splitlines()[0]}", "")
        yield from (f"- {title}: {value}" for title, value in zip(head[1:], row[1:], strict=True) if value)
    yield from ("", "All clients: [the table](../clients.md).", "", "## Example", "", *_example(root, name))


def _example(root: Path, name: str) -> Iterator[str]:
    """A case that the tests run."""
    folders = [root / "tests" / "clients" / name / example for example in EXAMPLES]
    folder = next(folder for folder in folders if folder.is_dir())
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for file in sorted(files, key=lambda path: path.name != "environment.yaml"):
        title = file.relative_to(folder).as_posix()
        text = file.read_text(encoding="utf-8").rstrip("\n")
        yield from (f'```{_LANGUAGES.get(file.suffix, "text")} title="{title}"', text, "```", "")
