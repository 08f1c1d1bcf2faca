"""Programs that keep running: each answers prompts in one session, over its protocol of JSON documents, one a line."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from local.ports import free_port

from gatewright.clients.common.installation import after_sourcing

from .life import QUIET, World
from .proxy import listening
from .tested_program import PROMPT

Document = dict[str, Any]
Ask = Callable[[], str]
"""Sends the prompt in the running session; what the program writes for it."""

_CLAUDE = ("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose")
_KEPT = {"HOME", "PATH", "LANG", *QUIET}


@dataclass(frozen=True)
class Connection:
    """The standard input and output of a running program."""

    process: subprocess.Popen[str]
    numbers: Iterator[int]

    def send(self, document: Document) -> None:
        """Write a document."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(document) + "\n")
        self.process.stdin.flush()

    def read_until(self, is_last: Callable[[Document], bool]) -> list[Document]:
        """The documents up to the last one, which must come before the program ends."""
        assert self.process.stdout
        documents = []
        for line in self.process.stdout:
            if line.startswith("{"):
                documents.append(json.loads(line))
                if is_last(documents[-1]):
                    return documents
        raise AssertionError(f"the program has ended after {documents}")

    def call(self, method: str, **parameters: Any) -> list[Document]:
        """Call a method of JSON-RPC: the notifications up to its response, which is the last document."""
        number = next(self.numbers)
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        documents = self.read_until(lambda document: document.get("id") == number and "method" not in document)
        assert "result" in documents[-1], documents[-1]
        return documents


def _variables(world: World) -> dict[str, str]:
    """Those of a shell, without any token."""
    return {name: value for name, value in world.clone.shell().items() if name in _KEPT}


@contextmanager
def running(world: World, command: Sequence[str]) -> Iterator[Connection]:
    """Start the program, and kill it in the end."""
    with subprocess.Popen(
        command, cwd=world.home, env=_variables(world), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Connection(process, count(1))
        finally:
            process.kill()


@contextmanager
def claude_code(world: World) -> Iterator[Ask]:
    """Claude Code without a terminal, as its SDK runs it."""
    message = {"type": "user", "message": {"role": "user", "content": PROMPT}}
    settings = world.home / ".claude/agents-local.settings.json"
    with running(world, ["claude", "--settings", str(settings), *_CLAUDE]) as connection:
        yield lambda: _exchange(connection, message, "result")


@contextmanager
def pi(world: World) -> Iterator[Ask]:
    """Pi in its RPC mode."""
    message = {"type": "prompt", "message": PROMPT}
    with running(world, ["pi", "--mode", "rpc", "--no-session", "--no-tools"]) as connection:
        yield lambda: _exchange(connection, message, "agent_end")


@contextmanager
def codex(world: World) -> Iterator[Ask]:
    """Codex's app server, which editors run. It takes no profile, so the thread gets its settings."""
    settings = tomllib.loads((world.home / ".codex/agents-local.config.toml").read_text(encoding="utf-8"))
    with running(world, ["codex", "app-server"]) as connection:
        connection.call("initialize", clientInfo={"name": "tests", "version": "1"})
        connection.send({"method": "initialized"})
        thread = connection.call("thread/start", config=settings, cwd=str(world.home))[-1]["result"]["thread"]["id"]

        def ask() -> str:
            connection.call("turn/start", threadId=thread, input=[{"type": "text", "text": PROMPT}])
            return json.dumps(connection.read_until(lambda document: document.get("method") == "turn/completed"))

        yield ask


@contextmanager
def agent_client_protocol(world: World, command: Sequence[str], sourced: Path | None = None) -> Iterator[Ask]:
    """A program that speaks the Agent Client Protocol, by which editors run it."""
    with running(world, after_sourcing(sourced, list(command))) as connection:
        connection.call("initialize", protocolVersion=1, clientCapabilities={})
        session = connection.call("session/new", cwd=str(world.home), mcpServers=[])[-1]["result"]["sessionId"]

        def ask() -> str:
            prompt = [{"type": "text", "text": PROMPT}]
            return _text_of(connection.call("session/prompt", sessionId=session, prompt=prompt))

        yield ask


@dataclass(frozen=True)
class OpenClaw:
    """OpenClaw's command line beside its running gateway, which keeps its secrets in memory."""

    folder: Path
    variables: Mapping[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of OpenClaw, which calls the gateway."""
        return subprocess.run(
            ["openclaw", *arguments], cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False
        )

    def ask(self) -> str:
        """Send the prompt to the gateway's agent."""
        return self.run("agent", "--agent", "main", "--message", PROMPT, "--json").stdout


@contextmanager
def openclaw(world: World) -> Iterator[OpenClaw]:
    """OpenClaw's gateway, as a service manager runs it."""
    port = free_port()
    variables = {
        **_variables(world),
        "OPENCLAW_GATEWAY_PORT": str(port),
        "OPENCLAW_GATEWAY_TOKEN": "fake-token-of-openclaw",
    }
    command = ["openclaw", "gateway", "run", "--bind", "loopback", "--port", str(port), "--allow-unconfigured"]
    with listening(command, variables, world.home, port, probe="/startupz"):
        yield OpenClaw(world.home, variables)


def _exchange(connection: Connection, message: Document, last: str) -> str:
    connection.send(message)
    return json.dumps(connection.read_until(lambda document: document.get("type") == last))


def _text_of(documents: Sequence[Document]) -> str:
    """The answer, which comes in pieces."""
    updates = [document["params"]["update"] for document in documents if document.get("method") == "session/update"]
    return "".join(update["content"]["text"] for update in updates if update["sessionUpdate"] == "agent_message_chunk")
