"""Environments that are loaded together: each gets the diagnostics that it gets alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.environment.files import Files
from gatewright.environment.load import Loader, load

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES = {NOW: "2026-11-29"}
BASE = """\
providers:
  groq:
    key: {env: FAKE}
    models:
      a: {retired: 2027-01-01, use: groq/b, unverified: true}
      b: {retires: 2026-12-10, released: 2026-12-24, unverified: true}
routes: {fast: [groq/b]}
"""


def test_a_shared_catalog_is_reported_in_each_environment(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE)
    for name, content in {
        "one": "local: true",
        "two": "local: true\nuse: [groq]",
        "changed": "local: true\nproviders: {groq: {models: {a: {retired: null, use: null}, b: {released: null}}}}",
        "removed": "local: true\nproviders: null\nroutes: null",
    }.items():
        (tmp_path / f"{name}.yaml").write_text(f"extends: base.yaml\n{content}\n")
    files = Files(tmp_path, "stacks")
    loader = Loader(files, CAPABILITIES, VARIABLES)
    together = {name: loader.load(name) for name in files.names()}
    assert together["one"].diagnostics == together["two"].diagnostics
    assert [each.code for each in together["one"].diagnostics if each.code == "bad-date"] == ["bad-date"] * 2
    assert not [each.code for each in together["changed"].diagnostics if each.code == "bad-date"]
    for name, loaded in together.items():
        alone = load(Files(tmp_path, "stacks"), name, CAPABILITIES, VARIABLES)
        assert (loaded.diagnostics, loaded.environment) == (alone.diagnostics, alone.environment)
