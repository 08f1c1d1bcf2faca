"""A project with a catalog of its own, and a shipped catalog that knows better."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.environment import files
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.project import Project

SHIPPED = """\
providers:
  groq:
    key: {env: GROQ_API_KEY}
    models:
      old:
        id: old-8b
        retired: 2026-08-16
        use: groq/new
        sources: [{name: a notice, date: 2026-06-17}, {name: a list, date: 2026-09-18}]
      doubtful: {retired: 2026-08-16, use: groq/new, sources: [{name: a rumour, date: 2026-06-17}]}
      soon:
        retires: 2026-12-01
        use: groq/new
        sources: &both [{name: a, date: 2026-06-17}, {name: b, date: 2026-06-17}]
      new: {id: new-20b, name: New, reasoning: true, context: 131072, cost: {input: 1, output: 2}, sources: *both}
"""
CATALOG = """\
providers:
  groq:
    key: {env: GROQ_API_KEY}
    models:
      old: {id: old-8b, context: 8192} # the first one
      doubtful: {}
      soon: {context: 4096}
      own: {context: 4096, cost: {input: 1, output: 3, cacheRead: 0.5}}
  workers-ai: {models: {w: {id: "@cf/w"}}}
"""
BASE = """\
extends: catalog.yaml
routes:
  fast: [groq/old, workers-ai/w] # fast
roles:
  main: {primary: "groq/old", fallbacks: [groq/soon, dynamic/fast]}
tokens: {agents: {}}
clients: {models: {}}
"""


def write_project(folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: str) -> Project:
    """The project; `changed` are texts of its files. The shipped catalog is SHIPPED, and today is 2026-11-28."""
    texts = {"base": BASE, "catalog": CATALOG, "local": "extends: base.yaml\nlocal: true\n", **changed}
    (folder / "stacks").mkdir()
    (folder / "Pulumi.yaml").write_text("name: x\nruntime: python\n", encoding="utf-8")
    for name, text in texts.items():
        (folder / "stacks" / f"{name}.yaml").write_text(text, encoding="utf-8")
    shipped = folder / "shipped.yaml"
    shipped.write_text(SHIPPED, encoding="utf-8")
    monkeypatch.setitem(files.SHIPPED, CATALOG_NAME, shipped)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-28")
    monkeypatch.chdir(folder)
    return Project(folder)
