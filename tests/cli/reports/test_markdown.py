"""Markdown from outside is parsed again by a real parser: text stays text, and nothing becomes markup or a mention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gatewright.cli.reports.markdown import Part, block, code, fit, folded, text

if TYPE_CHECKING:
    from markdown_it.token import Token

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BREAK = "\u200b"
ANY_TEXT = st.text(alphabet=st.one_of(st.sampled_from("`*_<>@#|&\\\n-~[](){}!:/ aw1.$=+\u202e\x00"), st.characters()))
REFERENCE = re.compile(r"@\w|#\d|://|www\.", re.IGNORECASE)
TEXT = {"text", "text_special", "code_inline"}


def inline(markdown: str) -> list[Token]:
    return [child for token in PARSER.parse(markdown) for child in token.children or ()]


def visible(value: str) -> list[str]:
    return "".join(char for char in value if char not in (BREAK, "�")).split()


def expected(value: str, content: str) -> list[str]:
    """The words of `value`, without the characters that are replaced because they are unprintable."""
    return "".join(char for char in value if char in content or char.isspace()).split()


@given(ANY_TEXT)
def test_text_in_a_line_stays_text(value: str) -> None:
    tokens = inline(f"x {text(value)} x")
    assert {token.type for token in tokens} <= TEXT
    content = "".join(token.content for token in tokens)[2:-2]
    assert REFERENCE.search(content) is None
    assert visible(content) == expected(value, content)


@given(ANY_TEXT)
def test_text_at_the_start_of_a_block_stays_text(value: str) -> None:
    markdown = text(value, starts_block=True)
    assume(markdown)
    tokens = PARSER.parse(f"- {markdown}\n")
    assert [token.type for token in tokens] == [
        "bullet_list_open",
        *("list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close"),
        "bullet_list_close",
    ]
    assert {token.type for token in inline(f"- {markdown}\n")} <= TEXT


@given(ANY_TEXT)
def test_text_in_a_heading_stays_text(value: str) -> None:
    tokens = inline(f"## a: {text(value)}\n")
    assert {token.type for token in tokens} <= TEXT
    content = "".join(token.content for token in tokens)
    assert visible(content)[1:] == expected(value, content)


@given(ANY_TEXT)
def test_text_in_a_table_stays_in_its_cell(value: str) -> None:
    tokens = PARSER.parse(f"| a | b |\n| --- | --- |\n| {text(value, in_table=True)} | c |\n")
    assert sum(token.type == "td_open" for token in tokens) == 2
    assert {child.type for token in tokens for child in token.children or ()} <= TEXT


@given(ANY_TEXT)
def test_code_stays_code(value: str) -> None:
    tokens = inline(f"x {code(value)} x")
    assert [token.type for token in tokens].count("code_inline") == bool(code(value))
    assert {token.type for token in tokens} <= {"text", "code_inline"}


@given(ANY_TEXT)
def test_only_its_end_ends_a_block(value: str) -> None:
    tokens = PARSER.parse(f"{block(value, 'diff')}after\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


def test_a_bar_does_not_end_a_cell() -> None:
    html = PARSER.render(f"| a |\n| --- |\n| {code('x|y', in_table=True)} |\n")
    assert "<td><code>x|y</code></td>" in html


@pytest.mark.parametrize(
    "value",
    [
        "6 changes, 1 risk",
        "mistral/mistral-tiny before groq/llama-3.1-8b",
        "rate limit 600 requests/minute → none",
        "logs: collect true → false",
        "gains Workers AI Write (was: AI Gateway Run)",
        "it's 50% + 3 = $MISTRAL_API_KEY!",
        "max_tokens > 256 & < 512",
        "sentence. Another one; a-b ~/.config {x} 'y' \"z\" C:\\dir ^",
    ],
)
def test_text_without_markup_is_unchanged(value: str) -> None:
    assert text(value) == value
    assert text(value, starts_block=True) == value


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("@everyone", "@&#8203;everyone"),
        ("@cf/openai/gpt-oss-20b", "@&#8203;cf/openai/gpt-oss-20b"),
        ("mail someone@a.example", "mail someone@&#8203;a.example"),
        ("fixes #12 and GH-12", "fixes #&#8203;12 and GH&#8203;-12"),
        ("<img src=x>", "\\<img src=x>"),
        ("<!-- gatewright:preview -->", "\\<!-- gatewright:preview -->"),
        ("see https://a.example", "see https:&#8203;//a.example"),
        ("www.a.example", "www&#8203;.a.example"),
        ("![x](y)", "!\\[x](y)"),
        ("*a* _b_ a_b", "\\*a\\* \\_b\\_ a_b"),
        ("~~gone~~", "\\~\\~gone\\~\\~"),
        ("$x^2$", "\\$x^2\\$"),
        ("&lt; `x` \\*", "\\&lt; \\`x\\` \\\\\\*"),
        ("two\nlines", "two lines"),
    ],
)
def test_markup_mentions_and_links_are_escaped(value: str, markdown: str) -> None:
    assert text(value) == markdown


@pytest.mark.parametrize(
    ("value", "markdown"),
    [
        ("# x", "\\# x"),
        ("> x", "\\> x"),
        ("- x", "\\- x"),
        ("1. x", "1\\. x"),
        ("12) x", "12\\) x"),
        ("---", "\\---"),
        ("10 requests", "10 requests"),
    ],
)
def test_the_start_of_a_block_is_escaped(value: str, markdown: str) -> None:
    assert text(value, starts_block=True) == markdown


def test_folds_close_whatever_is_left_out_inside() -> None:
    part = folded("@me & <you>", [Part("long " * 50, 5, "line"), Part("short\n", 4, "line")], rank=3, noun="list")
    assert "@&#8203;me &amp; &lt;you&gt;" in fit([part], 1_000)
    cut = fit([part], 200)
    assert "short" in cut
    assert "long long" not in cut
    assert "1 line left out" in cut
    assert cut.count("<details>") == cut.count("</details>") == 1
