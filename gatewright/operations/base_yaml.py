"""base.yaml of a new project: its providers, a route over their models, and its clients."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.diagnostics import Diagnostics, Severity
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.load import load
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.environment.names import is_reachable
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.facts.slugs import SLUGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.model.catalog import Provider

ROUTE_MODELS = 3

LOCAL = """\
# The Cloudflare on this machine: a fake account, fake keys, no costs.
extends: base.yaml
local: true
protect: false
"""
GATEWAY = """\
gateway:
  rateLimit: {limit: 600 requests/minute, technique: sliding}
  retry: {attempts: 3, delay: 500ms, backoff: exponential}
"""
TOKENS = """\
tokens:
  agents: {rotate: {every: 30d, overlap: 7d}} # its permissions are those that the clients need
"""
BASE = """\
# Settings that all environments share. The catalog has the providers, their limits and their models.
extends: {catalog}
use: [{use}] # the enabled providers

# Run by Cloudflare, called as dynamic/fast: each model is the fallback of the one before.
routes:
  fast: [{models}]

{gateway}
{tokens}
clients:
{clients}"""


def catalog_providers() -> Mapping[str, Provider]:
    """The providers of the shipped catalog."""
    diagnostics = Diagnostics()
    root = Files(Path(), "stacks").merged_file(CATALOG_NAME, diagnostics)
    file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
    if file is None:
        raise InvalidEnvironmentError("the shipped catalog is invalid", diagnostics.diagnostics)
    return dict(file.providers)


def base_text(clients: Sequence[str], chosen: Sequence[str], providers: Mapping[str, Provider]) -> str:
    """The text: a route over the first models of the `chosen` providers, and clients on the first model that they take.

    Raises:
        UsageError: no provider can be in a route.
        InvalidEnvironmentError: a client cannot use any model of the providers.
    """
    models = [f"{name}/{next(iter(providers[name].models))}" for name in chosen if providers[name].models]
    routed = [model for model in models if _is_routable(model.partition("/")[0])][:ROUTE_MODELS]
    if not routed:
        raise UsageError(
            f"a route needs a provider at Cloudflare's OpenAI-compatible endpoint, and {', '.join(chosen)} has none",
            "Add workers-ai, which needs no key",
        )

    def text(primaries: Mapping[str, str]) -> str:
        lines = "".join(f"  {client}: {{primary: {model}}}\n" for client, model in primaries.items())
        return BASE.format(
            catalog=CATALOG_NAME,
            use=", ".join(chosen),
            models=", ".join(routed),
            gateway=GATEWAY,
            tokens=TOKENS,
            clients=lines,
        )

    candidates = ["dynamic/fast", *models]
    return text({client: _first_valid(client, candidates, text, providers) for client in clients})


def _is_routable(provider: str) -> bool:
    return provider in SLUGS and SLUGS[provider].compat


def _first_valid(
    client: str, models: Sequence[str], text: Callable[[Mapping[str, str]], str], providers: Mapping[str, Provider]
) -> str:
    """The first model that `client` can use as its primary one. `providers`: all that could be chosen."""
    errors = []
    for model in models:
        found = list(local_errors(text({client: model})))
        if not found:
            return model
        errors.append(found)
    speaks, ways = CAPABILITIES[client].speaks, CAPABILITIES[client].via - {"direct"}
    usable = [name for name, each in providers.items() if any(is_reachable(name, each, via, speaks) for via in ways)]
    message = f"{client} can use none of {', '.join(models)}"
    raise InvalidEnvironmentError(message, errors[-1], f"Add to --providers one of {', '.join(usable)}")


def local_errors(base: str) -> Iterator[Diagnostic]:
    """The errors of a local environment with this base.yaml."""
    with tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
        (Path(folder) / "base.yaml").write_text(base, encoding="utf-8")
        (Path(folder) / "local.yaml").write_text(LOCAL, encoding="utf-8")
        loaded = load(Files(Path(folder), "stacks"), "local", CAPABILITIES, {})
    return (entry for entry in loaded.diagnostics if entry.severity is Severity.ERROR)
