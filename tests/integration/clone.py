"""A checkout of its own that runs this one's code, on the real engine and a local Cloudflare of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import yaml
from shipped_stacks import copy_stacks

from gatewright.engine.find import Engine
from gatewright.engine.variables import apply_variables, local_variables
from gatewright.engine.versions import MINIMUM
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url, gateway_url
from gatewright.io.processes import processes_of
from gatewright.local import daemon
from gatewright.local.server.core import request_log
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .pairs import Pair

LINKED = (".venv", "components", "gatewright", "schemas")
COPIED = ("Pulumi.yaml", "__main__.py")
MARK = "GATEWRIGHT_TEST_CLONE"
"""The variable by which every process of a clone is known."""

ENDS_WITHIN = 20.0
"""Seconds that the programs of a killed engine have: the official plugin looks for its engine every five."""

ACCOUNT = f"/accounts/{LOCAL_ACCOUNT}"

Changes = dict[str, tuple[str, ...]]
"""By resource: the operation, and the properties that differ; nothing for what stays."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clone:
    """One clone with stack `local`; `port` is its Cloudflare's."""

    project: Project
    pair: Pair
    port: int
    exported: dict[str, str] = field(default_factory=dict)
    """What the user exported in the shell."""
    mark: str = field(default_factory=lambda: uuid4().hex)

    @classmethod
    def make(cls, checkout: Project, folder: Path, pair: Pair, port: int) -> Clone:
        """In `folder`, which is made; nothing runs yet."""
        copy_stacks(checkout, folder / "stacks")
        for name in LINKED:
            (folder / name).symlink_to(checkout.root / name)
        for name in COPIED:
            shutil.copy(checkout.root / name, folder / name)
        clone = cls(Project(folder), pair, port)
        clone.project.engine_bin.parent.mkdir(parents=True)
        clone.project.engine_bin.symlink_to(pair.bin)
        clone.declare()
        return clone

    # what is declared, and what is run

    def declare(self, **keys: Any) -> None:
        """What stacks/local.yaml says from now on. What base.yaml rotates does not, unless it is said to: the token's
        resource is called agents then, without a date."""
        if keys.get("extends", "base.yaml") == "base.yaml":
            tokens = dict(keys.pop("tokens", {}))
            tokens["agents"] = {"rotate": None, **tokens.get("agents", {})}
            keys["tokens"] = tokens
        self.write(**keys)

    def write(self, **keys: Any) -> None:
        """The same to the letter, beside what makes it a local one."""
        declared = {"extends": "base.yaml", "local": {"port": self.port}, "protect": False, **keys}
        (self.project.stacks / "local.yaml").write_text(yaml.safe_dump(declared))

    def shell(self) -> dict[str, str]:
        """The variables that a user's shell has: no engine on PATH, no Pulumi or Cloudflare settings. Python keeps what
        it compiles: an up starts six processes, and takes 10 instead of 16 seconds of CPU time."""
        foreign = ("PULUMI_", "CLOUDFLARE_", "GATEWRIGHT_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        folders = [each for each in kept["PATH"].split(os.pathsep) if not (Path(each) / "pulumi").exists()]
        return kept | {
            "PATH": os.pathsep.join(folders),
            "PULUMI_HOME": str(self.pair.home),
            MARK: self.mark,
            **self.exported,
        }

    def variables(self) -> dict[str, str]:
        """The same after `eval "$(gatewright engine env)"`."""
        return apply_variables(local_variables(self.project, self.engine, self.shell()), self.shell())

    def gatewright(self, *arguments: str, code: int = 0) -> str:
        """Our own program; it must end with `code`. All that it printed."""
        program = self.project.root / ".venv/bin/gatewright"
        return self._run([str(program), *arguments], self.shell(), code)

    def pulumi(self, *arguments: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """Plain `pulumi` in the shell of `engine env`; it must end with `code`. All that it printed."""
        return self._run(self.command(*arguments), self.variables() | dict(variables or {}), code)

    @property
    def engine(self) -> Engine:
        """The engine, not asked for its version: that takes a while, and is known."""
        return Engine(self.project.engine_bin / "pulumi", MINIMUM, "built")

    def command(self, *arguments: str) -> list[str]:
        return [str(self.engine.path), "--non-interactive", "--color=never", *arguments]

    def _run(self, command: list[str], environment: Mapping[str, str], code: int) -> str:
        done = self.complete(command, environment)
        assert done.returncode == code, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def complete(self, command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Any program in the folder of the project, with both outputs as one, however it ends."""
        return subprocess.run(
            command,
            cwd=self.project.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """`pulumi` in a process group of its own, to be interrupted or killed."""
        with self.process(self.command(*arguments), self.variables()) as process:
            yield process

    def process(self, command: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
        """A command in a process group of its own, to be interrupted or killed."""
        return subprocess.Popen(
            command,
            cwd=self.project.root,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    # what the engine does

    def start(self) -> None:
        """Everything up to an empty stack: engine and plugin in place, Cloudflare running."""
        self.gatewright("engine", "install")
        self.gatewright("local", "start", "--port", str(self.port))
        self.pulumi("stack", "init", "local")

    def up(self, *flags: str, code: int = 0) -> Changes:
        """`pulumi up`, and what it did."""
        return _changes(self.events("up", "--yes", "--skip-preview", *flags, code=code))

    def events(self, *arguments: str, code: int = 0) -> list[Json]:
        """The engine's own events of one command."""
        file = self.project.work / "events"
        file.unlink(missing_ok=True)
        debug = {"PULUMI_DEBUG_COMMANDS": "true"}
        self.pulumi(*arguments, "--event-log", str(file), code=code, variables=debug)
        return [json.loads(line) for line in file.read_text().splitlines()]

    def planned(self, *command: str) -> Changes:
        """What a preview plans."""
        return _changes(self.events(*(command or ("preview",))))

    def expect_no_changes(self) -> None:
        """Fails where Cloudflare, the disk and the program do not agree."""
        self.pulumi("preview", "--refresh", "--expect-no-changes")

    def deployment(self) -> Json:
        """The stack's state, secrets in clear."""
        exported: Json = json.loads(self.pulumi("stack", "export", "--show-secrets"))["deployment"]
        return exported

    def resources(self) -> dict[str, Json]:
        """What the state knows of each resource, by its URN: id, inputs, outputs, parent, protection; secrets in clear.

        Left out: times, and the places in the program.
        """
        kept = ("type", "id", "custom", "inputs", "outputs", "parent", "protect")
        return {
            each["urn"]: {
                **{name: each[name] for name in kept if name in each},
                "dependencies": sorted(each.get("dependencies", ())),  # the engine keeps them in any order
            }
            for each in self.deployment()["resources"]
        }

    def outputs(self) -> Json:
        """The stack's outputs, secrets in clear."""
        found: Json = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))
        return found

    def holding(self, secret: str) -> list[str]:
        """The files of the clone that hold a secret in clear: state, event log, emitted files. Not its Cloudflare's."""
        places = (self.project.work / "state", self.project.work / "events", self.project.out, self.project.stacks)
        files = [file for place in places for file in (place, *place.rglob("*")) if file.is_file()]
        return [str(file) for file in files if secret.encode() in file.read_bytes()]

    # what its Cloudflare knows

    def calls(self, after: int = 0) -> list[request_log.Entry]:
        """The requests so far, beyond the entry `after`."""
        return list(request_log.read(daemon.state_file(self.project), after))

    def seen(self) -> int:
        """The id of the last request."""
        return max((entry["id"] for entry in self.calls()), default=0)

    def changing(self, after: int) -> list[str]:
        """The requests to the control plane that change something: `POST /client/v4/…`."""
        return [
            f"{entry['method']} {entry['path']}"
            for entry in self.calls(after)
            if entry["method"] != "GET" and entry["path"].startswith("/client/")
        ]

    def api(
        self, method: str, path: str, token: str = LOCAL_DEPLOY_TOKEN, *, below: str = ACCOUNT, **request: Any
    ) -> Any:
        """`result` of one call to the control plane, by default of the account."""
        url = f"{control_plane_url(self.port)}{below}{path}"
        with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
            answer = client.request(method, url, **request)
        assert answer.is_success, answer.text
        return answer.json()["result"]

    def gateway(self, name: str = "agents-local") -> Json:
        found: Json = self.api("GET", f"/ai-gateway/gateways/{name}")
        return found

    def ask(self, token: str, question: str = "What is 2+2?", gateway: str = "agents-local") -> httpx.Response:
        """One question through a gateway."""
        with httpx.Client(trust_env=False) as client:
            return client.post(
                f"{gateway_url(self.port, LOCAL_ACCOUNT, gateway)}/compat/chat/completions",
                headers={"cf-aig-authorization": f"Bearer {token}"},
                json={"model": "groq/openai/gpt-oss-20b", "messages": [{"role": "user", "content": question}]},
            )

    def order(self, **fault: Any) -> None:
        """A failure of the control plane."""
        url = f"http://127.0.0.1:{self.port}/__local__/faults"
        assert httpx.post(url, json={"on": "control", **fault}, trust_env=False).is_success

    def is_calm(self, text: str) -> bool:
        """Whether a failure was shown without a traceback; the official host prints one when it is interrupted."""
        return self.pair.is_official or "Traceback" not in text

    # the end

    def end(self) -> None:
        """Stop its Cloudflare; nothing of the clone may be left running."""
        daemon.stop(self.project)
        deadline = time.monotonic() + ENDS_WITHIN
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in left:
            os.kill(process, signal.SIGKILL)
        assert not left or self.pair.is_official, f"left behind: {left}"  # the official host stays after a kill

    def processes(self) -> dict[int, str]:
        """The clone's processes: id -> command."""
        processes = processes_of(sys.platform)
        assert processes is not None
        return {
            pid: " ".join(arguments)
            for pid, arguments in processes.arguments()
            if (processes.variables(pid) or {}).get(MARK) == self.mark
        }


def _changes(events: list[Json]) -> Changes:
    steps = (event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event)
    steps = (step for step in steps if not step["type"].startswith("pulumi:providers:"))  # they come with the calls
    return {
        _called(step["urn"]): (step["op"], *_differing(step)) for step in steps if step["op"] not in ("same", "refresh")
    }


def _differing(step: Json) -> list[str]:
    """What the engine shows as changed: what the plugin says in detail, else what differs between the inputs."""
    if step["detailedDiff"]:
        return sorted(step["detailedDiff"])
    if not (step.get("old") and step.get("new")):
        return []
    old, new = step["old"]["inputs"], step["new"]["inputs"]
    return sorted(name for name in old | new if old.get(name) != new.get(name))


def _called(urn: str) -> str:
    """`AiGateway agents-local` for urn:pulumi:local::gatewright::…:AiGateway::agents-local."""
    _, _, kind, name = urn.split("::", 3)
    return f"{kind.rpartition(':')[2]} {name}"
