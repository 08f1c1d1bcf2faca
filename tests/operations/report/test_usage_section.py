"""Usage on a page: from the kept figures of finished days, without a call."""

from __future__ import annotations

import pytest

from gatewright.operations.usage.day_cache import DayCache
from gatewright.project import Project

from .site import NOW, Build, Parsed
from .usage_cache import ACCOUNT, keep_usage

FILE = f"""\
account: {ACCOUNT}
gateway: {{name: agents}}
use: [groq]
providers:
  groq:
    key: {{env: FAKE_KEY}}
    plan: paid
    plans: {{paid: {{limits: [1000 requests/day, 5000 requests/month]}}}}
    models: {{a: {{}}}}
routes: {{fast: [groq/a]}}
clients: {{pi: {{primary: dynamic/fast}}}}
tokens: {{agents: {{allow: [AI Gateway Run]}}}}
"""


def test_without_figures_the_command_that_collects_them_is_named(build: Build) -> None:
    assert "gatewright usage dev --since 30d" in Parsed(build(dev=FILE)["env-dev.html"]).text


def test_figures_of_30_days(build: Build, project: Project) -> None:
    keep_usage(project, "agents", NOW)
    pages = build(dev=FILE)
    page = Parsed(pages["env-dev.html"])
    summary = "24,000 requests in 30 days, 25% from the cache, 1% failed, 120.00 USD"
    assert f"{summary}; until the end of 2026-11-30." in page.text
    assert summary in Parsed(pages["index.html"]).text
    assert "groq/a 24,000 6,000 240 216,000 24,000 120.00 USD 1.2 s 1.2 s" in page.text
    assert "2026-11-30 800 200 8 7,200 800 4.00 USD" in page.text
    assert sum(attributes.get("class") == "chart" for _, attributes in page.elements) == 4
    assert (page.wrong, page.open) == ([], [])


def test_limits_that_are_used_up_lead_the_page(build: Build, project: Project) -> None:
    keep_usage(project, "agents", NOW)
    page = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "groq: 600 requests, 60% of 1000 requests/day" not in page
    assert "1000 requests/day 600 requests, 60%" in page
    assert "groq: 18,000 requests, 360% of 5000 requests/month" in page
    assert "used up since 2026-11-09" in page


def test_days_that_are_not_kept_are_named(build: Build, project: Project) -> None:
    keep_usage(project, "agents", NOW, days=3)
    text = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "2,400 requests in 30 days" in text
    assert "28 days not in the cache" in text


def test_names_from_outside_are_escaped(build: Build, project: Project) -> None:
    keep_usage(project, "agents", NOW, days=1)
    cache = DayCache(project.work / "usage" / ACCOUNT / "agents")
    content = cache.read("requests", "2026-11-30")
    cache.write("requests", "2026-11-30", [[*row[:2], "<img src=x>", *row[3:]] for row in content])
    page = build(dev=FILE)["env-dev.html"]
    assert "<img" not in page
    assert "<b>red" not in page
    assert "&lt;img src=x&gt;" in page


@pytest.mark.parametrize("damage", ["{", "[]", '{"version": 1, "content": []}'])
def test_damaged_files_are_days_that_are_not_kept(build: Build, project: Project, damage: str) -> None:
    keep_usage(project, "agents", NOW, days=1)
    for file in (project.work / "usage").rglob("requests-*.json"):
        file.write_text(damage)
    assert build(dev=FILE)["env-dev.html"]
