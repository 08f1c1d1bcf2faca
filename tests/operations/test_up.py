"""up and down in their order, with an engine that records what it is told to do."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.engine.find import Engine
from gatewright.engine.variables import state_folder
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.errors import ChangedPlanError, GatewrightError
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.import_file import Entry, read_imports
from gatewright.operations.adoption.find_unmanaged import Unmanaged, add_imports
from gatewright.operations.down import down
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.plan.digests import SealedKey
from gatewright.operations.plan.dry_run import DryRun
from gatewright.operations.plan.model import Action, Cause, Change, Plan
from gatewright.operations.plan.saved_plan import SavedPlan
from gatewright.operations.stack.pulumi import Pulumi, Step
from gatewright.operations.up import UpOptions, up
from gatewright.progress import Message, StepFinished, StepNote, StepStarted
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.environment.resolved import Environment
    from gatewright.progress import Event

LOCAL, REAL = "local: true\nprotect: false\n", f"account: {'a' * 32}\n"
SAVED = SavedPlan("x", {}, SealedKey("fake"))


@dataclass
class FakeEngine:
    """An engine whose stack has `causes` as its next changes."""

    project: Project
    causes: tuple[Cause, ...] = (Cause.FILES,)
    stack: str = "x"
    exists: bool = True
    interrupted: frozenset[tuple[str, str]] = frozenset()
    calls: list[str] = field(default_factory=list)

    def make_stack(self) -> None:
        self.calls.append("make stack")

    def has_stack(self) -> bool:
        return self.exists

    def interrupted_creations(self) -> frozenset[tuple[str, str]]:
        return self.interrupted

    def forget_interrupted(self) -> None:
        self.calls.append("forget interrupted")

    def outputs(self) -> dict[str, Any]:
        return {}

    def run(self, *arguments: str) -> list[Step]:
        self.calls.append(" ".join(arguments))
        kinds = ("pulumi:pulumi:Stack", "gatewright:index:DynamicRoute", "gatewright:index:ConfigFile")
        return [Step("delete", kind, "a") for kind in kinds]

    def run_in_terminal(self, *arguments: str, output: TextIO | None = None) -> int:
        self.calls.append(f"in the terminal{' on stderr' if output is sys.stderr else ''}: {' '.join(arguments)}")
        return 7

    @property
    def plan(self) -> Plan:
        changes = tuple(Change(Action.UPDATE, "token", f"t{n}", cause=cause) for n, cause in enumerate(self.causes))
        return Plan("x", changes, 0)


@dataclass
class World:
    """An environment `x`, its engine, and the events that are reported."""

    folder: Path
    engine: FakeEngine
    text: str = REAL
    events: list[Event] = field(default_factory=list)

    @property
    def environment(self) -> Environment:
        (self.folder / "x.yaml").write_text(self.text)
        loaded = load(Files(self.folder, "stacks"), "x", CAPABILITIES, {})
        assert loaded.environment is not None, loaded.diagnostics
        return loaded.environment

    def up(self, confirm: Callable[[], None] | None = None, **options: Any) -> Plan:
        """Without `confirm`, being asked is recorded as a call and agreed to."""
        return up(
            Project(self.folder),
            PlanContext(self.environment),
            Engine(Path("/no/pulumi"), (3, 259, 0), "built"),
            UpOptions(**options),
            confirm or (lambda: self.engine.calls.append("confirm")),
            self.events.append,
        )

    def down(self, *, yes: bool = False, output: TextIO | None = None) -> int:
        start = lambda: self.engine.calls.append("start local")  # noqa: E731
        return down(self.environment, cast(Pulumi, self.engine), start, self.events.append, yes=yes, output=output)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    engine = FakeEngine(Project(tmp_path))
    pulumi = cast(Pulumi, engine)

    @contextmanager
    def dry_run(_pulumi: Pulumi, context: PlanContext, *flags: str) -> Iterator[DryRun]:
        engine.calls.append(" ".join(("preview", *flags)))
        yield DryRun(engine.plan, [], context, pulumi, frozenset())

    def run_engine(_pulumi: Pulumi, context: PlanContext, *arguments: str) -> DryRun:
        engine.calls.append(" ".join(arguments))
        return DryRun(engine.plan, [], context, pulumi, frozenset())

    def same(_result: DryRun, _saved: SavedPlan) -> None:
        engine.calls.append("compare")

    def check_account(*_: object) -> Pulumi:
        engine.calls.append("check account")
        return pulumi

    room = "gatewright.operations.up"
    monkeypatch.setattr(f"{room}.dry_run", dry_run)
    monkeypatch.setattr(f"{room}.run_engine", run_engine)
    monkeypatch.setattr(f"{room}.require_same_plan", same)
    monkeypatch.setattr(f"{room}.open_stack", lambda *_: pulumi)
    monkeypatch.setattr(f"{room}.require_space", lambda _: None)
    monkeypatch.setattr("gatewright.operations.down.require_space", lambda _: None)
    monkeypatch.setattr("gatewright.operations.interrupted.open_stack", lambda *_: pulumi)
    monkeypatch.setattr(f"{room}.check_account", check_account)
    return World(tmp_path, engine)


UP = "up --yes --skip-preview"


def test_a_real_account_is_checked_and_confirmed_before_it_is_changed(world: World) -> None:
    world.up()
    assert world.engine.calls == ["check account", "preview", "confirm", "make stack", UP]


@pytest.fixture
def existing(monkeypatch: pytest.MonkeyPatch) -> tuple[Entry, ...]:
    """What `find_unmanaged` finds at Cloudflare: a route and a custom provider."""
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake-token")
    entries = (Entry(DYNAMIC_ROUTE, "fast", "a/g/1"), Entry(CUSTOM_PROVIDER, "nvidia", "a/2"))
    monkeypatch.setattr(
        "gatewright.operations.interrupted.find_unmanaged", lambda *_: Unmanaged(entries, lost_tokens=(), shared={})
    )
    return entries


def test_what_a_killed_run_has_created_is_imported(world: World, existing: tuple[Entry, ...]) -> None:
    world.engine.interrupted = frozenset({(DYNAMIC_ROUTE, "fast"), (DYNAMIC_ROUTE, "slow")})
    file = world.folder / "stacks" / "x.import.json"
    file.parent.mkdir()
    imported: list[Entry] = []
    world.up(lambda: imported.extend(read_imports(Project(world.folder), "x")))
    assert imported == [existing[0]]
    assert not file.exists()
    assert world.engine.calls == ["check account", "preview", "make stack", UP, "forget interrupted"]
    message = next(event for event in world.events if isinstance(event, Message))
    assert message.details == ("DynamicRoute fast",)


def test_an_import_file_of_the_user_stays(world: World, existing: tuple[Entry, ...]) -> None:
    world.engine.interrupted = frozenset({(DYNAMIC_ROUTE, "fast")})
    (world.folder / "stacks").mkdir()
    add_imports(Project(world.folder), "x", existing[1:])
    world.up()
    assert {entry.name for entry in read_imports(Project(world.folder), "x")} == {"fast", "nvidia"}


def test_a_refusal_changes_nothing(world: World) -> None:
    def decline() -> None:
        raise GatewrightError("no")

    with pytest.raises(GatewrightError, match="no"):
        world.up(decline)
    assert world.engine.calls == ["check account", "preview"]


def test_a_real_account_without_a_change_is_not_confirmed(world: World) -> None:
    world.engine.causes = ()
    world.up()
    assert world.engine.calls == ["check account", "preview", "make stack", UP]
    assert StepFinished("unchanged") in world.events


def test_a_saved_plan_is_compared_instead_of_confirmed(world: World) -> None:
    world.up(saved_plan=SAVED)
    assert world.engine.calls == ["check account", "preview", "compare", "make stack", UP]


def test_another_plan_than_the_saved_one_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(*_: object) -> None:
        raise ChangedPlanError("it differs")

    monkeypatch.setattr("gatewright.operations.up.require_same_plan", differs)
    with pytest.raises(ChangedPlanError, match="it differs"):
        world.up(saved_plan=SAVED)
    assert world.engine.calls == ["check account", "preview"]


def test_only_due_changes_nothing_else(world: World) -> None:
    world.engine.causes = (Cause.CALENDAR, Cause.FILES)
    with pytest.raises(ChangedPlanError):
        world.up(only_due=True)
    assert world.engine.calls == ["check account", "preview"]


def test_only_due_without_anything_due_changes_nothing(world: World) -> None:
    world.engine.causes = (Cause.NOT_HERE,)
    assert world.up(only_due=True).changes
    assert world.engine.calls == ["check account", "preview"]
    assert world.events[-1] == Message("nothing is due")


def test_what_is_due_is_applied(world: World) -> None:
    world.engine.causes = (Cause.CALENDAR,)
    world.up(only_due=True)
    assert world.engine.calls == ["check account", "preview", "confirm", "make stack", UP]


def test_a_local_environment_is_deployed_without_a_preview(world: World) -> None:
    world.text = LOCAL
    world.up()
    assert world.engine.calls == ["make stack", UP]


@pytest.mark.parametrize("text", [REAL, LOCAL + "# a comment\n"])
def test_refresh_is_passed_on(world: World, text: str) -> None:
    world.text = text
    world.up(refresh=True)
    assert world.engine.calls[-1] == f"{UP} --refresh"
    assert "preview" not in world.engine.calls


@pytest.mark.parametrize("command", [World.up, World.down])
def test_a_state_that_a_full_disk_cut_off_is_restored_first(world: World, command: Callable[[World], object]) -> None:
    world.text = LOCAL
    state = state_folder(Project(world.folder)) / ".pulumi/stacks/small/x.json"
    state.parent.mkdir(parents=True)
    state.write_text('{"version": 3, "chec')
    state.with_name("x.json.bak").write_text("{}")
    command(world)
    assert state.read_text() == "{}"
    (event,) = [event for event in world.events if isinstance(event, Message)]
    assert event.text.startswith("the state of stack x was cut off")
    assert event.details[0] == ".gatewright/state/.pulumi/stacks/small/x.json.bak"
    assert "adopt x" in event.details[1]
    command(world)
    assert [each for each in world.events if isinstance(each, Message)] == [event]


def test_a_protected_environment_is_not_destroyed(world: World) -> None:
    world.text = REAL + "protect: true\n"
    with pytest.raises(GatewrightError, match="x is protected"):
        world.down(yes=True)
    assert world.engine.calls == []


@pytest.mark.parametrize(("yes", "flags"), [(False, ""), (True, " --yes")])
def test_the_engine_asks_before_it_destroys_on_a_real_account(world: World, yes: bool, flags: str) -> None:
    world.text = REAL + "protect: false\n"
    assert world.down(yes=yes) == 7
    assert world.engine.calls == [f"in the terminal: destroy --stack x{flags}"]


def test_a_real_account_is_destroyed_with_the_engines_output_elsewhere(world: World) -> None:
    world.text = REAL + "protect: false\n"
    assert world.down(yes=True, output=sys.stderr) == 7
    assert world.engine.calls == ["in the terminal on stderr: destroy --stack x --yes"]


def test_a_local_stack_is_destroyed_and_removed(world: World) -> None:
    world.text = LOCAL
    assert world.down() == 0
    assert world.engine.calls == ["start local", "destroy --yes --skip-preview --remove --stack x"]
    assert world.events == [
        StepStarted("pulumi destroy: stack x"),
        StepNote("2 resources deleted"),
        StepFinished(),
    ]


def test_a_stack_that_does_not_exist_is_left_alone(world: World) -> None:
    world.text = LOCAL
    world.engine.exists = False
    assert world.down() == 0
    assert world.engine.calls == []
    assert world.events[-1] == StepFinished("no stack")


@pytest.mark.parametrize(
    ("endpoint", "status", "note"),
    [
        ("cloudflare", "pending_dcv", None),
        ("cloudflare", "active", "active; for clients to use it: gateway: {endpoint: domain}"),
        ("domain", "pending_dcv", "not active yet: requests of clients that use it fail until then"),
        ("domain", "active", None),
    ],
)
def test_a_domain_whose_status_does_not_fit_the_clients_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch, endpoint: str, status: str, note: str | None
) -> None:
    world.text = f"{REAL}gateway: {{domains: {{ai.example.com: {{}}}}, endpoint: {endpoint}}}\n"
    outputs = {"domains": {"ai.example.com": {"cname": "x.example", "status": status}}}
    monkeypatch.setattr(world.engine, "outputs", lambda: outputs)
    world.up()
    notes = [event.text.strip() for event in world.events if isinstance(event, StepNote)]
    assert "CNAME x.example" in notes[0]
    assert notes[1:] == ([note] if note else [])


def test_an_up_reads_the_outputs_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine takes a second, for which it derives the key from the passphrase."""
    world.text = f"{LOCAL}gateway: {{domains: {{ai.example.com: {{}}}}}}\n"
    reads: list[dict[str, Any]] = [{"domains": {}}]
    monkeypatch.setattr(world.engine, "outputs", reads.pop)
    world.up()
    assert reads == []
