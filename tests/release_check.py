"""`make release-check`: the sdist and the wheel of the last commit, built twice, compared, and checked with twine.

Also that the version has its section in CHANGELOG.md. `python tests/release_check.py FOLDER` leaves the two files in
FOLDER.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gatewright import __version__

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".gatewright" / "release"
"""The folder into which make installs twine."""


def build(root: Path, folder: Path, epoch: str) -> dict[str, str]:
    """Build from a copy of the last commit of `root`; the SHA-256 of each file by its name."""
    with tempfile.TemporaryDirectory(prefix="gatewright-") as copy:
        archive = subprocess.check_output(["git", "archive", "--format=tar", "HEAD"], cwd=root)
        subprocess.run(["tar", "-x", "-C", copy], input=archive, check=True)
        command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
        variables = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
        subprocess.run(command, cwd=copy, env=variables, check=True, capture_output=True, timeout=300)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def commit_time(root: Path) -> str:
    """The time of the last commit in seconds, the SOURCE_DATE_EPOCH of its build."""
    return subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=root, text=True).strip()


def differing(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """The names of files that two builds do not have in common, or with other bytes."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def has_section(changelog: str, version: str) -> bool:
    """Whether the changelog describes the version."""
    return re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE) is not None


def main(folder: Path) -> int:
    """Build into `folder` and check; the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    epoch = commit_time(ROOT)
    first = build(ROOT, folder, epoch)
    with tempfile.TemporaryDirectory(prefix="gatewright-") as again:
        changed = differing(first, build(ROOT, Path(again), epoch))
    for name, digest in first.items():
        print(f"{digest}  {name}")  # noqa: T201
    faults = [f"{name}: a second build has other bytes" for name in changed]
    if not has_section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__):
        faults.append(f"CHANGELOG.md has no section {__version__}")
    if subprocess.check_output(["git", "status", "--porcelain"], cwd=ROOT):
        faults.append("the working tree has changes that are not committed, so they are not in the build")
    files = [str(folder / name) for name in first]
    twine = [sys.executable, "-m", "twine", "check", "--strict", *files]
    if subprocess.run(twine, env={**os.environ, "PYTHONPATH": str(TOOLS)}, check=False).returncode:
        faults.append("twine refuses the metadata")
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
