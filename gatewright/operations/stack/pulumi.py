"""Runs the engine on one stack, and reads what it did from its own events."""

from __future__ import annotations

import json
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.operations.stack import processes
from gatewright.operations.stack.engine_failure import failure, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.engine.find import Engine
    from gatewright.engine.variables import Session
    from gatewright.project import Project

_SELECTING = Lock()


@dataclass(frozen=True, slots=True)
class Step:
    """What the engine did to one resource: `operation` in its own word (create, update, same, delete, replace).

    `inputs` as the program gives them, and where it does not name the resource any more, as it gave them; `old_inputs`
    as the state has them, and `before` its outputs. Secrets are masked. `differing` are the paths of the properties
    that the plugin says differ; `protected` whether the engine refuses to delete it, before and now. In a refresh
    `inputs` and `after`, its outputs, are as they are out there, and nothing where it is gone.
    """

    operation: str
    type: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)
    before: Mapping[str, Any] = field(default_factory=dict, compare=False)
    old_inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)
    differing: tuple[str, ...] = field(default=(), compare=False)
    protected: tuple[bool, bool] = field(default=(False, False), compare=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False)
    id: str = field(default="", compare=False)
    urn: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Pulumi:
    """The engine on the stack `stack`; `config_file` instead of the stack's own under stacks/."""

    project: Project
    engine: Engine
    session: Session
    stack: str
    config_file: Path | None = None

    def run_in_terminal(self, *arguments: str) -> int:
        """The engine with the terminal to itself: it shows and asks. Returns its exit code."""
        return self._wait(subprocess.Popen(self._command(arguments), cwd=self.project.root, env=self._env))

    def run_quietly(self, *arguments: str, inform: Callable[[str], None] | None = None) -> list[Step]:
        """The engine without a word; every resource it looked at. `inform` gets what the program says, once each.

        Raises what `failure` makes of the engine's own diagnostics when it fails.
        """
        looks = arguments[0] == "preview" or "--preview-only" in arguments
        with self._no_new_file(looks=looks), tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
            log = Path(folder) / "events"
            command = [*self._command(arguments), *self._config, "--non-interactive", "--event-log", str(log)]
            # --event-log is a flag for tools, and hidden without
            output, code = processes.run(command, self.project.root, {**self._env, "PULUMI_DEBUG_COMMANDS": "true"})
            events = list(_events(log))
            if code != 0:
                raise failure(events, output, code, self.stack, self.session)
        if inform:
            for line in _informed(events):
                inform(line)
        return [step for event in events if (step := _step(event))]

    def ask(self, *arguments: str, told: str = "") -> str:
        """What the engine prints for a question such as `stack output --json`, when it is `told` that on its standard
        input. Raises EngineError when it fails."""
        with self._no_new_file():
            done = subprocess.run(
                [*self._command(arguments), "--non-interactive"],
                cwd=self.project.root,
                env=self._env,
                input=told,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode != 0:
                begun = "" if "--show-secrets" in arguments else done.stdout  # of an answer that no error may show
                raise failure([], begun + done.stderr, done.returncode, self.stack, self.session)
        return done.stdout

    @contextmanager
    def _no_new_file(self, *, looks: bool = False) -> Iterator[None]:
        """The engine makes a stack's file, with a salt, before it knows whether the passphrase fits: one that fails, or
        only looks, leaves none behind, which would have the right passphrase refused from then on."""
        file = self.project.stacks / f"Pulumi.{self.stack}.yaml"
        was_there, done = file.exists(), False
        try:
            yield
            done = True
        finally:
            if not was_there and (looks or not done):
                file.unlink(missing_ok=True)

    def make_stack(self) -> None:
        """Makes the stack where it is not there yet, and selects it, which the engine keeps in one file for all."""
        with _SELECTING:
            self.ask("stack", "select", "--create", self.stack, "--secrets-provider", self.session.secrets_provider)

    def has_stack(self) -> bool:
        """Whether the stack is there."""
        return any(each.get("name") == self.stack for each in json.loads(self.ask("stack", "ls", "--json")))

    def resources(self) -> frozenset[tuple[str, str]]:
        """Type and name of each resource in the stack's state; none where there is no stack."""
        return frozenset((each["type"], each["urn"].rpartition("::")[2]) for each in self.state())

    def state(self) -> list[dict[str, Any]]:
        """Each resource in the stack's state, secrets encrypted; none where there is no stack."""
        if not self.has_stack():
            return []
        deployment = json.loads(self.ask("stack", "export", "--stack", self.stack))["deployment"]
        return list(deployment.get("resources") or ())

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in clear: never for a screen or a log."""
        found = json.loads(self.ask("stack", "output", "--json", "--show-secrets", "--stack", self.stack))
        return found if isinstance(found, dict) else {}

    def config(self) -> dict[str, str]:
        """The values of the stack's configuration by their names in this project, secrets in clear."""
        name = yaml.safe_load((self.project.root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
        found = json.loads(self.ask("config", "--json", "--show-secrets", "--stack", self.stack, *self._config))
        return {
            key.removeprefix(f"{name}:"): each["value"]
            for key, each in found.items()
            if key.startswith(f"{name}:") and "value" in each
        }

    def secret_outputs(self, kind: str, output: str) -> list[str]:
        """What the resources of type `kind` have as the secret `output`, in clear."""
        text = self.ask("stack", "export", "--show-secrets", "--stack", self.stack)
        resources = json.loads(text)["deployment"].get("resources") or ()
        values = (each.get("outputs", {}).get(output) for each in resources if each["type"] == kind)
        return [json.loads(each["plaintext"]) for each in values if isinstance(each, dict) and "plaintext" in each]

    @property
    def _env(self) -> dict[str, str]:
        return self.session.environment

    @property
    def _config(self) -> list[str]:
        return ["--config-file", str(self.config_file)] if self.config_file else []

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [str(self.engine.path), *arguments]

    @staticmethod
    def _wait(process: subprocess.Popen[Any]) -> int:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the engine got it too: it decides when it is done
                continue


def _events(log: Path) -> Iterator[dict[str, Any]]:
    if log.is_file():
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:  # a last line that a kill cut off
                continue
            if isinstance(event, dict):
                yield event


def _step(event: dict[str, Any]) -> Step | None:
    metadata = event.get("resOutputsEvent", {}).get("metadata")
    if not metadata:
        return None
    old, new = metadata.get("old") or {}, metadata.get("new") or {}
    return Step(
        metadata["op"],
        metadata["type"],
        metadata["urn"].rpartition("::")[2],
        (new or old).get("inputs") or {},
        old.get("outputs") or {},
        old.get("inputs") or {},
        tuple(metadata.get("detailedDiff") or metadata.get("diffs") or ()),
        (bool(old.get("protect")), bool((new or old).get("protect"))),
        new.get("outputs") or {},
        (new or old).get("id") or "",
        metadata["urn"],
    )


def _informed(events: list[dict[str, Any]]) -> Iterator[str]:
    """What the program said by `pulumi.log.info`; what it printed is none of it."""
    said = (event["diagnosticEvent"] for event in events if "diagnosticEvent" in event)
    lines = (plain(each["message"]).strip() for each in said if each.get("severity") == "info" and each.get("urn"))
    return iter(dict.fromkeys(filter(None, lines)))
