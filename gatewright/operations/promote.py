"""promote: give an environment the settings of another, in its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError, UsageError
from gatewright.io.yaml_edit import YamlEdit
from gatewright.operations.compare import compare
from gatewright.workspace import load_edited, require, select

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.operations.compare import Difference
    from gatewright.project import Project

OWN = ("account", "local", "gateway.name", "gateway.domains", "extends")
"""Settings that tell an environment from the others."""


def promote(project: Project, source: str, target: str, paths: Sequence[str]) -> YamlEdit:
    """Edit the file of `target` so that it has the settings at `paths` as `source` has them.

    The edit is returned, not written; it is empty where nothing differs. Settings outside `paths` stay as they are.

    Raises:
        UsageError: an environment or a path does not exist, or a path belongs to one environment only.
        InvalidEnvironmentError: an environment is invalid, or `target` would be.
        FileRefusedError: the file cannot be edited without another change.
    """
    for path in paths:
        if _is_own(path):
            raise UsageError(f"{path} belongs to {source} alone, and cannot be promoted")
    before, desired = (*select(project, [target]), *select(project, [source]))
    require(before)
    require(desired)
    file = project.stacks / f"{target}.yaml"
    edit = YamlEdit.open(file, project.shown(file))
    listed = [difference for path in paths for difference in compare(before, desired, path)]
    differences = {each.keys: each for each in listed if not _is_own(each.path)}
    for difference in differences.values():
        _apply(project, desired, target, edit, difference, differences.keys())
    require(load_edited(project, target, edit.after))
    return edit


def _apply(
    project: Project,
    desired: Loaded,
    target: str,
    edit: YamlEdit,
    difference: Difference,
    promoted: Collection[tuple[str, ...]],
) -> None:
    """Set one setting, and none but `promoted` ones. Where only the section around it can be set as a whole, set that.

    An overlay replaces some sections as a whole, and an alias shares its value.
    """
    text = edit.after
    before = load_edited(project, target, text)
    if not compare(before, desired, difference.path):
        return
    own = before.root.at(*difference.keys) if before.root else None
    absent = _plain(desired.root, difference.keys) is None
    if absent and own and own.instead_of is None and own.location.file == edit.shown:
        raise FileRefusedError(f"{desired.name} does not set {difference.path}", f"Remove it from {own.location}")
    for length in range(len(difference.keys), 0, -1):
        keys = difference.keys[:length]
        edit.after = text
        try:
            edit.set(keys, _plain(desired.root, keys))
        except FileRefusedError:
            continue
        after = load_edited(project, target, edit.after)
        changed = {each.keys for each in compare(before, after)}
        if not compare(after, desired, difference.path) and changed.issubset(promoted):
            return
    raise FileRefusedError(
        f"{difference.path} cannot be set in {edit.shown} without changing other settings", "Edit it yourself"
    )


def _is_own(path: str) -> bool:
    return f"{path}.".startswith(tuple(f"{own}." for own in OWN))


def _plain(root: Node | None, keys: Sequence[str]) -> object:
    """The value in the file; null, which removes an inherited setting, where there is none."""
    node = root.at(*keys) if root else None
    return node.plain() if node else None
