"""The machine that a client runs on: the home folder and the variables that determine where files belong."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.system import MACOS


@frozen
class Machine:
    """A home folder, the variables of the shell, the working directory, and the system (`sys.platform`)."""

    home: Path
    variables: Mapping[str, str]
    folder: Path
    platform: str = sys.platform

    @classmethod
    def here(cls) -> Machine:
        """This machine. Raises UsageError if the home folder is unknown."""
        variable = os.environ.get("HOME")
        home = os.path.expanduser("~") if variable is None else variable  # noqa: PTH111  unchanged if there is none
        if not os.path.isabs(home):  # noqa: PTH117
            raise UsageError("the home folder, which holds the clients' files, is unknown", "export HOME=/home/…")
        return cls(Path(home), dict(os.environ), Path.cwd())

    def place(self, variable: str, default: Path) -> Path:
        """The path in `variable`, with ~ for the home folder; `default` if it is not set."""
        value = self.variables.get(variable, "").strip()
        return self.path(value) if value else default

    def path(self, text: str | Path) -> Path:
        """A path as a user writes it, made absolute. Symlinks are not resolved."""
        parts = Path(text).parts
        if parts and parts[0] == "~":
            return self.home.joinpath(*parts[1:])
        return Path(os.path.normpath(self.folder / text))

    @property
    def config(self) -> Path:
        """The folder of settings, by the XDG Base Directory Specification."""
        return self.place("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def application_support(self) -> Path:
        """The folder of settings of the programs that keep them in ~/Library on macOS; elsewhere `config`."""
        return self.home / "Library" / "Application Support" if self.platform == MACOS else self.config

    @property
    def state(self) -> Path:
        """The folder of gatewright's journal of installed clients."""
        return self.place("XDG_STATE_HOME", self.home / ".local" / "state") / "gatewright"

    @property
    def repository(self) -> Path | None:
        """The root of the git repository that holds the working directory; None outside of one."""
        return next((folder for folder in self._folders if (folder / ".git").exists()), None)

    @property
    def project_folders(self) -> tuple[Path, ...]:
        """The working directory and the folders above it: up to the repository, all of them outside of one."""
        repository = self.repository
        return self._folders[: self._folders.index(repository) + 1] if repository else self._folders

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (self.folder, *self.folder.parents)

    def shown(self, path: Path) -> str:
        """`path` for display, with ~ for the home folder."""
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)

    def argument(self, path: Path) -> str:
        """`path` as a shell argument."""
        shown = self.shown(path)
        return shown if shown == shlex.quote(shown).replace("'", "") else shlex.quote(str(path))
