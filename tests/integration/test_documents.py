"""JSON documents: programs read them, so that their keys and stable values must not change.

`documents/*.json` hold the outline of each document: all keys, and all values but text for people and measured figures.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.errors import ExitCode

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

DOCUMENTS = Path(__file__).with_name("documents")
STACKS = DOCUMENTS / "stacks"

STABLE_TEXT = frozenset(
    [
        "action",
        "answered_by",
        "cache",
        "called",
        "cause",
        "class",
        "code",
        "elementId",
        "environment",
        "file",
        "kind",
        "model",
        "path",
        "permission",
        "provider",
        "severity",
        "type",
    ]
)
"""Keys whose values are read by programs; the text of all other keys is for people."""
STABLE_NUMBERS = frozenset(["column", "exitCode", "line", "status", "steps", "unchanged", "version"])


def outline(value: Any, key: str = "") -> Any:
    """A document without text for people and without measured figures."""
    match value:
        case dict():
            return {name: outline(inner, name) for name, inner in value.items()}
        case list():
            return [outline(inner, key) for inner in value]
        case str():
            return value if key in STABLE_TEXT else "text"
        case bool() | None:
            return value
        case _:
            return value if key in STABLE_NUMBERS else 0


def declare(clone: Clone, local: str) -> None:
    """Replace the environments of `clone` by those of `documents/stacks`, with `local` as local.yaml."""
    stacks = clone.project.stacks
    for file in stacks.glob("*.yaml"):
        if not file.name.startswith("Pulumi."):
            file.unlink()
    for file in STACKS.glob("*.yaml"):
        if not file.name.startswith("local-"):
            (stacks / file.name).write_text(file.read_text())
    (stacks / "local.yaml").write_text((STACKS / f"{local}.yaml").read_text().replace("PORT", str(clone.port)))


def output(clone: Clone, *arguments: str, code: int) -> str:
    """Standard output of the command, which must end with `code`."""
    program = clone.project.root / ".venv/bin/gatewright"
    result = subprocess.run(
        [program, *arguments], cwd=clone.project.root, env=clone.shell(), capture_output=True, text=True, check=False
    )
    assert result.returncode == code, f"{arguments} ended with {result.returncode}:\n{result.stderr}"
    return result.stdout


def test_documents(clone: Clone, update_cases: bool) -> None:
    differing = []

    def check(name: str, *command: str, code: int = ExitCode.DONE) -> None:
        document = outline(json.loads(output(clone, *command, "--format", "json", code=code)))
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        file = DOCUMENTS / f"{name}.json"
        if update_cases:
            file.write_text(text)
        elif file.read_text() != text:
            differing.append(name)

    declare(clone, "local-before")
    check("validate", "validate", "--all", code=ExitCode.INVALID)
    check("show", "show", "local")
    check("routes", "routes", "local")
    check("environments", "environments")
    check("permissions", "permissions", "prod")
    check("permissions-of-two", "permissions", "local", "prod")
    check("preview-new", "preview", "local", code=ExitCode.CHANGES)
    check("up", "up", "local")
    check("local-status", "local", "status")
    check("preview-unchanged", "preview", "local")
    check("preview-of-two", "preview", "local", "broken", code=ExitCode.INVALID)
    check("verify", "verify", "local", "--deep")
    check("env", "env", "local")
    check("drift-none", "drift", "local")
    declare(clone, "local-after")
    (clone.project.root / "out/local/openclaw.json").write_text("{}")
    check("preview-changed", "preview", "local", "--diff", code=ExitCode.CHANGES)
    check("drift", "drift", "local", code=ExitCode.CHANGES)
    check("drift-of-two", "drift", "local", "broken", code=ExitCode.INVALID)
    check("doctor-client", "doctor", "local", "openclaw", code=ExitCode.FAILED)
    assert not differing
