"""The load that options describe: a rate, a file, or the gateway's log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cloudflare.gateway_logs import LogEntry, log_entry
from gatewright.errors import UsageError
from gatewright.operations.simulation.make_load import LoadOptions, make_load
from gatewright.workspace import require

from .environments import DAY, START, load_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.environment.resolved import Environment

FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake}
providers:
  groq: {key: {env: FAKE_KEY}, models: {a: {}}}
  openai: {key: {env: FAKE_KEY}, models: {b: {}, c: {}}}
routes: {fast: [groq/a, openai/b]}
"""
NOW = START + DAY // 2


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return require(load_environment(tmp_path, FILE))


def entry(identifier: str, second: int, provider: str, model: str, **fields: Any) -> LogEntry:
    time = f"2026-12-01T00:00:{second:02}Z"
    path = fields.pop("path", "compat/chat/completions")
    return log_entry(
        {"id": identifier, "created_at": time, "provider": provider, "model": model, "path": path, **fields}
    )


def test_a_rate_starts_with_the_day(environment: Environment) -> None:
    load, notes = make_load(environment, LoadOptions("600/h"), NOW)
    assert (load.start, load.seconds, list(load.targets), notes) == (START, DAY, ["dynamic/fast"], ())
    load, _ = make_load(environment, LoadOptions("600/h", duration="2h", start=START + 5), NOW)
    assert (load.start, load.seconds) == (START + 5, 7_200)


CLIENTS = """\
roles: {coder: {primary: dynamic/fast}}
clients:
  pi: {primary: dynamic/fast, models: [dynamic/fast], metadata: {team: red, user: {env: WHO}}}
  opencode: {primary: openai/b, models: [openai/b], agents: [coder], metadata: {agent: {role: true}}}
"""


def sent(environment: Environment, **options: Any) -> tuple[set[str], tuple[str, ...]]:
    """The metadata of the requests as JSON, and the notes."""
    load, notes = make_load(environment, LoadOptions("600/h", duration="1h", **options), NOW)
    return {json.dumps(request.metadata) for request in load}, notes


def test_requests_carry_the_metadata_of_the_clients_that_send_them(tmp_path: Path) -> None:
    environment = require(load_environment(tmp_path, FILE + CLIENTS))
    pi, coder = '{"team": "red", "user": "{env: WHO}"}', '{"agent": "coder"}'
    unknown = "the values of user {env: WHO} are not known, and taken to equal no other value"
    assert sent(environment, targets=["dynamic/fast"]) == (
        {pi, "{}", coder},
        ("requests carry the metadata of pi, opencode, opencode/coder, equally often; to choose: --as", unknown),
    )
    assert sent(environment, targets=["coder"])[0] == {coder}
    assert sent(environment, targets=["openai/c"]) == ({"null"}, ())
    assert sent(environment, senders=["pi"])[0] == {pi}
    plan = '{"team": "red", "user": "{env: WHO}", "plan": "paid"}'
    assert sent(environment, senders=["pi"], metadata=["plan=paid"])[0] == {plan}
    assert sent(environment, metadata=["plan=paid"]) == ({'{"plan": "paid"}'}, ())
    with pytest.raises(UsageError, match="dev has no client codex"):
        sent(environment, senders=["codex"])


def test_a_file_can_be_moved_and_cut(environment: Environment, tmp_path: Path) -> None:
    path = tmp_path / "load.csv"
    path.write_text("time,route\n100,fast\n200,fast\n300,slow\n")
    load, notes = make_load(environment, LoadOptions(str(path), start=START, duration="50s"), NOW)
    assert [request.time for request in load] == [START]
    assert (load.start, load.seconds) == (START, 50)
    assert notes == (f"{path}:4: unknown target dynamic/slow", "1 line left out")


def test_the_log_is_replayed_by_requests(environment: Environment) -> None:
    entries = [
        entry("1", 1, "groq", "a", step=0, event_id="e1", success=False),
        entry("2", 2, "openai", "b", step=1, event_id="e1", tokens_in=50, tokens_out=5, metadata={"plan": "paid"}),
        entry("3", 3, "openai", "c", event_id="e2", tokens_in=7),
        entry("4", 4, "groq", "a", path="groq/chat/completions"),
        entry("5", 5, "mistral", "unknown"),
    ]
    asked: list[tuple[float, float]] = []

    def logs(since: float, until: float) -> Iterator[LogEntry]:
        asked.append((since, until))
        return iter(entries)

    load, notes = make_load(environment, LoadOptions(replay="7d"), NOW, logs)
    assert asked == [(NOW + 1 - 7 * DAY, NOW + 1)]  # with the requests of this second
    assert [(request.time - START, request.target, request.tokens_in) for request in load] == [
        (1, "dynamic/fast", 50),
        (3, "openai/c", 7),
        (4, "groq/a", 0),
    ]
    assert next(iter(load)).metadata == {"plan": "paid"}
    assert notes == ("1 request to models that the environment does not have left out",)


def test_an_empty_log_is_refused(environment: Environment) -> None:
    with pytest.raises(UsageError, match="the log of fake has no request to simulate"):
        make_load(environment, LoadOptions(replay="7d"), NOW, lambda *_: ())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (LoadOptions(), "a simulation takes a load, or replays the log"),
        (LoadOptions("600/h", replay="7d"), "a simulation takes a load, or replays the log"),
        (LoadOptions("0/h"), "expected a rate above 0"),
        (LoadOptions("missing.csv"), "expected a rate or a file, and missing.csv is neither"),
        (LoadOptions("600/h", duration="soon"), "--for: expected a duration, found soon"),
    ],
)
def test_other_loads_are_refused(environment: Environment, options: LoadOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_load(environment, options, NOW)
