"""Any valid environment through the real engine: created, then nothing to do, then gone without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from environment.valid_environments import without_unsupported
from environment.whole_environments import environments
from examples import examples
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from planted_secrets import fake_token, files_below, require_no_secret

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

SECRETS = {name: fake_token(name.lower()) for name in ("A_SECRET", "A_VARIABLE", "SOME_KEY")}
CHECKED_HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def as_local(tree: dict[str, Any]) -> dict[str, Any]:
    """Without what only a real account has: zones of domains."""
    for domain in tree["gateway"].get("domains", {}).values():
        domain.pop("zone", None)
    return {key: value for key, value in tree.items() if key not in {"local", "protect"}}


@WITH_EITHER
@examples(200, many=1, phases=(Phase.explicit, Phase.generate), suppress_health_check=CHECKED_HEALTH)
@given(drawn=environments(st.just({"local": True})))
def test_created_then_unchanged_then_gone(clone: Clone, drawn: dict[str, Any]) -> None:
    """One project and one local Cloudflare for all of them: each has to leave nothing for the next."""
    tree, _ = without_unsupported(drawn)
    clone.exported.update(SECRETS)
    (clone.project.stacks / "empty.yaml").write_text("")
    clone.write(**{"extends": "empty.yaml", **as_local(tree)})
    created = clone.complete([".venv/bin/gatewright", "up", "local"], clone.shell()).stdout
    assert "✓ pulumi up" in created, created  # its request may fail: a token may be accepted from elsewhere only
    before = clone.seen()
    assert clone.up() == {}
    assert clone.changing(before) == []
    places = files_below(clone.project.work / "state", clone.project.out, clone.project.stacks)
    clone.pulumi("destroy", "--yes", "--skip-preview")
    assert clone.deployment().get("resources", []) == []
    assert not any(path.is_file() for path in clone.project.out.rglob("*"))
    require_no_secret(places | {"output": created.encode()}, SECRETS.values())
