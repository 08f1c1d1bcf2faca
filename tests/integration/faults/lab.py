"""A clone in which a point is run: put back to where the operation starts, one fault, the command, and plain commands
until the end that a run without a fault has."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from planted_secrets import fake_secret, files_below, find_secret

from gatewright.clock import DAY, NOW, format_timestamp
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX, fake_key
from gatewright.import_file import import_file
from gatewright.local import daemon

from ..every_kind import ADOPT, DOMAINS, declare, deletions
from ..test_rotation import MONTHLY, SLOT
from . import troubles
from .end_state import EndState, differences, end_state
from .points import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..clone import Clone
    from .points import Point

UP, DOWN = ".venv/bin/gatewright up local", ".venv/bin/gatewright down local --yes"
TOKENS = {"agents": {"rotate": MONTHLY}}
PLANTED = {"PLANTED_OTEL": fake_secret("of-a-fault")}
"""What the shell exports, and only Cloudflare may be told."""
OTEL = [{"url": "https://otel.fake.example/v1/traces", "authorization": {"env": "PLANTED_OTEL"}}]
BEFORE: dict[str, Any] = {
    "tokens": TOKENS,
    "gateway": {"name": "agents-local", "domains": DOMAINS, "otel": OTEL},
}
CHANGED: dict[str, Any] = {
    "tokens": {"agents": {"rotate": MONTHLY, "from": ["127.0.0.0/8"]}},
    "use": ["workers-ai", "mistral", "nvidia"],
    "providers": {"nvidia": {"baseUrl": "https://nvidia.example.test/v1"}},
    "routes": {
        "fast": ["mistral/mistral-small", "workers-ai/gpt-oss-20b"],
        "slow": ["workers-ai/gpt-oss-120b"],
    },
    "gateway": {"name": "agents-local", "cache": {"ttl": "5m"}, "otel": OTEL},
}
KEPT = ("state", "local")
"""What is put back of a clone's folder .gatewright."""

UNLOCK = re.compile(r'eval "\$\(\.venv/bin/gatewright engine env[^"]*\)"; pulumi cancel --yes --stack local')
CODES = (0, 1, 130, -9)
"""Done, failed, interrupted, killed."""

COMMANDS = 6
"""More than are ever needed after a fault."""
COMMANDS_FOR_ALL = 12
"""The same where every call fails once."""

ISSUED = re.compile(rb"%s(?!deploy-)\w" % LOCAL_TOKEN_PREFIX.encode())
FORBIDDEN = ("Traceback", "panic:", "goroutine", "<{%", "NoneType", *map(fake_key, ("groq", "nvidia", "mistral")))
"""What no output may have: what a program prints when it breaks, and the keys."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A command on a day after the first slot began, with the file that it finds; `after` is the one before it."""

    command: str
    day: float
    declared: dict[str, Any]
    after: str | None


OPERATIONS = {
    "create": Operation(UP, 1, BEFORE, None),
    "update": Operation(UP, 1, CHANGED, "create"),
    "rotation": Operation(UP, 30, BEFORE, "create"),
    "expiry": Operation(UP, 38.1, BEFORE, "rotation"),
    "destroy": Operation(DOWN, 1, BEFORE, "create"),
}


@dataclass(slots=True)
class Result:
    """What came of a point. `hints` are the commands that were printed and run besides the plain one."""

    point: str
    hit: str = ""
    codes: list[int] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    texts: list[str] = field(default_factory=list)

    @property
    def end(self) -> str:
        """In a word, for the table."""
        if self.problems:
            return "FAILED"
        if not self.hit:
            return "not met"
        if len(self.codes) == 1:
            return "went on"
        return "after hints" if self.hints else "after one more"

    def record(self) -> dict[str, Any]:
        kept = asdict(self) | {"end": self.end}
        return kept if self.problems or self.hints else {name: kept[name] for name in kept if name != "texts"}


@dataclass
class Lab:
    """`snapshots` is a folder for what is put back."""

    clone: Clone
    snapshots: Path
    calls: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, EndState] = field(default_factory=dict)

    def prepare(self, name: str) -> None:
        """Run an operation, and those that it comes after, without a fault: its calls, its end."""
        if name in self.calls:
            return
        operation = OPERATIONS[name]
        if operation.after:
            self.prepare(operation.after)
        self.restore(name)
        code, text = self.run(operation.command)
        assert code == 0, text
        calls = self.clone.calls(self.logged)
        made = (f"{entry['method']} {entry['path']}" for entry in calls)
        self.calls[name] = [call for call in made if " /client/" in call]
        self.ends[name] = end_state(self.clone)
        daemon.stop(self.clone.project)
        if name in (each.after for each in OPERATIONS.values()):
            self._save(self.snapshots / name)
        self.keep(self.snapshots.parent / "prepared.json")

    def _save(self, folder: Path) -> None:
        project = self.clone.project
        for part in (*(project.work / part for part in KEPT), project.out, project.stacks):
            shutil.copytree(part, folder / part.name, dirs_exist_ok=True)

    def keep(self, file: Path) -> None:
        """Write down what is prepared, for the next run."""
        file.write_text(json.dumps({"port": self.clone.port, "calls": self.calls, "ends": self.ends}))

    def restore(self, name: str) -> None:
        """Put everything where the operation starts: its day, its file."""
        operation, project = OPERATIONS[name], self.clone.project
        daemon.stop(project)
        saved = self.snapshots / (operation.after or "nothing")
        for folder in (*(project.work / part for part in KEPT), project.out):
            shutil.rmtree(folder, ignore_errors=True)
            if (saved / folder.name).exists():
                shutil.copytree(saved / folder.name, folder)
        config = project.stacks / "Pulumi.local.yaml"
        config.unlink(missing_ok=True)
        if operation.after:
            shutil.copy(saved / "stacks" / config.name, config)
        import_file(project, "local").unlink(missing_ok=True)
        self.clone.exported.update(PLANTED)
        declare(self.clone, **operation.declared)
        self.start(operation)
        self.logged = self.clone.seen()

    def start(self, operation: Operation) -> None:
        """The local Cloudflare, at the operation's day."""
        daemon.start(self.clone.project, self.clone.port)
        text = format_timestamp(SLOT + int(operation.day * DAY))
        self.clone.exported[NOW] = text
        assert troubles.ask(self.clone, "PUT", "clock", {"now": text}).is_success

    def run(self, command: str) -> tuple[int, str]:
        """A line of a shell, as a message prints it."""
        done = self.clone.complete(["bash", "-c", command], self.clone.shell())
        return done.returncode, done.stdout

    def try_point(self, point: Point) -> Result:
        """Run a point: the command with the trouble, and plain ones until all is as it is without."""
        self.prepare(point.operation)
        begin, result = time.monotonic(), Result(str(point))
        self.restore(point.operation)
        try:
            self._try(point, result)
        except subprocess.TimeoutExpired as error:
            result.problems.append(f"it does not end: {error}")
            for process in self.clone.processes():
                os.kill(process, signal.SIGKILL)
        result.seconds = round(time.monotonic() - begin, 1)
        return result

    def _try(self, point: Point, result: Result) -> None:
        operation = OPERATIONS[point.operation]
        calls = self.calls[point.operation]
        code, text, result.hit = troubles.run(self.clone, operation.command, point, calls, self.logged)
        self._note(result, code, text)
        if result.hit:
            self.start(operation)  # a destroy stops it
            if point.number != ALL:
                troubles.remove_faults(self.clone)
            self._recover(result, operation, COMMANDS if point.number != ALL else COMMANDS_FOR_ALL)
            result.problems += differences(self.ends[point.operation], end_state(self.clone))
            result.problems += leaks(self._files())
        if result.hit and point.number == ALL:
            result.hit = f"{len(troubles.failed_calls(self.clone, self.logged))} calls"

    def _recover(self, result: Result, operation: Operation, commands: int) -> None:
        while len(result.codes) < commands:
            has_failed = result.codes[-1] != 0
            hints = [hint for hint in hints_in(result.texts[-1]) if hint not in result.hints]
            hints = [hint for hint in hints if has_failed or hint != ADOPT]  # that of a state that was restored
            if not has_failed and not hints:
                return
            for hint in hints:
                troubles.remove_faults(self.clone)
                result.hints.append(hint)
                code, text = self.run(hint)
                if code:
                    result.problems.append(f"{hint} ended with {code}: {text}")
            self._note(result, *self.run(operation.command))
        result.problems.append(f"not done after {commands} commands: {result.texts[-1]}")

    def _note(self, result: Result, code: int, text: str) -> None:
        result.codes.append(code)
        result.texts.append(text)
        if code not in CODES:
            result.problems.append(f"exit code {code}: {text}")
        result.problems += [f"the output has {word!r}: {text}" for word in FORBIDDEN if word in text]
        result.problems += leaks({"the output": text.encode()})

    def _files(self) -> dict[str, bytes]:
        """What the commands have written. The local Cloudflare's state stands in for Cloudflare's."""
        project = self.clone.project
        found = files_below(project.work, project.out, project.stacks)
        return {name: data for name, data in found.items() if not name.startswith(f"{project.local}/")}


def leaks(places: Mapping[str, bytes]) -> list[str]:
    """A line for each place that has the planted secret in any encoding, or a token that Cloudflare has issued."""
    lines = []
    for place, data in places.items():
        lines += [
            f"{place} has {variable} as {forms}"
            for variable, value in PLANTED.items()
            if (forms := find_secret(data, value))
        ]
        lines += [f"{place} has a token"] * bool(ISSUED.search(data))
    return lines


def hints_in(text: str) -> list[str]:
    """The commands that a message tells to run, but for the plain one."""
    repairs = re.findall(r"(?:rm|cp|echo version: 1 >) [^\n;]*/\.gatewright/[^\n;]*", text)
    return list(dict.fromkeys([*UNLOCK.findall(text), *repairs, *([ADOPT] if ADOPT in text else []), *deletions(text)]))
