"""Nothing that is written can be read by others, whatever umask the shell has."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from gatewright.io.private import private_folder
from gatewright.project import Project

PROGRAM = f"{shlex.quote(sys.executable)} -c 'from gatewright.cli import main; main()'"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(0o777)
    assert mode(private_folder(tmp_path / "a")) == 0o700
    assert mode(private_folder(tmp_path / "b" / "c")) == 0o700


def test_files_are_private_and_a_command_gets_the_umask_of_the_shell(checkout: Project, tmp_path: Path) -> None:
    shutil.copy(checkout.root / "Pulumi.yaml", tmp_path)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "e.yaml").write_text(
        "account: " + "a" * 32 + "\nproviders: {workers-ai: {models: {b: {}}}}\nroutes: {fast: [workers-ai/b]}\n"
        "tokens: {agents: {}}\nclients: {pi: {primary: dynamic/fast}}\n",
        encoding="utf-8",
    )
    env = {
        "PATH": os.defpath,
        "PYTHONPATH": str(checkout.root),
        "CLOUDFLARE_AI_GATEWAY_TOKEN": "fake-token-of-the-shell",
    }
    script = f"umask 000; {PROGRAM} new other && {PROGRAM} render e && {PROGRAM} run e -- sh -c umask"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1], 8) == 0
    assert mode(tmp_path / "stacks" / "other.yaml") == 0o600
    folders = [tmp_path / "out", *(path for path in (tmp_path / "out").rglob("*") if path.is_dir())]
    assert {mode(folder) for folder in folders} == {0o700}
