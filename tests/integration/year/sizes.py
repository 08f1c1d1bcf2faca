"""What an environment takes: its state, its folders, its tokens at Cloudflare, processes and memory."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from gatewright.engine.old_runs import KEPT_RUNS

if TYPE_CHECKING:
    from pathlib import Path

    from ..clone import Clone

KEPT_BY_OPTION = ("history", "usage")
"""Grow by a line for each `drift --history`, and by a file for each finished day of `usage`."""

ENGINE_HOME = "pulumi"
"""Has the engine's logs, which it removes itself after seven days of this machine's clock."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts, and sizes in KiB; `kept` is what KEPT_BY_OPTION takes, `server` the memory of the local Cloudflare."""

    resources: int
    tokens: int
    stack: int
    state_files: int
    state: int
    emitted_files: int
    emitted: int
    work_files: int
    kept: int
    processes: int
    server: int

    def problems(self, first: Sizes, day: int) -> list[str]:
        """What has grown beyond its limit since `first`, the sizes after the first `up`."""
        limits = {
            "resources": first.resources + 1,  # the token's second generation
            "tokens": 2,
            "stack": first.stack * 1.25,
            "state_files": 3 * KEPT_RUNS + 3,
            "state": first.stack * 1.25 * (2 * KEPT_RUNS + 3),
            "emitted_files": first.emitted_files,
            "emitted": first.emitted + 2,
            "work_files": first.work_files + 1,
            "kept": 2 * day,
            "processes": first.processes,
            "server": first.server + 20 * 1024,
        }
        return [
            f"{name}: {value} of at most {limits[name]}" for name, value in asdict(self).items() if value > limits[name]
        ]


def measure(clone: Clone) -> Sizes:
    """The sizes between two commands."""
    work, state = clone.project.work, clone.project.work / "state"
    (stack,) = state.glob(".pulumi/stacks/*/local.json")
    processes = clone.processes()
    kept = [file for name in KEPT_BY_OPTION for file in _files(work / name)]
    outside = {"state", "local", ENGINE_HOME, *KEPT_BY_OPTION}
    return Sizes(
        resources=len(clone.deployment()["resources"]),
        tokens=sum(token["name"].startswith("gatewright/local/agents") for token in clone.api("GET", "/tokens")),
        stack=_kib([stack]),
        state_files=len(_files(state)),
        state=_kib(_files(state)),
        emitted_files=len(_files(clone.project.out)),
        emitted=_kib(_files(clone.project.out)),
        work_files=sum(len(_files(folder)) for folder in work.iterdir() if folder.name not in outside),
        kept=_kib(kept),
        processes=len(processes),
        server=max(map(_resident, processes)),
    )


def _files(folder: Path) -> list[Path]:
    return [file for file in (folder, *folder.rglob("*")) if file.is_file() and not file.is_symlink()]


def _kib(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files) // 1024


def _resident(process: int) -> int:
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(done.stdout)
