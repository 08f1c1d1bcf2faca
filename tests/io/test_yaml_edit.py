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


GLM = {"glm": {"id": "x/glm", "input": ["text", "image"]}, "k": {}}
GLM_LINES = "glm:\n  id: x/glm\n  input: [text, image]\nk: {}\n"


def indented(lines: str, column: int) -> str:
    return "".join(f"{' ' * column}{line}" for line in lines.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("", (), GLM_LINES),
        ("a: 1 # x\n", (), f"a: 1 # x\n{GLM_LINES}"),
        ("a: 1\n\nb: 2\n", (), f"a: 1\n\nb: 2\n\n{GLM_LINES}"),
        ("m:\n    a: 1 # x\n\nb: 2\n", ("m",), f"m:\n    a: 1 # x\n{indented(GLM_LINES, 4)}\nb: 2\n"),
        ("m: # none\nb: 2\n", ("m",), "m: {glm: {id: x/glm, input: [text, image]}, k: {}} # none\nb: 2\n"),
        ("m: {a: 1} # x\n", ("m",), "m: {a: 1, glm: {id: x/glm, input: [text, image]}, k: {}} # x\n"),
        ("m: {}\n", ("m",), "m: {glm: {id: x/glm, input: [text, image]}, k: {}}\n"),
        ("m:\n  a: {}\n", ("m", "b", "c"), f"m:\n  a: {{}}\n  b:\n    c:\n{indented(GLM_LINES, 6)}"),
        ("m: {a: ~}\n", ("m", "a"), "m: {a: {glm: {id: x/glm, input: [text, image]}, k: {}}}\n"),
        ("a: 1\r\n", (), ("a: 1\n" + GLM_LINES).replace("\n", "\r\n")),
    ],
)
def test_members_are_added(tmp_path: Path, before: str, keys: tuple[str, ...], after: str) -> None:
    file = tmp_path / "prod.yaml"
    file.write_bytes(before.encode())
    edit = YamlEdit.open(file, "stacks/prod.yaml")
    edit.add(keys, GLM)
    assert edit.after == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("use: [a,  b] # x\n", "use: [a,  b, c, d] # x\n"),
        ("b: &b b\nuse: [a, *b, ]\n", "b: &b b\nuse: [a, *b, c, d, ]\n"),
        ("b: &b b\nuse:\n  - a\n  - *b # x\n\n", "b: &b b\nuse:\n  - a\n  - *b # x\n  - c\n  - d\n\n"),
        ("use: [a, # x\n  b,\n]\n", "use: [a, # x\n  b, c, d,\n]\n"),
        ("use: []\n", "use: [c, d]\n"),
        ("use:\n- a # x\n- b # y\nm: 1\n", "use:\n- a # x\n- b # y\n- c\n- d\nm: 1\n"),
        ("use:\n  - a\n  # end\nm: 1\n", "use:\n  - a\n  - c\n  - d\n  # end\nm: 1\n"),
    ],
)
def test_items_are_appended(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "prod.yaml"
    file.write_text(before, encoding="utf-8")
    edit = YamlEdit.open(file, "stacks/prod.yaml")
    edit.append(("use",), ["c", "d"])
    assert edit.after == after


def test_items_are_appended_to_a_list_only(tmp_path: Path) -> None:
    file = tmp_path / "prod.yaml"
    file.write_text("use: a\n", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="use is not a list"):
        YamlEdit.open(file, "stacks/prod.yaml").append(("use",), ["c"])


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
