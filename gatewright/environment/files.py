"""The environment files of one folder: each is read once, then laid over what it extends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.environment.clear_text import scan
from gatewright.environment.merge import overlay
from gatewright.environment.model import EnvironmentFile
from gatewright.environment.nodes import Node
from gatewright.environment.problems import Place, Report, did_you_mean
from gatewright.environment.reader import read_file
from gatewright.environment.sections import Section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_SHAPE = Section(EnvironmentFile)


@dataclass(slots=True)
class Files:
    """A folder of environment files; `shown` is how messages call the folder."""

    folder: Path
    shown: str
    _read: dict[str, tuple[Node | None, Report]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The environments: files with `account` or `local`, in alphabetical order; broken files count, so that they
        are reported.
        """
        found = []
        for path in sorted(self.folder.glob("*.yaml")):
            if path.name.startswith("Pulumi."):
                continue
            node, _ = self._one(path.name)
            if node is None or (
                isinstance(node.value, dict) and not node.value.keys().isdisjoint(("account", "local"))
            ):
                found.append(path.stem)
        return found

    def merged(self, name: str, report: Report) -> Node | None:
        """The file of environment `name` laid over all it extends; None when one of them cannot be read, and `report`
        says why.
        """
        return self._merged(f"{name}.yaml", (), Place(f"{self.shown}/{name}.yaml", 1, 1), report)

    def _merged(self, file: str, above: tuple[str, ...], place: Place, report: Report) -> Node | None:
        if file in above:
            chain = " -> ".join((*above[above.index(file) :], file))
            report.error(place, "extends", "extends-cycle", f"goes round in a circle: {chain}")
            return None
        node = self._report(file, above, place, report)
        if node is None:
            return None
        base: Node | None = None
        for parent, where in _extends(node):
            merged = self._merged(parent, (*above, file), where, report)
            if merged is None:
                return None
            base = merged if base is None else overlay(base, merged, FILE_SHAPE, "", report)
        return node if base is None else overlay(base, node, FILE_SHAPE, "", report)

    def _report(self, file: str, above: tuple[str, ...], place: Place, report: Report) -> Node | None:
        if above and not (self.folder / file).is_file():
            others = [path.name for path in self.folder.glob("*.yaml") if not path.name.startswith("Pulumi.")]
            report.error(
                place, "extends", "unknown-file", f"there is no {self.shown}/{file}", did_you_mean(file, others)
            )
            return None
        node, found = self._one(file)
        for problem in found.problems:
            report.add(problem)
        return node

    def _one(self, file: str) -> tuple[Node | None, Report]:
        if file not in self._read:
            report = Report()
            node = read_file(self.folder / file, f"{self.shown}/{file}", report)
            if node is not None:
                scan(node, "", report)
            self._read[file] = (node, report)
        return self._read[file]


def _extends(node: Node) -> Iterator[tuple[str, Place]]:
    entry = node.value.get("extends") if isinstance(node.value, dict) else None
    if entry is None:
        return
    items = entry.node.value if isinstance(entry.node.value, list) else [entry.node]
    for item in items:
        if isinstance(item.value, str) and "/" not in item.value:
            yield item.value, item.place
