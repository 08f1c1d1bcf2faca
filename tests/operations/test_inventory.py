"""The inventory of an environment: plans, terms, models over time, and the worth of free plans."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode, InvalidEnvironmentError
from gatewright.operations.inventory import inventory
from gatewright.project import Project
from gatewright.workspace import select

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.operations.show import Table

FILE = """\
local: true
tokens: {agents: {}}
clients: {pi: {primary: mistral/small}}
use: [workers-ai, mistral, groq, openai]
providers:
  workers-ai:
    plan: free
    plans: {free: {limits: [10000 neurons/day, 300 requests/minute]}}
    models: {oss: {id: "@cf/fake/oss", context: 128000, output: 16384, reasoning: true, tools: true}}
  mistral:
    key: {env: FAKE_KEY}
    signUp: https://fake.example/sign-up
    plan: free
    plans:
      free:
        limits: [500000 tokens/minute, 1000000000 tokens/month]
        terms: {trainsOnInput: opt-out, note: a | switch, sources: [{name: terms, date: 2026-09-18}]}
    models:
      small: {cost: {input: 0.11, output: 1.1}}
      large: {cost: {input: 11, output: 11}, retires: 2030-01-01, use: mistral/small, unverified: true}
      paid: {cost: {input: 0.01, output: 0.01}, plan: paid}
      old: {cost: {input: 0.01}, retired: 2024-02-26, use: mistral/small, unverified: true}
  groq:
    key: {env: FAKE_KEY}
    plan: free
    plans: {free: {modelLimits: [1000 tokens/day], models: {b: [2000 tokens/day]}}}
    models: {a: {cost: {input: 1, output: 1}}, b: {cost: {input: 1, output: 1}}, c: {}}
  openai:
    key: {env: FAKE_KEY}
    terms: no training
    plan: paid
    plans: {free: {limits: [1000000 tokens/day]}}
    models: {mini: {cost: {input: 1, output: 1}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/dev.yaml").write_text(FILE)
    (tmp_path / "Pulumi.yaml").write_text("name: fake\nruntime: python\n")
    return Project(tmp_path)


@pytest.fixture
def tables(project: Project) -> dict[str, Table]:
    (loaded,) = select(project, ["dev"])
    return {table.title: table for table in inventory(loaded)}


def column(table: Table, heading: str) -> dict[str, str]:
    """The values of a column by the first cell."""
    return {row[0]: row[table.headings.index(heading)] for row in table.rows}


def test_a_provider_has_its_plan_and_how_it_uses_prompts(tables: dict[str, Table]) -> None:
    providers = tables["providers"]
    assert column(providers, "plan") == {"workers-ai": "free", "mistral": "free", "groq": "free", "openai": "paid"}
    assert column(providers, "trains on prompts") == {
        "workers-ai": "unknown",
        "mistral": "opt-out (2026-09-18): a | switch",
        "groq": "unknown",
        "openai": "no training",
    }
    assert column(providers, "sign up")["mistral"] == "https://fake.example/sign-up"


def test_a_model_has_its_listed_price_and_its_life(tables: dict[str, Table]) -> None:
    models = tables["models"]
    assert column(models, "USD per M")["mistral/small"] == "0.11 / 1.1"
    life = column(models, "life")
    assert life["mistral/small"] == "available"
    assert life["mistral/large"] == "retires 2030-01-01, use mistral/small"
    assert life["mistral/old"] == "retired 2024-02-26, use mistral/small"
    assert column(models, "can")["workers-ai/oss"] == "reasoning, tools"


def test_free_plans_are_valued_at_listed_prices(tables: dict[str, Table]) -> None:
    rows = [(name, month, worth, basis) for name, _, month, worth, basis in tables["free capacity"].rows]
    assert rows == [
        ("workers-ai", "300,000 neurons", "3.30", "0.011 USD per 1,000 neurons"),
        ("mistral", "1,000,000,000 tokens", "200.00", "small"),  # not old, which is retired, nor paid
        ("groq", "30,000 tokens", "0.03", "a"),
        ("groq", "60,000 tokens", "0.06", "b"),
        ("total", "", "203.39", ""),
    ]


def test_an_invalid_environment_is_refused(project: Project) -> None:
    (project.stacks / "dev.yaml").write_text("local: true\nnope: 1\n")
    (loaded,) = select(project, ["dev"])
    with pytest.raises(InvalidEnvironmentError):
        inventory(loaded)


def test_documents(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project.root)
    assert run(["inventory", "dev", "--format", "json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert {"environment", "providers", "models", "clients", "free capacity"} <= set(document)
    assert "routes" not in document  # it has none
    assert run(["inventory", "dev", "--format", "markdown"]) == ExitCode.DONE
    markdown = capsys.readouterr().out
    assert markdown.startswith("# Inventory of `dev`\n\n## Providers\n\n| provider | plan |")
    assert "| <https://fake.example/sign-up> |" in markdown
    assert "a \\| switch" in markdown
    assert "| `@cf/fake/oss` |" in markdown
    assert run(["inventory", "dev"]) == ExitCode.DONE
    assert "203.39" in capsys.readouterr().out


GUARDED = (
    "gateway: {domains: {ai.example.com: {}}, endpoint: domain, access: %s, policies: {everyone: {effect: allow, "
    "limit: 20 USD/day, actor: 'user:{metadata.user}'}, legal: {effect: deny, except: true, providers: [mistral], "
    "when: metadata.team == 'legal'}, others: {effect: allow}}}\n"
)


def guarded(project: Project, monkeypatch: pytest.MonkeyPatch, access: str) -> dict[str, Table]:
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-24T12:00:00Z")
    (project.stacks / "dev.yaml").write_text(FILE + GUARDED % access)
    (loaded,) = select(project, ["dev"])
    return {table.title: table for table in inventory(loaded)}


def test_who_may_call(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    group, token = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    allow = f"{{emails: [me@example.com, '@example.org'], groups: [{group}], serviceTokens: [{token}]}}"
    rotate = "{rotate: {every: 30d, overlap: 7d}}"
    tables = guarded(project, monkeypatch, f"{{serviceToken: {rotate}, allow: {allow}}}")
    access = tables["access"]
    assert {row[0] for row in access.rows} == {"gatewright/dev"}
    assert {row[4] for row in access.rows} == {"ai.example.com"}
    assert [(*row[1:4], row[5]) for row in access.rows] == [
        (
            "gatewright/dev/access/2026-11-03",
            "service token",
            "2027-01-16 at the earliest; rotates every 30d",
            "pi",
        ),
        (token, "service token", "as set at Cloudflare", "–"),
        ("me@example.com", "person", "–", "–"),
        ("@example.org", "all addresses of a domain", "–", "–"),
        (group, "Access group", "–", "–"),
    ]
    assert tables["gateway policies"].rows == (
        ("everyone", "allow", "all", "20 USD/day", "user:{metadata.user}", "always"),
        ("legal", "deny", "all except mistral", "–", "everyone", "metadata.team == 'legal'"),
        ("others", "allow", "all", "–", "everyone", "always"),
    )
    (by_hand,) = guarded(project, monkeypatch, "true")["access"].rows
    assert by_hand[:2] == ("created by hand", "the service token in $CF_ACCESS_CLIENT_ID and $CF_ACCESS_CLIENT_SECRET")


def test_an_environment_without_access_and_policies_has_no_such_tables(tables: dict[str, Table]) -> None:
    assert not {"access", "gateway policies"} & tables.keys()


def test_who_may_call_in_markdown_and_json(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-24T12:00:00Z")
    monkeypatch.chdir(project.root)
    (project.stacks / "dev.yaml").write_text(FILE + GUARDED % "{serviceToken: true}")
    assert run(["inventory", "dev", "--format", "markdown"]) == ExitCode.DONE
    markdown = capsys.readouterr().out
    assert "## Access" in markdown
    assert "| `legal` | deny | all except mistral | – | `everyone` | `metadata.team == 'legal'` |" in markdown
    assert run(["inventory", "dev", "--format", "json"]) == ExitCode.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["access"][0]["kind"] == "service token"
    assert [row["action"] for row in document["gateway policies"]] == ["allow", "deny", "allow"]
    assert run(["inventory", "dev"]) == ExitCode.DONE
    assert "gateway policies" in capsys.readouterr().out
