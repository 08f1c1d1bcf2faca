"""The stand-ins against the official programs: same screens, same state, and each goes on where the other stopped."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

MISSING = {"byokOnly", "logClassification", "creatorEmailAtCreation", "provisionerId", "provisionerType"}
"""What the official plugin of July 2026 has not."""

CHANGED = {
    "gateway": {"cache": {"ttl": "1h"}, "guardrails": {"prompt": {"hate": "block"}, "response": {}}},
    "tokens": {
        "agents": {"allow": ["AI Gateway Run"], "from": ["127.0.0.0/8"]},
        "second": {"allow": ["Workers AI Read"]},
    },
    "clients": {name: {"token": "agents"} for name in ("openclaw", "pi")},
}


@pytest.fixture
def both(clones: Clones, pairs: Callable[[str], Pair]) -> Iterator[tuple[Clone, Clone]]:
    """One clone with each pair; nothing is up."""
    made = tuple(clones(pairs(name)) for name in ("stand-ins", "official"))
    ours, theirs = made
    for each in made:
        each.start()
    yield ours, theirs
    for each in made:
        each.end()


def test_same_screens_and_same_state(both: tuple[Clone, Clone]) -> None:
    ours, theirs = both
    for command in (
        ("preview", "--diff"),
        ("up", "--yes", "--skip-preview", "--diff"),
        ("preview", "--refresh", "--diff"),
    ):
        assert shown(ours, *command) == shown(theirs, *command)
    assert state(ours) == state(theirs)
    for each in both:
        each.declare(**CHANGED)
    for command in (("preview", "--diff"), ("up", "--yes", "--skip-preview", "--diff")):
        assert shown(ours, *command) == shown(theirs, *command)
    assert state(ours) == state(theirs)
    assert shown(ours, "destroy", "--yes", "--skip-preview") == shown(theirs, "destroy", "--yes", "--skip-preview")


@pytest.mark.parametrize(("first", "then"), [("stand-ins", "official"), ("official", "stand-ins")])
def test_one_goes_on_where_the_other_stopped(
    clones: Clones, pairs: Callable[[str], Pair], first: str, then: str
) -> None:
    begun = clones(pairs(first))
    begun.gatewright("up")
    engine_bin = begun.project.engine_bin
    engine_bin.unlink()
    engine_bin.symlink_to(pairs(then).bin)
    other = replace(begun, pair=pairs(then))
    other.gatewright("engine", "install")
    if then == "stand-ins":  # the July plugin's state lacks two settings, which are sent once more
        assert other.up() == {"AiGateway agents-local": ("update",)}
    other.pulumi("preview", "--expect-no-changes")
    other.expect_no_changes()
    other.declare(**CHANGED)
    assert other.up()["AccountToken agents"] == ("update", "condition", "policies")
    other.expect_no_changes()
    begun.end()


def shown(clone: Clone, *command: str) -> list[str]:
    """What the engine prints, without what differs from run to run; in a fixed order, as steps run side by side."""
    text = clone.pulumi(*command).replace(str(clone.port), "PORT").replace(clone.project.root.name, "")
    text = re.sub(r"\(?\d+(\.\d+)?s\)?|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", text)
    text = re.sub(r"\b[0-9a-f]{16,64}\b|\d{4}-\d\d-\d\dT[\d:.]+Z", "…", text)
    lines = (line.strip() for line in text.splitlines())
    return sorted(
        {line for line in lines if line and not line.startswith("@") and not any(name in line for name in MISSING)}
    )


def state(clone: Clone) -> list[str]:
    """The state as text, a line a value, so that a failure shows the one that differs."""
    return json.dumps(without(clone.resources(), clone.port), indent=1, sort_keys=True).splitlines()


def without(value: Any, port: int) -> Any:
    """`value` without what no two runs have in common, and without what the July plugin lacks."""
    match value:
        case dict():
            return {name: without(inner, port) for name, inner in value.items() if name not in MISSING}
        case list():
            return [without(inner, port) for inner in value]
        case str():
            text = value.replace(str(port), "PORT")
            text = re.sub(r"local-fake-token-\w+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", text)
            return re.sub(r"\b[0-9a-f]{16,64}\b|\d{4}-\d\d-\d\dT[\d:.]+Z", "…", text)
        case _:
            return value
