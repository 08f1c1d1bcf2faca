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
            "tokens:   # ours\n  agents: {rotate: {every: 30d,  overlap: 7d, epoch: 2}} # monthly\n",
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
            f"{LIST}tokens: {{agents: {{epoch: 2}}}}",
        ),
        ("a: 1", ("b",), "yes", "a: 1\nb: 'yes'"),
        ("\ufeffa: 1  # \tx\n", ("a",), 2, "\ufeffa: 2  # \tx\n"),
        ("# nothing yet\n", EPOCH[:-1], {"epoch": 2}, "# nothing yet\ntokens:\n  agents: {rotate: {epoch: 2}}\n"),
        ("tokens: # none\nb: 1\n", EPOCH, 2, "tokens: {agents: {rotate: {epoch: 2}}} # none\nb: 1\n"),
        ("tokens: {agents: ~}\n", EPOCH, 2, "tokens: {agents: {rotate: {epoch: 2}}}\n"),
        ("tokens: {agents: {}} # x\n", EPOCH, 2, "tokens: {agents: {rotate: {epoch: 2}}} # x\n"),
        ("tokens: {\n  ci: {}, # x\n  }\n", EPOCH[:2], {"a": 1}, "tokens: {\n  ci: {}, agents: {a: 1}, # x\n  }\n"),
        (
            "'tokens':\n  \"agents\": {epoch: 1}\n",
            ("tokens", "agents", "epoch"),
            2,
            "'tokens':\n  \"agents\": {epoch: 2}\n",
        ),
        (
            "tokens:\n  ci:\n    note: |\n      a\n      b\n\n# end\nuse: [a]\n",
            ("tokens", "ci", "epoch"),
            2,
            "tokens:\n  ci:\n    note: |\n      a\n      b\n    epoch: 2\n\n# end\nuse: [a]\n",
        ),
        (
            "a: &x {b: 1}\ntokens:\n  ci: *x  # same\nc: 1\n",
            ("tokens", "z"),
            2,
            "a: &x {b: 1}\ntokens:\n  ci: *x  # same\n  z: 2\nc: 1\n",
        ),
        ("a: &x {b: 1}\ntokens: {ci: *x, d: 1}\n", ("tokens", "ci"), 2, "a: &x {b: 1}\ntokens: {ci: 2, d: 1}\n"),
        (
            "roles: {bulk: null}\nroutes:\n  bulk: null\n  fast: ~\n  slow:\ntokens: {agents: {epoch: 1}}\n",
            ("tokens", "agents", "epoch"),
            2,
            "roles: {bulk: null}\nroutes:\n  bulk: null\n  fast: ~\n  slow:\ntokens: {agents: {epoch: 2}}\n",
        ),
        ("a:\n- b # x\n- c\nd: 1\n", ("a",), 2, "a: 2\nd: 1\n"),
        ("a: &x {b: 1}\nc: *x\n", ("c", "b"), 2, "a: &x {b: 2}\nc: *x\n"),
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
    with pytest.raises(FileRefusedError, match="has changed since it was read"):
        edit.write()
    assert file.read_text() == "a: 3\n"


def test_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "prod.yaml").symlink_to("real.yaml")
    with pytest.raises(FileRefusedError, match="is a symlink"):
        YamlEdit.open(tmp_path / "prod.yaml", "stacks/prod.yaml")


@pytest.mark.parametrize(
    ("text", "keys", "reason"),
    [
        ("tokens: &x {a: &y 1, b: *y}\n", ("tokens", "a"), "found undefined alias"),
        ("tokens: [a]\n", ("tokens", "agents"), "agents cannot be set here: expected a mapping"),
        ("note: |+\n  a\n\n", ("tokens",), "tokens cannot be set without changing other settings"),
    ],
)
def test_an_edit_that_would_change_other_settings_is_refused(
    tmp_path: Path, text: str, keys: tuple[str, ...], reason: str
) -> None:
    file = tmp_path / "prod.yaml"
    file.write_text(text)
    edit = YamlEdit.open(file, "stacks/prod.yaml")
    with pytest.raises(FileRefusedError, match=reason):
        edit.set(keys, 2)
    assert edit.after == text
