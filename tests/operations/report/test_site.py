"""The pages: valid, without anything from outside, escaped, and with every section that a file declares."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from .site import Build, Parsed

FILE = """\
local: true
tokens: {agents: {rotate: {every: 30d, overlap: 7d}}, fixed: {expires: 2027-03-01, allow: [AI Gateway Run]}}
clients: {pi: {primary: dynamic/teams, token: agents}}
roles: {coder: {primary: dynamic/fast}}
use: [groq]
providers: {groq: {key: {env: FAKE_KEY}, models: {a: {}, b: {}}}}
routes:
  fast: [groq/a, groq/b]
  teams:
    if: {metadata.team: {eq: "<script>alert(1)</script>"}}
    then: {limit: 5 USD/day, by: metadata.user, then: groq/a}
    else: {split: [{10%: groq/a}, {else: [groq/b, groq/a]}]}
"""
KEY = "sk-ant-fake0fake0fake0fake0fake0fake0fake0"


def test_the_pages_of_a_valid_environment_are_well_formed_and_refer_to_nothing_outside(build: Build) -> None:
    pages = build(dev=FILE, prod=FILE.replace("30d", "60d"))
    assert [*pages] == ["index.html", "env-dev.html", "env-prod.html"]
    for text in pages.values():
        page = Parsed(text)
        assert (page.wrong, page.open) == ([], [])
        links = [*page.values("href"), *page.values("src")]
        assert [link for link in links if not link.startswith("#") and link not in pages] == []
        assert "url(" not in re.sub(r"url\(#arrow-\d+\)", "", text)
        identifiers = page.values("id")
        assert len(identifiers) == len(set(identifiers))
        assert {link[1:] for link in links if link.startswith("#")} <= set(identifiers)
        assert set(page.values("aria-labelledby")) <= set(identifiers)


def test_only_the_style_sheet_of_the_page_is_allowed(build: Build) -> None:
    for text in build(dev=FILE).values():
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
        (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        assert "<script" not in text
        assert [name for _, attributes in Parsed(text).elements for name in attributes if name.startswith("on")] == []
        assert Parsed(text).values("style") == []


def test_what_a_file_declares_is_on_its_page(build: Build) -> None:
    page = Parsed(build(dev=FILE)["env-dev.html"])
    for text in (
        "dynamic/fast",
        "metadata.team is <script>alert(1)</script>?",
        "at most 5 USD/day by metadata.user",
        "agents-2026-11-03",
        "agents-2026-12-03",
        "2027-03-01",
        "coder",
        "$CLOUDFLARE_AI_GATEWAY_TOKEN",
    ):
        assert text in page.text


def test_markup_in_a_value_is_text(build: Build) -> None:
    for text in build(dev=FILE, prod=FILE.replace("alert(1)", "alert(2)")).values():
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text.replace("alert(2)", "alert(1)")


def test_an_invalid_environment_has_its_errors_and_the_others_their_pages(build: Build) -> None:
    pages = build(dev=FILE, broken="local: true\nroutes: {fast: [groq/x]}\n")
    broken = Parsed(pages["env-broken.html"]).text
    assert "Errors" in broken
    assert "stacks/broken.yaml:2" in broken
    assert "dynamic/fast" in Parsed(pages["env-dev.html"]).text
    assert "1 error" in Parsed(pages["index.html"]).text


def test_an_empty_environment_says_what_it_does_not_have(build: Build) -> None:
    text = Parsed(build(dev="local: true\n")["env-dev.html"]).text
    assert "This environment has no routes." in text
    assert "This environment has no tokens." in text


def test_settings_that_differ_are_side_by_side_and_grouped_where_there_are_many(build: Build) -> None:
    other = FILE.replace("5 USD/day", "9 USD/day")
    two = Parsed(build(dev=FILE, prod=other)["index.html"]).text
    assert "routes.teams.then.limit" in two
    assert "5 USD/day" in two
    assert "9 USD/day" in two
    names = ["a", "b", "c", "d", "e", "f"]
    many = Parsed(build(dev=FILE, **dict.fromkeys(names, other))["index.html"]).text
    assert "9 USD/day a, b, c, d, e, f 5 USD/day dev" in many


def test_a_long_value_is_cut(build: Build) -> None:
    index = Parsed(build(dev=FILE, empty="local: true\n")["index.html"]).text
    assert "{fast: [groq/a, groq/b], teams: " in index
    assert "else: {split: … not set" in index


def test_equal_environments_and_a_single_one_have_no_table_of_differences(build: Build) -> None:
    assert "have the same settings" in Parsed(build(dev=FILE, prod=FILE)["index.html"]).text
    assert "gatewright report --all --out DIR" in Parsed(build(dev=FILE)["index.html"]).text


def test_what_looks_like_a_key_is_masked(build: Build) -> None:
    pages = build(dev=FILE.replace("<script>alert(1)</script>", KEY), prod=FILE)
    assert [name for name, text in pages.items() if KEY in text] == []


@pytest.mark.parametrize("name", ["index.html", "env-dev.html"])
def test_a_page_is_small(build: Build, name: str) -> None:
    page = build(dev=FILE)[name]
    assert len(page.encode()) < 60_000
