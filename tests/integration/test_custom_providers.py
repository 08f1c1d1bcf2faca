"""Custom providers: changed in place, reverted, taken over; never created twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cloudflare.import_hint import ENVIRONMENT, import_hint
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.resource_types import CUSTOM_PROVIDER

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

PATH = "/ai-gateway/custom-providers"
THERE = "https://integrate.api.nvidia.com/v1"
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture(scope="module")
def one(clones: Clones, pair: Pair) -> Clone:
    """The clone of all these tests."""
    made = clones(pair)
    made.start()
    return made


@pytest.fixture
def with_one(one: Clone) -> Clone:
    """With nvidia, as the catalog has it."""
    declare(one, THERE)
    one.up("--refresh")
    return one


def declare(clone: Clone, *urls: str) -> None:
    """nvidia at that URL, or no custom provider."""
    own = {"nvidia": {"baseUrl": urls[0]}} if urls else {}
    clone.declare(extends="catalog.yaml", use=["mistral", *own], providers=own)


def found(clone: Clone) -> list[dict[str, Any]]:
    return list(clone.api("GET", PATH))


def test_a_change_patches_what_changed(with_one: Clone) -> None:
    (before,) = found(with_one)
    seen = with_one.seen()
    declare(with_one, "https://other.example.com/v1")
    assert with_one.up() == {"CustomProvider nvidia": ("update", "baseUrl")}
    assert with_one.changing(seen) == [f"PATCH /client/v4/accounts/{LOCAL_ACCOUNT}{PATH}/{before['id']}"]
    (after,) = found(with_one)
    assert (after["id"], after["base_url"]) == (before["id"], "https://other.example.com/v1")
    with_one.expect_no_changes()


def test_an_edit_by_hand_is_found_and_reverted(with_one: Clone) -> None:
    (there,) = found(with_one)
    with_one.api("PATCH", f"{PATH}/{there['id']}", json={"enable": False, "base_url": "https://other.example.com"})
    assert with_one.up() == {}  # a plain up looks at the state only
    assert with_one.up("--refresh") == {"CustomProvider nvidia": ("update", "baseUrl", "enable")}
    assert found(with_one)[0] | {"modified_at": ""} == there | {"modified_at": ""}


def test_one_that_is_gone_comes_back(with_one: Clone) -> None:
    with_one.api("DELETE", f"{PATH}/{found(with_one)[0]['id']}")
    assert with_one.up("--refresh") == {"CustomProvider nvidia": ("create",)}
    declare(with_one)
    with_one.api("DELETE", f"{PATH}/{found(with_one)[0]['id']}")
    assert with_one.up() == {"CustomProvider nvidia": ("delete",)}  # what is gone already is no failure


def test_one_that_is_there_is_taken_over_when_that_is_said(one: Clone) -> None:
    """It is the account's: another stack may use it, so an identical one, as after a killed run, is not just taken."""
    declare(one)
    one.up()
    made = one.api("POST", PATH, json={"name": "nvidia", "slug": "nvidia", "base_url": THERE, "enable": True})
    declare(one, THERE)
    said = one.pulumi(*UP, code=1)
    entry = {"type": CUSTOM_PROVIDER, "name": "nvidia", "id": f"{LOCAL_ACCOUNT}/{made['id']}"}
    hint = import_hint(CUSTOM_PROVIDER, "nvidia", entry["id"]).replace(ENVIRONMENT, "local")
    assert hint.partition("gatewright ")[2] in said  # the plugin names the program's path
    assert one.is_calm(said)
    file = one.project.stacks / "local.import.json"
    file.write_text(json.dumps({"resources": [entry]}))
    seen = one.seen()
    assert one.up() == {"CustomProvider nvidia": ("import",)}
    file.unlink()
    assert one.up() == {}
    one.expect_no_changes()
    assert one.changing(seen) == []
    assert found(one) == [made]
