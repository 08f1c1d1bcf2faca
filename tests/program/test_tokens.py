"""What the components register of a token that rotates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pytest

from gatewright.clock import NOW
from gatewright.facts.resource_types import GET_TOKENS

from .conftest import program
from .recorder import Recorder, registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment


ROTATING = "tokens: {agents: {allow: [AI Gateway Run], rotate: {every: 30d, overlap: 7d}}}"


def test_a_token_that_rotates_is_named_by_its_slot(
    declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NOW, "2026-11-21T00:00:00Z")
    mocks = Recorder()
    resources = registered(program(declared(ROTATING)), mocks)
    assert mocks.calls == [GET_TOKENS]
    token = resources["AccountToken agents-2026-11-03"]
    assert token["name"] == "gatewright/prod/agents/2026-11-03"
    assert token["expiresOn"] == "2027-01-16T00:00:00Z"


def test_tokens_that_cannot_be_listed(declared: Callable[..., Environment]) -> None:
    class Refusing(Recorder):
        def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]]]:
            return {"refused": f"no answer to {args.token}"}, []

    with pytest.raises(
        pulumi.RunError, match="cannot list the tokens to decide which are due: no answer to gatewright:index"
    ):
        registered(program(declared(ROTATING)), Refusing())
