"""The records that the engine keeps of runs are bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.old_runs import KEPT_RUNS, remove_newest_run, remove_old_runs
from gatewright.project import Project

if TYPE_CHECKING:
    from pathlib import Path

FIRST = 1795951639892308489


def record(state: Path, stack: str, moment: int) -> None:
    """What one `up` leaves."""
    history, backups = (state / ".pulumi" / name / "a-project" / stack for name in ("history", "backups"))
    for folder in (history, backups):
        folder.mkdir(parents=True, exist_ok=True)
    for kind in ("history", "checkpoint"):
        (history / f"{stack}-{moment}.{kind}.json").write_text("{}")
    (backups / f"{stack}.{moment + 1}.json").write_text("{}")


def test_only_the_newest_runs_are_kept(tmp_path: Path) -> None:
    state = tmp_path / ".gatewright/state"
    for run in range(KEPT_RUNS + 5):
        record(state, "prod", FIRST + run)
    record(state, "other", FIRST)
    stacks = state / ".pulumi/stacks/a-project"
    stacks.mkdir(parents=True)
    kept = [stacks / "prod.json", stacks / "prod.json.bak", state / ".pulumi/backups/a-project/prod/by-hand.json"]
    for file in kept:
        file.write_text("{}")

    remove_old_runs(Project(tmp_path), "prod")

    runs = [FIRST + run for run in range(5, KEPT_RUNS + 5)]
    history = state / ".pulumi/history/a-project/prod"
    assert {file.name for file in history.iterdir()} == {
        f"prod-{moment}.{kind}.json" for moment in runs for kind in ("history", "checkpoint")
    }
    copies = {file.name for file in (state / ".pulumi/backups/a-project/prod").iterdir()}
    assert copies == {f"prod.{moment + 1}.json" for moment in runs} | {"by-hand.json"}
    assert all(file.exists() for file in kept)
    assert len(list((state / ".pulumi/history/a-project/other").iterdir())) == 2


def test_a_project_without_a_state_has_nothing_to_remove(tmp_path: Path) -> None:
    remove_old_runs(Project(tmp_path), "prod")
    assert not (tmp_path / ".gatewright").exists()


def test_the_newest_run_can_be_removed(tmp_path: Path) -> None:
    state = tmp_path / ".gatewright/state"
    remove_newest_run(Project(tmp_path), "prod")
    for run in (9, 10, 11):
        record(state, "prod", run)
    record(state, "other", 12)
    remove_newest_run(Project(tmp_path), "prod")
    names = {file.name for file in state.rglob("*.json") if "prod" in file.name}
    assert names == {f"prod-{run}.{kind}.json" for run in (9, 10) for kind in ("history", "checkpoint")} | {
        "prod.10.json",
        "prod.11.json",
    }
    assert len([*state.rglob("other*.json")]) == 3
