"""The data that rules see have the keys that are known to the reader of rules and to the guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.policy.model import SUBJECTS
from gatewright.policy.names import known_names
from gatewright.policy.view import View, view_of
from gatewright.project import Project

from .test_cases import CASES

NOW = 1_793_491_200  # 2026-11-01


@pytest.fixture
def view(tmp_path: Path) -> View:
    (tmp_path / "base.yaml").write_text((CASES / "base.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    text = """\
extends: base.yaml
account: {env: ACCOUNT}
gateway: {cache: {ttl: 5m}, rateLimit: {limit: 600 requests/minute}}
tokens: {agents: {rotate: {every: 30d, overlap: 7d}}}
clients: {pi: {metadata: {team: tools, user: {env: WHO}}}}
"""
    (tmp_path / "prod.yaml").write_text(text, encoding="utf-8")
    loaded = load(Files(tmp_path, "stacks"), "prod", CAPABILITIES, {})
    assert loaded.environment is not None
    return view_of(loaded, loaded.environment, NOW)


@pytest.mark.parametrize("kind", SUBJECTS)
def test_keys_are_known(kind: str, view: View) -> None:
    known = known_names()[kind]
    assert known is not None
    for subject in view.subjects[kind]:
        assert subject.data.keys() == known.keys()


def test_values(view: View) -> None:
    gateway = view.environment["gateway"]
    assert gateway["cache"] == {"ttl": 300, "invalidateOnUpdate": True}
    assert gateway["rateLimit"]["limit"] == {"amount": 600.0, "unit": "requests", "period": 60}
    assert gateway["retry"] is None
    assert view.environment["tokens"]["agents"]["validity"] == 74 * 86_400
    assert view.environment["tokens"]["agents"]["rotate"]["every"] == 30 * 86_400
    assert view.environment["clients"]["pi"]["metadata"] == {"team": "tools", "user": {"env": "WHO"}}
    assert view.environment["routes"]["fast"]["models"] == ["groq/small", "mistral/medium"]
    assert view.environment["providers"]["groq"]["trainsOnInput"] == "yes"
    assert [*view.environment["models"]] == ["mistral/medium", "groq/small"]


def test_the_guide_names_the_keys(checkout: Project) -> None:
    guide = (checkout.root / "docs" / "guides" / "policy.md").read_text(encoding="utf-8")
    for variable in ("environment", "route", "token", "client"):
        (row,) = re.findall(rf"^\| `{variable}` \| (.*) \|$", guide, re.MULTILINE)
        known = known_names()[variable]
        assert known is not None
        assert set(re.findall(r"`(\w+)`", row)) == known.keys()
