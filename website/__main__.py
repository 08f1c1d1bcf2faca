"""Build the site: python -m website."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from website.pages import all_pages, settings

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / ".gatewright" / "zensical"
"""Where `make site` installs the generator, of the versions in site.lock."""


def build(folder: Path) -> int:
    """Write the pages into `folder`, and the site into `folder`/html; fails on a link to nothing. The exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in all_pages(ROOT).items():
        file = folder / "docs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / "zensical.toml").write_text(settings(ROOT), encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", "zensical.toml"]
    variables = {**os.environ, "PYTHONPATH": str(PROGRAM), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(build(ROOT / ".gatewright" / "site"))
