"""A saved plan is compared with the plan of a later run: whatever differs is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import ChangedPlanError, EngineError, GatewrightError, UsageError
from gatewright.facts.resource_types import CONFIG_FILE, DYNAMIC_ROUTE
from gatewright.operations.plan.build import plan_from, planned_changes
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.digests import SealedKey, digests
from gatewright.operations.plan.dry_run import DryRun
from gatewright.operations.plan.kinds import GATEWAY, SECRET, TOKEN
from gatewright.operations.plan.saved_plan import (
    describe_differences,
    plan_to_compare,
    read_saved_plan,
    require_same_plan,
    save_plan,
)
from gatewright.operations.stack.pulumi import Pulumi, Step
from gatewright.project import Project

FILES = """\
account: {env: ACCOUNT}
use: [groq, mistral, workers-ai]
providers:
  groq: {key: {env: GROQ_KEY}, models: {a: {}}}
  mistral: {key: {config: mistralKey}, models: {c: {}}}
  workers-ai: {models: {b: {}}}
routes: {fast: [groq/a, mistral/c, workers-ai/b]}
tokens: {agents: {rotate: {every: 30d, overlap: 7d}}}
"""


@dataclass
class Engine:
    """Encrypts by turning a text around, with a salt that belongs to the passphrase `session.passphrase`. `values` is
    the stack's configuration."""

    project: Project
    stack: str = "x"
    config_file: Path | None = None
    values: dict[str, str] = field(default_factory=lambda: {"mistralKey": "fake-one"})
    project_name: str = "gatewright"
    passphrase: str = "fake-own"
    session: Any = field(default_factory=lambda: SimpleNamespace(backend_encrypts=False))

    def capture(self, *arguments: str, stdin: str = "") -> str:
        file = Path(arguments[-1])
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        salt = content.setdefault("encryptionsalt", f"salt of {self.passphrase}")
        if arguments[:2] == ("config", "set"):
            content["config"] = {"gatewright:planKey": {"secure": f"{salt}:{stdin[::-1]}"}}
            file.write_text(yaml.safe_dump(content), encoding="utf-8")
            return ""
        value = content["config"]["gatewright:planKey"]
        if not isinstance(value, dict):
            return f"{value}\n"  # a value in clear text, as the engine returns it
        sealed_with, _, text = value["secure"].partition(":")
        if not sealed_with == salt == f"salt of {self.passphrase}":
            raise EngineError("incorrect passphrase")
        return f"{text[::-1]}\n"

    def config(self) -> dict[str, str]:
        return self.values


@dataclass(frozen=True)
class World:
    """An environment `x`, and the engine on its stack."""

    context: PlanContext
    engine: Engine

    def dry_run(self, *steps: Step) -> DryRun:
        """The result of a preview with these steps."""
        changes = planned_changes(self.context, steps)
        plan = plan_from(self.context, changes, [])
        planned = [change for _, change in changes if change]
        return DryRun(plan, planned, self.context, cast(Pulumi, self.engine), frozenset())

    def differences(self, saved: list[Step], current: list[Step]) -> list[str]:
        """The lines of the refusal; none where the plan is the same."""
        plan = plan_to_compare(self.dry_run(*saved))
        try:
            require_same_plan(self.dry_run(*current), plan)
        except ChangedPlanError as error:
            return error.message.splitlines()[1:]
        return []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("GROQ_KEY", "fake-one")
    (tmp_path / "x.yaml").write_text(FILES)
    loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {"ACCOUNT": "a" * 32})
    assert loaded.environment is not None, loaded.diagnostics
    return World(PlanContext(loaded.environment, loaded.root), Engine(Project(tmp_path)))


def step(operation: str, kind: str, name: str, new: Any = None, old: Any = None, **more: Any) -> Step:
    return Step(operation, kind, name, new or {}, {}, old or {}, **more)


UPDATE = step("update", GATEWAY, "agents-x", {"cacheTtl": 300}, {"cacheTtl": 60})


def test_the_same_plan_is_accepted(world: World) -> None:
    steps = [UPDATE, step("create", DYNAMIC_ROUTE, "fast", {"name": "fast"})]
    assert world.differences(steps, steps) == []


def test_another_value_is_refused(world: World) -> None:
    (line,) = world.differences([UPDATE], [replace(UPDATE, inputs={"cacheTtl": 600})])
    assert line == "  gateway agents-x: cache 1m → 10m (saved: cache 1m → 5m)"


def test_another_value_in_the_state_is_refused(world: World) -> None:
    assert world.differences([UPDATE], [replace(UPDATE, old_inputs={"cacheTtl": 0})])


def test_a_new_change_is_refused(world: World) -> None:
    (line,) = world.differences([UPDATE], [UPDATE, step("delete", DYNAMIC_ROUTE, "fast")])
    assert line == "  route fast: changes now (deleted)"


def test_a_change_that_is_gone_is_refused(world: World) -> None:
    (line,) = world.differences([UPDATE, step("create", DYNAMIC_ROUTE, "fast", {"name": "fast"})], [UPDATE])
    assert line.startswith("  route fast: no longer changes (saved: ")


def test_another_action_is_refused(world: World) -> None:
    create = step("create", TOKEN, "ci", {"name": "gatewright/x/ci"})
    assert world.differences([create], [replace(create, operation="delete")])


def test_the_protection_is_part_of_a_change(world: World) -> None:
    unprotected = replace(UPDATE, protected=(True, False))
    assert world.differences([replace(UPDATE, protected=(True, True))], [unprotected])


@pytest.mark.parametrize("provider", ["groq", "mistral"])
def test_another_value_of_a_secret_is_refused(world: World, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create = step("create", SECRET, provider, {"value": "[secret]"})
    saved = plan_to_compare(world.dry_run(create))
    require_same_plan(world.dry_run(create), saved)
    monkeypatch.setenv("GROQ_KEY", "fake-two")
    world.engine.values["mistralKey"] = "fake-two"
    with pytest.raises(ChangedPlanError, match=f"key {provider}: .*, with another value"):
        require_same_plan(world.dry_run(create), saved)


def test_what_the_calendar_brings_is_accepted(world: World) -> None:
    rotation = step("create", TOKEN, "agents-2026-11-03", {"name": "gatewright/x/agents/2026-11-03"})
    previous = step("same", TOKEN, "agents-2026-10-03", {"name": "gatewright/x/agents/2026-10-03"})
    assert world.differences([UPDATE], [UPDATE, previous, rotation]) == []


def test_an_emitted_file_is_compared_by_its_content(world: World) -> None:
    write = step("create", CONFIG_FILE, "out/x/pi.json", {"content": "a"})
    assert world.differences([write], [replace(write, inputs={"content": "b"})])


def test_the_plan_of_another_environment_is_refused(world: World) -> None:
    saved = replace(plan_to_compare(world.dry_run(UPDATE)), environment="y")
    with pytest.raises(UsageError, match="the saved plan is for y, not for x") as caught:
        require_same_plan(world.dry_run(UPDATE), saved)
    assert caught.value.hint == "gatewright up y --plan …"


def test_every_difference_is_listed_with_the_command_to_review_them(world: World) -> None:
    saved = plan_to_compare(world.dry_run())
    with pytest.raises(ChangedPlanError) as caught:
        require_same_plan(world.dry_run(UPDATE, step("delete", DYNAMIC_ROUTE, "fast")), saved)
    assert caught.value.message == (
        "nothing was changed: the plan of x is not the saved one any more:\n"
        "  gateway agents-x: changes now (cache 1m → 5m)\n  route fast: changes now (deleted)"
    )
    assert caught.value.hint == "Review it again: gatewright preview x --save FILE"


def test_a_folder_that_is_missing(world: World, tmp_path: Path) -> None:
    with pytest.raises(GatewrightError, match=r"cannot be saved to .*plan\.json: No such file or directory"):
        save_plan(world.dry_run(UPDATE), tmp_path / "missing" / "plan.json")


def test_a_plan_survives_its_file_which_holds_no_secret(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    create = step("create", SECRET, "groq", {"value": "[secret]"})
    save_plan(world.dry_run(UPDATE, create), file)
    assert "fake-one" not in file.read_text(encoding="utf-8")
    saved = read_saved_plan(file)
    require_same_plan(world.dry_run(UPDATE, create), saved)
    with pytest.raises(ChangedPlanError, match="the plan of x is not the saved one any more:\n  key groq"):
        require_same_plan(world.dry_run(UPDATE), saved)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1, "environments": []}', '{"environments": [1]}'])
def test_a_file_that_is_not_a_saved_plan(tmp_path: Path, content: str) -> None:
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(UsageError, match=r"plan\.json is not a saved plan") as caught:
        read_saved_plan(tmp_path / "plan.json")
    assert caught.value.hint == "Save one: gatewright preview ENV --save FILE"


def test_a_plan_of_another_version(world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    save_plan(world.dry_run(UPDATE), file)
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"version": 0}))
    with pytest.raises(UsageError, match="another version of gatewright"):
        read_saved_plan(file)


def test_differences_are_listed_by_name() -> None:
    saved = {"a": ("x", "1"), "b": ("x", "1"), "d": ("x", "1"), "e": ("x", "1")}
    current = {"a": "1", "b": "2", "c": "1", "e": "2"}
    assert describe_differences(saved, current, {"a": "x", "b": "y", "c": "z", "e": "x"}) == [
        "b: y (saved: x)",
        "c: changes now (z)",
        "d: no longer changes (saved: x)",
        "e: x, with another value",
    ]


KEY = "ab" * 32


def forged(world: World, file: Path, key: object) -> Path:
    """A saved plan of `UPDATE` whose digests were made with KEY by someone who cannot decrypt."""
    dry_run = world.dry_run(UPDATE)
    save_plan(dry_run, file)
    plan = json.loads(file.read_text(encoding="utf-8"))
    plan["environments"][0]["fingerprint"] = {"key": key, "digests": digests(dry_run, KEY)}
    file.write_text(json.dumps(plan), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        [KEY],
        None,
        "[" * 100_000,
        yaml.safe_dump({"config": {"gatewright:planKey": KEY}}),
        yaml.safe_dump({"config": {"gatewright:planKey": {"secure": ""}}}),
        yaml.safe_dump({"config": {"gatewright:planKey": {"secure": {"secure": KEY}}}}),
        yaml.safe_dump({"config": {"gatewright:planKey": {"secure": KEY, "value": KEY}}}),
        yaml.safe_dump({"config": {"a:planKey": {"secure": "v1:x"}, "gatewright:planKey": KEY}}),
        yaml.safe_dump({"encryptionsalt": ["v1:x"], "config": {"gatewright:planKey": {"secure": "v1:x"}}}),
        yaml.safe_dump({"encryptionsalt": "v1:x"}),
    ],
)
def test_a_key_that_is_not_encrypted_is_refused(world: World, tmp_path: Path, key: object) -> None:
    with pytest.raises(UsageError, match="is not a saved plan"):
        read_saved_plan(forged(world, tmp_path / "plan.json", key))


def test_a_key_sealed_with_another_passphrase_is_refused(world: World, tmp_path: Path) -> None:
    salt = "salt of fake-another"
    sealed = f"{salt}:{('key of a saved plan of x: ' + KEY)[::-1]}"
    saved = read_saved_plan(
        forged(world, tmp_path / "plan.json", SealedKey(sealed, {"encryptionsalt": salt}).to_text())
    )
    with pytest.raises(EngineError):
        require_same_plan(world.dry_run(UPDATE), saved)


def test_the_settings_in_the_plan_never_replace_those_of_the_stack(world: World, tmp_path: Path) -> None:
    world.engine.project.stacks.mkdir()
    own = world.engine.project.stacks / "Pulumi.x.yaml"
    own.write_text("encryptionsalt: salt of fake-own\n", encoding="utf-8")
    salt = "salt of fake-another"
    sealed = f"{salt}:{('key of a saved plan of x: ' + KEY)[::-1]}"
    saved = read_saved_plan(
        forged(world, tmp_path / "plan.json", SealedKey(sealed, {"encryptionsalt": salt}).to_text())
    )
    world.engine.passphrase = "fake-another"  # even for one who could open it
    with pytest.raises(EngineError):
        require_same_plan(world.dry_run(UPDATE), saved)


@pytest.mark.parametrize("text", [KEY, f"key of a saved plan of y: {KEY}", "key of a saved plan of x: pulumi"])
def test_another_secret_of_the_stack_is_not_the_key(world: World, tmp_path: Path, text: str) -> None:
    sealed = f"salt of fake-own:{text[::-1]}"
    saved = read_saved_plan(forged(world, tmp_path / "plan.json", SealedKey(sealed).to_text()))
    with pytest.raises(UsageError, match="was not sealed for a plan of x"):
        require_same_plan(world.dry_run(UPDATE), saved)


def test_a_service_that_encrypts_ignores_the_settings_in_the_plan(world: World) -> None:
    saved = plan_to_compare(world.dry_run(UPDATE))
    world.engine.session = SimpleNamespace(backend_encrypts=True)
    world.engine.passphrase = "fake-another"
    settings = {"encryptionsalt": "salt of fake-own"}
    with pytest.raises(EngineError):
        require_same_plan(
            world.dry_run(UPDATE), replace(saved, sealed_key=SealedKey(saved.sealed_key.secure, settings))
        )


def test_deeply_nested_json_is_not_a_saved_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[" * 200_000)
    with pytest.raises(UsageError, match="is not a saved plan"):
        read_saved_plan(tmp_path / "plan.json")


def test_a_secrets_provider_in_the_plan_is_not_used(world: World, tmp_path: Path) -> None:
    text = SealedKey("v1:x").to_text() + "secretsprovider: awskms://of-another\n"
    saved = read_saved_plan(forged(world, tmp_path / "plan.json", text))
    assert saved.sealed_key == SealedKey("v1:x")
