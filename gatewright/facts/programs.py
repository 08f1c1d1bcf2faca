"""The client programs as a machine knows them: their command, their package, the processes that go on running.

Sources: the programs' own documentation, and their processes as they were seen in the versions that the tests pin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process of the program that goes on running with the variables it was started with; `word` stands among its
    first arguments, `restart` says in words how it takes new ones."""

    name: str  # OpenClaw's gateway
    word: str | None
    restart: str


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the program keeps its own files: in the folder that `variable` names, else in `name` below the home, which
    is another one where the program has a variable for it."""

    name: str
    variable: str
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """One program; `version` are the arguments that make it say its own. Of `env_file`, a dotenv file in its folder, it
    reads what its environment lacks."""

    command: str
    package: str
    version: tuple[str, ...] = ("--version",)
    daemon: Daemon | None = None
    folder: Folder | None = None
    env_file: str | None = None

    def is_daemon(self, arguments: Sequence[str]) -> bool:
        """Whether a process with these arguments is the program's daemon: started by its script, whatever runs that, or
        under the title that it gives itself."""
        if self.daemon is None or not arguments:
            return False
        word = self.daemon.word
        if word and PurePosixPath(arguments[0]).name == f"{self.command}-{word}":
            return True
        started = any(self.command in (*path.parts, path.stem) for path in map(PurePosixPath, arguments[:2]))
        return started and (word is None or word in arguments[1:4])


OPENCLAW_FOLDER = Folder(".openclaw", "OPENCLAW_STATE_DIR", home="OPENCLAW_HOME")
CONTINUE_FOLDER = Folder(".continue", "CONTINUE_GLOBAL_DIR")

PROGRAMS: Mapping[str, Program] = {
    "openclaw": Program(
        "openclaw",
        "openclaw (npm)",
        daemon=Daemon("OpenClaw's gateway", "gateway", "openclaw gateway restart"),
        folder=OPENCLAW_FOLDER,
        env_file=".env",
    ),
    "pi": Program("pi", "@earendil-works/pi-coding-agent (npm)"),
    "opencode": Program("opencode", "opencode-ai (npm)"),
    "litellm": Program(
        "litellm",
        "litellm[proxy] (PyPI)",
        daemon=Daemon("LiteLLM's proxy", None, "end it, then: gatewright run {environment} -- litellm --config FILE"),
    ),
    "claude-code": Program("claude", "@anthropic-ai/claude-code (npm)"),
    "codex": Program("codex", "@openai/codex (npm)"),
    "continue": Program("cn", "@continuedev/cli (npm)", folder=CONTINUE_FOLDER, env_file=".env"),
    "llm": Program("llm", "llm (PyPI)"),
    "aider": Program("aider", "aider-chat (PyPI)"),
}
"""By the client's name; the clients that are not here are formats, which any program may read."""
