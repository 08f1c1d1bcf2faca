"""What the local Cloudflare covers, as a page made from its code: `python -m gatewright.local.server.coverage`.

Endpoints come from the app's own routes, what they do from the docstrings of their handlers, fields from the schemas
that check the bodies.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.routing import Route

from gatewright.facts.slugs import SLUGS
from gatewright.local.server import admin, app
from gatewright.local.server.core import validation
from gatewright.local.server.core.endpoints import PREFIX, Endpoint
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.plans import targets
from gatewright.local.server.schema_fields import Field, fields

PAGE = Path(__file__).parents[3] / "docs" / "local-cloudflare.md"

_HEAD = f"""\
# The local Cloudflare: what is covered

<!-- Made from the code by `make docs`; a test says when it is stale. -->

Cloudflare's control plane and AI Gateway on 127.0.0.1: a test bench and a default to try things on, not a production
gateway. What is not listed here answers 404 with code 7003, as at Cloudflare. "Guess" marks what nobody has published.
The answers are checked by the cases in `tests/local/server/cases`, each with a tag that says where its facts come from.

Nothing is read for its content: guardrails and data loss prevention are stored and answered back, and act only on what
a test says is found. Fields that are stored, and change nothing here, say so.

## Control plane

Paths are below `{PREFIX}`. Each endpoint needs a token with any one of the permissions named.
"""

_INFERENCE = """\
## Inference

Every model answers the same to the same question, and can be told to fail, to be slow, or to have limits.
"""

_PROVIDERS = """\
### Paths of the providers

Below `/v1/{account}/{gateway}`, in the provider's own format; the providers that are not listed are known, but answer
at no path. A custom provider answers at `custom-<slug>/…`.
"""

_BODIES = """\
## Request bodies

What is required is so within its object, and within its form where a field has several.
"""

_BENCH = """\
## The test bench's own endpoints
"""


def page() -> str:
    """The whole page."""
    control = {PREFIX + endpoint.path for endpoint in app.ENDPOINTS}
    others = [route for route in _routes() if route.path not in control]
    bench = [route for route in others if route.path.startswith(admin.PREFIX)]
    inference = [route for route in others if route not in bench]
    parts = [
        _HEAD,
        *_modules(),
        _INFERENCE,
        _table(("Endpoint", "What it is"), ((_named(route), _summary(route.endpoint)) for route in inference)),
        _PROVIDERS,
        _table(("Provider", "Paths"), _providers()),
        _BENCH,
        _table(("Endpoint", "What it does"), ((_named(route), _summary(route.endpoint)) for route in bench)),
        _BODIES,
        *_bodies(),
    ]
    return "\n".join(parts)


def _routes() -> list[Route]:
    """All routes of the app, in their order."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "state.sqlite")
        routes = app.build(store, Path(folder)).routes
        store.close()
    return [route for route in routes if isinstance(route, Route)]


def _modules() -> Iterator[str]:
    """A section for each module of endpoints: what its docstring says, and the endpoints."""
    modules = dict.fromkeys(inspect.getmodule(endpoint.handle) for endpoint in app.ENDPOINTS)
    for module in modules:
        title, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
        head, _, more = " ".join(title.split()).rstrip(".").partition(": ")
        parts = (f"### {_capital(head)}", more and f"{more}.", rest)
        yield _text("\n\n".join(part for part in parts if part)) + "\n"
        endpoints = [endpoint for endpoint in app.ENDPOINTS if inspect.getmodule(endpoint.handle) is module]
        yield _table(("Endpoint", "Permission", "What it does"), map(_row, endpoints))


def _row(endpoint: Endpoint) -> tuple[str, str, str]:
    names = " or ".join(group.name for group in endpoint.any_of)
    return f"`{endpoint.method} {endpoint.path}`", names or "any token", _summary(endpoint.handle)


def _named(route: Route) -> str:
    methods = sorted((route.methods or set()) - {"HEAD"})
    return f"`{' '.join(methods)} {route.path.replace(':path', '')}`"


def _summary(described: object) -> str:
    """The first paragraph of a docstring, without the method and the path that it may begin with."""
    paragraph = inspect.cleandoc(getattr(described, "__doc__", None) or "").partition("\n\n")[0]
    return _text(_capital(re.sub(r"^(GET|POST|PUT|PATCH|DELETE)(?: …\S*[:,]|:)? ", "", " ".join(paragraph.split()))))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(words: str) -> str:
    """With what Markdown would take for a tag outside of code made harmless."""
    parts = words.split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def _providers() -> Iterator[tuple[str, str]]:
    for slug in SLUGS:
        if paths := targets.native(slug):
            yield f"`{slug}`", ", ".join(f"`{slug}/{path}`" for path in paths)


def _bodies() -> Iterator[str]:
    for name in validation.schema_names():
        schema = validation.schema(name)
        yield f"### {name}\n\n{schema['$comment']}\n"
        yield _table(("Field", "Required", "Value", "Default"), map(_cells, fields(schema)))


def _cells(field: Field) -> tuple[str, str, str, str]:
    default = "" if field.default is None else f"`{field.default}`"
    note = f"{field.value}. {field.note}" if field.note else field.value
    return f"`{field.path}`", "yes" if field.required else "", note, default


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
