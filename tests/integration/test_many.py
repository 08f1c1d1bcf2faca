"""Many environments with one command: some fail, each in its own way, and all others are done."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
import yaml

from gatewright.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly]

GOOD = [f"good-{number:02}" for number in range(1, 17)]
MADE, STOPPED = GOOD[:2], GOOD[2:6]
BAD = {"bad-file": 3, "no-account": 3, "no-token": 4, "other-passphrase": 1}
ALL = sorted([*BAD, *GOOD])
WITHIN = 120.0  # seconds


@pytest.fixture(scope="module")
def clone(clones: Clones, pairs: Callable[[str], Pair]) -> Clone:
    """Twenty environments on one Cloudflare; two of them are up."""
    made = clones(pairs("stand-ins"))
    (made.project.stacks / "local.yaml").unlink()
    for name in ("dev", "staging", "prod"):
        (made.project.stacks / f"{name}.yaml").unlink()
    for name in [*GOOD, "other-passphrase"]:
        declare(made, name)
    (made.project.stacks / "bad-file.yaml").write_text("extends: base.yaml\nlocal: true\ngatewai: {}\n")
    for name, account in (("no-account", {"env": "NO_SUCH_ACCOUNT_ID"}), ("no-token", "fa4eacc0" * 4)):
        file = made.project.stacks / f"{name}.yaml"
        file.write_text(yaml.safe_dump({"extends": "base.yaml", "account": account}))
    made.exported["PULUMI_CONFIG_PASSPHRASE"] = "fake passphrase"
    made.gatewright("engine", "install")
    made.gatewright("up", *MADE)
    spoil(made.project.stacks, MADE[0], "other-passphrase")
    return made


def declare(clone: Clone, name: str, **keys: object) -> None:
    content = {
        "extends": "base.yaml",
        "local": {"port": clone.port},
        "protect": False,
        "use": ["workers-ai", "mistral", "groq", "nvidia"],  # nvidia is shared: an account has it once
        **keys,
    }
    (clone.project.stacks / f"{name}.yaml").write_text(yaml.safe_dump(content))


def spoil(stacks: Path, of: str, name: str) -> None:
    """Encrypts a stack as with another passphrase: the check at the end of its salt opens with none."""
    salt = yaml.safe_load((stacks / f"Pulumi.{of}.yaml").read_text())["encryptionsalt"]
    begin, _, check = salt.rpartition(":")
    other = check.translate(str.maketrans("abcdefghij", "jihgfedcba"))
    (stacks / f"Pulumi.{name}.yaml").write_text(f"encryptionsalt: {begin}:{other}\n")


def table(said: str) -> dict[str, str]:
    """The last table: what is said of each."""
    rows = (re.match(r"(\S+) {2,}(\S.*)", line) for line in said.splitlines())
    return {row[1]: row[2] for row in rows if row and row[1] in ALL}


def test_those_that_fail_hold_no_other_up(clone: Clone) -> None:
    program = clone.project.root / ".venv/bin/gatewright"
    done = subprocess.run(
        [str(program), "preview", "--all", "--format", "json"],
        cwd=clone.project.root,
        env=clone.shell(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == ExitCode.FAILED, done.stderr  # the worst
    found = {each["name"]: each for each in json.loads(done.stdout)["environments"]}
    assert list(found) == ALL
    assert {name: found[name]["error"]["exitCode"] for name in ALL if "error" in found[name]} == BAD
    assert [name for name in GOOD if not found[name]["hasChanges"]] == MADE
    assert "incorrect passphrase" in found["other-passphrase"]["error"]["message"]
    assert "PULUMI_CONFIG_PASSPHRASE" in found["other-passphrase"]["error"]["hint"]
    for name in BAD:
        assert f"\n{name}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_table_is_true(clone: Clone) -> None:
    said = clone.gatewright("preview", *MADE, GOOD[-1], *BAD, code=ExitCode.FAILED)
    rows = table(said)
    assert all(rows[name].startswith("no changes") for name in MADE)
    assert re.match(r"\d+ changes", rows[GOOD[-1]])
    assert all(rows[name].startswith("✗ ") for name in BAD)
    assert said.rstrip().endswith("1 of 7 environments with changes, 4 failed")


def test_up_makes_the_others(clone: Clone) -> None:
    declare(clone, MADE[0], gateway={"cache": {"ttl": "9m"}})
    said = clone.gatewright("up", MADE[0], "bad-file", MADE[1], code=ExitCode.INVALID)
    assert clone.gateway(f"agents-{MADE[0]}")["cache_ttl"] == 540
    assert table(said)[MADE[0]].startswith("1 changed") or table(said)[MADE[0]].startswith("2 changed")
    assert table(said)[MADE[1]].startswith("unchanged")
    assert said.count("gatewright · stack good-0") == 2
    assert said.rstrip().endswith("2 of 3 done, 1 failed")


@pytest.mark.parametrize(
    ("send", "ending"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)], ids=["terminal", "runner"]
)
def test_a_signal_among_many_leaves_every_state_whole(
    clone: Clone, send: Callable[[int, int], None], ending: signal.Signals
) -> None:
    """A terminal tells all that it started, a runner of CI the first process alone."""
    for name in STOPPED:
        declare(clone, name, gateway={"cache": {"ttl": f"{ending.value}m"}})
    program = clone.project.root / ".venv/bin/gatewright"
    with clone.process([str(program), "up", *STOPPED], clone.shell()) as process:
        wait_for_a_lock(clone, process)
        send(process.pid, ending)
        said, _ = process.communicate(timeout=WITHIN)
    assert process.returncode == ExitCode.INTERRUPTED, said
    assert "not started" in said
    assert "Traceback" not in said
    assert list(locks(clone)) == []
    clone.gatewright("up", *STOPPED)
    clone.gatewright("preview", *STOPPED)


def locks(clone: Clone) -> list[Path]:
    return [each for each in (clone.project.work / "state").rglob("locks/**/*.json") if each.is_file()]


def wait_for_a_lock(clone: Clone, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WITHIN
    while not locks(clone):
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.5)  # an engine listens to signals a moment after it has its lock, and dies of one before
