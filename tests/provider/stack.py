"""A small program on the real engine, with a backend of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatewright.project import Project

PROGRAM = """
import json
from pathlib import Path
import pulumi

for kind, name, inputs in json.loads(Path("resources.json").read_text()):
    pulumi.CustomResource(f"gatewright:index:{kind}", name, inputs)
"""

Declared = tuple[str, str, dict[str, Any]]


class Stack:
    """Declares resources in a project's folder, and runs the engine there."""

    def __init__(self, folder: Path, checkout: Project, environment: Mapping[str, str], around: Path) -> None:
        self.folder = folder
        (around / "state").mkdir(exist_ok=True)
        self._environment = {
            **environment,
            "PULUMI_HOME": str(around / "home"),
            "PULUMI_BACKEND_URL": f"file://{around}/state?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "a fake passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        (folder / ".venv").symlink_to(checkout.root / ".venv")
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / "Pulumi.yaml").write_text(
            "name: small\n"
            "runtime: {name: python, options: {virtualenv: .venv}}\n"
            "stackConfigDir: stacks\n"
            f"plugins: {{providers: [{{name: gatewright, path: {checkout.root}/gatewright/provider}}]}}\n"
        )

    def declare(self, *resources: Declared) -> None:
        """What the program registers from now on: (Account or ConfigFile, name, inputs)."""
        (self.folder / "resources.json").write_text(json.dumps(resources))

    def pulumi(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run the engine, which must not fail; all that it prints."""
        ended = self._run(arguments, cwd)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def refused(self, *arguments: str) -> str:
        """Run the engine, which must fail; all that it prints."""
        ended = self._run(arguments, None)
        assert ended.returncode > 0, ended.stdout
        return ended.stdout

    def _run(self, arguments: Sequence[str], cwd: Path | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", "--non-interactive", "--color=never", *arguments],
            cwd=cwd or self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def up(self, *arguments: str) -> None:
        self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def changes(self, *command: str) -> dict[str, Sequence[str]]:
        """What a preview plans, by resource: the operation and the properties that differ; nothing for what stays."""
        text = self.pulumi(*(command or ("preview",)), "--json")
        steps = json.loads(text[text.index("{\n") :])["steps"]
        return {
            step["urn"].rpartition("::")[2]: (step["op"], *sorted(step.get("detailedDiff") or ()))
            for step in steps
            if step["op"] != "same"
        }

    def is_unchanged(self) -> bool:
        """Whether a preview plans nothing."""
        return self.changes() == {}

    def moved(self, folder: Path, checkout: Project, around: Path) -> Stack:
        """The same stack in a fresh checkout of the same program: no emitted files."""
        (folder / "stacks").mkdir(parents=True)
        other = Stack(folder, checkout, self._environment, around)
        for name in ("resources.json", "stacks/Pulumi.dev.yaml"):
            shutil.copy(self.folder / name, folder / name)
        other.pulumi("stack", "select", "dev")
        return other
