"""Results that verify and drift kept, on the page of their environment."""

from __future__ import annotations

import json

from gatewright.project import Project

from .site import Build, Parsed

FILE = """\
local: true
use: [groq]
providers:
  groq:
    key: {env: FAKE_KEY}
    plan: free
    plans: {free: {limits: [1000 requests/day], terms: {trainsOnInput: no, note: "<i>none</i>", sources: [{name: terms, date: 2026-09-18}]}}}
    models:
      a: {}
      b: {retires: 2026-12-11, use: groq/a, unverified: true}
      c: {retires: 2027-11-11, unverified: true}
      d: {retired: 2026-01-11, unverified: true}
routes: {fast: [groq/b, groq/a]}
tokens: {fixed: {expires: 2026-12-08, allow: [AI Gateway Run]}}
clients: {pi: {primary: dynamic/fast}}
"""  # noqa: E501


def keep(project: Project, name: str, *lines: object) -> None:
    folder = project.work / "history" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{json.dumps(line) if line else '{'}\n" for line in lines))


def verify_run(day: str, failure: str | None, name: str = "groq/a") -> dict[str, object]:
    result = {"name": name, "ok": not failure, "answered": not failure, "failure": failure, "ms": 1234}
    return {"time": f"{day}T05:00:00Z", "environment": "dev", "results": [result | {"answered_by": None}]}


def drift_run(day: str, *differences: str, is_deployed: bool = True) -> dict[str, object]:
    finding = {"class": "changed", "kind": "gateway", "name": "agents", "path": "gateway.logs", "counts": True}
    findings = [finding | {"difference": difference} for difference in differences]
    return {"time": f"{day}T05:00:00Z", "environment": "dev", "is_deployed": is_deployed, "findings": findings}


def test_without_results_the_commands_that_keep_them_are_named(build: Build) -> None:
    text = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "gatewright verify dev --history" in text
    assert "gatewright drift dev --history" in text


def test_the_last_run_and_the_runs_before_it(build: Build, project: Project) -> None:
    keep(project, "verify.jsonl", verify_run("2026-11-28", None), verify_run("2026-11-29", "rate-limited"))
    keep(project, "drift.jsonl", drift_run("2026-11-28"), None, drift_run("2026-11-29", "logs: <b>true</b> → false"))
    pages = build(dev=FILE)
    page = Parsed(pages["env-dev.html"])
    assert "2026-11-29 05:00 UTC: 0 of 1 model or route answered as expected" in page.text
    assert "50% on average over 2 runs" in page.text
    assert "groq 50% 1 of 2" in page.text
    assert "2026-11-29 05:00 UTC: 1 finding" in page.text
    assert "logs: <b>true</b> → false" in page.text
    assert "1 of 2 runs without drift" in page.text
    assert "1 broken line skipped" in page.text
    assert sum(attributes.get("class") == "chart" for _, attributes in page.elements) == 2
    assert (page.wrong, page.open) == ([], [])
    index = Parsed(pages["index.html"]).text
    assert "drift dev 1 finding" in index
    assert "verify dev 1 model or route failed" in index


def test_a_stack_that_is_not_deployed_has_not_drifted(build: Build, project: Project) -> None:
    keep(project, "drift.jsonl", drift_run("2026-11-29", is_deployed=False))
    assert "2026-11-29 05:00 UTC: not deployed" in Parsed(build(dev=FILE)["env-dev.html"]).text


def test_runs_of_one_day_are_told_apart(build: Build, project: Project) -> None:
    keep(project, "drift.jsonl", *(drift_run("2026-11-29") for _ in range(40)))
    text = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "40 of 40 runs without drift" in text
    assert "2026-11-29 (30)" in text


def test_models_that_retire_come_with_the_places_that_name_them(build: Build) -> None:
    text = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "2 models about to retire" in text
    assert "groq/b 2026-12-11 in 10 days groq/a routes.fast[0]" in text
    assert "groq/c 2027-11-11 in 345 days – nothing" in text


def test_what_needs_attention_leads_the_page(build: Build) -> None:
    page = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "fixed expires on 2026-12-08" in page
    assert "groq/b retires on 2026-12-11, in 10 days" in page
    assert page.index("Needs attention") < page.index("Run by Cloudflare")


def test_keys_limits_and_terms(build: Build) -> None:
    local = Parsed(build(dev=FILE)["env-dev.html"]).text
    assert "groq a fake key of the local Cloudflare" in local
    assert "1000 requests/day" in local
    assert "no (2026-09-18): <i>none</i>" in local
    account = Parsed(build(dev=FILE.replace("local: true", f"account: {'0' * 32}"))["env-dev.html"]).text
    assert "groq $FAKE_KEY of the run that deploys" in account


def test_many_notices_are_folded(build: Build) -> None:
    index = Parsed(build(**dict.fromkeys("abcdefgh", FILE))["index.html"])
    assert "4 further notices" in index.text
    assert (index.wrong, index.open) == ([], [])
