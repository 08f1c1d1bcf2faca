"""Where things stand in a checkout: the one place that knows its paths."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gatewright.errors import UsageError


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout, by its root: the folder that holds Pulumi.yaml."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project around `start` (default: the working directory).

        Raises UsageError when no folder from there upwards holds both Pulumi.yaml and stacks/.
        """
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / "Pulumi.yaml").is_file() and (folder / "stacks").is_dir():
                return cls(folder)
        raise UsageError(
            f"{here} is not inside a gatewright project", "change to the folder that holds Pulumi.yaml and stacks/"
        )

    @property
    def stacks(self) -> Path:
        """What a user edits: the environment files."""
        return self.root / "stacks"

    @property
    def out(self) -> Path:
        """The emitted files, one folder an environment."""
        return self.root / "out"

    @property
    def schemas(self) -> Path:
        """The JSON schemas of the environment files and of the clients' files."""
        return self.root / "schemas"

    @property
    def work(self) -> Path:
        """What the tool makes for itself on this machine; git ignores it, `make clean` removes it."""
        return self.root / ".gatewright"

    @property
    def python(self) -> Path:
        """The project's own Python."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def engine_bin(self) -> Path:
        """The folder of the engine that was built or downloaded here, with its language host."""
        return self.work / "engine" / "bin"

    @property
    def pulumi_home(self) -> Path:
        """The PULUMI_HOME of the local stack; never the user's own, where a stand-in would hide the official plugin."""
        return self.work / "pulumi"

    @property
    def local(self) -> Path:
        """State, log and process id of the local Cloudflare."""
        return self.work / "local"

    def shown(self, path: Path) -> str:
        """`path` as messages show it: relative to the root where it is inside."""
        return os.path.relpath(path, self.root) if path.is_relative_to(self.root) else str(path)
