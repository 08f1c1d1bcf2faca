"""Markdown that is written is read again by a real parser: text stays text, and the whole fits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gatewright.cli.reports.markdown import DRIFT, LIMIT, PREVIEW, Part, block, cell, code, fitted, folded, text
from gatewright.cli.reports.preview_markdown import rendered
from gatewright.errors import EngineError
from gatewright.operations.batch import Outcome
from gatewright.operations.plan.model import Action, Cause, Change, Plan

READER = MarkdownIt("commonmark").enable("table")
INVISIBLE = "\u200b"
ODD = st.text(alphabet=st.one_of(st.sampled_from("`*_<>@#|&\\\n-~[](){}!:/ aw1.\u202e\x00"), st.characters()))
LIVE = re.compile(r"(?<![\w`])@\w|(?<!\w)#\d|://|<!--|<script", re.IGNORECASE)


def shown(markdown: str) -> str:
    """What a reader sees, code and all; fails where the parser finds anything but text and code."""
    tokens = [each for token in READER.parse(f"x {markdown} x") for each in token.children or ()]
    assert {token.type for token in tokens} <= {"text", "code_inline", "text_special"}, markdown
    return "".join(token.content for token in tokens)[2:-2]


@given(ODD)
def test_text_comes_out_as_the_text_it_was_and_calls_nobody(value: str) -> None:
    seen = shown(text(value))
    assert LIVE.search(seen) is None
    visible = [each for each in seen if each not in (INVISIBLE, "�")]
    assert "".join(visible).split() == "".join(each for each in value if each in visible or each.isspace()).split()


@given(ODD)
def test_code_comes_out_as_it_was(value: str) -> None:
    tokens = [token for each in READER.parse(f"x {code(value)} x") for token in each.children or ()]
    inside = [token.content for token in tokens if token.type == "code_inline"]
    assert len(inside) == bool(code(value))
    assert {token.type for token in tokens} <= {"text", "code_inline"}


@given(ODD)
def test_nothing_ends_a_block_but_its_end(value: str) -> None:
    tokens = READER.parse(f"{block(value, 'diff')}after\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


def test_a_bar_does_not_end_a_cell() -> None:
    html = READER.render(f"| a |\n| --- |\n| {cell('x|y')} |\n")
    assert "<td><code>x|y</code></td>" in html


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("@everyone", "\\@&#8203;everyone"),
        ("fixes #12", "fixes \\#&#8203;12"),
        ("<img src=x>", "&lt;img src\\=x&gt;"),
        ("see https://a.example", "see https\\:&#8203;\\/\\/a\\.example"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_github_would_act_on_is_defused(value: str, written: str) -> None:
    assert text(value) == written


def plan(name: str, changes: int, size: int) -> Plan:
    """A plan whose first change is the risky one."""
    return Plan(
        name,
        tuple(
            Change(
                Action.UPDATE,
                "file",
                f"f{number}.json",
                words=("word " * size,),
                risks=("caching is turned off",) if number == 0 else (),
                diff="+line\n" * size,
                graphs=("flowchart TD", "flowchart TD\n a --> b"),
            )
            for number in range(changes)
        ),
        unchanged=3,
    )


def outcomes(count: int, changes: int, size: int) -> list[Outcome[Plan]]:
    return [Outcome(f"env-{number}", plan(f"env-{number}", changes, size)) for number in range(count)]


@pytest.mark.parametrize(("count", "changes", "size"), [(1, 3, 2), (1, 400, 20), (30, 40, 300), (3_000, 2, 5)])
def test_a_preview_fits_and_says_what_it_leaves_out(count: int, changes: int, size: int) -> None:
    written = rendered(outcomes(count, changes, size))
    assert len(written) <= LIMIT
    assert written.startswith(PREVIEW)
    assert written.count("<details>") == written.count("</details>")
    assert ("left out" in written) == (count * changes > 3)
    names = "env-0" if count == 1 else "ENV…"
    assert (f"All of it: `gatewright preview {names} --format json`" in written) == (count * changes > 3)


def test_a_preview_fits_into_its_share() -> None:
    assert 500 < len(rendered(outcomes(1, 400, 20), 1_000)) <= 1_000


def test_the_least_risky_goes_first() -> None:
    written = rendered(outcomes(2, 60, 150))
    assert "diff of f0.json" in written  # of the one to be looked at twice
    assert "diff of f59.json" not in written
    assert written.count("⚠️") == 2


def test_a_failure_and_an_unchanged_environment_are_named() -> None:
    bad: Outcome[Plan] = Outcome("prod", error=EngineError("```\n@all <b>", "cancel `it`"))
    same: Outcome[Plan] = Outcome("dev", Plan("dev", (), 9))
    written = rendered([bad, same])
    assert "0 of 2 environments with changes, 1 failed" in written
    assert "No change: `dev`" in written
    fences = [token.content for token in READER.parse(written) if token.type == "fence"]
    assert fences == ["```\n@all <b>\n→ cancel `it`\n"]


def test_a_file_that_only_this_machine_lacks_is_no_news_elsewhere() -> None:
    lacking = Change(Action.UPDATE, "file", "openclaw.json", ("not on this machine",), cause=Cause.NOT_HERE)
    other = Change(Action.UPDATE, "gateway", "agents-dev", ("cache off → 5m",))
    same, changed = Plan("prod", (lacking,), 8), Plan("dev", (lacking, other), 7)
    written = rendered([Outcome(each.environment, each) for each in (same, changed)])
    assert "No change: `prod`" in written
    assert "1 step<" in written
    assert "openclaw" not in written
    assert "an up would be refused" in rendered([Outcome("prod", replace(same, refused=("it is there",)))])


def test_what_an_up_would_refuse_stands_above_the_fold() -> None:
    refused = replace(plan("dev", 2, 1), refused=("Cloudflare has the custom provider nvidia already → adopt",))
    above, _, _ = rendered([Outcome("dev", refused)]).partition("<details>")
    assert "2 changes, 1 to look at twice\\, refused as it is" in above.replace("\\, 1", ", 1")
    assert "an up would be refused: Cloudflare has the custom provider nvidia already" in above


def test_folds_close_whatever_is_dropped_within() -> None:
    part = folded("@me & <you>", [Part("long " * 50, 5, "line"), Part("short\n", 4, "line")], rank=3, noun="list")
    assert "@&#8203;me &amp; &lt;you&gt;" in fitted([part])
    cut = fitted([part], 200)
    assert "short" in cut
    assert "long long" not in cut
    assert "1 line left out" in cut
    assert DRIFT != PREVIEW
