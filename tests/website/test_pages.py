"""The pages of the site, without the generator. `make site` also checks their links."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from gatewright.cli import COMMANDS
from gatewright.clients import CLIENTS
from website.command_page import command_page
from website.pages import all_pages, settings
from website.schema_page import schema_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {path: content.decode() for path, content in all_pages(ROOT).items() if path.endswith(".md")}


def anchors(page: str) -> list[str]:
    return re.findall(r"^##.* \{#(\S+)\}$", page, re.MULTILINE)


def test_every_key_of_the_schema_has_an_anchor_and_its_description(pages: dict[str, str]) -> None:
    page = pages["reference/environment.md"]
    keys = anchors(page)
    assert len(keys) == len(set(keys))
    assert {
        "gateway.cache.ttl",
        "gateway.rateLimit.limit",
        "routes",
        "providers.name.models.name.cost.input",
        "tokens.name.rotate.every",
        "any-client.via",
        "any-step.try",
    } <= set(keys)
    schema = json.loads((ROOT / "schemas" / "environment.schema.json").read_text(encoding="utf-8"))
    described = re.findall(r'"description": ("(?:[^"\\]|\\.)*")', json.dumps(schema["properties"]["gateway"]))
    assert [text for text in map(json.loads, described[:3]) if text.replace("<", "&lt;") not in page] == []


def test_a_schema() -> None:
    page = schema_page(
        {
            "title": "a file",
            "required": ["kind"],
            "properties": {
                "kind": {"description": "Its <kind>.", "enum": ["one", 2]},
                "parts": {
                    "anyOf": [
                        {"type": "array", "minItems": 1, "items": {"properties": {"x": {"type": "boolean"}}}},
                        {"type": "null"},
                    ]
                },
                "table": {
                    "type": ["object", "null"],
                    "additionalProperties": {"$ref": "#/$defs/step", "description": "d"},
                },
            },
            "$defs": {"step": {"type": "string", "pattern": "^a|b$", "maxLength": 3, "examples": ["a"]}},
        }
    )
    assert page == (
        "# A file\n\n\n\n"
        "## kind {#kind}\n\nIts &lt;kind>.\n\n- one of: `one`; `2`\n- required\n\n"
        "## parts {#parts}\n\n- one of: a list, minimum number of items `1`; `null`, which removes the key\n\n"
        "### parts[] {#parts-item}\n\n- any value\n\n"
        "### parts[].x {#parts-item.x}\n\n- boolean\n\n"
        "## table {#table}\n\n- one of: a table of keys; `null`, which removes the key\n\n"
        "### table.&lt;name> {#table.name}\n\nd\n\n- [any step](#any-step)\n\n"
        "## any step {#any-step}\n\n- string, maximum length `3`, pattern `^a|b$`\n- for example: `a`\n"
    )


def test_every_command_has_its_help() -> None:
    page = command_page()
    assert {f"gatewright-{name}" for name in COMMANDS} | {"gatewright-local-start"} <= set(anchors(page))
    assert "Usage: gatewright local start [OPTIONS]" in page
    assert max(map(len, page.splitlines())) <= 100


def test_every_client_has_a_page_with_an_example(pages: dict[str, str]) -> None:
    for name, client in CLIENTS.items():
        page = pages[f"clients/{name}.md"]
        assert page.startswith(f"# {client.capabilities.title}\n")
        assert {"## Files", "## Variables", "## Capabilities", "## Tests", "## Example"} <= set(page.splitlines())
        assert 'title="environment.yaml"' in page


def test_links_lead_to_the_places_of_the_files(pages: dict[str, str]) -> None:
    start = pages["index.md"]
    assert "(guides/routes.md)" in start
    assert "[the schema](reference/environment.md)" in start
    assert "[contributing](contributing.md)" in start
    assert "(images/terminal.svg)" in start
    assert "](docs/" not in start
    assert "(https://developers.cloudflare.com/ai-gateway/)" in start


def test_every_page_is_in_the_navigation(pages: dict[str, str]) -> None:
    assert set(re.findall(r'"([^"]+\.md)"', settings(ROOT))) == pages.keys()


def test_nothing_is_fetched_from_another_host() -> None:
    assert "font = false" in settings(ROOT)
    assert [path for path, content in all_pages(ROOT).items() if b"```mermaid" in content] == []


@pytest.mark.long
def test_the_site() -> None:
    """Runs the real generator, which is strict about links."""
    result = subprocess.run(["make", "site"], cwd=ROOT, capture_output=True, check=False, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    site = ROOT / ".gatewright" / "site" / "html"
    assert 'id="gateway.cache.ttl"' in (site / "reference" / "environment.html").read_text(encoding="utf-8")
    assert "gateway.cache.ttl" in (site / "search.json").read_text(encoding="utf-8")
    fetched = [
        address
        for page in site.rglob("*.html")
        for address in re.findall(r'<(?:link|script|img)[^>]+(?:src|href)="(https?:[^"]+)"', page.read_text("utf-8"))
    ]
    assert fetched == []
