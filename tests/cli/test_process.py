"""Commands as processes: what they import, and streams that are closed, full, or of another locale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.errors import ExitCode
from gatewright.project import Project

HEAVY = ("pulumi", "pulumi_cloudflare", "grpc", "cloudflare", "httpx", "starlette", "uvicorn", "pydantic", "rich")
IMPORTED = """
import sys
from gatewright.cli import run
code = run(sys.argv[1:])
print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def command(*args: str) -> list[str]:
    return [sys.executable, "-c", "from gatewright.cli import main; main()", *args]


@pytest.mark.parametrize(
    "args",
    [
        ["validate"],
        ["explain", "prod", "gateway.cache.ttl"],
        ["render", "prod", "--check"],
        ["schema", "--check"],
        ["show", "prod", "--format", "json"],
        ["permissions", "prod"],
    ],
    ids=lambda args: args[0],
)
def test_nothing_heavy_is_imported(args: list[str], shipped: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *args], cwd=shipped.root, capture_output=True, text=True, check=False
    )
    imported = done.stderr.splitlines()[-1]
    assert "'gatewright'" in imported
    assert [name for name in HEAVY if f"'{name}'" in imported] == []


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"NO_COLOR": "1", "TERM": "dumb"}]
)
@pytest.mark.parametrize("args", [["show", "prod"], ["validate", "nope"], ["validate", "prod"]], ids=" ".join)
def test_any_locale(variables: dict[str, str], args: list[str], shipped: Project) -> None:
    done = subprocess.run(
        command(*args), cwd=shipped.root, capture_output=True, env={**os.environ, **variables}, check=False
    )
    assert done.returncode == (ExitCode.USAGE if "nope" in args else ExitCode.DONE)
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize(
    "args", [["validate"], ["show", "prod"], ["explain", "prod", "gateway"]], ids=lambda args: args[0]
)
def test_a_closed_stdout(args: list[str], shipped: Project) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command(*args)], cwd=shipped.root, stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (ExitCode.DONE, b"")


def test_a_reader_that_has_gone(shipped: Project) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command("validate"), cwd=shipped.root, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(shipped: Project) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command("validate"), cwd=shipped.root, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == ExitCode.FAILED
    assert done.stderr == b"gatewright: No space left on device\n"
