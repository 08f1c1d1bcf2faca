"""Edits of a user's YAML: each case is a file before, what is set, and the file after, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.errors import FileRefusedError
from gatewright.io.yaml_edit import YamlEdit

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = ("tokens", "agents", "rotate", "epoch")
WHOLE = {"every": "30d", "overlap": "7d", "epoch": 2}


FLOW = "agents: {rotate: {every: 30d, overlap: 7d, epoch: 2}}"
LIST = "list:\n    - a\n    - b: 010\n      c: yes\nbig: 0x1F\n"


@pytest.mark.parametrize(
    ("before", "keys", "value", "after"),
    [
        (
            "tokens:   # ours\n  agents: {rotate: {every: 30d,  overlap: 7d}} # monthly\n",
            EPOCH,
            2,
            f"tokens:   # ours\n  {FLOW} # monthly\n",
        ),
        (
            "# top\n\ntokens:\n    agents:\n        rotate:\n            every: '30d' # x\n            epoch: 2\n\n#\n",
            EPOCH,
            3,
            "# top\n\ntokens:\n    agents:\n        rotate:\n            every: '30d' # x\n            epoch: 3\n\n#\n",
        ),
        ("canary: {split: [{10%: a/b}]}\n", ("protect",), False, "canary: {split: [{10%: a/b}]}\nprotect: false\n"),
        ('use: [a,   b]\nx: "x"  # kept\n', EPOCH[:-1], WHOLE, f'use: [a,   b]\nx: "x"  # kept\ntokens:\n  {FLOW}\n'),
        (
            "tokens: {agents: {from: [203.0.113.0/24]}}\n",
            EPOCH[:-1],
            WHOLE,
            "tokens: {agents: {from: [203.0.113.0/24], rotate: {every: 30d, overlap: 7d, epoch: 2}}}\n",
        ),
        (
            "a: 1\r\ntokens: {agents: {rotate: {every: 30d, epoch: 1}}}\r\n",
            EPOCH,
            2,
            "a: 1\r\ntokens: {agents: {rotate: {every: 30d, epoch: 2}}}\r\n",
        ),
        ("---\ntokens: {agents: {rotate: {epoch: 1}}}\n", EPOCH, 2, "---\ntokens: {agents: {rotate: {epoch: 2}}}\n"),
        (
            f"{LIST}tokens: {{agents: {{epoch: 1}}}}",
            EPOCH[:2] + EPOCH[3:],
            2,
            f"{LIST}tokens: {{agents: {{epoch: 2}}}}\n",
        ),
    ],
)
def test_nothing_else_changes(tmp_path: Path, before: str, keys: tuple[str, ...], value: Any, after: str) -> None:
    file = tmp_path / "prod.yaml"
    file.write_bytes(before.encode())
    edit = YamlEdit.open(file, "stacks/prod.yaml")
    edit.set(keys, value)
    edit.write()
    assert file.read_bytes().decode() == after
    assert [path.name for path in tmp_path.iterdir()] == ["prod.yaml"]


def test_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "prod.yaml"
    file.write_text("a: 1\n")
    edit = YamlEdit.open(file, "stacks/prod.yaml")
    edit.set(("a",), 2)
    file.write_text("a: 3\n")
    with pytest.raises(FileRefusedError, match="was changed meanwhile"):
        edit.write()
    assert file.read_text() == "a: 3\n"


def test_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "prod.yaml").symlink_to("real.yaml")
    with pytest.raises(FileRefusedError, match="is a symlink"):
        YamlEdit.open(tmp_path / "prod.yaml", "stacks/prod.yaml")
