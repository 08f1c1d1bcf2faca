"""The environment files of one folder. Each is read once, and merged over the files it extends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics, Location, did_you_mean, escape_unprintable
from gatewright.environment.clear_text_keys import check_clear_text_keys
from gatewright.environment.merge import overlay
from gatewright.environment.model.environment_file import CATALOG_NAME, FILE_NAME, EnvironmentFile
from gatewright.environment.reader import read_file, read_text
from gatewright.environment.shapes.sections import Section
from gatewright.io.untrusted import resolve
from gatewright.shipped import CATALOG

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.nodes import Node

FILE_SHAPE = Section(EnvironmentFile)
SHIPPED = {CATALOG_NAME: CATALOG}
"""Files of the package, by their names in `extends`."""


@dataclass(slots=True)
class Files:
    """A folder of environment files; messages call the folder `shown`."""

    folder: Path
    shown: str
    _read: dict[str, tuple[Node | None, Diagnostics]] = field(default_factory=dict)
    _merged: dict[str, tuple[Node | None, Diagnostics]] = field(default_factory=dict)
    _names: list[str] | None = None
    _listing: frozenset[str] | None = None

    def names(self) -> list[str]:
        """The environments in alphabetical order: files with `account` or `local`, and files that cannot be read."""
        if self._names is None:
            self._names = self._list_names()
        return [*self._names]

    def exists(self, file: str) -> bool:
        """Whether there is a file that is spelled exactly so. macOS also opens `Base.yaml` as `base.yaml`."""
        if self._listing is None:
            self._listing = frozenset(path.name for path in self.folder.glob("*"))
        return file in SHIPPED or (file in self._listing and self._path(file).is_file())

    def _list_names(self) -> list[str]:
        names = []
        for path in sorted(self.folder.glob("*.yaml")):
            if path.name.startswith("Pulumi."):
                continue
            if not path.stem.isprintable():
                names.append(self._escaped(path.stem))
                continue
            node, _ = self._read_once(path.name)
            if node is None or is_environment(node):
                names.append(path.stem)
        return names

    def _escaped(self, stem: str) -> str:
        """A name with control characters as messages may show it. A stack cannot have it, so its file is not read."""
        name = escape_unprintable(stem)
        self._read[f"{name}.yaml"] = (None, Diagnostics())
        return name

    def override(self, file: str, text: str) -> None:
        """Use `text` as the content of `file`, without writing it."""
        diagnostics = Diagnostics()
        self.override_node(file, read_text(text, self._shown(file), diagnostics), diagnostics)

    def override_node(self, file: str, node: Node | None, diagnostics: Diagnostics) -> None:
        """Use `node`, which was read with `diagnostics`, as the content of `file`."""
        self._keep(file, node, diagnostics)
        self._merged.clear()
        self._names = None

    def own_node(self, name: str) -> Node | None:
        """The file of environment `name` alone; None if it cannot be read."""
        return self._read_once(f"{name}.yaml")[0]

    def is_local(self, name: str) -> bool:
        """Whether environment `name` uses the local Cloudflare."""
        node, _ = self._read_once(f"{name}.yaml")
        return node is not None and "local" in node.entries

    def sources(self, name: str) -> frozenset[str]:
        """The existing files that make up environment `name`, including its own."""
        sources: set[str] = set()
        pending = [f"{name}.yaml"]
        while pending:
            file = pending.pop()
            if file not in sources and self._path(file).is_file():
                sources.add(file)
                node, _ = self._read_once(file)
                pending += [str(parent.value) for parent in _parents(node)] if node else []
        return frozenset(sources)

    def merged(self, name: str, diagnostics: Diagnostics) -> Node | None:
        """The file of environment `name` merged over all files it extends.

        None, with diagnostics, if one of them cannot be read.
        """
        return self.merged_file(f"{name}.yaml", diagnostics)

    def merged_file(self, file: str, diagnostics: Diagnostics) -> Node | None:
        """`file`, by its name in `extends`, merged over all files it extends, as `merged` does."""
        return self._merge_once(file, (), diagnostics)

    def _merge_once(self, file: str, extending: tuple[str, ...], diagnostics: Diagnostics) -> Node | None:
        """Merge `file`, once for all environments that extend it. `extending`: the files from the environment's on."""
        if file not in self._merged:
            collected = Diagnostics()
            self._merged[file] = self._merge(file, extending, collected), collected
        node, collected = self._merged[file]
        diagnostics.extend(collected)
        return node

    def _merge(self, file: str, extending: tuple[str, ...], diagnostics: Diagnostics) -> Node | None:
        node, read = self._read_once(file)
        diagnostics.extend(read)
        if node is None:
            return None
        base: Node | None = None
        for parent in _parents(node):
            if not self._is_valid_parent(parent, (*extending, file), diagnostics):
                return None
            merged = self._merge_once(str(parent.value), (*extending, file), diagnostics)
            if merged is None:
                return None
            base = merged if base is None else overlay(base, merged, FILE_SHAPE, "", diagnostics)
        return node if base is None else overlay(base, node, FILE_SHAPE, "", diagnostics)

    def _is_valid_parent(self, parent: Node, extending: tuple[str, ...], diagnostics: Diagnostics) -> bool:
        """Whether an entry of `extends` names a file of this folder that is not in `extending`."""
        if isinstance(parent.value, str) and parent.value.startswith(f"{CATALOG_NAME}@"):
            message = f"{parent.value} does not exist: the version of the catalog is that of the installed gatewright"
            advice = f"Use {CATALOG_NAME}, and pin the version of gatewright in your requirements"
            diagnostics.error(parent.location, "extends", "unknown-file", message, advice)
            return False
        name = FILE_NAME.read(parent, "extends", diagnostics)
        if name is None:
            return False
        if name in extending:
            chain = " -> ".join((*extending[extending.index(name) :], name))
            diagnostics.error(parent.location, "extends", "extends-cycle", f"files extend each other: {chain}")
            return False
        if not self.exists(name):
            others = [path.name for path in self.folder.glob("*.y*ml") if not path.name.startswith("Pulumi.")]
            hint = did_you_mean(name, others)
            diagnostics.error(parent.location, "extends", "unknown-file", f"{self._shown(name)} does not exist", hint)
            return False
        if self._leads_out(name):
            message = f"{self.shown}/{name} is a symlink that leads out of {self.shown}"
            diagnostics.error(parent.location, "extends", "outside-file", message, "Copy the file into the folder")
            return False
        return True

    def _read_once(self, file: str) -> tuple[Node | None, Diagnostics]:
        if file not in self._read:
            diagnostics = Diagnostics()
            shown = self._shown(file)
            if self._leads_out(file):
                message = f"is a symlink that leads out of {self.shown}"
                diagnostics.error(Location(shown, 1, 1), "", "outside-file", message, "Copy the file into the folder")
                self._keep(file, None, diagnostics)
            else:
                self._keep(file, read_file(self._path(file), shown, diagnostics), diagnostics)
        return self._read[file]

    def _leads_out(self, file: str) -> bool:
        path = self.folder / file
        return path.is_symlink() and not resolve(path).is_relative_to(self.folder.resolve())

    def _path(self, file: str) -> Path:
        return SHIPPED.get(file, self.folder / file)

    def _shown(self, file: str) -> str:
        return file if file in SHIPPED else f"{self.shown}/{file}"

    def _keep(self, file: str, node: Node | None, diagnostics: Diagnostics) -> None:
        if node is not None:
            check_clear_text_keys(node, diagnostics)
        self._read[file] = (node, diagnostics)


def is_environment(node: Node) -> bool:
    """Whether a file is an environment, rather than a base that environments share."""
    return not node.entries.keys().isdisjoint(("account", "local"))


def _parents(node: Node) -> list[Node]:
    """The entries of `extends`, valid or not; empty if it is missing or null."""
    extends = node.at("extends")
    if extends is None or extends.value is None:
        return []
    return extends.value if isinstance(extends.value, list) else [extends]
