"""Reports as Markdown for GitHub: order, folds, and what is left out where the limit is reached."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from gatewright.cli.pipelines.ci import SCRIPTS
from gatewright.cli.reports.drift import drift_document
from gatewright.cli.reports.github import marker, to_markdown
from gatewright.cli.reports.markdown import COMMENT_LIMIT
from gatewright.cli.reports.preview import preview_document
from gatewright.diagnostics import Location
from gatewright.errors import EngineError
from gatewright.operations.batch import Outcome
from gatewright.operations.drift.model import Drift, Finding, FindingClass, Ignored
from gatewright.operations.plan.model import Action, Cause, Change, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence


def plan(name: str, changes: int, size: int) -> Plan:
    """A plan whose first change is a risk."""
    return Plan(
        name,
        tuple(
            Change(
                Action.UPDATE,
                "file",
                f"f{number}.json",
                differences=("word " * size,),
                risks=("caching is turned off",) if number == 0 else (),
                diff="+line\n" * size,
                flowcharts=("flowchart TD", "flowchart TD\n a --> b"),
            )
            for number in range(changes)
        ),
        unchanged=3,
    )


def preview(outcomes: Sequence[Outcome[Plan]], limit: int = COMMENT_LIMIT) -> str:
    return to_markdown(preview_document(outcomes), limit)


def previews(count: int, changes: int, size: int) -> list[Outcome[Plan]]:
    return [Outcome(f"env-{number}", plan(f"env-{number}", changes, size)) for number in range(count)]


@pytest.mark.parametrize(("count", "changes", "size"), [(1, 3, 2), (1, 400, 20), (30, 40, 300), (3_000, 2, 5)])
def test_a_preview_fits_and_counts_what_is_left_out(count: int, changes: int, size: int) -> None:
    markdown = preview(previews(count, changes, size))
    assert len(markdown) <= COMMENT_LIMIT
    assert markdown.startswith(f"{marker('preview')}\n## gatewright preview: ")
    assert markdown.count("<details>") == markdown.count("</details>")
    assert ("left out" in markdown) == (count * changes > 3)
    names = "env-0" if count == 1 else "ENV…"
    assert (f"To print everything: `gatewright preview {names} --format json`" in markdown) == (count * changes > 3)


def test_a_preview_fits_into_a_smaller_limit() -> None:
    assert 500 < len(preview(previews(1, 400, 20), 1_000)) <= 1_000


def test_changes_without_risk_are_left_out_first() -> None:
    markdown = preview(previews(2, 60, 150))
    assert "diff of f0.json" in markdown
    assert "diff of f59.json" not in markdown
    assert markdown.count("⚠️") == 2


def test_a_failed_and_an_unchanged_environment() -> None:
    bad: Outcome[Plan] = Outcome("prod", error=EngineError("```\n@all <b>", "cancel `it`"))
    markdown = preview([bad, Outcome("dev", Plan("dev", (), 9)), Outcome("new", Plan("new", (), 9)), Outcome("late")])
    assert "0 of 4 environments with changes, 1 failed, 1 not started" in markdown
    assert "- `dev`, `new`: no changes\n" in markdown
    assert "### ❌ `late`: interrupted\n" in markdown
    fences = [token.content for token in MarkdownIt("commonmark").parse(markdown) if token.type == "fence"]
    assert fences == ["```\n@all <b>\n→ cancel `it`\n"]


def test_a_file_that_only_this_machine_lacks_is_left_out() -> None:
    missing = Change(Action.UPDATE, "file", "openclaw.json", ("not on this machine",), cause=Cause.NOT_HERE)
    other = Change(Action.UPDATE, "gateway", "agents-dev", ("cache off → 5m",))
    same, changed = Plan("prod", (missing,), 8), Plan("dev", (missing, other), 7)
    markdown = preview([Outcome(each.environment, each) for each in (same, changed)])
    assert "- `prod`: no changes\n" in markdown
    assert "<summary>1 change</summary>" in markdown
    assert "8 unchanged" in markdown
    assert "openclaw" not in markdown
    assert "up would be refused" in preview([Outcome("prod", replace(same, blockers=("it exists",)))])


def test_risks_and_blockers_stand_above_the_fold() -> None:
    refused = replace(plan("dev", 2, 1), blockers=("Cloudflare has the custom provider nvidia already → adopt",))
    above, _, below = preview([Outcome("dev", refused)]).partition("<details>")
    assert "### ❌ `dev`: 2 changes, 1 risk, up would be refused\n" in above
    assert "- ❌ up would be refused: Cloudflare has the custom provider nvidia already → adopt\n" in above
    assert "- ⚠️ file `f0.json`: caching is turned off\n" in above
    assert "- `~` file `f0.json`\n  - word\n" in below


def test_an_unchanged_environment_keeps_its_notes() -> None:
    markdown = preview([Outcome("dev", Plan("dev", (), 9, ("stack dev is locked",))), Outcome("qa", Plan("qa", (), 9))])
    assert "- `dev`: no changes\n<details><summary>1 note</summary>\n\n- stack dev is locked\n" in markdown
    assert "- `qa`: no changes\n" in markdown


def test_drift() -> None:
    place = Location("stacks/base.yaml", 26, 3)
    finding = Finding(
        FindingClass.CHANGED,
        "gateway",
        "agents-staging",
        "logs: collect true → false",
        "gateway.logs.collect",
        "gatewright up staging --refresh",
        place,
        ("openclaw", "pi"),
        "2026-11-20T17:02:11Z",
    )
    orphan = Finding(
        FindingClass.ORPHAN, "route", "by-hand", "in no stack", "orphans.by-hand", "curl x", hint="or declare"
    )
    ignored = replace(finding, name="agents", ignored=Ignored("audit", "2026-12-31"), difference="cache off → 5m")
    missing = Finding(
        FindingClass.NOT_HERE, "file", "out/a", "not on this machine", "files.a", "gatewright render staging"
    )
    drifted = Drift("staging", (finding, orphan, ignored, missing))
    due = Finding(FindingClass.DUE, "token", "agents", "a new generation is due in 3 days", "tokens.agents", "up")
    drifts = [Drift("prod", (due,)), drifted, Drift("new", (), is_deployed=False), Drift("dev", ()), Drift("qa", ())]
    markdown = to_markdown(drift_document([Outcome(each.environment, each) for each in drifts], 12, 4.1))
    assert markdown == (
        "<!-- gatewright:drift -->\n"
        "## gatewright drift: 3 of 5 clean, 1 not deployed · 12 calls · 4.1 s\n\n"
        "### `staging`: 2 drifted\n\n"
        "- `~` gateway `agents-staging` (`stacks/base.yaml:26:3`), used by openclaw, pi\n"
        "  - logs: collect true → false\n"
        "  - changed at Cloudflare, 2026-11-20 17:02 UTC\n"
        "  - fix: `gatewright up staging --refresh`\n"
        "- `?` route `by-hand`\n"
        "  - orphan: in no stack\n"
        "  - fix: `curl x`\n"
        "  - or declare\n\n"
        "<details><summary>1 ignored finding</summary>\n\n"
        "- `=` gateway `agents` (`stacks/base.yaml:26:3`), used by openclaw, pi\n"
        "  - cache off → 5m\n"
        "  - ignored until 2026-12-31: audit\n\n"
        "</details>\n\n"
        "- `prod`: clean · token agents: a new generation is due in 3 days\n"
        "- `new`: not deployed\n"
        "- `dev`, `qa`: clean\n"
    )


def test_the_only_clean_environment_is_recognized_by_the_workflow() -> None:
    """The issue is closed where this heading is found."""
    (pattern,) = re.findall(r"grep --quiet '([^']*)'", (SCRIPTS / "issue.sh").read_text())
    assert re.search(pattern, to_markdown(drift_document([Outcome("a", Drift("a", ()))], 6, 0.4)), re.MULTILINE)
    absent = to_markdown(drift_document([Outcome("a", Drift("a", (), is_deployed=False))], 6, 0.4))
    assert not re.search(pattern, absent, re.MULTILINE)


def test_a_graph_is_a_nested_list() -> None:
    change = Change(Action.CREATE, "route", "fast", ("if a is b", "  10%: groq/c", "else: groq/d"))
    markdown = preview([Outcome("dev", Plan("dev", (change,), 0))])
    assert "  - if a is b\n    - 10%: groq/c\n  - else: groq/d\n" in markdown
