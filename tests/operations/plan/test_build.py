"""The plan of an environment, from steps as the engine tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_DOMAIN, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.plan.build import plan_of
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.kinds import GATEWAY, SECRET, TOKEN
from gatewright.operations.plan.masking import Mask
from gatewright.operations.plan.model import Action, Cause, Change, Plan
from gatewright.operations.stack.pulumi import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}
FILES = """\
account: {env: ACCOUNT}
use: [groq, workers-ai]
providers:
  groq: {key: {env: GROQ_KEY}, models: {a: {}}}
  workers-ai: {models: {b: {}}}
routes:
  fast: [groq/a, workers-ai/b]
gateway:
  cache: {ttl: 1h}
  logs: {collect: false}
  otel: [{url: "https://x.example/v1", headers: {team: {env: TEAM}}}]
tokens:
  agents: {rotate: {every: 30d, overlap: 7d}}
  ci: {allow: [AI Gateway Read]}
clients:
  pi: {primary: dynamic/fast, token: agents}
"""
GIVEN = "gatewright/x"


@dataclass(frozen=True)
class Ready:
    """An environment `x`, to be planned for."""

    seen: PlanContext

    def plan(self, *steps: Step, disk: Mapping[str, str | None] | None = None) -> Plan:
        return plan_of(PlanContext(self.seen.environment, self.seen.root, disk or {}), steps)

    def change(self, *steps: Step, **more: Any) -> Change:
        """The only one."""
        (found,) = self.plan(*steps, **more).changes
        return found


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    (tmp_path / "x.yaml").write_text(FILES)
    loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {"ACCOUNT": "a" * 32})
    assert loaded.environment is not None, loaded.diagnostics
    return Ready(PlanContext(loaded.environment, loaded.root))


def step(operation: str, kind: str, name: str, new: Any = None, old: Any = None, **more: Any) -> Step:
    return Step(operation, kind, name, new or {}, {}, old or {}, **more)


def token(operation: str, label: str = "", of: str = "agents") -> Step:
    """A generation."""
    inputs = {"name": "/".join(filter(None, (GIVEN, of, label)))}
    name = "-".join(filter(None, (of, label)))
    return step(operation, TOKEN, name, inputs, None if operation == "create" else inputs)


def test_the_worst_comes_first(ready: Ready) -> None:
    plan = ready.plan(
        step("create", DYNAMIC_ROUTE, "more"),
        step("update", GATEWAY, "agents-x", {"collectLogs": False}, {"collectLogs": True}),
        step("delete", DYNAMIC_ROUTE, "old"),
        step("delete", CUSTOM_DOMAIN, "ai.example.com"),
        step("same", DYNAMIC_ROUTE, "fast"),
        step("update", GATEWAY, "other", {"authentication": False}, {"authentication": True}),
    )
    assert [(each.action.value, each.kind, each.name) for each in plan.changes] == [
        ("delete", "route", "old"),
        ("delete", "domain", "ai.example.com"),
        ("update", "gateway", "other"),
        ("update", "gateway", "agents-x"),
        ("create", "route", "more"),
    ]
    assert plan.unchanged == 1


def test_the_worst_of_one_change_comes_first(ready: Ready) -> None:
    found = ready.change(
        step(
            "update",
            GATEWAY,
            "agents-x",
            {"cacheTtl": 0, "collectLogs": False, "authentication": False},
            {"cacheTtl": 300, "collectLogs": True, "authentication": True},
        )
    )
    assert found.words[0] == "authenticated true → false"
    assert found.risks[0] == "anyone who knows its URL can use it"


@pytest.mark.parametrize(
    ("one", "location"),
    [
        (step("update", GATEWAY, "agents-x", {"cacheTtl": 3600}, {"cacheTtl": 300}), "9:11"),
        (step("update", GATEWAY, "agents-x", {"collectLogs": False}, {"collectLogs": True}), "10:10"),
        (step("update", GATEWAY, "agents-x", {"zdr": False}, {"zdr": True}), "8:1"),
        (step("create", DYNAMIC_ROUTE, "fast"), "7:3"),
        (step("create", PROVIDER_CONFIG, "groq"), "4:10"),
        (token("create", of="ci"), "14:3"),
        (token("create", "2026-11-03"), "13:3"),
        (step("create", CONFIG_FILE, "pi/models.json", {"content": "{}"}), "16:3"),
    ],
)
def test_where_it_is_written(ready: Ready, one: Step, location: str) -> None:
    assert str(ready.change(one).location) == f"stacks/x.yaml:{location}"


def test_what_is_gone_is_written_nowhere(ready: Ready) -> None:
    assert ready.change(step("delete", DYNAMIC_ROUTE, "fast")).location is None


def test_it_may_be_deleted_now(ready: Ready) -> None:
    found = ready.change(step("same", GATEWAY, "agents-x", {"a": 1}, {"a": 1}, protected=(True, False)))
    assert (found.action, found.words, found.risks) == (
        Action.UPDATE,
        ("protected true → false",),
        ("it may be deleted",),
    )
    assert ready.plan(step("same", GATEWAY, "agents-x", protected=(True, True))).changes == ()


def test_it_may_not_be_deleted_any_more(ready: Ready) -> None:
    plan = ready.plan(step("same", GATEWAY, "agents-x", {"a": 1}, {"a": 1}, protected=(False, True)))
    (found,) = plan.changes
    assert (found.action, found.words, found.risks) == (Action.UPDATE, ("protected false → true",), ())
    assert plan.has_changes
    assert "protected" not in str(ready.change(step("create", GATEWAY, "agents-x", protected=(False, True))).words)


def test_a_key_is_two_resources_and_one_change(ready: Ready) -> None:
    steps = [
        step(each, kind, "groq")
        for each in ("delete-replaced", "replace", "create-replacement")
        for kind in (SECRET, PROVIDER_CONFIG)
    ]
    assert ready.change(*steps).action is Action.REPLACE
    gone = ready.change(step("delete", SECRET, "groq"), step("delete", PROVIDER_CONFIG, "groq"))
    assert (gone.action, gone.risks) == (Action.DELETE, ("calls that need it fail",))
    less, more = ({"rateLimit": count, "rateLimitPeriod": 60} for count in (8, 9))
    secret = step("replace", SECRET, "groq", {"comment": "b"}, {"comment": "a"})
    anew = ready.change(secret, step("replace", PROVIDER_CONFIG, "groq", more, less))
    assert anew.words == ("8 requests/minute → 9 requests/minute, stored anew",)
    left = ready.change(step("delete", SECRET, "groq"), step("same", PROVIDER_CONFIG, "groq"))
    assert (left.action, left.words) == (Action.UPDATE, ("its value is not this stack's any more",))


def test_an_import_changes_nothing(ready: Ready) -> None:
    found = ready.change(step("import", DYNAMIC_ROUTE, "fast"))
    assert (found.action, found.words) == (Action.IMPORT, ("taken over as it is at Cloudflare",))


# what the calendar brings


@pytest.mark.parametrize(
    ("steps", "causes"),
    [
        ([token("create", "2026-11-03")], [Cause.FILES]),  # the first
        ([token("same", "2026-10-04"), token("create", "2026-11-03")], [Cause.CALENDAR]),
        ([token("same"), token("create", "2026-11-03")], [Cause.FILES]),  # rotates from now on
        ([token("same", "2026-11-03"), token("create", "2026-11-24.2")], [Cause.FILES]),  # an early one
        ([token("delete", "2026-10-04"), token("same", "2026-11-03")], [Cause.CALENDAR]),
        ([token("delete", "2026-10-04"), token("create", "2026-11-03")], [Cause.CALENDAR, Cause.CALENDAR]),
        ([token("delete", "2026-10-04"), token("delete", "2026-11-03")], [Cause.FILES, Cause.FILES]),
        ([token("delete", of="ci")], [Cause.FILES]),
        ([token("delete", "2026-10-04", "gone"), token("same", "2026-11-03", "gone")], [Cause.FILES]),
    ],
)
def test_what_the_calendar_brings(ready: Ready, steps: list[Step], causes: list[Cause]) -> None:
    plan = ready.plan(*steps)
    assert sorted(each.cause for each in plan.changes) == sorted(causes)
    assert plan.has_changes is (Cause.FILES in causes)
    assert not any(each.risks for each in plan.changes if each.cause is Cause.CALENDAR)


def test_what_is_due_soon_is_said(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-29T00:00:00Z")
    plan = ready.plan(token("same", "2026-11-03"))
    assert plan.notes == ("token agents: a new generation is due 2026-12-03, made by the first up from then on",)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-10T00:00:00Z")
    assert ready.plan(token("same", "2026-11-03")).notes == ()


# emitted files


def file(old: str, new: str, *told: str) -> Step:
    return step("update", CONFIG_FILE, "pi/auth.json", {"content": new}, {"content": old}, differing=told)


def test_a_file_that_is_not_here_is_no_change(ready: Ready) -> None:
    found = ready.change(file("a", "a", "onDisk"), disk={"pi/auth.json": None})
    assert (found.cause, found.words) == (Cause.NOT_HERE, ("not on this machine",))


def test_a_file_that_changes_where_it_is_not(ready: Ready) -> None:
    found = ready.change(file("one\ntwo\n", "one\n2\n", "content", "onDisk"), disk={"pi/auth.json": None})
    assert (found.cause, found.words) == (Cause.FILES, ("1 line",))
    assert found.diff.splitlines()[3:] == [" one", "-two", "+2"]


def test_an_edit_by_hand_is_shown_without_what_the_hand_wrote(ready: Ready) -> None:
    ours = '{\n  "key": "$TOKEN",\n  "primary": "dynamic/fast"\n}\n'
    edited = ours.replace("$TOKEN", "hunter2-fake-password").replace("dynamic/fast", "unheard/of")
    found = ready.change(file(ours, ours, "content"), disk={"pi/auth.json": edited})
    assert found.words == ("edited by hand, 2 lines",)
    assert "hunter2" not in str(found)
    assert found.diff.splitlines()[3:] == [
        " {",
        '-  "key": "…",',
        '-  "primary": "…"',
        '+  "key": "$TOKEN",',
        '+  "primary": "dynamic/fast"',
        " }",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("HUNTERTWOFAKE42", "…"),
        ("HUNTER_2", "…"),
        ("123456789012", "…"),
        ("1234.56789", "…"),
        ("$HUNTER-two-fake", "…"),
        ("131072", "131072"),
        ("$OTHER_TOKEN", "$OTHER_TOKEN"),
        ("Bearer ${OTHER_TOKEN}", "Bearer ${OTHER_TOKEN}"),
        ("${{ secrets.OTHER_TOKEN }}", "${{ secrets.OTHER_TOKEN }}"),
        ("{env:OTHER_TOKEN}", "{env:OTHER_TOKEN}"),
        ("os.environ/OTHER_TOKEN", "os.environ/OTHER_TOKEN"),
        ("NAMED_BY_OURS", "NAMED_BY_OURS"),
        ("1000000000", "1000000000"),
    ],
)
def test_of_what_a_hand_wrote_only_references_and_what_we_write_are_shown(ready: Ready, value: str, shown: str) -> None:
    ours = '{\n  "key": "$TOKEN",\n  "variable": "NAMED_BY_OURS",\n  "limit": 1000000000\n}\n'
    edited = ours.replace("$TOKEN", value)
    for held in (ours, edited):  # and once a refresh has taken it into the state
        found = ready.change(file(held, ours, "content"), disk={"pi/auth.json": edited})
        assert f'-  "key": "{shown}",' in found.diff.splitlines()


def test_a_secret_that_a_refresh_took_into_the_state_is_hidden(ready: Ready) -> None:
    held = '{\n  "apiKey": "hunter2-fake-password",\n  "name": "old name"\n}\n'
    found = ready.change(
        file(held, '{\n  "apiKey": "$TOKEN",\n  "name": "new name"\n}\n', "content"), disk={"pi/auth.json": held}
    )
    assert "hunter2" not in str(found)
    assert '-  "name": "old name"' in found.diff


def test_the_mode_of_a_file(ready: Ready) -> None:
    one = step(
        "update", CONFIG_FILE, "pi/auth.json", {"content": "a", "mode": "0644"}, {"content": "a", "mode": "0600"}
    )
    assert ready.change(one, disk={"pi/auth.json": "a"}).words == ("mode → 0644",)


# routes


def test_a_route_is_drawn_before_and_after(ready: Ready) -> None:
    def elements(*models: str) -> dict[str, Any]:
        outputs = {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}
        facts = {"provider": "groq", "model": models[0], "retries": 0, "timeout": 60_000}
        return {
            "elements": {
                "start": {"type": "start", "outputs": {"next": {"elementId": "m"}}},
                "m": {"type": "model", "outputs": outputs, "properties": facts},
                "end": {"type": "end", "outputs": {}},
            }
        }

    found = ready.change(step("update", DYNAMIC_ROUTE, "fast", elements("b"), elements("a")))
    assert found.graphs is not None
    before, after = found.graphs
    assert '"groq/a"' in before
    assert '"groq/b"' in after
    assert found.words == ("groq/b is new, first", "without groq/a", "new version, no gap")
    gone = ready.change(step("delete", DYNAMIC_ROUTE, "fast", elements("a"), elements("a")))
    assert gone.graphs == (before, "")


# secrets


def test_what_is_known_to_be_secret_stands_nowhere(ready: Ready) -> None:
    shell = {
        "GROQ_KEY": "fake-key-of-groq",
        "TEAM": "fake-team-header",
        "CLOUDFLARE_API_TOKEN": "fake-deploying",
        "X": "y" * 9,
    }
    mask = Mask.of(ready.seen.environment, shell)
    change = Change(
        Action.UPDATE,
        "file",
        "f",
        ("fake-key-of-groq",),
        ("a fake-team-header",),
        diff="+fake-deploying " + "y" * 9,
        graphs=("fake-key-of-groq", ""),
    )
    masked = mask.plan(Plan("x", (change,), 0, ("fake-key-of-groq",)))
    assert "fake" not in str(masked)
    assert "y" * 9 in str(masked)


def test_short_values_are_words_like_any_other(ready: Ready) -> None:
    assert Mask.of(ready.seen.environment, {"GROQ_KEY": "fast"}).text("route fast") == "route fast"
