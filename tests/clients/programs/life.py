"""The real programs on one machine, with one stack behind them: what each is asked, and what the user has there."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from integration.clone import Clone

from gatewright.clients import CLIENTS
from gatewright.clock import NOW, format_timestamp, parse_timestamp
from gatewright.cloudflare.generations import DAY

from .install import Program
from .run import PATIENCE
from .test_litellm import MASTER_KEY, wait_until_it_listens

BEGIN = parse_timestamp("2030-01-01T00:00:00Z")
QUIET = {
    "DO_NOT_TRACK": "1",
    "LANG": "C.UTF-8",
    "PI_OFFLINE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "CONTINUE_TELEMETRY_ENABLED": "0",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MASTER_KEY": MASTER_KEY,
    "AIDER_ANALYTICS": "false",
}
"""What keeps the programs from asking anybody else."""

AIDER = ("--no-git", "--no-check-update", "--no-show-release-notes", "--analytics-disable", "--yes-always")


@dataclass(frozen=True, slots=True)
class Life:
    """One program: the package that brings it, what `asks` a question (at its end), the path and the model that must
    stand in Cloudflare's log, and the user's own files."""

    package: str
    asks: tuple[str, ...]
    path: str
    model: str
    users: Mapping[str, str]


CHAT, SMALL, FAST = "compat/chat/completions", "mistral-tiny", "llama-3.1-8b-instant"
LIVES: Mapping[str, Life] = {
    "openclaw": Life(
        "openclaw",
        ("openclaw", "infer", "model", "run", "--local", "--model", "agents-local/mistral/mistral-tiny", "--prompt"),
        CHAT,
        SMALL,
        {".openclaw/openclaw.json": '// mine\n{\n  agents: { defaults: { workspace: "~/work", }, }, // mine\n}\n'},
    ),
    "pi": Life(
        "@earendil-works/pi-coding-agent",
        ("pi", "--no-session", "--no-tools", "-p"),
        CHAT,
        FAST,
        {
            ".pi/agent/models.json": '{\n\t// mine\n\t"providers": {}\n}\n',
            ".pi/agent/settings.json": '{\n  "theme": "dark"\n}\n',
        },
    ),
    "opencode": Life(
        "opencode-ai",
        ("opencode", "run"),
        CHAT,
        FAST,
        {".config/opencode/opencode.jsonc": '{\n  // mine\n  "share": "disabled",\n}\n'},
    ),
    "claude-code": Life(
        "@anthropic-ai/claude-code",
        ("claude", "--settings", "{home}/.claude/agents-local.settings.json", "-p"),
        "anthropic/v1/messages",
        "claude-sonnet-4",
        {".claude/settings.json": '{"cleanupPeriodDays": 7}\n'},
    ),
    "codex": Life(
        "@openai/codex",
        ("codex", "exec", "-p", "agents-local", "--skip-git-repo-check"),
        "openai/responses",
        "gpt-4o-mini",
        {".codex/config.toml": '# mine\nmodel_reasoning_effort = "low"\n'},
    ),
    "continue": Life(
        "@continuedev/cli",
        ("cn", "-p"),
        CHAT,
        FAST,
        {".continue/config.yaml": "# mine\nname: mine\nversion: 0.0.1\nschema: v1\nmodels: [] # none yet\n"},
    ),
    "llm": Life(
        "llm",
        ("llm", "-m", "agents-local/dynamic/fast"),
        CHAT,
        FAST,
        {".config/io.datasette.llm/extra-openai-models.yaml": "# mine\n- model_id: own\n  model_name: x\n"},
    ),
    "aider": Life(
        "aider",
        ("aider", "--config", "{home}/.aider/agents-local.conf.yml", *AIDER, "--no-stream", "--message"),
        CHAT,
        FAST,
        {".aider.conf.yml": "# mine\ndark-mode: true\n"},
    ),
}
LITELLM = Life("litellm", (), CHAT, FAST, {".config/litellm/config.yaml": "# mine\nmodel_list: []\n"})


@dataclass(frozen=True, slots=True)
class World:
    """A user's machine: a home, the programs on PATH, and a clone whose stack is up."""

    clone: Clone
    home: Path
    bin: Path

    @classmethod
    def of(cls, clone: Clone, home: Path) -> World:
        """Nothing of the machine that runs the tests is seen but its system's programs."""
        made = cls(clone, home, home.with_name("programs"))
        home.mkdir()
        made.bin.mkdir()
        own = clone.project.root / ".venv/bin"
        path = os.pathsep.join([str(made.bin), str(own), "/usr/bin", "/bin"])
        clone.exported.update(QUIET, HOME=str(home), PATH=path)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "OPENCODE_CONFIG"):
            assert name not in os.environ, f"{name} would lead out of the home"
        return made

    def add(self, client: str, program: Program, users: Mapping[str, str]) -> None:
        """Puts a program on PATH and the user's files into the home."""
        known = CLIENTS[client].program
        assert known is not None
        link = self.bin / known.command
        link.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, program.command))} "$@"\n', encoding="utf-8")
        link.chmod(0o755)
        for name, text in users.items():
            file = self.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())

    def set(self, days: float) -> None:
        """What day it is, for gatewright and for Cloudflare."""
        text = format_timestamp(BEGIN + int(days * DAY))
        self.clone.exported[NOW] = text
        url = f"http://127.0.0.1:{self.clone.port}/__local__/clock"
        assert httpx.put(url, json={"now": text}, trust_env=False).is_success

    def run(self, client: str, *command: str, code: int = 0) -> str:
        """A command with the client's variables, as `gatewright run` gives them."""
        return self.clone.gatewright("run", "local", "--client", client, "--", *command, code=code)

    def ask(self, client: str, life: Life, question: str) -> str:
        """One question; what the program printed."""
        command = [each.replace("{home}", str(self.home)) for each in life.asks]
        return self.run(client, *command, question)

    def doctor(self, client: str, *, code: int = 0, **variables: str) -> dict[str, str]:
        """What `gatewright doctor` finds with the client's newest variables, or with these; the faults are marked."""
        command = ("gatewright", "doctor", "local", client, "--format", "json")
        before = dict(self.clone.exported)
        self.clone.exported.update(variables)
        try:
            said = (
                self.clone.gatewright(*command[1:], code=code) if variables else self.run(client, *command, code=code)
            )
        finally:
            self.clone.exported.clear()
            self.clone.exported.update(before)
        rows = json.loads(said[said.index("[\n") :])
        return {row["name"]: ("✗ " if row["fault"] else "") + row["found"] for row in rows}

    def variables(self, client: str) -> dict[str, str]:
        """The client's variables as they are now."""
        said = self.clone.gatewright("env", "local", "--client", client, "--format", "json")
        found: dict[str, str] = json.loads(said[said.index("{\n") :])
        return found

    def last(self) -> int:
        """The number of the newest request in Cloudflare's log."""
        return max((int(entry["id"]) for entry in self._log(0)), default=0)

    def requests(self, after: int) -> list[dict[str, Any]]:
        """The requests for answers beyond the entry `after`."""
        return [each for each in self._log(after) if each["path"].startswith("/v1/") and each["method"] == "POST"]

    def _log(self, after: int) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.clone.port}/__local__/log"
        found: list[dict[str, Any]] = httpx.get(url, params={"after": after}, trust_env=False).raise_for_status().json()
        return found

    @contextmanager
    def proxy(self, port: int) -> Iterator[httpx.Client]:
        """LiteLLM's proxy, started by `gatewright run`."""
        log = self.home / "proxy.log"
        config = str(self.home / ".config/litellm/agents-local.yaml")
        command = ["litellm", "--config", config, "--host", "127.0.0.1", "--port", str(port)]
        with log.open("w") as file:
            process = subprocess.Popen(
                ["gatewright", "run", "local", "--client", "litellm", "--", *command],
                cwd=self.clone.project.root,
                env=self.clone.shell(),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        headers = {"Authorization": f"Bearer {MASTER_KEY}"}
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
                wait_until_it_listens(process, client, log)
                yield client
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
