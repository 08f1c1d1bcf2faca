"""The stack's state, as a program reads it."""

from __future__ import annotations

from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright_components.stack_state import READ_STATE, recorded_ids

from .recorder import Recorder, registered


def test_the_whole_state_is_asked_for_once() -> None:
    for number in ("1", "2"):  # a program has one engine: the answer to the first is not that to the second
        mocks = Recorder(state={"SecretsStoreSecret groq": f"s{number}", "AccountToken agents": f"t{number}"})
        ids: list[dict[str, str]] = []
        registered(lambda: ids.extend(map(recorded_ids, (SECRETS_STORE_SECRET.token, ACCOUNT_TOKEN.token))), mocks)  # noqa: B023
        assert ids == [{"groq": f"s{number}"}, {"agents": f"t{number}"}]
        assert mocks.calls == [READ_STATE]
