"""The paths of a project. No other module spells them."""

from __future__ import annotations

import os
from pathlib import Path

from gatewright.errors import UsageError
from gatewright.frozen import frozen


@frozen
class Project:
    """A project by its root, the folder with Pulumi.yaml."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project that contains `start` (default: the working directory).

        Raises:
            UsageError: neither this folder nor a parent has Pulumi.yaml and stacks/.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "Pulumi.yaml").is_file() and (folder / "stacks").is_dir():
                return cls(folder)
        raise UsageError(
            f"{start} is not in a gatewright project", "change to the folder with Pulumi.yaml and stacks/, or below it"
        )

    @classmethod
    def of_program(cls) -> Project:
        """The project of the Pulumi program that runs here, with or without environment files.

        Raises:
            UsageError: neither the working directory nor a parent has a project file.
        """
        start = Path.cwd()
        for folder in (start, *start.parents):
            if any((folder / f"Pulumi.{suffix}").is_file() for suffix in ("yaml", "yml", "json")):
                return cls(folder)
        raise UsageError(f"{start} is not in a Pulumi project", "change to the folder with Pulumi.yaml, or below it")

    @property
    def is_checkout(self) -> bool:
        """Whether this is the repository of gatewright itself, which has its own make targets."""
        return (self.root / "gatewright" / "__init__.py").is_file()

    @property
    def stacks(self) -> Path:
        """The environment files, which users edit."""
        return self.root / "stacks"

    @property
    def policies(self) -> Path:
        """The rules of an organisation, which need not exist."""
        return self.root / "policies.yaml"

    @property
    def out(self) -> Path:
        """The emitted files, one folder per environment."""
        return self.root / "out"

    @property
    def editor_schema(self) -> Path:
        """The schema that the environment files name for editors: committed beside them, or written on this machine."""
        return self._schema("environment")

    @property
    def policies_schema(self) -> Path:
        """The schema that policies.yaml names for editors."""
        return self._schema("policies")

    @property
    def policy_tests_schema(self) -> Path:
        """The schema that the tests of policies name for editors."""
        return self._schema("policy-tests")

    def _schema(self, kind: str) -> Path:
        name = f"{kind}.schema.json"
        committed = self.root / "schemas" / name
        return committed if committed.is_file() else self.work / name

    @property
    def schema_comment(self) -> str:
        """The first line of an environment file, which names its schema to editors."""
        return f"# yaml-language-server: $schema=../{self.editor_schema.relative_to(self.root)}\n"

    @property
    def work(self) -> Path:
        """Files of gatewright itself on this machine. Git ignores the folder; `make clean` removes it."""
        return self.root / ".gatewright"

    @property
    def python(self) -> Path:
        """The Python of the project's virtual environment."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def engine_bin(self) -> Path:
        """The engine that was built or downloaded here, with its language host."""
        return self.work / "engine" / "bin"

    @property
    def bin(self) -> Path:
        """The programs that are on the engine's PATH whichever engine it is."""
        return self.work / "bin"

    @property
    def pulumi_home(self) -> Path:
        """The PULUMI_HOME of local environments. In the user's own, the stand-in would shadow the official plugin."""
        return self.work / "pulumi"

    @property
    def local(self) -> Path:
        """State, log and process id of the local Cloudflare."""
        return self.work / "local"

    def shown(self, path: Path) -> str:
        """`path` as messages show it: relative to the root if it is inside."""
        return os.path.relpath(path, self.root) if path.is_relative_to(self.root) else str(path)
