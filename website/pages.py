"""The pages of the site, by their path in it, and its settings."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from website.client_pages import client_pages
from website.command_page import command_page
from website.schema_page import schema_page

RENAMED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "schemas/environment.schema.json": "reference/environment.md",
    "schemas/preview.schema.json": "reference/preview.md",
    "schemas/drift.schema.json": "reference/drift.md",
}
"""Files outside of docs that have a page. A link to another file of the repository becomes text."""
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
_DIAGRAM = re.compile(r"^```mermaid$", re.MULTILINE)  # drawn by a script from another host


def all_pages(root: Path) -> dict[str, bytes]:
    """The content of each file. Raises KeyError where a document or a schema is missing."""
    written = {path.relative_to(root).as_posix(): path for path in sorted((root / "docs").rglob("*")) if path.is_file()}
    written |= {name: root / name for name in RENAMED if name.endswith(".md")}
    pages = {_place(name): path.read_bytes() for name, path in written.items()}
    for name, path in written.items():
        if name.endswith(".md"):
            text = _DIAGRAM.sub("```text", path.read_text(encoding="utf-8"))
            pages[_place(name)] = _relink(text, name, pages.keys() | RENAMED.values()).encode()
    schemas = {place: json.loads((root / name).read_bytes()) for name, place in RENAMED.items() if "schemas" in name}
    generated = {place: schema_page(schema) for place, schema in schemas.items()}
    generated |= {"reference/commands.md": command_page(), **client_pages(root)}
    return pages | {place: text.encode() for place, text in generated.items()}


def settings(root: Path) -> str:
    """zensical.toml with the navigation."""
    document: Any = tomlkit.parse((root / "website" / "zensical.toml").read_text(encoding="utf-8"))
    document["project"]["nav"] = _navigation(root)
    return tomlkit.dumps(document)


def _navigation(root: Path) -> list[Mapping[str, object]]:
    def below(folder: str) -> list[str]:
        files = sorted((root / "docs" / folder).glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
        return [f"{folder}/{file.name}" for file in files]

    reference = [
        {"Environment file": "reference/environment.md"},
        {"Commands": "commands.md"},
        {"Help of the commands": "reference/commands.md"},
        {"JSON of preview": "reference/preview.md"},
        {"JSON of drift": "reference/drift.md"},
        {"Words": "glossary.md"},
    ]
    local = ["local-cloudflare.md", "live-tests.md"]
    developing = ["changelog.md", "contributing.md", "ARCHITECTURE.md", *local, "mutants.md"]
    return [
        {"Start": "index.md"},
        {"Guides": below("guides")},
        {"Reference": reference},
        {"Security": "SECURITY.md"},
        {"Reliability": "RELIABILITY.md"},
        {"Clients": ["clients.md", *sorted(client_pages(root))]},
        {"Decisions": below("decisions")},
        {"Developing": developing},
    ]


def _place(name: str) -> str:
    return RENAMED.get(name) or name.removeprefix("docs/")


def _relink(text: str, name: str, places: frozenset[str] | set[str]) -> str:
    """The page with links to the places of the files; `name` is its file in the repository."""

    def link(match: re.Match[str]) -> str:
        image, label, target, anchor = match[1], match[2], match[3], match[4] or ""
        if not target or ":" in target:
            return match[0]
        place = _place(posixpath.normpath(posixpath.join(posixpath.dirname(name), target)))
        if place not in places:
            return label
        return f"{image}[{label}]({posixpath.relpath(place, posixpath.dirname(_place(name)) or '.')}{anchor})"

    return _LINK.sub(link, text)
