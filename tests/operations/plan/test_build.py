"""The plan of an environment, from the engine's steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE, UNKNOWN_STRING
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_DOMAIN, CUSTOM_PROVIDER, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.plan.build import build_plan
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.diffs.exporters import without_values
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
PREFIX = "gatewright/x"


@dataclass(frozen=True)
class Planner:
    """Plans for an environment `x`."""

    context: PlanContext

    def plan(self, *steps: Step, disk: Mapping[str, str | None] | None = None) -> Plan:
        return build_plan(PlanContext(self.context.environment, self.context.root, disk or {}), steps)

    def change(self, *steps: Step, **more: Any) -> Change:
        """The only change."""
        (change,) = self.plan(*steps, **more).changes
        return change


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    (tmp_path / "x.yaml").write_text(FILES)
    loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {"ACCOUNT": "a" * 32})
    assert loaded.environment is not None, loaded.diagnostics
    return Planner(PlanContext(loaded.environment, loaded.root))


def step(operation: str, kind: str, name: str, new: Any = None, old: Any = None, **more: Any) -> Step:
    return Step(operation, kind, name, new or {}, old_inputs=old or {}, **more)


def token(operation: str, label: str = "", of: str = "agents") -> Step:
    """A generation."""
    inputs = {"name": "/".join(filter(None, (PREFIX, of, label)))}
    name = "-".join(filter(None, (of, label)))
    return step(operation, TOKEN, name, inputs, None if operation == "create" else inputs)


def test_the_change_with_the_greatest_risk_comes_first(planner: Planner) -> None:
    plan = planner.plan(
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


def test_a_new_exporter_shows_its_address_and_its_headers(planner: Planner) -> None:
    change = planner.change(step("update", GATEWAY, "agents-x", {"otels": MASKED}, {}, differing=("otels",)))
    assert change.differences == ("otel off → https://x.example/v1 with header team",)
    assert change.risks == ("traces are sent to https://x.example/v1",)
    new = planner.change(step("create", GATEWAY, "agents-x", {"authentication": True, "otels": MASKED}))
    assert "otel https://x.example/v1 with header team" in new.differences
    assert new.risks == change.risks


def test_an_exporter_beside_another_shows_its_address(planner: Planner) -> None:
    """The engine masks both sides; the state without its values and the file say what changes."""
    known = without_values([{"url": "https://y.example/v1", "headers": {"a": "fake-header"}, "authorization": "fake"}])
    context = replace(planner.context, exporters=known)
    steps = [step("update", GATEWAY, "agents-x", {"otels": MASKED}, {"otels": MASKED}, differing=("otels",))]
    (change,) = build_plan(context, steps).changes
    assert change.differences == (
        "otel: added https://x.example/v1 with header team",
        "otel: removed https://y.example/v1 with headers Authorization, a",
    )
    assert change.risks[0] == "traces are sent to https://x.example/v1"
    assert "fake" not in str(change)


def policies(*groups: str) -> dict[str, Any]:
    return {"policies": [{"effect": "allow", "permissionGroups": [{"id": id_} for id_ in groups], "resources": "r"}]}


def test_a_refresh_shows_what_is_taken_away(planner: Planner) -> None:
    """The inputs in the state have only parts of what the refresh found, here two of three groups."""
    found = [{"url": "https://y.example/v1", "headers": {"a": "fake"}}]
    plan = planner.plan(
        step("refresh", TOKEN, "ci", before=policies("run", "read"), after=policies("run", "write", "read")),
        step("update", TOKEN, "ci", policies("run", "read"), policies("run", "write")),
        step("refresh", GATEWAY, "agents-x", before={}, after={"otels": found}),
        step("update", GATEWAY, "agents-x", {}, {}, after={"otels": UNKNOWN_STRING}),
        step("refresh", DYNAMIC_ROUTE, "gone"),
        step("refresh", PROVIDER_CONFIG, "groq"),
        step("same", PROVIDER_CONFIG, "groq"),
    )
    token_change, gateway = plan.changes
    assert token_change.differences == ("loses write",)
    assert gateway.differences == ("otel https://y.example/v1 with header a → off",)
    assert plan.unchanged == 1


def test_a_refresh_that_keeps_what_it_found_shows_no_change_of_it(planner: Planner) -> None:
    change = planner.change(
        step("refresh", GATEWAY, "agents-x", before={"zdr": False}, after={"zdr": True}),
        step("update", GATEWAY, "agents-x", {"cacheTtl": 60}, {"cacheTtl": 0}, after={"zdr": True}),
    )
    assert change.differences == ("cache off → 1m",)


def test_the_greatest_risk_of_a_change_comes_first(planner: Planner) -> None:
    change = planner.change(
        step(
            "update",
            GATEWAY,
            "agents-x",
            {"cacheTtl": 0, "collectLogs": False, "authentication": False},
            {"cacheTtl": 300, "collectLogs": True, "authentication": True},
        )
    )
    assert change.differences[0] == "authenticated true → false"
    assert change.risks[0] == "anyone who knows its URL can use it"


@pytest.mark.parametrize(
    ("step", "location"),
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
def test_location(planner: Planner, step: Step, location: str) -> None:
    assert str(planner.change(step).location) == f"stacks/x.yaml:{location}"


def test_a_deleted_resource_has_no_location(planner: Planner) -> None:
    assert planner.change(step("delete", DYNAMIC_ROUTE, "fast")).location is None


def test_protection_removed(planner: Planner) -> None:
    change = planner.change(step("same", GATEWAY, "agents-x", {"a": 1}, {"a": 1}, protected=(True, False)))
    assert (change.action, change.differences, change.risks) == (
        Action.UPDATE,
        ("protected true → false",),
        ("it can be deleted",),
    )
    assert planner.plan(step("same", GATEWAY, "agents-x", protected=(True, True))).changes == ()


def test_protection_added(planner: Planner) -> None:
    plan = planner.plan(step("same", GATEWAY, "agents-x", {"a": 1}, {"a": 1}, protected=(False, True)))
    (change,) = plan.changes
    assert (change.action, change.differences, change.risks) == (Action.UPDATE, ("protected false → true",), ())
    assert plan.has_changes
    assert "protected" not in str(
        planner.change(step("create", GATEWAY, "agents-x", protected=(False, True))).differences
    )


def test_a_key_is_two_resources_and_one_change(planner: Planner) -> None:
    steps = [
        step(each, kind, "groq")
        for each in ("delete-replaced", "replace", "create-replacement")
        for kind in (SECRET, PROVIDER_CONFIG)
    ]
    assert planner.change(*steps).action is Action.REPLACE
    gone = planner.change(step("delete", SECRET, "groq"), step("delete", PROVIDER_CONFIG, "groq"))
    assert (gone.action, gone.risks) == (Action.DELETE, ("calls that need it fail",))
    less, more = ({"rateLimit": count, "rateLimitPeriod": 60} for count in (8, 9))
    secret = step("replace", SECRET, "groq", {"comment": "b"}, {"comment": "a"})
    replaced = planner.change(secret, step("replace", PROVIDER_CONFIG, "groq", more, less))
    assert replaced.differences == ("8 requests/minute → 9 requests/minute, stored again",)
    left = planner.change(step("delete", SECRET, "groq"), step("same", PROVIDER_CONFIG, "groq"))
    assert (left.action, left.differences) == (Action.UPDATE, ("its value is no longer managed by this stack",))


def test_an_import(planner: Planner) -> None:
    change = planner.change(step("import", DYNAMIC_ROUTE, "fast"))
    assert (change.action, change.differences) == (Action.IMPORT, ("imported as it is at Cloudflare",))


# scheduled changes


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
def test_scheduled_changes(planner: Planner, steps: list[Step], causes: list[Cause]) -> None:
    plan = planner.plan(*steps)
    assert sorted(each.cause for each in plan.changes) == sorted(causes)
    assert plan.has_changes is (Cause.FILES in causes)
    assert not any(each.risks for each in plan.changes if each.cause is Cause.CALENDAR)


def test_a_note_announces_the_next_generation(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-29T00:00:00Z")
    plan = planner.plan(token("same", "2026-11-03"))
    assert plan.notes == ("token agents: a new generation is due 2026-12-03; the first up from then on creates it",)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-10T00:00:00Z")
    assert planner.plan(token("same", "2026-11-03")).notes == ()


def test_a_note_explains_the_date_in_the_name_of_a_first_token(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-10T12:00:00Z")
    named = "token agents: agents-2026-11-03 is named after the first day of its rotation slot, not after today"
    assert planner.plan(token("create", "2026-11-03")).notes == (named,)
    assert planner.plan(token("same", "2026-10-04"), token("create", "2026-11-03")).notes == ()
    assert planner.plan(token("create")).notes == ()
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-11-03T12:00:00Z")
    assert planner.plan(token("create", "2026-11-03")).notes == ()


# client files


def file(before: str, after: str, *reported: str) -> Step:
    return step("update", CONFIG_FILE, "pi/auth.json", {"content": after}, {"content": before}, differing=reported)


def test_a_missing_file_does_not_count(planner: Planner) -> None:
    change = planner.change(file("a", "a", "onDisk"), disk={"pi/auth.json": None})
    assert (change.cause, change.differences) == (Cause.NOT_HERE, ("not on this machine",))


def test_a_missing_file_that_changes(planner: Planner) -> None:
    change = planner.change(file("one\ntwo\n", "one\n2\n", "content", "onDisk"), disk={"pi/auth.json": None})
    assert (change.cause, change.differences) == (Cause.FILES, ("1 line",))
    assert change.diff.splitlines()[3:] == [" one", "-two", "+2"]


def test_a_diff_hides_what_was_typed_by_hand(planner: Planner) -> None:
    own = '{\n  "key": "$TOKEN",\n  "primary": "dynamic/fast"\n}\n'
    edited = own.replace("$TOKEN", "hunter2-fake-password").replace("dynamic/fast", "unheard/of")
    change = planner.change(file(own, own, "content"), disk={"pi/auth.json": edited})
    assert change.differences == ("edited by hand, 2 lines",)
    assert "hunter2" not in str(change)
    assert change.diff.splitlines()[3:] == [
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
        ("NAMED_BY_OWN", "NAMED_BY_OWN"),
        ("1000000000", "1000000000"),
    ],
)
def test_a_diff_shows_references_and_words_of_the_new_content(planner: Planner, value: str, shown: str) -> None:
    own = '{\n  "key": "$TOKEN",\n  "variable": "NAMED_BY_OWN",\n  "limit": 1000000000\n}\n'
    edited = own.replace("$TOKEN", value)
    for in_state in (own, edited):  # the second after a refresh
        change = planner.change(file(in_state, own, "content"), disk={"pi/auth.json": edited})
        assert f'-  "key": "{shown}",' in change.diff.splitlines()


def test_a_secret_in_the_state_is_hidden(planner: Planner) -> None:
    in_state = '{\n  "apiKey": "hunter2-fake-password",\n  "name": "old name"\n}\n'
    change = planner.change(
        file(in_state, '{\n  "apiKey": "$TOKEN",\n  "name": "new name"\n}\n', "content"),
        disk={"pi/auth.json": in_state},
    )
    assert "hunter2" not in str(change)
    assert '-  "name": "old name"' in change.diff


def test_the_mode_of_a_file(planner: Planner) -> None:
    one = step(
        "update", CONFIG_FILE, "pi/auth.json", {"content": "a", "mode": "0644"}, {"content": "a", "mode": "0600"}
    )
    assert planner.change(one, disk={"pi/auth.json": "a"}).differences == ("mode → 0644",)


# routes


def test_flowcharts_of_a_route(planner: Planner) -> None:
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

    change = planner.change(step("update", DYNAMIC_ROUTE, "fast", elements("b"), elements("a")))
    assert change.flowcharts is not None
    before, after = change.flowcharts
    assert '"groq/a"' in before
    assert '"groq/b"' in after
    assert change.differences == ("groq/b is new, first", "without groq/a", "new version, no gap")
    gone = planner.change(step("delete", DYNAMIC_ROUTE, "fast", elements("a"), elements("a")))
    assert gone.flowcharts == (before, "")


# secrets


def test_known_secrets_are_masked(planner: Planner) -> None:
    shell = {
        "GROQ_KEY": "fake-key-of-groq",
        "TEAM": "fake-team-header",
        "CLOUDFLARE_API_TOKEN": "fake-deploying",
        "X": "y" * 9,
    }
    mask = Mask.of(planner.context.environment, shell)
    change = Change(
        Action.UPDATE,
        "file",
        "f",
        ("fake-key-of-groq",),
        ("a fake-team-header",),
        diff="+fake-deploying " + "y" * 9,
        flowcharts=("fake-key-of-groq", ""),
    )
    masked = mask.plan(Plan("x", (change,), 0, ("fake-key-of-groq",)))
    assert "fake" not in str(masked)
    assert "y" * 9 in str(masked)


def test_short_values_are_not_masked(planner: Planner) -> None:
    assert Mask.of(planner.context.environment, {"GROQ_KEY": "fast"}).text("route fast") == "route fast"


# custom providers


def test_a_shared_custom_provider_names_the_environments_that_share_it(planner: Planner) -> None:
    context = replace(planner.context, users_of=lambda slug: ("local", "two") if slug == "nvidia" else ())
    url = {"baseUrl": "https://x.example/v1"}
    steps = [
        step("create", CUSTOM_PROVIDER, "nvidia", {}, after=url),
        step("create", CUSTOM_PROVIDER, "own", {}, after=url),
    ]
    shared, own = build_plan(context, steps).changes
    assert shared.differences[-1] == "belongs to the account; shared with local, two"
    assert not any("account" in difference for difference in own.differences)
    (gone,) = build_plan(context, [step("delete", CUSTOM_PROVIDER, "nvidia")]).changes
    assert gone.differences == ("stays in the account as long as local, two has it",)
    assert gone.risks == ()
