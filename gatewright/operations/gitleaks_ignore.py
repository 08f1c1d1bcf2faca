"""`.gitleaksignore`: keys that somebody has looked at and that need no action, by their fingerprints.

A fingerprint is a line `commit:file:rule:line`, or `file:rule:line` for a file as it is now; a line that begins with #
is a comment. Source: gitleaks' README, 8.x. Its rules have other names, so they are not compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.io.untrusted import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Set
    from pathlib import Path

NAME = ".gitleaksignore"
RULE = "gatewright"
_MAX_SIZE = 1_000_000
_FINGERPRINT = re.compile(r"(?:(?P<commit>[0-9a-f]{40,64}):)?(?P<file>[^#].*):[^:]*:(?P<line>\d+)", re.ASCII)


def read_ignored(root: Path) -> Set[str]:
    """The fingerprints that the file in `root` lists, with RULE; none where there is no file. Other lines are ignored,
    as gitleaks does."""
    try:
        text = read_regular_file(root / NAME, _MAX_SIZE).decode(errors="replace")
    except FileNotFoundError:
        return frozenset()
    matches = filter(None, (_FINGERPRINT.fullmatch(line.strip()) for line in text.splitlines()))
    return {fingerprint(match["commit"], match["file"], int(match["line"])) for match in matches}


def fingerprint(commit: str | None, file: str, line: int) -> str:
    """The line of `.gitleaksignore` for a key, by RULE."""
    return ":".join([*([commit] if commit else []), file, RULE, str(line)])
