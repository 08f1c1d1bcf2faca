"""The engine on one stack; the results of a run are read from its event log."""

from __future__ import annotations

import json
import subprocess
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

import yaml

from gatewright.engine.state import backend_folder, read_deployment
from gatewright.errors import EngineError
from gatewright.frozen import frozen
from gatewright.operations.stack import processes
from gatewright.operations.stack.engine_failure import deleted_already, engine_error, name_of, strip_markup
from gatewright.operations.stack.program_here import program_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gatewright.engine.find import Engine
    from gatewright.engine.variables import Session
    from gatewright.errors import GatewrightError
    from gatewright.project import Project

_SELECTING = Lock()
STACK_TYPE = "pulumi:pulumi:Stack"


@frozen
class Step:
    """One step of the engine, for one resource. `operation` is the engine's: create, update, same, delete, replace.

    `inputs` are the program's, or its last ones where it no longer declares the resource; `old_inputs` and `before`
    (outputs) are the state's, `after` are the new outputs. Secrets are masked. `differing` are the property paths that
    the plugin reports as changed; `protected` is before and after. In a refresh `inputs` and `after` are those of the
    existing resource, and empty where it is gone.
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


@frozen
class Pulumi:
    """The engine on the stack `stack`; `config_file` replaces the stack's own in stacks/."""

    project: Project
    engine: Engine
    session: Session
    stack: str
    config_file: Path | None = None

    def run_in_terminal(self, *arguments: str, output: TextIO | None = None) -> int:
        """Run the engine in the foreground, where it prints (to `output`) and asks; return its exit code."""
        command = self._command(arguments)
        return self._wait(subprocess.Popen(command, cwd=self.project.root, env=self._env, stdout=output))

    def run(self, *arguments: str, on_message: Callable[[str], None] | None = None) -> list[Step]:
        """Run the engine without output; return its steps. `on_message` receives each message of the program once.

        Raises the error of `engine_error` when it fails.
        """
        is_preview = arguments[0] == "preview" or "--preview-only" in arguments
        with self._no_new_file(keep=not is_preview), tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
            log = Path(folder) / "events"
            command = [*self._command(arguments), *self._config, "--non-interactive", "--event-log", str(log)]
            # --event-log is hidden without the variable
            environment = {**self._env, "PULUMI_DEBUG_COMMANDS": "true"}
            # an engine that changes something goes on to its end when this process is killed
            with program_here(self.project, self.session) if is_preview else nullcontext(()) as flags:
                output, code = processes.run_process([*command, *flags], self.project.root, environment)
            events = list(_events(log))
            if code != 0:
                raise self._failure(events, output, code)
        if on_message:
            for message in _program_messages(events):
                on_message(message)
        return [step for event in events if (step := _step(event))]

    def _failure(self, events: list[dict[str, Any]], output: str, code: int) -> GatewrightError:
        """The error of a failed run. Resources that cannot be deleted because they are gone are dropped from the state:
        the same run then succeeds."""
        error = engine_error(events, output, code, self.stack, self.session)
        gone = deleted_already(events)
        targets = [argument for urn in gone for argument in ("--target", urn)]
        refresh = ("refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", self.stack, *targets)
        if not gone or processes.run_process(self._command(refresh), self.project.root, self._env)[1] != 0:
            return error
        names = ", ".join(map(name_of, gone))
        hint = f"Run the command again: Cloudflare has no {names} any more, and now the state has none either"
        return EngineError(error.message, hint)

    def capture(self, *arguments: str, stdin: str = "") -> str:
        """Run a command such as `stack output --json`; return its output. Raises the error of `engine_error`."""
        with self._no_new_file():
            done = subprocess.run(
                [*self._command(arguments), "--non-interactive"],
                cwd=self.project.root,
                env=self._env,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode != 0:
                output = "" if "--show-secrets" in arguments else done.stdout  # no error may show secrets
                raise engine_error([], output + done.stderr, done.returncode, self.stack, self.session)
        return done.stdout

    @contextmanager
    def _no_new_file(self, *, keep: bool = True) -> Iterator[None]:
        """Delete the stack's file if the body creates it and fails, or not `keep`.

        The engine creates that file, with a salt, before it has checked the passphrase. A leftover one would make it
        refuse the right passphrase.
        """
        file = self.project.stacks / f"Pulumi.{self.stack}.yaml"
        existed, succeeded = file.exists(), False
        try:
            yield
            succeeded = True
        finally:
            if not existed and not (keep and succeeded):
                file.unlink(missing_ok=True)

    def make_stack(self) -> None:
        """Create the stack if it does not exist, and select it; the engine stores the selection in one shared file."""
        with _SELECTING:
            self.capture("stack", "select", "--create", self.stack, "--secrets-provider", self.session.secrets_provider)

    def has_stack(self) -> bool:
        """Whether the stack exists."""
        return any(each.get("name") == self.stack for each in self._read("stack", "ls", "--json"))

    def resources(self) -> frozenset[tuple[str, str]]:
        """Type and name of each resource in the state; none without a stack."""
        return names_of(self.state())

    def state(self) -> list[dict[str, Any]]:
        """Each resource in the state, secrets encrypted; none without a stack."""
        return list(self._exported().get("resources") or ())

    def interrupted_creations(self) -> frozenset[tuple[str, str]]:
        """Type and name of each resource that a run was creating when it was killed."""
        folder = backend_folder(self.session.backend)
        deployment = read_deployment(folder, self.project_name, self.stack) if folder else self._exported()
        operations = deployment.get("pending_operations") or ()
        try:
            return names_of(each["resource"] for each in operations if each["type"] == "creating")
        except (LookupError, TypeError):  # the engine reports it
            return frozenset()

    def forget_interrupted(self) -> None:
        """Remove the creations of `interrupted_creations` from the state; reads no resource. Raises as `run`."""
        stack = f"urn:pulumi:{self.stack}::{self.project_name}::{STACK_TYPE}::{self.project_name}-{self.stack}"
        flags = ("--yes", "--skip-preview", "--clear-pending-creates")
        self.run("refresh", *flags, "--stack", self.stack, "--target", stack)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets unencrypted: not for a screen or a log."""
        found = self._read("stack", "output", "--json", "--show-secrets", "--stack", self.stack)
        return found if isinstance(found, dict) else {}

    def config(self) -> dict[str, str]:
        """The stack's configuration by the names in this project, secrets unencrypted."""
        name = self.project_name
        found = self._read("config", "--json", "--show-secrets", "--stack", self.stack, *self._config)
        return {
            key.removeprefix(f"{name}:"): each["value"]
            for key, each in found.items()
            if key.startswith(f"{name}:") and "value" in each
        }

    def secret_outputs(self, kind: str, output: str) -> list[Any]:
        """The values of the secret `output` of all resources of type `kind`, unencrypted."""
        deployment = self._read("stack", "export", "--show-secrets", "--stack", self.stack)["deployment"]
        resources = deployment.get("resources") or ()
        values = (each.get("outputs", {}).get(output) for each in resources if each["type"] == kind)
        return [json.loads(each["plaintext"]) for each in values if isinstance(each, dict) and "plaintext" in each]

    def _exported(self) -> Mapping[str, Any]:
        """The deployment that the engine exports, secrets encrypted; empty without a stack."""
        if not self.has_stack():
            return {}
        deployment: dict[str, Any] = self._read("stack", "export", "--stack", self.stack)["deployment"]
        return deployment

    def _read(self, *arguments: str) -> Any:
        """The JSON that a command of the engine prints. Raises EngineError for other output, which is not shown."""
        text = self.capture(*arguments)
        try:
            return json.loads(text)
        except ValueError:
            command_line = " ".join(("pulumi", *arguments[:2]))
            message = f"{command_line} printed {len(text)} characters that are not JSON"
            raise EngineError(message, f"run {command_line} yourself, and look at what it prints first") from None

    @property
    def project_name(self) -> str:
        """The name of the Pulumi project, the namespace of its configuration."""
        return str(yaml.safe_load((self.project.root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])

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
            except KeyboardInterrupt:  # the engine gets the interrupt too, and ends by itself
                continue


def names_of(state: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """Type and name of each resource of a state."""
    return frozenset((each["type"], each["urn"].rpartition("::")[2]) for each in state)


def _events(log: Path) -> Iterator[dict[str, Any]]:
    if log.is_file():
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:  # the last line of a killed run
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


def _program_messages(events: list[dict[str, Any]]) -> Iterator[str]:
    """The messages of `pulumi.log.info`, without what the program printed."""
    diagnostics = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    messages = [each["message"] for each in diagnostics if each.get("severity") == "info" and each.get("urn")]
    return iter(dict.fromkeys(filter(None, (strip_markup(message).strip() for message in messages))))
