"""The log of a gateway, read from the local Cloudflare: selection, routes, following, payloads, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from clients.environments import written
from local_account import LocalAccount

from gatewright.clock import parse_timestamp
from gatewright.cloudflare.client import Client
from gatewright.environment.resolved import Environment
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.operations.logs import LogLine, LogReader, LogSelection

NOON = parse_timestamp("2026-11-28T12:00:00Z")
FILE = """\
local: true
gateway: {name: default}
providers:
  workers-ai: {models: {a: {id: "@cf/a"}}}
  groq: {key: {env: FAKE_GROQ_KEY}, models: {g: {id: g-large}}}
  mistral: {key: {env: FAKE_MISTRAL_KEY}, models: {m: {}}}
  nvidia: {baseUrl: "https://fake.example/v1", key: {env: FAKE_NVIDIA_KEY}, models: {n: {}}}
routes:
  fast: [groq/g, workers-ai/a]
  other: [mistral/m, workers-ai/a]
  halves: {split: [{50%: mistral/m}, {else: groq/g}]}
tokens: {agents: {}}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("logs") / "stacks"
    folder.mkdir()
    return written(folder, FILE, "here")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path)
    yield account
    account.store.close()


def add(account: LocalAccount, second: int, **fields: Any) -> None:
    account.add_entry(f"2026-11-28T12:{second // 60:02}:{second % 60:02}.000Z", **fields)


def reader(account: LocalAccount, environment: Environment, **selection: Any) -> LogReader:
    with_payloads = selection.pop("with_payloads", False)
    chosen = LogSelection(selection.pop("since", NOON), **selection)
    return LogReader(environment, account.client(), LOCAL_ACCOUNT, chosen, with_payloads)


def ids(lines: list[LogLine]) -> list[int]:
    return [int(line.entry.id.removeprefix("entry-")) for line in lines]


def test_the_newest_lines_in_the_order_of_time(account: LocalAccount, environment: Environment) -> None:
    for second in range(70):
        add(account, second)
    assert ids(reader(account, environment).last(2)) == [69, 70]
    assert len(account.calls) == 1
    assert len(reader(account, environment, since=NOON + 10).last(1000)) == 60


def test_models_and_routes_are_named_as_in_the_environment(account: LocalAccount, environment: Environment) -> None:
    called = [
        ("groq", "g-large", 0),
        ("workers-ai", "@cf/a", 1),
        ("workers-ai", "@cf/a", 0),
        ("custom-nvidia", "n", 0),
        ("groq", "deleted", 0),
        ("anthropic", "anthropic/claude-x", 0),
    ]
    for second, (provider, model, step) in enumerate(called):
        add(account, second, provider=provider, model=model, step=step)
    assert [(line.model, line.routes) for line in reader(account, environment).last(10)] == [
        ("groq/g", ("fast", "halves")),
        ("workers-ai/a", ("fast", "other")),
        ("workers-ai/a", ()),
        ("nvidia/n", ()),
        ("groq/deleted", ()),
        ("anthropic/claude-x", ()),
    ]


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        ({"models": ("groq/g",)}, [1, 2]),
        ({"models": ("nvidia/*",)}, [4]),
        ({"models": ("groq/g", "nvidia/n")}, [1, 2, 4]),
        ({"models": ("*gone",)}, [3]),
        ({"statuses": ("429",)}, [2]),
        ({"statuses": ("4xx", "5xx")}, [2, 3]),
        ({"statuses": ("failed",)}, [2, 3]),
        ({"statuses": ("ok",)}, [1, 4]),
        ({"statuses": ("200", "503")}, [1, 3, 4]),
        ({"routes": ("fast",)}, [1, 2]),
        ({"routes": ("other",)}, []),
        ({"routes": ("fast",), "statuses": ("429",), "models": ("groq/*",)}, [2]),
    ],
)
def test_a_selection(
    account: LocalAccount, environment: Environment, selection: dict[str, Any], selected: list[int]
) -> None:
    add(account, 0, model="g-large")
    add(account, 1, model="g-large", status_code=429, success=False)
    add(account, 2, model="gone", status_code=503, success=False)
    add(account, 3, provider="custom-nvidia", model="n")
    assert ids(reader(account, environment, **selection).last(10)) == selected


def test_payloads_name_the_route(account: LocalAccount, environment: Environment) -> None:
    bodies = [
        (b'{"model": "dynamic/halves", "messages": []}', b'{"choices": []}'),
        (b'{"model": "groq/g-large"}', b"data: {}\n\n"),
        (b"not JSON", None),
    ]
    for second, (request, response) in enumerate(bodies):
        add(account, second, model="g-large")
        with account.store.transaction():
            account.store.execute(
                "UPDATE inference_log SET request = ?, response = ? WHERE id = ?",
                request,
                response,
                f"entry-{second + 1:05}",
            )
    lines = reader(account, environment, with_payloads=True).last(10)
    assert [line.routes for line in lines] == [("halves",), (), ("fast", "halves")]
    assert lines[0].response == {"choices": []}
    assert lines[1].response == {"streamed_data": [{}]}
    assert lines[2].response is None
    assert ids(reader(account, environment, with_payloads=True, routes=("halves",)).last(10)) == [1, 3]


class TestFollow:
    def test_new_entries_come_once(self, account: LocalAccount, environment: Environment) -> None:
        for second in range(5):
            add(account, second)
        arrivals = iter([(5,), (), (6, 2), (100, 7)])  # an entry may be listed after later ones

        def sleep() -> None:
            for second in next(arrivals):
                add(account, second)

        lines = list(islice(reader(account, environment).follow(2, sleep), 7))
        assert ids([line for line in lines if isinstance(line, LogLine)]) == [4, 5, 6, 8, 7, 10, 9]

    def test_a_log_that_is_empty_and_a_clock_that_is_behind(
        self, account: LocalAccount, environment: Environment
    ) -> None:
        seconds = iter([10, 11])
        follower = reader(account, environment, since=NOON + 900).follow(5, lambda: add(account, next(seconds)))
        assert ids([line for line in islice(follower, 2) if isinstance(line, LogLine)]) == [1, 2]

    def test_only_selected_entries(self, account: LocalAccount, environment: Environment) -> None:
        statuses = iter([200, 429, 200, 429])

        def sleep() -> None:
            status = next(statuses)
            add(account, 1, status_code=status, success=status == 200)

        follower = reader(account, environment, statuses=("429",)).follow(5, sleep)
        assert ids([line for line in islice(follower, 2) if isinstance(line, LogLine)]) == [2, 4]

    def test_a_pause_of_cloudflare_is_reported_and_survived(
        self, account: LocalAccount, environment: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failures = iter([True, False])
        get = Client.get

        def sleep() -> None:
            broken = next(failures)
            add(account, 1)

            def answer(client: Client, *arguments: Any) -> Any:
                if broken:
                    raise CloudflareError("Cloudflare did not answer")
                return get(client, *arguments)

            monkeypatch.setattr(Client, "get", answer)

        error, first, second = islice(reader(account, environment).follow(5, sleep), 3)
        assert isinstance(error, CloudflareError)
        assert ids([line for line in (first, second) if isinstance(line, LogLine)]) == [1, 2]


def test_a_token_without_the_permission(account: LocalAccount, environment: Environment) -> None:
    client = account.client(account.token(AI_GATEWAY_RUN))
    with pytest.raises(RefusedError) as caught:
        LogReader(environment, client, LOCAL_ACCOUNT, LogSelection(NOON)).last(1)
    assert "lacks AI Gateway Read or AI Gateway Metadata Read on account" in caught.value.message


def test_a_gateway_that_does_not_exist(account: LocalAccount, environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    other = written(tmp_path / "stacks", FILE.replace("default", "missing"), "here")
    with pytest.raises(GatewrightError) as caught:
        LogReader(other, account.client(), LOCAL_ACCOUNT, LogSelection(NOON)).last(1)
    assert "has no logs of gateway missing" in caught.value.message
    assert "Workers Observability" in str(caught.value.hint)
    assert reader(account, environment).last(1) == []


def test_whether_logs_are_collected(account: LocalAccount, environment: Environment) -> None:
    assert reader(account, environment).collects_logs()
    path = f"/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/default"
    settings = account.client().get(path)["result"]
    body = {name: settings[name] for name in settings if name not in ("id", "created_at", "modified_at", "account_tag")}
    account.client()._send("PUT", path, {**body, "collect_logs": False})
    assert not reader(account, environment).collects_logs()
