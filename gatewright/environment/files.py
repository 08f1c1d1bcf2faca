"""The environment files of one folder: each is read once, then laid over what it extends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics, did_you_mean
from gatewright.environment.checks.clear_text_keys import check_clear_text_keys
from gatewright.environment.merge import overlay
from gatewright.environment.model.environment_file import FILE_NAME, EnvironmentFile
from gatewright.environment.reader import read_file, read_text
from gatewright.environment.shapes.sections import Section

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.nodes import Node

FILE_SHAPE = Section(EnvironmentFile)


@dataclass(slots=True)
class Files:
    """A folder of environment files; `shown` is how messages call the folder."""

    folder: Path
    shown: str
    _read: dict[str, tuple[Node | None, Diagnostics]] = field(default_factory=dict)
    _laid: dict[str, tuple[Node | None, Diagnostics]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The environments: files with `account` or `local`, in alphabetical order; broken files count, so that they
        are reported.
        """
        found = []
        for path in sorted(self.folder.glob("*.yaml")):
            if path.name.startswith("Pulumi."):
                continue
            node, _ = self._one(path.name)
            if node is None or is_environment(node):
                found.append(path.stem)
        return found

    def put(self, file: str, text: str) -> None:
        """Has `file` hold `text` from now on, as if it had been written."""
        diagnostics = Diagnostics()
        node = read_text(text, f"{self.shown}/{file}", diagnostics)
        if node is not None:
            check_clear_text_keys(node, diagnostics)
        self._read[file] = (node, diagnostics)
        self._laid.clear()

    def is_local(self, name: str) -> bool:
        """Whether environment `name` is one on the Cloudflare of this machine."""
        node, _ = self._one(f"{name}.yaml")
        return node is not None and "local" in node.entries

    def behind(self, name: str) -> frozenset[str]:
        """The files that environment `name` comes from, its own among them, as far as they can be read."""
        found: set[str] = set()
        waiting = [f"{name}.yaml"]
        while waiting:
            file = waiting.pop()
            if file not in found and (self.folder / file).is_file():
                found.add(file)
                node, _ = self._one(file)
                waiting += [str(each.value) for each in _extends(node)] if node else []
        return frozenset(found)

    def merged(self, name: str, diagnostics: Diagnostics) -> Node | None:
        """The file of environment `name` laid over all it extends; None when one of them cannot be read:
        `diagnostics` says why.
        """
        return self._merged(f"{name}.yaml", (), diagnostics)

    def _merged(self, file: str, above: tuple[str, ...], diagnostics: Diagnostics) -> Node | None:
        """As `merged`, once a file: what many environments extend is laid over its own bases only once."""
        if file not in self._laid:
            found = Diagnostics()
            self._laid[file] = self._lay(file, above, found), found
        node, found = self._laid[file]
        for diagnostic in found.diagnostics:
            diagnostics.add(diagnostic)
        return node

    def _lay(self, file: str, above: tuple[str, ...], diagnostics: Diagnostics) -> Node | None:
        node, found = self._one(file)
        for diagnostic in found.diagnostics:
            diagnostics.add(diagnostic)
        if node is None:
            return None
        base: Node | None = None
        for parent in _extends(node):
            if not self._is_there(parent, (*above, file), diagnostics):
                return None
            merged = self._merged(str(parent.value), (*above, file), diagnostics)
            if merged is None:
                return None
            base = merged if base is None else overlay(base, merged, FILE_SHAPE, "", diagnostics)
        return node if base is None else overlay(base, node, FILE_SHAPE, "", diagnostics)

    def _is_there(self, parent: Node, files: tuple[str, ...], diagnostics: Diagnostics) -> bool:
        """Whether an entry of `extends` names a file of this folder that is none of `files`."""
        name = FILE_NAME.read(parent, "extends", diagnostics)
        if name is None:
            return False
        if name in files:
            chain = " -> ".join((*files[files.index(name) :], name))
            diagnostics.error(parent.location, "extends", "extends-cycle", f"goes round in a circle: {chain}")
            return False
        if not (self.folder / name).is_file():
            others = [path.name for path in self.folder.glob("*.y*ml") if not path.name.startswith("Pulumi.")]
            hint = did_you_mean(name, others)
            diagnostics.error(parent.location, "extends", "unknown-file", f"there is no {self.shown}/{name}", hint)
            return False
        return True

    def _one(self, file: str) -> tuple[Node | None, Diagnostics]:
        if file not in self._read:
            diagnostics = Diagnostics()
            node = read_file(self.folder / file, f"{self.shown}/{file}", diagnostics)
            if node is not None:
                check_clear_text_keys(node, diagnostics)
            self._read[file] = (node, diagnostics)
        return self._read[file]


def is_environment(node: Node) -> bool:
    """Whether a file is one of an environment, not of what environments share."""
    return not node.entries.keys().isdisjoint(("account", "local"))


def _extends(node: Node) -> list[Node]:
    """What `extends` lists, whatever it is; nothing where it is not written, or null."""
    written = node.at("extends")
    if written is None or written.value is None:
        return []
    return written.value if isinstance(written.value, list) else [written]
