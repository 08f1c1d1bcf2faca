"""What packages of others state of the shipped catalog's models, pinned: `make catalog` refreshes the pins.

The facts come from litellm, pi-ai and model-prices (all MIT); the file names the version, the date and the hash of the
tables that were read.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.clock import today
from gatewright.operations.base_yaml import catalog_providers
from gatewright.operations.catalog.facts import ModelFacts, Price, Table
from gatewright.operations.catalog.sources import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

PINS = Path(__file__).parent / "operations" / "catalog" / "pins.json"


def read_pins() -> list[Table]:
    """The pinned tables."""
    return [_table(pin) for pin in json.loads(PINS.read_text(encoding="utf-8"))]


def _table(pin: dict[str, Any]) -> Table:
    models = {
        (provider, model_id): _facts(facts)
        for provider, models in pin["models"].items()
        for model_id, facts in models.items()
    }
    return Table(f"{pin['package']} {pin['version']}", pin["date"], models)


def _facts(values: dict[str, Any]) -> ModelFacts:
    price, successor = values.pop("price", None), values.pop("successor", None)
    return ModelFacts(
        price=Price(**price) if price else None, successor=tuple(successor) if successor else None, **values
    )


def fetch_pins(day: str) -> list[dict[str, Any]]:
    """The packages' newest tables, with the models of the shipped catalog only. Raises SourceError."""
    wanted = {
        (slug, model.id or name)
        for slug, provider in catalog_providers().items()
        for name, model in provider.models.items()
    }
    pins = []
    for package in PACKAGES:
        version, files = package.fetch(package.name, package.files)
        name = package.name.partition("@>")[0]
        table = Table(f"{name} {version}", day)
        package.read(table, files, day)
        digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        head = {"package": name, "version": version, "date": day, "sha256": digest}
        pins.append({**head, "models": _models(table, sorted(wanted & table.models.keys()))})
    return pins


def _models(table: Table, keys: Iterable[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    models: dict[str, dict[str, Any]] = {}
    for provider, model_id in keys:
        values = asdict(table.models[provider, model_id])
        del values["weight"]
        models.setdefault(provider, {})[model_id] = {key: value for key, value in values.items() if value}
    return models


if __name__ == "__main__":
    text = json.dumps(fetch_pins(today(os.environ)), indent=1, ensure_ascii=False)
    PINS.write_text(f"{text}\n", encoding="utf-8")
