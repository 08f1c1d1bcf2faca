"""retire: what it removes, and when it refuses to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.access import Leftover
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import GatewrightError
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.operations.adoption.retire import (
    Retirement,
    plan_retirement,
    remaining_files,
    require_unused,
    retire,
)
from gatewright.operations.stack.pulumi import Pulumi, Step
from gatewright.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment

NOW = "2026-11-03T12:00:00Z"
STATE: list[dict[str, Any]] = [
    {"type": "pulumi:pulumi:Stack", "urn": "urn:stack"},
    {"type": "pulumi:providers:cloudflare", "urn": "urn:plugin", "id": "p", "custom": True},
    {"type": AI_GATEWAY.token, "urn": "urn:gateway", "id": "g", "custom": True, "protect": True},
    {"type": ACCOUNT_TOKEN.token, "urn": "urn:token", "id": "t1", "custom": True},
]


@dataclass
class Engine:
    """A stack with STATE, if it exists."""

    exists: bool = True
    stack: str = "x"
    resources: list[dict[str, Any]] = field(default_factory=lambda: STATE)
    calls: list[str] = field(default_factory=list)

    def state(self) -> list[dict[str, Any]]:
        return self.resources if self.exists else []

    def has_stack(self) -> bool:
        return self.exists

    def capture(self, *arguments: str) -> str:
        self.calls.append(" ".join(arguments))
        return ""

    def delete(self, path: str) -> None:
        self.calls.append(f"DELETE {path}")

    def run(self, *arguments: str) -> list[Step]:
        self.calls.append(" ".join(arguments))
        return [Step("delete", resource["type"], "n") for resource in self.resources]


def plan(folder: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine, **used: str | None) -> Retirement:
    """Plan to retire an environment whose account has these tokens, by id, last used at these times."""
    monkeypatch.setenv("GATEWRIGHT_NOW", NOW)
    (folder / "x.yaml").write_text(f"account: {'a' * 32}\n")
    environment = environment_in(folder)
    tokens = [{"id": id_, "name": f"token {id_}", "last_used_on": time} for id_, time in used.items()]
    client = cast("Client", object())

    def read_tokens(*arguments: object) -> list[dict[str, str | None]] | None:
        assert arguments == (client, "a" * 32)
        return tokens or None

    monkeypatch.setattr("gatewright.cloudflare.live_gateway.read_tokens", read_tokens)
    return plan_retirement(environment, client, cast(Pulumi, engine))


def environment_in(folder: Path) -> Environment:
    environment = load(Files(folder, "stacks"), "x", CAPABILITIES, {}).environment
    assert environment is not None
    return environment


def remove(folder: Path, engine: Engine, retirement: Retirement) -> int:
    return retire(environment_in(folder), cast("Client", engine), cast(Pulumi, engine), retirement)


def test_a_token_that_was_used_within_a_day_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retirement = plan(tmp_path, monkeypatch, Engine(), t1="2026-11-02T12:00:01Z", t2=NOW)
    assert retirement.used == (("token t1", "2026-11-02T12:00:01Z"),)
    with pytest.raises(GatewrightError, match="x is in use") as caught:
        require_unused(retirement)
    assert caught.value.hint == (
        "Give its clients another environment first. If they may fail: gatewright retire x --force"
    )


@pytest.mark.parametrize("time", ["2026-11-02T12:00:00Z", None])
def test_a_token_that_was_not_used_lately_is_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: str | None
) -> None:
    require_unused(plan(tmp_path, monkeypatch, Engine(), t1=time, t2=NOW))


def test_the_protection_is_removed_before_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    retirement = plan(tmp_path, monkeypatch, engine)
    assert (retirement.environment, retirement.clients) == ("x", ())
    assert (retirement.protected, retirement.resources) == (("urn:gateway",), 2)
    assert remove(tmp_path, engine, retirement) == 2
    assert engine.calls == [
        "state unprotect urn:gateway --yes --stack x",
        "destroy --yes --skip-preview --remove --stack x",
    ]


def test_the_tokens_of_the_account_are_not_read_for_a_stack_without_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(tmp_path, monkeypatch, Engine())
    environment = environment_in(tmp_path)
    monkeypatch.setattr("gatewright.cloudflare.live_gateway.read_tokens", refuse)
    engine = Engine(resources=[resource for resource in STATE if resource["type"] != ACCOUNT_TOKEN.token])
    assert plan_retirement(environment, cast("Client", None), cast(Pulumi, engine)).used == ()


def refuse(*_: object) -> None:
    pytest.fail("the tokens of the account are read")


def test_without_a_stack_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(exists=False)
    retirement = plan(tmp_path, monkeypatch, engine)
    assert (retirement.used, retirement.resources) == ((), 0)
    assert remove(tmp_path, engine, retirement) == 0
    assert engine.calls == []


def test_leftovers_are_deleted_after_the_stack_or_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leftover = Leftover(ACCESS_APPLICATION.token, "gatewright/x", "app", "/access/apps/app", None)
    for engine, destroyed in ((Engine(), 2), (Engine(exists=False), 0)):
        retirement = replace(plan(tmp_path, monkeypatch, engine), leftovers=(leftover,))
        assert remove(tmp_path, engine, retirement) == destroyed + 1
        assert engine.calls[-1] == f"DELETE /accounts/{'a' * 32}/access/apps/app"


def test_the_files_that_remain(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for name in ("x.yaml", "Pulumi.x.yaml", "y.yaml", "x.import.json"):
        (tmp_path / "stacks" / name).touch()
    files = remaining_files(Project(tmp_path), "x")
    assert [file.name for file in files] == ["x.yaml", "Pulumi.x.yaml", "x.import.json"]
