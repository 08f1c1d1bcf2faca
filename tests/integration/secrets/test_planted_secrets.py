"""With the engine: no command leaves a planted secret, or a token that Cloudflare issued, where it does not belong.

The commands that need no engine are in tests/cli/test_planted_secrets.py.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from planted_secrets import fake_secret, files_below, require_no_secret

from gatewright.io.processes import processes_of

from ..pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

PLANTED = {name: fake_secret(name) for name in ("PLANTED_OTEL", "PLANTED_STRIPE", "GROQ_API_KEY", "GH_TOKEN")}
EXPORTERS = {
    "otel": [{"url": "https://otel.fake.example/v1/traces", "authorization": {"env": "PLANTED_OTEL"}}],
    "stripe": {"authorization": {"env": "PLANTED_STRIPE"}, "usageEvents": ["{}"]},
}
COMMANDS = (
    "preview local --format markdown --diff",
    "preview local --save saved.json",
    "drift local --format json",
    "verify local --format markdown",
    "logs local --payload",
    "report local --out report --ask",
)


@contextmanager
def command_lines(clone: Clone) -> Iterator[dict[str, bytes]]:
    """Every command line that a process of this machine has meanwhile, looked at ten times a second."""
    processes, lines, ended = processes_of(sys.platform), {}, threading.Event()
    assert processes is not None

    def look() -> None:
        while not ended.wait(0.1):
            lines.update(
                {f"process {' '.join(words)[:80]}": " ".join(words).encode() for _, words in processes.arguments()}
            )

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lines
    finally:
        ended.set()
        thread.join()
    assert any(str(clone.project.root).encode() in line for line in lines.values())


def test_no_command_leaves_a_secret(clone: Clone, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    clone.exported.update(PLANTED, TMPDIR=str(temporary))
    clone.declare(gateway=EXPORTERS)
    with command_lines(clone) as lines:
        outputs = {"up": clone.gatewright("up", "local")}
    first = str(clone.outputs()["tokens"]["agents"])
    clone.declare(gateway=EXPORTERS, tokens={"agents": {"rotate": {"every": "30d", "overlap": "7d", "epoch": 1}}})
    outputs["rotation"] = clone.gatewright("up", "local")
    second = str(clone.outputs()["tokens"]["agents"])
    assert second != first
    for command in COMMANDS:
        done = clone.complete([str(clone.project.root / ".venv/bin/gatewright"), *command.split()], clone.shell())
        assert done.returncode in (0, 2), done.stdout
        outputs[command] = done.stdout
    clone.order(path="*", status=400, times=99)
    for command in ("up local", "verify local"):
        outputs[f"{command}, refused"] = clone.complete(
            [str(clone.project.root / ".venv/bin/gatewright"), *command.split()], clone.shell()
        ).stdout
    secrets = [*PLANTED.values(), first, second]
    root = clone.project.root
    local = clone.project.local  # the local Cloudflare's own state, which stands in for Cloudflare's
    files = files_below(root / "stacks", root / "report", clone.project.out, clone.project.work, temporary)
    files = {name: data for name, data in files.items() if not name.startswith(f"{local}/")}
    require_no_secret({name: text.encode() for name, text in outputs.items()}, secrets)
    require_no_secret(files | lines | {"saved.json": (root / "saved.json").read_bytes()}, secrets)
