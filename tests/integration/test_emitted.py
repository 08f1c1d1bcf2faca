"""Emitted files against what happens to them on the disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .clone import Clone

pytestmark = pytest.mark.integration

OWN_ONLY = pytest.mark.parametrize("pair", ["stand-ins"], indirect=True)  # the other two programs have no part in it


def test_an_edit_by_hand_is_shown_and_reverted(settled: Clone) -> None:
    file = settled.project.out / "local/openclaw.json"
    before = file.read_text()
    file.write_text(before + "\n")
    text = settled.pulumi("refresh", "--preview-only")
    assert "openclaw.json update" in text
    assert "1 to update" in text
    assert settled.up() == {"ConfigFile openclaw.json": ("update", "content")}
    assert file.read_text() == before
    assert settled.up() == {}


@OWN_ONLY
def test_a_deleted_file_comes_back(settled: Clone) -> None:
    file = settled.project.out / "local/pi/models.json"
    before = file.read_text()
    file.unlink()
    assert settled.planned() == {"ConfigFile pi/models.json": ("update", "onDisk")}
    settled.up()
    assert file.read_text() == before


@OWN_ONLY
def test_a_fresh_checkout_gets_all_files(settled: Clone) -> None:
    out = settled.project.out
    aside = out.with_name("aside")
    out.rename(aside)
    seen = settled.seen()
    changes = settled.up()
    assert {(kind.split()[0], *how) for kind, how in changes.items()} == {("ConfigFile", "update", "onDisk")}
    assert settled.changing(seen) == []
    assert contents(out) == contents(aside)
    shutil.rmtree(aside)


@OWN_ONLY
def test_a_file_that_is_not_ours_stays(clone: Clone) -> None:
    file = clone.project.out / "local/openclaw.json"
    file.parent.mkdir(parents=True)
    file.write_text("somebody's own")
    text = clone.pulumi("up", "--yes", "--skip-preview", code=1)
    assert "out/local/openclaw.json" in text
    assert clone.is_calm(text)
    assert file.read_text() == "somebody's own"
    assert clone.changing(0) == []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.json") if file.is_file()}
