"""The pages as HTML: index.html, and one page for each environment. They refer to nothing outside themselves."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gatewright import __version__, clock
from gatewright.command_line import NAME
from gatewright.io.printable import make_printable, plural
from gatewright.operations.report.side_by_side import MOST_COLUMNS
from gatewright.operations.report.token_calendar import calendar_axis
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.report.pages import EnvironmentPage
    from gatewright.operations.report.side_by_side import DifferingSetting

TEMPLATES = Path(__file__).parent / "templates"


def page_file(name: str) -> str:
    """The file of an environment's page."""
    return f"env-{name}.html"


def render_site(
    pages: Sequence[EnvironmentPage], differing: Sequence[DifferingSetting], now: int, *, live: bool = False
) -> Iterator[tuple[str, str]]:
    """The files by name. `live`: served by `gatewright open`, with the script that shows requests as they come."""
    yield "index.html", render_index(pages, differing, now, live=live)
    for page in pages:
        yield page_file(page.name), render_page(page, now, live=live)


def render_index(
    pages: Sequence[EnvironmentPage], differing: Sequence[DifferingSetting], now: int, *, live: bool = False
) -> str:
    """The page that all others are linked from."""
    return _render("index.html", now, live=live, pages=pages, differing=differing, most_columns=MOST_COLUMNS)


def render_page(page: EnvironmentPage, now: int, *, live: bool = False) -> str:
    """The page of one environment."""
    return _render("environment.html", now, live=live, page=page, calendar=calendar_axis(now))


def content_security_policy(*, live: bool = False) -> str:
    """Only the style sheet of the pages, and with `live` their script and its requests, are allowed."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    script = "script-src 'self'; connect-src 'self'; " if live else ""
    return f"default-src 'none'; style-src 'sha256-{digest}'; {script}base-uri 'none'; form-action 'none'"


def _render(template: str, now: int, *, live: bool, **context: Any) -> str:
    return (
        _templates()
        .get_template(template)
        .render(
            context,
            generated=clock.format_time(now),
            live=live,
            policy=Markup(content_security_policy(live=live)),  # noqa: S704  # the digest must not be masked
            style=Markup(_style()),  # noqa: S704  # the style sheet of this package
            version=__version__,
        )
    )


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    templates.filters |= {"plural": plural, "capitalize_first": lambda text: f"{text[:1].upper()}{text[1:]}"}
    templates.globals |= {"page_file": page_file, "command": lambda arguments: f"{NAME} {arguments}"}
    return templates


def _shown(value: Any) -> Any:
    """A text as pages show it: without control characters, and with anything that looks like a key masked."""
    return _safe(value) if type(value) is str else value


@cache
def _safe(text: str) -> str:
    return make_printable(masked(text))
