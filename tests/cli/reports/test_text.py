"""Reports as text: columns, merged rows, details, fixes, diffs."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from gatewright.cli.reports.drift import drift_document
from gatewright.cli.reports.model import CREATE, DELETE, UPDATE, Document, Row
from gatewright.cli.reports.preview import preview_document
from gatewright.cli.reports.text import print_text, row_lines
from gatewright.cli.screen import Screen
from gatewright.diagnostics import Location
from gatewright.errors import EngineError
from gatewright.operations.batch import Outcome
from gatewright.operations.drift.model import Drift, Finding, FindingClass, Ignored
from gatewright.operations.plan.model import Action, Cause, Change, Plan

PLACE = Location("a.yaml", 1, 1)


def printed(document: Document, *, diffs: bool = False) -> str:
    stream = io.StringIO()
    print_text(document, Screen(stream), diffs=diffs)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([Row(CREATE, "route", "fast", location=PLACE)], ["+ route fast                  (a.yaml:1:1)"]),
        ([Row(UPDATE, "route", "fast", ("1 line",))], ["~ route fast                  1 line"]),
        ([Row(CREATE, "", "x" * 28, ("1 line",))], [f"+ {'x' * 28} 1 line"]),
        (
            [Row(UPDATE, "file", "pi/cloudflare-ai-gateway.json"), Row(UPDATE, "file", "a", ("b",))],
            ["~ file pi/cloudflare-ai-gateway.json", f"~ file a{'':<29}b"],
        ),
        (
            [Row(UPDATE, "gateway", "a", ("b" * 60, "c" * 60), location=PLACE)],
            [f"~ gateway a{'':<18} (a.yaml:1:1)", f"{'':<30}{'b' * 60}", f"{'':<30}{'c' * 60}"],
        ),
        (
            [Row(DELETE, "route", "old", ("deleted",), risks=("callers get an error", "logs are lost"))],
            [f"! route old{'':<19}deleted", f"{'':<30}risk: callers get an error; logs are lost"],
        ),
        (
            [Row(CREATE, "key", name, ("stored",), merge_key="keys", location=PLACE) for name in ("groq", "openai")],
            [f"+ 2 keys{'':<22}groq openai · stored"],
        ),
        (
            [Row(CREATE, "route", name, (name * 2,), merge_key="routes") for name in ("a", "b")],
            [f"+ 2 routes{'':<20}a b"],
        ),
        (
            [Row(CREATE, "route", "a", ("if a is b", "  10%: c", "else: d"))],
            [f"+ route a{'':<21}".rstrip(), f"{'':<30}if a is b", f"{'':<30}  10%: c", f"{'':<30}else: d"],
        ),
        (
            [Row(UPDATE, "gateway", "a", ("off → on",), location=PLACE, clients=("pi",), fix="fix", hint="h")],
            [f"~ gateway a{'':<19}off → on", "    a.yaml:1:1 · used by pi → fix", "      h"],
        ),
    ],
)
def test_rows(rows: list[Row], lines: list[str]) -> None:
    assert [line for _, found in row_lines(rows) for line in found] == lines


CHANGES = (
    Change(Action.DELETE, "route", "old", risks=("callers get an error",)),
    Change(Action.UPDATE, "file", "pi/auth.json", ("1 line",), location=PLACE, diff="--- a\n+++ a\n-x\n+y"),
    Change(Action.UPDATE, "file", "a.json", ("not on this machine",), cause=Cause.NOT_HERE),
    Change(Action.CREATE, "token", "agents-2026-12-03", ("may: AI Gateway Run",), cause=Cause.CALENDAR),
)


def test_a_plan() -> None:
    plan = Plan("dev", CHANGES, 9, ("a note",), ("the gateway exists already",))
    assert printed(preview_document([Outcome("dev", plan)]), diffs=True) == (
        "dev  2 changes, 1 risk, up would be refused\n"
        "\n"
        "  ✗ the gateway exists already\n"
        "  ! route old                   deleted\n"
        "                                risk: callers get an error\n"
        "  ~ file pi/auth.json           1 line  (a.yaml:1:1)\n"
        "  · file a.json                 not on this machine\n"
        "  · token agents-2026-12-03     scheduled: created · may: AI Gateway Run\n"
        "  = 9 unchanged\n"
        "  · a note\n"
        "\n"
        "  --- a\n"
        "  +++ a\n"
        "  -x\n"
        "  +y\n"
    )


def test_several_plans_end_with_a_table() -> None:
    outcomes: list[Outcome[Plan]] = [
        Outcome("dev", Plan("dev", CHANGES[:1], 9)),
        Outcome("same", Plan("same", (), 9)),
        Outcome("bad", error=EngineError("pulumi failed on stack bad:\nincorrect passphrase")),
        Outcome("late"),
    ]
    text = printed(preview_document(outcomes))
    assert text == (
        "dev  1 change, 1 risk\n"
        "\n"
        "  ! route old                   deleted\n"
        "                                risk: callers get an error\n"
        "  = 9 unchanged\n"
        "\n"
        "dev    1 change, 1 risk\n"
        "same   no changes\n"
        "bad    ✗ pulumi failed on stack bad: incorrect passphrase\n"
        "late   not started\n"
        "1 of 4 environments with changes, 1 failed, 1 not started\n"
    )


def test_drift() -> None:
    finding = Finding(
        FindingClass.CHANGED,
        "gateway",
        "agents",
        "cache off → 5m",
        "gateway.cache",
        "gatewright up dev --refresh",
        PLACE,
        ("openclaw", "pi"),
        "2026-11-20T17:02:11Z",
    )
    orphan = Finding(
        FindingClass.ORPHAN,
        "route",
        "by-hand",
        "in no stack",
        "orphans.by-hand",
        "curl x",
        since="2026-11-20T17:02:11Z",
    )
    ignored = replace(finding, name="other", ignored=Ignored("audit", "2026-12-31"))
    missing = Finding(FindingClass.NOT_HERE, "file", "out/a", "not on this machine", "f", "gatewright render")
    others = (missing, replace(missing, name="out/b"))
    drift = Drift("dev", (finding, orphan, ignored, *others), ("a note",))
    assert printed(drift_document([Outcome("dev", drift)], 6, 0.4)) == (
        "dev  2 drifted\n"
        "\n"
        "  ~ gateway agents              cache off → 5m · changed at Cloudflare, 2026-11-20 17:02 UTC\n"
        "      a.yaml:1:1 · used by openclaw, pi → gatewright up dev --refresh\n"
        "  ? route by-hand               orphan: in no stack · created at Cloudflare, 2026-11-20 17:02 UTC\n"
        "      → curl x\n"
        "  = gateway other               cache off → 5m · ignored until 2026-12-31: audit  (a.yaml:1:1)\n"
        "  · 2 files                     out/a out/b · not on this machine\n"
        "      → gatewright render\n"
        "  · a note\n"
        "\n"
        "0 of 1 clean · 6 calls · 0.4 s\n"
    )


def test_a_clean_and_an_absent_environment() -> None:
    due = Finding(
        FindingClass.DUE, "token", "agents", "a new generation is due in 3 days, 2026-11-27", "tokens.agents", "up"
    )
    prod, new = Drift("prod", (due,)), Drift("new", (), is_deployed=False)
    headline = "clean · token agents: a new generation is due in 3 days, 2026-11-27"
    assert printed(drift_document([Outcome("prod", prod)], 6, 0.4)).startswith(f"prod  {headline}\n\n1 of 1 clean")
    text = printed(drift_document([Outcome("prod", prod), Outcome("new", new)], 6, 0.4))
    assert [line.rstrip() for line in text.splitlines()] == [
        "",
        f"prod   {headline}",
        "new    not deployed",
        "1 of 2 clean, 1 not deployed · 6 calls · 0.4 s",
    ]
