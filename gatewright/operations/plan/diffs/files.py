"""What changes of an emitted file, as a unified diff from what is there to what is written.

What we emit holds references, no secret; but a hand may have put one into the file since, and a refresh may have taken
it into the state. So of a line that is not of our making only what our own text knows is shown, and of a place that is
meant for a secret only what is a reference.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher, unified_diff
from typing import TYPE_CHECKING, Any

from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Properties = Mapping[str, Any]

_LETTER = r"[^\s\"'`,:;=(){}\[\]<>]"
_WORD = re.compile(rf"{_LETTER}+")
_SECRET_PLACE = re.compile(r"key|token|secret|password|authorization|credential|bearer", re.IGNORECASE)
_VARIABLE = "[A-Z_][A-Z0-9_]*"
_REFERENCE = (
    rf"\$\{{{_VARIABLE}\}}|\$\{{\{{ *secrets\.{_VARIABLE} *\}}\}}|\{{env:{_VARIABLE}\}}"
    rf"|(?:\$|os\.environ/){_VARIABLE}(?!{_LETTER})"
)
"""How the clients' files name a variable; a bare name is none, for a key may be all in capitals."""
_PIECE = re.compile(rf"(?P<reference>{_REFERENCE})|{_WORD.pattern}")
_TELLS_NOTHING = re.compile(r"Bearer|true|false|null|none|[0-9.]{1,8}")
_SHORT = 3
HIDDEN = "…"
ON_DISK = "onDisk"
"""The output that says whether the file is on the disk of this machine."""


def file_words(old: Properties, new: Properties, told: Iterable[str], there: str | None) -> list[Difference]:
    """What differs between two maps of ConfigFile's properties, and from the text that is `there`."""
    names = differing(old, new)
    if there is None and list(told) == [ON_DISK]:
        return [Difference("not on this machine")]
    found = by_name([name for name in names if name not in ("content", "mode")], old, new)
    known, wanted = str(old.get("content", "")), str(new.get("content", ""))
    count = lines_changed(known if there is None else there, wanted)
    lines = f"{count} line{'' if count == 1 else 's'}"
    if there is not None and there not in (known, wanted):
        found.append(Difference(f"edited by hand, {lines}"))
    elif count:
        found.append(Difference(lines))
    elif known != wanted:
        found.append(Difference("written already"))
    if "mode" in names or "mode" in told:
        found.append(Difference(f"mode {ARROW} {new.get('mode')}"))
    return found


def file_diff(shown: str, there: str, known: str, new: str) -> str:
    """From the text that is `there` to `new`; `known`: what the state knows of it, `shown`: what the file is called."""
    ours, vocabulary = set(known.splitlines()), set(_WORD.findall(new))
    before = [_of_the_disk(line, ours, vocabulary) for line in there.splitlines()]
    return "\n".join(unified_diff(before, new.splitlines(), shown, shown, lineterm=""))


def lines_changed(old: str, new: str) -> int:
    """How many lines differ: those of the longer side of each place."""
    matcher = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")


def _of_the_disk(line: str, ours: set[str], vocabulary: set[str]) -> str:
    if line not in ours:
        return "".join(_hidden(line, vocabulary))
    name, separator, value = _parted(line)
    if separator and _SECRET_PLACE.search(name):
        return name + separator + "".join(_hidden(value, vocabulary))
    return masked(line)


def _parted(line: str) -> tuple[str, str, str]:
    """A line's key, what follows it, and its value: of JSON, YAML, TOML and NAME=value."""
    match = re.match(r"(\s*(?:-\s+)?[\"']?[\w.@/-]+[\"']?)(\s*[:=]\s*)(.*)", line)
    return (match[1], match[2], match[3]) if match else (line, "", "")


def _hidden(text: str, vocabulary: set[str]) -> Iterator[str]:
    """`text` with only those words that are in the vocabulary, are references or say nothing."""
    end = 0
    for match in _PIECE.finditer(text):
        yield text[end : match.start()]
        word = match[0]
        known = match["reference"] or word in vocabulary or len(word) <= _SHORT or _TELLS_NOTHING.fullmatch(word)
        yield word if known else HIDDEN
        end = match.end()
    yield text[end:]
