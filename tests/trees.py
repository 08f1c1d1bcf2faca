"""JSON and YAML as trees, for tests that change any part of one."""

from __future__ import annotations

from typing import Any


def paths_in(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of a tree's values; that of the tree itself is ()."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(each for key, value in inner for each in paths_in(value, (*path, key)))]


def changed_tree(tree: Any, path: tuple[Any, ...], value: Any, *, delete: bool) -> Any:
    """A copy of the tree with another value at `path`, or without that key or item."""
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    if len(path) == 1 and delete:
        del copy[path[0]]
    else:
        copy[path[0]] = changed_tree(tree[path[0]], path[1:], value, delete=delete)
    return copy


def value_at(tree: Any, path: tuple[Any, ...]) -> Any:
    """The value of a tree at `path`."""
    for key in path:
        tree = tree[key]
    return tree
