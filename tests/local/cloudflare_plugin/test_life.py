"""The life of a resource against the local Cloudflare, case by case, compared with the official plugin."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.plugin.values import UNKNOWN, Secret

from .conversation import Case, Plugin, life

CASES = sorted(Path(__file__).with_name("cases").glob("*.json"))
NEWER = {"byokOnly", "logClassification", "creatorEmailAtCreation", "provisionerId", "provisionerType"}
"""Fields of 6.23.1 only: the official plugin of the comparison was built from the sources of July 2026."""


def read_case(path: Path) -> Case:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        if isinstance(value, str):
            return UNKNOWN if value == "UNKNOWN" else value.replace("ACCOUNT", LOCAL_ACCOUNT)
        return value

    return Case(**filled(json.loads(path.read_text())))


def comparable(value: Any) -> Any:
    """`value` without what differs between runs and versions."""
    if isinstance(value, Secret):
        return ("secret", comparable(value.value))
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items() if key not in NEWER}
    if isinstance(value, list | tuple):
        return [comparable(inner) for inner in value if not (isinstance(inner, str) and inner in NEWER)]
    if isinstance(value, str):
        value = re.sub(r"local-fake-token-[\w-]+", "<token>", value)
        value = re.sub(rf"\b(?!{LOCAL_ACCOUNT}|e{{32}})[0-9a-f]{{32}}\b(?=$)", "<id>", value)
        return re.sub(r"^20(?!37)\d\d-\d\d-\d\dT.*", "<time>", value)
    return value


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return read_case(request.param)


def test_only_changes_make_a_difference(stand_in: Plugin, case: Case) -> None:
    responses = dict(life(stand_in, case))
    assert responses["check"][1] is False
    for call, response in responses.items():
        if call.startswith("diff of the same"):
            assert response["changes"] == "DIFF_NONE", call
    assert responses["diff after refresh, changed outside"]["changes"] == "DIFF_SOME"
    assert responses["delete"] == "deleted"
    assert responses["gone"] == ("", {}, {})


def test_the_official_plugin_responds_the_same(stand_in: Plugin, official: Plugin, case: Case) -> None:
    actual, expected = dict(life(stand_in, case)), dict(life(official, case))
    assert list(actual) == list(expected)
    for call, response in expected.items():
        assert comparable(actual[call]) == comparable(response), call
