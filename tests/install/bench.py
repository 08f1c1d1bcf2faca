"""A project and a home, for the tests of install."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatewright.environment.resolved import Environment
from gatewright.install import InstalledClient, Machine, Options, Outcome, Preview, inspect, install, uninstall
from gatewright.install.operation import do_nothing
from gatewright.project import Project
from gatewright.workspace import open_one

OPENCLAW = """\
// what I have
{
  agents: { defaults: { model: "openai/gpt-5", }, },   // my model
  channels: { telegram: { botToken: "4711:fake-secret-of-a-bot" } },
  models: {
    providers: {
      // on this machine
      ollama: { baseUrl: "http://127.0.0.1:11434", apiKey: "fake-secret-key", models: [] },
    },
  },
}
"""


BOT_TOKEN = OPENCLAW.partition('botToken: "')[2].partition('"')[0]
"""The secret of the user's that OPENCLAW holds."""


@dataclass
class Bench:
    """A project, and a home in which clients are installed."""

    project: Project
    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    previews: list[Preview] = field(default_factory=list)
    platform: str = "linux"

    @property
    def machine(self) -> Machine:
        return Machine(self.home, {"PATH": os.environ["PATH"], **self.variables}, self.project.root, self.platform)

    @property
    def openclaw(self) -> Path:
        return self.home / ".openclaw" / "openclaw.json"

    def file(self, path: str | Path, text: str | bytes = OPENCLAW) -> Path:
        """A file of the user's, in the home."""
        full = self.home / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text if isinstance(text, bytes) else text.encode())
        return full

    def environment(self, name: str) -> Environment:
        return open_one(self.project, name)

    def rewrite(self, name: str, text: str) -> None:
        """Replace the text of an environment file."""
        (self.project.stacks / f"{name}.yaml").write_text(text, encoding="utf-8")

    def install(self, name: str, client: str, *, on_wait: Callable[[], None] = do_nothing, **options: Any) -> Outcome:
        """Install with these options; the previews are in `previews`."""
        return install(
            self.project,
            self.environment(name),
            client,
            self.machine,
            Options(**options),
            on_wait=on_wait,
            on_preview=self.previews.append,
        )

    def uninstall(self, name: str, client: str, **options: Any) -> Outcome:
        return uninstall(self.project, name, client, self.machine, Options(**options), on_preview=self.previews.append)

    def inspect(self, name: str, client: str) -> InstalledClient:
        return inspect(self.project, self.environment(name), client, self.machine)

    def files(self) -> dict[str, bytes]:
        """All files in the home, except gatewright's journal."""
        paths = (path for path in self.home.rglob("*") if path.is_file() and ".local" not in path.parts)
        return {str(path.relative_to(self.home)): path.read_bytes() for path in paths}

    @property
    def journal(self) -> str:
        """The text of all records of the journal."""
        records = (self.home / ".local" / "state" / "gatewright" / "installed").glob("*.json")
        return "".join(path.read_text(encoding="utf-8") for path in records)
