"""Any file that a user may have: texts in the layouts that people and programs write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_words = st.text("abcxyzäß🦀 -", min_size=1, max_size=6)
_names = st.from_regex(r"[a-z][a-z0-9]{0,4}", fullmatch=True)
_scalars = st.one_of(st.integers(-99, 99), st.booleans(), st.none(), _words)
_blanks = st.sampled_from(["", " ", "\n", "\n  ", " \n\t", "  \n\n    "])
_comments = st.sampled_from(["", "", "", "// note\n", " // },\n  ", "/* a */", "/* {\n } */ ", "\n// 'x\n//\"y\n"])
_gaps = st.builds(lambda *parts: "".join(parts), _blanks, _comments, _blanks)


_trailing = st.one_of(st.just(""), _gaps.map(lambda gap: f"{gap},"))


@st.composite
def json5_texts(draw: st.DrawFn, keys: tuple[str, ...] = ("models", "providers", "agents", "model", "mine")) -> str:
    """An object in JSON5: any blanks, comments, quotes and commas."""
    body = _json5_object(draw, keys, 0)
    text = draw(_gaps) + body + draw(_gaps)
    return text.replace("\n", "\r\n") if draw(st.booleans()) and "\r" not in text else text


def _json5_object(draw: st.DrawFn, keys: tuple[str, ...], depth: int) -> str:
    names = st.one_of(st.sampled_from(keys), _names)
    chosen = draw(st.lists(names, max_size=4 - depth, unique=True))
    members = [
        draw(_gaps)
        + _json5_key(draw, key)
        + draw(_gaps)
        + ":"
        + draw(_gaps)
        + _json5_value(draw, keys, depth, key)
        + draw(_gaps)
        for key in chosen
    ]
    text = ",".join(members) + (draw(_trailing) if members else "")
    return "{" + text + draw(_gaps) + "}"


def _json5_key(draw: st.DrawFn, key: str) -> str:
    return draw(st.sampled_from([key, f'"{key}"', f"'{key}'"]))


def _json5_value(draw: st.DrawFn, keys: tuple[str, ...], depth: int, key: str) -> str:
    if depth < 3 and (key in ("models", "providers", "agents") or draw(st.booleans())):
        return _json5_object(draw, keys, depth + 1)
    if draw(st.booleans()):
        items = draw(st.lists(_scalars.map(_json5_scalar), max_size=3))
        return "[" + draw(_gaps) + ", ".join(items) + draw(_gaps) + "]"
    return draw(_scalars.map(_json5_scalar)) + draw(st.sampled_from(["", " "]))


def _json5_scalar(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) and len(value) % 2 else json.dumps(value, ensure_ascii=False)


@st.composite
def yaml_texts(draw: st.DrawFn, at: str | None, identity: str) -> str:
    """A block mapping with a list at `at`, or a list alone: comments, blank lines and block texts anywhere."""
    if at is None:
        return draw(_yaml_list(identity, "")) or draw(st.sampled_from(["", "# nothing yet\n", "\n\n"]))
    before, after = draw(_yaml_settings(("name", "version", "rules"))), draw(_yaml_settings(("docs", "context")))
    before += "shared: &shared {name: shared}\n"
    indent = draw(st.sampled_from(["", "  ", "    "]))
    listed = draw(_yaml_list(identity, indent, draw(st.sampled_from(["", f"{indent}- *shared\n"]))))
    empty = draw(st.sampled_from([f"{at}:\n", f"{at}: []\n", f"{at}: [] # none\n", f"{at}: null\n", ""]))
    text = before + (f"{at}:{draw(_yaml_ends)}{listed}" if listed else empty) + after
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


_yaml_ends = st.sampled_from(["\n", "\n", " # note - here\n", "\n\n", "\n# - name: x\n"])
_yaml_values = st.sampled_from(["one", '"two: # 2"', "'it''s'", "7", "{a: 1}", "[1, 2] ", "ä 🦀"])


@st.composite
def _yaml_settings(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    chosen = draw(st.lists(st.sampled_from(names), unique=True))
    return "".join(f"{name}: {draw(_yaml_values)}{draw(_yaml_ends)}" for name in chosen)


@st.composite
def _yaml_list(draw: st.DrawFn, identity: str, indent: str, alias: str = "") -> str:
    items = []
    for number in range(draw(st.integers(0, 3))):
        lines = [f"{identity}: mine {number}"]
        listed = "e:\n    - f" + ("\n    - *shared" if alias else "")
        lines += draw(st.lists(st.sampled_from(["a: 1", "b: |\n    text\n    # no comment", "c: {d: 1}", listed])))
        gap = draw(st.sampled_from(["", " # note", "\n"]))
        seen = dict.fromkeys(line.partition(":")[0] for line in lines)
        unique = [next(line for line in lines if line.startswith(f"{key}:")) for key in seen]
        body = f"\n{indent}  ".join(line.replace("\n", f"\n{indent}") for line in unique)
        items.append(f"{indent}- {body}{'' if unique[-1].startswith('b') else gap}\n")
    return "".join(draw(st.permutations([*items, alias])))


@st.composite
def env_texts(draw: st.DrawFn) -> str:
    """Assignments, comments and blank lines."""
    lines = draw(st.lists(st.sampled_from(["A=1", "export B='x y'", "# C=2", "", "D = fake", "  E="]), max_size=5))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
