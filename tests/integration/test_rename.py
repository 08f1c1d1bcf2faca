"""A stack that gets another name: what is at Cloudflare stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]


def test_a_renamed_stack_keeps_its_gateway_and_its_tokens(clone: Clone) -> None:
    clone.declare(gateway={"name": "agents-local"})
    clone.up()
    token = clone.outputs()["tokens"]["agents"]
    clone.pulumi("stack", "rename", "second", "--stack", "local")
    (clone.project.stacks / "local.yaml").rename(clone.project.stacks / "second.yaml")
    before, second = clone.seen(), {"PULUMI_STACK": "second"}
    clone.pulumi("up", "--yes", "--skip-preview", variables=second)
    (changed,) = clone.changing(before)
    assert changed.startswith("PUT")
    assert "/tokens/" in changed  # its name alone
    assert clone.ask(token).status_code == 200
    clone.pulumi("preview", "--refresh", "--expect-no-changes", variables=second)
