"""Retired models in show, in drawn routes, as findings of drift and in a preview's report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from gatewright.cli.reports.drift import drift_document
from gatewright.cli.reports.github import to_markdown
from gatewright.cli.reports.preview import preview_document
from gatewright.cli.reports.text import print_text
from gatewright.cli.screen import Screen
from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.environment.checks.ignore import unknown_path
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load
from gatewright.environment.references import ModelName
from gatewright.operations.batch import Outcome
from gatewright.operations.drift.model import Drift
from gatewright.operations.drift.retirements import retirement_findings
from gatewright.operations.plan.model import Plan
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.routes.drawing import draw_routes
from gatewright.operations.show import show
from gatewright.shipped import SCHEMAS
from gatewright.workspace import require

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
local: true
providers:
  groq:
    key: {env: GROQ_API_KEY}
    models:
      old: {id: llama-old, context: 8192, output: 4096, retired: 2026-08-16, use: groq/next, unverified: true}
      next: {id: gpt-next, context: 8192, output: 4096}
      soon: {id: soon, context: 8192, output: 4096, retires: 2026-12-14, use: groq/next, unverified: true}
routes: {fast: [groq/old, groq/next], other: [groq/next, groq/soon]}
roles: {one: {primary: groq/old, fallbacks: [groq/next]}}
tokens: {agents: {}}
clients: {openclaw: {primary: dynamic/fast}}
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    (tmp_path / "staging.yaml").write_text(TEXT, encoding="utf-8")
    return load(Files(tmp_path, "stacks"), "staging", CAPABILITIES, {NOW: "2026-11-29"})


def test_show_marks_them(loaded: Loaded) -> None:
    models, routes, roles = show(require(loaded), ("models", "routes", "roles"))
    assert {row[0]: row[-1] for row in models.rows} == {
        "groq/old": "retired since 2026-08-16, use groq/next, unverified",
        "groq/next": "",
        "groq/soon": "retires on 2026-12-14, use groq/next, unverified",
    }
    assert routes.rows[0][1] == "groq/old (retired) → groq/next"
    assert roles.rows[0][1] == "groq/old (retired)"


def test_routes_strike_them_through(loaded: Loaded) -> None:
    fast, other = draw_routes(require(loaded), ())
    assert fast.text == ["~~groq/old~~ (retired since 2026-08-16) → groq/next"]
    assert '  n1["groq/old"]:::retired' in fast.mermaid
    assert fast.mermaid[-1] == "  classDef retired text-decoration:line-through"
    assert not any("retired" in line for line in [*other.text, *other.mermaid])


def test_clients_do_not_list_them_by_default(loaded: Loaded) -> None:
    listed = require(loaded).clients["openclaw"].models
    assert ModelName("groq", "old") not in listed
    assert {ModelName("groq", "next"), ModelName("groq", "soon")} <= set(listed)


def test_drift_reports_each_place(loaded: Loaded) -> None:
    findings = tuple(retirement_findings(require(loaded)))
    assert [(finding.name, finding.difference, finding.clients) for finding in findings] == [
        ("groq/old", "is retired since 2026-08-16; routes.fast[0] names it", ("openclaw",)),
        ("groq/soon", "retires on 2026-12-14; routes.other[1] names it", ("openclaw",)),
        ("groq/old", "is retired since 2026-08-16; roles.one.primary names it", ()),
    ]
    assert {finding.hint for finding in findings} == {"first replace it with groq/next"}
    assert all(finding.counts for finding in findings)
    assert loaded.file is not None
    assert [unknown_path(loaded.file, finding.path) for finding in findings] == [None] * 3
    document = drift_document([Outcome("staging", Drift("staging", findings))], 0, 0.0)
    schema = json.loads((SCHEMAS / "drift.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document.json)


def test_a_preview_leads_with_its_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    warnings = ("stacks/base.yaml:7:10 routes.fast[0]: groq/old is retired since 2026-08-16. Use groq/next",)
    document = preview_document([Outcome("staging", Plan("staging", (), 3, warnings=warnings))])
    first, second = to_markdown(document).splitlines()[3:6:2]
    assert first == "### ✅ `staging`: no changes"
    assert second == f"- ⚠️ {warnings[0]}".replace("[", "\\[")
    print_text(document, Screen())
    assert capsys.readouterr().out.splitlines() == ["staging  no changes", "", f"  ! {warnings[0]}"]
    schema = json.loads((SCHEMAS / "preview.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document.json)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ((), ["dynamic/fast", "groq/old", "groq/next", "groq/soon"]),
        (["groq"], ["groq/old", "groq/next", "groq/soon"]),
        (["groq/gone"], ["groq/gone"]),
        (["groq/paid"], ["groq/paid"]),
    ],
)
def test_verify_leaves_out_what_nobody_uses_and_the_provider_does_not_serve(
    tmp_path: Path, only: list[str], expected: list[str]
) -> None:
    more = """      gone: {context: 8192, output: 4096, retired: 2026-08-16, use: groq/next, unverified: true}
      paid: {context: 8192, output: 4096, plan: paid}
    plan: free
"""
    text = TEXT.replace("routes: {fast", f"{more}routes: {{fast").replace(", other: [groq/next, groq/soon]", "")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/local.yaml").write_text(text)
    environment = require(load(Files(tmp_path / "stacks", "stacks"), "local", CAPABILITIES, {NOW: "2026-11-29"}))
    assert [str(request.name) for request in probe_requests(environment, only)] == expected
