"""Differences of a client file, and a unified diff from the file on the disk to the new content.

Client files hold references, not secrets. But someone may have typed a secret into a file, and a refresh may have
read it into the state. Of a line that gatewright did not write only the words of the new content are shown, and of a
value for a secret only references.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher, unified_diff
from typing import TYPE_CHECKING, Any

from gatewright.io.printable import plural
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Properties = Mapping[str, Any]

_LETTER = r"[^\s\"'`,:;=(){}\[\]<>]"
_WORD = re.compile(rf"{_LETTER}+")
_SECRET_KEY = re.compile(r"key|token|secret|password|authorization|credential|bearer", re.IGNORECASE)
_VARIABLE = "[A-Z_][A-Z0-9_]*"
_REFERENCE = (
    rf"\$\{{{_VARIABLE}\}}|\$\{{\{{ *secrets\.{_VARIABLE} *\}}\}}|\{{env:{_VARIABLE}\}}"
    rf"|(?:\$|os\.environ/){_VARIABLE}(?!{_LETTER})"
)
"""References to variables in clients' files; not bare names, since a key may consist of capitals."""
_TOKEN = re.compile(rf"(?P<reference>{_REFERENCE})|{_WORD.pattern}")
_HARMLESS = re.compile(r"Bearer|true|false|null|none|[0-9.]{1,8}")
_MAX_SHORT = 3
HIDDEN = "…"
ON_DISK = "onDisk"
"""The output that says whether the file is on the disk of this machine."""
NOT_HERE = "not on this machine"


def file_differences(
    before: Properties, after: Properties, reported: Iterable[str], on_disk: str | None
) -> list[Difference]:
    """The differences between two property maps of a ConfigFile, and from the text on the disk."""
    names, reported = differing(before, after), list(reported)
    if on_disk is None and reported == [ON_DISK]:
        return [Difference(NOT_HERE)]
    differences = by_name([name for name in names if name not in ("content", "mode")], before, after)
    old, new = str(before.get("content", "")), str(after.get("content", ""))
    lines = lines_changed(old if on_disk is None else on_disk, new)
    if on_disk is not None and on_disk not in (old, new):
        differences.append(Difference(edited_by_hand(on_disk, new)))
    elif lines:
        differences.append(Difference(plural(lines, "line")))
    elif old != new:
        differences.append(Difference("already written"))
    if "mode" in names or "mode" in reported:
        differences.append(Difference(f"mode {ARROW} {after.get('mode')}"))
    return differences


def edited_by_hand(before: str, after: str) -> str:
    """`edited by hand, 2 lines`."""
    return f"edited by hand, {plural(lines_changed(before, after), 'line')}"


def lines_changed(before: str, after: str) -> int:
    """The number of lines that differ, by the longer side of each difference."""
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")


def file_diff(name: str, on_disk: str, in_state: str, after: str) -> str:
    """A unified diff from `on_disk` to `after`; `in_state` is the content that gatewright wrote last."""
    own_lines, vocabulary = set(in_state.splitlines()), set(_WORD.findall(after))
    before = [_safe_line(line, own_lines, vocabulary) for line in on_disk.splitlines()]
    return "\n".join(unified_diff(before, after.splitlines(), name, name, lineterm=""))


def _safe_line(line: str, own_lines: set[str], vocabulary: set[str]) -> str:
    if line not in own_lines:
        return "".join(_known_words(line, vocabulary))
    key, separator, value = _split(line)
    if separator and _SECRET_KEY.search(key):
        return key + separator + "".join(_known_words(value, vocabulary))
    return masked(line)


def _split(line: str) -> tuple[str, str, str]:
    """Key, separator and value of a line of JSON, YAML, TOML or NAME=value."""
    match = re.match(r"(\s*(?:-\s+)?[\"']?[\w.@/-]+[\"']?)(\s*[:=]\s*)(.*)", line)
    return (match[1], match[2], match[3]) if match else (line, "", "")


def _known_words(text: str, vocabulary: set[str]) -> Iterator[str]:
    """`text` with only words of the vocabulary, references and harmless words; others are hidden."""
    end = 0
    for match in _TOKEN.finditer(text):
        yield text[end : match.start()]
        word = match[0]
        known = match["reference"] or word in vocabulary or len(word) <= _MAX_SHORT or _HARMLESS.fullmatch(word)
        yield word if known else HIDDEN
        end = match.end()
    yield text[end:]
