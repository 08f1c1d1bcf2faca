"""The Makefile and the scripts run with what macOS has: make 3.81, bash 3.2 and BSD's programs.

Known newer features, by their form; not a proof.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = [ROOT / ".ci" / "run", *sorted((ROOT / "gatewright").rglob("*.sh"))]

MAKE = {
    r"^\.(ONESHELL|SHELLFLAGS|RECIPEPREFIX|EXTRA_PREREQS|NOTINTERMEDIATE|WAIT)\b": [".ONESHELL:"],
    r"^\w+ *(!=|:::?=)": ["A != date", "A ::= b"],
    r"^(undefine|private|load|-load)\b": ["undefine A", "private A = b"],
    r"^define \w+ *[:?+]?=": ["define A ="],
    r"\$\((file|guile|let|intcmp) ": ["$(file <a)"],
    r"^[^\t#:]+&:": ["a b &: c"],
}
BASH = {
    r"\b(declare|local|typeset) -[a-zA-Z]*[Agnlu]": ["declare -A a", "local -n b=c"],
    r"\b(mapfile|readarray|coproc)\b": ["mapfile -t a"],
    r"\|&|&>>|;;&|;&": ["a |& b", "a &>> b", ";;&"],
    r"\$\{!?\w+(\[[^]]*\])?(\^|,|@[A-Za-z])": ["${a^^}", "${a,,}", "${a@Q}"],
    r"\[\[? (! )?-[vR] ": ["[[ ! -v a ]]"],
    r"\bwait -[a-z]*[np]": ["wait -n"],
    r"\bread .*-N": ["read -N 1"],
    r"\bshopt .*(globstar|lastpipe|inherit_errexit|autocd)": ["shopt -s lastpipe"],
    r"\b(EPOCHSECONDS|EPOCHREALTIME|BASHPID|SRANDOM|BASH_ARGV0)\b": ["$BASHPID"],
    r"%\([^)]*\)T": ["printf '%(%s)T'"],
    r"\{\w+\}[<>]": ["exec {fd}> a"],
    r"\$\{[^}]*\\\}": [r"${a:-{\}}"],  # bash 3.2 keeps the backslash
    r"\[-\d+\]\}": ["${a[-1]}"],
    r"\\u[0-9a-fA-F]{4}": ["$'\\u00e9'"],
}
PROGRAMS = {
    r"\bsed -[a-zA-Z]*i": ["sed -i s/a/b/"],
    r"\bsed .*[a-z]\}": ["sed '1{/a/d}'"],  # BSD's needs d;}
    r"\breadlink -|\brealpath\b": ["readlink -f a"],
    r"\bdate (-d|--date)": ["date -d now"],
    r"\bxargs .*(-r|--no-run-if-empty)\b": ["xargs -r rm"],
    r"\bstat (-c|--)": ["stat --format %a b"],
    r"\bgrep -[a-zA-Z]*P": ["grep -oP a"],
    r"\bhead -[nc] *-": ["head -n -1"],
    r"(^|[|;&({] *)\s*(cp|mv|rm|ln|ls|mkdir|mktemp|sort|cut|tail|head|tr|wc|tee|tar|chmod|touch) ([^|]* )?--[a-z]": [
        "cp --parents a",
        "x=$(sort -u --reverse a)",
    ],
    r"\bbase64 -w|\bln -\w*[rT]|\bsort -\w*V": ["base64 -w0"],
    r"\b(nproc|tac|sha256sum|sha1sum|md5sum|shuf|numfmt|flock|stdbuf)\b": ["nproc"],
}
LINUX_ONLY = "command -v setsid"
"""A script that asks for setsid has another way for macOS."""


def newer(text: str, *tables: dict[str, list[str]]) -> list[str]:
    """The lines with a newer feature; comments are skipped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in lines if any(re.search(pattern, line) for table in tables for pattern in table)]


def test_the_makefile() -> None:
    text = (ROOT / "Makefile").read_text()
    assert newer(text, MAKE) == []
    assert newer("\n".join(re.findall(r"^\t.*", text, re.MULTILINE)), BASH, PROGRAMS) == []
    assert "\nSHELL = /bin/sh\n" in text


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script(script: Path) -> None:
    text = script.read_text()
    assert newer(text, BASH, PROGRAMS) == []
    assert LINUX_ONLY in text or not re.search(r"\b(setsid|timeout) ", text)
    assert text.startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("table", [MAKE, BASH, PROGRAMS], ids=["make", "bash", "programs"])
def test_newer_features_are_recognised(table: dict[str, list[str]]) -> None:
    for pattern, lines in table.items():
        assert lines
        for line in lines:
            assert re.search(pattern, line), (pattern, line)
