"""The pages as HTML: index.html, and one page for each environment. They refer to nothing outside themselves."""

from __future__ import annotations

import base64
import hashlib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gatewright import __version__, clock
from gatewright.command_line import NAME
from gatewright.io.printable import make_printable, plural
from gatewright.operations.report.pages import SECTIONS, EnvironmentPage, InvalidPage
from gatewright.operations.report.side_by_side import MOST_COLUMNS
from gatewright.operations.report.token_calendar import calendar_axis
from gatewright.operations.report.usage_section import NUMBERS
from gatewright.operations.show import Table
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.report.pages import Page
    from gatewright.operations.report.side_by_side import DifferingSetting

TEMPLATES = Path(__file__).parent / "templates"


def page_file(name: str) -> str:
    """The file of an environment's page."""
    return f"env-{name}.html"


def is_page_file(file: str) -> bool:
    """Whether an environment's page can have this name."""
    return fnmatchcase(file, page_file("*"))


def render_site(
    pages: Sequence[Page], differing: Sequence[DifferingSetting], now: int, *, live: bool = False
) -> Iterator[tuple[str, str]]:
    """The files by name. `live`: served by `gatewright open`, with the script that shows requests as they come."""
    yield "index.html", render_index(pages, differing, now, live=live)
    for page in pages:
        yield page_file(page.name), render_page(page, now, live=live)


def render_index(pages: Sequence[Page], differing: Sequence[DifferingSetting], now: int, *, live: bool = False) -> str:
    """The page that all others are linked from."""
    valid = [page for page in pages if isinstance(page, EnvironmentPage)]
    rotating = [period for page in valid for period in page.periods if period.state == "current" and period.rotates]
    retiring = [model for page in valid for model in page.retiring if model.days > 0]
    return _render(
        "index.html",
        now,
        live=live,
        pages=pages,
        notices=[(page.name, notice) for page in valid for notice in page.notices],
        rotation=min(rotating, key=lambda period: period.rotates or "", default=None),
        retirement=min(retiring, key=lambda model: model.days, default=None),
        differing=differing,
        most_columns=MOST_COLUMNS,
    )


def render_page(page: Page, now: int, *, live: bool = False) -> str:
    """The page of one environment."""
    context = {"page": page, "sections": SECTIONS, "usage_numbers": NUMBERS, "calendar": calendar_axis(now)}
    return _render("invalid.html" if isinstance(page, InvalidPage) else "environment.html", now, live=live, **context)


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
            now=now,
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
    templates.filters |= {
        "plural": plural,
        "capitalize_first": _capitalize_first,
        "columns": _columns,
        "markup": Markup,
    }
    templates.filters |= {"time": clock.format_time, "days_before": _days_before}
    templates.globals |= {"page_file": page_file, "command": lambda arguments: f"{NAME} {arguments}"}
    return templates


def _capitalize_first(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _days_before(day: str, now: int) -> str:
    """`12 days ago`."""
    days = max((now - clock.parse_timestamp(day)) // clock.DAY, 0)
    return f"{plural(days, 'day')} ago" if days else "today"


def _columns(table: Table, *headings: str) -> Table:
    """The table with only these columns."""
    indexes = [table.headings.index(heading) for heading in headings]
    return Table(table.title, headings, tuple(tuple(row[index] for index in indexes) for row in table.rows))


def _shown(value: Any) -> Any:
    """A text as pages show it: without control characters, and with anything that looks like a key masked."""
    return _safe(value) if type(value) is str else value


@cache
def _safe(text: str) -> str:
    return make_printable(masked(text))
