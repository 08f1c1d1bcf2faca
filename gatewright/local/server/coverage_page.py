"""docs/local-cloudflare.md, generated from the code: `python -m gatewright.local.server.coverage_page`.

Endpoints come from the app's routes, their descriptions from the docstrings of the handlers, fields from the schemas of
the bodies.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

from starlette.routing import Route

from gatewright.facts.slugs import SLUGS
from gatewright.local.server import admin, app
from gatewright.local.server.core import validation
from gatewright.local.server.core.endpoints import PREFIX, Endpoint
from gatewright.local.server.core.ports import Ports
from gatewright.local.server.core.store import Store
from gatewright.local.server.guess_cases import checks, guess_cases
from gatewright.local.server.inference.providers import targets
from gatewright.local.server.schema_fields import Field, fields

PAGE = Path(__file__).parents[3] / "docs" / "local-cloudflare.md"

_HEAD = f"""\
# The local Cloudflare: coverage

<!-- Generated from the code by `make docs`; a test fails when it is out of date. -->

Cloudflare's control plane and AI Gateway on 127.0.0.1, for tests and for a first try, not for production. Paths that
are not listed here return 404 with code 7003, as at Cloudflare, and listed ones 405 with code 10405 for another method.
"Guess" marks what is not documented. The cases in `tests/local/server/cases` check the responses; each has a tag that
names the source of its facts.

The content of requests is not analysed: guardrails and data loss prevention are stored and returned, and act only on
what a test says they detect. Fields that are stored and have no effect say so.

## Control plane

Paths are below `{PREFIX}`. Each endpoint needs a token with any one of the permissions in its row.
"""

_INFERENCE = """\
## Inference

Every model gives the same response to the same request. A test can make it fail, delay it, or limit it.

`/domains/{hostname}/…` stands in for a gateway's custom domain, `https://{hostname}/…`, and takes the paths below
`/v1/{account}/{gateway}`. Guesses: a domain that is not active gets 530 and a page of HTML; provider paths are those of
Cloudflare's own address. An application of Access in front of a domain, or until a restart `PUT /__local__/access`,
refuses requests without the two headers of an allowed service token, with 403 and a page of HTML (guess). Unlike at
Cloudflare, the gateway's token is required beside them. People cannot log in: an application refuses them all.
"""

_PROVIDERS = """\
### Paths of the providers

Below `/v1/{account}/{gateway}`, in the provider's own format. Providers that are not listed are known, but have no
paths. A custom provider has the path `custom-<slug>/…`.
"""

_BODIES = """\
## Request bodies

A required field is required within its object, and within its form where a field has several.
"""

_GUESSES = """\
## Guesses

These cases in `tests/local/server/cases` expect what is not documented. `make test-live` settles those that it can run
on a [real account](live-tests.md); nobody has run it yet. Other guesses marked above have no such case.
"""

_ADMIN = """\
## The endpoints for tests
"""


def page() -> str:
    """The whole page."""
    control = {PREFIX + endpoint.path for endpoint in app.ENDPOINTS}
    others = [route for route in _routes() if route.path not in control]
    for_tests = [route for route in others if route.path.startswith(admin.PREFIX)]
    inference = [route for route in others if route not in for_tests]
    parts = [
        _HEAD,
        *_resources(),
        _INFERENCE,
        _table(("Endpoint", "Description"), ((_named(route), _summary(route.endpoint)) for route in inference)),
        _PROVIDERS,
        _table(("Provider", "Paths"), _providers()),
        _ADMIN,
        _table(("Endpoint", "Description"), ((_named(route), _summary(route.endpoint)) for route in for_tests)),
        _BODIES,
        *_bodies(),
        _GUESSES,
        _table(("Case", "Checks"), ((f"`{name}`", _escape(checks(case))) for name, case in guess_cases())),
    ]
    return "\n".join(parts)


def _routes() -> list[Route]:
    """All routes of the app, in order."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "state.sqlite")
        routes = app.build(store, Path(folder), Ports([], _serve_nothing)).routes
        store.close()
    return [route for route in routes if isinstance(route, Route)]


async def _serve_nothing(_: socket) -> None:
    """Ignore a socket: the page asks for no request."""


def _resources() -> Iterator[str]:
    """A section for each resource: the docstring of its module, and its endpoints."""
    for resource in app.RESOURCES:
        title, _, rest = inspect.cleandoc(resource.__doc__ or "").partition("\n\n")
        head, _, more = " ".join(title.split()).rstrip(".").partition(": ")
        parts = (f"### {_capitalise(head)}", more and f"{more}.", rest)
        yield _escape("\n\n".join(part for part in parts if part)) + "\n"
        yield _table(("Endpoint", "Permission", "Description"), map(_row, resource.ENDPOINTS))


def _row(endpoint: Endpoint) -> tuple[str, str, str]:
    names = " or ".join(group.name for group in endpoint.any_of)
    return f"`{endpoint.method} {endpoint.path}`", names or "any token", _summary(endpoint.handle)


def _named(route: Route) -> str:
    methods = sorted((route.methods or set()) - {"HEAD"})
    return f"`{' '.join(methods)} {route.path.replace(':path', '')}`"


def _summary(handler: object) -> str:
    """The first paragraph of the docstring."""
    paragraph = inspect.cleandoc(getattr(handler, "__doc__", None) or "").partition("\n\n")[0]
    return _escape(_capitalise(" ".join(paragraph.split())))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _escape(text: str) -> str:
    """Escape `<` outside of code, where Markdown takes it for a tag."""
    parts = text.split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def _providers() -> Iterator[tuple[str, str]]:
    for slug in SLUGS:
        if paths := targets.native_paths(slug):
            yield f"`{slug}`", ", ".join(f"`{slug}/{path}`" for path in paths)
        elif SLUGS[slug].google is not None:
            calls = ("generateContent", "streamGenerateContent")
            yield f"`{slug}`", ", ".join(f"`{slug}/v1beta/models/{{model}}:{call}`" for call in calls)


def _bodies() -> Iterator[str]:
    for name in validation.schema_names():
        schema = validation.schema(name)
        yield f"### {name}\n\n{schema['$comment']}\n"
        yield _table(("Field", "Required", "Value", "Default"), map(_cells, fields(schema)))


def _cells(field: Field) -> tuple[str, str, str, str]:
    default = "" if field.default is None else f"`{field.default}`"
    note = f"{field.value}. {field.note}" if field.note else field.value
    return f"`{field.path}`", "yes" if field.required else "", note, default


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(headings), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
