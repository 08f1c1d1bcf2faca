"""Permission groups by name."""

from __future__ import annotations

import re

import pytest

from gatewright.facts.permissions import AI_GATEWAY_RUN, GROUPS, find, nearest


@pytest.mark.parametrize("name", ["AI Gateway Run", "ai gateway run", "  AI  gateway RUN "])
def test_find_ignores_case(name: str) -> None:
    assert find(name) is AI_GATEWAY_RUN


@pytest.mark.parametrize("name", ["", "AI Gateway", "AI Gateway Edit"])
def test_find_unknown_name(name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AI Gateway Edit", "AI Gateway Write"),
        ("AI Gateway: Run", "AI Gateway Run"),
        ("Worker AI Read", "Workers AI Read"),
        ("ai gatewy run", "AI Gateway Run"),
        ("completely different", None),
    ],
)
def test_nearest(name: str, meant: str | None) -> None:
    assert nearest(name) == meant


def test_ids_and_names_are_unique_and_well_formed() -> None:
    ids = [group.id for group in GROUPS if group.id is not None]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{32}", identifier) for identifier in ids)
    assert len({group.name.casefold() for group in GROUPS}) == len(GROUPS)
