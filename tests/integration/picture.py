"""docs/images/terminal.svg: a real run of the daily commands, recorded by `make docs`."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from io import StringIO
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from local.ports import free_port
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.facts.local_cloudflare import DEFAULT_PORT
from gatewright.project import Project

from .clone import Clone
from .pairs import stand_ins

if TYPE_CHECKING:
    from gatewright.engine.find import Engine

PICTURE = Path(__file__).parents[2] / "docs/images/terminal.svg"
WIDTH = 110
CONTROL = re.compile(r"\x1b\[(\d*)([A-Za-z])|\x1b\[\?25[lh]|([\r\n])|\x1b\[[\d;]*m")
"""Cursor up, erase line, show or hide the cursor, line ends, and colours, which are kept."""

STEP_TIME = re.compile(r"\s*\x1b\[2m[\d.]+ (s|min \d+ s)\x1b\[0m$")
"""The time of a step, which depends on the machine and is left out."""

TYPO, FIXED = "groq/gpt-os-20b", "groq/gpt-oss-20b"
CHANGE = """\
extends: base.yaml
local: {{port: {port}}}
protect: false
gateway: {{cache: {{ttl: 1h}}, logs: {{max: 20000}}}}
routes: {{fast: [workers-ai/gpt-oss-20b, {model}]}}
"""
SCENES = (
    (TYPO, "validate local", 3),
    (FIXED, "preview local", 2),
    (FIXED, "up local", 0),
    (FIXED, "verify local --only dynamic", 0),
)
"""The model in the file, the command, and its exit code."""

VARYING = (
    (r"\s+", " "),
    (r"\d+(\.\d+)? (ms|s)\b", "<time>"),
    (r"\d{4}-\d{2}-\d{2}", "<date>"),
    (r"engine: .*", "engine: <origin>"),
)
"""What differs between two runs of the same code."""


def record(checkout: Project, engine: Engine, folder: Path) -> str:
    """Run the scenes in a clone in `folder`; the screen of a terminal, with colours."""
    pair = stand_ins(engine, folder)
    clone = Clone.make(checkout, folder / "clone", pair, free_port())
    file = clone.project.stacks / "local.yaml"
    file.write_text(f"extends: base.yaml\nlocal: {{port: {clone.port}}}\nprotect: false\n")
    clone.gatewright("up", "local")
    screen = []
    try:
        for model, command, code in SCENES:
            file.write_text(CHANGE.format(port=clone.port, model=model))
            screen += [f"\x1b[1m$ gatewright {command}\x1b[0m", *run_in_terminal(clone, command.split(), code), ""]
    finally:
        clone.end()
    return "\n".join(screen[:-1]).replace(str(clone.port), str(DEFAULT_PORT))


def run_in_terminal(clone: Clone, arguments: list[str], code: int) -> list[str]:
    """The lines that a command leaves on a terminal, without times of steps and without the advice at its end."""
    bin_folder = clone.project.root / ".venv/bin"
    shell = clone.shell()
    shell |= {"PATH": f"{bin_folder}{os.pathsep}{shell['PATH']}", "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    shell.pop("NO_COLOR", None)
    terminal, program_side = pty.openpty()
    with subprocess.Popen(
        [bin_folder / "gatewright", *arguments],
        cwd=clone.project.root,
        env=shell,
        stdin=program_side,
        stdout=program_side,
        stderr=program_side,
    ) as process:
        os.close(program_side)
        output = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    lines = replay(output.decode())
    assert process.returncode == code, "\n".join(lines)
    kept = takewhile(lambda line: not line.startswith("The files are in"), lines)
    return "\n".join(STEP_TIME.sub("", line) for line in kept).rstrip().split("\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the program has closed the terminal
        return b""


def replay(output: str) -> list[str]:
    """The lines on the screen after `output`; each is rewritten as a whole, as rich does."""
    lines, row, column, at = [""], 0, 0, 0
    for control in [*CONTROL.finditer(output), None]:
        text = output[at : control.start() if control else None]
        if text:
            lines[row] = lines[row][:column] + text
            column = len(lines[row])
        if control is None:
            break
        at = control.end()
        if control[3] == "\r":
            column = 0
        elif control[3] == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif control[2] == "A":
            row -= int(control[1] or 1)
        elif control[2] == "K":
            lines[row], column = "", 0
        elif control[0].endswith("m"):
            lines[row] = lines[row][:column] + control[0]
            column = len(lines[row])
    return lines


def draw(screen: str) -> str:
    """The screen as an SVG, with fonts of the reader's own machine."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(screen), soft_wrap=False)
    svg = console.export_svg(title="gatewright", theme=MONOKAI, unique_id="terminal")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def words(svg: str) -> list[str]:
    """The lines of a picture's text, without what differs from run to run."""
    tree = ElementTree.fromstring(svg)  # noqa: S314  written by this module
    texts = [node for node in tree.iter("{http://www.w3.org/2000/svg}text") if node.get("y")]
    lines = ["".join(node.text or "" for node in group) for _, group in groupby(texts, lambda node: node.get("y"))]
    for pattern, replacement in VARYING:
        lines = [re.sub(pattern, replacement, line) for line in lines]
    return lines


def main() -> int:
    """Record the picture; leave the file as it is where it shows the same."""
    checkout = Project.find(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as folder:
        svg = draw(record(checkout, ensure_engine(checkout, Screen().show), Path(folder)))
    if not PICTURE.exists() or words(PICTURE.read_text(encoding="utf-8")) != words(svg):
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
